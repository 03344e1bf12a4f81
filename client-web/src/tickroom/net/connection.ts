/**
 * The one connection to the server: bytes in and out over Socket.IO, its state, and the round trip. Knows nothing of
 * what the bytes mean.
 *
 * | state | leaves to |
 * |---|---|
 * | connecting | online, reconnecting |
 * | online | reconnecting (whatever the cause of the loss) |
 * | reconnecting | online, gone (after `GIVE_UP_MS`) |
 * | gone | connecting (only by `retry`) |
 *
 * The retries are our own and not those of the library: those stay silent after a loss that the server wanted, and
 * the page could not tell when the next try comes.
 */

import { io, type Socket } from "socket.io-client";

import { EVENT_INPUT, EVENT_MESSAGE, EVENT_PING, EVENT_SNAPSHOT } from "../protocol/message.ts";
import { GIVE_UP_MS, retryDelayMs } from "./retry.ts";

const CONNECT_TIMEOUT_MS = 8000;
const ANSWER_TIMEOUT_MS = 5000;
const PING_INTERVAL_MS = 1000;

/** A connection on which pings stay unanswered this long is dead, long before the heartbeat says so. */
const SILENCE_MS_MAX = 10_000;

/** With this much waiting in the browser, further inputs would only arrive late: they are held back. */
const BACKLOG_BYTES_MAX = 16 * 1024;

export type ConnectionState =
  | { readonly kind: "connecting" }
  | { readonly kind: "online" }
  /** The try number `attempt` is under way, or begins at `retryAtMs` of `performance.now()`. */
  | { readonly kind: "reconnecting"; readonly attempt: number; readonly retryAtMs: number }
  | { readonly kind: "gone" };

/** What the owner of a connection hears. */
export interface ConnectionListener {
  onState(state: ConnectionState): void;
  /** A `message` event. */
  onMessage(bytes: Uint8Array): void;
  /** A `snapshot` event. */
  onSnapshot(bytes: Uint8Array): void;
}

export class Connection {
  private readonly socket: Socket;
  private current: ConnectionState = { kind: "connecting" };
  private attempt = 0;
  private lostMs: number | undefined;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly pingTimer: ReturnType<typeof setInterval>;
  private answeredMs = 0;
  private roundTrip: number | undefined;

  /** Connects to `url`, or to the host of the page when it is undefined. */
  constructor(
    url: string | undefined,
    private readonly listener: ConnectionListener,
  ) {
    const options = {
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      reconnection: false,
      timeout: CONNECT_TIMEOUT_MS,
    };
    this.socket = url === undefined ? io(options) : io(url, { ...options, forceNew: true });
    this.socket.on("connect", () => this.online());
    this.socket.on("connect_error", () => this.lost());
    this.socket.on("disconnect", () => this.lost());
    this.socket.on(EVENT_MESSAGE, (data: unknown) => receive(data, (bytes) => listener.onMessage(bytes)));
    this.socket.on(EVENT_SNAPSHOT, (data: unknown) => receive(data, (bytes) => listener.onSnapshot(bytes)));
    this.pingTimer = setInterval(() => this.ping(), PING_INTERVAL_MS);
  }

  get state(): ConnectionState {
    return this.current;
  }

  /** The last measured round trip, milliseconds; undefined before the first answer. */
  get roundTripMs(): number | undefined {
    return this.roundTrip;
  }

  /** Sends a `message` event; `answered` gets the answer, or undefined when none comes. */
  ask(bytes: Uint8Array, answered: (answer: Uint8Array | undefined) => void): void {
    if (!this.socket.connected) {
      answered(undefined);
      return;
    }
    this.socket.timeout(ANSWER_TIMEOUT_MS).emit(EVENT_MESSAGE, bytes, (error: Error | null, answer: unknown) => {
      answered(error === null ? bytesOf(answer) : undefined);
    });
  }

  /** True when an `input` event would leave at once instead of waiting behind others. */
  get canSendInput(): boolean {
    return this.socket.connected && this.backlogBytes() <= BACKLOG_BYTES_MAX;
  }

  /** Sends an `input` event. Without a connection it is dropped: it would be for a tick long past. */
  sendInput(bytes: Uint8Array): void {
    if (this.canSendInput) {
      this.socket.emit(EVENT_INPUT, bytes);
    }
  }

  /** Tries at once instead of waiting, also after giving up. */
  retry(): void {
    if (this.current.kind === "gone") {
      this.lostMs = undefined;
      this.attempt = 0;
      this.become({ kind: "connecting" });
      this.socket.connect();
    } else if (this.current.kind === "reconnecting" && this.retryTimer !== undefined) {
      this.connect();
    }
  }

  /** Ends the connection for good. */
  close(): void {
    clearTimeout(this.retryTimer);
    clearInterval(this.pingTimer);
    this.socket.off();
    this.socket.disconnect();
  }

  private online(): void {
    this.attempt = 0;
    this.lostMs = undefined;
    this.roundTrip = undefined;
    this.answeredMs = performance.now();
    this.become({ kind: "online" });
    this.ping();
  }

  private lost(): void {
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
    this.become({ kind: "reconnecting", attempt: this.attempt, retryAtMs: nowMs + delayMs });
  }

  private connect(): void {
    clearTimeout(this.retryTimer);
    this.retryTimer = undefined;
    this.become({ kind: "reconnecting", attempt: this.attempt, retryAtMs: performance.now() });
    this.socket.connect();
  }

  private become(state: ConnectionState): void {
    this.current = state;
    this.listener.onState(state);
  }

  private ping(): void {
    if (!this.socket.connected) {
      return;
    }
    const sentMs = performance.now();
    if (sentMs - this.answeredMs > SILENCE_MS_MAX) {
      // Fires `disconnect`, which begins the tries.
      this.socket.disconnect();
      return;
    }
    this.socket.timeout(SILENCE_MS_MAX).emit(EVENT_PING, (error: Error | null) => {
      if (error === null) {
        this.answeredMs = performance.now();
        this.roundTrip = this.answeredMs - sentMs;
      }
    });
  }

  /** Bytes that the browser has not handed to the network yet; 0 when the transport cannot tell. */
  private backlogBytes(): number {
    const transport: unknown = this.socket.io.engine.transport;
    const stream = isObject(transport) ? transport["ws"] : undefined;
    const bytes = isObject(stream) ? stream["bufferedAmount"] : undefined;
    return typeof bytes === "number" ? bytes : 0;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function receive(data: unknown, take: (bytes: Uint8Array) => void): void {
  const bytes = bytesOf(data);
  if (bytes !== undefined) {
    take(bytes);
  }
}

/** Binary data as the browser (ArrayBuffer) or Node (Buffer) hands it over. */
function bytesOf(data: unknown): Uint8Array | undefined {
  if (data instanceof Uint8Array) {
    return data;
  }
  return data instanceof ArrayBuffer ? new Uint8Array(data) : undefined;
}
