import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Scoreboard } from "../src/arena/ui/scoreboard.ts";
import type { Standing } from "../src/arena/ui/standings.ts";

/** As much of an element as the table writes to. */
class FakeElement {
  readonly dataset: Record<string, string> = {};
  colSpan = 1;
  children: (FakeElement | string)[] = [];

  constructor(readonly tag: string) {}

  append(...content: (FakeElement | string)[]): void {
    this.children.push(...content);
  }

  replaceChildren(...content: (FakeElement | string)[]): void {
    this.children = content;
  }

  setAttribute(): void {}

  get text(): string {
    return this.children.map((part) => (typeof part === "string" ? part : part.text)).join(" ");
  }

  all(tag: string): FakeElement[] {
    const parts = this.children.filter((part) => part instanceof FakeElement);
    return [...(this.tag === tag ? [this] : []), ...parts.flatMap((part) => part.all(tag))];
  }

  get cells(): FakeElement[] {
    return [...this.children].filter((part) => part instanceof FakeElement);
  }
}

beforeEach(() => {
  vi.stubGlobal("document", { createElement: (tag: string) => new FakeElement(tag) });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

const ADA: Standing = {
  rank: 1,
  entity: 0,
  name: "Ada",
  bot: false,
  own: true,
  score: 300,
  kills: 3,
  deaths: 1,
  assists: 2,
  team: "blue",
  presence: undefined,
};

/** The cells of all rows but the head. */
function rowsOf(standings: readonly Standing[], teams?: readonly [number, number]): string[][] {
  const board = new Scoreboard();
  board.show(standings, teams);
  const root = board.root as unknown as FakeElement;
  const [head, ...rows] = root.all("tr");
  for (const row of rows) {
    const columns = row.cells.reduce((sum, cell) => sum + cell.colSpan, 0);
    expect(columns, row.text).toBe(head?.cells.length);
  }
  return rows.map((row) => row.cells.map((cell) => cell.text));
}

test("a row tells how its player is reached, in a number or a word", () => {
  const check = (standing: Partial<Standing>, ping: string): void => {
    expect(rowsOf([{ ...ADA, ...standing }])).toEqual([["1", "Ada", "3", "1", "2", "300", ping]]);
  };
  check({ presence: 23.4 }, "23");
  check({ presence: 0 }, "0");
  check({ presence: "away" }, "away");
  check({}, "–");
  check({ bot: true }, "bot");
});

test("a row that changes only in this is shown anew", () => {
  const board = new Scoreboard();
  const root = board.root as unknown as FakeElement;
  for (const [presence, text] of [[20, "20"], ["away", "away"], [24, "24"]] as const) {
    board.show([{ ...ADA, presence }]);
    expect(root.all("td").at(-1)?.text).toBe(text);
  }
});

test("the line of a team has as many columns as its players", () => {
  expect(rowsOf([ADA, { ...ADA, name: "Eve", team: "orange", presence: 40 }], [300, 500])).toEqual([
    ["◆ Orange", "500", ""],
    ["1", "Eve", "3", "1", "2", "300", "40"],
    ["● Blue", "300", ""],
    ["1", "Ada", "3", "1", "2", "300", "–"],
  ]);
});
