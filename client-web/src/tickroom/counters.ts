/** What a match counts of itself: for tests, and for whoever wants to know how well it goes. All begin at 0. */

export interface Counters {
  /** `snapshot` events, whatever came of them, and their bytes. */
  snapshots: number;
  snapshotBytes: number;
  keyframes: number;
  /** Snapshots that are the difference to one that is not here, and those that make no sense. */
  outOfStep: number;
  undecodable: number;
  /** How often the server disagreed with what was predicted, and how far the own player moved by that, units. */
  corrections: number;
  correctionUnits: number;
  correctionUnitsMax: number;
  /** Disagreements that were left alone, because reconciliation was switched off. */
  unreconciled: number;
  /** Corrections too far to glide, as to the place of a new life; their way is not in the units above. */
  snaps: number;
  /** Corrections after which inputs were applied again, and how many inputs. */
  replays: number;
  replayedTicks: number;
  /** How often there was nothing to draw between, and the others went on by guess. */
  extrapolations: number;
  /** Inputs that waited so long for the network that newer ones took their place. */
  inputsShed: number;
}

export function noCounts(): Counters {
  return {
    snapshots: 0,
    snapshotBytes: 0,
    keyframes: 0,
    outOfStep: 0,
    undecodable: 0,
    corrections: 0,
    correctionUnits: 0,
    correctionUnitsMax: 0,
    unreconciled: 0,
    snaps: 0,
    replays: 0,
    replayedTicks: 0,
    extrapolations: 0,
    inputsShed: 0,
  };
}
