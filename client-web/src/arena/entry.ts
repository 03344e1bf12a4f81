/** What the address of the page asks for, and the address that leads others into a private match. Pure but for `showRoom`. */

import { matchCodeIn } from "../tickroom/protocol/match_code.ts";
import { showAddress } from "./address_bar.ts";

const ROOM = "room";

/** Where a link leads. */
export type Invitation =
  | { readonly kind: "none" }
  /** Into the private match with this code. */
  | { readonly kind: "code"; readonly code: string }
  /** Nowhere: letters of the code are missing or wrong. */
  | { readonly kind: "broken" };

/** What `?room=` says. */
export function invitationIn(query: URLSearchParams): Invitation {
  const text = query.get(ROOM);
  if (text === null) {
    return { kind: "none" };
  }
  const code = matchCodeIn(text);
  return code === undefined ? { kind: "broken" } : { kind: "code", code };
}

/** With `?bot=1` the page plays by itself. */
export function playsByItself(query: URLSearchParams): boolean {
  return query.get("bot") === "1";
}

/** The address `page` with this room instead of another, or with none. */
export function addressOf(page: string, code: string | undefined): string {
  const address = new URL(page);
  if (code === undefined) {
    address.searchParams.delete(ROOM);
  } else {
    address.searchParams.set(ROOM, code);
  }
  return address.href;
}

/** What to hand to others: the page and the room, and nothing of what else this tab was opened with. */
export function linkTo(page: string, code: string): string {
  const { origin, pathname } = new URL(page);
  return addressOf(origin + pathname, code);
}

/** Puts the room into the address bar, so that a reload or a bookmark leads there. */
export function showRoom(code: string | undefined): void {
  showAddress(addressOf(location.href, code));
}
