/** The match that somebody watches in the address of the page. Pure but for `forgetSpectated`. */

import { showAddress } from "../address_bar.ts";

const SPECTATE = "spectate";

/** The match that `?spectate=` names; undefined when it names none. */
export function spectatedBy(query: URLSearchParams): number | undefined {
  const wish = query.get(SPECTATE);
  return wish !== null && /^\d{1,9}$/.test(wish) ? Number(wish) : undefined;
}

/** The address `page` without the match to be watched. */
export function withoutSpectated(page: string): string {
  const address = new URL(page);
  address.searchParams.delete(SPECTATE);
  return address.href;
}

/** Takes the match out of the address bar: whoever plays by now comes back to the own player with a reload, and not to the picture. */
export function forgetSpectated(): void {
  showAddress(withoutSpectated(location.href));
}
