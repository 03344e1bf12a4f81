/** A moment of a recording: in an address, in a link, and in words. Pure but for `showReplay` and `openMoment`. */

import { REPLAY_NAME_BYTES_MAX } from "../../tickroom/protocol/limits.ts";
import { showAddress } from "../address_bar.ts";

const REPLAY = "replay";
const TIME = "t";

/** Ticks of a second of a match. */
const TICK_HZ = 60;

/** What the server takes as a name. */
const NAME = new RegExp(`^[A-Za-z0-9-]{1,${REPLAY_NAME_BYTES_MAX}}$`);

/** More seconds than any recording has. */
const SECONDS_MAX = 1_000_000;

/** A recording and where it is seen from. */
export interface Moment {
  readonly name: string;
  readonly tick: number;
}

/** A round that was played here, and from where on. */
export interface Again extends Moment {
  readonly isBeginning: boolean;
}

/** Where a link leads. */
export type ReplayLink =
  | { readonly kind: "none" }
  | ({ readonly kind: "moment" } & Moment)
  /** The name is none. */
  | { readonly kind: "broken" };

/** What `?replay=` and `&t=` say. */
export function replayIn(query: URLSearchParams): ReplayLink {
  const name = query.get(REPLAY);
  if (name === null) {
    return { kind: "none" };
  }
  const seconds = Number(query.get(TIME) ?? 0);
  const within = Number.isFinite(seconds) ? Math.max(0, Math.min(SECONDS_MAX, seconds)) : 0;
  return NAME.test(name) ? { kind: "moment", name, tick: ticksOf(within) } : { kind: "broken" };
}

/** What to hand to others: the page, the recording and the moment, and nothing of what else this tab was opened with. */
export function linkToMoment(page: string, name: string, tick: number): string {
  const { origin, pathname } = new URL(page);
  const address = new URL(origin + pathname);
  address.searchParams.set(REPLAY, name);
  address.searchParams.set(TIME, String(Math.round(secondsOf(tick) * 10) / 10));
  return address.href;
}

/** Shows it in a tab of its own, which knows nothing of this one: the seat of a player is this tab's. */
export function openMoment({ name, tick }: Moment): void {
  window.open(linkToMoment(location.href, name, tick), "_blank", "noopener");
}

/** The address `page` with this recording, or with none. */
export function withReplay(page: string, name: string | undefined): string {
  const address = new URL(page);
  if (address.searchParams.get(REPLAY) !== (name ?? null)) {
    address.searchParams.delete(TIME);
  }
  if (name === undefined) {
    address.searchParams.delete(REPLAY);
  } else {
    address.searchParams.set(REPLAY, name);
  }
  return address.href;
}

/** Puts the recording into the address bar, so that a reload leads there. */
export function showReplay(name: string | undefined): void {
  showAddress(withReplay(location.href, name));
}

export function secondsOf(tick: number): number {
  return tick / TICK_HZ;
}

export function ticksOf(seconds: number): number {
  return Math.round(seconds * TICK_HZ);
}

/** As on a clock: 1:05, and 1:00:00 for what is longer. */
export function clockText(tick: number): string {
  const all = Math.floor(secondsOf(tick));
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const two = (number: number): string => String(number).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** To be said: 1 minute 5 seconds. */
export function spokenText(tick: number): string {
  const all = Math.floor(secondsOf(tick));
  const part = (number: number, unit: string): string => `${number} ${unit}${number === 1 ? "" : "s"}`;
  const minutes = Math.floor(all / 60);
  return minutes > 0 ? `${part(minutes, "minute")} ${part(all % 60, "second")}` : part(all, "second");
}

/** How long ago, roughly. */
export function agoText(thenS: number, nowS: number): string {
  const minutes = Math.floor(Math.max(0, nowS - thenS) / 60);
  if (minutes < 1) {
    return "just now";
  }
  if (minutes < 60) {
    return `${minutes} min ago`;
  }
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}
