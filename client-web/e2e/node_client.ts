/** A player in Node with the official client of Socket.IO, without anything of ours but the bytes. */

import { Manager, type Socket } from "socket.io-client";
import { expect } from "vitest";

import { arena } from "../src/arena/game.ts";
import type { Event } from "../src/arena/protocol/event.ts";
import { NEUTRAL } from "../src/arena/protocol/input.ts";
import type { Own } from "../src/arena/protocol/own.ts";
import type { PlayerState } from "../src/arena/protocol/state.ts";
import type { Status } from "../src/arena/protocol/status.ts";
import { decodeLobbyReply, decodeServer, encodeLobbyRequest } from "../src/tickroom/protocol/codec.ts";
import { compactParser } from "../src/tickroom/net/compact_parser.ts";
import type { ParserName } from "../src/tickroom/net/connection.ts";
import { encodeInputPacket, VIEW_AGE_UNKNOWN } from "../src/tickroom/protocol/input.ts";
import { encodeLookPacket } from "../src/tickroom/protocol/look.ts";
import {
  COMPACT_EVENTS,
  ENTITY_NONE,
  GAME,
  LOBBY,
  PROTOCOL_VERSION,
  type Joined,
  type LobbyReply,
  type LobbyRequest,
  type MatchChoice,
  type ServerMessage,
} from "../src/tickroom/protocol/message.ts";
import { Replica, type Snapshot } from "../src/tickroom/protocol/replica.ts";
import { until } from "./poll.ts";

const ANSWER_MS_MAX = 90_000;

/** Ticks ahead of the last snapshot that an input is for: more than the way takes, less than the server keeps. */
const LEAD_TICKS = 8;

/** Far enough that no rounding and no push of a wall explains it, grid steps. */
const WALKED_STEPS = 32 * 40;

export type ArenaSnapshot = Snapshot<Status, PlayerState, Own, Event>;

export class NodeClient {
  readonly manager: Manager;
  readonly lobby: Socket;
  readonly snapshots: ArenaSnapshot[] = [];
  readonly messages: ServerMessage[] = [];
  /** What the game's namespace said to its end, or why it let nobody in. */
  readonly farewells: string[] = [];
  private gameSocket: Socket | undefined;
  private readonly replica = new Replica(arena);
  private walks = false;

  constructor(
    url: string,
    transports: ("polling" | "websocket")[] = ["websocket"],
    reconnection = false,
    parser: ParserName = "default",
  ) {
    const compact = { parser: compactParser(COMPACT_EVENTS), query: { parser } };
    this.manager = new Manager(url, {
      ...(parser === "compact" ? compact : {}),
      transports,
      reconnection,
      reconnectionDelay: 50,
      autoConnect: false,
    });
    this.lobby = this.manager.socket(LOBBY).connect();
  }

  get game(): Socket {
    if (this.gameSocket === undefined) {
      throw new Error("there is no seat yet");
    }
    return this.gameSocket;
  }

  get transport(): string {
    return this.manager.engine.transport.name;
  }

  async ask(request: LobbyRequest): Promise<LobbyReply> {
    const answer: unknown = await this.lobby
      .timeout(ANSWER_MS_MAX)
      .emitWithAck("message", Buffer.from(encodeLobbyRequest(request)));
    expect(answer).toBeInstanceOf(Uint8Array);
    return decodeLobbyReply(answer as Uint8Array);
  }

  join(name: string, choice: MatchChoice = { kind: "any" }, protocol = PROTOCOL_VERSION): Promise<LobbyReply> {
    return this.ask({ kind: "join", protocol, name, choice });
  }

  async seat(name: string): Promise<string> {
    return tokenOf(await this.join(name));
  }

  /** Sees this match from now on, without being in it. */
  async watch(matchId: number): Promise<void> {
    this.sit(tokenOf(await this.ask({ kind: "watch", protocol: PROTOCOL_VERSION, matchId })));
    await until("the match is seen", () => this.snapshots[0]);
  }

  /** Connects to the game with this token; what comes is written down. */
  sit(token: string): void {
    const game = this.manager.socket(GAME, { auth: { token } });
    this.gameSocket = game;
    game.on("message", (bytes: Buffer) => this.messages.push(decodeServer(bytes)));
    // Whoever comes back begins with a keyframe.
    game.on("snapshot", (bytes: Buffer) => this.take(this.replica.take(bytes)));
    game.on("connect_error", (error) => this.farewells.push(`refused: ${error.message}`));
    game.on("disconnect", (reason) => this.farewells.push(`disconnect: ${reason}`));
    game.connect();
  }

  /** The `count`th welcome. */
  joined(count = 1): Promise<Joined> {
    return until("the welcome", () => {
      const welcomes = this.messages.filter((message) => message.kind === "joined");
      return welcomes[count - 1];
    });
  }

  own(entity: number): PlayerState | undefined {
    return this.snapshots.at(-1)?.entities.get(entity);
  }

  /** Walks until the server says that the entity is elsewhere. */
  async walk(entity: number): Promise<void> {
    const start = await until("the own entity is seen", () => this.own(entity));
    this.walks = true;
    await until("the own entity moves", () => {
      const now = this.own(entity);
      const isElsewhere =
        now !== undefined && Math.hypot(now.body.x - start.body.x, now.body.y - start.body.y) > WALKED_STEPS;
      return isElsewhere ? true : undefined;
    });
    this.walks = false;
  }

  close(): void {
    this.lobby.disconnect();
    this.gameSocket?.disconnect();
  }

  private take(snapshot: ArenaSnapshot): void {
    this.snapshots.push(snapshot);
    this.game.emit(...this.answerTo(snapshot));
  }

  /** Also one that rests or watches acknowledges what it got: the server sends nothing to a client that is silent. */
  private answerTo({ tick }: ArenaSnapshot): [string, Buffer] {
    if (this.messages.some(({ kind }) => kind === "watching")) {
      const look = encodeLookPacket({ acked: tick, look: { kind: "follow", entity: ENTITY_NONE }, hidden: false, resync: false });
      return ["look", Buffer.from(look)];
    }
    const moveY = this.snapshots.length % 80 < 40 ? 127 : -127;
    const wish = this.walks ? { ...NEUTRAL, moveX: 127, moveY } : NEUTRAL;
    const inputs = Array.from({ length: 3 }, () => wish);
    const packet = {
      acked: tick,
      newest: tick + LEAD_TICKS,
      inputs,
      viewAge: VIEW_AGE_UNKNOWN,
      hidden: false,
      resync: false,
    };
    return ["input", Buffer.from(encodeInputPacket(packet, arena.input))];
  }
}

function tokenOf(reply: LobbyReply): string {
  if (reply.kind !== "seat") {
    throw new Error(`no seat: ${JSON.stringify(reply)}`);
  }
  return reply.token;
}
