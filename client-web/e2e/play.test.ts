import { expect, test } from "vitest";

import { GamePage, openBrowser, type InMatch } from "./browser.ts";
import { until } from "./poll.ts";
import { playerOnServer, startLastingServer, startServer, type Server } from "./server.ts";
import { browserOfFile } from "./tabs.ts";

/** Far enough that no rounding and no push of a wall explains it. */
const WALKED_UNITS = 60;

const KEYS = ["KeyD", "ArrowDown", "KeyA", "ArrowUp"];

const browser = browserOfFile();

function distance(a: { x: number; y: number }, b: { x: number; y: number }): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** Holds one key after the other until the server says that the player is elsewhere: a wall may stand in the way. */
async function walk(server: Server, page: GamePage, who: InMatch): Promise<void> {
  const start = await playerOnServer(server, who.matchId, who.player);
  let held = 0;
  let since = performance.now();
  await page.page.keyboard.down(KEYS[0] ?? "");
  await until("the server's position of the player moves", async () => {
    const now = await playerOnServer(server, who.matchId, who.player);
    if (distance(start, now) > WALKED_UNITS) {
      return true;
    }
    if (performance.now() - since > 1500) {
      await page.page.keyboard.up(KEYS[held % KEYS.length] ?? "");
      held += 1;
      since = performance.now();
      await page.page.keyboard.down(KEYS[held % KEYS.length] ?? "");
    }
    return undefined;
  });
  await page.page.keyboard.up(KEYS[held % KEYS.length] ?? "");
}

test("a player types a name, presses Play, holds a key, and the server's position of that player moves", async () => {
  const server = await startServer();
  // Chromium computes WebGL in software here, which the page passes over unless it is told to.
  const page = await GamePage.open(browser(), `${server.url}/?renderer=webgl`);
  await page.screenshot("menu");
  const joined = await page.play("Ada <b>Lovelace</b>");
  expect((await playerOnServer(server, joined.matchId, joined.player)).name).toBe("Ada <b>Lovelace</b>");
  await walk(server, page, joined);
  await page.screenshot("play");

  await until("the page shows the player where the server has it", async () => {
    const [shown, real] = await Promise.all([page.state(), playerOnServer(server, joined.matchId, joined.player)]);
    return shown.own !== undefined && distance(shown.own, real) < 1 ? true : undefined;
  });
  await expect.poll(async () => page.page.getByLabel("Match", { exact: true }).innerText()).toMatch(/Ping\s*\d+\s*ms[\s\S]*Tick\s*\d+/);
  const state = await page.state();
  expect(state.renderer).toBe("webgl");
  expect(state.decodeErrors).toBe(0);
  expect(state.others).toBeGreaterThan(0);
  expect(page.faults).toEqual([]);
});

test("a second page sees the first one walk", async () => {
  const server = await startServer();
  const walker = await GamePage.open(browser(), server.url);
  const watcher = await GamePage.open(browser(), server.url);
  const walking = await walker.play("Walker");
  const watching = await watcher.play("Watcher");
  expect(watching.matchId).toBe(walking.matchId);
  const drawn = () =>
    until("the watcher draws the walker", async () =>
      (await watcher.state()).seen.find((other) => other.entity === walking.entity && other.name === "Walker"),
    );
  const before = await drawn();
  await walk(server, walker, walking);
  await until("the watcher draws the walker elsewhere", async () =>
    distance(before, await drawn()) > WALKED_UNITS / 2 ? true : undefined,
  );
  await until("the watcher draws the walker where the server has it", async () => {
    const [shown, real] = await Promise.all([drawn(), playerOnServer(server, walking.matchId, walking.player)]);
    return distance(shown, real) < 1 ? true : undefined;
  });
  await watcher.screenshot("watcher");
  expect([...walker.faults, ...watcher.faults]).toEqual([]);
});

test("a page tells that the server shuts down, and joins again by itself when it is back", async () => {
  const server = await startLastingServer();
  const page = await GamePage.open(browser(), server.url);
  await page.play("Phoenix");
  const [text, code] = await Promise.all([page.notice(/shut|lost/i), server.stop()]);
  expect(code).toBe(0);
  expect(text).toMatch(/server/i);
  await page.notice(/has shut down[\s\S]*Reconnecting/);
  await page.screenshot("server_gone");

  const again = await startServer(server.port);
  const rejoined = await page.inMatch();
  expect((await playerOnServer(again, rejoined.matchId, rejoined.player)).name).toBe("Phoenix");
  await until("the notice goes away", async () =>
    (await page.page.getByRole("status").innerText()) === "" ? true : undefined,
  );
  await walk(again, page, rejoined);
  expect(page.faults).toEqual([]);
});

test("a page in the background rests and stays in the match, and plays on when it is seen again", async () => {
  const server = await startServer();
  const page = await GamePage.open(browser(), server.url);
  const joined = await page.play("Sleeper");
  await walk(server, page, joined);
  await page.page.keyboard.down("KeyD");
  await page.look("hidden");
  let last = await playerOnServer(server, joined.matchId, joined.player);
  let restedSince = performance.now();
  await until("the player rests", async () => {
    const now = await playerOnServer(server, joined.matchId, joined.player);
    if (distance(last, now) > 0) {
      last = now;
      restedSince = performance.now();
    }
    return performance.now() - restedSince > 500 ? true : undefined;
  });
  const before = await page.state();
  expect(before.session).toBe("playing");
  await page.page.keyboard.up("KeyD");
  await page.look("visible");
  await until("a keyframe comes", async () =>
    ((await page.state()).net?.keyframes ?? 0) > (before.net?.keyframes ?? 0) ? true : undefined,
  );
  await walk(server, page, joined);
  await until("the page shows the player where the server has it", async () => {
    const [shown, real] = await Promise.all([page.state(), playerOnServer(server, joined.matchId, joined.player)]);
    return shown.own !== undefined && distance(shown.own, real) < 1 ? true : undefined;
  });
  expect((await page.state()).decodeErrors).toBe(0);
  expect(page.faults).toEqual([]);
});

test("snapshots that arrive damaged are counted, and the page plays on", async () => {
  const server = await startServer();
  const page = await GamePage.open(browser(), server.url, () => {
    let frames = 0;
    Object.defineProperty(WebSocket.prototype, "onmessage", {
      set(handler: (event: MessageEvent) => void) {
        (this as WebSocket).addEventListener("message", (event: MessageEvent) => {
          if (event.data instanceof ArrayBuffer && event.data.byteLength > 9) {
            frames += 1;
            const bytes = new Uint8Array(event.data);
            // Beside the first byte, which says that it is a snapshot.
            const at = 1 + (frames % (bytes.length - 1));
            bytes[at] = frames % 7 === 0 ? 255 - (bytes[at] ?? 0) : (bytes[at] ?? 0);
          }
          handler.call(this, event);
        });
      },
    });
  });
  const joined = await page.play("Unlucky");
  await walk(server, page, joined);
  const state = await until("some are damaged", async () => {
    const { net, decodeErrors, ...rest } = await page.state();
    return net !== undefined && decodeErrors > 3 && net.keyframes > 3 ? { net, ...rest } : undefined;
  });
  expect(state.session).toBe("playing");
  expect(page.faults).toEqual([]);
});

test("a name that cannot be shown is refused with a sentence, by keyboard alone", async () => {
  const server = await startServer();
  const page = await GamePage.open(browser(), server.url);
  await page.page.keyboard.press("Control+A");
  await page.page.keyboard.press("Delete");
  await page.page.keyboard.press("Enter");
  await expect.poll(() => page.page.getByRole("alert").innerText()).toBe("Please enter a name.");
  await page.page.keyboard.type("Wanda");
  await page.page.keyboard.press("Enter");
  await page.inMatch();
  expect(page.faults).toEqual([]);
});

test("a browser without WebGL plays on a plain canvas", async () => {
  const plain = await openBrowser(false);
  try {
    const server = await startServer();
    const page = await GamePage.open(plain, server.url);
    const joined = await page.play("Canvas");
    await walk(server, page, joined);
    await page.screenshot("canvas");
    expect((await page.state()).renderer).toBe("canvas");
    expect(page.faults).toEqual([]);
  } finally {
    await plain.close();
  }
});

test("a browser that cannot draw at all says so, and plays on", async () => {
  const server = await startServer();
  const page = await GamePage.open(browser(), server.url, () => {
    HTMLCanvasElement.prototype.getContext = () => null;
  });
  const joined = await page.play("Blind");
  await page.notice(/cannot be drawn/);
  await walk(server, page, joined);
  expect((await page.state()).renderer).toBe("none");
  expect(page.faults).toEqual([]);
});

/** Every join leaves the page with version 99 instead of its own: [variant 1, version, …]. */
function sendOtherVersion(): void {
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    const bytes = ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : undefined;
    if (bytes !== undefined && bytes[0] === 1 && bytes.length > 4 && bytes.length < 64) {
      bytes[1] = 99;
    }
    send.call(this, data);
  };
}

/** The server seems to have another list of compact events. */
function receiveOtherEvents(): void {
  Object.defineProperty(WebSocket.prototype, "onmessage", {
    set(handler: (event: MessageEvent) => void) {
      (this as WebSocket).addEventListener("message", (event: MessageEvent) => {
        const data: unknown = event.data;
        const other = typeof data === "string" ? data.replace('"compact":["input"', '"compact":["inputs"') : data;
        handler.call(this, new MessageEvent("message", { data: other }));
      });
    },
  });
}

/** A page whose later loads are prepared, and a count of its loads. */
async function changed(url: string, prepare: () => void): Promise<{ page: GamePage; loads: () => number }> {
  const page = await GamePage.open(browser(), url);
  let loads = 0;
  page.page.on("load", () => {
    loads += 1;
  });
  await page.page.context().addInitScript(prepare);
  await page.page.reload();
  return { page, loads: () => loads };
}

test.each(["compact", "default"])(
  "a page of another version loads itself anew once, then says that it is out of date, with the %s parser",
  async (parser) => {
    const server = await startServer();
    const { page, loads } = await changed(`${server.url}/?parser=${parser}`, sendOtherVersion);
    const press = async (): Promise<void> => {
      await page.page.getByLabel("Your name").fill("Old");
      await page.page.getByRole("button", { name: "Play", exact: true }).click();
    };
    await press();
    await until("the page loads itself anew", () => (loads() >= 2 ? true : undefined));
    await press();
    await page.notice(/out of date/);
    expect(loads()).toBe(2);
    expect(page.faults).toEqual([]);
  },
);

test("a page that cannot read the server's frames loads itself anew once, then says that it is out of date", async () => {
  const server = await startServer();
  const { page, loads } = await changed(server.url, receiveOtherEvents);
  await until("the page loads itself anew", () => (loads() >= 2 ? true : undefined));
  await page.notice(/out of date/);
  expect(loads()).toBe(2);
  expect((await page.state()).connection).toBe("outdated");
  expect(page.faults).toEqual([]);
});
