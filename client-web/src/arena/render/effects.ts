/** Everything that is shown once and goes out: flashes, sparks, rings, numbers, and the trembling of the picture. */

import { Container } from "pixi.js";

import type { Point } from "../../tickroom/sim/prediction.ts";
import type { Pose } from "../game.ts";
import type { PickupKind } from "../protocol/pickup.ts";
import type { Beam, Happening } from "../sim/fight.ts";
import { RADIUS } from "../sim/movement.ts";
import { Beams, type Charge } from "./beams.ts";
import { DamageArcs } from "./damage_arcs.ts";
import { DamageNumbers } from "./damage_numbers.ts";
import { LightLimit } from "./flash_limit.ts";
import { textUnits, type Look } from "./look.ts";
import { DEALT, SUFFERED } from "./palette.ts";
import { Shake } from "./shake.ts";
import { ALL_AROUND, Sparks, type Burst } from "./sparks.ts";
import { RING_LIGHT_UNITS, Rings } from "./spawn_ring.ts";

const BOUNCE = { count: 8, speed: 260, lifeMs: 340, radius: 5, rad: 0, spread: ALL_AROUND };
const STOP = { count: 10, speed: 200, lifeMs: 380, radius: 5, rad: 0, spread: ALL_AROUND };
const HIT = { count: 14, speed: 330, lifeMs: 420, radius: 6.5, rad: 0, spread: ALL_AROUND };
const DEATH = { count: 54, speed: 520, lifeMs: 1000, radius: 10, rad: 0, spread: ALL_AROUND };
const MUZZLE = { count: 4, speed: 280, lifeMs: 160, radius: 4.5, spread: 0.8 };

/** From the edge of a body to the middle of a number that begins above its name. */
const ABOVE_NAME_UNITS = 32;

/** What effects ask of the picture. */
export interface Stage {
  readonly own: number | undefined;
  /** Where an entity is drawn, or was last. */
  pose(entity: number): Pose | undefined;
  color(entity: number): number;
  pickupColor(kind: PickupKind): number;
  flash(entity: number): void;
  readonly look: Look;
  /** Whether a place is in the picture, or near it. */
  sees(place: Point): boolean;
  /** Share of the sparks that are drawn. */
  readonly particles: number;
}

export class Effects {
  /** Below and above the players. */
  readonly below = new Container();
  readonly above = new Container();
  private readonly rings = new Rings();
  private readonly sparks = new Sparks();
  private readonly beams = new Beams();
  private readonly arcs = new DamageArcs();
  private readonly numbers: DamageNumbers;
  private readonly shake = new Shake();
  private readonly lights = new LightLimit();

  constructor(
    private readonly stage: Stage,
    sharpness: number,
  ) {
    this.numbers = new DamageNumbers(sharpness);
    this.below.addChild(this.rings.root);
    this.above.addChild(this.beams.root, this.sparks.root, this.arcs.root, this.numbers.root);
  }

  setLook(look: Look): void {
    this.numbers.setLook(look);
  }

  show(happening: Happening, nowMs: number): void {
    switch (happening.kind) {
      case "spawned":
        this.ring(happening, this.stage.color(happening.entity), 1, nowMs);
        break;
      case "fired":
        this.muzzle(happening.owner, nowMs);
        break;
      case "bounced":
      case "stopped":
      case "burst": {
        const color = this.stage.color(happening.owner);
        this.flash(happening.x, happening.y, color, 30, 140, nowMs);
        const burst = { bounced: BOUNCE, stopped: STOP, burst: HIT }[happening.kind];
        this.burst(happening.x, happening.y, color, burst, nowMs);
        break;
      }
      case "beam":
        this.beam(happening, nowMs);
        break;
      case "picked up":
      case "announced":
        this.ring(happening, this.stage.pickupColor(happening.pickup), happening.kind === "announced" ? 0.6 : 1, nowMs);
        break;
      case "hit":
        this.hit(happening.victim, happening.attacker, happening.damage, nowMs);
        break;
      case "killed":
        this.killed(happening.victim, nowMs);
        break;
    }
  }

  /** The flash at the end of a weapon. */
  muzzle(owner: number, nowMs: number): void {
    const pose = this.stage.pose(owner);
    if (pose?.alive !== true) {
      return;
    }
    const x = pose.x + Math.cos(pose.aimRad) * (RADIUS + 5);
    const y = pose.y + Math.sin(pose.aimRad) * (RADIUS + 5);
    const color = this.stage.color(owner);
    this.flash(x, y, color, 26, 110, nowMs);
    this.flash(x, y, 0xffffff, 12, 80, nowMs);
    this.burst(x, y, color, { ...MUZZLE, rad: pose.aimRad }, nowMs);
  }

  /** Lets everything go on to this moment, with these rails that charge. */
  update(charges: Iterable<Charge>, nowMs: number): void {
    this.beams.update(charges, this.stage.look.highContrast, nowMs);
    this.rings.update(nowMs);
    this.sparks.update(nowMs);
    this.numbers.update(nowMs);
    this.arcs.update(this.ownPose(), nowMs);
  }

  /** How far the picture is off its place, units. */
  tremble(nowMs: number): Point {
    return this.shake.offset(nowMs);
  }

  clear(): void {
    this.rings.clear();
    this.sparks.clear();
    this.numbers.clear();
    this.beams.clear();
    this.arcs.clear();
  }

  private flash(x: number, y: number, color: number, radius: number, lifeMs: number, nowMs: number): void {
    if (this.mayFlash({ x, y }, radius, nowMs)) {
      this.sparks.flash(x, y, color, radius, lifeMs, nowMs);
    }
  }

  private ring(place: Point, color: number, size: number, nowMs: number): void {
    this.rings.add(place, color, size, this.mayFlash(place, RING_LIGHT_UNITS * size, nowMs), nowMs);
  }

  private mayFlash(place: Point, radius: number, nowMs: number): boolean {
    const { stage } = this;
    return !stage.look.calm && stage.sees(place) && this.lights.admits(radius, nowMs);
  }

  private burst(x: number, y: number, color: number, burst: Burst, nowMs: number): void {
    if (this.stage.sees({ x, y })) {
      const count = Math.ceil(burst.count * this.stage.particles);
      this.sparks.add(x, y, color, { ...burst, count }, nowMs);
    }
  }

  private beam({ owner, from, to }: Beam, nowMs: number): void {
    const color = this.stage.color(owner);
    this.beams.add(from, to, color, nowMs);
    this.muzzle(owner, nowMs);
    this.flash(to.x, to.y, color, 40, 180, nowMs);
    this.burst(to.x, to.y, color, HIT, nowMs);
  }

  private hit(victim: number, attacker: number, damage: number, nowMs: number): void {
    const { look, own } = this.stage;
    if (!look.calm) {
      this.stage.flash(victim);
    }
    const pose = this.stage.pose(victim);
    if (victim === own) {
      this.shake.hit(damage, nowMs);
      this.point(attacker, nowMs);
    }
    // Numbers of others would tell nothing and hide much.
    if (pose !== undefined && (victim === own || attacker === own)) {
      const place = { x: pose.x, y: pose.y - RADIUS - textUnits(ABOVE_NAME_UNITS, look) };
      this.numbers.add(victim, place, damage, victim === own ? SUFFERED : DEALT, nowMs);
    }
  }

  /** Shows from where an attacker hit the own player; nobody is told where one is who is out of sight. */
  private point(attacker: number, nowMs: number): void {
    const [own, from] = [this.ownPose(), this.stage.pose(attacker)];
    if (own !== undefined && from !== undefined && attacker !== this.stage.own) {
      this.arcs.add(Math.atan2(from.y - own.y, from.x - own.x), nowMs);
    }
  }

  private ownPose(): Pose | undefined {
    const { own } = this.stage;
    return own === undefined ? undefined : this.stage.pose(own);
  }

  private killed(victim: number, nowMs: number): void {
    const pose = this.stage.pose(victim);
    if (pose === undefined) {
      return;
    }
    const color = this.stage.color(victim);
    this.flash(pose.x, pose.y, 0xffffff, 70, 220, nowMs);
    this.flash(pose.x, pose.y, color, 120, 420, nowMs);
    this.burst(pose.x, pose.y, color, DEATH, nowMs);
    this.ring(pose, color, 1.5, nowMs);
    if (victim === this.stage.own) {
      this.shake.end(nowMs);
    }
  }
}
