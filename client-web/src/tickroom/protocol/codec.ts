/** Control messages ↔ bytes. Mirror of `shared/src/codec.rs`; the only file that names enum indices. */

import { readBool, readBytes, readLength, readText, readU16, readU32, writeText, writeU32 } from "./bincode.ts";
import { NAME_BYTES_MAX, PLAYERS_MAX, SERVER_MESSAGE_BYTES_MAX, SETUP_BYTES_MAX } from "./limits.ts";
import type { ClientMessage, Joined, MatchEnd, Refusal, RosterEntry, ServerMessage } from "./message.ts";
import { Reader } from "./reader.ts";
import { DecodeError } from "./record.ts";
import { Writer } from "./writer.ts";

/** Bytes of the shortest roster entry: player, entity, bot, length of the name. */
const ROSTER_ENTRY_BYTES_MIN = 4;

/** The bytes of a client's message. */
export function encodeClient(message: ClientMessage): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  switch (message.kind) {
    case "join":
      writeU32(writer, 0);
      writeU32(writer, message.protocol);
      writeText(writer, message.name);
      break;
    case "leave":
      writeU32(writer, 1);
      break;
  }
  return writer.finish();
}

/** Reads a server's message; throws `DecodeError`. */
export function decodeServer(bytes: Uint8Array): ServerMessage {
  if (bytes.byteLength > SERVER_MESSAGE_BYTES_MAX) {
    throw new DecodeError("too many", `${bytes.byteLength} message bytes`);
  }
  const reader = new Reader(bytes);
  const message = readServerMessage(reader);
  reader.finish();
  return message;
}

function readServerMessage(reader: Reader): ServerMessage {
  const index = readU32(reader);
  switch (index) {
    case 0:
      return { kind: "joined", ...readJoined(reader) };
    case 1:
      return { kind: "refused", refusal: readRefusal(reader) };
    case 2:
      return { kind: "left" };
    case 3:
      return { kind: "player joined", entry: readRosterEntry(reader) };
    case 4:
      return { kind: "player left", player: readU16(reader) };
    case 5:
      return { kind: "match ended", reason: readMatchEnd(reader) };
    case 6:
      return { kind: "server closing" };
    default:
      throw new DecodeError("unknown", `server message ${index}`);
  }
}

function readJoined(reader: Reader): Joined {
  return {
    matchId: readU32(reader),
    player: readU16(reader),
    entity: readU16(reader),
    tick: readU32(reader),
    tickHz: readU16(reader),
    snapshotIntervalTicks: reader.u8(),
    roster: readRoster(reader),
    setup: readBytes(reader, "setup bytes", SETUP_BYTES_MAX),
  };
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
      return { kind: "already joined" };
    case 3:
      return { kind: "server full" };
    case 4:
      return { kind: "busy" };
    case 5:
      return { kind: "server closing" };
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
    default:
      throw new DecodeError("unknown", `end of a match ${index}`);
  }
}
