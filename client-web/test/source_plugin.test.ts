import { readFileSync } from "node:fs";
import { build } from "vite";
import { expect, test } from "vitest";

import { excerptOf, sources, type Excerpt } from "../source_plugin.ts";
import { SWITCH_ROWS } from "../src/arena/switchboard.ts";

const CODE = `import { other } from "./other.ts";

/** Not this one. */
const shown = 1;

/**
 * Adds "é".
 */
export function add(a: number): number {
  return a + 1;
}

class Counter<T> {
  // }
  count = { a: "}" };

  /** Counts. */
  private step(by: T): void {
    this.count = { a: \`\${by}}\` };

  }

  bare(): void {}
}
`;

function check(name: string, expected: Omit<Excerpt, "file" | "name">): void {
  expect(excerptOf("some.ts", CODE, name)).toEqual({ file: "some.ts", name, ...expected });
}

test("a function is cut out with the comment above it, by its lines, and as far left as it goes", () => {
  check("add", {
    firstLine: 6,
    lastLine: 11,
    text: '/**\n * Adds "é".\n */\nexport function add(a: number): number {\n  return a + 1;\n}',
  });
  check("Counter.step", {
    firstLine: 17,
    lastLine: 21,
    text: "/** Counts. */\nprivate step(by: T): void {\n  this.count = { a: `${by}}` };\n\n}",
  });
  check("Counter.bare", { firstLine: 23, lastLine: 23, text: "bare(): void {}" });
});

test("a function that is gone is an error with its name", () => {
  for (const name of ["sub", "shown", "Counter.add", "Counter", "add.step", "Other.step", ""]) {
    expect(() => excerptOf("some.ts", CODE, name), name).toThrow(`no function ${name}`);
  }
  expect(() => excerptOf("some.ts", "function (", "add")).toThrow("does not parse");
});

test("every switch names functions that are there", () => {
  for (const { sources: named } of SWITCH_ROWS) {
    expect(named.length).toBeGreaterThan(0);
    for (const [file, name] of named) {
      const code = readFileSync(new URL(`../src/${file}`, import.meta.url), "utf8");
      const { text, firstLine, lastLine } = excerptOf(file, code, name);
      expect(code.split("\n").slice(firstLine - 1, lastLine).map((line) => line.trim()).join("\n"), name).toBe(
        text.split("\n").map((line) => line.trim()).join("\n"),
      );
    }
  }
});

/** Builds a page that shows the sources. */
function buildSources(): Promise<unknown> {
  return build({
    configFile: false,
    logLevel: "silent",
    plugins: [sources(), { name: "entry", resolveId: (id) => (id === "entry" ? id : undefined), load: entry }],
    build: { write: false, minify: false, rolldownOptions: { input: "entry" } },
  });
}

function entry(id: string): string | undefined {
  return id === "entry" ? 'import sources from "virtual:sources"; console.log(sources);' : undefined;
}

test("the build carries the functions, and fails when one is gone", async () => {
  expect(JSON.stringify(await buildSources())).toContain("Takes in the server's state");
  const row = SWITCH_ROWS[0];
  const source = row?.sources[0] as [string, string] | undefined;
  if (source === undefined) {
    throw new Error("there is a switch");
  }
  const [, name] = source;
  source[1] = "Prediction.gone";
  try {
    await expect(buildSources()).rejects.toThrow("no function Prediction.gone");
  } finally {
    source[1] = name;
  }
});
