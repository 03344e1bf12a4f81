/** Two people on an open floor, so that nothing stands between them: one kills, the other is killed and comes back. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { cameraOn, VIEW_WIDTH } from "../src/arena/render/camera.ts";
import { GamePage, type InMatch } from "./browser.ts";
import { directoriesOfFile } from "./directories.ts";
import { until } from "./poll.ts";
import { startServer } from "./server.ts";
import { browserOfFile } from "./tabs.ts";

const FLOOR = { width: 960, height: 720 };
const MAP = `name Floor\nsize ${FLOOR.width} ${FLOOR.height}\nmirror both\nhome 0 0 240 ${FLOOR.height}\n`;

const DUEL = ["--fill-to", "0", "--warm-up-s", "0", "--countdown-s", "0", "--live-s", "600"];

/** So far that what is shot is seen to fly, and so near that most of it hits. */
const NEAR_UNITS = 200;

const browser = browserOfFile();
const emptyDirectory = directoriesOfFile();

/** Walks towards the other one and has the mouse on it, until it is told that this is enough. */
async function chase({ page }: GamePage, entity: number, enough: () => Promise<boolean>): Promise<void> {
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
  const pixels = width / VIEW_WIDTH;
  const held = new Set<string>();
  const hold = async (key: string, wanted: boolean): Promise<void> => {
    if (wanted !== held.has(key)) {
      await (wanted ? page.keyboard.down(key) : page.keyboard.up(key));
      wanted ? held.add(key) : held.delete(key);
    }
  };
  await until("the other one is hunted down", async () => {
    const { own, seen } = await page.evaluate(() => window.__tickroom?.state() ?? { own: undefined, seen: [] });
    const other = seen.find((each) => each.entity === entity);
    if (own !== undefined && other !== undefined) {
      const middle = cameraOn(own, FLOOR);
      await page.mouse.move(width / 2 + (other.x - middle.x) * pixels, height / 2 + (other.y - middle.y) * pixels);
      const [right, down] = [other.x - own.x, other.y - own.y];
      const isFar = Math.hypot(right, down) > NEAR_UNITS;
      await hold("KeyD", isFar && right > 16);
      await hold("KeyA", isFar && right < -16);
      await hold("KeyS", isFar && down > 16);
      await hold("KeyW", isFar && down < -16);
    }
    return (await enough()) ? true : undefined;
  });
}

test("one player kills another, who is told by whom and comes back", async () => {
  const maps = emptyDirectory();
  writeFileSync(join(maps, "1_floor.txt"), MAP);
  const server = await startServer(0, [...DUEL, "--map-dir", maps]);
  const ada = await GamePage.open(browser(), server.url);
  const hunter: InMatch = await ada.play("Ada");
  const bob = await GamePage.open(browser(), server.url);
  const victim = await bob.play("Bob");
  expect(victim.matchId).toBe(hunter.matchId);

  // Looked for from now on: a line of the feed stands for some seconds.
  const told = [ada, bob].map(({ page }) =>
    page.waitForFunction(() => /Ada.*Bob/.test(document.querySelector(".kill")?.textContent ?? "")),
  );
  let died = false;
  await ada.page.mouse.down();
  await chase(ada, victim.entity, async () => {
    const { alive, deaths = 0 } = await bob.state();
    if (!died && (alive === false || deaths > 0)) {
      died = true;
      // Nobody shall be shot who has just come back.
      await ada.page.mouse.up();
    }
    return died && ((await ada.state()).kills ?? 0) > 0;
  });
  await Promise.all(told);
  await until("the victim is back, whole", async () => {
    const { alive, health, deaths } = await bob.state();
    return alive === true && health === 100 && deaths === 1 ? true : undefined;
  });
  const [won, lost] = [await ada.state(), await bob.state()];
  expect([won.kills, won.deaths, lost.kills, lost.deaths]).toEqual([1, 0, 0, 1]);
  expect(won.score ?? 0).toBeGreaterThan(lost.score ?? 0);
  expect([...ada.faults, ...bob.faults]).toEqual([]);
});
