/** The picture of a match. Reads what the simulation says and never writes to it. */

import { Container } from "pixi.js";

import type { Point } from "../../tickroom/sim/prediction.ts";
import type { RosterEntry } from "../../tickroom/protocol/message.ts";
import type { View } from "../../tickroom/match.ts";
import type { Pose } from "../game.ts";
import type { LaidBare } from "../laid_bare.ts";
import type { ArenaMap } from "../protocol/map.ts";
import type { PickupKind } from "../protocol/pickup.ts";
import { aimSteps } from "../input/aim.ts";
import { RAIL } from "../protocol/weapon.ts";
import { beamEnd } from "../sim/beam.ts";
import type { Fight, Happening } from "../sim/fight.ts";
import { positionFromGrid, positionToGrid } from "../sim/quantize.ts";
import type { Charge } from "./beams.ts";
import { BareView } from "./bare_view.ts";
import { Bolts } from "./bolts.ts";
import { cameraOn, isInView, VIEW_HEIGHT, VIEW_WIDTH } from "./camera.ts";
import { devicePixelsPerUnit, pixelsPerUnit, setBackground, setResolution, type Renderer } from "./canvas.ts";
import { Effects } from "./effects.ts";
import { drawMap } from "./floor.ts";
import { isSameLook, USUAL_LOOK, type Look } from "./look.ts";
import { BACKGROUND, colorOf, CONTRAST_WALL, pickupColors } from "./palette.ts";
import { PickupSprites } from "./pickups.ts";
import { PlayerSprite, type Mark, type Who } from "./player.ts";
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
  private drawnLook = USUAL_LOOK;
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
      pickupColor: (kind: PickupKind) => pickupColors(this.look.safeColors)[kind],
      flash: (entity: number) => this.actors.get(entity)?.sprite.flash(this.nowMs),
      get look() {
        return scene.look;
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

  /** How it is drawn. The same object as long as nothing of it changes. */
  get look(): Look {
    return this.drawnLook;
  }

  /** Draws in another way from the next frame on: what was painted in the old one is painted anew. */
  setLook(look: Look): void {
    const before = this.drawnLook;
    if (isSameLook(look, before)) {
      return;
    }
    this.drawnLook = look;
    this.effects.setLook(look);
    if (look.highContrast !== before.highContrast) {
      setBackground(this.renderer, look.highContrast ? CONTRAST_WALL : BACKGROUND);
      this.layFloor();
    }
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
    this.layFloor();
    this.effects.clear();
    for (const entity of [...this.actors.keys()]) {
      this.forget(entity);
    }
  }

  private layFloor(): void {
    for (const child of this.floor.removeChildren()) {
      child.destroy({ children: true, texture: true, textureSource: true });
    }
    if (this.map !== undefined) {
      this.floor.addChild(drawMap(this.map, this.look.highContrast));
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
      this.pickups.draw(fight.pickupsOn(this.map), (place) => this.sees(place), this.look, nowMs);
    }
    const { highContrast } = this.look;
    this.bolts.draw(fight.drawn(), (owner) => this.colorOf(owner), this.detail.glow, highContrast, (place) => this.sees(place));
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

  /** What stands for a player where it is not drawn here; undefined for one who never was. */
  markOf(entity: number): Mark | undefined {
    return this.actors.get(entity)?.sprite.mark;
  }

  /** For the probe: the height of the own name, units. */
  get ownNameUnits(): number | undefined {
    return this.own === undefined ? undefined : this.actors.get(this.own)?.sprite.nameUnits;
  }

  private colorOf(entity: number): number {
    return colorOf(entity, entity === this.own, this.look.safeColors, this.poses.get(entity)?.team);
  }

  private lookOf(entity: number, roster: ReadonlyMap<number, RosterEntry>): Who {
    const entry = roster.get(entity);
    return { entity, name: entry?.name ?? "", bot: entry?.bot ?? false, own: entity === this.own, team: this.poses.get(entity)?.team };
  }

  private place(who: Who, pose: Pose, nowMs: number): void {
    const { sprite, trail } = this.actorOf(who);
    const { calm, highContrast } = this.look;
    const isSeen = pose.alive && this.sees(pose);
    sprite.place(pose, isSeen, this.detail.glow && !highContrast, nowMs);
    if (this.detail.trails && !calm && !highContrast) {
      trail.update(pose, isSeen, nowMs);
    } else {
      trail.hide();
    }
  }

  private actorOf(who: Who): Actor {
    const known = this.actors.get(who.entity);
    if (known !== undefined && known.sprite.look === this.look && isSame(known.sprite.who, who)) {
      return known;
    }
    this.forget(who.entity);
    const sprite = new PlayerSprite(who, this.look, devicePixelsPerUnit(this.renderer));
    const trail = new Trail(sprite.color);
    this.trails.addChild(trail.root);
    this.labels.addChild(sprite.label);
    if (who.own) {
      this.bodies.addChild(sprite.root);
    } else {
      // Below the own player, who must never be lost in a crowd.
      this.bodies.addChildAt(sprite.root, 0);
    }
    const actor = { sprite, trail };
    this.actors.set(who.entity, actor);
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

function isSame(a: Who, b: Who): boolean {
  return a.name === b.name && a.bot === b.bot && a.own === b.own && a.team === b.team;
}
