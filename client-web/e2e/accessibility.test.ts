import { expect, test } from "vitest";

import { violations } from "./axe.ts";
import { GamePage, LARGE } from "./browser.ts";
import { shareOf } from "./pixels.ts";
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

/** Shares of the picture that are black and white, and of the minimap that nothing shines through. */
async function shades(page: GamePage): Promise<{ black: number; white: number; solid: number }> {
  return {
    black: await shareOf(page, "#000000"),
    white: await shareOf(page, "#ffffff"),
    solid: await page.page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>(".minimap");
      const pixels = canvas?.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      let solid = 0;
      for (let at = 3; at < pixels.length; at += 4) {
        solid += pixels[at] === 255 ? 1 : 0;
      }
      return (solid * 4) / pixels.length;
    }),
  };
}

test("high contrast and larger text change the picture of a running match at once, and back", async () => {
  const server = await startServer(0, ["--warm-up-s", "0", "--countdown-s", "0"]);
  const page = await GamePage.open(browser(), server.url, undefined, LARGE);
  await page.play("Clear");
  const choose = async (isHigh: boolean, textScale: string): Promise<void> => {
    await page.page.keyboard.press("KeyO");
    await page.page.getByLabel("High contrast").setChecked(isHigh);
    await page.page.getByLabel("Size of text").selectOption(textScale);
    await page.page.getByRole("button", { name: "Done" }).click();
  };
  const nameUnits = (): Promise<number> => until("the own name is drawn", async () => (await page.state()).nameUnits);
  const usualUnits = await nameUnits();
  const isUsual = async (): Promise<true | undefined> => {
    const { black, solid } = await shades(page);
    return black < 0.05 && solid < 0.6 ? true : undefined;
  };
  await until("the picture is the usual one", isUsual);
  await choose(true, "1.5");
  await until("floor and minimap are black, and walls have white edges", async () => {
    const { black, white, solid } = await shades(page);
    return black > 0.25 && white > 0.005 && solid > 0.99 ? true : undefined;
  });
  expect((await nameUnits()) / usualUnits).toBeGreaterThan(1.3);
  await page.screenshot("match_high_contrast");
  expect(await violations(page), "match").toEqual([]);
  await choose(false, "1");
  await until("the picture is the usual one again", isUsual);
  expect(await nameUnits()).toBe(usualUnits);
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
