/** Browsers for the tests of one file: open for all of them, and each test begins without tabs and without servers. */

import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";

import { openBrowser } from "./browser.ts";
import { stopServers } from "./server.ts";

/** So many browsers, each with a profile of its own; to be called once, outside of the tests, and to be asked within them. */
export function browsersOfFile(count: number): () => Browser[] {
  let browsers: Browser[] = [];
  beforeAll(async () => {
    browsers = await Promise.all(Array.from({ length: count }, () => openBrowser()));
  });
  afterEach(async () => {
    for (const context of browsers.flatMap((browser) => browser.contexts())) {
      await context.close();
    }
    await stopServers();
  });
  afterAll(async () => {
    await Promise.all(browsers.map((browser) => browser.close()));
  });
  return () => browsers;
}

/** One of them. */
export function browserOfFile(): () => Browser {
  const browsers = browsersOfFile(1);
  return () => {
    const [browser] = browsers();
    if (browser === undefined) {
      throw new Error("the browser opens before the first test");
    }
    return browser;
  };
}
