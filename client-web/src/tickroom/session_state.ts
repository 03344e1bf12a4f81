/**
 * Where a session stands, and what its owner hears of it.
 *
 * | state | leaves to |
 * |---|---|
 * | idle | joining (`play`, `resume`, `watch`) |
 * | joining | playing, watching, refused, idle (`leave`, nothing to resume), joining (seat expired, server busy) |
 * | playing | joining (connection or seat lost), ended, seat taken, idle (`leave`) |
 * | watching | as playing, and joining (`play`) |
 * | refused, ended | joining (`play`), idle (`leave`) |
 * | seat taken | joining (`playHere`), idle (`leave`) |
 */

import type { Steered } from "./game.ts";
import type { MatchEnd, MatchEntry, Offer, Refusal, ReplayEntry } from "./protocol/message.ts";
import type { Predicted } from "./sim/prediction.ts";

export type SessionState =
  | { readonly kind: "idle" }
  /** `server` is why it takes long: there is no room at the moment, or no answer. It is asked again and again. */
  | { readonly kind: "joining"; readonly server?: "busy" | "silent" }
  | { readonly kind: "playing" }
  | { readonly kind: "watching" }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "ended"; readonly reason: MatchEnd }
  | { readonly kind: "seat taken" };

/** What the owner of a session hears. */
export interface SessionListener<S, O, I, E> {
  /** The connection, the session, the setup, or whether the server is closing has changed. */
  onChange(): void;
  /** What happened at this tick. */
  onEvent(event: E, tick: number): void;
  /** What an input did to the own player, before the server says so. */
  onPredicted(step: Predicted<Steered<S, O>, I>): void;
  /** What is played, as asked for with `list`, and what a private match can be like. */
  onMatches(matches: readonly MatchEntry[], offer: Offer): void;
  /** Recordings that can be watched, as asked for with `listReplays`; undefined where none are shown. */
  onReplays(replays: readonly ReplayEntry[] | undefined): void;
  /** The secret of the seat, to come back with after a reload; undefined when there is none any more. */
  onToken(token: string | undefined): void;
}
