import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { NEUTRAL, type Input } from "../src/arena/protocol/input.ts";
import { newMatch, TICK_MS } from "./loop.ts";
import { readPacket } from "./packet.ts";
import { bytesOf, FRESH, keyframe, stateOf } from "./snapshots.ts";

const RIGHT: Input = { ...NEUTRAL, moveX: 127 };
const BODY = { x: 6400, y: 4800, vx: 0, vy: 0 };
const OWN = 4;
const OTHER = 9;

/** A match that has been played for a moment; the last snapshot was of tick 630, half a second after the first. */
function played() {
  const match = newMatch();
  for (let tick = 600; tick <= 630; tick += 3) {
    const nowMs = (tick - 600) * TICK_MS;
    match.receive(keyframe(tick, 4, OWN, [[OWN, BODY], [OTHER, BODY]]), 50, nowMs);
    match.advance(nowMs, () => RIGHT);
    match.takeInputs();
  }
  return match;
}

const HIDDEN_AT_MS = 510;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("a page that nobody sees", () => {
  test("says so at once, with a neutral input", () => {
    const packet = readPacket(played().hide(true, HIDDEN_AT_MS));
    expect(packet).toMatchObject({ acked: 630, hidden: true, resync: false, inputs: [NEUTRAL], viewAge: 255 });
  });

  test("makes no inputs, and answers each snapshot with one that acknowledges it", () => {
    const match = played();
    match.hide(true, HIDDEN_AT_MS);
    let newest = 0;
    for (let tick = 660; tick <= 840; tick += 30) {
      const nowMs = (tick - 600) * TICK_MS;
      match.advance(nowMs, () => {
        throw new Error("nobody steers");
      });
      expect(match.takeInputs()).toBeUndefined();
      match.receive(bytesOf({ tick, baseTicks: 30, slackQuarters: 4, own: { entity: OWN, record: FRESH } }), 50, nowMs);
      const packet = readPacket(match.takeAcknowledgement(nowMs));
      expect(packet).toMatchObject({ acked: tick, hidden: true, resync: false, inputs: [NEUTRAL] });
      expect(packet.newest).toBeGreaterThan(Math.max(newest, tick));
      newest = packet.newest;
    }
    expect(vi.getTimerCount()).toBe(0);
  });

  test("is told apart from one that is seen, which answers nothing", () => {
    const match = played();
    expect(match.takeAcknowledgement(HIDDEN_AT_MS)).toBeUndefined();
    expect(match.hide(false, HIDDEN_AT_MS)).toBeUndefined();
    match.hide(true, HIDDEN_AT_MS);
    expect(match.hide(true, HIDDEN_AT_MS)).toBeUndefined();
  });

  test("has nothing to say before the first snapshot", () => {
    const match = newMatch();
    expect(match.hide(true, 0)).toBeUndefined();
    expect(match.hide(false, 100)).toBeUndefined();
  });
});

describe("a page that is seen again", () => {
  const AWAY_MS = 60_000;
  const FAR = { x: 6400 + 32 * 500, y: 4800, vx: 16 * 300, vy: 0 };

  /** Hidden for a minute, in which one snapshot came; the other has gone 500 units since. */
  function woken() {
    const match = played();
    match.hide(true, HIDDEN_AT_MS);
    const tick = 660;
    match.receive(bytesOf({ tick, baseTicks: 30, blocks: [{ cell: 0, mode: "changed" }], own: { entity: OWN, record: FRESH } }), 50, 1000);
    const packet = readPacket(match.hide(false, HIDDEN_AT_MS + AWAY_MS));
    return { match, packet };
  }

  test("asks for a keyframe at once, and until it has come", () => {
    const { match, packet } = woken();
    expect(packet).toMatchObject({ acked: 660, hidden: false, resync: true, inputs: [NEUTRAL] });
    const nowMs = HIDDEN_AT_MS + AWAY_MS;
    match.advance(nowMs + 50, () => RIGHT);
    expect(readPacket(match.takeInputs())).toMatchObject({ hidden: false, resync: true });
    match.receive(keyframe(4230, 4, OWN, [[OWN, BODY], [OTHER, FAR]]), 50, nowMs + 60);
    match.advance(nowMs + 120, () => RIGHT);
    expect(readPacket(match.takeInputs())).toMatchObject({ acked: 4230, resync: false });
  });

  test("draws everybody where they are at once, and glides nobody there", () => {
    const { match } = woken();
    const nowMs = HIDDEN_AT_MS + AWAY_MS;
    const xs: number[] = [];
    const draw = (atMs: number): void => {
      match.advance(atMs, () => NEUTRAL);
      xs.push(match.view(atMs).others.get(OTHER)?.x ?? NaN);
    };
    for (let frame = 0; frame < 6; frame += 1) {
      draw(nowMs + frame * 16);
    }
    for (let snapshot = 0; snapshot < 6; snapshot += 1) {
      const arriveMs = nowMs + 100 + snapshot * 50;
      const x = FAR.x + snapshot * 3 * 160;
      match.receive(keyframe(4230 + snapshot * 3, 4, OWN, [[OWN, BODY], [OTHER, { ...FAR, x }]]), 50, arriveMs);
      draw(arriveMs);
      draw(arriveMs + 16);
      draw(arriveMs + 33);
    }
    const steps = xs.slice(1).map((x, index) => x - (xs[index] ?? x)).filter((step) => step !== 0);
    // One jump of 500 units, then 300 units a second.
    expect(steps[0]).toBeCloseTo(500, 0);
    expect(Math.max(...steps.slice(1))).toBeLessThan(10);
    expect(match.view(nowMs + 400).tick).toBeGreaterThan(4240);
    // One and a half intervals, as at the beginning: the pause was no delay of the way.
    expect(match.timing.delayMs).toBeCloseTo(75);
  });

  test("steers again from where the server has the player", () => {
    const { match } = woken();
    const nowMs = HIDDEN_AT_MS + AWAY_MS;
    match.receive(keyframe(4230, 4, OWN, [[OWN, FAR], [OTHER, stateOf(BODY)]]), 50, nowMs + 60);
    match.advance(nowMs + 61, () => RIGHT);
    expect(Math.abs((match.viewOwn(nowMs + 61)?.pose.x ?? 0) - FAR.x / 32)).toBeLessThan(60);
  });
});
