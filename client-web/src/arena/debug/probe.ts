/**
 * A read-only look at what the page does, for debugging in the console and for tests: `__tickroom.state()`.
 */

import type { Session } from "../../tickroom/session.ts";
import type { Pose } from "../game.ts";
import { aimRad } from "../input/aim.ts";
import type { Event } from "../protocol/event.ts";
import type { Input } from "../protocol/input.ts";
import type { ArenaMap } from "../protocol/map.ts";
import type { PlayerState } from "../protocol/state.ts";
import type { Status } from "../protocol/status.ts";

export type ArenaSession = Session<ArenaMap, Status, PlayerState, Input, Event, Pose>;

/** What the page itself knows beside the session. */
export interface PageState {
  readonly renderer: string;
  /** Steps of 1/65536 turn. */
  readonly aim: number;
  readonly projectiles: number;
  /** Hits by and on the own player since the page was loaded. */
  readonly hitsDealt: number;
  readonly hitsTaken: number;
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
  readonly corrections: number;
  readonly decodeErrors: number;
}

declare global {
  interface Window {
    __tickroom?: { state(): ProbeState };
  }
}

export function exposeProbe(session: ArenaSession, page: () => PageState): void {
  window.__tickroom = { state: () => probe(session, page()) };
}

function probe(session: ArenaSession, page: PageState): ProbeState {
  const match = session.match;
  const view = match?.view(performance.now());
  const own = view?.own;
  const others = [...(view?.others ?? [])];
  const latest = match?.latest;
  const state = latest?.own === undefined ? undefined : latest.entities.get(latest.own);
  return {
    connection: session.linkState.kind,
    transport: session.transport,
    session: session.state.kind,
    renderer: page.renderer,
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
    corrections: match?.corrections ?? 0,
    decodeErrors: session.decodeErrors,
  };
}
