/**
 * The one connection to the server: two namespaces of Socket.IO over one stream, their state, and the round trip. Knows
 * nothing of what the bytes mean.
 *
 * The lobby is there as long as the connection is; the game's namespace only while there is a seat. The states are those
 * of `link.ts`. The retries are our own and not those of the library: those stay silent after a loss that the server
 * wanted, and the page could not tell when the next try comes.
 */

import { Manager, type Socket } from "socket.io-client";

import {
  COMPACT_EVENTS,
  EVENT_INPUT,
  EVENT_LEAVE,
  EVENT_LOOK,
  EVENT_MESSAGE,
  EVENT_PING,
  EVENT_SNAPSHOT,
  EVENT_STEER,
  GAME,
  LOBBY,
} from "../protocol/message.ts";
import { CompactMismatch, compactParser } from "./compact_parser.ts";
import type { Link, LinkListener, LinkState, ServerBeat } from "./link.ts";
import { GIVE_UP_MS, retryDelayMs } from "./retry.ts";
import { Seat } from "./seat.ts";
import { transportsOf, type TransportName } from "./transports.ts";
import { Silence } from "./silence.ts";

const CONNECT_TIMEOUT_MS = 8000;
const ANSWER_TIMEOUT_MS = 5000;
const PING_INTERVAL_MS = 1000;

/** After this a ping is forgotten, so that they do not pile up. */
const PING_TIMEOUT_MS = 30_000;

/** With this much waiting in the browser, further inputs would only arrive late: they are held back. */
const BACKLOG_BYTES_MAX = 16 * 1024;

/** The same in packets that wait for the transport, as between two requests of polling and during an upgrade. */
const BACKLOG_PACKETS_MAX = 8;

/** `WebSocket.OPEN`; the states beyond it are closing and closed. */
const WEBSOCKET_OPEN = 1;

/** What an Engine.IO server answers to whoever asks for a parser that it has not. */
const PARSER_UNKNOWN = '"message":"Parser unknown"';

/** How packets are written: as Socket.IO does, or with one frame for each event of `COMPACT_EVENTS`. */
export type ParserName = "default" | "compact";

/** By the value of `?parser=`: `default` is that of Socket.IO. */
export function parserOf(wish: string | null): ParserName {
  return wish === "default" ? "default" : "compact";
}

export class Connection implements Link {
  private readonly manager: Manager;
  private readonly lobby: Socket;
  private readonly game: Socket;
  private readonly seat: Seat;
  private current: LinkState = { kind: "connecting" };
  private token = "";
  private attempt = 0;
  private lostMs: number | undefined;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly pingTimer: ReturnType<typeof setInterval>;
  private silence = new Silence(0);
  private roundTrip: number | undefined;
  private beat: ServerBeat | undefined;
  private unparsable = 0;
  /** Of them those since the last event that was read: each makes the next try wait longer. */
  private unparsableInRow = 0;

  /** Connects to `url`, or to the host of the page when it is undefined. */
  constructor(
    url: string | undefined,
    private readonly listener: LinkListener,
    transports: TransportName[] = transportsOf(null),
    parser: ParserName = "compact",
  ) {
    const options = {
      ...(parser === "compact" ? { parser: compactParser(COMPACT_EVENTS), query: { parser } } : {}),
      transports,
      tryAllTransports: true,
      reconnection: false,
      autoConnect: false,
      timeout: CONNECT_TIMEOUT_MS,
    };
    this.manager = url === undefined ? new Manager(options) : new Manager(url, options);
    this.lobby = this.manager.socket(LOBBY);
    this.game = this.manager.socket(GAME, { auth: (give) => give({ token: this.token }) });
    this.seat = new Seat({
      connect: (token) => {
        this.token = token;
        this.game.connect();
      },
      disconnect: () => this.game.disconnect(),
      leave: (answered) => this.game.timeout(ANSWER_TIMEOUT_MS).emit(EVENT_LEAVE, () => answered()),
    });
    this.lobby.on("connect", () => this.online());
    this.lobby.on("connect_error", (error) => this.refused(error));
    this.lobby.on("disconnect", (reason, details) => this.ended(reason, details));
    this.game.on("connect", () => this.seated());
    this.game.on("connect_error", () => this.seatRefused());
    this.game.on("disconnect", (reason) => this.seatLost(reason));
    this.game.on(EVENT_MESSAGE, (data: unknown) => this.receive(data, (bytes) => listener.onMessage(bytes)));
    this.game.on(EVENT_SNAPSHOT, (data: unknown) => this.receive(data, (bytes) => listener.onSnapshot(bytes)));
    this.pingTimer = setInterval(() => this.ping(), PING_INTERVAL_MS);
    this.lobby.connect();
  }

  get state(): LinkState {
    return this.current;
  }

  get roundTripMs(): number | undefined {
    return this.roundTrip;
  }

  get serverBeat(): ServerBeat | undefined {
    return this.beat;
  }

  get parseErrors(): number {
    return this.unparsable;
  }

  get transport(): string | undefined {
    return this.lobby.connected ? this.manager.engine.transport.name : undefined;
  }

  ask(bytes: Uint8Array, answered: (answer: Uint8Array | undefined) => void): void {
    if (!this.lobby.connected || this.isClosing) {
      answered(undefined);
      return;
    }
    this.lobby.timeout(ANSWER_TIMEOUT_MS).emit(EVENT_MESSAGE, bytes, (error: Error | null, answer: unknown) => {
      answered(error === null ? bytesOf(answer) : undefined);
    });
  }

  sit(token: string): void {
    if (this.current.kind === "online") {
      this.seat.sit(token);
    }
  }

  leave(): void {
    this.seat.leave();
  }

  rest(): void {
    this.stop({ kind: "resting" });
  }

  retry(): void {
    const { kind } = this.current;
    if (kind === "gone" || kind === "resting" || kind === "outdated") {
      this.lostMs = undefined;
      this.attempt = 0;
      this.become({ kind: "connecting" });
      this.lobby.connect();
    } else if (this.current.kind === "reconnecting" && this.retryTimer !== undefined) {
      this.connect();
    }
  }

  get canSendInput(): boolean {
    return (
      this.game.connected &&
      !this.isClosing &&
      this.seat.isWanted &&
      this.manager.engine.writeBuffer.length <= BACKLOG_PACKETS_MAX &&
      this.backlogBytes() <= BACKLOG_BYTES_MAX
    );
  }

  sendInput(bytes: Uint8Array): void {
    if (this.canSendInput) {
      this.game.emit(EVENT_INPUT, bytes);
    }
  }

  sendLook(bytes: Uint8Array): void {
    if (this.canSendInput) {
      this.game.emit(EVENT_LOOK, bytes);
    }
  }

  sendSteer(bytes: Uint8Array): void {
    if (this.game.connected && this.seat.isWanted) {
      this.game.emit(EVENT_STEER, bytes);
    }
  }

  /** Ends the connection for good. */
  close(): void {
    clearTimeout(this.retryTimer);
    clearInterval(this.pingTimer);
    this.seat.reset();
    for (const socket of [this.lobby, this.game]) {
      socket.off();
      socket.disconnect();
    }
  }

  private online(): void {
    this.attempt = this.unparsableInRow;
    this.lostMs = undefined;
    this.become({ kind: "online" });
  }

  /** No more tries until `retry`. */
  private stop(state: LinkState): void {
    clearTimeout(this.retryTimer);
    this.retryTimer = undefined;
    this.become(state);
    this.seat.reset();
    this.game.disconnect();
    this.lobby.disconnect();
  }

  private refused(error: unknown): void {
    if (isParserUnknown(error)) {
      this.stop({ kind: "outdated", server: "none" });
    } else {
      this.lost();
    }
  }

  private ended(reason: string, details: unknown): void {
    if (reason === "parse error") {
      this.unparsable += 1;
      this.unparsableInRow += 1;
    }
    if (details instanceof CompactMismatch) {
      this.stop({ kind: "outdated", server: details.found });
    } else {
      this.lost();
    }
  }

  private lost(): void {
    if (this.current.kind === "resting" || this.current.kind === "outdated") {
      return;
    }
    // Otherwise the library would ask for the seat by itself as soon as there is a stream, and we once more.
    this.seat.reset();
    this.game.disconnect();
    const nowMs = performance.now();
    this.lostMs ??= nowMs;
    clearTimeout(this.retryTimer);
    this.retryTimer = undefined;
    if (nowMs - this.lostMs > GIVE_UP_MS) {
      this.become({ kind: "gone" });
      return;
    }
    this.attempt += 1;
    const delayMs = retryDelayMs(this.attempt, Math.random());
    this.retryTimer = setTimeout(() => this.connect(), delayMs);
    this.become({ kind: "reconnecting", attempt: this.attempt, retryAtMs: nowMs + delayMs, lostMs: this.lostMs });
  }

  private connect(): void {
    clearTimeout(this.retryTimer);
    this.retryTimer = undefined;
    const nowMs = performance.now();
    this.become({ kind: "reconnecting", attempt: this.attempt, retryAtMs: nowMs, lostMs: this.lostMs ?? nowMs });
    this.lobby.connect();
  }

  private become(state: LinkState): void {
    this.current = state;
    this.listener.onState(state);
  }

  private seated(): void {
    this.roundTrip = undefined;
    this.beat = undefined;
    this.silence = new Silence(performance.now());
    this.seat.answered();
    this.ping();
  }

  /** An active socket has lost its stream, which the lobby tells as well; another was turned away by the server. */
  private seatRefused(): void {
    if (!this.game.active && this.seat.ended()) {
      this.listener.onSeatRefused();
    }
  }

  private seatLost(reason: string): void {
    if (reason === "io client disconnect") {
      return;
    }
    if (reason !== "io server disconnect" || !this.lobby.connected) {
      this.seat.reset();
    } else if (this.seat.ended()) {
      this.listener.onSeatLost();
    }
  }

  private ping(): void {
    if (!this.game.connected || this.isClosing) {
      return;
    }
    const sentMs = performance.now();
    if (this.silence.judge(sentMs)) {
      // Both namespaces hear `disconnect`, which begins the tries.
      this.manager.engine.close();
      return;
    }
    const { silence, listener } = this;
    const answered = (error: Error | null, tickUs?: unknown, ticksSlipped?: unknown, presences?: unknown): void => {
      if (error === null) {
        silence.heard();
        this.roundTrip = performance.now() - sentMs;
        this.beat = beatOf(tickUs, ticksSlipped);
        this.receive(presences, (bytes) => listener.onPresences(bytes));
      }
    };
    this.game.timeout(PING_TIMEOUT_MS).emit(EVENT_PING, listener.presenceByte(), answered);
  }

  /** Binary data of the seat. What still comes of one that is given back is not for the next. */
  private receive(data: unknown, take: (bytes: Uint8Array) => void): void {
    const bytes = bytesOf(data);
    if (bytes !== undefined && this.seat.isWanted) {
      this.unparsableInRow = 0;
      take(bytes);
    }
  }

  /** Bytes that the browser has not handed to the network yet; 0 when the transport cannot tell. */
  private backlogBytes(): number {
    const bytes = this.stream?.["bufferedAmount"];
    return typeof bytes === "number" ? bytes : 0;
  }

  /** The server has begun to close the WebSocket, and the library has not heard of it yet: what is sent now is lost. */
  private get isClosing(): boolean {
    const state = this.stream?.["readyState"];
    return typeof state === "number" && state > WEBSOCKET_OPEN;
  }

  private get stream(): Record<string, unknown> | undefined {
    const transport: unknown = this.manager.engine.transport;
    const stream = isObject(transport) ? transport["ws"] : undefined;
    return isObject(stream) ? stream : undefined;
  }
}

/** The answer of a server that has no compact parser, to a request of polling; a WebSocket would not tell. */
function isParserUnknown(error: unknown): boolean {
  const request = isObject(error) ? error["context"] : undefined;
  const answer = isObject(request) ? request["responseText"] : undefined;
  return typeof answer === "string" && answer.includes(PARSER_UNKNOWN);
}

/** What an answer to a ping says; a server may say nothing. */
function beatOf(tickUs: unknown, ticksSlipped: unknown): ServerBeat | undefined {
  return isCount(tickUs) && isCount(ticksSlipped) ? { tickMs: tickUs / 1000, ticksSlipped } : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Binary data as the browser (ArrayBuffer) or Node (Buffer) hands it over. */
function bytesOf(data: unknown): Uint8Array | undefined {
  if (data instanceof Uint8Array) {
    return data;
  }
  return data instanceof ArrayBuffer ? new Uint8Array(data) : undefined;
}
