/**
 * One match as this client sees it, from joining to its end: bytes of snapshots and the player's intent go in, bytes
 * of inputs and what to draw come out. No sockets and no clock of its own.
 */

import type { Game } from "./game.ts";
import { ServerClock } from "./net/clock.ts";
import { InputLead } from "./net/lead.ts";
import { encodeInputPacket, VIEW_AGE_PER_TICK, VIEW_AGE_UNKNOWN } from "./protocol/input.ts";
import { INPUTS_PER_PACKET_MAX } from "./protocol/limits.ts";
import type { Joined } from "./protocol/message.ts";
import { decodeSnapshot, type AgedEvent, type Snapshot } from "./protocol/snapshot.ts";
import { PlayoutDelay } from "./sim/delay.ts";
import { Interpolation } from "./sim/interpolation.ts";
import { Prediction, type Point, type PredictionRules } from "./sim/prediction.ts";

/** Inputs are sent in pairs: half the messages for one tick of delay on every other input. */
const TICKS_PER_PACKET = 2;

/** What to draw. */
export interface View<P> {
  /** The server's tick, with its fraction. */
  readonly tick: number;
  /** The tick of which the others are drawn, a little before. */
  readonly pastTick: number;
  /** The own player, as predicted. Undefined while it has no entity. */
  readonly own: { readonly entity: number; readonly pose: P } | undefined;
  /** Everybody else, by entity. */
  readonly others: ReadonlyMap<number, P>;
}

export class Match<Setup, M, S, I, E, P extends Point> {
  private currentSetup: Setup;
  private readonly tickMs: number;
  private rules: PredictionRules<S, I>;
  private readonly clock: ServerClock;
  private readonly delay: PlayoutDelay;
  private readonly interpolation: Interpolation<S, P>;
  private lead: InputLead | undefined;
  private prediction: Prediction<S, I> | undefined;
  private own: number | undefined;
  private newest: Snapshot<M, S, E> | undefined;
  private unsent: I[] = [];
  private unsentNewest = 0;
  /** The tick of which the others were drawn last. */
  private pastTick: number | undefined;
  private correctionCount = 0;

  /** Throws `DecodeError` when the setup does not decode. */
  constructor(
    private readonly game: Game<Setup, M, S, I, E, P>,
    readonly joined: Joined,
  ) {
    this.currentSetup = game.decodeSetup(joined.setup);
    this.tickMs = 1000 / Math.max(1, joined.tickHz);
    this.rules = game.prediction(this.currentSetup);
    this.clock = new ServerClock(this.tickMs);
    this.delay = new PlayoutDelay(this.tickMs * Math.max(1, joined.snapshotIntervalTicks));
    this.interpolation = new Interpolation(game, this.tickMs);
  }

  /** How often the server disagreed with what was predicted. */
  get corrections(): number {
    return this.correctionCount + (this.prediction?.corrections ?? 0);
  }

  /** What the present round is played on. */
  get setup(): Setup {
    return this.currentSetup;
  }

  /** The newest snapshot; undefined before the first. */
  get latest(): Snapshot<M, S, E> | undefined {
    return this.newest;
  }

  /** Takes in what the next round is played on: it comes before the snapshots of that round. Throws `DecodeError`. */
  receiveSetup(bytes: Uint8Array): void {
    this.currentSetup = this.game.decodeSetup(bytes);
    this.rules = this.game.prediction(this.currentSetup);
    this.prediction?.play(this.rules);
  }

  /** Takes in a `snapshot` event; gives what happened. Throws `DecodeError`; then nothing has changed. */
  receive(bytes: Uint8Array, roundTripMs: number, nowMs: number): readonly AgedEvent<E>[] {
    const snapshot = decodeSnapshot(bytes, this.game.status, this.game.state, this.game.event);
    if (this.newest !== undefined && snapshot.tick <= this.newest.tick) {
      return [];
    }
    const missedMs = this.missedMs(snapshot.tick);
    this.newest = snapshot;
    this.clock.observe(snapshot.tick, nowMs, snapshot.slipped);
    this.delay.observe(this.clock.latenessMs(snapshot.tick, nowMs) + missedMs);
    this.interpolation.push(snapshot.tick, snapshot.entities, nowMs);
    this.receiveLead(snapshot, roundTripMs, nowMs);
    this.receiveOwn(snapshot, nowMs);
    return snapshot.events;
  }

  /** Lets time pass; `intent` is asked once for each tick whose input is due. */
  advance(nowMs: number, intent: () => I): void {
    this.clock.advance(nowMs);
    this.delay.advance(nowMs);
    const serverTick = this.clock.tickAt(nowMs);
    if (serverTick !== undefined) {
      this.pastTick = serverTick - this.delay.ms / this.tickMs;
      this.interpolation.advance(this.pastTick);
    }
    const due = this.lead?.advance(nowMs);
    if (due === undefined) {
      return;
    }
    for (let tick = due.first; tick <= due.last; tick += 1) {
      const input = intent();
      this.prediction?.predict(tick, input);
      this.queue(tick, input);
    }
  }

  /** The bytes of an `input` event when one is due. Inputs that are not taken out wait, the newest of them. */
  takeInputs(): Uint8Array<ArrayBuffer> | undefined {
    if (this.unsent.length < TICKS_PER_PACKET) {
      return undefined;
    }
    const packet = {
      acked: this.newest?.tick ?? 0,
      newest: this.unsentNewest,
      inputs: this.unsent,
      viewAge: this.viewAge(this.unsentNewest),
      hidden: false,
      resync: false,
    };
    this.unsent = [];
    return encodeInputPacket(packet, this.game.input);
  }

  view(nowMs: number): View<P> {
    const others = this.interpolation.sample(nowMs);
    if (this.own !== undefined) {
      others.delete(this.own);
    }
    const tick = this.clock.tickAt(nowMs) ?? this.joined.tick;
    return { tick, pastTick: tick - this.delay.ms / this.tickMs, own: this.viewOwn(nowMs), others };
  }

  /** The own player alone, as predicted. */
  viewOwn(nowMs: number): View<P>["own"] {
    if (this.own === undefined || this.prediction === undefined) {
      return undefined;
    }
    const { previous, state } = this.prediction;
    const share = this.lead?.fraction ?? 1;
    const pose = this.game.blend(this.game.pose(previous), this.game.pose(state), share);
    const error = this.prediction.visualError(nowMs);
    return { entity: this.own, pose: { ...pose, x: pose.x + error.x, y: pose.y + error.y } };
  }

  /**
   * How much longer than usual there was nothing new: an overloaded server leaves snapshots out, and then the next one comes as
   * late as if it had been held up.
   */
  private missedMs(tick: number): number {
    const usual = this.joined.snapshotIntervalTicks;
    const ticks = tick - (this.newest?.tick ?? tick - usual);
    return Math.max(0, ticks - usual) * this.tickMs;
  }

  private receiveLead(snapshot: Snapshot<M, S, E>, roundTripMs: number, nowMs: number): void {
    this.lead ??= new InputLead(this.tickMs, snapshot.tick, roundTripMs, nowMs);
    this.lead.stayAheadOf(snapshot.tick, nowMs);
    if (snapshot.slackTicks !== undefined) {
      this.lead.observe(snapshot.slackTicks, nowMs);
    }
  }

  private receiveOwn(snapshot: Snapshot<M, S, E>, nowMs: number): void {
    const state = snapshot.own === undefined ? undefined : snapshot.entities.get(snapshot.own);
    if (snapshot.own === undefined || state === undefined) {
      this.correctionCount = this.corrections;
      this.own = undefined;
      this.prediction = undefined;
    } else if (this.prediction === undefined || this.own !== snapshot.own) {
      this.correctionCount = this.corrections;
      this.own = snapshot.own;
      this.prediction = new Prediction(this.rules, snapshot.tick, state);
    } else {
      this.prediction.reconcile(snapshot.tick, state, nowMs);
    }
  }

  /** How far what is drawn lies behind the tick of an input, as its packet says it. */
  private viewAge(tick: number): number {
    const ageTicks = this.pastTick === undefined ? Infinity : tick - this.pastTick;
    return Math.max(0, Math.min(VIEW_AGE_UNKNOWN, Math.round(ageTicks * VIEW_AGE_PER_TICK)));
  }

  /** Inputs of one packet are for consecutive ticks, so a gap ends what waits. */
  private queue(tick: number, input: I): void {
    if (tick !== this.unsentNewest + 1) {
      this.unsent = [];
    }
    this.unsent.push(input);
    this.unsentNewest = tick;
    if (this.unsent.length > INPUTS_PER_PACKET_MAX) {
      this.unsent.shift();
    }
  }
}
