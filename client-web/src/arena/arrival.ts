/** What happens without a press of a button when the page is opened: by a link, after a reload, or as a bot. */

import type { ArenaSession } from "./debug/probe.ts";
import { playsByItself } from "./entry.ts";
import { replayIn } from "./replay/moment.ts";
import type { Room } from "./room.ts";
import type { Menu } from "./ui/menu.ts";
import { BROKEN_REPLAY } from "./ui/notice.ts";
import { rememberedName } from "./ui/player_name.ts";
import { rememberedSeat } from "./ui/seat_memory.ts";
import { spectatedBy } from "./watch/address.ts";
import type { Watching } from "./watch/watching.ts";

/** What of the page it needs. */
export interface ArrivalPage {
  readonly session: ArenaSession;
  readonly menu: Menu;
  readonly room: Room;
  readonly watching: Watching;
  /** Back to a seat of before. */
  resume(name: string, token: string): void;
}

/** Whoever came by a link sees that match; after a reload a player is back at once. */
export function begin(query: URLSearchParams, { menu, room, watching, resume }: ArrivalPage): void {
  const replay = replayIn(query);
  if (replay.kind === "moment") {
    watching.replay(replay.name, replay.tick);
    return;
  }
  if (replay.kind === "broken") {
    menu.setProblem(BROKEN_REPLAY);
  }
  const matchId = spectatedBy(query);
  if (matchId !== undefined) {
    watching.spectate(matchId);
    return;
  }
  const token = rememberedSeat();
  const name = rememberedName();
  if (token !== undefined && name !== undefined && !room.leadsElsewhere) {
    resume(name, token);
  }
}

/** Whoever follows a link and has played here before is in the match at once; others choose a name first. */
export function enter(query: URLSearchParams, { session, menu, room }: ArrivalPage): void {
  const knowsWhere = room.open() && rememberedName() !== undefined;
  if (session.state.kind === "idle" && (knowsWhere || playsByItself(query))) {
    menu.press();
  }
}
