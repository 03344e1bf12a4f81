import { describe, expect, test } from "vitest";

import { arena } from "../src/arena/game.ts";
import type { PlayerState } from "../src/arena/protocol/state.ts";
import { ENTITIES_MAX, SNAPSHOT_BYTES_MAX } from "../src/tickroom/protocol/limits.ts";
import { Reader } from "../src/tickroom/protocol/reader.ts";
import { decoded, DecodeError } from "../src/tickroom/protocol/record.ts";
import { Replica } from "../src/tickroom/protocol/replica.ts";
import { Xorshift32 } from "./random.ts";
import { bytesOf, healthy, LIVE, type Block, type Chunk, type SnapshotParts } from "./snapshots.ts";

type ArenaReplica = Replica<typeof LIVE, PlayerState, unknown, unknown>;

function at(x: number): PlayerState {
  return healthy({ x, y: 100, vx: 60, vy: 0 });
}

function full(id: number, x: number): Chunk {
  return { id, full: at(x) };
}

/** A replica with entities 1 and 2 in cell 5 and entity 70 in cell 6, at tick 600. */
function replicaWithThree(): ArenaReplica {
  const replica = new Replica(arena);
  const blocks: Block[] = [
    { cell: 5, mode: "full", chunks: [full(1, 10), full(2, 20)] },
    { cell: 6, mode: "full", chunks: [full(70, 700)] },
  ];
  replica.take(bytesOf({ tick: 600, baseTicks: 0, status: LIVE, blocks }));
  return replica;
}

function next(...blocks: Block[]): SnapshotParts {
  return { tick: 603, baseTicks: 3, blocks };
}

/** Where everybody is known to be, by entity. */
function places(replica: ArenaReplica): Record<number, number> {
  return Object.fromEntries([...(replica.latest?.entities ?? [])].map(([id, { body }]) => [id, body.x]));
}

describe("a replica", () => {
  test.each<{ why: string; blocks: Block[]; then: Record<number, number> }>([
    { why: "keeps what is not told", blocks: [], then: { 1: 10, 2: 20, 70: 700 } },
    // 60 + 60 steps a second over three ticks are six; then a nibble on top.
    {
      why: "moves on whom a difference tells of",
      blocks: [{ cell: 5, mode: "changed", chunks: [{ id: 1, delta: [0] }, { id: 2, delta: [1, 0x02] }] }],
      then: { 1: 16, 2: 28, 70: 700 },
    },
    {
      why: "takes a difference to an older state as that",
      blocks: [{ cell: 6, mode: { olderTicks: 30 }, chunks: [{ id: 70, delta: [0] }] }],
      then: { 1: 10, 2: 20, 70: 760 },
    },
    {
      why: "lets somebody leave and come",
      blocks: [{ cell: 5, mode: "changed", chunks: [{ id: 1, left: true }, full(9, 90)] }],
      then: { 2: 20, 9: 90, 70: 700 },
    },
    {
      why: "lets somebody cross a border",
      blocks: [
        { cell: 5, mode: "changed", chunks: [{ id: 1, left: true }] },
        { cell: 6, mode: "changed", chunks: [full(1, 11)] },
      ],
      then: { 1: 11, 2: 20, 70: 700 },
    },
    {
      why: "lets somebody cross a border whichever cell comes first",
      blocks: [
        { cell: 6, mode: "changed", chunks: [full(1, 11)] },
        { cell: 5, mode: "changed", chunks: [{ id: 1, left: true }] },
      ],
      then: { 1: 11, 2: 20, 70: 700 },
    },
    {
      why: "has of a full cell who is listed, and no one who went elsewhere",
      blocks: [
        { cell: 6, mode: "changed", chunks: [full(1, 11)] },
        { cell: 5, mode: "full", chunks: [full(3, 30)] },
      ],
      then: { 1: 11, 3: 30, 70: 700 },
    },
    { why: "forgets a cell", blocks: [{ cell: 5, mode: "forgotten" }], then: { 70: 700 } },
  ])("$why", ({ blocks, then }) => {
    const replica = replicaWithThree();
    replica.take(bytesOf(next(...blocks)));
    expect(places(replica)).toEqual(then);
    expect(replica.latest?.status).toEqual(LIVE);
  });

  test("forgets everything with a keyframe", () => {
    const replica = replicaWithThree();
    const blocks: Block[] = [{ cell: 9, mode: "full", chunks: [full(4, 40)] }];
    replica.take(bytesOf({ tick: 700, baseTicks: 0, status: LIVE, blocks }));
    expect(places(replica)).toEqual({ 4: 40 });
    replica.take(bytesOf({ tick: 703, baseTicks: 3, blocks: [{ cell: 5, mode: "full" }] }));
    expect(places(replica)).toEqual({ 4: 40 });
  });

  test("leaves the entities of the snapshot before as they were, and shares them when nothing changed", () => {
    const replica = replicaWithThree();
    const before = replica.latest?.entities;
    replica.take(bytesOf(next()));
    expect(replica.latest?.entities).toBe(before);
    replica.take(bytesOf({ tick: 606, baseTicks: 3, blocks: [{ cell: 5, mode: "forgotten" }] }));
    expect(before?.size).toBe(3);
    expect(replica.latest?.entities.get(70)).toBe(before?.get(70));
  });

  test.each<{ why: string; parts: SnapshotParts }>([
    { why: "to a snapshot that is not here", parts: { tick: 606, baseTicks: 3 } },
    { why: "to the snapshot before the last", parts: { tick: 603, baseTicks: 6 } },
    { why: "of somebody in another cell", parts: next({ cell: 6, mode: "changed", chunks: [{ id: 1, delta: [0] }] }) },
    {
      why: "of somebody unknown, after others who moved",
      parts: next(
        { cell: 5, mode: "changed", chunks: [{ id: 1, delta: [0] }] },
        { cell: 6, mode: "changed", chunks: [{ id: 71, delta: [0] }] },
      ),
    },
  ])("is out of step with the difference $why, and stays as it is", ({ parts }) => {
    const replica = replicaWithThree();
    const before = replica.latest;
    const error = decoded(() => replica.take(bytesOf(parts)));
    expect(error).toMatchObject({ name: "DecodeError", reason: "out of step" });
    expect(replica.latest).toBe(before);
    replica.take(bytesOf(next({ cell: 5, mode: "changed", chunks: [{ id: 1, delta: [0] }] })));
    expect(places(replica)).toEqual({ 1: 16, 2: 20, 70: 700 });
  });

  test("is out of step before the first keyframe", () => {
    expect(decoded(() => new Replica(arena).take(bytesOf(next())))).toMatchObject({ reason: "out of step" });
  });

  test.each<{ why: string; bytes: Uint8Array }>([
    { why: "a cell told twice", bytes: bytesOf(next({ cell: 5, mode: "changed" }, { cell: 5, mode: "forgotten" })) },
    { why: "a keyframe without a status", bytes: bytesOf({ tick: 700, baseTicks: 0 }) },
    {
      why: "a keyframe with a changed cell",
      bytes: bytesOf({ tick: 700, baseTicks: 0, status: LIVE, blocks: [{ cell: 5, mode: "changed" }] }),
    },
    { why: "a difference in a full cell", bytes: bytesOf(next({ cell: 5, mode: "full", chunks: [{ id: 1, delta: [0] }] })) },
    { why: "somebody leaving a full cell", bytes: bytesOf(next({ cell: 5, mode: "full", chunks: [{ id: 1, left: true }] })) },
    { why: "a forgotten cell with somebody", bytes: bytesOf(next({ cell: 5, mode: "forgotten", chunks: [full(1, 1)] })) },
    { why: "a cell that is 0 ticks old", bytes: bytesOf(next({ cell: 5, mode: { olderTicks: 0 } })) },
    {
      why: "ids that go down",
      bytes: bytesOf(next({ cell: 5, mode: "changed", chunks: [full(300, 1), full(200, 1)] })),
    },
    { why: "an unknown bit in the mask of a player", bytes: bytesOf(next({ cell: 5, mode: "changed", chunks: [{ id: 1, delta: [128] }] })) },
    { why: "a base before the first tick", bytes: bytesOf({ tick: 2, baseTicks: 3 }) },
    { why: "more bytes than a snapshot has", bytes: new Uint8Array(SNAPSHOT_BYTES_MAX + 1) },
    {
      why: "more entities than there are",
      bytes: bytesOf(
        next({ cell: 8, mode: "full", chunks: Array.from({ length: ENTITIES_MAX }, (_, index) => full(1000 + index, 1)) }),
      ),
    },
  ])("refuses $why and stays as it is", ({ bytes }) => {
    const replica = replicaWithThree();
    const before = replica.latest;
    const error = decoded(() => replica.take(bytes));
    expect(error).toBeInstanceOf(DecodeError);
    expect(error).not.toMatchObject({ reason: "out of step" });
    expect(replica.latest).toBe(before);
  });

  test("lets somebody come for somebody who leaves when there are as many as there may be, in any order", () => {
    const replica = replicaWithThree();
    const many = Array.from({ length: ENTITIES_MAX }, (_, index) => full(1000 + index, 1));
    const blocks: Block[] = [
      { cell: 8, mode: "full", chunks: many },
      { cell: 5, mode: "forgotten" },
      { cell: 6, mode: "forgotten" },
    ];
    replica.take(bytesOf(next(...blocks)));
    expect(replica.latest?.entities.size).toBe(ENTITIES_MAX);
  });

  test("refuses a keyframe whose base is not 0", () => {
    const bytes = bytesOf({ tick: 700, baseTicks: 0, status: LIVE });
    bytes[7] = 3;
    expect(decoded(() => replicaWithThree().take(bytes))).toMatchObject({ reason: "malformed" });
  });
});

describe("hostile snapshots", () => {
  const GOOD = bytesOf({
    tick: 603,
    baseTicks: 3,
    own: { entity: 1, record: arena.own.decode(zeros()) },
    events: [{ kind: "spawned", entity: 2, x: 1, y: 2 }],
    status: LIVE,
    blocks: [
      { cell: 5, mode: "changed", chunks: [{ id: 1, delta: [0x7b, 1, 2, 3, 4, 0, 0, 0, 0, 7, 80, 1, 1, 0, 2, 3, 4] }, full(9, 90)] },
      { cell: 6, mode: { olderTicks: 9 }, chunks: [{ id: 70, delta: [0x06, 1, 2, 3, 4, 5] }] },
      { cell: 7, mode: "full", chunks: [full(200, 1), full(300, 2)] },
      { cell: 8, mode: "forgotten" },
    ],
  });

  /** `decoded` lets everything but a `DecodeError` through, and that would fail the test. */
  function check(bytes: Uint8Array): boolean {
    const replica = replicaWithThree();
    const before = replica.latest;
    const entities = [...(before?.entities ?? [])];
    const refused = decoded(() => replica.take(bytes)) instanceof DecodeError;
    expect(replica.latest === before).toBe(refused);
    expect([...(before?.entities ?? [])]).toEqual(entities);
    expect(replica.latest?.entities.size).toBeLessThanOrEqual(ENTITIES_MAX);
    return refused;
  }

  test("that are cut off anywhere are refused, unless a cell ends there", () => {
    const taken = GOOD.map((_, length) => (check(GOOD.slice(0, length)) ? 0 : 1)).reduce((sum, one) => sum + one, 0);
    expect(check(GOOD)).toBe(false);
    expect(taken).toBe(4);
  });

  test("with flipped bits never break anything", () => {
    for (let bit = 0; bit < GOOD.length * 8; bit += 1) {
      const bytes = GOOD.slice();
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      check(bytes);
    }
  });

  test("with random bytes behind a good header never break anything", () => {
    const random = new Xorshift32(20_261_126);
    let refused = 0;
    for (let round = 0; round < 6000; round += 1) {
      const bytes = new Uint8Array(9 + random.below(120));
      bytes.set(bytesOf({ tick: 603, baseTicks: 3 }));
      for (let index = 8; index < bytes.length; index += 1) {
        bytes[index] = index === 8 ? 0 : random.next() & 0xff;
      }
      refused += check(bytes) ? 1 : 0;
    }
    expect(refused).toBeGreaterThan(5000);
  });
});

function zeros(): Parameters<typeof arena.own.decode>[0] {
  return new Reader(new Uint8Array(64));
}
