/** What a notice depends on, while all is well and while the connection is lost. */

import type { Situation } from "../src/arena/ui/notice.ts";

export const PLAYING: Situation = {
  connection: { kind: "online" },
  session: { kind: "playing" },
  purpose: "play",
  holdsSeat: true,
  opensMs: undefined,
  closesAtMs: undefined,
  garbled: false,
  awayMs: undefined,
  canDraw: true,
  canWatchAgain: false,
};
export const LOST: Situation = {
  ...PLAYING,
  connection: { kind: "reconnecting", attempt: 1, retryAtMs: 700, lostMs: 200 },
  session: { kind: "joining" },
};
