/** The conditions of a link as four numbers that a person sets, and back. Pure. */

import type { Conditions } from "../../tickroom/net/conditioner.ts";

/** What a slider is for, and how far it goes. 0 is nothing of it: no delay, no stall, no bound. */
export interface Slider {
  readonly label: string;
  readonly unit: string;
  readonly max: number;
  readonly of: (conditions: Conditions) => number;
  readonly set: (conditions: Conditions, value: number) => Conditions;
}

/** Messages a second in one direction, between the snapshots down and the pairs of inputs up. */
const MESSAGES_PER_S = 25;

/** How long a stall lasts when none has been chosen with a preset. */
const STALL_MS = 200;

export const SLIDERS: readonly Slider[] = [
  {
    label: "Latency, each way",
    unit: "ms",
    max: 300,
    of: ({ latencyUs }) => Math.round(latencyUs / 1000),
    set: (conditions, ms) => ({ ...conditions, latencyUs: ms * 1000 }),
  },
  {
    label: "Jitter",
    unit: "ms",
    max: 100,
    of: ({ jitterUs }) => Math.round(jitterUs / 1000),
    set: (conditions, ms) => ({ ...conditions, jitterUs: ms * 1000 }),
  },
  {
    label: "A stall about every",
    unit: "s",
    max: 30,
    of: ({ lossPpm }) => (lossPpm === 0 ? 0 : Math.max(1, Math.round(1_000_000 / lossPpm / MESSAGES_PER_S))),
    set: (conditions, s) => ({
      ...conditions,
      lossPpm: s === 0 ? 0 : Math.round(1_000_000 / s / MESSAGES_PER_S),
      stallUs: conditions.stallUs === 0 ? STALL_MS * 1000 : conditions.stallUs,
    }),
  },
  {
    label: "Bandwidth",
    unit: "KB/s",
    max: 500,
    // A preset may be wider than the slider is long.
    of: ({ bytesPerS }) => (bytesPerS > 500_000 ? 0 : Math.round(bytesPerS / 1000)),
    set: (conditions, kbPerS) => ({ ...conditions, bytesPerS: kbPerS * 1000 }),
  },
];
