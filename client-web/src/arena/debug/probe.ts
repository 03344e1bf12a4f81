/**
 * A read-only look at what the page does, for debugging in the console and for tests: `__tickroom.state()`, and
 * `__tickroom.frames()` for what was drawn in the last seconds.
 */

import type { Counters } from "../../tickroom/counters.ts";
import type { Timing } from "../../tickroom/match.ts";

import type { ServerBeat } from "../../tickroom/net/link.ts";
import type { Session } from "../../tickroom/session.ts";
import type { Pose } from "../game.ts";
import { aimRad } from "../input/aim.ts";
import type { Event } from "../protocol/event.ts";
import type { Input } from "../protocol/input.ts";
import type { ArenaMap } from "../protocol/map.ts";
import type { Own } from "../protocol/own.ts";
import type { Scores } from "../protocol/scores.ts";
import type { PlayerState } from "../protocol/state.ts";
import type { Status } from "../protocol/status.ts";
import type { Shown } from "../replay/steering.ts";
import type { ShotCounts } from "../sim/projectiles.ts";
import type { LaidBare } from "../laid_bare.ts";
import type { Board } from "../switchboard.ts";
import type { PanelState } from "../ui/net_panel.ts";
import type { DrawnFrame } from "./recorder.ts";

export type ArenaSession = Session<ArenaMap, Scores, Status, PlayerState, Own, Input, Event, Pose>;

/** What the page itself knows beside the session. */
export interface PageState {
  readonly renderer: string;
  /** How much is drawn. */
  readonly quality: string;
  /** Height of the own name as it is drawn, units. */
  readonly nameUnits: number | undefined;
  /** Steps of 1/65536 turn. */
  readonly aim: number;
  readonly projectiles: number;
  /** Hits by and on the own player since the page was loaded. */
  readonly hitsDealt: number;
  readonly hitsTaken: number;
  readonly shots: Readonly<ShotCounts> | undefined;
  readonly sound: SoundState;
  readonly panel: PanelState | undefined;
  readonly switches: Readonly<Board>;
  readonly bare: BareCounts;
  readonly watch: WatchState | undefined;
  readonly replay: Shown | undefined;
}

/** How much is laid bare beside the game in the last frame. */
export interface BareCounts {
  readonly ghosts: number;
  /** The largest way from where the server has somebody to where it is drawn, units. */
  readonly ghostUnitsMax: number;
  /** Those who could have been hit by the own rail that is shown, and how long before it they stood there, ticks. */
  readonly judged: number;
  readonly judgedAgeTicks: number | undefined;
  /** Cells of the grid, and those of which there is something known. */
  readonly cells: number;
  readonly cellsTold: number;
}

/** A match that is only watched: in which manner, whom the camera follows, and where it is. */
export interface WatchState {
  readonly manner: string;
  readonly followed: number | undefined;
  readonly isFree: boolean;
  readonly at: { readonly x: number; readonly y: number } | undefined;
}

/** Of the audio: what the browser says of it, sounds begun since the page was loaded, voices now, volume 0 to 1. */
export interface SoundState {
  readonly context: string;
  readonly begun: number;
  readonly voices: number;
  readonly volume: number;
}

interface Seen {
  readonly entity: number;
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly alive: boolean;
}

/** What `__tickroom.state()` gives; positions are those that are drawn, in units. */
export interface ProbeState {
  readonly connection: string;
  readonly transport: string | undefined;
  readonly session: string;
  readonly renderer: string;
  readonly quality: string;
  readonly nameUnits: number | undefined;
  readonly matchId: number | undefined;
  readonly player: number | undefined;
  readonly entity: number | undefined;
  readonly tick: number | undefined;
  readonly pingMs: number | undefined;
  readonly mapName: string | undefined;
  readonly phase: string | undefined;
  readonly round: number | undefined;
  readonly own: { readonly x: number; readonly y: number } | undefined;
  readonly health: number | undefined;
  readonly alive: boolean | undefined;
  readonly score: number | undefined;
  readonly kills: number | undefined;
  readonly deaths: number | undefined;
  /** Radians, 0 right, π/2 down. */
  readonly aim: number;
  readonly projectiles: number;
  readonly hitsDealt: number;
  readonly hitsTaken: number;
  readonly others: number;
  /** The others one by one. */
  readonly seen: readonly Seen[];
  readonly decodeErrors: number;
  readonly sound: SoundState;
  readonly panel: PanelState | undefined;
  readonly switches: Readonly<Board>;
  readonly bare: BareCounts;
  readonly watch: WatchState | undefined;
  /** How a recording goes on; undefined while none is watched. */
  readonly replay: Shown | undefined;
  /** How well the network is dealt with; undefined while there is no match. */
  readonly net: NetState | undefined;
}

/** All counts are of the present match. */
export interface NetState extends Readonly<Counters>, Timing {
  readonly rttMs: number | undefined;
  readonly shots: Readonly<ShotCounts>;
  readonly server: ServerBeat | undefined;
  /** How far back own shots are judged now, ticks, as the client asks. */
  readonly viewAgeTicks: number;
}

declare global {
  interface Window {
    __tickroom?: { state(): ProbeState; frames(): readonly DrawnFrame[] };
  }
}

export function exposeProbe(session: ArenaSession, page: () => PageState, frames: () => readonly DrawnFrame[]): void {
  window.__tickroom = { state: () => probe(session, page()), frames };
}

function probe(session: ArenaSession, page: PageState): ProbeState {
  const match = session.match;
  const view = match?.view(performance.now());
  const own = view?.own;
  const others = [...(view?.others ?? [])];
  const latest = match?.latest;
  const state = latest?.own === undefined ? undefined : latest.entities.get(latest.own.entity);
  return {
    connection: session.linkState.kind,
    transport: session.transport,
    session: session.state.kind,
    renderer: page.renderer,
    quality: page.quality,
    nameUnits: page.nameUnits,
    matchId: match?.joined.matchId,
    player: match?.joined.player,
    entity: own?.entity,
    tick: view?.tick,
    pingMs: session.roundTripMs,
    mapName: match?.setup.name,
    phase: latest?.status.phase,
    round: latest?.status.round,
    own: own === undefined ? undefined : { x: own.pose.x, y: own.pose.y },
    health: state?.health,
    alive: state?.alive,
    score: state?.score,
    kills: state?.kills,
    deaths: state?.deaths,
    aim: aimRad(page.aim),
    projectiles: page.projectiles,
    hitsDealt: page.hitsDealt,
    hitsTaken: page.hitsTaken,
    others: others.length,
    seen: others.map(([entity, { x, y, alive }]) => ({
      entity,
      name: session.roster.get(entity)?.name ?? "",
      x,
      y,
      alive,
    })),
    decodeErrors: session.decodeErrors,
    sound: page.sound,
    panel: page.panel,
    switches: page.switches,
    bare: page.bare,
    watch: watchState(page),
    replay: page.replay,
    net: netState(session, page),
  };
}

function watchState({ watch }: PageState): WatchState | undefined {
  return watch === undefined
    ? undefined
    : { manner: watch.manner, followed: watch.followed, isFree: watch.isFree, at: watch.at };
}

function netState({ match, roundTripMs, serverBeat }: ArenaSession, page: PageState): NetState | undefined {
  if (match === undefined) {
    return undefined;
  }
  const shots = page.shots ?? { predicted: 0, confirmed: 0, denied: 0 };
  return { ...match.counters, ...match.timing, rttMs: roundTripMs, shots: { ...shots }, server: serverBeat, viewAgeTicks: match.viewAgeTicks };
}

/** For tests: what is laid bare, in numbers. */
export function bareCounts(bare: LaidBare | undefined): BareCounts {
  const { ghosts = [], judged, cells } = bare ?? {};
  const ways = ghosts.map(({ told, drawn }) => (drawn === undefined ? 0 : Math.hypot(told.x - drawn.x, told.y - drawn.y)));
  return {
    ghosts: ghosts.length,
    ghostUnitsMax: Math.max(0, ...ways),
    judged: judged?.places.size ?? 0,
    judgedAgeTicks: judged === undefined ? undefined : judged.tick - judged.judgedTick,
    cells: cells === undefined ? 0 : cells.count[0] * cells.count[1],
    cellsTold: cells?.told.size ?? 0,
  };
}
