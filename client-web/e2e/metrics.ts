/** What the server counts. */

import type { Server } from "./server.ts";

/** One figure of `/metrics` now. */
export async function figureOf(server: Server, name: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)`, "m").exec(text)?.[1]);
}
