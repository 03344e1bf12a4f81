/**
 * The bytes of one `snapshot` event: what this client may see at one tick. Mirror of `shared/src/snapshot.rs`.
 *
 * ```text
 * 0      1        5       6       8       9
 * +------+--------+-------+-------+-------+-------------+--------+--------+-----------------------+
 * | kind | tick   | slack | own   | flags | event block | status | count  | count entities        |
 * +------+--------+-------+-------+-------+-------------+--------+--------+-----------------------+
 *   u8=1   u32      i8      u16     u8      see below     record   u16      each: u16 entity, record
 *
 * event block:  u8 count, then for each event: u8 age in ticks (255 = that or older), event
 * ```
 */

import { ENTITIES_MAX, EVENTS_PER_SNAPSHOT_MAX } from "./limits.ts";
import { ENTITY_NONE } from "./message.ts";
import { Reader } from "./reader.ts";
import { DecodeError, type RecordCodec } from "./record.ts";

const KIND_FULL = 1;
const SLACK_UNKNOWN = -128;
const SLACK_STEPS_PER_TICK = 4;
const FLAG_SLIPPED = 1;

/** A decoded snapshot; `M` is the status record of the match, `S` the state record and `E` the event of the game. */
export interface Snapshot<M, S, E> {
  /** The tick that the state belongs to. */
  readonly tick: number;
  /** How early this client's last inputs came, in ticks: negative is too late. Undefined: no input yet. */
  readonly slackTicks: number | undefined;
  /** The receiver's own entity, undefined for a watcher. */
  readonly own: number | undefined;
  /** The server dropped time since the last snapshot; clocks must follow. */
  readonly slipped: boolean;
  /** What happened since the last snapshot. An age of 255 ticks means that or older. */
  readonly events: readonly AgedEvent<E>[];
  /** What belongs to the match and to no entity. */
  readonly status: M;
  readonly entities: ReadonlyMap<number, S>;
}

export interface AgedEvent<E> {
  readonly ageTicks: number;
  readonly event: E;
}

/** Reads a whole `snapshot` event; throws `DecodeError`. */
export function decodeSnapshot<M, S, E>(
  bytes: Uint8Array,
  status: RecordCodec<M>,
  state: RecordCodec<S>,
  event: RecordCodec<E>,
): Snapshot<M, S, E> {
  const reader = new Reader(bytes);
  const kind = reader.u8();
  if (kind !== KIND_FULL) {
    throw new DecodeError("unknown", `snapshot kind ${kind}`);
  }
  const tick = reader.u32();
  const slack = reader.i8();
  const own = reader.u16();
  const flags = reader.u8();
  if ((flags & ~FLAG_SLIPPED) !== 0) {
    throw new DecodeError("unknown", `snapshot flags ${flags}`);
  }
  const events = readEvents(reader, event);
  const statusOfMatch = status.decode(reader);
  const entities = readEntities(reader, state);
  reader.finish();
  return {
    tick,
    slackTicks: slack === SLACK_UNKNOWN ? undefined : slack / SLACK_STEPS_PER_TICK,
    own: own === ENTITY_NONE ? undefined : own,
    slipped: (flags & FLAG_SLIPPED) !== 0,
    events,
    status: statusOfMatch,
    entities,
  };
}

function readEvents<E>(reader: Reader, record: RecordCodec<E>): AgedEvent<E>[] {
  const count = reader.checkCount("events", reader.u8(), EVENTS_PER_SNAPSHOT_MAX, 2);
  const events: AgedEvent<E>[] = [];
  for (let index = 0; index < count; index += 1) {
    events.push({ ageTicks: reader.u8(), event: record.decode(reader) });
  }
  return events;
}

function readEntities<S>(reader: Reader, record: RecordCodec<S>): Map<number, S> {
  const count = reader.checkCount("entities", reader.u16(), ENTITIES_MAX, 2);
  const entities = new Map<number, S>();
  for (let index = 0; index < count; index += 1) {
    entities.set(reader.u16(), record.decode(reader));
  }
  return entities;
}
