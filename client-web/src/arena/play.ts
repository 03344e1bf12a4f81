/**
 * One match on the page: what happens in it, frame by frame, and what HUD and picture are told of it. Ends with the
 * match; the page makes a new one for the next.
 */

import type { View } from "../tickroom/match.ts";
import type { Point, Predicted } from "../tickroom/sim/prediction.ts";
import type { Controls } from "./input/controls.ts";
import { targetsOf } from "./input/targets.ts";
import type { ArenaSession } from "./debug/probe.ts";
import type { TimedPlace } from "./debug/recorder.ts";
import type { Pose } from "./game.ts";
import { laidBare, NOT_BARE, type LaidBare } from "./laid_bare.ts";
import { minimapOf } from "./minimap_view.ts";
import type { Event } from "./protocol/event.ts";
import type { Input } from "./protocol/input.ts";
import type { ArenaMap } from "./protocol/map.ts";
import type { Scene } from "./render/scene.ts";
import { weaponsFire, type Phase } from "./protocol/status.ts";
import { RAIL } from "./protocol/weapon.ts";
import type { Again, Moment } from "./replay/moment.ts";
import type { SeenRound } from "./replay/seen_round.ts";
import { beamEnd } from "./sim/beam.ts";
import type { Bare } from "./switchboard.ts";
import { Ears, type Cue } from "./sound/ears.ts";
import { Fight, type Happening } from "./sim/fight.ts";
import { firedBy } from "./sim/flight.ts";
import { Judgement } from "./sim/judgement.ts";
import { positionFromGrid } from "./sim/quantize.ts";
import type { ShotCounts } from "./sim/projectiles.ts";
import { hasBeamed, hasCharged, hasFired, type OwnPlayer } from "./sim/steering.ts";
import { abilitiesOf } from "./ui/abilities.ts";
import type { Hud, Readings } from "./ui/hud.ts";
import { KillFeed } from "./ui/kill_feed.ts";
import { Respawn } from "./ui/respawn.ts";
import { LatestStandings } from "./ui/standings.ts";
import { Streaks } from "./ui/streaks.ts";

/** Of a match that has ended, seen again: enough to see why. */
const LAST_SECONDS = 10;

type ArenaMatch = NonNullable<ArenaSession["match"]>;

export class Play {
  private readonly fight: Fight;
  private readonly feed = new KillFeed();
  private readonly respawn = new Respawn();
  private readonly ears = new Ears();
  private readonly streaks: Streaks;
  private countedRound: number | undefined;
  private readonly judgement = new Judgement();
  private bare: LaidBare = NOT_BARE;
  private readonly standings = new LatestStandings();
  private readonly own: number;
  private shownMap: ArenaMap | undefined;
  private shownPhase: Phase | undefined;
  private shownScene: Scene | undefined;
  private ownShot = false;
  private others: ReadonlyMap<number, Pose> = new Map();
  private dealt = 0;
  private taken = 0;

  constructor(
    readonly match: ArenaMatch,
    private readonly roster: ArenaSession["roster"],
    private readonly controls: Controls,
    private readonly sound: (cue: Cue, listener: Point | undefined) => void,
    private readonly switches: Readonly<Bare>,
    /** What was seen of the round, also before a lost connection. */
    private readonly seenRound: SeenRound,
  ) {
    this.own = match.joined.entity;
    this.fight = new Fight(this.own);
    this.streaks = new Streaks(match.joined.tickHz);
    // A shot at once would cost the shield.
    controls.forgetPresses();
  }

  /** Steps of 1/65536 turn. */
  get aim(): number {
    return this.controls.aimSteps;
  }

  get projectiles(): number {
    return this.fight.inFlight;
  }

  get shots(): Readonly<ShotCounts> {
    return this.fight.shots;
  }

  get hitsDealt(): number {
    return this.dealt;
  }

  get hitsTaken(): number {
    return this.taken;
  }

  /** What was drawn last beside the game. */
  get drawnBare(): LaidBare {
    return this.bare;
  }

  /**
   * The round that is over, as far as it was seen here. Undefined while it is not over or where nothing is recorded, and in a
   * private match: the server shows none that goes on.
   */
  get again(): Again | undefined {
    const { latest, joined } = this.match;
    const { from } = this.seenRound;
    const isShown = joined.recording !== undefined && joined.code === undefined && latest?.status.phase === "results";
    return isShown && from !== undefined ? { name: joined.recording, ...from } : undefined;
  }

  /** The last seconds of a match that has ended; undefined where nothing is recorded. */
  get ending(): Moment | undefined {
    const { latest, joined } = this.match;
    const { recording, tickHz } = joined;
    return recording === undefined || latest === undefined
      ? undefined
      : { name: recording, tick: Math.max(0, latest.tick - LAST_SECONDS * tickHz) };
  }

  /** Where the newest snapshot has the own player. */
  get told(): TimedPlace | undefined {
    const { latest } = this.match;
    const state = latest?.entities.get(this.own);
    if (latest === undefined || state === undefined) {
      return undefined;
    }
    const { x, y } = state.body;
    return { entity: this.own, tick: latest.tick, x: positionFromGrid(x), y: positionFromGrid(y), alive: state.alive };
  }

  /** The wish for one tick. */
  intent(nowMs: number): Input {
    const own = this.match.viewOwn(nowMs)?.pose;
    const { setup } = this.match;
    const targets = (): Iterable<Point> => (own === undefined ? [] : targetsOf(own, this.others.values(), setup));
    return this.controls.wish({ own, map: setup, targets });
  }

  /** The own player as it is one tick later, ahead of the server. */
  predicted({ tick, input, before, after }: Predicted<OwnPlayer, Input>): void {
    const { body } = after.state;
    if (hasFired(before, after)) {
      this.fight.predict(firedBy(body, input.aim), tick);
      this.ownShot = true;
    }
    if (hasCharged(after)) {
      this.fight.predictCharge(tick);
    }
    if (hasBeamed(before, after)) {
      this.fight.predictBeam(body, beamEnd(this.match.setup, body, input.aim, RAIL.range), tick);
    }
  }

  /** The page is seen again: what happened meanwhile is over. */
  wake(): void {
    this.fight.clear();
  }

  /** Takes in what happened at `tick`. */
  receive(event: Event, tick: number, hud: Hud, nowMs: number): void {
    this.followMap();
    this.fight.receive(event, tick);
    if (event.kind === "rail fired" && event.owner === this.own) {
      this.observe();
      this.judgement.judge(event, tick, this.match.viewAgeTicks);
    }
    if (event.kind === "killed") {
      hud.announceKill(this.feed.add(event, this.roster, this.own, nowMs));
      const callout = this.streaks.add(event, tick, this.own);
      if (callout !== undefined) {
        hud.callOut(callout, nowMs);
      }
    } else if (event.kind === "hit") {
      this.dealt += event.attacker === this.own && event.victim !== this.own ? 1 : 0;
      this.taken += event.victim === this.own ? 1 : 0;
    }
  }

  /** One frame; gives what is in it. */
  draw(scene: Scene | undefined, hud: Hud, pingMs: number | undefined, nowMs: number): View<Pose> {
    this.followMap();
    const { match, roster, fight } = this;
    if (scene !== undefined && scene !== this.shownScene) {
      scene.open(match.setup, this.own);
      this.shownScene = scene;
    }
    this.followRound();
    const view = match.view(nowMs);
    this.others = view.others;
    const moment = {
      tick: view.tick,
      pastTick: view.pastTick,
      ownTick: view.own?.tick ?? view.tick,
      toldTick: match.latest?.tick ?? 0,
    };
    const happenings = fight.advance(moment, match.setup);
    this.observe();
    this.bare = laidBare(this.switches, match, view, this.judgement.last);
    scene?.draw({ view, roster, fight, happenings, ownShot: this.ownShot, bare: this.bare }, nowMs);
    this.listen(view, happenings);
    this.ownShot = false;
    this.tell(hud, view, pingMs, nowMs);
    return view;
  }

  private tell(hud: Hud, view: View<Pose>, pingMs: number | undefined, nowMs: number): void {
    const { latest, setup } = this.match;
    this.respawn.observe(latest?.entities.get(this.own)?.alive, latest?.tick ?? 0);
    const { wantsScores } = this.controls;
    if (hud.isDue(wantsScores, nowMs)) {
      hud.update(this.readings(view, pingMs, wantsScores, nowMs), nowMs);
    }
    if (hud.isMapDue(nowMs)) {
      hud.showMap(minimapOf(setup, view.own?.pose, view.others, this.fight, this.shownScene), nowMs);
    }
  }

  /** Takes note of the newest snapshot, for what is judged later. */
  private observe(): void {
    const { latest } = this.match;
    if (latest !== undefined) {
      this.judgement.observe(latest.tick, latest.entities);
    }
  }

  private listen(view: View<Pose>, happenings: readonly Happening[]): void {
    const poses = new Map(view.others);
    if (view.own !== undefined) {
      poses.set(this.own, view.own.pose);
    }
    const charging = this.fight.charging();
    const phase = this.match.latest?.status.phase;
    const cues = this.ears.hear({ own: this.own, poses, happenings, charging, ownShot: this.ownShot, phase });
    cues.forEach((cue) => this.sound(cue, view.own?.pose));
  }

  private readings({ tick }: View<Pose>, pingMs: number | undefined, wantsScores: boolean, nowMs: number): Readings {
    const { match } = this;
    const { latest, predicted } = match;
    const { tickHz } = match.joined;
    const fires = latest !== undefined && weaponsFire(latest.status.phase);
    return {
      pingMs,
      tick,
      tickHz,
      mapName: match.setup.name,
      status: latest?.status,
      own: latest?.entities.get(this.own),
      abilities: predicted === undefined ? undefined : abilitiesOf(predicted.own, predicted.state.alive, fires, tickHz),
      respawnS: this.respawn.secondsLeft(tick, tickHz),
      standings: this.standings.of(match.scores, latest, this.roster, this.own),
      kills: this.feed.visible(nowMs),
      streaks: this.streaks.best,
      wantsScores,
      watches: false,
      again: this.again,
    };
  }

  /** In the countdown everything lies on the floor again; runs of kills are of one round. */
  private followRound(): void {
    const { latest } = this.match;
    if (latest === undefined) {
      return;
    }
    const { phase, round } = latest.status;
    if (phase !== this.shownPhase && phase === "countdown") {
      this.fight.restart(latest.tick);
    }
    this.seenRound.observe(latest.status, latest.tick);
    if (round !== this.countedRound) {
      this.streaks.clear();
    }
    this.shownPhase = phase;
    this.countedRound = round;
  }

  /** A new round has a new map: what flew over the last one is gone. */
  private followMap(): void {
    const { setup } = this.match;
    if (this.shownMap !== setup) {
      this.shownMap = setup;
      this.shownScene = undefined;
      this.judgement.clear();
      this.fight.open();
    }
  }
}
