/** The picture of a match. Reads what the simulation says and never writes to it. */

import { Container } from "pixi.js";

import type { RosterEntry } from "../../tickroom/protocol/message.ts";
import type { View } from "../../tickroom/match.ts";
import type { Pose } from "../game.ts";
import type { ArenaMap } from "../protocol/map.ts";
import { positionFromGrid } from "../sim/quantize.ts";
import type { Event } from "../protocol/event.ts";
import { cameraOn, VIEW_HEIGHT, VIEW_WIDTH } from "./camera.ts";
import { devicePixelsPerUnit, pixelsPerUnit, type Renderer } from "./canvas.ts";
import { drawMap } from "./floor.ts";
import { colorOf, OWN } from "./palette.ts";
import { PlayerSprite, type PlayerLook } from "./player.ts";
import { SpawnRings } from "./spawn_ring.ts";
import { Trail } from "./trail.ts";

interface Actor {
  readonly sprite: PlayerSprite;
  readonly trail: Trail;
}

export class Scene {
  private readonly world = new Container();
  private readonly floor = new Container();
  private readonly trails = new Container();
  private readonly rings = new SpawnRings();
  private readonly bodies = new Container();
  private readonly labels = new Container();
  private readonly actors = new Map<number, Actor>();
  private readonly calm = matchMedia("(prefers-reduced-motion: reduce)");
  private map: ArenaMap | undefined;
  private drawnMs = 0;
  private own: number | undefined;

  constructor(private readonly renderer: Renderer) {
    this.world.addChild(this.floor, this.trails, this.rings.root, this.bodies, this.labels);
  }

  /** Shows another map, without anybody on it; `own` is the entity that the player will steer. */
  open(map: ArenaMap, own: number): void {
    this.map = map;
    this.own = own;
    for (const child of this.floor.removeChildren()) {
      child.destroy({ children: true, texture: true, textureSource: true });
    }
    this.floor.addChild(drawMap(map));
    this.rings.clear();
    for (const entity of [...this.actors.keys()]) {
      this.forget(entity);
    }
  }

  /** Shows what happened. */
  show(event: Event, nowMs: number): void {
    const color = event.entity === this.own ? OWN : colorOf(event.entity);
    this.rings.add(positionFromGrid(event.x), positionFromGrid(event.y), color, nowMs);
  }

  /** Draws one frame. */
  draw(view: View<Pose>, roster: ReadonlyMap<number, RosterEntry>, nowMs: number): void {
    const elapsedMs = Math.min(100, nowMs - this.drawnMs);
    this.drawnMs = nowMs;
    this.own = view.own?.entity ?? this.own;
    const poses = new Map(view.others);
    if (view.own !== undefined) {
      poses.set(view.own.entity, view.own.pose);
    }
    for (const entity of [...this.actors.keys()]) {
      if (!poses.has(entity)) {
        this.forget(entity);
      }
    }
    for (const [entity, pose] of poses) {
      this.place(lookOf(entity, roster, entity === this.own), pose, elapsedMs, nowMs);
    }
    this.rings.update(nowMs);
    this.aim(view.own?.pose);
    this.renderer.render(this.world);
  }

  private place(look: PlayerLook, pose: Pose, elapsedMs: number, nowMs: number): void {
    const { sprite, trail } = this.actorOf(look);
    sprite.place(pose, elapsedMs);
    if (!this.calm.matches) {
      trail.update(pose, nowMs);
    }
  }

  private actorOf(look: PlayerLook): Actor {
    const known = this.actors.get(look.entity);
    if (known !== undefined && sameLook(known.sprite.look, look)) {
      return known;
    }
    this.forget(look.entity);
    const sprite = new PlayerSprite(look, devicePixelsPerUnit(this.renderer));
    const trail = new Trail(sprite.color);
    this.trails.addChild(trail.root);
    this.labels.addChild(sprite.label);
    if (look.own) {
      this.bodies.addChild(sprite.root);
    } else {
      // Below the own player, who must never be lost in a crowd.
      this.bodies.addChildAt(sprite.root, 0);
    }
    const actor = { sprite, trail };
    this.actors.set(look.entity, actor);
    return actor;
  }

  private forget(entity: number): void {
    const actor = this.actors.get(entity);
    actor?.sprite.destroy();
    actor?.trail.destroy();
    this.actors.delete(entity);
  }

  private aim(target: Pose | undefined): void {
    if (this.map === undefined) {
      return;
    }
    const middle = cameraOn(target ?? { x: this.map.width / 2, y: this.map.height / 2 }, this.map);
    const scale = pixelsPerUnit(this.renderer);
    this.world.scale.set(scale);
    this.world.position.set((VIEW_WIDTH / 2 - middle.x) * scale, (VIEW_HEIGHT / 2 - middle.y) * scale);
  }
}

function lookOf(entity: number, roster: ReadonlyMap<number, RosterEntry>, own: boolean): PlayerLook {
  const entry = roster.get(entity);
  return { entity, name: entry?.name ?? "", bot: entry?.bot ?? false, own };
}

function sameLook(a: PlayerLook, b: PlayerLook): boolean {
  return a.name === b.name && a.bot === b.bot && a.own === b.own;
}
