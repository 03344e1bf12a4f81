/**
 * A link that is as slow as one wishes: it stands between a session and its connection and holds up what goes through.
 *
 * Inputs, questions, answers, messages and snapshots travel through the two directions. What the page decides for itself (to
 * sit, to leave, to rest) and what it learns of the connection (its state) do not: they are no messages, and what was on its
 * way at such a moment never arrives, as on a stream that ends.
 */

import type { Conditions } from "./conditioner.ts";
import { DelayLine } from "./delay_line.ts";
import type { Link, LinkListener, LinkState, ServerBeat } from "./link.ts";

/** What a question weighs beside its own bytes; see `server/src/link.rs` for what bytes do. */
const FRAME_BYTES = 50;

export class ConditionedLink implements Link {
  private readonly up: DelayLine;
  private readonly down: DelayLine;
  private readonly inner: Link;

  /** `open` makes the link that is held up, and gives it what it has to tell its news to. */
  constructor(conditions: Conditions, seed: number, listener: LinkListener, open: (listener: LinkListener) => Link) {
    this.up = new DelayLine(conditions, seed);
    this.down = new DelayLine(conditions, seed + 1);
    this.inner = open({
      onState: (state) => {
        if (state.kind !== "online") {
          this.clear();
        }
        listener.onState(state);
      },
      onSeatRefused: () => this.down.send(FRAME_BYTES, () => listener.onSeatRefused()),
      onSeatLost: () => this.down.send(FRAME_BYTES, () => listener.onSeatLost()),
      onMessage: (bytes) => this.down.send(FRAME_BYTES + bytes.length, () => listener.onMessage(bytes)),
      onSnapshot: (bytes) => this.down.send(FRAME_BYTES + bytes.length, () => listener.onSnapshot(bytes)),
      onPresences: (bytes) => this.down.send(FRAME_BYTES + bytes.length, () => listener.onPresences(bytes)),
      presenceByte: () => listener.presenceByte(),
    });
  }

  /** How both directions behave; may be set at any time. */
  get conditions(): Conditions {
    return this.up.conditions;
  }

  set conditions(conditions: Conditions) {
    this.up.conditions = conditions;
    this.down.conditions = conditions;
  }

  get state(): LinkState {
    return this.inner.state;
  }

  /** That of the real link and what is put on top. */
  get roundTripMs(): number | undefined {
    const { roundTripMs } = this.inner;
    return roundTripMs === undefined ? undefined : roundTripMs + this.up.delayMs + this.down.delayMs;
  }

  get serverBeat(): ServerBeat | undefined {
    return this.inner.serverBeat;
  }

  get parseErrors(): number {
    return this.inner.parseErrors;
  }

  get transport(): string | undefined {
    return this.inner.transport;
  }

  get canSendInput(): boolean {
    return this.up.isWritable && this.inner.canSendInput;
  }

  sendInput(bytes: Uint8Array): void {
    if (this.canSendInput) {
      this.up.send(FRAME_BYTES + bytes.length, () => this.inner.sendInput(bytes));
    }
  }

  sendLook(bytes: Uint8Array): void {
    if (this.canSendInput) {
      this.up.send(FRAME_BYTES + bytes.length, () => this.inner.sendLook(bytes));
    }
  }

  sendSteer(bytes: Uint8Array): void {
    this.up.send(FRAME_BYTES + bytes.length, () => this.inner.sendSteer(bytes));
  }

  ask(bytes: Uint8Array, answered: (answer: Uint8Array | undefined) => void): void {
    const nothing = (): void => answered(undefined);
    const arrived = (answer: Uint8Array | undefined): void =>
      this.down.send(FRAME_BYTES + (answer?.length ?? 0), () => answered(answer), nothing);
    this.up.send(FRAME_BYTES + bytes.length, () => this.inner.ask(bytes, arrived), nothing);
  }

  sit(token: string): void {
    this.clear();
    this.inner.sit(token);
  }

  leave(): void {
    this.clear();
    this.inner.leave();
  }

  rest(): void {
    this.clear();
    this.inner.rest();
  }

  retry(): void {
    this.inner.retry();
  }

  private clear(): void {
    this.up.clear();
    this.down.clear();
  }
}
