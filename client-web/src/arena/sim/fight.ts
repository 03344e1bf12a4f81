/**
 * The fight as it is drawn: projectiles in flight, and what happens at the moment that the picture shows. What concerns
 * the own player is shown at the server's present, the rest where the others are drawn, a little in the past. Pure.
 *
 * An own shot leaves where the own player is drawn, ahead of the server. There it would hit before the server can say so;
 * so it flies a little slower than it does, until it is where the server has it.
 */

import type { Ended, Event, Hit, Killed, PickedUp, RailFired, Spawned } from "../protocol/event.ts";
import type { ArenaMap } from "../protocol/map.ts";
import type { PickupKind } from "../protocol/pickup.ts";
import { RAIL } from "../protocol/weapon.ts";
import type { Flight } from "./flight.ts";
import { Pickups, type DrawnPickup } from "./pickups.ts";
import { Projectiles, type Place, type Projectile, type ShotCounts } from "./projectiles.ts";
import { positionFromGrid } from "./quantize.ts";
import { Rails } from "./rails.ts";
import { Timeline } from "./timeline.ts";

/** Speed at which an own shot is drawn while it is ahead of the server. */
const AHEAD_SPEED = 0.75;

/** A shot that left longer ago than this is told late: nobody sees its flash any more. */
const FLASH_TICKS_MAX = 12;

/** The moment that is drawn. */
export interface Moment {
  /** The server's present. */
  readonly tick: number;
  /** Of the others. */
  readonly pastTick: number;
  /** Of the own player, ahead of the server. */
  readonly ownTick: number;
  /** Up to here the server has told everything. */
  readonly toldTick: number;
}

/** A projectile as it is drawn: at which tick, and how much of it is to be seen, 0 to 1. */
export interface DrawnProjectile {
  readonly projectile: Projectile;
  readonly tick: number;
  readonly share: number;
}

/** Something to show once; places in units. */
export type Happening =
  | (Place & { readonly kind: "spawned"; readonly entity: number })
  /** A shot left a weapon; that of a predicted one has flashed already. */
  | { readonly kind: "fired"; readonly owner: number }
  | (Place & { readonly kind: "bounced" | "stopped" | "burst"; readonly owner: number })
  | Beam
  /** Somebody took what lay there, or its return is announced. */
  | (Place & { readonly kind: "picked up"; readonly pickup: PickupKind; readonly by: number })
  | (Place & { readonly kind: "announced"; readonly pickup: PickupKind })
  | Hit
  | Killed;

/** The shot of a rail. */
export interface Beam {
  readonly kind: "beam";
  readonly owner: number;
  readonly from: Place;
  readonly to: Place;
}

export class Fight {
  private readonly projectiles = new Projectiles();
  private readonly pickups = new Pickups();
  private readonly rails = new Rails(RAIL.chargeTicks);
  private predictedBeams: Beam[] = [];
  private readonly present = new Timeline<Event>();
  private readonly past = new Timeline<Event>();
  private readonly ownKeys = new Set<number>();
  private moment: Moment = { tick: 0, pastTick: 0, ownTick: 0, toldTick: 0 };

  /** `own` is the entity that the player steers. */
  constructor(private readonly own: number) {}

  get inFlight(): number {
    return this.projectiles.size;
  }

  get shots(): Readonly<ShotCounts> {
    return this.projectiles.counts;
  }

  *drawn(): Iterable<DrawnProjectile> {
    for (const projectile of this.projectiles.all()) {
      const share = this.projectiles.share(projectile.key, heardTick(this.moment));
      yield { projectile, tick: this.tickOf(projectile), share };
    }
  }

  /** The own weapon lets a shot go at `tick`, ahead of the server. */
  predict(flight: Flight, tick: number): void {
    this.projectiles.predict(this.own, flight, tick);
  }

  /** The own rail begins to charge at `tick`, ahead of the server. */
  predictCharge(tick: number): void {
    this.rails.predictCharge(this.own, tick);
  }

  /** The own beam leaves at `tick`, ahead of the server; places on the grid. */
  predictBeam(from: Place, to: Place, tick: number): void {
    this.rails.predictBeam(this.own, tick);
    this.predictedBeams.push(beam(this.own, from, to));
  }

  /** Who charges at the moment that is drawn, and how far it has got, 0 to 1. */
  charging(): Iterable<{ readonly owner: number; readonly share: number }> {
    return this.rails.drawn((owner) => (owner === this.own ? this.moment.ownTick : this.moment.pastTick));
  }

  /** What lies on the floor of this map at the moment that is drawn. */
  pickupsOn(map: ArenaMap): Iterable<DrawnPickup> {
    return this.pickups.drawn(this.moment.tick, map);
  }

  /** The round began anew before `tick`. */
  restart(tick: number): void {
    this.pickups.restart(tick);
  }

  /** Another map: nothing is known of it yet. */
  open(): void {
    this.clear();
    this.pickups.clear();
  }

  /** A page that was not seen: nothing flies any more. What lies on the floor was told as it should be. */
  clear(): void {
    for (const { event, tick } of [...this.present.take(Infinity), ...this.past.take(Infinity)]) {
      if (event.kind === "picked up") {
        this.pickups.take(event.pickup, event.back, tick);
      }
    }
    this.projectiles.clear();
    this.rails.clear();
    this.predictedBeams = [];
    this.present.clear();
    this.past.clear();
    this.ownKeys.clear();
  }

  /** Takes in what happened at `tick`. */
  receive(event: Event, tick: number): void {
    const timeline = this.concernsOwn(event) ? this.present : this.past;
    timeline.add(event, tick);
  }

  /** Goes on to the moment that is drawn; gives what to show of it. */
  advance(moment: Moment, map: ArenaMap): Happening[] {
    this.moment = moment;
    const due = [...this.present.take(moment.tick), ...this.past.take(moment.pastTick)];
    const happenings: Happening[] = this.predictedBeams.splice(0);
    happenings.push(...due.flatMap((entry) => this.apply(entry.event, entry.tick, map)));
    const announced = this.pickups.advance(moment.tick, map);
    happenings.push(...announced.map(({ kind, x, y }): Happening => ({ kind: "announced", pickup: kind, x, y })));
    // After what was told: only who is missing then was not told of.
    this.projectiles.judge(heardTick(moment));
    const contacts = this.projectiles.advance((projectile) => this.tickOf(projectile), map);
    for (const { kind, owner, x, y } of contacts) {
      happenings.push({ kind: kind === "bounce" ? "bounced" : "stopped", owner, ...units(x, y) });
    }
    return happenings;
  }

  private apply(event: Event, tick: number, map: ArenaMap): Happening[] {
    switch (event.kind) {
      case "fired": {
        const isNews = this.projectiles.fire(event, tick);
        const isNow = this.tickNow(event.owner) - tick <= FLASH_TICKS_MAX;
        return isNews && isNow ? [{ kind: "fired", owner: event.owner }] : [];
      }
      case "ended":
        return this.end(event);
      case "spawned":
        return [spawned(event)];
      case "rail charging":
        this.rails.charge(event.owner, tick, event.owner === this.own);
        return [];
      case "rail fired":
        return this.rails.fire(event.owner, tick, event.owner === this.own) ? [told(event)] : [];
      case "killed":
        this.rails.end(event.victim, tick);
        return [event];
      case "hit":
        return [event];
      case "picked up":
        return this.pickUp(event, tick, map);
    }
  }

  /** Who comes later is told of it as well, and sees only that it is away. */
  private pickUp({ pickup: number, by, back }: PickedUp, tick: number, map: ArenaMap): Happening[] {
    const isNews = this.pickups.take(number, back, tick) && this.tickNow(by) - tick <= FLASH_TICKS_MAX;
    const pickup = map.pickups[number];
    return isNews && pickup !== undefined ? [{ kind: "picked up", pickup: pickup.kind, by, x: pickup.x, y: pickup.y }] : [];
  }

  /** At a wall the own computation has shown it already. */
  private end({ key, x, y, cause }: Ended): Happening[] {
    const owner = this.projectiles.owner(key);
    this.projectiles.end(key);
    this.ownKeys.delete(key);
    if (owner === undefined || cause === "expired") {
      return [];
    }
    return [{ kind: cause === "wall" ? "stopped" : "burst", owner, ...units(x, y) }];
  }

  private concernsOwn(event: Event): boolean {
    switch (event.kind) {
      case "spawned":
        return event.entity === this.own;
      case "fired":
        if (event.owner !== this.own) {
          this.ownKeys.delete(event.key);
          return false;
        }
        this.ownKeys.add(event.key);
        return true;
      case "ended":
        return this.ownKeys.has(event.key);
      case "hit":
        return event.victim === this.own || event.attacker === this.own;
      case "killed":
        return event.victim === this.own || event.killer === this.own;
      case "rail charging":
        return event.owner === this.own;
      case "rail fired":
        // Whom it meets should see what it was.
        return event.owner === this.own || event.hit === this.own;
      case "picked up":
        return event.by === this.own;
    }
  }

  private tickNow(owner: number): number {
    return owner === this.own ? this.moment.tick : this.moment.pastTick;
  }

  private tickOf({ owner, since }: Projectile): number {
    const now = this.tickNow(owner);
    return owner === this.own ? Math.max(now, since + (this.moment.ownTick - since) * AHEAD_SPEED) : now;
  }
}

/** Up to here everything that the server has told of the own player is shown: what is told ahead of its moment waits. */
function heardTick({ tick, toldTick }: Moment): number {
  return Math.min(tick, toldTick);
}

function spawned({ entity, x, y }: Spawned): Happening {
  return { kind: "spawned", entity, ...units(x, y) };
}

function told({ owner, from, to }: RailFired): Beam {
  return beam(owner, { x: from[0], y: from[1] }, { x: to[0], y: to[1] });
}

function beam(owner: number, from: Place, to: Place): Beam {
  return { kind: "beam", owner, from: units(from.x, from.y), to: units(to.x, to.y) };
}

function units(x: number, y: number): Place {
  return { x: positionFromGrid(x), y: positionFromGrid(y) };
}
