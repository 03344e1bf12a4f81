import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const SOURCE = fileURLToPath(new URL("../src", import.meta.url));

/** What a file imports or re-exports, statically or not. */
const IMPORT = /(?:from|import)\s*\(?\s*["']([^"']+)["']/g;

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
}

function importsOf(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(IMPORT)].map((found) => found[1] ?? "");
}

/** Imports of the files below `folder` that `forbidden` says no to. */
function violations(folder: string, forbidden: (target: string, from: string) => boolean): string[] {
  const files = filesBelow(join(SOURCE, folder));
  expect(files.length).toBeGreaterThan(0);
  return files.flatMap((file) =>
    importsOf(file)
      .filter((target) => forbidden(target, file))
      .map((target) => `${relative(SOURCE, file)} imports ${target}`),
  );
}

test("tickroom knows no game: it imports itself, socket.io-client and its parser", () => {
  const outside = (target: string, from: string): boolean =>
    target.startsWith(".")
      ? relative(join(SOURCE, "tickroom"), resolve(dirname(from), target)).startsWith("..")
      : !["socket.io-client", "socket.io-parser"].includes(target);
  expect(violations("tickroom", outside)).toEqual([]);
});

test("simulation and protocol do not draw, do not send and read no clock", () => {
  const draws = (target: string): boolean => /pixi|socket\.io|\/(render|ui|net|input\/)/.test(target);
  for (const folder of ["tickroom/sim", "tickroom/protocol", "arena/sim", "arena/protocol"]) {
    expect(violations(folder, draws)).toEqual([]);
    for (const file of filesBelow(join(SOURCE, folder))) {
      expect(readFileSync(file, "utf8"), file).not.toMatch(/performance\.now|Date\.now|Math\.random/);
    }
  }
});

test("what draws does not touch the connection", () => {
  const sends = (target: string): boolean => /socket\.io|\/net\/|session/.test(target);
  expect(violations("arena/render", sends)).toEqual([]);
});
