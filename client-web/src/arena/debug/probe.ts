/**
 * A read-only look at what the page does, for debugging in the console and for tests: `__tickroom.state()`.
 */

import type { Session } from "../../tickroom/session.ts";
import type { Pose } from "../game.ts";
import type { Event } from "../protocol/event.ts";
import type { Input } from "../protocol/input.ts";
import type { ArenaMap } from "../protocol/map.ts";
import type { Body } from "../protocol/state.ts";

export type ArenaSession = Session<ArenaMap, Body, Input, Event, Pose>;

/** What `__tickroom.state()` gives; positions are those that are drawn, in units. */
export interface ProbeState {
  readonly connection: string;
  readonly session: string;
  readonly renderer: string;
  readonly matchId: number | undefined;
  readonly player: number | undefined;
  readonly entity: number | undefined;
  readonly tick: number | undefined;
  readonly pingMs: number | undefined;
  readonly own: { readonly x: number; readonly y: number } | undefined;
  readonly others: number;
  /** The others one by one. */
  readonly seen: readonly { readonly entity: number; readonly name: string; readonly x: number; readonly y: number }[];
  readonly corrections: number;
  readonly decodeErrors: number;
}

declare global {
  interface Window {
    __tickroom?: { state(): ProbeState };
  }
}

export function exposeProbe(session: ArenaSession, renderer: () => string): void {
  window.__tickroom = { state: () => probe(session, renderer()) };
}

function probe(session: ArenaSession, renderer: string): ProbeState {
  const match = session.match;
  const view = match?.view(performance.now());
  const own = view?.own;
  const others = [...(view?.others ?? [])];
  return {
    connection: session.connectionState.kind,
    session: session.state.kind,
    renderer,
    matchId: match?.joined.matchId,
    player: match?.joined.player,
    entity: own?.entity,
    tick: view?.tick,
    pingMs: session.roundTripMs,
    own: own === undefined ? undefined : { x: own.pose.x, y: own.pose.y },
    others: others.length,
    seen: others.map(([entity, pose]) => ({
      entity,
      name: session.roster.get(entity)?.name ?? "",
      x: pose.x,
      y: pose.y,
    })),
    corrections: match?.corrections ?? 0,
    decodeErrors: session.decodeErrors,
  };
}
