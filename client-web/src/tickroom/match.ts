/**
 * One match as this client sees it, from joining to its end: bytes of snapshots and the player's intent go in, bytes
 * of inputs and what to draw come out. No sockets and no clock of its own. Whoever only watches steers no entity: then there
 * are no inputs, and each snapshot is answered with what is looked at. A recording that is steered begins anew at another moment
 * (`restart`), and may be shown faster or slower than it was.
 *
 * A page that nobody sees is hidden: it makes no inputs of its own and answers each snapshot with a neutral one, which
 * carries the acknowledgement. When it is seen again it asks for a keyframe, and drawing starts anew with it.
 */

import { noCounts } from "./counters.ts";
import type { Game, Steered } from "./game.ts";
import { ServerClock } from "./net/clock.ts";
import { InputLead } from "./net/lead.ts";
import { Unsent } from "./net/unsent.ts";
import { encodeInputPacket, VIEW_AGE_PER_TICK, VIEW_AGE_UNKNOWN } from "./protocol/input.ts";
import { encodeLookPacket, type Look } from "./protocol/look.ts";
import { ENTITY_NONE, type Joined } from "./protocol/message.ts";
import { DecodeError } from "./protocol/record.ts";
import { Replica, type Snapshot } from "./protocol/replica.ts";
import type { AgedEvent } from "./protocol/snapshot.ts";
import { PlayoutDelay } from "./sim/delay.ts";
import { Interpolation } from "./sim/interpolation.ts";
import { Prediction, type Point, type Predicted, type PredictionRules } from "./sim/prediction.ts";
import { allOn, type Switches } from "./sim/switches.ts";

/** Quarters of a tick that make one. */
const QUARTERS = 4;

/** What to draw. */
export interface View<P> {
  /** The server's tick, with its fraction. */
  readonly tick: number;
  /** The tick of which the others are drawn, a little before. */
  readonly pastTick: number;
  /** The own player, as predicted. Undefined while it has no entity. */
  readonly own: OwnView<P> | undefined;
  /** Everybody else, by entity. */
  readonly others: ReadonlyMap<number, P>;
}

/** The own player, ahead of the server. */
export interface OwnView<P> {
  readonly entity: number;
  /** The tick of which it is drawn, with its fraction. */
  readonly tick: number;
  readonly pose: P;
}

/** How a recording is shown. */
export interface Playback {
  /** The last tick that is shown. */
  readonly endTick: number;
  /** Quarters of a tick for each tick of real time; 0 stands still. */
  readonly speedQuarters: number;
}

/** How the clocks of a match are set. */
export interface Timing {
  /** How far in the past others are drawn, and how late 95 of 100 snapshots are at most, milliseconds. */
  readonly delayMs: number;
  readonly jitterMs: number;
  /** How early the server says that inputs come, ticks; undefined before it has said so. */
  readonly slackTicks: number | undefined;
  /** Speed of the clock of the inputs against real time. */
  readonly leadRate: number;
}

export class Match<Setup, Scores, M, S, O, I, E, P extends Point> {
  readonly counters = noCounts();
  private currentJoined: Joined;
  private currentPlayback: Playback | undefined;
  private restarts = 0;
  private currentSetup: Setup;
  private currentScores: Scores;
  /** Of the match, and as long as they are shown. */
  private readonly tickMs: number;
  private shownTickMs: number;
  private replica: Replica<M, S, O, E>;
  private rules: PredictionRules<Steered<S, O>, I>;
  private clock: ServerClock;
  private delay: PlayoutDelay;
  private interpolation: Interpolation<S, P>;
  private lead: InputLead | undefined;
  private prediction: Prediction<Steered<S, O>, I> | undefined;
  private own: number | undefined;
  private readonly unsent = new Unsent<I>();
  private lastInputTick = 0;
  private hidden = false;
  private wakes = false;
  private needsKeyframe = false;
  private look: Look = { kind: "follow", entity: ENTITY_NONE };

  /** `playback` is there for a recording. Throws `DecodeError` when the setup or the scores do not decode. */
  constructor(
    private readonly game: Game<Setup, Scores, M, S, O, I, E, P>,
    joined: Joined,
    private readonly switches: Readonly<Switches> = allOn(),
    playback?: Playback,
  ) {
    this.currentJoined = joined;
    this.currentPlayback = playback;
    this.currentSetup = game.decodeSetup(joined.setup);
    this.currentScores = game.decodeScores(joined.scores);
    this.tickMs = 1000 / Math.max(1, joined.tickHz);
    this.shownTickMs = this.tickMs / speedOf(playback);
    this.replica = new Replica(game);
    this.rules = game.prediction(this.currentSetup, undefined);
    this.clock = new ServerClock(this.shownTickMs);
    this.delay = this.newDelay();
    this.interpolation = this.newInterpolation();
  }

  /** What was told when this client came, or when it steered last. */
  get joined(): Joined {
    return this.currentJoined;
  }

  /** How it is shown; undefined when it is no recording. */
  get playback(): Playback | undefined {
    return this.currentPlayback;
  }

  /** How often it has begun anew at another moment. */
  get era(): number {
    return this.restarts;
  }

  /** Goes on from another moment of a recording, of which nothing is known yet. Throws `DecodeError`. */
  restart(joined: Joined, playback: Playback): void {
    const setup = this.game.decodeSetup(joined.setup);
    this.currentScores = this.game.decodeScores(joined.scores);
    this.currentSetup = setup;
    this.currentJoined = joined;
    this.currentPlayback = playback;
    this.restarts += 1;
    this.shownTickMs = this.tickMs / speedOf(playback);
    this.replica = new Replica(this.game);
    this.needsKeyframe = false;
    this.ruleAnew();
    this.drawAnew();
  }

  /** The tick that is drawn, with its fraction. */
  get drawnTick(): number {
    return this.interpolation.renderTick ?? this.joined.tick;
  }

  /** What the present round is played on. */
  get setup(): Setup {
    return this.currentSetup;
  }

  /** How everybody stood when it was told last. Where everybody sees everybody, that is when this client joined. */
  get scores(): Scores {
    return this.currentScores;
  }

  /** This client sees the match and is not in it. */
  get watches(): boolean {
    return this.joined.entity === ENTITY_NONE;
  }

  /** What a viewer looks at from now on; told with the next acknowledgement. */
  lookAt(look: Look): void {
    this.look = look;
  }

  /** The newest snapshot; undefined before the first. */
  get latest(): Snapshot<M, S, O, E> | undefined {
    return this.replica.latest;
  }

  get timing(): Timing {
    return {
      delayMs: this.delay.ms,
      jitterMs: this.delay.jitterMs,
      slackTicks: this.latest?.slackTicks,
      leadRate: this.lead?.rate ?? 1,
    };
  }

  /** In which cell of the grid of interest an entity was told. */
  cellOf(entity: number): number | undefined {
    return this.replica.cellOf(entity);
  }

  /** How far back the shots of now are to be judged, ticks. */
  get viewAgeTicks(): number {
    return this.viewAge() / VIEW_AGE_PER_TICK;
  }

  /** Takes in what the next round is played on: it comes before the snapshots of that round. Throws `DecodeError`. */
  receiveSetup(bytes: Uint8Array): void {
    this.currentSetup = this.game.decodeSetup(bytes);
    this.ruleAnew();
  }

  /** Takes in how everybody stands. Throws `DecodeError`. */
  receiveScores(bytes: Uint8Array): void {
    this.currentScores = this.game.decodeScores(bytes);
  }

  /** Takes in a `snapshot` event; gives what happened. Throws `DecodeError`; then a keyframe is asked for. */
  receive(bytes: Uint8Array, roundTripMs: number, nowMs: number): readonly AgedEvent<E>[] {
    const before = this.latest;
    const snapshot = this.take(bytes);
    const missedMs = this.missedMs(snapshot.tick, before?.tick);
    if (this.wakes && !this.hidden) {
      this.drawAnew();
      this.wakes = false;
    }
    if (snapshot.status !== before?.status) {
      this.ruleAnew();
    }
    this.clock.observe(snapshot.tick, nowMs, snapshot.slipped);
    if (!this.hidden) {
      this.delay.observe(this.clock.latenessMs(snapshot.tick, nowMs) + missedMs);
      this.interpolation.push(snapshot.tick, snapshot.entities, nowMs);
    }
    if (!this.watches) {
      this.receiveLead(snapshot, roundTripMs, nowMs);
      this.receiveOwn(snapshot, nowMs);
    }
    return snapshot.events;
  }

  /** Lets time pass for a frame that is drawn, and makes the inputs that are due. */
  advance(
    nowMs: number,
    intent: () => I,
    predicted: (step: Predicted<Steered<S, O>, I>) => void = () => undefined,
  ): void {
    if (this.hidden) {
      return;
    }
    this.clock.advance(nowMs);
    this.delay.advance(nowMs);
    const pastTick = this.pastTick(nowMs);
    if (pastTick !== undefined) {
      this.interpolation.advance(pastTick);
    }
    this.makeInputs(nowMs, intent, predicted);
  }

  /**
   * Makes the inputs that are due between two frames; `intent` is asked once for each tick, `predicted` told what became of it.
   * The others stay at the moment at which they were drawn: from a guess that nobody saw there is nothing to glide back.
   */
  makeInputs(
    nowMs: number,
    intent: () => I,
    predicted: (step: Predicted<Steered<S, O>, I>) => void = () => undefined,
  ): void {
    if (this.hidden) {
      return;
    }
    const due = this.lead?.advance(nowMs);
    if (due === undefined) {
      return;
    }
    for (let tick = due.first; tick <= due.last; tick += 1) {
      const input = intent();
      const step = this.switches.prediction ? this.prediction?.predict(tick, input) : undefined;
      if (step !== undefined) {
        predicted(step);
      }
      this.counters.inputsShed += this.unsent.push(tick, input);
      this.lastInputTick = tick;
    }
  }

  /** The bytes of an `input` event when one is due. Inputs that are not taken out wait, the newest of them. */
  takeInputs(): Uint8Array<ArrayBuffer> | undefined {
    const packet = this.unsent.take();
    return packet === undefined ? undefined : this.encode(packet.newest, packet.inputs);
  }

  /**
   * Nobody sees the page any more, or somebody does again. Gives the `input` event that tells the server so; undefined
   * when nothing has changed or before the first snapshot.
   */
  hide(hidden: boolean, nowMs: number): Uint8Array<ArrayBuffer> | undefined {
    if (hidden === this.hidden) {
      return undefined;
    }
    this.hidden = hidden;
    this.unsent.clear();
    if (!hidden) {
      this.wakes = true;
      this.needsKeyframe = true;
      this.holdStill(nowMs);
    }
    return this.restInput(nowMs);
  }

  /** What a snapshot is answered with by a viewer and by a hidden page; undefined when inputs do that. */
  takeAcknowledgement(nowMs: number): Uint8Array<ArrayBuffer> | undefined {
    return this.hidden || this.watches ? this.restInput(nowMs) : undefined;
  }

  view(nowMs: number): View<P> {
    const others = this.interpolation.sample(nowMs, this.own);
    const tick = this.tickAt(nowMs) ?? this.joined.tick;
    return { tick, pastTick: this.interpolation.renderTick ?? tick, own: this.viewOwn(nowMs), others };
  }

  /** The own player after its newest input; undefined while it has no entity. */
  get predicted(): Steered<S, O> | undefined {
    return this.prediction?.state;
  }

  /** The own player alone, as it is drawn. */
  viewOwn(nowMs: number): OwnView<P> | undefined {
    if (this.own === undefined || this.prediction === undefined) {
      return undefined;
    }
    if (!this.switches.prediction) {
      return this.viewOwnAsTold(this.own, nowMs);
    }
    const { previous, state, tick } = this.prediction;
    const share = this.lead?.fraction ?? 1;
    const pose = this.game.blend(this.game.pose(previous.state), this.game.pose(state.state), share);
    const error = this.prediction.visualError(nowMs);
    const shown = { ...pose, x: pose.x + error.x, y: pose.y + error.y };
    return { entity: this.own, tick: tick - 1 + share, pose: shown };
  }

  /** The own player as the server has told of it, drawn like everybody else. */
  private viewOwnAsTold(entity: number, nowMs: number): OwnView<P> | undefined {
    const pose = this.interpolation.sample(nowMs).get(entity);
    const tick = this.interpolation.renderTick;
    return pose === undefined || tick === undefined ? undefined : { entity, tick, pose };
  }

  private take(bytes: Uint8Array): Snapshot<M, S, O, E> {
    const { counters } = this;
    counters.snapshots += 1;
    counters.snapshotBytes += bytes.byteLength;
    try {
      const snapshot = this.replica.take(bytes);
      counters.keyframes += snapshot.keyframe ? 1 : 0;
      this.needsKeyframe = this.needsKeyframe && !snapshot.keyframe;
      return snapshot;
    } catch (error) {
      const isOutOfStep = error instanceof DecodeError && error.reason === "out of step";
      counters.outOfStep += isOutOfStep ? 1 : 0;
      counters.undecodable += isOutOfStep ? 0 : 1;
      this.needsKeyframe = true;
      throw error;
    }
  }

  /** The tick that the server has reached, or at which a recording stands. */
  private tickAt(nowMs: number): number | undefined {
    const { playback, latest } = this;
    const tick = playback?.speedQuarters === 0 ? latest?.tick : this.clock.tickAt(nowMs);
    return tick === undefined ? undefined : Math.min(tick, playback?.endTick ?? tick);
  }

  private pastTick(nowMs: number): number | undefined {
    if (this.playback?.speedQuarters === 0) {
      return this.latest?.tick;
    }
    const tick = this.clock.tickAt(nowMs);
    const pastTick = tick === undefined ? undefined : tick - this.delay.ms / this.shownTickMs;
    return pastTick === undefined ? undefined : Math.min(pastTick, this.playback?.endTick ?? pastTick);
  }

  /**
   * How much longer than usual there was nothing new: an overloaded server leaves snapshots out, and then the next one comes as
   * late as if it had been held up. A page that was not seen has got few of them, as it wanted.
   */
  private missedMs(tick: number, before: number | undefined): number {
    const usual = this.joined.snapshotIntervalTicks;
    const ticks = tick - (before ?? tick - usual);
    return this.wakes ? 0 : Math.max(0, ticks - usual) * this.shownTickMs;
  }

  private newDelay(): PlayoutDelay {
    return new PlayoutDelay(this.shownTickMs * Math.max(1, this.joined.snapshotIntervalTicks));
  }

  private newInterpolation(): Interpolation<S, P> {
    return new Interpolation(this.game, this.tickMs, this.counters, this.switches);
  }

  /** Until the keyframe comes everybody stands where the last snapshot had them. */
  private holdStill(nowMs: number): void {
    this.interpolation = this.newInterpolation();
    if (this.latest !== undefined) {
      this.interpolation.push(this.latest.tick, this.latest.entities, nowMs);
    }
  }

  private drawAnew(): void {
    this.clock = new ServerClock(this.shownTickMs);
    this.delay = this.newDelay();
    this.interpolation = this.newInterpolation();
  }

  /** What was predicted by other rules is corrected by the next snapshot. */
  private ruleAnew(): void {
    this.rules = this.game.prediction(this.currentSetup, this.latest?.status);
    this.prediction?.play(this.rules);
  }

  private receiveLead(snapshot: Snapshot<M, S, O, E>, roundTripMs: number, nowMs: number): void {
    const { tick, slackTicks } = snapshot;
    this.lead ??= new InputLead(this.tickMs, tick, roundTripMs, nowMs);
    if (slackTicks !== undefined && this.lead.beginAnew(tick, roundTripMs, slackTicks, nowMs)) {
      // What was predicted for ticks to come is not what the server will do in them.
      this.prediction = undefined;
    }
    this.lead.stayAheadOf(tick, nowMs);
    if (slackTicks !== undefined) {
      this.lead.observe(slackTicks, nowMs);
    }
  }

  private receiveOwn({ tick, own, entities }: Snapshot<M, S, O, E>, nowMs: number): void {
    const state = own === undefined ? undefined : entities.get(own.entity);
    if (own === undefined || state === undefined) {
      this.own = undefined;
      this.prediction = undefined;
      return;
    }
    const steered = { state, own: own.record };
    if (this.prediction === undefined || this.own !== own.entity || !this.switches.prediction) {
      this.own = own.entity;
      this.prediction = new Prediction(this.rules, tick, steered, this.counters, this.switches);
    } else {
      this.prediction.reconcile(tick, steered, nowMs);
    }
  }

  /** One neutral input for the newest tick, or what a viewer looks at. */
  private restInput(nowMs: number): Uint8Array<ArrayBuffer> | undefined {
    if (this.watches) {
      const acked = this.latest?.tick ?? 0;
      return encodeLookPacket({ acked, look: this.look, hidden: this.hidden, resync: this.needsKeyframe });
    }
    if (this.lead === undefined) {
      return undefined;
    }
    const tick = this.lead.advance(nowMs)?.last ?? this.lead.tick;
    this.prediction?.predict(tick, this.rules.neutral);
    this.lastInputTick = tick;
    return this.encode(tick, [this.rules.neutral]);
  }

  private encode(newest: number, inputs: readonly I[]): Uint8Array<ArrayBuffer> {
    const packet = {
      acked: this.latest?.tick ?? 0,
      newest,
      inputs,
      viewAge: this.viewAge(),
      hidden: this.hidden,
      resync: this.needsKeyframe,
    };
    return encodeInputPacket(packet, this.game.input);
  }

  /**
   * How far the tick of which the others are drawn lies behind the newest input, as a packet says it: there the server looks
   * for who is hit.
   */
  private viewAge(): number {
    if (!this.switches.lagCompensation) {
      return 0;
    }
    const { renderTick } = this.interpolation;
    if (this.hidden || renderTick === undefined) {
      return VIEW_AGE_UNKNOWN;
    }
    const quarters = Math.round((this.lastInputTick - renderTick) * VIEW_AGE_PER_TICK);
    return Math.max(0, Math.min(VIEW_AGE_UNKNOWN - 1, quarters));
  }
}

/** How many times as fast as it was a match is shown; a recording that stands still has a clock all the same. */
function speedOf(playback: Playback | undefined): number {
  return playback === undefined || playback.speedQuarters === 0 ? 1 : playback.speedQuarters / QUARTERS;
}
