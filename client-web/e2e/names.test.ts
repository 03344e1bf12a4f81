/** Names that are no words: whatever somebody is called, it is shown as text and changes nothing around it. */

import { expect, test } from "vitest";

import { GamePage, LARGE } from "./browser.ts";
import { NodeClient } from "./node_client.ts";
import { until } from "./poll.ts";
import { playerOnServer, startServer } from "./server.ts";
import { browserOfFile } from "./tabs.ts";

const browser = browserOfFile();

/** The results come soon and stand long. */
const SHORT_ROUND = ["--warm-up-s", "0", "--countdown-s", "0", "--live-s", "2", "--sudden-death-s", "0", "--results-s", "60"];

const MARKUP = "<img src=x onerror=a()>";

/** As long as a name may be, and wide; and one letter under all the marks that fit. */
const NAMES = [
  MARKUP,
  "</td></tr></table><h1>",
  "&lt;b&gt; &amp; {{name}}",
  "W".repeat(24),
  "🎲🦊🚀🎲🦊🚀🎲🦊🚀🎲🦊🚀🎲🦊🚀🎲🦊🚀🎲🦊🚀🎲🦊🚀",
  `o${"\u0336\u0342\u0357\u035b\u0321\u0316".repeat(3)}`,
  "שלום עולם 123",
  "مرحبا (٣) بالعالم",
  "日本語の名前はながい",
  "__proto__",
];

/** Runs in the page before ours: what markup would call, if it were taken for markup. */
function trap(): void {
  Object.assign(window, { a: () => Object.assign(window, { interpreted: true }) });
}

interface Row {
  readonly name: string;
  readonly height: number;
  readonly bidi: string;
}

test("names with markup, of full length, of emoji and from right to left are text in their own direction, in rows of one height", async () => {
  const server = await startServer(0, [...SHORT_ROUND, "--fill-to", "0"]);
  const clients: NodeClient[] = [];
  for (const name of NAMES) {
    const client = new NodeClient(server.url);
    clients.push(client);
    client.sit(await client.seat(name));
    await client.joined();
  }
  const page = await GamePage.open(browser(), server.url, trap, LARGE);
  const joined = await page.play("Plain");
  for (const entry of (await page.state()).seen) {
    expect([...NAMES, "Plain"]).toContain(entry.name);
  }
  await until("the round is over", async () => ((await page.state()).phase === "results" ? true : undefined));
  const scores = page.page.getByRole("region", { name: "Scores" });
  await scores.waitFor();
  const rowsNow = (): Promise<Row[]> => page.page.evaluate(() =>
    [...document.querySelectorAll(".scores tbody tr")].map((row) => {
      const name = row.querySelector(".score-text") ?? row;
      return { name: name.textContent ?? "", height: row.getBoundingClientRect().height, bidi: getComputedStyle(name).unicodeBidi };
    }),
  );
  await expect.poll(async () => (await rowsNow()).map((row) => row.name).sort()).toEqual([...NAMES, "Plain"].sort());
  const rows = await rowsNow();
  const [first] = rows;
  for (const row of rows) {
    expect(Math.abs(row.height - (first?.height ?? 0)), row.name).toBeLessThanOrEqual(1);
    expect(row.bidi, row.name).toBe("isolate");
  }
  const overflow = await page.page.evaluate(() => {
    const board = document.querySelector(".board");
    const root = document.documentElement;
    return { board: board === null ? 0 : board.scrollWidth - board.clientWidth, page: root.scrollWidth - root.clientWidth };
  });
  expect(overflow).toEqual({ board: 0, page: 0 });
  await page.screenshot("bad_names");
  expect(await page.page.evaluate(() => document.querySelectorAll("#ui img, #ui h1:not(.logo)").length)).toBe(0);
  expect(await page.page.evaluate(() => "interpreted" in window)).toBe(false);
  expect((await playerOnServer(server, joined.matchId, joined.player)).name).toBe("Plain");
  expect(page.faults).toEqual([]);
  clients.forEach((client) => client.close());
});

test.each(["A\u202eB", "A\u200bB", "👩\u200d🚀", "W".repeat(25)])("the name %j is refused with a sentence, and the page can be played on", async (name) => {
  const server = await startServer();
  const page = await GamePage.open(browser(), server.url);
  await page.page.getByLabel("Your name").fill(name);
  await page.page.getByRole("button", { name: "Play", exact: true }).click();
  await until("the menu says why", async () =>
    (await page.page.getByRole("alert").innerText()).endsWith(".") ? true : undefined,
  );
  await page.play("Good");
  expect(page.faults).toEqual([]);
});
