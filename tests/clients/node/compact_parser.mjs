/** The parser of `client-web/src/tickroom/net/compact_parser.ts`, without its types. */

import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const SOURCE = new URL("../../../client-web/src/tickroom/net/compact_parser.ts", import.meta.url);

// Below this folder, so that it finds the packages that are installed here.
const OUT = new URL("node_modules/.cache/compact_parser.mjs", import.meta.url);

await build({ entryPoints: [fileURLToPath(SOURCE)], outfile: fileURLToPath(OUT), format: "esm" });

export const { compactParser } = await import(OUT.href);
