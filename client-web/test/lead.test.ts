import { describe, expect, test } from "vitest";

import { InputLead } from "../src/tickroom/net/lead.ts";
import { Xorshift32 } from "./random.ts";

const TICK_MS = 1000 / 60;

interface Way {
  /** One way, milliseconds, for a message sent now. */
  readonly delayMs: (nowMs: number) => number;
  /** Error of the first guess of the server's tick. */
  readonly firstErrorTicks?: number;
}

/** Lets a client and a server run against each other; gives the slack of the inputs of the last seconds, ticks. */
function slackAfter(seconds: number, way: Way): { slack: number[]; lead: InputLead; late: number } {
  const lead = new InputLead(TICK_MS, way.firstErrorTicks ?? 0, 2 * way.delayMs(0), 0);
  const reports: { atMs: number; slackTicks: number }[] = [];
  const slack: number[] = [];
  let sent = 0;
  let late = 0;
  let arrivedMs = 0;
  for (let nowMs = 0; nowMs < seconds * 1000; nowMs += 8) {
    while ((reports[0]?.atMs ?? Infinity) <= nowMs) {
      lead.observe(reports.shift()?.slackTicks ?? 0, nowMs);
    }
    const due = lead.advance(nowMs);
    for (let tick = due?.first ?? 0; tick <= (due?.last ?? -1); tick += 1) {
      sent += 1;
      if (sent % 2 === 0) {
        // Inputs go in pairs, in order; the slack is that of the older one.
        arrivedMs = Math.max(arrivedMs, nowMs + way.delayMs(nowMs));
        const slackTicks = tick - 1 - arrivedMs / TICK_MS;
        reports.push({ atMs: arrivedMs + way.delayMs(nowMs), slackTicks: Math.floor(slackTicks * 4) / 4 });
        if (nowMs > (seconds - 5) * 1000) {
          slack.push(slackTicks);
          late += slackTicks < 0 ? 1 : 0;
        }
      }
    }
  }
  return { slack, lead, late: late / slack.length };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe("the lead of the inputs", () => {
  test("gives each tick once and in order", () => {
    const lead = new InputLead(TICK_MS, 100, 50, 0);
    const ticks: number[] = [];
    for (let nowMs = 0; nowMs < 1000; nowMs += 7) {
      const due = lead.advance(nowMs);
      for (let tick = due?.first ?? 0; tick <= (due?.last ?? -1); tick += 1) {
        ticks.push(tick);
      }
      expect(lead.fraction).toBeGreaterThanOrEqual(0);
      expect(lead.fraction).toBeLessThanOrEqual(1);
    }
    expect(ticks).toEqual(ticks.map((_, index) => (ticks[0] ?? 0) + index));
    expect(ticks.length).toBeGreaterThan(55);
  });

  test("settles where inputs come in time on a steady way, and not much earlier", () => {
    const { slack, late } = slackAfter(20, { delayMs: () => 40 });
    expect(late).toBe(0);
    expect(mean(slack)).toBeGreaterThan(0.5);
    expect(mean(slack)).toBeLessThan(3);
  });

  test("keeps more distance when the way is unsteady", () => {
    const random = new Xorshift32(3);
    const { slack, late } = slackAfter(40, { delayMs: () => 40 + random.share() * 24 });
    expect(late).toBeLessThan(0.1);
    expect(mean(slack)).toBeLessThan(5);
  });

  test("finds its place from a wrong first guess, both ways", () => {
    for (const firstErrorTicks of [-30, -5, 10, 30]) {
      const { slack } = slackAfter(40, { delayMs: () => 30, firstErrorTicks });
      expect(mean(slack), `${firstErrorTicks}`).toBeGreaterThan(0.3);
      expect(mean(slack), `${firstErrorTicks}`).toBeLessThan(3.5);
    }
  });

  test("runs at most 5 % faster and 3 % slower, and evenly within 2 ms", () => {
    const lead = new InputLead(TICK_MS, 0, 0, 0);
    expect(lead.rate).toBe(1);
    lead.observe(-10, 0);
    expect(lead.rate).toBe(1.05);
    const early = new InputLead(TICK_MS, 0, 0, 0);
    early.observe(12, 0);
    expect(early.rate).toBe(0.97);
    const right = new InputLead(TICK_MS, 0, 0, 0);
    right.observe(right.targetMs / TICK_MS, 0);
    expect(right.rate).toBe(1);
  });

  test("jumps when it is more than 250 ms off, once", () => {
    const lead = new InputLead(TICK_MS, 100, 0, 0);
    lead.advance(0);
    lead.observe(-31, 0);
    expect(lead.advance(1)?.last).toBeGreaterThan(130);
    // Reports that were under way still speak of the time before.
    lead.observe(-31, 50);
    expect(lead.advance(51)?.last ?? 0).toBeLessThan(145);
  });

  test("is not moved by a few bad reports of two hundred, and by no more than those", () => {
    const lead = new InputLead(TICK_MS, 100, 0, 0);
    for (let report = 0; report < 200; report += 1) {
      lead.observe(0.5, 0);
    }
    expect(lead.rate).toBe(1);
    for (let report = 0; report < 4; report += 1) {
      lead.observe(-6, 0);
      expect(lead.rate).toBe(1);
    }
    lead.observe(-6, 0);
    expect(lead.rate).toBe(1.05);
  });

  test("makes at most 15 inputs at once after the page was held up", () => {
    const lead = new InputLead(TICK_MS, 100, 0, 0);
    const due = lead.advance(60_000);
    expect((due?.last ?? 0) - (due?.first ?? 0) + 1).toBe(15);
    expect(due?.last).toBeGreaterThan(3600);
  });

  test("begins anew when inputs come far too early, and its ticks are due again", () => {
    for (const [slackTicks, expected] of [[20, 81], [31.75, 70], [10, undefined]] as const) {
      const lead = new InputLead(TICK_MS, 96, 0, 0);
      expect(lead.tick).toBe(100);
      expect(lead.beginAnew(69, 0, slackTicks, 0)).toBe(expected !== undefined);
      expect(lead.tick).toBe(expected ?? 100);
      // What is on its way still speaks of the time before.
      expect(lead.beginAnew(69, 0, slackTicks, 50)).toBe(false);
    }
  });

  test("stays ahead of the server", () => {
    const lead = new InputLead(TICK_MS, 100, 0, 0);
    lead.stayAheadOf(500, 0);
    expect(lead.advance(1)?.last).toBeGreaterThan(500);
  });

  test("never aims further than 100 ms", () => {
    const lead = new InputLead(TICK_MS, 0, 0, 0);
    for (let report = 0; report < 200; report += 1) {
      lead.observe(report % 2 === 0 ? 12 : -12, report);
    }
    expect(lead.targetMs).toBe(100);
  });
});
