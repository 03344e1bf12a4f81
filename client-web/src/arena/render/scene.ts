/** The picture of a match. Reads what the simulation says and never writes to it. */

import { Container } from "pixi.js";

import type { Point } from "../../tickroom/sim/prediction.ts";
import type { RosterEntry } from "../../tickroom/protocol/message.ts";
import type { View } from "../../tickroom/match.ts";
import type { Pose } from "../game.ts";
import type { LaidBare } from "../laid_bare.ts";
import type { ArenaMap } from "../protocol/map.ts";
import { aimSteps } from "../input/aim.ts";
import { RAIL } from "../protocol/weapon.ts";
import { beamEnd } from "../sim/beam.ts";
import type { Fight, Happening } from "../sim/fight.ts";
import { positionFromGrid, positionToGrid } from "../sim/quantize.ts";
import type { Charge } from "./beams.ts";
import { BareView } from "./bare_view.ts";
import { Bolts } from "./bolts.ts";
import { cameraOn, isInView, VIEW_HEIGHT, VIEW_WIDTH } from "./camera.ts";
import { devicePixelsPerUnit, pixelsPerUnit, setResolution, type Renderer } from "./canvas.ts";
import { Effects } from "./effects.ts";
import { drawMap } from "./floor.ts";
import { USUAL_LOOK, type Look } from "./look.ts";
import { colorOf, cssOf } from "./palette.ts";
import { PickupSprites } from "./pickups.ts";
import { PlayerSprite, type PlayerLook } from "./player.ts";
import { DETAILS, type Detail, type Level } from "./quality.ts";
import { Trail } from "./trail.ts";

interface Actor {
  readonly sprite: PlayerSprite;
  readonly trail: Trail;
}

/** What is drawn in one frame. */
export interface Picture {
  readonly view: View<Pose>;
  readonly roster: ReadonlyMap<number, RosterEntry>;
  readonly fight: Fight;
  readonly happenings: readonly Happening[];
  /** The own trigger has let a shot go. */
  readonly ownShot: boolean;
  readonly bare: LaidBare;
  /** Where the camera of a viewer is; a player's is where the player is. */
  readonly camera?: Point | undefined;
}

/** As far as anything reaches around its place: the light of a player's end, a name, a tail. */
const REACH_UNITS = 160;

export class Scene {
  private readonly world = new Container();
  private readonly floor = new Container();
  private readonly pickups = new PickupSprites();
  private readonly trails = new Container();
  private readonly bodies = new Container();
  private readonly bolts = new Bolts();
  private readonly labels = new Container();
  private readonly bare = new BareView();
  private readonly actors = new Map<number, Actor>();
  private look = USUAL_LOOK;
  private level: Level = "high";
  private readonly effects: Effects;
  private poses: ReadonlyMap<number, Pose> = new Map();
  private map: ArenaMap | undefined;
  private own: number | undefined;
  private middle: Point = { x: 0, y: 0 };
  private nowMs = 0;

  constructor(private readonly renderer: Renderer) {
    const scene = this;
    const stage = {
      get own() {
        return scene.own;
      },
      pose: (entity: number) => this.poses.get(entity),
      color: (entity: number) => this.colorOf(entity),
      flash: (entity: number) => this.actors.get(entity)?.sprite.flash(this.nowMs),
      get calm() {
        return scene.look.calm;
      },
      sees: (place: Point) => this.sees(place),
      get particles() {
        return scene.detail.particles;
      },
    };
    this.effects = new Effects(stage, devicePixelsPerUnit(renderer));
    const { below, above } = this.effects;
    this.world.addChild(
      this.floor,
      this.pickups.root,
      this.bare.below,
      this.trails,
      below,
      this.bodies,
      this.bolts.root,
      above,
      this.bare.above,
      this.labels,
    );
  }

  /** Draws in another way from the next frame on. */
  setLook(look: Look): void {
    this.look = look;
  }

  /** Draws more or less from the next frame on. */
  setLevel(level: Level): void {
    if (level !== this.level) {
      this.level = level;
      setResolution(this.renderer, this.detail.resolution);
    }
  }

  private get detail(): Detail {
    return DETAILS[this.level];
  }

  /** Shows another map, without anybody on it; `own` is the entity that the player will steer. */
  open(map: ArenaMap, own: number): void {
    this.map = map;
    this.own = own;
    for (const child of this.floor.removeChildren()) {
      child.destroy({ children: true, texture: true, textureSource: true });
    }
    this.floor.addChild(drawMap(map));
    this.effects.clear();
    for (const entity of [...this.actors.keys()]) {
      this.forget(entity);
    }
  }

  /** Draws one frame. */
  draw({ view, roster, fight, happenings, ownShot, camera, bare }: Picture, nowMs: number): void {
    this.nowMs = nowMs;
    this.own = view.own?.entity ?? this.own;
    const poses = new Map(view.others);
    if (view.own !== undefined) {
      poses.set(view.own.entity, view.own.pose);
    }
    this.poses = poses;
    this.follow(camera ?? view.own?.pose);
    for (const [entity, { sprite, trail }] of this.actors) {
      if (poses.has(entity)) {
        continue;
      }
      if (roster.has(entity)) {
        // Out of what the client is told of, and soon back: to make one costs more than a frame has.
        sprite.hide();
        trail.hide();
      } else {
        this.forget(entity);
      }
    }
    for (const [entity, pose] of poses) {
      this.place(this.lookOf(entity, roster), pose, nowMs);
    }
    for (const happening of happenings) {
      this.effects.show(happening, nowMs);
    }
    if (ownShot && this.own !== undefined) {
      this.effects.muzzle(this.own, nowMs);
    }
    if (this.map !== undefined) {
      this.pickups.draw(fight.pickupsOn(this.map), (place) => this.sees(place), this.look.calm, nowMs);
    }
    this.bolts.draw(fight.drawn(), (owner) => this.colorOf(owner), this.detail.glow, (place) => this.sees(place));
    this.effects.update(this.charges(fight), nowMs);
    this.bare.draw(bare, this.map);
    this.point(nowMs);
    this.renderer.render(this.world);
  }

  /** The lines along which rails will fire, as far as those who charge are seen. */
  private *charges(fight: Fight): Iterable<Charge> {
    for (const { owner, share } of fight.charging()) {
      const pose = this.poses.get(owner);
      if (pose?.alive === true && this.map !== undefined) {
        const from = { x: positionToGrid(pose.x), y: positionToGrid(pose.y) };
        const end = beamEnd(this.map, from, aimSteps(pose.aimRad), RAIL.range);
        const to = { x: positionFromGrid(end.x), y: positionFromGrid(end.y) };
        yield { from: pose, to, color: this.colorOf(owner), share };
      }
    }
  }

  /** The colour of a player as style sheets write it, for what is not drawn here. */
  cssColorOf(entity: number): string {
    return cssOf(this.colorOf(entity));
  }

  private colorOf(entity: number): number {
    return colorOf(entity, entity === this.own, this.look.safeColors, this.poses.get(entity)?.team);
  }

  private lookOf(entity: number, roster: ReadonlyMap<number, RosterEntry>): PlayerLook {
    const entry = roster.get(entity);
    const { safeColors } = this.look;
    return { entity, name: entry?.name ?? "", bot: entry?.bot ?? false, own: entity === this.own, safeColors, team: this.poses.get(entity)?.team };
  }

  private place(look: PlayerLook, pose: Pose, nowMs: number): void {
    const { sprite, trail } = this.actorOf(look);
    const isSeen = pose.alive && this.sees(pose);
    sprite.place(pose, isSeen, this.detail.glow, nowMs);
    if (this.detail.trails && !this.look.calm) {
      trail.update(pose, isSeen, nowMs);
    } else {
      trail.hide();
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

  /** Chooses the part of the map that is in the picture. */
  private follow(target: Point | undefined): void {
    if (this.map !== undefined) {
      this.middle = cameraOn(target ?? { x: this.map.width / 2, y: this.map.height / 2 }, this.map);
    }
  }

  /** Puts that part in the picture. */
  private point(nowMs: number): void {
    const off = this.look.calm ? { x: 0, y: 0 } : this.effects.tremble(nowMs);
    const scale = pixelsPerUnit(this.renderer);
    this.world.scale.set(scale);
    this.world.position.set(
      (VIEW_WIDTH / 2 - this.middle.x + off.x) * scale,
      (VIEW_HEIGHT / 2 - this.middle.y + off.y) * scale,
    );
  }

  /** Most of a map is out of the picture, and what is there need not be prepared for it. */
  private sees(place: Point): boolean {
    return isInView(this.middle, place, REACH_UNITS);
  }
}

function sameLook(a: PlayerLook, b: PlayerLook): boolean {
  return a.name === b.name && a.bot === b.bot && a.own === b.own && a.safeColors === b.safeColors && a.team === b.team;
}
