import { describe, expect, test } from "vitest";

import { Quality, type Level } from "../src/arena/render/quality.ts";
import { settingsFrom } from "../src/arena/settings/settings.ts";

/** Draws with these frame times, each for so many seconds, and gives the level after each part. */
class Screen {
  readonly quality = new Quality();
  private nowMs = 1000;

  draw(frameMs: number, seconds: number): Level {
    const untilMs = this.nowMs + seconds * 1000;
    while (this.nowMs < untilMs) {
      this.nowMs += frameMs;
      this.quality.frame(this.nowMs);
    }
    return this.quality.level;
  }

  pause(ms: number): void {
    this.nowMs += ms;
  }

  /** Seconds of this frame time until the level is another one. */
  secondsUntilChange(frameMs: number): number {
    const before = this.quality.level;
    const startMs = this.nowMs;
    while (this.quality.level === before && this.nowMs - startMs < 1_000_000) {
      this.draw(frameMs, 0.1);
    }
    return (this.nowMs - startMs) / 1000;
  }
}

describe("the automatic quality", () => {
  test("begins high and stays there on a fast machine", () => {
    const screen = new Screen();
    expect([screen.quality.level, screen.draw(16.7, 60), screen.draw(6.9, 60)]).toEqual(["high", "high", "high"]);
  });

  test("goes down step by step while frames are slow, and no further than low", () => {
    const screen = new Screen();
    expect([screen.draw(40, 1), screen.draw(40, 1), screen.draw(40, 2), screen.draw(40, 60)]).toEqual(["high", "medium", "low", "low"]);
  });

  test("comes back step by step when frames have been fast for long", () => {
    const screen = new Screen();
    screen.draw(50, 5);
    expect([screen.draw(16.7, 5), screen.draw(16.7, 7), screen.draw(16.7, 11)]).toEqual(["low", "medium", "high"]);
  });

  test("stays where it is between slow and fast, whichever way it came", () => {
    const screen = new Screen();
    expect(screen.draw(20, 120)).toBe("high");
    screen.draw(40, 2);
    expect([screen.quality.level, screen.draw(20, 120)]).toEqual(["medium", "medium"]);
  });

  test("waits longer each time that more was too much, so that it does not swing", () => {
    const screen = new Screen();
    screen.secondsUntilChange(40);
    const waits = Array.from({ length: 7 }, () => {
      const seconds = screen.secondsUntilChange(16.7);
      screen.secondsUntilChange(40);
      return seconds;
    });
    expect(waits[0]).toBeLessThan(12);
    waits.slice(1, 5).forEach((seconds, index) => expect(seconds).toBeGreaterThan((waits[index] ?? 0) * 1.7));
    expect(Math.max(...waits)).toBeLessThan(160);
  });

  test("takes no notice of a hitch, nor of a page that was hidden", () => {
    const screen = new Screen();
    for (let count = 0; count < 50; count += 1) {
      screen.draw(16.7, 1);
      screen.draw(120, 0.1);
    }
    expect(screen.quality.level).toBe("high");
    for (let count = 0; count < 50; count += 1) {
      screen.pause(count % 2 === 0 ? 1000 : 60_000);
      screen.draw(16.7, 0.2);
    }
    expect(screen.quality.level).toBe("high");
  });
});

test("who chooses a quality has it, whatever the frames say, and auto goes on where it was", () => {
  const screen = new Screen();
  screen.quality.choose("low");
  expect(screen.draw(16.7, 60)).toBe("low");
  screen.quality.choose("high");
  expect(screen.draw(60, 10)).toBe("high");
  screen.quality.choose("auto");
  expect(screen.quality.level).toBe("low");
});

test("a remembered quality is one of those there are", () => {
  expect(["low", "ultra", 7, null].map((quality) => settingsFrom(JSON.stringify({ quality })).quality)).toEqual(["low", "auto", "auto", "auto"]);
});
