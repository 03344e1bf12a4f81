/** A connection without a network: the test says what comes, and what the session did is in its log. */

import type { Link, LinkListener, LinkState } from "../src/tickroom/net/link.ts";

/** The last byte of what is asked: of a choice its number, of a code its letter. */
function lastOf(bytes: Uint8Array): string {
  const last = bytes.at(-1) ?? 0;
  return last < 32 ? String(last) : String.fromCharCode(last);
}

export class FakeLink implements Link {
  state: LinkState = { kind: "connecting" };
  roundTripMs: number | undefined;
  readonly serverBeat = undefined;
  readonly transport = undefined;
  readonly parseErrors = 0;
  canSendInput = false;
  readonly sent: Uint8Array[] = [];
  readonly log: string[] = [];
  private asked: ((answer: Uint8Array | undefined) => void)[] = [];

  constructor(readonly listener: LinkListener) {}

  ask(bytes: Uint8Array, answered: (answer: Uint8Array | undefined) => void): void {
    this.log.push(bytes[0] === 0 ? "list" : `join ${lastOf(bytes)}`);
    this.asked.push(answered);
  }

  sit(token: string): void {
    this.log.push(`sit ${token.slice(0, 4)}`);
  }

  leave(): void {
    this.log.push("leave");
  }

  rest(): void {
    this.log.push("rest");
    this.become({ kind: "resting" });
  }

  retry(): void {
    this.log.push("retry");
  }

  sendInput(bytes: Uint8Array): void {
    this.sent.push(bytes);
  }

  readonly looks: Uint8Array[] = [];

  sendLook(bytes: Uint8Array): void {
    this.looks.push(bytes);
  }

  readonly steers: Uint8Array[] = [];

  sendSteer(bytes: Uint8Array): void {
    this.steers.push(bytes);
  }

  become(state: LinkState): void {
    this.state = state;
    this.listener.onState(state);
  }

  answer(bytes: Uint8Array | undefined): void {
    this.asked.shift()?.(bytes);
  }

  takeLog(): string[] {
    return this.log.splice(0);
  }
}
