/** Reads the golden vectors that the Rust tests write. */

import { readFileSync } from "node:fs";

/** The rows of a file in `shared/golden`, and the protocol version they were written for. */
export function golden<Row, Head = Record<string, number>>(
  name: string,
): { readonly protocol: number; readonly head: Head; readonly rows: readonly Row[] } {
  const path = new URL(`../../shared/golden/${name}`, import.meta.url);
  return JSON.parse(readFileSync(path, "utf8")) as ReturnType<typeof golden<Row, Head>>;
}

/** Bytes from their hexadecimal form. */
export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Bytes in hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
