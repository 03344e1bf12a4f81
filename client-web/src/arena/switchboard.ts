/** What can be switched off and on while playing, to see what the netcode does. One row a switch. */

import { allOn, type Switches } from "../tickroom/sim/switches.ts";

/** What the picture lays bare beside the game. */
export interface Bare {
  /** Where the newest snapshot has everybody. */
  ghost: boolean;
  /** Where the server had the others when it judged the last own rail. */
  hitBox: boolean;
  /** The cells of the grid of interest. */
  cells: boolean;
}

/** All of them. */
export type Board = Switches & Bare;

/** As it is played. */
export function untouched(): Board {
  return { ...allOn(), ghost: false, hitBox: false, cells: false };
}

/** A function that a switch is about: its file below `src`, and `function` or `Class.method`. */
export type Source = readonly [file: string, name: string];

/** One switch. */
export interface SwitchRow {
  readonly key: keyof Board;
  readonly label: string;
  /** What it does, and what is seen without it. */
  readonly sentence: string;
  readonly sources: readonly Source[];
}

export const SWITCH_ROWS: readonly SwitchRow[] = [
  {
    key: "prediction",
    label: "Prediction",
    sentence: "You move at once. Without it you wait for the server to answer each key.",
    sources: [
      ["tickroom/sim/prediction.ts", "Prediction.predict"],
      ["arena/sim/steering.ts", "steer"],
    ],
  },
  {
    key: "reconciliation",
    label: "Reconciliation",
    sentence: "The server puts wrong guesses right. Without it you drift from where you really are.",
    sources: [
      ["tickroom/sim/prediction.ts", "Prediction.reconcile"],
      ["tickroom/sim/prediction.ts", "Prediction.visualError"],
    ],
  },
  {
    key: "interpolation",
    label: "Interpolation",
    sentence: "Others glide between snapshots. Without it they jump, once a snapshot.",
    sources: [
      ["tickroom/sim/interpolation.ts", "Interpolation.sample"],
      ["tickroom/sim/interpolation.ts", "Interpolation.poseBetween"],
    ],
  },
  {
    key: "lagCompensation",
    label: "Lag compensation",
    sentence: "Your rail hits what you see. Without it you must aim where they will be.",
    sources: [["tickroom/match.ts", "Match.viewAge"]],
  },
  {
    key: "ghost",
    label: "Server ghost",
    sentence: "White rings: where the newest snapshot has everybody, you too.",
    sources: [["arena/laid_bare.ts", "ghostsOf"]],
  },
  {
    key: "hitBox",
    label: "Rewound hit box",
    sentence: "After your rail: where the server looked for the others. An estimate.",
    sources: [["arena/sim/judgement.ts", "Judgement.judge"]],
  },
  {
    key: "cells",
    label: "Interest grid",
    sentence: "The cells you are told of; brighter where somebody is. A small match is one cell.",
    sources: [
      ["arena/sim/interest.ts", "interestAround"],
      ["tickroom/protocol/replica.ts", "Replica.readBlock"],
    ],
  },
];
