/**
 * Everything in flight, computed from the start that the server told, until it tells the end. An own shot flies from the
 * moment that it is predicted; the server's word makes it real or takes it away. Pure.
 */

import type { Fired } from "../protocol/event.ts";
import type { ArenaMap } from "../protocol/map.ts";
import { PULSE } from "../protocol/weapon.ts";
import { newFlight, stepFlight, type Flight } from "./flight.ts";

/** As many as a match has at most on the server. */
const PROJECTILES_MAX = 256;

/** Ticks of the way that is kept for the tail. */
const TAIL_TICKS = 6;

/** What was met longer ago than this is not shown any more: it belongs to a flight that was told late. */
const CONTACT_TICKS_MAX = 6;

/** So many ticks late the server still lets a shot go (`input_buffer.rs`), in the tick it has reached. */
const LATE_TICKS_MAX = 12;

/** Own shots that met their end before the server told of them: in a second there are fewer. */
const SPENT_MAX = 32;

/** In so many ticks a shot fades that the server has not let go; with those above 400 ms. */
const FADE_TICKS = 12;

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** One in flight. */
export interface Projectile {
  /** The server's; of a shot that it has not told yet the negative of its tick. */
  readonly key: number;
  readonly owner: number;
  /** Fired at this tick, there. */
  readonly since: number;
  readonly start: Flight;
  /** The last whole tick that was computed, and the states there and one before. */
  tick: number;
  flight: Flight;
  before: Flight;
  /** The last places, newest first, on the grid. */
  tail: readonly Place[];
}

/** What was met on the way, on the grid. */
export interface Contact extends Place {
  readonly owner: number;
  readonly kind: "bounce" | "stop";
}

/** What became of the own shots that were shown before the server told of them. */
export interface ShotCounts {
  predicted: number;
  confirmed: number;
  denied: number;
}

export class Projectiles {
  readonly counts: ShotCounts = { predicted: 0, confirmed: 0, denied: 0 };
  private readonly flying = new Map<number, Projectile>();
  /** By key, the tick of the server at which a shot that never was began to fade. */
  private readonly fading = new Map<number, number>();
  /** The ticks of own shots that are over here, and of which the server has not told yet; the oldest first. */
  private spent: { readonly owner: number; readonly since: number }[] = [];

  get size(): number {
    return this.flying.size;
  }

  /** All of them, the oldest first. */
  all(): Iterable<Projectile> {
    return this.flying.values();
  }

  owner(key: number): number | undefined {
    return this.flying.get(key)?.owner;
  }

  /** A shot that the own weapon lets go at `tick`, before the server says so. */
  predict(owner: number, flight: Flight, tick: number): void {
    this.counts.predicted += 1;
    this.add({ key: -tick, owner, since: tick, ...startOf(flight, tick) });
  }

  /** A shot that left at `tick`. False when it flies already: told before, or predicted. */
  fire({ key, owner, x, y, vx, vy }: Fired, tick: number): boolean {
    const known = this.flying.get(key);
    if (known?.since === tick && known.owner === owner) {
      return false;
    }
    const flight = newFlight(x, y, vx, vy);
    const predicted = this.predicted(owner, tick);
    this.forget(key);
    if (predicted?.since !== tick && this.takeSpent(owner, tick)) {
      this.counts.confirmed += 1;
      return false;
    }
    if (predicted === undefined) {
      this.add({ key, owner, since: tick, ...startOf(flight, tick) });
      return true;
    }
    this.counts.confirmed += 1;
    this.forget(predicted.key);
    const asTold = predicted.since === tick && sameStart(predicted.start, flight);
    this.add(asTold ? { ...predicted, key } : { key, owner, since: tick, ...startOf(flight, tick) });
    return false;
  }

  /** The server has told all that happened up to `tick`: a shot that it should have told is none, and fades. */
  judge(tick: number): void {
    for (const { key, since } of [...this.flying.values()]) {
      const fadesSince = this.fading.get(key);
      if (fadesSince !== undefined && tick - fadesSince >= FADE_TICKS) {
        this.forget(key);
      } else if (fadesSince === undefined && key < 0 && tick > since + LATE_TICKS_MAX) {
        this.counts.denied += 1;
        this.fading.set(key, tick);
      }
    }
  }

  /** How much of it is still to be seen when the server has told up to `tick`, 1 to 0. */
  share(key: number, tick: number): number {
    const fadesSince = this.fading.get(key);
    return fadesSince === undefined ? 1 : Math.min(1, Math.max(0, 1 - (tick - fadesSince) / FADE_TICKS));
  }

  /** The server says that it is gone; false when it was gone here before. */
  end(key: number): boolean {
    return this.forget(key);
  }

  clear(): void {
    this.flying.clear();
    this.fading.clear();
    this.spent = [];
  }

  /** Lets each fly to its tick; gives what they met. */
  advance(tickOf: (projectile: Projectile) => number, map: ArenaMap): Contact[] {
    const contacts: Contact[] = [];
    for (const projectile of this.flying.values()) {
      this.fly(projectile, tickOf(projectile), map, contacts);
    }
    return contacts;
  }

  /** The predicted shot that the server tells as one of `tick`: of that very tick, or the oldest that came late to it. */
  private predicted(owner: number, tick: number): Projectile | undefined {
    const exact = this.flying.get(-tick);
    if (exact?.owner === owner) {
      return exact;
    }
    return [...this.flying.values()].find(
      (other) => other.key < 0 && other.owner === owner && other.since < tick && other.since >= tick - LATE_TICKS_MAX,
    );
  }

  /** True when what the server tells is about a shot that is over here; then it is told. */
  private takeSpent(owner: number, tick: number): boolean {
    const found = this.spent.find(
      (shot) => shot.owner === owner && shot.since <= tick && shot.since >= tick - LATE_TICKS_MAX,
    );
    this.spent = this.spent.filter((shot) => shot !== found);
    return found !== undefined;
  }

  private add(projectile: Projectile): void {
    this.flying.set(projectile.key, projectile);
    if (this.flying.size > PROJECTILES_MAX) {
      const oldest = this.flying.keys().next();
      if (oldest.done !== true) {
        this.forget(oldest.value);
      }
    }
  }

  private forget(key: number): boolean {
    this.fading.delete(key);
    return this.flying.delete(key);
  }

  private fly(projectile: Projectile, until: number, map: ArenaMap, contacts: Contact[]): void {
    while (projectile.tick + 1 <= until) {
      const { owner, flight } = projectile;
      const isNew = until - projectile.tick <= CONTACT_TICKS_MAX;
      const next = stepFlight(flight, map);
      if (next === undefined || projectile.tick + 1 > projectile.since + PULSE.lifeTicks) {
        if (next === undefined && isNew) {
          contacts.push({ kind: "stop", owner, x: flight.x, y: flight.y });
        }
        this.forget(projectile.key);
        if (projectile.key < 0) {
          this.spent = [...this.spent.slice(1 - SPENT_MAX), { owner: projectile.owner, since: projectile.since }];
        }
        return;
      }
      if (next.bouncesLeft < flight.bouncesLeft && isNew) {
        contacts.push({ kind: "bounce", owner, x: next.x, y: next.y });
      }
      projectile.before = flight;
      projectile.flight = next;
      projectile.tick += 1;
      projectile.tail = [{ x: next.x, y: next.y }, ...projectile.tail.slice(0, TAIL_TICKS - 1)];
    }
  }
}

function startOf(flight: Flight, tick: number): Pick<Projectile, "start" | "tick" | "flight" | "before" | "tail"> {
  return { start: flight, tick, flight, before: flight, tail: [{ x: flight.x, y: flight.y }] };
}

function sameStart(a: Flight, b: Flight): boolean {
  return a.x === b.x && a.y === b.y && a.vx === b.vx && a.vy === b.vy;
}
