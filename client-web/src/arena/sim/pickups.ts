/**
 * What lies on the floor at the moment that is drawn. The server tells only that something was taken and when it is back;
 * that it comes is computed here. Pure.
 */

import type { ArenaMap } from "../protocol/map.ts";
import { ANNOUNCED_TICKS, type Pickup } from "../protocol/pickup.ts";

/** One as it is drawn. */
export interface DrawnPickup {
  readonly pickup: Pickup;
  readonly state: "there" | "coming" | "away";
  /** How far a return has come, 0 when it is announced, 1 when it is there. */
  readonly share: number;
}

export class Pickups {
  /** By number, the tick at which it is back. */
  private readonly back = new Map<number, number>();
  /** The numbers of those whose return was announced. */
  private readonly announced = new Set<number>();
  private restartedAt = -1;

  /** Somebody took one at `tick`. False when it was before a restart, and is nothing any more. */
  take(number: number, back: number, tick: number): boolean {
    if (tick <= this.restartedAt) {
      return false;
    }
    this.back.set(number, back);
    this.announced.delete(number);
    return true;
  }

  /** A round began anew before `tick`: all lie there. */
  restart(tick: number): void {
    this.clear();
    this.restartedAt = tick;
  }

  /** Another map. */
  clear(): void {
    this.back.clear();
    this.announced.clear();
    this.restartedAt = -1;
  }

  /** Those that are announced since the last call. */
  advance(tick: number, map: ArenaMap): Pickup[] {
    const due = [...this.back].filter(
      ([number, back]) => tick >= back - ANNOUNCED_TICKS && tick < back && !this.announced.has(number),
    );
    due.forEach(([number]) => this.announced.add(number));
    return due.flatMap(([number]) => map.pickups[number] ?? []);
  }

  *drawn(tick: number, map: ArenaMap): Iterable<DrawnPickup> {
    for (const [number, pickup] of map.pickups.entries()) {
      const leftTicks = (this.back.get(number) ?? tick) - tick;
      const share = Math.min(1, Math.max(0, 1 - leftTicks / ANNOUNCED_TICKS));
      yield { pickup, share, state: leftTicks <= 0 ? "there" : leftTicks <= ANNOUNCED_TICKS ? "coming" : "away" };
    }
  }
}
