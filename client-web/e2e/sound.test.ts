import { expect, test } from "vitest";

import { GamePage } from "./browser.ts";
import { until } from "./poll.ts";
import { startServer } from "./server.ts";
import { browserOfFile } from "./tabs.ts";

const browser = browserOfFile();

test("sound begins with the first gesture, and shots are heard", async () => {
  const server = await startServer();
  const page = await GamePage.open(browser(), server.url);
  expect((await page.state()).sound).toMatchObject({ context: "none", begun: 0, volume: 0.7 });
  await page.play("Loud");
  await page.page.keyboard.down("Space");
  await until("the shots are heard", async () => {
    const { sound } = await page.state();
    return sound.context === "running" && sound.begun > 2 ? true : undefined;
  });
  await page.page.keyboard.up("Space");
  expect(page.faults).toEqual([]);
});

test("M and the button mute, which is remembered, and what is muted begins no sound", async () => {
  const server = await startServer();
  const page = await GamePage.open(browser(), server.url);
  const mute = page.page.getByRole("button", { name: "Mute" });
  const pressed = (): Promise<string | null> => mute.getAttribute("aria-pressed");
  await page.play("Quiet");
  await page.page.keyboard.press("KeyM");
  expect([await pressed(), (await page.state()).sound.volume]).toEqual(["true", 0]);
  await page.page.reload();
  await page.inMatch();
  expect([await pressed(), (await page.state()).sound.volume]).toEqual(["true", 0]);
  await page.page.keyboard.down("Space");
  await until("shots leave", async () => ((await page.state()).net?.shots.predicted ?? 0) > 3 || undefined);
  await page.page.keyboard.up("Space");
  expect((await page.state()).sound.begun).toBe(0);
  await mute.click();
  expect([await pressed(), (await page.state()).sound.volume]).toEqual(["false", 0.7]);
  expect(page.faults).toEqual([]);
});

test("captions tell what is to be heard, also without sound", async () => {
  const server = await startServer();
  const page = await GamePage.open(browser(), server.url);
  await page.page.getByRole("button", { name: "Mute" }).click();
  await page.page.getByRole("button", { name: "Settings" }).click();
  await page.page.getByLabel("Captions for sounds").check();
  await page.page.getByLabel("Volume").fill("30");
  await page.page.getByRole("button", { name: "Done" }).click();
  await page.play("Reader");
  await until("a caption stands", async () => ((await page.page.locator(".caption").count()) > 0 ? true : undefined));
  await page.screenshot("captions");
  await page.page.getByRole("button", { name: "Mute" }).click();
  expect((await page.state()).sound.volume).toBe(0.3);
  expect(page.faults).toEqual([]);
});
