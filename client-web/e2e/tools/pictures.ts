/**
 * `npm run pictures`: the pictures of the README, made anew in `docs/pictures/`, by `cwebp` and `img2webp` of Google's WebP tools
 * (Debian: apt-get install webp).
 */

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, test } from "vitest";

import { GamePage, LARGE } from "../browser.ts";
import { until } from "../poll.ts";
import { startServer } from "../server.ts";
import { browserOfFile } from "../tabs.ts";
import { Hand, near } from "./hand.ts";

const FOLDER = fileURLToPath(new URL("../../../docs/pictures/", import.meta.url));

/** No warm-up: pictures are of fights. */
const FIGHT = ["--players-max", "16", "--fill-to", "12", "--warm-up-s", "0", "--countdown-s", "0", "--bot-level", "normal"];

/** Of those who are in no picture. */
const SMALL = { width: 320, height: 180 };

const MOVING = { width: 720, height: 405 };
const MOVING_MS = 7000;
/** Frames nearer to each other than this cost bytes that nobody sees. */
const FRAME_MS = 66;
const MOVING_BYTES_MAX = 3_000_000;
const QUALITY = 62;

const browser = browserOfFile();
const folders: string[] = [];

afterEach(() => {
  folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true }));
});

/** To be run in the page: the whole picture, however slowly this machine draws. */
function drawAll(): void {
  localStorage.setItem("tickroom.settings", JSON.stringify({ quality: "high" }));
}

async function save({ page }: GamePage, name: string): Promise<void> {
  const png = join(temporaryFolder(), `${name}.png`);
  await page.screenshot({ path: png });
  mkdirSync(FOLDER, { recursive: true });
  execFileSync("cwebp", ["-quiet", "-q", "88", png, "-o", join(FOLDER, `${name}.webp`)]);
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "tickroom-pictures-"));
  folders.push(folder);
  return folder;
}

/** A picture takes so long that the player may be dead in it: then once more. */
async function saveAlive(page: GamePage, name: string, act: () => Promise<void>): Promise<void> {
  await until(`${name} has a player`, async () => {
    await act();
    await save(page, name);
    return (await page.state()).alive === true ? true : undefined;
  }, 120_000);
}

/** Fights until there is something to be seen. */
async function fight(hand: Hand, others: number): Promise<void> {
  await until("a fight is in the picture", async () => {
    const state = await hand.act();
    const isLively = near(state).length >= others && state.projectiles > 4 && (state.health ?? 0) > 40;
    return isLively && state.alive === true && state.hitsDealt > 0 ? true : undefined;
  }, 120_000);
}

test("menu, match and network panel", async () => {
  const server = await startServer(0, FIGHT);
  // Somebody has to play for the menu to have something behind it.
  const other = await GamePage.open(browser(), server.url, undefined, SMALL);
  await other.play("Grace");
  const page = await GamePage.open(browser(), server.url, drawAll, LARGE);
  await page.page.getByRole("button", { name: "Join match 1" }).waitFor();
  await page.page.waitForTimeout(2500);
  await save(page, "menu");
  await page.play("Ada");
  const hand = new Hand(page, LARGE);
  await saveAlive(page, "match", () => fight(hand, 2));
  await page.page.keyboard.press("KeyN");
  await page.page.getByRole("complementary", { name: "Network" }).waitFor();
  await saveAlive(page, "net_panel", () => fight(hand, 1));
  await hand.letGo();
});

test("the page of the operator", async () => {
  const server = await startServer(0, [...FIGHT, "--shards", "2", "--name", "Arena 1"]);
  const visit = (path: string): Promise<GamePage> => GamePage.open(browser(), server.url + path, undefined, SMALL);
  const [ada, grace, mary] = [await visit("/"), await visit("/"), await visit("/")];
  await ada.play("Ada");
  await grace.play("Grace");
  await mary.page.getByLabel("Your name").fill("Mary");
  await mary.page.getByRole("button", { name: "New match" }).click();
  await mary.inMatch();
  const host = await visit("/");
  await host.page.getByLabel("Your name").fill("Radia");
  await host.page.getByLabel("Mode").selectOption({ label: "Teams" });
  await host.page.getByRole("button", { name: "Private match" }).click();
  await host.inMatch();
  await visit("/?spectate=1");
  const page = await GamePage.open(browser(), `${server.url}/admin`, undefined, LARGE);
  // The figures are of the last second, when nobody comes or opens a page any more.
  await page.page.waitForTimeout(8000);
  await save(page, "admin");
});

test("a recording", async () => {
  const folder = temporaryFolder();
  const flags = [...FIGHT, "--live-s", "60", "--record-dir", folder];
  const played = await startServer(0, flags);
  const host = await GamePage.open(browser(), `${played.url}/?bot=1`, undefined, SMALL);
  await until("there is something to be seen", async () => ((await host.state()).tick ?? 0) > 2700 || undefined, 120_000);
  await host.page.context().close();
  await played.stop();
  const name = readdirSync(folder).find((file) => file.endsWith(".replay"))?.replace(/\.replay$/, "") ?? "";
  const server = await startServer(0, flags);
  const page = await GamePage.open(browser(), `${server.url}/?replay=${name}&t=12`, drawAll, LARGE);
  // Stopping takes a moment, in which whoever was in the picture may leave it.
  await until("a fight is in the picture", async () => {
    if (!(await isFight(page))) {
      return undefined;
    }
    await page.page.keyboard.press("Space");
    await page.page.getByRole("button", { name: "Play", exact: true }).waitFor();
    await page.page.waitForTimeout(500);
    if (await isFight(page)) {
      return true;
    }
    await page.page.keyboard.press("Space");
    return undefined;
  }, 300_000);
  await page.page.mouse.move(1200, 600);
  await page.page.waitForTimeout(1000);
  await save(page, "replay");
});

/** Whether two fight in the picture with whom it follows. */
async function isFight(page: GamePage): Promise<boolean> {
  const { watch, seen, replay } = await page.state();
  const followed = seen.find(({ entity }) => entity === watch?.followed);
  const others = seen.filter((other) => other.alive && followed !== undefined && distance(other, followed) < 300);
  return followed?.alive === true && others.length > 1 && (replay?.tick ?? 0) > 900;
}

function distance(one: { x: number; y: number }, other: { x: number; y: number }): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}

test("results", async () => {
  const server = await startServer(0, [...FIGHT, "--live-s", "40", "--sudden-death-s", "1", "--results-s", "60"]);
  const page = await GamePage.open(browser(), server.url, drawAll, LARGE);
  await page.play("Ada");
  const hand = new Hand(page, LARGE);
  await until("the round is over", async () => ((await hand.act()).phase === "results" ? true : undefined), 120_000);
  await hand.letGo();
  await page.page.waitForTimeout(1500);
  await save(page, "results");
});

test("phone", async () => {
  const server = await startServer(0, [...FIGHT, "--live-s", "300"]);
  const page = await GamePage.openPhone(browser(), server.url, drawAll);
  await page.play("Ada");
  const cdp = await page.page.context().newCDPSession(page.page);
  const thumbs = [{ id: 1, x: 120, y: 230 }, { id: 2, x: 640, y: 230 }];
  await cdp.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: thumbs });
  let turn = 0;
  await saveAlive(page, "phone", async () => {
    await until("a fight is in the picture", async () => {
      turn += 0.35;
      const [x, y] = [Math.cos(turn) * 44, Math.sin(turn) * 44];
      const touchPoints = [{ id: 1, x: 120 + x, y: 230 + y }, { id: 2, x: 640 + y, y: 230 - x }];
      await cdp.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints });
      const state = await page.state();
      return near(state).length >= 2 && state.projectiles > 6 && state.alive === true ? true : undefined;
    }, 120_000);
  });
});

test("the one that moves", async () => {
  const server = await startServer(0, FIGHT);
  const page = await GamePage.open(browser(), server.url, drawAll, MOVING);
  await page.play("Ada");
  const hand = new Hand(page, MOVING);
  await fight(hand, 2);
  const frames = await record(page, hand);
  animate(frames, join(FOLDER, "play.webp"));
});

interface Frame {
  readonly jpeg: Buffer;
  readonly atMs: number;
}

/** What the browser shows while the hand fights. */
async function record({ page }: GamePage, hand: Hand): Promise<Frame[]> {
  const cdp = await page.context().newCDPSession(page);
  const frames: Frame[] = [];
  cdp.on("Page.screencastFrame", ({ data, metadata, sessionId }) => {
    const atMs = (metadata.timestamp ?? 0) * 1000;
    if (atMs - (frames.at(-1)?.atMs ?? -Infinity) >= FRAME_MS) {
      frames.push({ jpeg: Buffer.from(data, "base64"), atMs });
    }
    // The page may be closed by then.
    cdp.send("Page.screencastFrameAck", { sessionId }).catch(() => undefined);
  });
  await cdp.send("Page.startScreencast", { format: "jpeg", quality: 92 });
  const endMs = performance.now() + MOVING_MS;
  while (performance.now() < endMs) {
    await hand.act();
  }
  await cdp.send("Page.stopScreencast");
  return frames;
}

/** Each frame stands until the next was shown. */
function animate(frames: readonly Frame[], path: string): void {
  const folder = temporaryFolder();
  const words = frames.slice(0, -1).flatMap(({ jpeg, atMs }, index) => {
    const file = join(folder, `${index}.jpg`);
    writeFileSync(file, jpeg);
    return ["-lossy", "-q", String(QUALITY), "-m", "4", "-d", String(Math.round((frames[index + 1]?.atMs ?? 0) - atMs)), file];
  });
  mkdirSync(FOLDER, { recursive: true });
  execFileSync("img2webp", ["-loop", "0", ...words, "-o", path]);
  const { size } = statSync(path);
  console.log(`${path}: ${frames.length} frames, ${size} bytes`);
  if (size > MOVING_BYTES_MAX) {
    throw new Error(`${size} bytes are more than ${MOVING_BYTES_MAX}`);
  }
}
