/**
 * What this layer must be told of a game: its records, its rules for the own player, and what is drawn of an entity.
 * The counterpart of the trait `Game` in the server's crate `simulation`.
 */

import type { RecordCodec } from "./protocol/record.ts";
import type { SnapshotCodecs } from "./protocol/snapshot.ts";
import type { InterpolationRules } from "./sim/interpolation.ts";
import type { Point, PredictionRules } from "./sim/prediction.ts";

/** All that this client knows of the own player: what everybody sees, and what only it sees. */
export interface Steered<S, O> {
  readonly state: S;
  readonly own: O;
}

/**
 * `Setup` is what the game tells a player who joins and everybody at a new round, `Scores` what it tells of how
 * everybody stands, `M` the status of a match, `S` the state of an entity, `O` what only its own player sees, `I` the input
 * for a tick, `E` an event, `P` what is drawn of a state.
 */
export interface Game<Setup, Scores, M, S, O, I, E, P extends Point>
  extends SnapshotCodecs<M, S, O, E>,
    InterpolationRules<S, P> {
  readonly input: RecordCodec<I>;
  /** Throws `DecodeError`. */
  decodeSetup(bytes: Uint8Array): Setup;
  /** Throws `DecodeError`. */
  decodeScores(bytes: Uint8Array): Scores;
  /** The rules of the own player within that setup, while the match has that status. */
  prediction(setup: Setup, status: M | undefined): PredictionRules<Steered<S, O>, I>;
}
