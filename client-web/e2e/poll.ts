/** Waiting without guessing: a condition is asked again and again until it holds or a deadline passes. */

/** Only there to fail at the end. */
const DEADLINE_MS = 90_000;
const PAUSE_MS = 25;

/** The first value of `ask` that is not undefined; an exception counts as "not yet" and is shown at the deadline. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const value = await ask();
      if (value !== undefined) {
        return value;
      }
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error(`waited in vain: ${what}`, { cause: last });
}
