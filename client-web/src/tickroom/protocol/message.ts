/**
 * The control messages and the names of the Socket.IO events. Mirror of `shared/src/message.rs`; their bytes are in
 * `codec.ts`.
 *
 * | event | from | bytes | answer |
 * |---|---|---|---|
 * | `message` | client | `ClientMessage` | acknowledged with a `ServerMessage` |
 * | `message` | server | `ServerMessage` | none |
 * | `input` | client | `input.ts` | none |
 * | `snapshot` | server | `snapshot.ts` | none |
 * | `ping` | client | no argument | acknowledged at once, without argument |
 */

/** Version of everything on the wire above Socket.IO. A server with another one tells the client to reload. */
export const PROTOCOL_VERSION = 1;

export const EVENT_MESSAGE = "message";
export const EVENT_INPUT = "input";
export const EVENT_SNAPSHOT = "snapshot";
export const EVENT_PING = "ping";

/** Wire value that names no entity: the own entity of somebody who has none. */
export const ENTITY_NONE = 0xffff;

/** From this client. */
export type ClientMessage =
  /** Asks for a place in a match. Answered with `joined` or `refused`. */
  | { readonly kind: "join"; readonly protocol: number; readonly name: string }
  /** Gives the place back and stays connected. Answered with `left`. */
  | { readonly kind: "leave" };

/** From the server. */
export type ServerMessage =
  | ({ readonly kind: "joined" } & Joined)
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "left" }
  | { readonly kind: "player joined"; readonly entry: RosterEntry }
  | { readonly kind: "player left"; readonly player: number }
  | { readonly kind: "match ended"; readonly reason: MatchEnd }
  | { readonly kind: "server closing" };

/** What a client needs to know to play. */
export interface Joined {
  readonly matchId: number;
  readonly player: number;
  /** What the player steers. */
  readonly entity: number;
  /** The tick the match had reached. */
  readonly tick: number;
  /** Ticks a second, Hz. */
  readonly tickHz: number;
  readonly snapshotIntervalTicks: number;
  /** Everybody in the match, the receiver included. */
  readonly roster: readonly RosterEntry[];
  /** What the game itself tells a new player. */
  readonly setup: Uint8Array;
}

/** One participant. */
export interface RosterEntry {
  readonly player: number;
  readonly entity: number;
  readonly bot: boolean;
  /** To be shown as text, never as markup. */
  readonly name: string;
}

/** Why a join is refused. */
export type Refusal =
  /** This page speaks another version than the server: it should be loaded anew. */
  | { readonly kind: "protocol mismatch"; readonly server: number }
  | { readonly kind: "name invalid" }
  | { readonly kind: "already joined" }
  | { readonly kind: "server full" }
  | { readonly kind: "busy" }
  | { readonly kind: "server closing" };

/** Why a match ended: its rules failed, or the server closed it. */
export type MatchEnd = "crashed" | "closed";
