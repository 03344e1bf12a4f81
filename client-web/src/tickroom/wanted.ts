/** What a session wants of the lobby, and how it asks for it. Pure. */

import { encodeLobbyRequest } from "./protocol/codec.ts";
import { ENTITY_NONE, PROTOCOL_VERSION, type Joined, type MatchChoice, type Watching } from "./protocol/message.ts";

/** What somebody wants to see: a match, or a recording from a moment on. With `quiet` a refusal and an end are no news. */
export type Watched =
  | { readonly kind: "match"; readonly matchId: number | undefined; readonly quiet: boolean }
  | { readonly kind: "replay"; readonly name: string; readonly tick: number; readonly quiet: false };

/** What somebody wants to play. */
export interface Played {
  readonly name: string;
  readonly choice: MatchChoice;
}

/** Asks for a seat. A recording that was seen already, up to `seenTick`, goes on there. */
export function askForSeat(played: Played, watched: Watched | undefined, seenTick: number | undefined): Uint8Array<ArrayBuffer> {
  const protocol = PROTOCOL_VERSION;
  switch (watched?.kind) {
    case undefined:
      return encodeLobbyRequest({ kind: "join", protocol, ...played });
    case "match":
      return encodeLobbyRequest({ kind: "watch", protocol, matchId: watched.matchId });
    case "replay":
      return encodeLobbyRequest({ kind: "replay", protocol, name: watched.name, tick: seenTick ?? watched.tick });
  }
}

/** A viewer steers nobody. */
export function asNobody(watching: Watching): Joined {
  return { ...watching, player: ENTITY_NONE, entity: ENTITY_NONE, code: undefined, recording: undefined };
}
