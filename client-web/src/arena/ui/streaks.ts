/**
 * Kills in a row: of the own player, to be called out, and the longest of everybody in this round. Everybody is told of every
 * death and of the killer's run with it, so this knows them all from the moment of joining on. Pure.
 */

import type { Killed } from "../protocol/event.ts";

/** Kills that follow one another within this time belong together, seconds. */
const TOGETHER_S = 4;

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

/** Kills that belong together, the last of them at this tick. */
interface Chain {
  readonly kills: number;
  readonly tick: number;
}

export class Streaks {
  private chains = new Map<number, Chain>();
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
    this.chains = new Map();
    this.longest = new Map();
    this.nemesis = undefined;
  }

  /** Takes in a death; says what to call out, if the own player did it. What does not count, as in a warm-up, is none. */
  add({ killer, victim, streak, shutdown }: Killed, tick: number, own: number | undefined): Callout | undefined {
    this.chains.delete(victim);
    if (streak === 0) {
      return undefined;
    }
    if (streak >= 2) {
      this.longest.set(killer, Math.max(streak, this.longest.get(killer) ?? 0));
    }
    const together = this.lengthen(killer, tick);
    const isRevenge = killer === own && this.nemesis === victim;
    if (victim === own) {
      this.nemesis = killer;
    } else if (isRevenge) {
      this.nemesis = undefined;
    }
    return killer === own ? calloutOf(streak, together, shutdown, isRevenge) : undefined;
  }

  /** How many kills of this killer belong together now. */
  private lengthen(killer: number, tick: number): number {
    const before = this.chains.get(killer);
    const isNext = before !== undefined && tick - before.tick <= TOGETHER_S * this.tickHz;
    const kills = isNext ? before.kills + 1 : 1;
    this.chains.set(killer, { kills, tick });
    return kills;
  }
}

function calloutOf(streak: number, together: number, shutdown: boolean, isRevenge: boolean): Callout | undefined {
  const inOneLife = IN_ONE_LIFE.get(streak);
  if (inOneLife !== undefined) {
    return { text: inOneLife, rank: 4 };
  }
  if (together >= 2) {
    return { text: TOGETHER[Math.min(together, TOGETHER.length + 1) - 2] ?? "", rank: Math.min(4, together - 1) };
  }
  if (shutdown) {
    return { text: "Shutdown", rank: 2 };
  }
  return isRevenge ? { text: "Revenge", rank: 1 } : undefined;
}
