/** Bytes of snapshots as a server writes them; see `protocol/snapshot.ts`, `block.ts` and `chunk.ts`. */

import { arena } from "../src/arena/game.ts";
import type { Event } from "../src/arena/protocol/event.ts";
import { RESTED, type Own } from "../src/arena/protocol/own.ts";
import type { Body, PlayerState } from "../src/arena/protocol/state.ts";
import type { Status } from "../src/arena/protocol/status.ts";
import { ENTITY_NONE } from "../src/tickroom/protocol/message.ts";
import { Writer } from "../src/tickroom/protocol/writer.ts";

export const LIVE: Status = { phase: "live", round: 0, ends: 60_000, teams: undefined };

export type Chunk =
  | { readonly id: number; readonly full: PlayerState }
  | { readonly id: number; readonly delta: readonly number[] }
  | { readonly id: number; readonly left: true };

export interface Block {
  readonly cell: number;
  readonly mode: "changed" | "full" | "forgotten" | { readonly olderTicks: number };
  readonly chunks?: readonly Chunk[];
}

export interface SnapshotParts {
  readonly tick: number;
  /** 0 for a keyframe. */
  readonly baseTicks: number;
  readonly slackQuarters?: number;
  readonly slipped?: boolean;
  readonly own?: { readonly entity: number; readonly record: Own };
  readonly events?: readonly Event[];
  readonly status?: Status;
  readonly blocks?: readonly Block[];
}

export function bytesOf(parts: SnapshotParts): Uint8Array<ArrayBuffer> {
  const { tick, baseTicks, own, status, events = [] } = parts;
  const writer = new Writer();
  writer.u8(2);
  writer.u32(tick);
  writer.i8(parts.slackQuarters ?? -128);
  const keyframe = baseTicks === 0 ? 2 : 0;
  writer.u8((parts.slipped === true ? 1 : 0) | keyframe | (status === undefined ? 0 : 4) | (own === undefined ? 0 : 8));
  writer.u8(baseTicks);
  if (own !== undefined) {
    writer.u16(own.entity);
    arena.own.encode(writer, own.record);
  }
  writer.u8(events.length);
  for (const event of events) {
    writer.u8(0);
    arena.event.encode(writer, event);
  }
  if (status !== undefined) {
    arena.status.encode(writer, status);
  }
  parts.blocks?.forEach((block) => writeBlock(writer, block));
  return writer.finish();
}

function writeBlock(writer: Writer, { cell, mode, chunks = [] }: Block): void {
  const number = typeof mode === "object" ? 3 : ["changed", "full", "forgotten"].indexOf(mode);
  writer.u8(cell);
  writer.u8(number | (Math.min(63, chunks.length) << 2));
  if (typeof mode === "object") {
    writer.u8(mode.olderTicks);
  }
  if (chunks.length >= 63) {
    writer.u16(chunks.length);
  }
  let next = 0;
  for (const chunk of chunks) {
    writeChunk(writer, chunk, next);
    next = chunk.id + 1;
  }
}

function writeChunk(writer: Writer, chunk: Chunk, next: number): void {
  const op = "delta" in chunk ? 0 : "full" in chunk ? 1 : 2;
  const gap = chunk.id - next;
  const fits = gap >= 0 && gap < 63;
  writer.u8(op | ((fits ? gap : 63) << 2));
  if (!fits) {
    writer.u16(chunk.id);
  }
  if ("delta" in chunk) {
    writer.append(Uint8Array.from(chunk.delta));
  } else if ("full" in chunk) {
    arena.state.encode(writer, chunk.full);
  }
}

/** A keyframe in which the player steers `own` and all are in one cell; a body is that of a player who has met nobody. */
export function keyframe(
  tick: number,
  slackQuarters: number,
  own: number,
  entities: readonly (readonly [number, Body | PlayerState])[],
  events: readonly Event[] = [],
): Uint8Array<ArrayBuffer> {
  return bytesOf({
    tick,
    baseTicks: 0,
    slackQuarters,
    ...(own === ENTITY_NONE ? {} : { own: { entity: own, record: FRESH } }),
    events,
    status: LIVE,
    blocks: [{ cell: 0, mode: "full", chunks: entities.map(([id, player]) => ({ id, full: stateOf(player) })) }],
  });
}

/** What only the player sees who has done nothing yet. */
export const FRESH = RESTED;

export function stateOf(player: Body | PlayerState): PlayerState {
  return "body" in player ? player : healthy(player);
}

/** A player there who has met nobody yet. */
export function healthy(body: Body): PlayerState {
  const usual = { shielded: false, dashing: false, armor: 0, overcharged: false, team: undefined };
  return { body, aim: 0, health: 100, alive: true, ...usual, score: 0, kills: 0, deaths: 0, assists: 0 };
}
