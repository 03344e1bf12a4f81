import { describe, expect, test } from "vitest";

import { inputRecord } from "../src/arena/protocol/input.ts";
import { decodeMap } from "../src/arena/protocol/map.ts";
import { decodeScores } from "../src/arena/protocol/scores.ts";
import { decodeLobbyReply, decodeServer, encodeLobbyRequest } from "../src/tickroom/protocol/codec.ts";
import { encodeInputPacket } from "../src/tickroom/protocol/input.ts";
import { encodeLookPacket, type Look } from "../src/tickroom/protocol/look.ts";
import {
  PROTOCOL_VERSION,
  type LobbyReply,
  type LobbyRequest,
  type MatchChoice,
  type RosterEntry,
  type ServerMessage,
  type Watching,
} from "../src/tickroom/protocol/message.ts";
import { decodePresences, presenceByte } from "../src/tickroom/protocol/presence.ts";
import { DecodeError } from "../src/tickroom/protocol/record.ts";
import { encodeSteer, SPEEDS_QUARTERS } from "../src/tickroom/protocol/steer.ts";
import { fromHex, golden, toHex } from "./golden.ts";

interface Row {
  readonly kind: "lobby_request" | "lobby_reply" | "server_message" | "map" | "scores" | "input" | "look" | "steer" | "presences";
  readonly bytes: string;
  readonly value?: unknown;
  readonly refused?: true;
}

interface InputValue {
  readonly fire: boolean;
  readonly rail: boolean;
  readonly dash: boolean;
  readonly move_x: number;
  readonly move_y: number;
  readonly aim: number;
}

interface PacketValue {
  readonly acked: number;
  readonly newest: number;
  readonly inputs: readonly InputValue[];
  readonly view_age: number;
  readonly hidden: boolean;
  readonly resync: boolean;
}

const file = golden<Row>("codec.json");

function rows(kind: Row["kind"], refused: boolean): Row[] {
  const found = file.rows.filter((row) => row.kind === kind && (row.refused === true) === refused);
  expect(found.length).toBeGreaterThan(0);
  return found;
}

function lobbyRequestOf(value: unknown): LobbyRequest {
  if (value === "List" || value === "Replays") {
    return { kind: value === "List" ? "list" : "replays" };
  }
  const { Watch } = value as { Watch?: { protocol: number; match_id: number | null } };
  if (Watch !== undefined) {
    return { kind: "watch", protocol: Watch.protocol, matchId: Watch.match_id ?? undefined };
  }
  if ("Replay" in (value as object)) {
    const { Replay } = value as { Replay: { protocol: number; name: string; tick: number } };
    return { kind: "replay", ...Replay };
  }
  const { Join } = value as { Join: { protocol: number; name: string; choice: Choice } };
  return { kind: "join", ...Join, choice: choiceOf(Join.choice) };
}

type Choice =
  | "Any"
  | "New"
  | { readonly Id: number }
  | { readonly Private: { readonly mode: string | null; readonly map: string | null } }
  | { readonly Code: string };

const PLAIN = { Any: "any", New: "new" } as const;

function choiceOf(choice: Choice): MatchChoice {
  if (typeof choice === "string") {
    return { kind: PLAIN[choice] };
  }
  if ("Private" in choice) {
    return { kind: "private", mode: choice.Private.mode ?? undefined, map: choice.Private.map ?? undefined };
  }
  return "Id" in choice ? { kind: "id", matchId: choice.Id } : { kind: "code", code: choice.Code };
}

/** A reply as Rust's serde writes it in JSON. */
function serdeOfReply(reply: LobbyReply): unknown {
  switch (reply.kind) {
    case "matches":
      return { Matches: { matches: reply.matches.map(({ matchId, ...entry }) => ({ match_id: matchId, ...entry })), offer: reply.offer } };
    case "seat":
      return { Seat: { token: reply.token } };
    case "refused":
      return {
        Refused:
          reply.refusal.kind === "protocol mismatch"
            ? { ProtocolMismatch: { server: reply.refusal.server } }
            : pascal(reply.refusal.kind),
      };
    case "replays":
      return {
        Replays: reply.replays.map(({ filledTo, writtenS, ...entry }) => ({ ...entry, filled_to: filledTo, written_s: writtenS })),
      };
  }
}

/** A message as Rust's serde writes it in JSON. */
function serdeOf(message: ServerMessage): unknown {
  switch (message.kind) {
    case "joined": {
      const { player, entity, code, recording } = message;
      return { Joined: { player, entity, ...serdeOfWatching(message), code: code ?? null, recording: recording ?? null } };
    }
    case "watching":
      return { Watching: serdeOfWatching(message) };
    case "replaying":
      return {
        Replaying: {
          watching: serdeOfWatching(message.watching),
          end_tick: message.endTick,
          speed_quarters: message.speedQuarters,
        },
      };
    case "seeking":
      return { Seeking: { tick: message.tick } };
    case "player joined":
      return { PlayerJoined: message.entry };
    case "player left":
      return { PlayerLeft: { player: message.player } };
    case "match ended":
      return { MatchEnded: { reason: pascal(message.reason) } };
    case "setup":
      return { Setup: [...message.setup] };
    case "scores":
      return { Scores: [...message.scores] };
    case "server closing":
      return { ServerClosing: { in_s: message.inS } };
    case "seat taken":
      return pascal(message.kind);
  }
}

function serdeOfWatching(watching: Watching): Record<string, unknown> {
  return {
    match_id: watching.matchId,
    tick: watching.tick,
    tick_hz: watching.tickHz,
    snapshot_interval_ticks: watching.snapshotIntervalTicks,
    roster: watching.roster.map((entry: RosterEntry) => ({ ...entry })),
    setup: [...watching.setup],
    scores: [...watching.scores],
  };
}

function pascal(words: string): string {
  return words.replace(/(?:^| )(\w)/g, (_, letter: string) => letter.toUpperCase());
}

describe("the codec agrees with Rust", () => {
  test("on the protocol version", () => {
    expect(file.protocol).toBe(PROTOCOL_VERSION);
  });

  test("on what a client asks the lobby", () => {
    for (const row of rows("lobby_request", false)) {
      expect(toHex(encodeLobbyRequest(lobbyRequestOf(row.value)))).toBe(row.bytes);
    }
  });

  test("on what the lobby answers", () => {
    for (const row of rows("lobby_reply", false)) {
      expect(serdeOfReply(decodeLobbyReply(fromHex(row.bytes)))).toEqual(row.value);
    }
  });

  test("on what a server's message says", () => {
    for (const row of rows("server_message", false)) {
      expect(serdeOf(decodeServer(fromHex(row.bytes)))).toEqual(row.value);
    }
  });

  test("on maps", () => {
    for (const row of rows("map", false)) {
      const { homes, pickups, ...map } = decodeMap(fromHex(row.bytes));
      const named = pickups.map(({ kind, x, y }) => ({ kind: pascal(kind), x, y }));
      expect({ ...map, pickups: named, homes: homes ?? null }).toEqual(row.value);
    }
  });

  test("on how everybody stands", () => {
    for (const row of rows("scores", false)) {
      const scores = [...decodeScores(fromHex(row.bytes))];
      const rowOf = ([entity, { score, kills, deaths, assists, team }]: (typeof scores)[number]): unknown[] => [entity, score, kills, deaths, assists, team ?? null];
      expect(scores.map(rowOf)).toEqual(row.value);
    }
  });

  test("on what inputs look like", () => {
    for (const row of rows("input", false)) {
      const { inputs, view_age, ...rest } = row.value as PacketValue;
      const packet = {
        ...rest,
        viewAge: view_age,
        inputs: inputs.map(({ move_x, move_y, ...input }) => ({ ...input, moveX: move_x, moveY: move_y })),
      };
      expect(toHex(encodeInputPacket(packet, inputRecord))).toBe(row.bytes);
    }
  });

  test("on what a viewer looks at", () => {
    for (const row of rows("look", false)) {
      const { follow, place, ...rest } = row.value as {
        follow: number | null;
        place: [number, number] | null;
        acked: number;
        hidden: boolean;
        resync: boolean;
      };
      const [x, y] = place ?? [0, 0];
      const look: Look = follow === null ? { kind: "place", x, y } : { kind: "follow", entity: follow };
      expect(toHex(encodeLookPacket({ ...rest, look }))).toBe(row.bytes);
    }
  });

  test("on how a recording is steered", () => {
    for (const row of rows("steer", false)) {
      const { quarters, to } = row.value as { quarters: number; to: number | null };
      expect(SPEEDS_QUARTERS).toContain(quarters);
      expect(toHex(encodeSteer({ quarters, to: to ?? undefined }))).toBe(row.bytes);
    }
  });

  test("on how everybody is reached", () => {
    for (const row of rows("presences", false)) {
      const presences = [...decodePresences(fromHex(row.bytes))];
      const rowOf = ([player, presence]: (typeof presences)[number]): unknown[] => [
        player,
        presenceByte(presence),
        typeof presence === "number" ? presence : null,
      ];
      expect(presences.map(rowOf)).toEqual(row.value);
    }
  });

  test("on what is refused", () => {
    for (const row of rows("lobby_reply", true)) {
      expect(() => decodeLobbyReply(fromHex(row.bytes)), row.bytes).toThrow(DecodeError);
    }
    for (const row of rows("server_message", true)) {
      expect(() => decodeServer(fromHex(row.bytes)), row.bytes).toThrow(DecodeError);
    }
    for (const row of rows("scores", true)) {
      expect(() => decodeScores(fromHex(row.bytes)), row.bytes).toThrow(DecodeError);
    }
    for (const row of rows("presences", true)) {
      expect(() => decodePresences(fromHex(row.bytes)), row.bytes).toThrow(DecodeError);
    }
  });
});
