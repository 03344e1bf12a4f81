/**
 * One match on a page that only watches it: whom the camera follows, and what HUD and picture are told. Ends with the
 * match. Behind the menu nobody steers: the camera goes slowly from one player to the next, or stands still where motion is
 * not wanted.
 */

import type { View } from "../../tickroom/match.ts";
import { ENTITY_NONE } from "../../tickroom/protocol/message.ts";
import type { Point } from "../../tickroom/sim/prediction.ts";
import type { ArenaSession } from "../debug/probe.ts";
import type { Pose } from "../game.ts";
import { NOT_BARE } from "../laid_bare.ts";
import { minimapOf } from "../minimap_view.ts";
import type { Event } from "../protocol/event.ts";
import type { ArenaMap } from "../protocol/map.ts";
import type { Phase } from "../protocol/status.ts";
import type { Scene } from "../render/scene.ts";
import { Fight } from "../sim/fight.ts";
import { Ears, type Cue } from "../sound/ears.ts";
import type { Hud, Readings } from "../ui/hud.ts";
import { KillFeed } from "../ui/kill_feed.ts";
import { LatestStandings, type Standing } from "../ui/standings.ts";
import { FollowCamera, middleOf } from "./follow_camera.ts";
import { keptTarget, nextTarget } from "./targets.ts";

type ArenaMatch = NonNullable<ArenaSession["match"]>;

/** Soft enough that a dash does not jerk the picture. */
const FOLLOW_TAU_MS = 120;

/** Behind the menu the picture drifts. */
const DRIFT_TAU_MS = 1500;

/** How long the camera stays with one player behind the menu. */
const DRIFT_STAY_MS = 15_000;

/** Speed of the free camera, units a second. */
const FREE_SPEED = 900;

/** What the page does with it: `menu` is the picture behind the menu, `still` the same without motion of the camera. */
export type WatchManner = "viewer" | "menu" | "still";

/** How the free camera is moved: a direction for each axis, and what was dragged since the last frame, units. */
export interface CameraWish {
  readonly move: Point;
  readonly drag: Point;
  readonly wantsScores: boolean;
}

/** Runs of kills are counted from the beginning of a round, which whoever watches may not have seen. */
const NO_STREAKS: ReadonlyMap<number, number> = new Map();

const NO_WISH: CameraWish = { move: { x: 0, y: 0 }, drag: { x: 0, y: 0 }, wantsScores: false };

export class Watch {
  private fight = new Fight(ENTITY_NONE);
  private feed = new KillFeed();
  private shownEra = 0;
  private readonly ears = new Ears();
  private readonly camera: FollowCamera;
  private readonly latestStandings = new LatestStandings();
  private target: number | undefined;
  private free = false;
  private changedMs = -Infinity;
  private shownPhase: Phase | undefined;
  private shownMap: ArenaMap | undefined;
  private shownScene: Scene | undefined;

  constructor(
    readonly match: ArenaMatch,
    private readonly roster: ArenaSession["roster"],
    readonly manner: WatchManner,
    private readonly sound: (cue: Cue, listener: Point | undefined) => void,
  ) {
    const drifts = manner !== "viewer";
    this.camera = new FollowCamera(drifts ? DRIFT_TAU_MS : FOLLOW_TAU_MS, !drifts);
  }

  /** The entity that is followed; undefined while the camera is free or there is nobody. */
  get followed(): number | undefined {
    return this.free ? undefined : this.target;
  }

  /** Where the camera is, units. */
  get at(): Point | undefined {
    return this.camera.at;
  }

  get isFree(): boolean {
    return this.free;
  }

  /** Who is followed, for people. */
  get followedName(): string | undefined {
    return this.followed === undefined ? undefined : this.roster.get(this.followed)?.name;
  }

  /** Follows the next one, or the one before. */
  step(step: 1 | -1): void {
    this.target = this.free ? this.target : nextTarget(this.standings(), this.target, step);
    this.free = false;
  }

  /** Lets go of whom it follows, or takes hold again. */
  setFree(free: boolean): void {
    this.free = free;
  }

  /** The page is seen again: what happened meanwhile is over. */
  wake(): void {
    this.fight.clear();
  }

  /** Takes in what happened at `tick`. */
  receive(event: Event, tick: number, nowMs: number): void {
    this.followMap();
    this.fight.receive(event, tick);
    if (event.kind === "killed") {
      this.feed.add(event, this.roster, this.target ?? ENTITY_NONE, nowMs);
    }
  }

  /** One frame. The HUD is left out behind the menu. */
  draw(scene: Scene | undefined, hud: Hud | undefined, wish: CameraWish = NO_WISH, pingMs: number | undefined, nowMs: number): void {
    this.followMap();
    this.followRound();
    const { match, roster, fight } = this;
    if (scene !== undefined && scene !== this.shownScene) {
      scene.open(match.setup, ENTITY_NONE);
      this.shownScene = scene;
    }
    const view = match.view(nowMs);
    this.aim(view, wish, nowMs);
    const moment = { tick: view.tick, pastTick: view.pastTick, ownTick: view.tick, toldTick: match.latest?.tick ?? 0 };
    const happenings = fight.advance(moment, match.setup);
    // What is laid bare is of the own player, and there is none.
    scene?.draw({ view, roster, fight, happenings, ownShot: false, bare: NOT_BARE, camera: this.camera.at }, nowMs);
    if (this.manner === "viewer") {
      const phase = match.latest?.status.phase;
      const charging = fight.charging();
      const cues = this.ears.hear({ own: ENTITY_NONE, poses: view.others, happenings, charging, ownShot: false, phase });
      cues.forEach((cue) => this.sound(cue, this.camera.at));
    }
    if (hud !== undefined) {
      this.tell(hud, view, wish.wantsScores, pingMs, nowMs);
    }
  }

  private aim(view: View<Pose>, { move, drag }: CameraWish, nowMs: number): void {
    const map = this.match.setup;
    const before = this.target;
    this.target = keptTarget(this.standings(), before);
    if (this.manner === "still") {
      this.camera.follow(middleOf(map), map, nowMs);
      this.tellPlace();
      return;
    }
    if (this.manner === "menu" && nowMs - this.changedMs > DRIFT_STAY_MS) {
      this.target = before === undefined ? this.target : nextTarget(this.standings(), before, 1);
      this.changedMs = nowMs;
    }
    if (move.x !== 0 || move.y !== 0 || drag.x !== 0 || drag.y !== 0) {
      this.free = true;
    }
    if (this.free) {
      const units = (FREE_SPEED * this.camera.elapsedMs(nowMs)) / 1000;
      this.camera.move(move.x * units + drag.x, move.y * units + drag.y, map);
      this.tellPlace();
    } else {
      this.camera.follow(this.target === undefined ? middleOf(map) : view.others.get(this.target), map, nowMs);
      this.match.lookAt({ kind: "follow", entity: this.target ?? ENTITY_NONE });
    }
  }

  private tellPlace(): void {
    const { at } = this.camera;
    if (at !== undefined) {
      this.match.lookAt({ kind: "place", x: at.x, y: at.y });
    }
  }

  private standings(): readonly Standing[] {
    const { scores, latest } = this.match;
    return this.latestStandings.of(scores, latest, this.roster, this.followed);
  }

  private tell(hud: Hud, view: View<Pose>, wantsScores: boolean, pingMs: number | undefined, nowMs: number): void {
    if (hud.isDue(wantsScores, nowMs)) {
      hud.update(this.readings(view, wantsScores, pingMs, nowMs), nowMs);
    }
    if (hud.isMapDue(nowMs)) {
      const { others } = view;
      const followed = this.followed === undefined ? undefined : others.get(this.followed);
      hud.showMap(minimapOf(this.match.setup, followed, others, this.fight, this.shownScene), nowMs);
    }
  }

  private readings({ tick }: View<Pose>, wantsScores: boolean, pingMs: number | undefined, nowMs: number): Readings {
    const { match, followed } = this;
    const { latest } = match;
    return {
      pingMs,
      tick,
      tickHz: match.joined.tickHz,
      mapName: match.setup.name,
      status: latest?.status,
      own: followed === undefined ? undefined : latest?.entities.get(followed),
      // What only the player itself may know.
      abilities: undefined,
      respawnS: undefined,
      standings: this.standings(),
      kills: this.feed.visible(nowMs),
      streaks: NO_STREAKS,
      wantsScores,
      watches: true,
      again: undefined,
    };
  }

  /** In the countdown everything lies on the floor again. */
  private followRound(): void {
    const { latest } = this.match;
    if (latest !== undefined && latest.status.phase !== this.shownPhase) {
      this.shownPhase = latest.status.phase;
      if (this.shownPhase === "countdown") {
        this.fight.restart(latest.tick);
      }
    }
  }

  /** A new round has a new map: what flew over the last one is gone. */
  private followMap(): void {
    const { setup, era } = this.match;
    if (this.shownEra !== era) {
      // Another moment of a recording: nothing of the one before has happened.
      this.shownEra = era;
      this.fight = new Fight(ENTITY_NONE);
      this.feed = new KillFeed();
      this.ears.leap();
      this.shownPhase = undefined;
      this.shownMap = undefined;
    }
    if (this.shownMap !== setup) {
      this.shownMap = setup;
      this.shownScene = undefined;
      this.fight.open();
    }
  }
}
