/**
 * What a session needs of a connection to the server: the lobby, the seat, and how both are doing. Tests play with one
 * that has no network.
 *
 * | state | leaves to |
 * |---|---|
 * | connecting | online, reconnecting, outdated |
 * | online | reconnecting (whatever the cause of the loss), resting (by `rest`) |
 * | reconnecting | online, gone (after `GIVE_UP_MS`), outdated |
 * | gone, resting, outdated | connecting (only by `retry`) |
 */

export type LinkState =
  | { readonly kind: "connecting" }
  /** The lobby answers. */
  | { readonly kind: "online" }
  /** The try number `attempt` is under way, or begins at `retryAtMs`; nothing was heard since `lostMs`, both of `performance.now()`. */
  | { readonly kind: "reconnecting"; readonly attempt: number; readonly retryAtMs: number; readonly lostMs: number }
  | { readonly kind: "gone" }
  /** Closed on purpose. */
  | { readonly kind: "resting" }
  /** The server speaks in another way than this page, which is to be loaded anew. `server` tells ways apart. */
  | { readonly kind: "outdated"; readonly server: string };

/** What the owner of a link hears. */
export interface LinkListener {
  onState(state: LinkState): void;
  /** The token opens no seat (any more). */
  onSeatRefused(): void;
  /** The server has taken us off the seat, and the lobby is still there. */
  onSeatLost(): void;
  /** A `message` event of the game. */
  onMessage(bytes: Uint8Array): void;
  /** A `snapshot` event. */
  onSnapshot(bytes: Uint8Array): void;
  /** What the answer to a ping says of everybody. */
  onPresences(bytes: Uint8Array): void;
  /** What this client says of itself with the next ping, in a byte of `presence.ts`. */
  presenceByte(): number;
}

/** How well the server keeps the time of the match. */
export interface ServerBeat {
  /** What a tick costs it, milliseconds. */
  readonly tickMs: number;
  /** Ticks that it has dropped since the match began. */
  readonly ticksSlipped: number;
}

export interface Link {
  readonly state: LinkState;
  /** The last measured round trip, milliseconds; undefined before the first answer. */
  readonly roundTripMs: number | undefined;
  /** What the server has said with the answer to the last ping; undefined before the first. */
  readonly serverBeat: ServerBeat | undefined;
  /** How bytes travel at the moment: `polling`, `websocket`, or nothing. */
  readonly transport: string | undefined;
  /** Connections that ended because what the server sent was no packet. */
  readonly parseErrors: number;
  /** Asks the lobby; `answered` gets the answer, or undefined when none comes. */
  ask(bytes: Uint8Array, answered: (answer: Uint8Array | undefined) => void): void;
  /** Takes the seat that this token opens, when the lobby is there. */
  sit(token: string): void;
  /** Gives the seat back to the server. */
  leave(): void;
  /** Ends the connection until `retry`. */
  rest(): void;
  /** Connects at once instead of waiting, also after giving up or resting. */
  retry(): void;
  /** True when an `input` or `look` event would leave at once instead of waiting behind others. */
  readonly canSendInput: boolean;
  /** Sends an `input` event. Without a seat it is dropped: it would be for a tick long past. */
  sendInput(bytes: Uint8Array): void;
  /** Sends a `look` event, as `sendInput`. */
  sendLook(bytes: Uint8Array): void;
  /** Sends a `steer` event; without a seat it is dropped. */
  sendSteer(bytes: Uint8Array): void;
}
