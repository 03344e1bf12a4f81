/**
 * The bytes of one `snapshot` event: what this client may see at one tick, as the difference to what it has. Mirror of
 * `shared/src/snapshot.rs`; the cells at the end are read by `replica.ts`.
 *
 * ```text
 * 0      1        5       6       7      8
 * +------+--------+-------+-------+------+-----------+-------------+----------+------------------------+
 * | kind | tick   | slack | flags | base | own block | event block | status   | cell blocks, to the end |
 * +------+--------+-------+-------+------+-----------+-------------+----------+------------------------+
 *   u8=2   u32      i8      u8      u8     if bit 3    always        if bit 2
 *
 * flags: bit 0 time was dropped, bit 1 keyframe, bit 2 status follows, bit 3 own block follows
 * base: ticks since the snapshot that this client was handed last, 0 for a keyframe
 * own block: u16 own entity, what only the player itself sees
 * event block: u8 count, then for each event: u8 age in ticks (255 = that or older), event
 * ```
 */

import type { DeltaCodec } from "./chunk.ts";
import { EVENTS_PER_SNAPSHOT_MAX } from "./limits.ts";
import type { Reader } from "./reader.ts";
import { DecodeError, type RecordCodec } from "./record.ts";

const KIND_DELTA = 2;
const SLACK_UNKNOWN = -128;
const SLACK_STEPS_PER_TICK = 4;

const FLAG_SLIPPED = 1;
const FLAG_KEYFRAME = 2;
const FLAG_STATUS = 4;
const FLAG_OWN = 8;
const FLAGS = FLAG_SLIPPED | FLAG_KEYFRAME | FLAG_STATUS | FLAG_OWN;

/**
 * The records of a game in a snapshot: `M` is the status of the match, `S` the state of an entity, `O` what only its own
 * player sees, `E` an event.
 */
export interface SnapshotCodecs<M, S, O, E> {
  readonly status: RecordCodec<M>;
  readonly state: DeltaCodec<S>;
  readonly own: RecordCodec<O>;
  readonly event: RecordCodec<E>;
}

/** The player's own entity. */
export interface Own<O> {
  readonly entity: number;
  readonly record: O;
}

export interface AgedEvent<E> {
  readonly ageTicks: number;
  readonly event: E;
}

/** What stands before the cells. */
export interface SnapshotHead<M, O, E> {
  /** The tick that the state belongs to. */
  readonly tick: number;
  /** How early this client's last inputs came, in ticks: negative is too late. Undefined: no input yet. */
  readonly slackTicks: number | undefined;
  /** The server dropped time since the last snapshot; clocks must follow. */
  readonly slipped: boolean;
  /** Nothing of what came before counts. */
  readonly keyframe: boolean;
  /** Ticks since the snapshot that this is the difference to. */
  readonly baseTicks: number;
  /** Undefined for a watcher. */
  readonly own: Own<O> | undefined;
  /** What happened since the last snapshot. An age of 255 ticks means that or older. */
  readonly events: readonly AgedEvent<E>[];
  /** What belongs to the match and to no entity; undefined when it is as before. */
  readonly status: M | undefined;
}

/** Reads up to the first cell; throws `DecodeError`. */
export function readSnapshotHead<M, S, O, E>(
  reader: Reader,
  codecs: SnapshotCodecs<M, S, O, E>,
): SnapshotHead<M, O, E> {
  const kind = reader.u8();
  if (kind !== KIND_DELTA) {
    throw new DecodeError("unknown", `snapshot kind ${kind}`);
  }
  const tick = reader.u32();
  const slack = reader.i8();
  const flags = reader.u8();
  if ((flags & ~FLAGS) !== 0) {
    throw new DecodeError("unknown", `snapshot flags ${flags}`);
  }
  const baseTicks = reader.u8();
  const keyframe = (flags & FLAG_KEYFRAME) !== 0;
  if (keyframe !== (baseTicks === 0) || baseTicks > tick) {
    throw new DecodeError("malformed", `base ${baseTicks} of tick ${tick} with flags ${flags}`);
  }
  return {
    tick,
    slackTicks: slack === SLACK_UNKNOWN ? undefined : slack / SLACK_STEPS_PER_TICK,
    slipped: (flags & FLAG_SLIPPED) !== 0,
    keyframe,
    baseTicks,
    own: (flags & FLAG_OWN) === 0 ? undefined : { entity: reader.u16(), record: codecs.own.decode(reader) },
    events: readEvents(reader, codecs.event),
    status: (flags & FLAG_STATUS) === 0 ? undefined : codecs.status.decode(reader),
  };
}

function readEvents<E>(reader: Reader, record: RecordCodec<E>): AgedEvent<E>[] {
  const count = reader.checkCount("events", reader.u8(), EVENTS_PER_SNAPSHOT_MAX, 1);
  const events: AgedEvent<E>[] = [];
  for (let index = 0; index < count; index += 1) {
    events.push({ ageTicks: reader.u8(), event: record.decode(reader) });
  }
  return events;
}
