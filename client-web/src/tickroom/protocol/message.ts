/**
 * The control messages and the names of the Socket.IO events. Mirror of `shared/src/message.rs`; their bytes are in
 * `codec.ts`.
 *
 * A client first asks for a seat in the namespace `LOBBY` and gets a token. With it as auth payload it connects to the
 * namespace `GAME`, where the first message is `joined`, or `watching` for whoever only sees the match, or `replaying` for
 * whoever sees a recording.
 *
 * | namespace | event | from | bytes | answer |
 * |---|---|---|---|---|
 * | lobby | `message` | client | `LobbyRequest` | acknowledged with a `LobbyReply` |
 * | game | `message` | server | `ServerMessage` | none |
 * | game | `leave` | client | no argument | acknowledged without argument; the place is free |
 * | game | `input` | player | `input.ts` | none |
 * | game | `look` | viewer | `look.ts` | none |
 * | game | `steer` | viewer of a recording | `steer.ts` | a `replaying` when it is there |
 * | game | `snapshot` | server | `snapshot.ts` | none |
 * | game | `ping` | client | none, or a byte of `presence.ts` as a number | acknowledged at once, with what a tick costs the server, how many it has dropped, and, if the client said a byte, the bytes of all |
 */

/** Version of everything on the wire above Socket.IO. A server with another one tells the client to reload. */
export const PROTOCOL_VERSION = 4;

/** Namespace where matches are listed and seats are given. */
export const LOBBY = "/lobby";

/** Namespace where the game is played. */
export const GAME = "/";

export const EVENT_MESSAGE = "message";
export const EVENT_LEAVE = "leave";
export const EVENT_INPUT = "input";
export const EVENT_LOOK = "look";
export const EVENT_STEER = "steer";
export const EVENT_SNAPSHOT = "snapshot";
export const EVENT_PING = "ping";

/**
 * Events that the compact parser sends as one binary frame: a byte that is the index in this list, then the argument.
 * Client and server must have the same list.
 */
export const COMPACT_EVENTS = [EVENT_INPUT, EVENT_SNAPSHOT, EVENT_MESSAGE, EVENT_LOOK] as const;

/** Seconds that a seat is held for a player whose connection broke. */
export const SEAT_HELD_S = 30;

/** Wire value that names no entity: the own entity of somebody who has none. */
export const ENTITY_NONE = 0xffff;

/** From this client to the lobby. */
export type LobbyRequest =
  /** Asks what is played. Answered with `matches`. */
  | { readonly kind: "list" }
  /** Asks for a seat. Answered with `seat` or `refused`. */
  | { readonly kind: "join"; readonly protocol: number; readonly name: string; readonly choice: MatchChoice }
  /** Asks to see a match without playing, the one with the most people when it is not said which. Answered as `join`. */
  | { readonly kind: "watch"; readonly protocol: number; readonly matchId: number | undefined }
  /** Asks which recordings can be watched. Answered with `replays` or `refused`. */
  | { readonly kind: "replays" }
  /** Asks to see the recording of this name, from this tick on. Answered as `join`. */
  | { readonly kind: "replay"; readonly protocol: number; readonly name: string; readonly tick: number };

/** Which match a player wants. */
export type MatchChoice =
  /** One with room and people in it. */
  | { readonly kind: "any" }
  | { readonly kind: "new" }
  | { readonly kind: "id"; readonly matchId: number }
  /** A new one that is in no list; `Joined.code` tells the way in. */
  | ({ readonly kind: "private" } & Wish)
  /** The private one with this code. */
  | { readonly kind: "code"; readonly code: string };

/** How somebody wants a private match to be played. What is undefined is as in the other matches of the server. */
export interface Wish {
  /** One of the `modes` of the offer. */
  readonly mode: string | undefined;
  /** One of its `maps`, for all rounds; undefined for all of them in turn. */
  readonly map: string | undefined;
}

/** What a wish can name, in the words of the game. */
export interface Offer {
  /** That of the other matches first. */
  readonly modes: readonly string[];
  /** In the order of the rounds. */
  readonly maps: readonly string[];
}

/** From the lobby. */
export type LobbyReply =
  /** What everybody may join, oldest first, and what a private match can be like. */
  | { readonly kind: "matches"; readonly matches: readonly MatchEntry[]; readonly offer: Offer }
  /** A seat, to be taken within `SEAT_HELD_S`. The token is secret: whoever has it plays as this player. */
  | { readonly kind: "seat"; readonly token: string }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /** Recordings that can be watched, the newest first. */
  | { readonly kind: "replays"; readonly replays: readonly ReplayEntry[] };

/** One recording of the list. */
export interface ReplayEntry {
  /** Names it in a link. */
  readonly name: string;
  /** How was played, and on what first, in the words of the game. */
  readonly mode: string;
  readonly map: string;
  /** People who came, and the number of players up to which bots joined. */
  readonly people: number;
  readonly filledTo: number;
  /** Its length. */
  readonly ticks: number;
  /** When it was written, seconds since 1970. */
  readonly writtenS: number;
}

/** One match of the list. */
export interface MatchEntry {
  readonly matchId: number;
  /** How is played, on what, and where it stands, in the words of the game. */
  readonly mode: string;
  readonly map: string;
  readonly phase: string;
  /** People in it. */
  readonly people: number;
  /** Places for people. */
  readonly places: number;
}

/** From the game's namespace. */
export type ServerMessage =
  | ({ readonly kind: "joined" } & Joined)
  | { readonly kind: "player joined"; readonly entry: RosterEntry }
  | { readonly kind: "player left"; readonly player: number }
  /** The game tells everybody something new to start a round with. */
  | { readonly kind: "setup"; readonly setup: Uint8Array }
  /** Another connection has taken the seat with the same token; this one should not come back. */
  | { readonly kind: "seat taken" }
  | { readonly kind: "match ended"; readonly reason: MatchEnd }
  /** It ends after so many seconds; as long as that one can play on. */
  | { readonly kind: "server closing"; readonly inS: number }
  /** How everybody stands, in the bytes of the game: a client of a match with many entities does not see all of them. */
  | { readonly kind: "scores"; readonly scores: Uint8Array }
  | ({ readonly kind: "watching" } & Watching)
  /** Told at first and whenever this viewer has steered: what was known before is void. */
  | ({ readonly kind: "replaying" } & Replaying)
  /** The recording is on its way to the moment that was asked for, and so far by now. */
  | { readonly kind: "seeking"; readonly tick: number };

/** What a client needs to know to watch. */
export interface Watching {
  readonly matchId: number;
  /** The tick the match had reached. */
  readonly tick: number;
  /** Ticks a second, Hz. */
  readonly tickHz: number;
  readonly snapshotIntervalTicks: number;
  /** Everybody in the match, the receiver included if it plays. */
  readonly roster: readonly RosterEntry[];
  /** What the game itself tells a new player. */
  readonly setup: Uint8Array;
  /** How everybody stands, as in `scores`. */
  readonly scores: Uint8Array;
}

/** What a client needs to know to watch a recording. */
export interface Replaying {
  /** The match as it is at the moment that is shown. */
  readonly watching: Watching;
  /** The last tick that is shown. */
  readonly endTick: number;
  /** Quarters of a tick for each tick of real time; 0 stands still. */
  readonly speedQuarters: number;
}

/** What a client needs to know to play. */
export interface Joined extends Watching {
  readonly player: number;
  /** What the player steers. */
  readonly entity: number;
  /** With it others come into this match; undefined when it is not private. */
  readonly code: string | undefined;
  /**
   * Name of the recording of this match, to be watched while the match goes on too; undefined when there is none that is shown. That
   * of a private match is shown when it is over.
   */
  readonly recording: string | undefined;
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
  /** The match that was chosen has no room, or is over. */
  | { readonly kind: "match full" }
  | { readonly kind: "match unknown" }
  | { readonly kind: "server full" }
  | { readonly kind: "busy" }
  | { readonly kind: "server closing" }
  /** No private match has the code that was given. */
  | { readonly kind: "code unknown" }
  /** The server has as many private matches as it allows. */
  | { readonly kind: "private full" }
  /** As many watch the match as may. */
  | { readonly kind: "viewers full" }
  /** This server shows no recordings, or none of this name (any more), or as many as it may. */
  | { readonly kind: "replays off" }
  | { readonly kind: "replay unknown" }
  | { readonly kind: "replays full" }
  /** The recording was made by other rules. */
  | { readonly kind: "replay outdated" }
  /** The file is damaged. */
  | { readonly kind: "replay unreadable" }
  /** The server does not offer the mode, or the map, that was wished for. */
  | { readonly kind: "mode unknown" }
  | { readonly kind: "map unknown" };

/** Why a match ended: its rules failed, the server closed it, or a recording became another match when it was played again. */
export type MatchEnd = "crashed" | "closed" | "diverged";
