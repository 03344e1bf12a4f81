/** What a player has chosen for this browser, and what of it can be believed when it is read again. Pure. */

import { bindingsFrom, DEFAULT_BINDINGS, type Bindings } from "../input/actions.ts";

export interface Settings {
  readonly bindings: Bindings;
  /** On a touch screen the player walks with the right thumb. */
  readonly leftHanded: boolean;
}

export const DEFAULT_SETTINGS: Settings = { bindings: DEFAULT_BINDINGS, leftHanded: false };

/** Takes what was remembered: what is missing or makes no sense is as if nobody had chosen. */
export function settingsFrom(text: string | null): Settings {
  const given = parsed(text);
  return {
    bindings: bindingsFrom(given["bindings"]),
    leftHanded: given["leftHanded"] === true,
  };
}

function parsed(text: string | null): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
