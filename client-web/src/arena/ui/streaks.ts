/**
 * Kills in a row: of the own player, to be called out, and the longest of everybody in this round. Everybody is told of every
 * death, so this knows them all from the moment of joining on. Pure.
 */

import type { Killed } from "../protocol/event.ts";

/** Kills that follow one another within this time belong together, seconds. */
const TOGETHER_S = 4;

/** Ending a run of this many is worth a word, as it is worth points: `SHUTDOWN_STREAK` of the server's crate `arena`. */
const SHUTDOWN_STREAK = 3;

/** By the number of kills that belong together; more are as the last. */
const TOGETHER = ["Double kill", "Triple kill", "Quad kill", "Rampage"] as const;

/** By the number of kills in one life. */
const IN_ONE_LIFE: ReadonlyMap<number, string> = new Map([
  [5, "Killing spree"],
  [10, "Unstoppable"],
  [15, "Legend"],
]);

/** A word for what the own player has just done; the larger the `rank`, the rarer. */
export interface Callout {
  readonly text: string;
  readonly rank: number;
}

interface Run {
  readonly kills: number;
  /** Kills that belong together, the last of them at this tick. */
  readonly together: number;
  readonly tick: number;
}

export class Streaks {
  private runs = new Map<number, Run>();
  private longest = new Map<number, number>();
  /** Who killed the own player last. */
  private nemesis: number | undefined;

  constructor(private readonly tickHz: number) {}

  /** The longest run of each in this round, by entity; from 2 kills on. */
  get best(): ReadonlyMap<number, number> {
    return this.longest;
  }

  /** Another round. */
  clear(): void {
    this.runs = new Map();
    this.longest = new Map();
    this.nemesis = undefined;
  }

  /** Takes in a death; says what to call out, if the own player did it. */
  add({ killer, victim }: Killed, tick: number, own: number | undefined): Callout | undefined {
    const ended = this.runs.get(victim)?.kills ?? 0;
    this.runs.delete(victim);
    if (killer === victim) {
      return undefined;
    }
    const run = this.lengthen(killer, tick);
    const isRevenge = this.nemesis === victim;
    if (victim === own) {
      this.nemesis = killer;
    }
    if (killer !== own) {
      return undefined;
    }
    if (isRevenge) {
      this.nemesis = undefined;
    }
    return calloutOf(run, ended, isRevenge);
  }

  private lengthen(killer: number, tick: number): Run {
    const before = this.runs.get(killer) ?? { kills: 0, together: 0, tick };
    const isTogether = tick - before.tick <= TOGETHER_S * this.tickHz;
    const run = { kills: before.kills + 1, together: isTogether ? before.together + 1 : 1, tick };
    this.runs.set(killer, run);
    if (run.kills >= 2) {
      this.longest.set(killer, Math.max(run.kills, this.longest.get(killer) ?? 0));
    }
    return run;
  }
}

function calloutOf({ kills, together }: Run, ended: number, isRevenge: boolean): Callout | undefined {
  const inOneLife = IN_ONE_LIFE.get(kills);
  if (inOneLife !== undefined) {
    return { text: inOneLife, rank: 4 };
  }
  if (together >= 2) {
    return { text: TOGETHER[Math.min(together, TOGETHER.length + 1) - 2] ?? "", rank: Math.min(4, together - 1) };
  }
  if (ended >= SHUTDOWN_STREAK) {
    return { text: "Shutdown", rank: 2 };
  }
  return isRevenge ? { text: "Revenge", rank: 1 } : undefined;
}
