/**
 * The secret of the own seat, kept for this tab: after a reload the player is back at once, and a copy of the tab takes
 * the place over. It is worthless to others once the seat is given back.
 */

const STORAGE_KEY = "tickroom.seat";

export function rememberedSeat(): string | undefined {
  try {
    return sessionStorage.getItem(STORAGE_KEY) ?? undefined;
  } catch {
    // The browser is set to keep nothing.
    return undefined;
  }
}

/** `undefined` forgets it. */
export function rememberSeat(token: string | undefined): void {
  try {
    if (token === undefined) {
      sessionStorage.removeItem(STORAGE_KEY);
    } else {
      sessionStorage.setItem(STORAGE_KEY, token);
    }
  } catch {
    // The browser is set to keep nothing: then a reload begins with the menu.
  }
}
