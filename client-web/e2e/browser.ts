/** Chromium, driven by playwright-core: pages that join, and everything that goes wrong in them. */

import { existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

import type { ProbeState } from "../src/arena/debug/probe.ts";
import { until } from "./poll.ts";

const EXECUTABLES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** WebGL without a graphics card. */
const SOFTWARE_WEBGL = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"];
const NO_WEBGL = ["--disable-3d-apis"];

/** Small, because software draws every pixel. */
const VIEWPORT = { width: 640, height: 360 };

/** For pictures. */
export const LARGE = { width: 1280, height: 720 };

const PHONE = { viewport: { width: 780, height: 360 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

/** Chromium itself logs refused sockets, what is sent on one that the server is closing, and missing files as errors of the console. */
const NOT_OURS = /^(Failed to load resource|WebSocket connection to|WebSocket is already in CLOSING)/;

/** Of whatever the browser is waited for. Only there to fail at the end. */
const WAIT_MS_MAX = 90_000;

const ARTIFACTS = fileURLToPath(new URL("./artifacts/", import.meta.url));

/** A browser with a new, empty profile. */
export function openBrowser(webgl = true): Promise<Browser> {
  const executablePath = process.env["TICKROOM_CHROMIUM"] ?? EXECUTABLES.find((path) => existsSync(path));
  if (executablePath === undefined) {
    throw new Error("Chromium is needed: install it (Debian: apt-get install chromium) or set TICKROOM_CHROMIUM");
  }
  return chromium.launch({ executablePath, timeout: WAIT_MS_MAX, args: [...FLAGS, ...(webgl ? SOFTWARE_WEBGL : NO_WEBGL)] });
}

/** A page of the game, with a profile of its own. */
export class GamePage {
  private constructor(
    readonly page: Page,
    private readonly problems: string[],
  ) {}

  /** `prepare` runs in the page before anything of ours. */
  static async open(browser: Browser, url: string, prepare?: () => void, viewport = VIEWPORT): Promise<GamePage> {
    return GamePage.openIn(await browser.newContext({ viewport }), url, prepare);
  }

  /** A page of a phone that is held across: small, sharp, and with fingers. */
  static async openPhone(browser: Browser, url: string, prepare?: () => void): Promise<GamePage> {
    return GamePage.openIn(await browser.newContext(PHONE), url, prepare);
  }

  /** Another tab of the same profile. */
  static async openIn(context: BrowserContext, url: string, prepare?: () => void): Promise<GamePage> {
    const page = await context.newPage();
    if (prepare !== undefined) {
      await page.addInitScript(prepare);
    }
    const opened = GamePage.of(page);
    await page.goto(url);
    return opened;
  }

  /** Takes note of what goes wrong in it, and is patient with it. */
  private static of(page: Page): GamePage {
    page.setDefaultTimeout(WAIT_MS_MAX);
    const problems: string[] = [];
    // Playwright reports uncaught exceptions and unhandled rejections alike.
    page.on("pageerror", (error) => problems.push(`uncaught: ${error.stack ?? error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error" && !NOT_OURS.test(message.text())) {
        problems.push(`console: ${message.text()}`);
      }
    });
    return new GamePage(page, problems);
  }

  /** The tab that this page opens when this is done. */
  async opensTab(act: () => Promise<void>): Promise<GamePage> {
    const opening = this.page.context().waitForEvent("page", { timeout: WAIT_MS_MAX });
    await act();
    const tab = GamePage.of(await opening);
    await tab.page.waitForFunction(() => window.__tickroom !== undefined);
    return tab;
  }

  /** Uncaught exceptions, unhandled rejections and our own errors of the console so far. */
  get faults(): readonly string[] {
    return this.problems;
  }

  /** Enters a name, presses Play and waits until the player is in the arena. */
  async play(name: string): Promise<ProbeState & InMatch> {
    await this.page.getByLabel("Your name").fill(name);
    await this.page.getByRole("button", { name: "Play", exact: true }).click();
    return this.inMatch();
  }

  /** Waits until the page is in a match and has an entity. */
  inMatch(): Promise<ProbeState & InMatch> {
    return until("the page is in a match", async () => {
      const state = await this.state();
      const { own, matchId, player, entity } = state;
      const isIn = state.connection === "online" && state.session === "playing";
      return isIn && own !== undefined && matchId !== undefined && player !== undefined && entity !== undefined
        ? { ...state, own, matchId, player, entity }
        : undefined;
    });
  }

  /** What the page says of itself. */
  state(): Promise<ProbeState> {
    return this.page.evaluate(() => {
      if (window.__tickroom === undefined) {
        throw new Error("the page has not started");
      }
      return window.__tickroom.state();
    });
  }

  /** Waits until the page shows a notice that matches. */
  notice(words: RegExp): Promise<string> {
    return until(`the notice ${words}`, async () => {
      const text = (await this.page.locator(".notice-words").allInnerTexts()).join("");
      return words.test(text) ? text : undefined;
    });
  }

  /** Makes the page believe that it is seen, or that it is not; gives when, in the time of the page. */
  look(visibility: "hidden" | "visible"): Promise<number> {
    return this.page.evaluate((value) => {
      Object.defineProperty(document, "visibilityState", { value, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
      return performance.now();
    }, visibility);
  }

  async screenshot(name: string): Promise<void> {
    mkdirSync(ARTIFACTS, { recursive: true });
    await this.page.screenshot({ path: `${ARTIFACTS}${name}.png` });
  }
}

/** What is known once a page is in a match. */
export interface InMatch {
  readonly own: { readonly x: number; readonly y: number };
  readonly matchId: number;
  readonly player: number;
  readonly entity: number;
}
