/** What can be chosen for a private match, in words, and what is asked for then. */

import type { MatchChoice, Offer } from "../../tickroom/protocol/message.ts";
import { modeName } from "./match_list.ts";

/** A line of a list to choose from. */
export interface Option {
  /** Empty for what the server does without a wish. */
  readonly value: string;
  readonly text: string;
}

/** As long as the server has not said what it offers. */
export const NO_OFFER: Offer = { modes: [], maps: [] };

/** The first is that of the other matches. */
export function modeOptions({ modes }: Offer): readonly Option[] {
  return modes.length === 0 ? [{ value: "", text: "As usual" }] : modes.map((mode) => ({ value: mode, text: modeName(mode) }));
}

export function mapOptions({ maps }: Offer): readonly Option[] {
  return [{ value: "", text: "All in turn" }, ...maps.map((map) => ({ value: map, text: map }))];
}

/** What is asked for when these values are chosen. */
export function privateChoice(mode: string, map: string): MatchChoice {
  return { kind: "private", mode: wished(mode), map: wished(map) };
}

function wished(value: string): string | undefined {
  return value === "" ? undefined : value;
}
