/** When to try again after a connection was lost or refused. Pure. */

/** The first try comes almost at once, because most losses are a moment of bad radio. */
const DELAYS_MS = [300, 1000, 2000, 3000, 5000] as const;

/** Up to this share of a delay is taken off by chance, so that the players of a restarted server come spread out. */
const SPREAD = 0.3;

/** After this long without a connection it is for the player to decide whether to go on. */
export const GIVE_UP_MS = 60_000;

/** The wait before try number `attempt` (from 1), milliseconds; `random` is in 0..1. */
export function retryDelayMs(attempt: number, random: number): number {
  const delay = DELAYS_MS[Math.min(attempt, DELAYS_MS.length) - 1] ?? DELAYS_MS[0];
  return delay * (1 - SPREAD * random);
}
