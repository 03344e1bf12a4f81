/** Which keys steer a recording. Pure. */

import type { Focus } from "../input/focus.ts";
import { ticksOf } from "./moment.ts";

/** What a key asks for: to stand still or go on, a step to another moment or speed, the beginning or the end. */
export type ReplayAction =
  | { readonly kind: "toggle" }
  | { readonly kind: "skip"; readonly ticks: number }
  | { readonly kind: "speed"; readonly step: 1 | -1 }
  | { readonly kind: "edge"; readonly end: boolean };

const STEP: ReplayAction & { kind: "skip" } = { kind: "skip", ticks: ticksOf(5) };

const ACTIONS: Readonly<Record<string, ReplayAction>> = {
  Space: { kind: "toggle" },
  ArrowRight: STEP,
  ArrowLeft: { kind: "skip", ticks: -STEP.ticks },
  ArrowUp: { kind: "speed", step: 1 },
  ArrowDown: { kind: "speed", step: -1 },
  Home: { kind: "edge", end: false },
  End: { kind: "edge", end: true },
};

/** The keys that the slider has as well: there they mean the same. */
const OF_A_SLIDER = new Set(["ArrowRight", "ArrowLeft", "Home", "End"]);

/** What a key asks for where the focus is, or on the slider of the moment. A button keeps Space, and other controls all of theirs. */
export function replayAction(code: string, focus: Focus | "slider"): ReplayAction | undefined {
  const action = Object.hasOwn(ACTIONS, code) ? ACTIONS[code] : undefined;
  switch (focus) {
    case "page":
    case "panel":
      return action;
    case "slider":
      return action?.kind === "toggle" || OF_A_SLIDER.has(code) ? action : undefined;
    case "button":
      return action?.kind === "toggle" ? undefined : action;
    case "control":
    case "field":
    case "text":
      return undefined;
  }
}
