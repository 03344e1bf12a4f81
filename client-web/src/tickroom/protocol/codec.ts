/** Control messages ↔ bytes. Mirror of `shared/src/codec.rs`; the only file that names enum indices. */

import { readBool, readBytes, readLength, readText, readU16, readU32, writeText, writeU32 } from "./bincode.ts";
import {
  MAP_NAME_BYTES_MAX,
  MAPS_OFFERED_MAX,
  MATCHES_LISTED_MAX,
  MODE_BYTES_MAX,
  MODES_OFFERED_MAX,
  NAME_BYTES_MAX,
  PHASE_BYTES_MAX,
  PLAYERS_MAX,
  REPLAY_NAME_BYTES_MAX,
  REPLAYS_LISTED_MAX,
  SCORES_BYTES_MAX,
  SERVER_MESSAGE_BYTES_MAX,
  SETUP_BYTES_MAX,
} from "./limits.ts";
import type {
  Joined,
  LobbyReply,
  LobbyRequest,
  MatchChoice,
  MatchEnd,
  MatchEntry,
  Offer,
  Refusal,
  ReplayEntry,
  Replaying,
  RosterEntry,
  ServerMessage,
  Watching,
} from "./message.ts";
import { checkedMatchCode, MATCH_CODE_LETTERS } from "./match_code.ts";
import { Reader } from "./reader.ts";
import { DecodeError } from "./record.ts";
import { Writer } from "./writer.ts";

/** Bytes of the shortest roster entry: player, entity, bot, length of the name. */
const ROSTER_ENTRY_BYTES_MIN = 4;

/** Bytes of the shortest entry of a match list: number, lengths of mode, map and phase, people, places. */
const MATCH_ENTRY_BYTES_MIN = 6;

/** Bytes of the shortest entry of a list of recordings: lengths of name, mode and map, four numbers. */
const REPLAY_ENTRY_BYTES_MIN = 7;

/** The bytes of what this client asks the lobby. */
export function encodeLobbyRequest(request: LobbyRequest): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  switch (request.kind) {
    case "list":
      writeU32(writer, 0);
      break;
    case "join":
      writeU32(writer, 1);
      writeU32(writer, request.protocol);
      writeText(writer, request.name);
      writeChoice(writer, request.choice);
      break;
    case "watch":
      writeU32(writer, 2);
      writeU32(writer, request.protocol);
      writer.u8(request.matchId === undefined ? 0 : 1);
      if (request.matchId !== undefined) {
        writeU32(writer, request.matchId);
      }
      break;
    case "replays":
      writeU32(writer, 3);
      break;
    case "replay":
      writeU32(writer, 4);
      writeU32(writer, request.protocol);
      writeText(writer, request.name);
      writeU32(writer, request.tick);
      break;
  }
  return writer.finish();
}

function writeChoice(writer: Writer, choice: MatchChoice): void {
  switch (choice.kind) {
    case "any":
      writeU32(writer, 0);
      break;
    case "new":
      writeU32(writer, 1);
      break;
    case "id":
      writeU32(writer, 2);
      writeU32(writer, choice.matchId);
      break;
    case "private":
      writeU32(writer, 3);
      writeOption(writer, choice.mode);
      writeOption(writer, choice.map);
      break;
    case "code":
      writeU32(writer, 4);
      writeText(writer, choice.code);
      break;
  }
}

/** A byte that is 0 without, then the text. */
function writeOption(writer: Writer, text: string | undefined): void {
  writer.u8(text === undefined ? 0 : 1);
  if (text !== undefined) {
    writeText(writer, text);
  }
}

/** Reads what the lobby answers; throws `DecodeError`. */
export function decodeLobbyReply(bytes: Uint8Array): LobbyReply {
  const reader = readerOf(bytes);
  const reply = readLobbyReply(reader);
  reader.finish();
  return reply;
}

function readLobbyReply(reader: Reader): LobbyReply {
  const index = readU32(reader);
  switch (index) {
    case 0:
      return { kind: "matches", matches: readMatches(reader), offer: readOffer(reader) };
    case 1:
      return { kind: "seat", token: readText(reader, "token bytes", SERVER_MESSAGE_BYTES_MAX) };
    case 2:
      return { kind: "refused", refusal: readRefusal(reader) };
    case 3:
      return { kind: "replays", replays: readReplays(reader) };
    default:
      throw new DecodeError("unknown", `lobby reply ${index}`);
  }
}

function readMatches(reader: Reader): MatchEntry[] {
  const length = readLength(reader, "matches", MATCHES_LISTED_MAX, MATCH_ENTRY_BYTES_MIN);
  const matches: MatchEntry[] = [];
  for (let index = 0; index < length; index += 1) {
    matches.push({
      matchId: readU32(reader),
      mode: readText(reader, "mode bytes", MODE_BYTES_MAX),
      map: readText(reader, "map name bytes", MAP_NAME_BYTES_MAX),
      phase: readText(reader, "phase bytes", PHASE_BYTES_MAX),
      people: readU16(reader),
      places: readU16(reader),
    });
  }
  return matches;
}

function readReplays(reader: Reader): ReplayEntry[] {
  const length = readLength(reader, "replays", REPLAYS_LISTED_MAX, REPLAY_ENTRY_BYTES_MIN);
  const replays: ReplayEntry[] = [];
  for (let index = 0; index < length; index += 1) {
    replays.push({
      name: readText(reader, "replay name bytes", REPLAY_NAME_BYTES_MAX),
      mode: readText(reader, "mode bytes", MODE_BYTES_MAX),
      map: readText(reader, "map name bytes", MAP_NAME_BYTES_MAX),
      people: readU16(reader),
      filledTo: readU16(reader),
      ticks: readU32(reader),
      writtenS: readU32(reader),
    });
  }
  return replays;
}

function readOffer(reader: Reader): Offer {
  return {
    modes: readTexts(reader, "modes", MODES_OFFERED_MAX, MODE_BYTES_MAX),
    maps: readTexts(reader, "maps", MAPS_OFFERED_MAX, MAP_NAME_BYTES_MAX),
  };
}

function readTexts(reader: Reader, what: string, max: number, bytesMax: number): string[] {
  const length = readLength(reader, what, max, 1);
  const texts: string[] = [];
  for (let index = 0; index < length; index += 1) {
    texts.push(readText(reader, `${what} bytes`, bytesMax));
  }
  return texts;
}

/** Reads a server's message; throws `DecodeError`. */
export function decodeServer(bytes: Uint8Array): ServerMessage {
  const reader = readerOf(bytes);
  const message = readServerMessage(reader);
  reader.finish();
  return message;
}

function readerOf(bytes: Uint8Array): Reader {
  if (bytes.byteLength > SERVER_MESSAGE_BYTES_MAX) {
    throw new DecodeError("too many", `${bytes.byteLength} message bytes`);
  }
  return new Reader(bytes);
}

function readServerMessage(reader: Reader): ServerMessage {
  const index = readU32(reader);
  switch (index) {
    case 0:
      return { kind: "joined", ...readJoined(reader) };
    case 1:
      return { kind: "player joined", entry: readRosterEntry(reader) };
    case 2:
      return { kind: "player left", player: readU16(reader) };
    case 3:
      return { kind: "setup", setup: readBytes(reader, "setup bytes", SETUP_BYTES_MAX) };
    case 4:
      return { kind: "seat taken" };
    case 5:
      return { kind: "match ended", reason: readMatchEnd(reader) };
    case 6:
      return { kind: "server closing", inS: readU16(reader) };
    case 7:
      return { kind: "scores", scores: readScores(reader) };
    case 8:
      return { kind: "watching", ...readWatching(reader, readU32(reader)) };
    case 9:
      return { kind: "replaying", ...readReplaying(reader) };
    case 10:
      return { kind: "seeking", tick: readU32(reader) };
    default:
      throw new DecodeError("unknown", `server message ${index}`);
  }
}

function readJoined(reader: Reader): Joined {
  const matchId = readU32(reader);
  const player = readU16(reader);
  const entity = readU16(reader);
  return { player, entity, ...readWatching(reader, matchId), code: readCode(reader), recording: readRecording(reader) };
}

function readWatching(reader: Reader, matchId: number): Watching {
  return {
    matchId,
    tick: readU32(reader),
    tickHz: readU16(reader),
    snapshotIntervalTicks: reader.u8(),
    roster: readRoster(reader),
    setup: readBytes(reader, "setup bytes", SETUP_BYTES_MAX),
    scores: readScores(reader),
  };
}

function readReplaying(reader: Reader): Replaying {
  return { watching: readWatching(reader, readU32(reader)), endTick: readU32(reader), speedQuarters: reader.u8() };
}

/** An option: a byte that is 0 without, then the text. */
function readCode(reader: Reader): string | undefined {
  return readBool(reader) ? checkedMatchCode(readText(reader, "code bytes", MATCH_CODE_LETTERS)) : undefined;
}

function readRecording(reader: Reader): string | undefined {
  return readBool(reader) ? readText(reader, "replay name bytes", REPLAY_NAME_BYTES_MAX) : undefined;
}

function readScores(reader: Reader): Uint8Array {
  return readBytes(reader, "score bytes", SCORES_BYTES_MAX);
}

function readRoster(reader: Reader): RosterEntry[] {
  const length = readLength(reader, "players", PLAYERS_MAX, ROSTER_ENTRY_BYTES_MIN);
  const roster: RosterEntry[] = [];
  for (let index = 0; index < length; index += 1) {
    roster.push(readRosterEntry(reader));
  }
  return roster;
}

function readRosterEntry(reader: Reader): RosterEntry {
  return {
    player: readU16(reader),
    entity: readU16(reader),
    bot: readBool(reader),
    name: readText(reader, "name bytes", NAME_BYTES_MAX),
  };
}

function readRefusal(reader: Reader): Refusal {
  const index = readU32(reader);
  switch (index) {
    case 0:
      return { kind: "protocol mismatch", server: readU16(reader) };
    case 1:
      return { kind: "name invalid" };
    case 2:
      return { kind: "match full" };
    case 3:
      return { kind: "match unknown" };
    case 4:
      return { kind: "server full" };
    case 5:
      return { kind: "busy" };
    case 6:
      return { kind: "server closing" };
    case 7:
      return { kind: "code unknown" };
    case 8:
      return { kind: "private full" };
    case 9:
      return { kind: "viewers full" };
    case 10:
      return { kind: "replays off" };
    case 11:
      return { kind: "replay unknown" };
    case 12:
      return { kind: "replays full" };
    case 13:
      return { kind: "replay outdated" };
    case 14:
      return { kind: "replay unreadable" };
    case 15:
      return { kind: "mode unknown" };
    case 16:
      return { kind: "map unknown" };
    default:
      throw new DecodeError("unknown", `refusal ${index}`);
  }
}

function readMatchEnd(reader: Reader): MatchEnd {
  const index = readU32(reader);
  switch (index) {
    case 0:
      return "crashed";
    case 1:
      return "closed";
    case 2:
      return "diverged";
    default:
      throw new DecodeError("unknown", `end of a match ${index}`);
  }
}
