/**
 * Where the server had the others when it judged the last own rail. The server does not tell; it follows from how far back
 * this client said that it sees, and from the snapshots: an estimate, between two snapshots a straight line. Pure.
 */

import type { RailFired } from "../protocol/event.ts";
import type { PlayerState } from "../protocol/state.ts";
import type { Place } from "./projectiles.ts";
import { positionFromGrid } from "./quantize.ts";

/** The server believes no older view (`server/simulation/src/view_age.rs`). */
const VIEW_AGE_TICKS_MAX = 12;

/** Snapshots kept: half a second at 30 a second, more than the oldest view and the way of the word. */
const SNAPSHOTS_MAX = 32;

/** One judgement; places in units. */
export interface Judged {
  /** When the rail fired, and the tick whose places counted. */
  readonly tick: number;
  readonly judgedTick: number;
  readonly from: Place;
  readonly to: Place;
  /** Of the others who lived then. */
  readonly places: ReadonlyMap<number, Place>;
}

interface Told {
  readonly tick: number;
  readonly entities: ReadonlyMap<number, PlayerState>;
}

export class Judgement {
  private snapshots: Told[] = [];
  private newest: Judged | undefined;

  /** Of the last own rail. */
  get last(): Judged | undefined {
    return this.newest;
  }

  /** Takes in a snapshot; one that is known already changes nothing. */
  observe(tick: number, entities: ReadonlyMap<number, PlayerState>): void {
    if (tick > (this.snapshots.at(-1)?.tick ?? -Infinity)) {
      this.snapshots = [...this.snapshots.slice(1 - SNAPSHOTS_MAX), { tick, entities }];
    }
  }

  /** The own rail fired at `tick`, by a view that was `ageTicks` old. */
  judge({ owner, from, to }: RailFired, tick: number, ageTicks: number): void {
    const judgedTick = tick - Math.min(VIEW_AGE_TICKS_MAX, ageTicks);
    const places = new Map<number, Place>();
    const [before, after] = this.around(judgedTick);
    for (const [entity, state] of before?.entities ?? []) {
      if (entity !== owner && state.alive) {
        places.set(entity, between(state, after?.entities.get(entity) ?? state, shareOf(judgedTick, before, after)));
      }
    }
    this.newest = { tick, judgedTick, from: units(from), to: units(to), places };
  }

  clear(): void {
    this.snapshots = [];
    this.newest = undefined;
  }

  /** The snapshots before and after a tick; the outermost where there is none beyond. */
  private around(tick: number): [Told | undefined, Told | undefined] {
    const next = this.snapshots.findIndex((told) => told.tick > tick);
    const after = next < 0 ? this.snapshots.at(-1) : this.snapshots[next];
    return [next < 0 ? after : (this.snapshots[next - 1] ?? after), after];
  }
}

function shareOf(tick: number, before: Told | undefined, after: Told | undefined): number {
  const [from, to] = [before?.tick ?? tick, after?.tick ?? tick];
  return to > from ? (tick - from) / (to - from) : 0;
}

function between(from: PlayerState, to: PlayerState, share: number): Place {
  return {
    x: positionFromGrid(from.body.x + (to.body.x - from.body.x) * share),
    y: positionFromGrid(from.body.y + (to.body.y - from.body.y) * share),
  };
}

function units([x, y]: readonly [number, number]): Place {
  return { x: positionFromGrid(x), y: positionFromGrid(y) };
}
