import type { CDPSession } from "playwright-core";
import { expect, test } from "vitest";

import { GamePage, type InMatch } from "./browser.ts";
import { until } from "./poll.ts";
import { playerOnServer, startServer, type Server } from "./server.ts";
import { browserOfFile } from "./tabs.ts";

/** Far enough that no push of a wall explains it. */
const WALKED_UNITS = 60;

const DIRECTIONS = [[1, 0], [0, 1], [-1, 0], [0, -1]] as const;

const browser = browserOfFile();

/** Pushes in one direction after the other until the server has the player elsewhere: a wall may stand in the way. */
async function walked(server: Server, who: InMatch, push: (x: number, y: number) => Promise<void>): Promise<void> {
  const start = await playerOnServer(server, who.matchId, who.player);
  let turn = 0;
  let since = -Infinity;
  await until("the server's position of the player moves", async () => {
    if (performance.now() - since > 1500) {
      const [x, y] = DIRECTIONS[turn % DIRECTIONS.length] ?? [0, 0];
      await push(x, y);
      turn += 1;
      since = performance.now();
    }
    const now = await playerOnServer(server, who.matchId, who.player);
    return Math.hypot(now.x - start.x, now.y - start.y) > WALKED_UNITS ? true : undefined;
  });
}

/** A gamepad that the test holds: `__pad` in the page. */
function stubGamepad(): void {
  const pad = {
    id: "Test pad",
    connected: true,
    mapping: "standard",
    axes: [0, 0, 0, 0],
    buttons: Array.from({ length: 17 }, () => ({ pressed: false, value: 0 })),
  };
  Object.assign(window, { __pad: pad });
  Object.defineProperty(navigator, "getGamepads", { value: () => [pad] });
}

test("a gamepad is told of when it is connected, walks, aims and fires", async () => {
  const server = await startServer();
  const page = await GamePage.open(browser(), server.url, stubGamepad);
  await page.page.evaluate(() => window.dispatchEvent(new Event("gamepadconnected")));
  await page.page.getByText("Gamepad connected").waitFor();
  const who = await page.play("Padraig");
  const hold = (axes: number[], trigger: number): Promise<void> =>
    page.page.evaluate(
      ([held, pulled]) => {
        const { __pad } = window as unknown as { __pad: { axes: number[]; buttons: object[] } };
        __pad.axes = held;
        __pad.buttons[7] = { pressed: pulled > 0, value: pulled };
      },
      [axes, trigger] as const,
    );
  await walked(server, who, (x, y) => hold([x, y, 0, 0], 0));
  await hold([0, 0, -1, 0], 1);
  await until("the player looks left and fires", async () => {
    const { aim, net } = await page.state();
    return Math.abs(aim - Math.PI) < 0.2 && (net?.shots.predicted ?? 0) > 0 ? true : undefined;
  });
  expect(page.faults).toEqual([]);
});

test("the right button charges the rail while the left one fires, and when both are let go it is quiet", async () => {
  const server = await startServer();
  const page = await GamePage.open(browser(), server.url);
  await page.play("Mousetrap");
  const { mouse } = page.page;
  await mouse.move(320, 60);
  const predicted = async (): Promise<number> => (await page.state()).net?.shots.predicted ?? 0;
  await mouse.down();
  await until("the player fires", async () => ((await predicted()) > 0 ? true : undefined));
  const rail = page.page.locator(".ability", { hasText: "Rail" });
  await until("the rail is charged", async () => {
    await mouse.down({ button: "right" });
    await mouse.up({ button: "right" });
    return (await rail.getAttribute("data-state")) !== "ready" ? true : undefined;
  });
  await mouse.down({ button: "right" });
  await mouse.up();
  await mouse.up({ button: "right" });
  await until("for half a second there is no shot", async () => {
    const [before, { tick = 0 }] = [await predicted(), await page.state()];
    await page.page.waitForFunction((then) => (window.__tickroom?.state().tick ?? 0) > then + 30, tick);
    return (await predicted()) === before ? true : undefined;
  });
  expect(page.faults).toEqual([]);
});

test("with the network panel open by its key the space bar fires still", async () => {
  const server = await startServer();
  const page = await GamePage.open(browser(), server.url);
  await page.play("Nettie");
  await page.page.keyboard.press("KeyN");
  await page.page.getByRole("complementary", { name: "Network" }).waitFor();
  await page.page.keyboard.down("Space");
  await until("the player fires", async () => (((await page.state()).net?.shots.predicted ?? 0) > 0 ? true : undefined));
  expect(page.faults).toEqual([]);
});

/** Fingers on the glass, all that are down at once. */
async function fingers(cdp: CDPSession, type: "touchStart" | "touchMove" | "touchEnd", points: { id: number; x: number; y: number }[]): Promise<void> {
  await cdp.send("Input.dispatchTouchEvent", { type, touchPoints: points });
}

test("two thumbs walk, aim and fire at once, on either side", async () => {
  const server = await startServer();
  const page = await GamePage.openPhone(browser(), server.url);
  const who = await page.play("Thumbelina");
  const cdp = await page.page.context().newCDPSession(page.page);
  const [left, right] = [{ x: 140, y: 220 }, { x: 560, y: 220 }];
  const drag = async (walk: typeof left, aim: typeof left): Promise<void> => {
    await fingers(cdp, "touchStart", [{ id: 1, ...walk }]);
    await fingers(cdp, "touchStart", [{ id: 1, ...walk }, { id: 2, ...aim }]);
    const before = (await page.state()).net?.shots.predicted ?? 0;
    await walked(server, who, (x, y) =>
      fingers(cdp, "touchMove", [{ id: 1, x: walk.x + x * 50, y: walk.y + y * 50 }, { id: 2, x: aim.x, y: aim.y - 50 }]),
    );
    await until("the player looks up and fires", async () => {
      const { aim: looks, net } = await page.state();
      return Math.abs(looks - 1.5 * Math.PI) < 0.2 && (net?.shots.predicted ?? 0) > before ? true : undefined;
    });
    for (const [stick, at] of [["move", walk], ["aim", aim]] as const) {
      const box = await page.page.locator(`.touch-stick[data-stick="${stick}"] .touch-thumb`).boundingBox();
      const off = Math.hypot((box?.x ?? NaN) + (box?.width ?? 0) / 2 - at.x, (box?.y ?? NaN) + (box?.height ?? 0) / 2 - at.y);
      expect(off, `${stick} stick is under its thumb`).toBeLessThan(80);
    }
    await page.screenshot(walk === left ? "phone" : "phone_left_handed");
    await fingers(cdp, "touchEnd", []);
  };
  await drag(left, right);
  await page.page.getByRole("button", { name: "Settings" }).tap();
  await page.page.getByLabel(/Left-handed/).tap();
  await page.screenshot("phone_settings");
  await page.page.getByRole("button", { name: "Done" }).tap();
  await drag(right, left);
  expect(page.faults).toEqual([]);
});

test("the phone has buttons that do not cover each other, and the dash goes off at once", async () => {
  const server = await startServer();
  const page = await GamePage.openPhone(browser(), server.url);
  const who = await page.play("Buttons");
  const boxes = await Promise.all(
    ["Scores", "Rail", "Dash", "Leave", "Network", "Mute", "Settings"].map(async (name) => {
      const box = await page.page.getByRole("button", { name, exact: true }).boundingBox();
      expect(box, name).not.toBeNull();
      return { name, box: box ?? { x: 0, y: 0, width: 0, height: 0 } };
    }),
  );
  for (const { name, box } of boxes) {
    expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= 780 && box.y + box.height <= 360, name).toBe(true);
    for (const other of boxes) {
      const apart =
        box.x + box.width <= other.box.x || other.box.x + other.box.width <= box.x ||
        box.y + box.height <= other.box.y || other.box.y + other.box.height <= box.y;
      expect(other.name === name || apart, `${name} and ${other.name}`).toBe(true);
    }
  }
  const panel = page.page.getByRole("complementary", { name: "Network" });
  const network = page.page.getByRole("button", { name: "Network", exact: true });
  await network.tap();
  await panel.waitFor();
  await page.screenshot("phone_net_panel");
  await network.tap();
  await panel.waitFor({ state: "hidden" });
  await page.page.getByRole("button", { name: "Scores" }).tap();
  await page.page.getByLabel("Scores", { exact: true }).and(page.page.locator("section")).waitFor();
  await page.page.getByRole("button", { name: "Scores" }).tap();
  const start = await playerOnServer(server, who.matchId, who.player);
  await until("the player dashes", async () => {
    await page.page.getByRole("button", { name: "Dash" }).tap();
    const now = await playerOnServer(server, who.matchId, who.player);
    return Math.hypot(now.x - start.x, now.y - start.y) > WALKED_UNITS ? true : undefined;
  });
  expect(page.faults).toEqual([]);
});

test("the keyboard alone sets a key: conflicts are told, and the choice is remembered", async () => {
  const server = await startServer();
  const page = await GamePage.open(browser(), server.url);
  const { keyboard } = page.page;
  const focused = (): Promise<string> =>
    page.page.evaluate(() => {
      const { activeElement } = document;
      return activeElement?.getAttribute("aria-label") ?? activeElement?.textContent ?? "";
    });
  const tabTo = async (name: string): Promise<void> => {
    await until(`Tab reaches ${name}`, async () => {
      if ((await focused()).startsWith(name)) {
        return true;
      }
      await keyboard.press("Tab");
      return undefined;
    });
  };
  await tabTo("Settings");
  await keyboard.press("Enter");
  await tabTo("Up, key");
  await keyboard.press("Enter");
  await keyboard.press("Escape");
  expect(await page.page.getByRole("dialog").isVisible()).toBe(true);
  await keyboard.press("Enter");
  await keyboard.press("KeyE");
  await page.page.getByText("E was set to “Charge the rail”, which has no key now.").waitFor();
  await page.screenshot("settings");
  await keyboard.press("Escape");
  expect(await page.page.getByRole("dialog").isVisible()).toBe(false);
  expect(await focused()).toBe("Settings");

  await page.page.reload();
  await page.play("Remapped");
  await keyboard.press("KeyO");
  await page.page.getByRole("button", { name: "Up, key: E" }).waitFor();
  expect(await page.page.getByRole("button", { name: "Charge the rail, key: none" }).count()).toBe(1);
  await keyboard.press("Escape");
  expect((await page.state()).session).toBe("playing");
  expect(page.faults).toEqual([]);
});
