/**
 * The module `virtual:sources`: the text of the functions that the switches of the page are about, cut out of their files when
 * the page is built. So the page shows what runs, and a function that is renamed or gone fails the build.
 */

import { readFileSync } from "node:fs";
import { parseSync, type Plugin } from "vite";

import { SWITCH_ROWS } from "./src/arena/switchboard.ts";

const MODULE = "virtual:sources";

/** As Vite wants the names of modules without a file. */
const RESOLVED = `\0${MODULE}`;

/** A function as it stands in its file. */
export interface Excerpt {
  /** Below `src`. */
  readonly file: string;
  readonly name: string;
  /** From 1, both included. */
  readonly firstLine: number;
  readonly lastLine: number;
  readonly text: string;
}

export function sources(): Plugin {
  return {
    name: "sources",
    resolveId: (id) => (id === MODULE ? RESOLVED : undefined),
    load(id) {
      if (id !== RESOLVED) {
        return undefined;
      }
      const excerpts = SWITCH_ROWS.map(({ key, sources: named }) => [
        key,
        named.map(([file, name]) => {
          const path = new URL(`./src/${file}`, import.meta.url).pathname;
          this.addWatchFile(path);
          return excerptOf(file, readFileSync(path, "utf8"), name);
        }),
      ]);
      return `export default ${JSON.stringify(Object.fromEntries(excerpts))};`;
    },
  };
}

/** The function `name` of a file, or `Class.method`, with the comment above it. Throws when there is none. */
export function excerptOf(file: string, code: string, name: string): Excerpt {
  const found = find(file, code, name.split("."));
  if (found === undefined) {
    throw new Error(`src/${file} has no function ${name} any more: src/arena/switchboard.ts names it`);
  }
  const start = withComment(code, code.lastIndexOf("\n", found.start) + 1);
  const lines = code.slice(start, found.end).split("\n");
  const indent = /^ */.exec(lines[0] ?? "")?.[0].length ?? 0;
  const firstLine = code.slice(0, start).split("\n").length;
  return {
    file,
    name,
    firstLine,
    lastLine: firstLine + lines.length - 1,
    text: lines.map((line) => line.slice(Math.min(indent, line.search(/\S|$/)))).join("\n"),
  };
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function find(file: string, code: string, [outer, method]: readonly (string | undefined)[]): Span | undefined {
  const { program, errors } = parseSync(file, code);
  if (errors.length > 0) {
    throw new Error(`src/${file} does not parse: ${errors[0]?.message}`);
  }
  for (const statement of program.body) {
    const exported = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (method === undefined && exported?.type === "FunctionDeclaration" && exported.id?.name === outer) {
      return statement;
    }
    if (method !== undefined && exported?.type === "ClassDeclaration" && exported.id?.name === outer) {
      return exported.body.body.find(
        (member) => member.type === "MethodDefinition" && member.key.type === "Identifier" && member.key.name === method,
      );
    }
  }
  return undefined;
}

/** Where the comment begins that ends right above the line that begins at `start`; that line when there is none. */
function withComment(code: string, start: number): number {
  const above = code.slice(0, start);
  const comment = /(?:^|\n)([ \t]*\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)$/.exec(above);
  return comment === null ? start : start - (comment[1]?.length ?? 0);
}
