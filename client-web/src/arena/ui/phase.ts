/** What the clock of a round says. Pure. */

import type { Phase, Status } from "../protocol/status.ts";

const NAMES: Readonly<Record<Phase, string>> = {
  "warm-up": "Warm-up",
  countdown: "Get ready",
  live: "Fight",
  "sudden death": "Sudden death",
  results: "Next round in",
};

/** What a screen reader hears when a phase begins. */
const ANNOUNCEMENTS: Readonly<Record<Phase, string>> = {
  "warm-up": "Warm-up. Nothing counts yet.",
  countdown: "The round is about to start.",
  live: "The round has started. Kills count.",
  "sudden death": "Sudden death. The first to lead wins.",
  results: "The round is over.",
};

/** The round is nearly over from here on, seconds. */
const URGENT_S = 10;

export interface Clock {
  readonly label: string;
  /** Minutes and seconds that are left. */
  readonly time: string;
  readonly urgent: boolean;
  /** In large digits in the middle, while a round is about to start. */
  readonly big: string | undefined;
}

export function clockOf(status: Status, tick: number, tickHz: number): Clock {
  const seconds = Math.max(0, Math.ceil((status.ends - tick) / tickHz));
  const counts = status.phase === "live" || status.phase === "sudden death";
  return {
    label: NAMES[status.phase],
    time: `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`,
    urgent: counts && seconds <= URGENT_S,
    big: status.phase === "countdown" && seconds > 0 ? String(seconds) : undefined,
  };
}

export function announcementOf(phase: Phase): string {
  return ANNOUNCEMENTS[phase];
}
