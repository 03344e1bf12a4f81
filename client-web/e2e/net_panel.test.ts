/** The network panel: what it tells, what its switches do, and what its link does to the game. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

import type { ProbeState } from "../src/arena/debug/probe.ts";
import type { DrawnFrame } from "../src/arena/debug/recorder.ts";
import { FIGURES } from "../src/arena/ui/net_figures.ts";
import { SWITCH_ROWS, type Board } from "../src/arena/switchboard.ts";
import { violations } from "./axe.ts";
import { GamePage, LARGE } from "./browser.ts";
import { until } from "./poll.ts";
import { startServer } from "./server.ts";
import { browserOfFile } from "./tabs.ts";

/** Each way. */
const LATENCY_MS = 150;
const TICK_MS = 1000 / 60;
const TICKS_BETWEEN_SNAPSHOTS = 3;

/** As long a player goes to one side. */
const TURN_TICKS = 60;

/** Nobody else is there, and no round begins meanwhile. */
const ALONE = ["--fill-to", "0", "--warm-up-s", "600"];

const HUGE = { width: 1920, height: 1080 };
const WIDE = { width: 2200, height: 900 };

const browser = browserOfFile();

/** A page in a match, with the panel open. */
async function open(flags: readonly string[], query: string, viewport = LARGE): Promise<GamePage> {
  const server = await startServer(0, flags);
  const page = await GamePage.open(browser(), `${server.url}/${query}`, undefined, viewport);
  await page.play("Nettie");
  await page.page.keyboard.press("KeyN");
  await page.page.getByRole("complementary", { name: "Network" }).waitFor();
  return page;
}

async function flip({ page }: GamePage, key: keyof Board): Promise<void> {
  const label = SWITCH_ROWS.find((row) => row.key === key)?.label ?? "";
  await page.getByRole("switch", { name: label, exact: true }).click();
}

function framesOf({ page }: GamePage): Promise<readonly DrawnFrame[]> {
  return page.evaluate(() => window.__tickroom?.frames() ?? []);
}

/** Waits until the page says of itself what `holds` asks for. */
function untilState(page: GamePage, what: string, holds: (state: ProbeState & { net: NonNullable<ProbeState["net"]> }) => boolean): Promise<ProbeState> {
  return until(what, async () => {
    const state = await page.state();
    const { net } = state;
    return net !== undefined && holds({ ...state, net }) ? state : undefined;
  });
}

/** Waits until frames drawn from now on say what `holds` asks for. */
async function untilFrames(page: GamePage, what: string, holds: (frames: readonly DrawnFrame[]) => boolean): Promise<void> {
  const sinceMs = await page.page.evaluate(() => performance.now());
  await until(what, async () => {
    const frames = (await framesOf(page)).filter(({ atMs }) => atMs > sinceMs).slice(-10);
    return frames.length === 10 && holds(frames) ? true : undefined;
  });
}

test.each([
  ["large", LARGE],
  ["huge", HUGE],
] as const)("every figure is there, the graph has data, and axe finds nothing (%s)", async (name, viewport) => {
  const page = await open([], "?latency=75&jitter=8", viewport);
  const { page: tab } = page;
  await untilState(page, "the graph has data", ({ panel, net }) => (panel?.points ?? 0) > 30 && net.server !== undefined);
  expect(await tab.locator(".net-graph canvas").count()).toBe(1);
  for (const { label } of FIGURES) {
    const tile = tab.locator(".net-figure", { hasText: label }).first();
    await until(`${label} is read`, async () => (/\d/.test(await tile.innerText()) ? true : undefined));
    await tile.click();
    expect(await tile.getAttribute("aria-pressed")).toBe("true");
  }
  expect(await violations(page), "figures and switches").toEqual([]);
  await tab.locator(".net-figure", { hasText: "Ping" }).click();
  await page.screenshot(`net_panel_${name}`);
  await tab.locator("summary", { hasText: "Link" }).click();
  expect(await violations(page), "link").toEqual([]);
  await page.screenshot(`net_panel_link_${name}`);
  expect(page.faults).toEqual([]);
});

test.each([LARGE, WIDE])("the map is seen beside the panel, at $width × $height", async (viewport) => {
  const { page, faults } = await open([], "", viewport);
  const panel = page.locator(".net-panel");
  const map = page.locator(".minimap");
  await map.waitFor();
  const [left, right] = [await panel.boundingBox(), await map.boundingBox()];
  expect((left?.x ?? 0) + (left?.width ?? Infinity)).toBeLessThan(right?.x ?? 0);
  expect((right?.x ?? 0) + (right?.width ?? Infinity)).toBeLessThan(viewport.width);
  expect((right?.y ?? 0) + (right?.height ?? Infinity)).toBeLessThan((await page.locator(".toolbar").boundingBox())?.y ?? 0);
  await page.keyboard.press("KeyN");
  await expect.poll(async () => (await map.boundingBox())?.x).toBeLessThan(viewport.width / 4);
  expect(faults).toEqual([]);
});

test("without prediction the own player is drawn as the server told of it, a round trip after the key", async () => {
  const page = await open(ALONE, `?latency=${LATENCY_MS}`);
  const ahead = (frames: readonly DrawnFrame[], ticks: number): boolean =>
    frames.every(({ own, told }) => own !== undefined && told !== undefined && own.tick - told.tick > ticks);
  await framesOf(page);
  await untilFrames(page, "the own player is ahead of what was told", (frames) => ahead(frames, (2 * LATENCY_MS) / TICK_MS - 3));
  await flip(page, "prediction");
  await untilFrames(page, "it is behind", (frames) =>
    frames.every(({ own, told }) => own !== undefined && told !== undefined && own.tick <= told.tick),
  );
  const rest = (await page.state()).own;
  const keyAtMs = await page.page.evaluate(() => {
    window.dispatchEvent(new KeyboardEvent("keydown", { code: "KeyD" }));
    return performance.now();
  });
  const moved = await until("it moves", async () =>
    (await framesOf(page)).find(({ atMs, own }) => atMs > keyAtMs && own !== undefined && rest !== undefined && own.x > rest.x + 0.1),
  );
  expect(moved.atMs - keyAtMs).toBeGreaterThan(2 * LATENCY_MS);
  await flip(page, "prediction");
  await untilFrames(page, "it is ahead again", (frames) => ahead(frames, 0));
  expect(page.faults).toEqual([]);
});

test("without reconciliation what is predicted wrongly stays wrong, and the count says so", async () => {
  const page = await open(ALONE, "?link=train");
  await flip(page, "reconciliation");
  const { net: before } = await page.state();
  // Inputs that come late make the server go another way; but for who holds one key it goes on the same way, and in a corner both
  // would be at the same place again.
  await page.page.locator("summary", { hasText: "Link" }).click();
  await page.page.getByLabel("Latency, each way").fill("300");
  await page.page.getByLabel("Latency, each way").blur();
  const { keyboard } = page.page;
  const keys = ["KeyD", "KeyA"];
  const { net: after } = await until("they disagree", async () => {
    const [held = "", next = ""] = keys;
    await keyboard.up(held);
    await keyboard.down(next);
    keys.reverse();
    const state = await page.state();
    return (state.net?.unreconciled ?? 0) > (before?.unreconciled ?? 0) + 10 ? state : undefined;
  });
  expect(after?.corrections).toBe(before?.corrections);
  await page.page.locator("summary", { hasText: "Switches" }).click();
  await flip(page, "reconciliation");
  await untilState(page, "it is put right", ({ net }) => net.corrections > (before?.corrections ?? 0));
  expect(page.faults).toEqual([]);
});

test("without interpolation the others go by steps of a snapshot", async () => {
  const page = await open([], "");
  const steps = (frames: readonly DrawnFrame[]): boolean => frames.every(({ pastTick }) => pastTick % TICKS_BETWEEN_SNAPSHOTS === 0);
  await framesOf(page);
  await untilFrames(page, "they glide", (frames) => !steps(frames));
  await flip(page, "interpolation");
  await untilFrames(page, "they go by steps", steps);
  expect(page.faults).toEqual([]);
});

test("lag compensation decides where the server looks for the others, which the rewound hit box shows", async () => {
  const page = await open(["--warm-up-s", "0", "--countdown-s", "0"], `?latency=${LATENCY_MS}`);
  await flip(page, "hitBox");
  const fire = (what: string, ageTicks: number): Promise<ProbeState> =>
    until(what, async () => {
      await page.page.keyboard.press("KeyE");
      const state = await page.state();
      return state.bare.judgedAgeTicks === ageTicks && state.bare.judged > 0 ? state : undefined;
    });
  await untilState(page, "shots are judged in the past", ({ net }) => net.viewAgeTicks > (2 * LATENCY_MS) / TICK_MS);
  // As far back as the server believes.
  await fire("a rail is judged 200 ms before", 12);
  await page.screenshot("net_panel_hit_box");
  await flip(page, "lagCompensation");
  await untilState(page, "shots are judged at present", ({ net }) => net.viewAgeTicks === 0);
  await fire("a rail is judged where the server has everybody", 0);
  expect(page.faults).toEqual([]);
});

test("the server's ghost walks a round trip behind", async () => {
  const page = await open(ALONE, `?latency=${LATENCY_MS}`);
  expect((await page.state()).bare.ghosts).toBe(0);
  await flip(page, "ghost");
  await untilState(page, "there is a ghost", ({ bare }) => bare.ghosts === 1);
  // To either side in turn: a wall may stand near. Full speed for 300 ms is 96 units.
  const keys = ["KeyD", "KeyA"];
  let turnTick = 0;
  await until("it is behind", async () => {
    const { bare, tick = 0 } = await page.state();
    if (tick > turnTick) {
      const [held = "", next = ""] = keys;
      await page.page.keyboard.up(held);
      await page.page.keyboard.down(next);
      keys.reverse();
      turnTick = tick + TURN_TICKS;
    }
    return bare.ghostUnitsMax > 60 ? true : undefined;
  });
  await page.screenshot("net_panel_ghost");
  expect(page.faults).toEqual([]);
});

test.each([
  ["one cell for a few", [], (cells: number) => cells === 1],
  ["many for many", ["--see-all-max", "1"], (cells: number) => cells > 100],
] as const)("the interest grid shows what is told: %s", async (name, flags, fits) => {
  const page = await open(flags, "");
  await flip(page, "cells");
  const { bare } = await untilState(page, "cells are drawn", ({ bare }) => fits(bare.cells) && bare.cellsTold > 0);
  expect(bare.cellsTold).toBeLessThanOrEqual(bare.cells);
  await page.screenshot(`net_panel_cells_${name.split(" ")[0]}`);
  expect(page.faults).toEqual([]);
});

test("presets and sliders of the link change the ping that is measured", async () => {
  const page = await open(ALONE, "");
  const { page: tab } = page;
  await tab.locator("summary", { hasText: "Link" }).click();
  const ping = (what: string, holds: (ms: number) => boolean): Promise<ProbeState> =>
    untilState(page, what, ({ net }) => net.rttMs !== undefined && holds(net.rttMs));
  await tab.getByRole("button", { name: "train", exact: true }).click();
  await ping("the ping of a train", (ms) => ms > 2 * 60);
  await tab.getByLabel("Latency, each way").fill("300");
  await ping("the ping of a slider", (ms) => ms > 2 * 300);
  await tab.getByRole("button", { name: "none", exact: true }).click();
  await ping("the ping of no link", (ms) => ms < 2 * 300);
  expect(page.faults).toEqual([]);
});

test("every switch is reached and flipped by keyboard alone, and shows the source that runs", async () => {
  const page = await open(ALONE, "");
  const { page: tab } = page;
  const flipped = new Set<string>();
  for (let presses = 0; presses < 60 && flipped.size < SWITCH_ROWS.length; presses += 1) {
    await tab.keyboard.press("Tab");
    const focused = await tab.evaluate(() => ({ role: document.activeElement?.role, label: document.activeElement?.textContent ?? "" }));
    const row = SWITCH_ROWS.find(({ label }) => focused.role === "switch" && label === focused.label);
    if (row !== undefined) {
      const before = (await page.state()).switches[row.key];
      await tab.keyboard.press("Space");
      expect((await page.state()).switches[row.key], row.label).toBe(!before);
      flipped.add(row.key);
    }
  }
  expect(flipped.size).toBe(SWITCH_ROWS.length);
  for (const { label, sources } of SWITCH_ROWS) {
    await tab.locator(".net-row", { hasText: label }).locator("summary").click();
    for (const [file] of sources) {
      const shown = tab.getByRole("region", { name: new RegExp(`^${file}:`) }).first();
      const text = await shown.innerText();
      const code = readFileSync(new URL(`../src/${file}`, import.meta.url), "utf8");
      const trimmed = (lines: string): string => lines.split("\n").map((line) => line.trim()).join("\n");
      expect(trimmed(code)).toContain(trimmed(text.trim()));
    }
    if (label === "Prediction") {
      expect(await violations(page), "source").toEqual([]);
      await page.screenshot("net_panel_source");
    }
    await tab.locator(".net-row", { hasText: label }).locator("summary").click();
  }
  await tab.keyboard.press("KeyN");
  expect((await page.state()).panel?.open).toBe(false);
  expect(page.faults).toEqual([]);
});
