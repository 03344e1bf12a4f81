import { describe, expect, test } from "vitest";

import { eventRecord, type Event } from "../src/arena/protocol/event.ts";
import { inputRecord } from "../src/arena/protocol/input.ts";
import { decodeMap } from "../src/arena/protocol/map.ts";
import { bodyRecord, type Body } from "../src/arena/protocol/state.ts";
import { decodeServer, encodeClient } from "../src/tickroom/protocol/codec.ts";
import { encodeInputPacket } from "../src/tickroom/protocol/input.ts";
import { ENTITY_NONE, PROTOCOL_VERSION, type ClientMessage, type RosterEntry, type ServerMessage } from "../src/tickroom/protocol/message.ts";
import { DecodeError } from "../src/tickroom/protocol/record.ts";
import { decodeSnapshot, type Snapshot } from "../src/tickroom/protocol/snapshot.ts";
import { fromHex, golden, toHex } from "./golden.ts";

interface Row {
  readonly kind: "client_message" | "server_message" | "map" | "input" | "snapshot";
  readonly bytes: string;
  readonly value?: unknown;
  readonly refused?: true;
}

const file = golden<Row>("codec.json");

function rows(kind: Row["kind"], refused: boolean): Row[] {
  const found = file.rows.filter((row) => row.kind === kind && (row.refused === true) === refused);
  expect(found.length).toBeGreaterThan(0);
  return found;
}

function clientMessageOf(value: unknown): ClientMessage {
  if (value === "Leave") {
    return { kind: "leave" };
  }
  const { Join } = value as { Join: { protocol: number; name: string } };
  return { kind: "join", ...Join };
}

/** A message as Rust's serde writes it in JSON. */
function serdeOf(message: ServerMessage): unknown {
  switch (message.kind) {
    case "joined":
      return {
        Joined: {
          match_id: message.matchId,
          player: message.player,
          entity: message.entity,
          tick: message.tick,
          tick_hz: message.tickHz,
          snapshot_interval_ticks: message.snapshotIntervalTicks,
          roster: message.roster.map((entry: RosterEntry) => ({ ...entry })),
          setup: [...message.setup],
        },
      };
    case "refused":
      return {
        Refused:
          message.refusal.kind === "protocol mismatch"
            ? { ProtocolMismatch: { server: message.refusal.server } }
            : pascal(message.refusal.kind),
      };
    case "player joined":
      return { PlayerJoined: message.entry };
    case "player left":
      return { PlayerLeft: { player: message.player } };
    case "match ended":
      return { MatchEnded: { reason: pascal(message.reason) } };
    case "left":
    case "server closing":
      return pascal(message.kind);
  }
}

function pascal(words: string): string {
  return words.replace(/(?:^| )(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function snapshotValueOf(snapshot: Snapshot<Body, Event>): unknown {
  return {
    tick: snapshot.tick,
    slack: snapshot.slackTicks === undefined ? -128 : snapshot.slackTicks * 4,
    own: snapshot.own ?? ENTITY_NONE,
    slipped: snapshot.slipped,
    events: snapshot.events.map(({ ageTicks, event }) => ({ age: ageTicks, ...event })),
    entities: [...snapshot.entities].map(([entity, body]) => [entity, [body.x, body.y, body.vx, body.vy]]),
  };
}

describe("the codec agrees with Rust", () => {
  test("on the protocol version", () => {
    expect(file.protocol).toBe(PROTOCOL_VERSION);
  });

  test("on what a client's message looks like", () => {
    for (const row of rows("client_message", false)) {
      expect(toHex(encodeClient(clientMessageOf(row.value)))).toBe(row.bytes);
    }
  });

  test("on what a server's message says", () => {
    for (const row of rows("server_message", false)) {
      expect(serdeOf(decodeServer(fromHex(row.bytes)))).toEqual(row.value);
    }
  });

  test("on maps", () => {
    for (const row of rows("map", false)) {
      expect(decodeMap(fromHex(row.bytes))).toEqual(row.value);
    }
  });

  test("on what inputs look like", () => {
    for (const row of rows("input", false)) {
      const { acked, newest, inputs } = row.value as { acked: number; newest: number; inputs: [number, number][] };
      const packet = { acked, newest, inputs: inputs.map(([moveX, moveY]) => ({ moveX, moveY })) };
      expect(toHex(encodeInputPacket(packet, inputRecord))).toBe(row.bytes);
    }
  });

  test("on what a snapshot says", () => {
    for (const row of rows("snapshot", false)) {
      expect(snapshotValueOf(decodeSnapshot(fromHex(row.bytes), bodyRecord, eventRecord))).toEqual(row.value);
    }
  });

  test("on what is refused", () => {
    for (const row of rows("server_message", true)) {
      expect(() => decodeServer(fromHex(row.bytes)), row.bytes).toThrow(DecodeError);
    }
    for (const row of rows("snapshot", true)) {
      expect(() => decodeSnapshot(fromHex(row.bytes), bodyRecord, eventRecord), row.bytes).toThrow(DecodeError);
    }
  });
});
