/** How long until the own player appears again. The server says only that it is dead, so this remembers since when. Pure. */

/** From a death to the next spawn; `RESPAWN_TICKS` of the server's crate `arena`. */
const RESPAWN_TICKS = 120;

export class Respawn {
  private deadSince: number | undefined;

  /** Takes in a snapshot; undefined is "no player". */
  observe(alive: boolean | undefined, tick: number): void {
    if (alive === false) {
      this.deadSince ??= tick;
    } else {
      this.deadSince = undefined;
    }
  }

  /** Whole seconds that are left, at least 1; undefined while alive. */
  secondsLeft(tick: number, tickHz: number): number | undefined {
    if (this.deadSince === undefined) {
      return undefined;
    }
    return Math.max(1, Math.ceil((this.deadSince + RESPAWN_TICKS - tick) / tickHz));
  }
}
