import { expect, test } from "vitest";

import { violations } from "./axe.ts";
import { GamePage, LARGE } from "./browser.ts";
import { until } from "./poll.ts";
import { startServer } from "./server.ts";
import { browserOfFile } from "./tabs.ts";

/** The results come soon and stand long. */
const SHORT_ROUND = ["--warm-up-s", "0", "--countdown-s", "0", "--live-s", "2", "--sudden-death-s", "1", "--results-s", "60"];

const browser = browserOfFile();

test("axe finds nothing wrong in menu, settings, match and panel", async () => {
  const server = await startServer();
  const page = await GamePage.open(browser(), server.url, undefined, LARGE);
  await page.page.getByRole("button", { name: /Watch match/ }).waitFor();
  expect(await violations(page), "menu").toEqual([]);
  await page.page.getByRole("button", { name: "Settings" }).click();
  expect(await violations(page), "settings").toEqual([]);
  await page.screenshot("settings_large");
  await page.page.getByLabel("High contrast").check();
  await page.page.getByLabel("Size of text").selectOption("1.5");
  await page.page.getByLabel("Captions for sounds").check();
  expect(await violations(page), "settings of high contrast").toEqual([]);
  await page.page.getByLabel("High contrast").uncheck();
  await page.page.getByLabel("Size of text").selectOption("1");
  await page.page.getByRole("button", { name: "Done" }).click();
  await page.play("Axel");
  expect(await violations(page), "match").toEqual([]);
  await page.page.keyboard.press("KeyN");
  await page.page.getByRole("complementary", { name: "Network" }).waitFor();
  expect(await violations(page), "panel").toEqual([]);
  await page.page.keyboard.down("Tab");
  await page.page.keyboard.up("Tab");
  expect(await page.page.evaluate(() => document.activeElement?.textContent)).toMatch(/^Ping/);
  expect(page.faults).toEqual([]);
});

test("axe finds nothing wrong in the results", async () => {
  const server = await startServer(0, SHORT_ROUND);
  const page = await GamePage.open(browser(), server.url, undefined, LARGE);
  await page.play("Axel");
  await until("the round is over", async () => ((await page.state()).phase === "results" ? true : undefined));
  await page.page.getByRole("region", { name: "Scores" }).waitFor();
  expect(await violations(page), "results").toEqual([]);
  await page.screenshot("results_large");
  expect(page.faults).toEqual([]);
});

test("less motion, safe colours, high contrast and large text hold, and are remembered", async () => {
  const server = await startServer();
  const page = await GamePage.open(browser(), server.url, undefined, LARGE);
  await page.page.getByRole("button", { name: "Settings" }).click();
  for (const label of [/Less motion/, /Colour-blind/, /High contrast/]) {
    await page.page.getByLabel(label).check();
  }
  await page.page.getByLabel("Size of text").selectOption("1.5");
  await page.page.reload();
  const root = page.page.locator("html");
  const chosen = await Promise.all(["data-calm", "data-colors", "data-contrast"].map((name) => root.getAttribute(name)));
  expect(chosen).toEqual(["true", "safe", "high"]);
  expect(await violations(page), "menu").toEqual([]);
  await page.screenshot("menu_high_contrast");
  await page.play("Clear");
  await until("others are drawn", async () => ((await page.state()).others > 0 ? true : undefined));
  await page.screenshot("match_safe_colors");
  expect(await violations(page), "match").toEqual([]);
  expect(await page.page.evaluate(() => document.getAnimations().length)).toBe(0);
  expect(page.faults).toEqual([]);
});

test("from the menu into a match and back by keyboard alone, with a ring around what has the focus", async () => {
  const server = await startServer();
  const page = await GamePage.open(browser(), server.url);
  const { keyboard } = page.page;
  const focus = (): Promise<{ name: string; ring: string }> =>
    page.page.evaluate(() => {
      const element = document.activeElement ?? document.body;
      return { name: element.getAttribute("aria-label") ?? element.textContent ?? "", ring: getComputedStyle(element).outlineStyle };
    });
  await keyboard.type("Keys");
  for (const name of ["Suggest", "Play", "New match"]) {
    await keyboard.press("Tab");
    expect(await focus()).toEqual({ name, ring: "solid" });
  }
  await keyboard.press("Enter");
  await page.inMatch();
  await keyboard.press("Escape");
  await until("the menu is back", async () => ((await page.page.getByLabel("Your name").isVisible()) ? true : undefined));
  expect((await focus()).name).toBe("");
  expect(page.faults).toEqual([]);
});
