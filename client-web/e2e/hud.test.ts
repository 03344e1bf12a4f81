import { expect, test } from "vitest";

import { violations } from "./axe.ts";
import { GamePage, LARGE } from "./browser.ts";
import { until } from "./poll.ts";
import { startServer } from "./server.ts";
import { browserOfFile } from "./tabs.ts";

const browser = browserOfFile();

/** The first kill ends the round, and its results stand long. */
const ONE_KILL = ["--warm-up-s", "0", "--countdown-s", "0", "--kills-to-win", "1", "--results-s", "60", "--bot-level", "hard"];

/** Colours of the picture that the minimap is, without those that fade. */
function colorsOfMinimap(): number {
  const canvas = document.querySelector<HTMLCanvasElement>(".minimap");
  const pixels = canvas?.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
  const colors = new Set<number>();
  for (let at = 0; at + 2 < pixels.length; at += 4) {
    colors.add(((pixels[at] ?? 0) << 16) | ((pixels[at + 1] ?? 0) << 8) | (pixels[at + 2] ?? 0));
  }
  return colors.size;
}

test("the corners tell where everybody is, who leads, and which keys do what", async () => {
  const server = await startServer();
  const page = await GamePage.open(browser(), server.url, undefined, LARGE);
  await page.play("Corner");
  await until("others are seen", async () => ((await page.state()).others > 0 ? true : undefined));
  await until("field, walls, own arrow and others are on the minimap", async () =>
    (await page.page.evaluate(colorsOfMinimap)) > 4 ? true : undefined,
  );
  const leaders = page.page.locator(".leader");
  await until("the own player is in the corner, among the best or after them", async () => {
    const rows = await leaders.count();
    return rows >= 5 && rows <= 6 && (await page.page.locator('.leader[data-own="true"]').count()) === 1 ? true : undefined;
  });
  const keys = page.page.locator(".ability-key");
  expect(await keys.allInnerTexts()).toEqual(["E", "Shift"]);
  await page.page.keyboard.press("KeyO");
  await page.page.getByRole("button", { name: "Charge the rail, key: E" }).press("Enter");
  await page.page.keyboard.press("KeyQ");
  await page.page.keyboard.press("Escape");
  expect(await keys.allInnerTexts()).toEqual(["Q", "Shift"]);
  await page.screenshot("hud");
  expect(page.faults).toEqual([]);
});

test("a kill stands in the feed with the sign of its weapon, and the results praise the best", async () => {
  const server = await startServer(0, ONE_KILL);
  const page = await GamePage.open(browser(), server.url, undefined, LARGE);
  await page.play("Witness");
  await until("the feed has a kill", async () => {
    const signs = await page.page.locator(".kill .weapon").evaluateAll((all) => all.map((sign) => (sign as HTMLElement).dataset["weapon"]));
    return signs.some((sign) => sign === "Pulse" || sign === "Rail") ? true : undefined;
    // Where it was before the page came, it is after the results.
  }, 180_000);
  await until("the round is over", async () => ((await page.state()).phase === "results" ? true : undefined));
  const results = page.page.getByRole("region", { name: "Scores" });
  await until("the best is praised", async () => (/MVP[\s\S]*kill/.test(await results.innerText()) ? true : undefined));
  await page.screenshot("results_mvp");
  expect(page.faults).toEqual([]);
});

/** What the table says of the way to each player, by name. */
function pingsOf({ page }: GamePage): Promise<Record<string, string>> {
  return page.evaluate(() => {
    const rows = [...document.querySelectorAll(".scores tbody tr")];
    return Object.fromEntries(rows.map((row) => [row.querySelector(".score-name")?.textContent, row.querySelector(".ping")?.textContent]));
  });
}

test("the table tells everybody's ping, also to who watches, and who is away", async () => {
  const server = await startServer(0, ["--fill-to", "3"]);
  const ada = await GamePage.open(browser(), server.url, undefined, LARGE);
  const { matchId } = await ada.play("Ada");
  const eve = await GamePage.open(browser(), server.url);
  expect((await eve.play("Eve")).matchId).toBe(matchId);
  const viewer = await GamePage.open(browser(), `${server.url}/?spectate=${matchId}`);
  await until("the viewer watches", async () => ((await viewer.state()).session === "watching" ? true : undefined));
  const seen = async (page: GamePage, what: string, eves: RegExp): Promise<void> => {
    await until(`${what}: ${eves}`, async () => {
      const { Ada = "", Eve = "", ...others } = await pingsOf(page);
      const isRight = /^\d+$/.test(Ada) && eves.test(Eve) && Object.values(others).join() === "bot";
      return isRight ? true : undefined;
    });
  };
  for (const [page, who] of [[ada, "Ada"], [eve, "Eve"], [viewer, "a viewer"]] as const) {
    await page.page.keyboard.down("Tab");
    await page.page.getByRole("columnheader", { name: "Ping" }).waitFor();
    await seen(page, `${who} sees the ping of both`, /^\d+$/);
  }
  await eve.look("hidden");
  await seen(ada, "Ada sees that Eve is away", /^away$/);
  await seen(viewer, "so does the viewer", /^away$/);
  expect(await violations(ada)).toEqual([]);
  await ada.screenshot("away");
  await eve.look("visible");
  await seen(ada, "Ada sees that Eve is back", /^\d+$/);
  await eve.page.close();
  await seen(ada, "Ada sees that Eve has lost the connection", /^away$/);
  expect([ada, eve, viewer].flatMap(({ faults }) => faults)).toEqual([]);
});
