/**
 * A player's way through connection and matches: who wants to play is joined as soon as there is a connection, and
 * again after each loss, until a match ends or the server refuses.
 *
 * | state | leaves to |
 * |---|---|
 * | idle | joining (`play`) |
 * | joining | playing, refused, joining (connection lost, server busy) |
 * | playing | joining (connection lost), ended |
 * | refused, ended | joining (`play`) |
 */

import type { Game } from "./game.ts";
import { Match } from "./match.ts";
import { Connection, type ConnectionState } from "./net/connection.ts";
import { decodeServer, encodeClient } from "./protocol/codec.ts";
import { PROTOCOL_VERSION, type Joined, type MatchEnd, type Refusal, type RosterEntry } from "./protocol/message.ts";
import { decoded, DecodeError } from "./protocol/record.ts";
import type { AgedEvent } from "./protocol/snapshot.ts";
import type { Point } from "./sim/prediction.ts";

/** Wait before asking again when the server is busy or does not answer. */
const JOIN_RETRY_MS = 1000;

/** The round trip assumed before the first ping is answered. */
const ROUND_TRIP_MS_FIRST = 60;

export type SessionState =
  | { readonly kind: "idle" }
  | { readonly kind: "joining" }
  | { readonly kind: "playing" }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "ended"; readonly reason: MatchEnd };

/** What the owner of a session hears. */
export interface SessionListener<E> {
  /** The connection, the session, or whether the server is closing has changed. */
  onChange(): void;
  onEvent(event: AgedEvent<E>): void;
}

export class Session<Setup, S, I, E, P extends Point> {
  private readonly connection: Connection;
  private readonly rosterByEntity = new Map<number, RosterEntry>();
  private current: SessionState = { kind: "idle" };
  private name: string | undefined;
  private running: Match<Setup, S, I, E, P> | undefined;
  private joinTimer: ReturnType<typeof setTimeout> | undefined;
  private closing = false;
  private undecodable = 0;

  /** `intent` is asked for the player's wish of the moment, once for each tick. */
  constructor(
    private readonly game: Game<Setup, S, I, E, P>,
    private readonly intent: () => I,
    private readonly listener: SessionListener<E>,
    url?: string,
  ) {
    this.connection = new Connection(url, {
      onState: (state) => this.connectionChanged(state),
      onMessage: (bytes) => this.receiveMessage(bytes),
      onSnapshot: (bytes) => this.receiveSnapshot(bytes),
    });
  }

  get state(): SessionState {
    return this.current;
  }

  get connectionState(): ConnectionState {
    return this.connection.state;
  }

  /** The server has said that it is shutting down, and no other has answered since. */
  get serverClosing(): boolean {
    return this.closing;
  }

  get roundTripMs(): number | undefined {
    return this.connection.roundTripMs;
  }

  /** The match that is being played. It stays to be looked at while the connection is lost. */
  get match(): Match<Setup, S, I, E, P> | undefined {
    return this.running;
  }

  /** Who steers which entity. */
  get roster(): ReadonlyMap<number, RosterEntry> {
    return this.rosterByEntity;
  }

  /** Received events that did not decode; each is a fault of the server or of the way. */
  get decodeErrors(): number {
    return this.undecodable;
  }

  /** Asks for a place under this name, now or as soon as there is a connection. */
  play(name: string): void {
    this.name = name;
    this.become({ kind: "joining" });
    this.join();
  }

  /** Tries to connect at once. */
  retry(): void {
    this.connection.retry();
  }

  /** Lets time pass: makes the inputs that are due and sends them. To be called for each frame that is drawn. */
  advance(nowMs: number): void {
    const match = this.running;
    if (match === undefined || this.current.kind !== "playing") {
      return;
    }
    match.advance(nowMs, this.intent);
    if (this.connection.canSendInput) {
      const bytes = match.takeInputs();
      if (bytes !== undefined) {
        this.connection.sendInput(bytes);
      }
    }
  }

  private connectionChanged(state: ConnectionState): void {
    if (state.kind === "online") {
      this.closing = false;
      this.join();
    } else if (this.current.kind === "playing") {
      this.current = { kind: "joining" };
    }
    this.listener.onChange();
  }

  private join(): void {
    clearTimeout(this.joinTimer);
    if (this.name === undefined || !this.wantsPlace) {
      return;
    }
    const asked = encodeClient({ kind: "join", protocol: PROTOCOL_VERSION, name: this.name });
    this.connection.ask(asked, (answer) => this.receiveAnswer(answer));
  }

  private get wantsPlace(): boolean {
    return this.current.kind === "joining" && this.connection.state.kind === "online";
  }

  private joinLater(): void {
    clearTimeout(this.joinTimer);
    this.joinTimer = setTimeout(() => this.join(), JOIN_RETRY_MS);
  }

  private receiveAnswer(answer: Uint8Array | undefined): void {
    // The connection may be lost again, or the player already in: then this answer is for nobody.
    if (!this.wantsPlace) {
      return;
    }
    const message = answer === undefined ? undefined : decoded(() => decodeServer(answer));
    if (message instanceof DecodeError) {
      this.undecodable += 1;
      this.joinLater();
    } else if (message?.kind === "joined") {
      this.joined(message);
    } else if (message?.kind === "refused") {
      this.refused(message.refusal);
    } else {
      this.joinLater();
    }
  }

  private joined(joined: Joined): void {
    const match = decoded(() => new Match(this.game, joined));
    if (match instanceof DecodeError) {
      this.undecodable += 1;
      this.become({ kind: "ended", reason: "crashed" });
      return;
    }
    this.running = match;
    this.rosterByEntity.clear();
    for (const entry of joined.roster) {
      this.rosterByEntity.set(entry.entity, entry);
    }
    this.become({ kind: "playing" });
  }

  private refused(refusal: Refusal): void {
    switch (refusal.kind) {
      case "already joined":
        // An earlier answer was lost on the way: give that place back and ask for one that we know.
        this.connection.ask(encodeClient({ kind: "leave" }), () => this.joinLater());
        break;
      case "server closing":
        this.closing = true;
        this.listener.onChange();
        this.joinLater();
        break;
      case "busy":
        this.joinLater();
        break;
      default:
        this.become({ kind: "refused", refusal });
    }
  }

  private receiveMessage(bytes: Uint8Array): void {
    const message = decoded(() => decodeServer(bytes));
    if (message instanceof DecodeError) {
      this.undecodable += 1;
      return;
    }
    switch (message.kind) {
      case "player joined":
        this.rosterByEntity.set(message.entry.entity, message.entry);
        break;
      case "player left":
        this.forgetPlayer(message.player);
        break;
      case "match ended":
        this.become({ kind: "ended", reason: message.reason });
        break;
      case "server closing":
        this.closing = true;
        this.listener.onChange();
        break;
      case "joined":
      case "refused":
      case "left":
        // Answers to a question; they come by acknowledgement.
        break;
    }
  }

  private forgetPlayer(player: number): void {
    for (const [entity, entry] of this.rosterByEntity) {
      if (entry.player === player) {
        this.rosterByEntity.delete(entity);
      }
    }
  }

  private receiveSnapshot(bytes: Uint8Array): void {
    const match = this.running;
    if (match === undefined || this.current.kind !== "playing") {
      return;
    }
    const nowMs = performance.now();
    const roundTripMs = this.connection.roundTripMs ?? ROUND_TRIP_MS_FIRST;
    const events = decoded(() => match.receive(bytes, roundTripMs, nowMs));
    if (events instanceof DecodeError) {
      this.undecodable += 1;
      return;
    }
    for (const event of events) {
      this.listener.onEvent(event);
    }
    // Frames come seldom on a slow machine and never to a page in the background: inputs and acknowledgements ride on
    // the arrival of snapshots too.
    this.advance(nowMs);
  }

  private become(state: SessionState): void {
    this.current = state;
    this.listener.onChange();
  }
}
