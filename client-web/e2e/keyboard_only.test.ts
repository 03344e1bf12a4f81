import { expect, test } from "vitest";

import { GamePage, LARGE } from "./browser.ts";
import { until } from "./poll.ts";
import { playerOnServer, startServer } from "./server.ts";
import { browserOfFile } from "./tabs.ts";

const browser = browserOfFile();

test("the keyboard alone plays: it walks, looks, fires, dashes, shows scores, mutes, and goes back to the menu", async () => {
  // Nobody else: the dead press keys in vain.
  const server = await startServer(0, ["--warm-up-s", "60", "--fill-to", "0"]);
  const page = await GamePage.open(browser(), server.url, undefined, LARGE);
  const { keyboard } = page.page;
  await keyboard.type("Keys");
  await keyboard.press("Enter");
  const who = await page.inMatch();

  // Right first: it looks that way already.
  const looks: Record<string, number> = { KeyD: 0, KeyS: Math.PI / 2, KeyA: Math.PI, KeyW: 1.5 * Math.PI };
  for (const [key, rad] of Object.entries(looks)) {
    await keyboard.down(key);
    await until(`the player looks where it walks with ${key}`, async () => {
      const { aim } = await page.state();
      return Math.abs(aim - rad) < 0.2 || Math.abs(aim - rad) > 2 * Math.PI - 0.2 ? true : undefined;
    });
    await keyboard.up(key);
  }
  await keyboard.down("Space");
  await until("shots leave", async () => (((await page.state()).net?.shots.predicted ?? 0) > 2 ? true : undefined));
  await keyboard.up("Space");

  const meter = page.page.getByRole("meter", { name: "Dash" });
  const start = await playerOnServer(server, who.matchId, who.player);
  await keyboard.down("KeyS");
  await keyboard.press("ShiftLeft");
  await until("the dash is used", async () => (/ready in/.test((await meter.getAttribute("aria-valuetext")) ?? "") ? true : undefined));
  await keyboard.up("KeyS");
  await until("the server has it elsewhere", async () => {
    const now = await playerOnServer(server, who.matchId, who.player);
    return now.x !== start.x || now.y !== start.y ? true : undefined;
  });

  const scores = page.page.getByRole("region", { name: "Scores" });
  await keyboard.down("Tab");
  await scores.waitFor({ state: "visible" });
  await keyboard.up("Tab");
  await scores.waitFor({ state: "hidden" });
  await keyboard.press("KeyM");
  expect((await page.state()).sound.volume).toBe(0);
  await keyboard.press("KeyO");
  await page.page.getByRole("dialog").waitFor({ state: "visible" });
  await keyboard.press("Escape");
  await page.page.getByRole("dialog").waitFor({ state: "hidden" });
  expect((await page.state()).session).toBe("playing");
  await keyboard.press("Escape");
  await page.page.getByLabel("Your name").waitFor();
  expect(page.faults).toEqual([]);
});
