import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { ConditionedLink } from "../src/tickroom/net/conditioned_link.ts";
import type { Conditions } from "../src/tickroom/net/conditioner.ts";
import { DIRECT, PRESETS } from "../src/tickroom/net/conditions.ts";
import type { Link, LinkListener, LinkState } from "../src/tickroom/net/link.ts";

const ONLINE: LinkState = { kind: "online" };
const LOST: LinkState = { kind: "reconnecting", attempt: 1, retryAtMs: 0, lostMs: 0 };

let log: string[];
let inner: LinkListener;

/** A link at whose other end everything is written down, and each question answered with itself. */
function linkOver(conditions: Conditions): ConditionedLink {
  const note = (text: string) => (bytes?: Uint8Array) => {
    log.push(`${Math.round(performance.now())} ${text} ${bytes?.[0] ?? ""}`.trim());
  };
  const listener: LinkListener = {
    onState: (state) => note(state.kind)(),
    onSeatRefused: note("refused"),
    onSeatLost: note("lost"),
    onMessage: note("message"),
    onSnapshot: note("snapshot"),
    onPresences: note("presences"),
    presenceByte: () => 7,
  };
  return new ConditionedLink(conditions, 1, listener, (given) => {
    inner = given;
    return {
      state: ONLINE,
      roundTripMs: 3,
      serverBeat: { tickMs: 0.25, ticksSlipped: 2 },
      transport: "websocket",
      canSendInput: true,
      parseErrors: 0,
      ask: (bytes, answered) => {
        note("asked")(bytes);
        answered(bytes);
      },
      sendInput: note("input"),
      sendLook: note("look"),
      sendSteer: note("steer"),
      sit: () => note("sit")(),
      leave: () => note("leave")(),
      rest: () => note("rest")(),
      retry: () => note("retry")(),
    } satisfies Link;
  });
}

function takeLog(): string[] {
  return log.splice(0);
}

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  log = [];
});

afterEach(() => {
  vi.useRealTimers();
});

describe("a link with conditions", () => {
  test("holds up both directions", () => {
    const link = linkOver({ ...DIRECT, latencyUs: 75_000 });
    link.sendInput(Uint8Array.of(1));
    inner.onSnapshot(Uint8Array.of(2));
    inner.onMessage(Uint8Array.of(3));
    inner.onPresences(Uint8Array.of(4));
    vi.advanceTimersByTime(74);
    expect(takeLog()).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(takeLog()).toEqual(["75 input 1", "75 snapshot 2", "75 message 3", "75 presences 4"]);
    expect(link.roundTripMs).toBe(153);
    expect(inner.presenceByte()).toBe(7);
    expect(link.serverBeat).toEqual({ tickMs: 0.25, ticksSlipped: 2 });
  });

  test("answers a question after both ways", () => {
    const link = linkOver({ ...DIRECT, latencyUs: 20_000 });
    link.ask(Uint8Array.of(9), (answer) => log.push(`${Math.round(performance.now())} answer ${answer?.[0]}`));
    vi.advanceTimersByTime(100);
    expect(takeLog()).toEqual(["20 asked 9", "40 answer 9"]);
  });

  test("holds nothing up behind what was on its way over a connection that is lost", () => {
    linkOver({ ...DIRECT, bytesPerS: 1000 });
    for (let number = 0; number < 20; number += 1) {
      inner.onSnapshot(new Uint8Array(950).fill(number));
    }
    vi.advanceTimersByTime(1500);
    expect(takeLog()).toEqual(["1000 snapshot 0"]);
    inner.onState(LOST);
    inner.onState(ONLINE);
    inner.onMessage(new Uint8Array(950).fill(99));
    vi.advanceTimersByTime(1000);
    expect(takeLog()).toEqual(["1500 reconnecting", "1500 online", "2500 message 99"]);
  });

  test("lets everything through at once without conditions", () => {
    const link = linkOver(DIRECT);
    link.sendInput(Uint8Array.of(1));
    inner.onSnapshot(Uint8Array.of(2));
    expect(takeLog()).toEqual(["0 input 1", "0 snapshot 2"]);
    expect(link.roundTripMs).toBe(3);
  });

  test("keeps the order on the most unsteady way", () => {
    const link = linkOver(PRESETS["train"] ?? DIRECT);
    for (let number = 0; number < 200; number += 1) {
      link.sendInput(Uint8Array.of(number));
      vi.advanceTimersByTime(20);
    }
    vi.advanceTimersByTime(2000);
    expect(takeLog().map((line) => Number(line.split(" ").at(-1)))).toEqual([...Array(200).keys()]);
  });

  test("tells state at once, and loses what was on its way when the connection goes", () => {
    const link = linkOver({ ...DIRECT, latencyUs: 50_000 });
    const answers: unknown[] = [];
    link.sendInput(Uint8Array.of(1));
    link.ask(Uint8Array.of(9), (answer) => answers.push(answer));
    inner.onSnapshot(Uint8Array.of(2));
    inner.onState(LOST);
    vi.advanceTimersByTime(1000);
    expect(takeLog()).toEqual(["0 reconnecting"]);
    expect(answers).toEqual([undefined]);
  });

  test("lets nothing of a seat that is given back arrive", () => {
    const link = linkOver({ ...DIRECT, latencyUs: 50_000 });
    inner.onSnapshot(Uint8Array.of(2));
    link.leave();
    vi.advanceTimersByTime(1000);
    expect(takeLog()).toEqual(["0 leave"]);
  });

  test("takes no input while the way is full", () => {
    const link = linkOver({ ...DIRECT, bytesPerS: 1000, queueBytes: 100 });
    expect(link.canSendInput).toBe(true);
    link.sendInput(new Uint8Array(60));
    expect(link.canSendInput).toBe(false);
    vi.advanceTimersByTime(1000);
    expect(link.canSendInput).toBe(true);
  });

  test("changes for what is sent from then on", () => {
    const link = linkOver({ ...DIRECT, latencyUs: 50_000 });
    inner.onSnapshot(Uint8Array.of(1));
    link.conditions = DIRECT;
    inner.onSnapshot(Uint8Array.of(2));
    vi.advanceTimersByTime(50);
    expect(takeLog()).toEqual(["50 snapshot 1", "50 snapshot 2"]);
  });

  test("is bounded, also when time stands still", () => {
    const link = linkOver({ ...DIRECT, latencyUs: 50_000 });
    let unanswered = 0;
    for (let number = 0; number < 5000; number += 1) {
      link.ask(Uint8Array.of(1), (answer) => {
        unanswered += answer === undefined ? 1 : 0;
      });
    }
    expect(unanswered).toBe(5000 - 2048);
    expect(link.canSendInput).toBe(false);
  });
});
