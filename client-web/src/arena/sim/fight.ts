/**
 * The fight as it is drawn: projectiles in flight, and what happens at the moment that the picture shows. What concerns
 * the own player is shown at the server's present, the rest where the others are drawn, a little in the past. Pure.
 */

import type { Ended, Event, Hit, Killed, Spawned } from "../protocol/event.ts";
import type { ArenaMap } from "../protocol/map.ts";
import { Projectiles, type Place, type Projectile } from "./projectiles.ts";
import { positionFromGrid } from "./quantize.ts";
import { Timeline } from "./timeline.ts";

/** Something to show once; places in units. */
export type Happening =
  | (Place & { readonly kind: "spawned"; readonly entity: number })
  /** A shot left a weapon of somebody else: the own one flashes when the trigger is pulled. */
  | { readonly kind: "fired"; readonly owner: number }
  | (Place & { readonly kind: "bounced" | "stopped" | "burst"; readonly owner: number })
  | Hit
  | Killed;

export class Fight {
  private readonly projectiles = new Projectiles();
  private readonly present = new Timeline<Event>();
  private readonly past = new Timeline<Event>();
  private readonly ownKeys = new Set<number>();
  private tick = 0;
  private pastTick = 0;

  /** `own` is the entity that the player steers. */
  constructor(private readonly own: number) {}

  get inFlight(): number {
    return this.projectiles.size;
  }

  /** All projectiles with the tick at which each is drawn. */
  *drawn(): Iterable<{ readonly projectile: Projectile; readonly tick: number }> {
    for (const projectile of this.projectiles.all()) {
      yield { projectile, tick: this.tickOf(projectile.owner) };
    }
  }

  /** Another map: nothing flies over it yet. */
  clear(): void {
    this.projectiles.clear();
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
  advance(tick: number, pastTick: number, map: ArenaMap): Happening[] {
    this.tick = tick;
    this.pastTick = pastTick;
    const due = [...this.present.take(tick), ...this.past.take(pastTick)];
    const happenings = due.flatMap((entry) => this.apply(entry.event, entry.tick));
    const contacts = this.projectiles.advance((owner) => this.tickOf(owner), map);
    for (const { kind, owner, x, y } of contacts) {
      happenings.push({ kind: kind === "bounce" ? "bounced" : "stopped", owner, ...units(x, y) });
    }
    return happenings;
  }

  private apply(event: Event, tick: number): Happening[] {
    switch (event.kind) {
      case "fired":
        this.projectiles.fire(event, tick);
        return event.owner === this.own ? [] : [{ kind: "fired", owner: event.owner }];
      case "ended":
        return this.end(event);
      case "spawned":
        return [spawned(event)];
      default:
        return [event];
    }
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
    }
  }

  private tickOf(owner: number): number {
    return owner === this.own ? this.tick : this.pastTick;
  }
}

function spawned({ entity, x, y }: Spawned): Happening {
  return { kind: "spawned", entity, ...units(x, y) };
}

function units(x: number, y: number): Place {
  return { x: positionFromGrid(x), y: positionFromGrid(y) };
}
