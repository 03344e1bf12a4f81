/**
 * What this layer must be told of a game: its records, its rules for the own player, and what is drawn of an entity.
 * The counterpart of the trait `Game` in the server's crate `simulation`.
 */

import type { RecordCodec } from "./protocol/record.ts";
import type { InterpolationRules } from "./sim/interpolation.ts";
import type { Point, PredictionRules } from "./sim/prediction.ts";

/**
 * `Setup` is what the game tells a player who joins and everybody at a new round, `M` the status of a match, `S` the
 * state of an entity, `I` the input for a tick, `E` an event, `P` what is drawn of a state.
 */
export interface Game<Setup, M, S, I, E, P extends Point> extends InterpolationRules<S, P> {
  readonly status: RecordCodec<M>;
  readonly state: RecordCodec<S>;
  readonly input: RecordCodec<I>;
  readonly event: RecordCodec<E>;
  /** Throws `DecodeError`. */
  decodeSetup(bytes: Uint8Array): Setup;
  /** The rules of the own player within that setup. */
  prediction(setup: Setup): PredictionRules<S, I>;
}
