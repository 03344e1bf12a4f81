/**
 * One match on the page: what happens in it, frame by frame, and what HUD and picture are told of it. Ends with the
 * match; the page makes a new one for the next.
 */

import type { Keyboard } from "./input/keyboard.ts";
import { aimAt } from "./input/aim.ts";
import type { Pointer } from "./input/pointer.ts";
import type { ArenaSession } from "./debug/probe.ts";
import type { Event } from "./protocol/event.ts";
import { NEUTRAL, type Input } from "./protocol/input.ts";
import type { ArenaMap } from "./protocol/map.ts";
import { weaponsFire } from "./protocol/status.ts";
import type { Scene } from "./render/scene.ts";
import { Fight } from "./sim/fight.ts";
import { Trigger } from "./sim/trigger.ts";
import type { Hud } from "./ui/hud.ts";
import { KillFeed } from "./ui/kill_feed.ts";
import { Respawn } from "./ui/respawn.ts";
import { standingsOf } from "./ui/standings.ts";

type ArenaMatch = NonNullable<ArenaSession["match"]>;

export class Play {
  private readonly fight: Fight;
  private readonly feed = new KillFeed();
  private readonly respawn = new Respawn();
  private readonly trigger = new Trigger();
  private readonly own: number;
  private shownMap: ArenaMap | undefined;
  private shownScene: Scene | undefined;
  private ownShot = false;
  private aimSteps = 0;
  private dealt = 0;
  private taken = 0;

  constructor(
    readonly match: ArenaMatch,
    private readonly roster: ArenaSession["roster"],
    private readonly keyboard: Keyboard,
    private readonly pointer: Pointer,
  ) {
    this.own = match.joined.entity;
    this.fight = new Fight(this.own);
  }

  /** Steps of 1/65536 turn. */
  get aim(): number {
    return this.aimSteps;
  }

  get projectiles(): number {
    return this.fight.inFlight;
  }

  get hitsDealt(): number {
    return this.dealt;
  }

  get hitsTaken(): number {
    return this.taken;
  }

  /** The wish for one tick. Nobody steers a page that cannot be seen. */
  intent(nowMs: number): Input {
    const keys = this.keyboard.take();
    const clicks = this.pointer.takeFire();
    if (document.visibilityState === "hidden") {
      return NEUTRAL;
    }
    const own = this.match.viewOwn(nowMs)?.pose;
    if (own !== undefined && this.pointer.position !== undefined) {
      this.aimSteps = aimAt(this.pointer.position, own, this.match.setup) ?? this.aimSteps;
    }
    const fire = keys.fire || clicks;
    const phase = this.match.latest?.status.phase;
    const fires = fire && own?.alive === true && phase !== undefined && weaponsFire(phase);
    this.ownShot = this.trigger.pull(fires) || this.ownShot;
    return { ...NEUTRAL, fire, moveX: keys.moveX, moveY: keys.moveY, aim: this.aimSteps };
  }

  /** Takes in what happened at `tick`. */
  receive(event: Event, tick: number, hud: Hud, nowMs: number): void {
    this.followMap();
    this.fight.receive(event, tick);
    if (event.kind === "killed") {
      hud.announceKill(this.feed.add(event, this.roster, this.own, nowMs));
    } else if (event.kind === "hit") {
      this.dealt += event.attacker === this.own && event.victim !== this.own ? 1 : 0;
      this.taken += event.victim === this.own ? 1 : 0;
    }
  }

  /** One frame. */
  draw(scene: Scene | undefined, hud: Hud, pingMs: number | undefined, nowMs: number): void {
    this.followMap();
    const { match, roster, fight } = this;
    if (scene !== undefined && scene !== this.shownScene) {
      scene.open(match.setup, this.own);
      this.shownScene = scene;
    }
    const view = match.view(nowMs);
    const happenings = fight.advance(view.tick, view.pastTick, match.setup);
    scene?.draw({ view, roster, fight, happenings, ownShot: this.ownShot }, nowMs);
    this.ownShot = false;
    this.tell(hud, view.tick, pingMs, nowMs);
  }

  private tell(hud: Hud, tick: number, pingMs: number | undefined, nowMs: number): void {
    const { match } = this;
    const { latest } = match;
    const own = latest?.entities.get(this.own);
    this.respawn.observe(own?.alive, latest?.tick ?? 0);
    const readings = {
      pingMs,
      tick,
      tickHz: match.joined.tickHz,
      mapName: match.setup.name,
      status: latest?.status,
      own,
      respawnS: this.respawn.secondsLeft(tick, match.joined.tickHz),
      standings: standingsOf(latest?.entities ?? new Map(), this.roster, this.own),
      kills: this.feed.visible(nowMs),
      wantsScores: this.keyboard.wantsScores,
    };
    hud.update(readings, nowMs);
  }

  /** A new round has a new map: what flew over the last one is gone. */
  private followMap(): void {
    const { setup } = this.match;
    if (this.shownMap !== setup) {
      this.shownMap = setup;
      this.shownScene = undefined;
      this.fight.clear();
    }
  }
}
