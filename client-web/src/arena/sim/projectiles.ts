/**
 * Everything in flight, computed from the start that the server told, until it tells the end. Own shots are drawn at the
 * server's present, others' where the other players are drawn, a little in the past: there each end is known before it
 * is reached. Pure.
 */

import type { Fired } from "../protocol/event.ts";
import type { ArenaMap } from "../protocol/map.ts";
import { PULSE } from "../protocol/weapon.ts";
import { newFlight, stepFlight, type Flight } from "./flight.ts";

/** As many as a match has at most on the server. */
const PROJECTILES_MAX = 256;

/** Ticks of the way that is kept for the tail. */
const TAIL_TICKS = 6;

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** One in flight. */
export interface Projectile {
  readonly key: number;
  readonly owner: number;
  /** Fired at this tick. */
  readonly since: number;
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

export class Projectiles {
  private readonly flying = new Map<number, Projectile>();

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

  /** A shot that left at `tick`. */
  fire({ key, owner, x, y, vx, vy }: Fired, tick: number): void {
    const flight = newFlight(x, y, vx, vy);
    this.flying.delete(key);
    this.flying.set(key, { key, owner, since: tick, tick, flight, before: flight, tail: [{ x, y }] });
    if (this.flying.size > PROJECTILES_MAX) {
      const oldest = this.flying.keys().next();
      if (oldest.done !== true) {
        this.flying.delete(oldest.value);
      }
    }
  }

  /** The server says that it is gone; false when it was gone here before. */
  end(key: number): boolean {
    return this.flying.delete(key);
  }

  clear(): void {
    this.flying.clear();
  }

  /** Lets all fly to the tick of their owner; gives what they met. */
  advance(tickOf: (owner: number) => number, map: ArenaMap): Contact[] {
    const contacts: Contact[] = [];
    for (const projectile of this.flying.values()) {
      this.fly(projectile, tickOf(projectile.owner), map, contacts);
    }
    return contacts;
  }

  private fly(projectile: Projectile, until: number, map: ArenaMap, contacts: Contact[]): void {
    while (projectile.tick + 1 <= until) {
      const { owner, flight } = projectile;
      const next = stepFlight(flight, map);
      if (next === undefined || projectile.tick + 1 > projectile.since + PULSE.lifeTicks) {
        if (next === undefined) {
          contacts.push({ kind: "stop", owner, x: flight.x, y: flight.y });
        }
        this.flying.delete(projectile.key);
        return;
      }
      if (next.bouncesLeft < flight.bouncesLeft) {
        contacts.push({ kind: "bounce", owner, x: next.x, y: next.y });
      }
      projectile.before = flight;
      projectile.flight = next;
      projectile.tick += 1;
      projectile.tail = [{ x: next.x, y: next.y }, ...projectile.tail.slice(0, TAIL_TICKS - 1)];
    }
  }
}
