import { describe, expect, test } from "vitest";

import { arena } from "../src/arena/game.ts";
import type { Event } from "../src/arena/protocol/event.ts";
import { playerRecord, type PlayerState } from "../src/arena/protocol/state.ts";
import type { Team } from "../src/arena/protocol/team.ts";
import type { Status } from "../src/arena/protocol/status.ts";
import { PROTOCOL_VERSION } from "../src/tickroom/protocol/message.ts";
import { Reader } from "../src/tickroom/protocol/reader.ts";
import { decoded, DecodeError, type RecordCodec } from "../src/tickroom/protocol/record.ts";
import { Replica } from "../src/tickroom/protocol/replica.ts";
import { fromHex, golden } from "./golden.ts";
import { Xorshift32 } from "./random.ts";

/** A player as the vectors write it. */
type StateValue = Omit<PlayerState, "body" | "team"> & {
  readonly body: readonly [number, number, number, number];
  readonly team: Team | null;
};

interface Delta {
  readonly kind: "delta";
  readonly base: StateValue;
  readonly ticks: number;
  readonly bytes: string;
  readonly value?: StateValue;
}

interface Step {
  readonly bytes: string;
  readonly why?: string;
  readonly value?: unknown;
  readonly error?: "malformed" | "out of step";
}

interface Story {
  readonly kind: "snapshots";
  readonly name: string;
  readonly steps: readonly Step[];
}

const file = golden<Delta | Story>("snapshot.json");
const deltas = file.rows.filter((row) => row.kind === "delta");
const stories = file.rows.filter((row) => row.kind === "snapshots");

/** Stands for what only the player itself sees, whatever the arena has of that: one byte. */
const cooldown: RecordCodec<number> = {
  encode: (writer, value) => writer.u8(value),
  decode: (reader) => reader.u8(),
};

type StoryReplica = Replica<Status, PlayerState, number, Event>;

function newReplica(): StoryReplica {
  return new Replica({ ...arena, own: cooldown });
}

function stateOf({ body: [x, y, vx, vy], team, ...rest }: StateValue): PlayerState {
  return { body: { x, y, vx, vy }, team: team ?? undefined, ...rest };
}

/** What is known, as the vectors write it. */
function valueOf(replica: StoryReplica): unknown {
  const snapshot = replica.latest;
  if (snapshot === undefined) {
    return undefined;
  }
  const { tick, baseTicks, slackTicks, slipped, own, events, status, entities } = snapshot;
  return {
    tick,
    base: baseTicks,
    slack: slackTicks === undefined ? -128 : slackTicks * 4,
    slipped,
    own: own === undefined ? null : [own.entity, own.record],
    events: events.map(({ ageTicks, event }) => ({ age: ageTicks, event })),
    status: { ...status, teams: status.teams ?? null },
    entities: [...entities]
      .sort(([a], [b]) => a - b)
      .map(([entity, { body, team, ...rest }]) => ({
        entity,
        cell: replica.cellOf(entity),
        body: [body.x, body.y, body.vx, body.vy],
        team: team ?? null,
        ...rest,
      })),
  };
}

test("the vectors are for the protocol that this client speaks", () => {
  expect(file.protocol).toBe(PROTOCOL_VERSION);
  expect([deltas.length > 20, stories.length > 3]).toEqual([true, true]);
});

test("every difference of a player gives the state it has in Rust, or is refused as there", () => {
  for (const { base, ticks, bytes, value } of deltas) {
    const reader = new Reader(fromHex(bytes));
    const state = decoded(() => playerRecord.decodeDelta(reader, stateOf(base), ticks));
    if (value === undefined) {
      expect(state, bytes).toBeInstanceOf(DecodeError);
    } else {
      expect(state, bytes).toEqual(stateOf(value));
      reader.finish();
    }
  }
});

test.each(stories)("the snapshots of $name are taken as in Rust, one after the other", ({ steps }) => {
  const replica = newReplica();
  for (const { bytes, why, value, error } of steps) {
    const before = valueOf(replica);
    const result = decoded(() => replica.take(fromHex(bytes)));
    if (error === undefined) {
      expect(valueOf(replica), why).toEqual(value);
    } else {
      expect(result, why).toBeInstanceOf(DecodeError);
      expect((result as DecodeError).reason === "out of step", `${why}: ${String(result)}`).toBe(error === "out of step");
      expect(valueOf(replica), why).toEqual(before);
    }
  }
});

describe("the snapshots of a story with changed bytes", () => {
  test.each(stories)("($name) give a DecodeError, or what can be read of them, and nothing else", ({ steps }) => {
    const random = new Xorshift32(11);
    for (let round = 0; round < 60; round += 1) {
      const replica = newReplica();
      for (const step of steps) {
        const bytes = fromHex(step.bytes);
        const damaged = random.below(3) === 0 ? bytes.slice(0, random.below(bytes.length + 1)) : bytes;
        for (let flips = random.below(3); flips > 0 && damaged.length > 0; flips -= 1) {
          const at = random.below(damaged.length);
          damaged[at] = (damaged[at] ?? 0) ^ (1 << random.below(8));
        }
        const before = replica.latest;
        const refused = decoded(() => replica.take(damaged)) instanceof DecodeError;
        expect(replica.latest === before).toBe(refused);
      }
    }
  });
});
