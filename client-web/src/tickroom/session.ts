/**
 * A player's way through lobby, seat and matches, in the states of `session_state.ts`: who wants to play gets a seat as
 * soon as there is a connection, and takes the same one again after each loss, until a match ends or the server refuses.
 * When the seat has expired it asks the lobby for another. Whoever only watches goes the same way with a seat of another
 * kind, which is not remembered.
 */

import type { Game } from "./game.ts";
import { Match, type Playback } from "./match.ts";
import type { Link, LinkListener, LinkState, ServerBeat } from "./net/link.ts";
import { decodeLobbyReply, decodeServer, encodeLobbyRequest } from "./protocol/codec.ts";
import {
  type Joined,
  type MatchChoice,
  type MatchEnd,
  type Refusal,
  type Replaying,
} from "./protocol/message.ts";
import { decodePresences, presenceByte } from "./protocol/presence.ts";
import { decoded, DecodeError } from "./protocol/record.ts";
import { encodeSteer, type Steer } from "./protocol/steer.ts";
import { Roster, type RosterMember } from "./roster.ts";
import type { SessionListener, SessionState } from "./session_state.ts";
import type { Point } from "./sim/prediction.ts";
import { allOn, type Switches } from "./sim/switches.ts";
import { askForSeat, asNobody, type Watched } from "./wanted.ts";

/** Wait before asking again when the server is busy or does not answer, also between seat and `joined`. */
const JOIN_RETRY_MS = 1000;
const WELCOME_MS_MAX = 5000;

/** The same for a recording: the server first plays it up to the moment that is asked for. */
const RECORDING_MS_MAX = 60_000;

/** The round trip assumed before the first ping is answered. */
const ROUND_TRIP_MS_FIRST = 60;

/** Nothing that makes sense for so long is a fault that the player should know of. */
const GARBLED_MS = 3000;

export class Session<Setup, Scores, M, S, O, I, E, P extends Point> {
  private readonly link: Link;
  private readonly players = new Roster();
  private current: SessionState = { kind: "idle" };
  private name = "";
  private choice: MatchChoice = { kind: "any" };
  /** What is wanted is to see a match; `undefined` when it is to play. */
  private watched: Watched | undefined;
  private seeking: number | undefined;
  private token: string | undefined;
  private resuming = false;
  private running: Match<Setup, Scores, M, S, O, I, E, P> | undefined;
  private joinTimer: ReturnType<typeof setTimeout> | undefined;
  private closesAtMs: number | undefined;
  private garbledSinceMs: number | undefined;
  private hidden = false;
  private undecodable = 0;
  private lobbyRoundTrip: number | undefined;

  /** `intent` is asked for the player's wish of the moment, once for each tick; `connect` opens the link. `switches` may be flipped at any time. */
  constructor(
    private readonly game: Game<Setup, Scores, M, S, O, I, E, P>,
    private readonly intent: () => I,
    private readonly listener: SessionListener<S, O, I, E>,
    connect: (listener: LinkListener) => Link,
    private readonly switches: Readonly<Switches> = allOn(),
  ) {
    this.link = connect({
      onState: (state) => this.linkChanged(state),
      onSeatRefused: () => this.seatRefused(),
      onSeatLost: () => this.seatLost(),
      onMessage: (bytes) => this.receiveMessage(bytes),
      onSnapshot: (bytes) => this.receiveSnapshot(bytes),
      onPresences: (bytes) => this.receivePresences(bytes),
      presenceByte: () => presenceByte(this.hidden ? "away" : this.link.roundTripMs),
    });
  }

  get state(): SessionState {
    return this.current;
  }

  get linkState(): LinkState {
    return this.link.state;
  }

  get transport(): string | undefined {
    return this.link.transport;
  }

  /**
   * When the server ends, milliseconds of `performance.now()`, as it has said; undefined while it has not, and as soon as another
   * has answered.
   */
  get serverClosesAtMs(): number | undefined {
    return this.closesAtMs;
  }

  /** True when all that came for a while made no sense. */
  isGarbled(nowMs: number): boolean {
    return this.garbledSinceMs !== undefined && nowMs - this.garbledSinceMs >= GARBLED_MS;
  }

  /** As last measured: by pings on a seat, by the answers of the lobby before. */
  get roundTripMs(): number | undefined {
    return this.link.roundTripMs ?? this.lobbyRoundTrip;
  }

  /** What the server says of itself, once a second. */
  get serverBeat(): ServerBeat | undefined {
    return this.link.serverBeat;
  }

  /** The match that is being played. It stays to be looked at while the connection is lost. */
  get match(): Match<Setup, Scores, M, S, O, I, E, P> | undefined {
    return this.running;
  }

  /** A match is seen or about to be, and none is played or asked for. */
  get watches(): boolean {
    return this.watched !== undefined;
  }

  /** It was let in, or is about to be with what it was given for that. Also while the connection is lost. */
  get holdsSeat(): boolean {
    return this.token !== undefined;
  }

  /** Who steers which entity. */
  get roster(): ReadonlyMap<number, RosterMember> {
    return this.players.byEntity;
  }

  /** Received events that did not decode; each is a fault of the server or of the way. Out of step is none. */
  get decodeErrors(): number {
    return this.undecodable + this.link.parseErrors;
  }

  /** Asks for a seat under this name, now or as soon as there is a connection. */
  play(name: string, choice: MatchChoice = { kind: "any" }): void {
    this.name = name;
    this.choice = choice;
    this.watched = undefined;
    this.resuming = false;
    this.keepToken(undefined);
    this.become({ kind: "joining" });
    this.join();
  }

  /**
   * Asks to see this match, or the one with the most people. With `quiet` a refusal and an end are no news: the session is idle
   * then.
   */
  watch(matchId: number | undefined, quiet: boolean): void {
    this.look({ kind: "match", matchId, quiet });
  }

  /** Asks to see the recording of this name from a tick on. */
  watchReplay(name: string, tick: number): void {
    this.look({ kind: "replay", name, tick, quiet: false });
  }

  /** The name of the recording that is seen, or about to be. */
  get replayName(): string | undefined {
    return this.watched?.kind === "replay" ? this.watched.name : undefined;
  }

  /** How far the recording is on its way to another moment, ticks; undefined when it is on none, or has not said. */
  get seekingTick(): number | undefined {
    return this.seeking;
  }

  /** Lets the recording go on otherwise; the match begins anew when it does. */
  steer(steer: Steer): void {
    if (this.running?.playback !== undefined && this.current.kind === "watching") {
      this.link.sendSteer(encodeSteer(steer));
    }
  }

  /** Asks which recordings can be watched; without an answer nothing is heard. */
  listReplays(): void {
    this.link.ask(encodeLobbyRequest({ kind: "replays" }), (answer) => {
      const reply = this.readReply(answer);
      if (reply?.kind === "replays") {
        this.listener.onReplays(reply.replays);
      } else if (reply?.kind === "refused" && reply.refusal.kind === "replays off") {
        this.listener.onReplays(undefined);
      }
    });
  }

  private look(watched: Watched): void {
    this.watched = watched;
    this.seeking = undefined;
    // Another recording begins where it is asked for.
    this.running = this.running?.playback === undefined ? this.running : undefined;
    this.resuming = false;
    this.token = undefined;
    this.become({ kind: "joining" });
    this.join();
  }

  /** Takes a seat from before the page was loaded; when it has expired the session stays idle. */
  resume(name: string, token: string): void {
    this.name = name;
    this.watched = undefined;
    this.resuming = true;
    this.token = token;
    this.become({ kind: "joining" });
    this.join();
  }

  /** Takes the seat back from the connection that has it now. */
  playHere(): void {
    this.become({ kind: "joining" });
    this.link.retry();
  }

  /** Gives the seat back and stays in the lobby. */
  leave(): void {
    clearTimeout(this.joinTimer);
    this.link.leave();
    this.keepToken(undefined);
    this.watched = undefined;
    this.running = undefined;
    this.players.reset([]);
    this.become({ kind: "idle" });
    // The seat was taken from here; the lobby is for everybody.
    if (this.link.state.kind === "resting") {
      this.link.retry();
    }
  }

  /** Asks what is played; without an answer nothing is heard. */
  list(): void {
    const askedMs = performance.now();
    this.link.ask(encodeLobbyRequest({ kind: "list" }), (answer) => {
      this.lobbyRoundTrip = answer === undefined ? undefined : performance.now() - askedMs;
      const reply = this.readReply(answer);
      if (reply?.kind === "matches") {
        this.listener.onMatches(reply.matches, reply.offer);
      }
    });
  }

  /** Tries to connect at once, unless the player plays elsewhere. */
  retry(): void {
    if (this.current.kind !== "seat taken") {
      this.link.retry();
    }
  }

  /**
   * Whether anybody sees the page. A hidden one rests: it sends nothing but answers to snapshots. The timers of one run late and
   * its machine may have slept, so whoever comes back does not have to wait for a connection, or ask for it.
   */
  show(visible: boolean, nowMs: number): void {
    this.hidden = !visible;
    const { kind } = this.link.state;
    if (visible && (kind === "gone" || kind === "reconnecting")) {
      this.retry();
    }
    this.send(this.running?.hide(this.hidden, nowMs));
  }

  /** Lets time pass: makes the inputs that are due and sends them. To be called for each frame that is drawn. */
  advance(nowMs: number): void {
    const match = this.running;
    if (match === undefined || !this.isIn) {
      return;
    }
    match.advance(nowMs, this.intent, (step) => this.listener.onPredicted(step));
    this.sendInputs();
  }

  /** What cannot leave waits in the match, where newer inputs take its place. */
  private sendInputs(): void {
    if (this.link.canSendInput) {
      this.send(this.running?.takeInputs());
    }
  }

  private send(bytes: Uint8Array | undefined): void {
    if (bytes === undefined || !this.isIn) {
      return;
    }
    if (this.running?.watches === true) {
      this.link.sendLook(bytes);
    } else {
      this.link.sendInput(bytes);
    }
  }

  /** Plays or watches. */
  private get isIn(): boolean {
    return this.current.kind === "playing" || this.current.kind === "watching";
  }

  private linkChanged(state: LinkState): void {
    if (state.kind === "online") {
      this.closesAtMs = undefined;
      this.join();
    } else if (this.isIn || this.current.kind === "joining") {
      this.current = { kind: "joining" };
    }
    this.listener.onChange();
  }

  /** The next step to a seat. When it does not lead on in time, it is taken again. */
  private join(): void {
    clearTimeout(this.joinTimer);
    if (!this.wantsPlace) {
      return;
    }
    if (this.token !== undefined) {
      this.joinLater(this.watched?.kind === "replay" ? RECORDING_MS_MAX : WELCOME_MS_MAX);
      this.link.sit(this.token);
      return;
    }
    const { name, choice, watched } = this;
    const seenTick = this.running?.playback === undefined ? undefined : this.running.latest?.tick;
    this.link.ask(askForSeat({ name, choice }, watched, seenTick), (answer) => {
      // What was wanted before is not wanted any more; a seat for that expires by itself.
      if (watched === this.watched && choice === this.choice) {
        this.receiveSeat(answer);
      }
    });
  }

  private get wantsPlace(): boolean {
    return this.current.kind === "joining" && this.link.state.kind === "online";
  }

  private joinLater(delayMs = JOIN_RETRY_MS): void {
    clearTimeout(this.joinTimer);
    this.joinTimer = setTimeout(() => this.join(), delayMs);
  }

  private readReply(answer: Uint8Array | undefined): ReturnType<typeof decodeLobbyReply> | undefined {
    const reply = answer === undefined ? undefined : decoded(() => decodeLobbyReply(answer));
    if (reply instanceof DecodeError) {
      this.misread();
      return undefined;
    }
    if (reply !== undefined) {
      this.garbledSinceMs = undefined;
    }
    return reply;
  }

  private receiveSeat(answer: Uint8Array | undefined): void {
    // The connection may be lost again, or the player gone: then a seat expires by itself.
    if (!this.wantsPlace || this.token !== undefined) {
      return;
    }
    const reply = this.readReply(answer);
    switch (reply?.kind) {
      case "seat":
        // Should it expire, any match is better than the same question about one that may be over. Who is invited to a
        // private one wants that one or to hear that it is over.
        if (this.choice.kind !== "code") {
          this.choice = { kind: "any" };
        }
        this.keepToken(reply.token);
        this.become({ kind: "joining" });
        this.join();
        break;
      case "refused":
        this.refused(reply.refusal);
        break;
      default:
        this.become({ kind: "joining", server: "silent" });
        this.joinLater();
    }
  }

  private keepToken(token: string | undefined): void {
    this.token = token;
    // A seat to watch from is as good as another.
    if (this.watched === undefined) {
      this.listener.onToken(token);
    }
  }

  private refused(refusal: Refusal): void {
    switch (refusal.kind) {
      case "server closing":
        this.closesAtMs ??= performance.now();
        this.listener.onChange();
        this.joinLater();
        break;
      case "busy":
        this.become({ kind: "joining", server: "busy" });
        this.joinLater();
        break;
      default:
        this.become(this.watched?.quiet === true ? { kind: "idle" } : { kind: "refused", refusal });
    }
  }

  private seatRefused(): void {
    if (this.current.kind !== "joining") {
      return;
    }
    this.keepToken(undefined);
    if (this.resuming) {
      clearTimeout(this.joinTimer);
      this.become({ kind: "idle" });
    } else {
      this.join();
    }
  }

  private seatLost(): void {
    if (this.isIn || this.current.kind === "joining") {
      this.become({ kind: "joining" });
      this.joinLater();
    }
  }

  private receiveMessage(bytes: Uint8Array): void {
    const message = decoded(() => decodeServer(bytes));
    if (message instanceof DecodeError) {
      this.misread();
      return;
    }
    switch (message.kind) {
      case "joined":
        this.joined(message, "playing");
        break;
      case "watching":
        this.joined(asNobody(message), "watching");
        break;
      case "replaying":
        this.replaying(message);
        break;
      case "seeking":
        this.seeking = message.tick;
        break;
      case "player joined":
        this.players.add(message.entry);
        break;
      case "player left":
        this.players.remove(message.player);
        break;
      case "setup":
        this.receiveSetup(message.setup);
        break;
      case "scores":
        this.receiveScores(message.scores);
        break;
      case "seat taken":
        // The token stays: with it the player can come back here.
        clearTimeout(this.joinTimer);
        this.current = { kind: "seat taken" };
        this.link.rest();
        break;
      case "match ended":
        this.end(message.reason);
        break;
      case "server closing":
        this.closesAtMs = performance.now() + message.inS * 1000;
        this.listener.onChange();
        break;
    }
  }

  private misread(): void {
    this.undecodable += 1;
    this.garbledSinceMs ??= performance.now();
  }

  private replaying({ watching, endTick, speedQuarters }: Replaying): void {
    const playback = { endTick, speedQuarters };
    const { running } = this;
    this.seeking = undefined;
    if (this.current.kind !== "watching" || running?.playback === undefined) {
      this.joined(asNobody(watching), "watching", playback);
      return;
    }
    const restarted = decoded(() => running.restart(asNobody(watching), playback));
    if (restarted instanceof DecodeError) {
      this.misread();
      this.end("crashed");
      return;
    }
    this.players.reset(watching.roster);
    this.listener.onChange();
  }

  private joined(joined: Joined, kind: "playing" | "watching", playback?: Playback): void {
    if (this.current.kind !== "joining" || this.watches !== (kind === "watching")) {
      return;
    }
    clearTimeout(this.joinTimer);
    const match = decoded(() => new Match(this.game, joined, this.switches, playback));
    if (match instanceof DecodeError) {
      this.misread();
      this.end("crashed");
      return;
    }
    this.resuming = false;
    if (joined.code !== undefined) {
      this.choice = { kind: "code", code: joined.code };
    }
    this.running = match;
    match.hide(this.hidden, performance.now());
    this.players.reset(joined.roster);
    this.become({ kind });
  }

  private end(reason: MatchEnd): void {
    clearTimeout(this.joinTimer);
    this.keepToken(undefined);
    this.link.leave();
    this.become(this.watched?.quiet === true ? { kind: "idle" } : { kind: "ended", reason });
  }

  private receiveSetup(bytes: Uint8Array): void {
    const error = decoded(() => this.running?.receiveSetup(bytes));
    if (error instanceof DecodeError) {
      this.undecodable += 1;
    } else {
      this.listener.onChange();
    }
  }

  private receiveScores(bytes: Uint8Array): void {
    const error = decoded(() => this.running?.receiveScores(bytes));
    this.undecodable += error instanceof DecodeError ? 1 : 0;
  }

  /** Its own round trip a client knows better than by what it has said of it. */
  private receivePresences(bytes: Uint8Array): void {
    const told = decoded(() => decodePresences(bytes));
    if (told instanceof DecodeError) {
      this.undecodable += 1;
    } else if (this.running !== undefined && this.isIn) {
      this.players.reach(this.running.watches ? told : told.set(this.running.joined.player, this.link.roundTripMs));
    }
  }

  private receiveSnapshot(bytes: Uint8Array): void {
    const match = this.running;
    if (match === undefined || !this.isIn) {
      return;
    }
    const nowMs = performance.now();
    const roundTripMs = this.link.roundTripMs ?? ROUND_TRIP_MS_FIRST;
    const events = decoded(() => match.receive(bytes, roundTripMs, nowMs));
    if (events instanceof DecodeError) {
      if (events.reason !== "out of step") {
        this.misread();
      }
    } else {
      this.garbledSinceMs = undefined;
      const tick = match.latest?.tick ?? 0;
      for (const { ageTicks, event } of events) {
        this.listener.onEvent(event, tick - ageTicks);
      }
    }
    // Frames come seldom on a slow machine and never to a page in the background: inputs and acknowledgements ride on
    // the arrival of snapshots too.
    this.send(match.takeAcknowledgement(nowMs));
    match.makeInputs(nowMs, this.intent, (step) => this.listener.onPredicted(step));
    this.sendInputs();
  }

  private become(state: SessionState): void {
    this.current = state;
    this.listener.onChange();
  }
}
