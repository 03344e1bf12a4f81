/** What a player has chosen for this browser, and what of it can be believed when it is read again. Pure. */

import { bindingsFrom, DEFAULT_BINDINGS, type Bindings } from "../input/actions.ts";
import { QUALITIES, type QualityChoice } from "../render/quality.ts";

export interface Settings {
  readonly bindings: Bindings;
  /** On a touch screen the player walks with the right thumb. */
  readonly leftHanded: boolean;
  /** 0 to 1. */
  readonly volume: number;
  readonly muted: boolean;
  /** Sounds as text. */
  readonly captions: boolean;
  /** How much is drawn. */
  readonly quality: QualityChoice;
  /** Nothing trembles or flashes; also when the system asks for it. */
  readonly calm: boolean;
  /** Colours that all eyes tell apart, and a shape for each. */
  readonly safeColors: boolean;
  readonly highContrast: boolean;
  /** Size of text as a factor, one of `TEXT_SCALES`. */
  readonly textScale: number;
}

export const TEXT_SCALES: readonly number[] = [1, 1.25, 1.5];

export const DEFAULT_SETTINGS: Settings = {
  bindings: DEFAULT_BINDINGS,
  leftHanded: false,
  volume: 0.7,
  muted: false,
  captions: false,
  quality: "auto",
  calm: false,
  safeColors: false,
  highContrast: false,
  textScale: 1,
};

/** Takes what was remembered: what is missing or makes no sense is as if nobody had chosen. */
export function settingsFrom(text: string | null): Settings {
  const given = parsed(text);
  return {
    bindings: bindingsFrom(given["bindings"]),
    leftHanded: given["leftHanded"] === true,
    volume: shareFrom(given["volume"], DEFAULT_SETTINGS.volume),
    muted: given["muted"] === true,
    captions: given["captions"] === true,
    quality: QUALITIES.find((quality) => quality === given["quality"]) ?? DEFAULT_SETTINGS.quality,
    calm: given["calm"] === true,
    safeColors: given["safeColors"] === true,
    highContrast: given["highContrast"] === true,
    textScale: TEXT_SCALES.find((scale) => scale === given["textScale"]) ?? DEFAULT_SETTINGS.textScale,
  };
}

function shareFrom(value: unknown, usual: number): number {
  return typeof value === "number" && value >= 0 && value <= 1 ? value : usual;
}

function parsed(text: string | null): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
