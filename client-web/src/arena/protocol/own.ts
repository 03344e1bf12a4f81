/** What only the player itself is told of its player: how soon it may do things again. */

export interface Own {
  /** Ticks until the Pulse fires again. */
  readonly pulseCooldownTicks: number;
}

/** Everything may be done at once. */
export const RESTED: Own = { pulseCooldownTicks: 0 };
