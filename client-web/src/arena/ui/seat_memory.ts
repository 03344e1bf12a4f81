/**
 * The secret of the own seat, kept for this tab: after a reload the player is back at once, and a copy of the tab takes
 * the place over. It is worthless to others once the seat is given back.
 */

const SEAT_KEY = "tickroom.seat";

/** The code of the private match that the seat is in: not secret to this tab, whose address has it. */
const ROOM_KEY = "tickroom.room";

export function rememberedSeat(): string | undefined {
  return remembered(SEAT_KEY);
}

/** `undefined` forgets it. */
export function rememberSeat(token: string | undefined): void {
  remember(SEAT_KEY, token);
}

export function rememberedRoom(): string | undefined {
  return remembered(ROOM_KEY);
}

/** `undefined` forgets it. */
export function rememberRoom(code: string | undefined): void {
  remember(ROOM_KEY, code);
}

function remembered(key: string): string | undefined {
  try {
    return sessionStorage.getItem(key) ?? undefined;
  } catch {
    // The browser is set to keep nothing.
    return undefined;
  }
}

function remember(key: string, value: string | undefined): void {
  try {
    if (value === undefined) {
      sessionStorage.removeItem(key);
    } else {
      sessionStorage.setItem(key, value);
    }
  } catch {
    // The browser is set to keep nothing: then a reload begins with the menu.
  }
}
