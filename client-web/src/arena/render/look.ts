/** How a player wants the picture to be drawn. Pure. */

export interface Look {
  /** Nothing trembles or flashes. */
  readonly calm: boolean;
  /** Colours that all eyes tell apart, and a shape for each. */
  readonly safeColors: boolean;
  /** Nothing on the floor but what counts, and what counts filled and with a full outline. */
  readonly highContrast: boolean;
  /** Size of names and numbers as a factor. */
  readonly textScale: number;
}

export const USUAL_LOOK: Look = { calm: false, safeColors: false, highContrast: false, textScale: 1 };

/** Smaller cannot be read, and larger hides whom it is about. */
const TEXT_SCALE_MIN = 1;
const TEXT_SCALE_MAX = 2;

/** A size of text in units, as this look has it. */
export function textUnits(units: number, { textScale }: Look): number {
  return units * Math.min(TEXT_SCALE_MAX, Math.max(TEXT_SCALE_MIN, textScale));
}

/** Whether there is nothing to draw anew when one follows the other. */
export function isSameLook(a: Look, b: Look): boolean {
  return (
    a.calm === b.calm && a.safeColors === b.safeColors && a.highContrast === b.highContrast && a.textScale === b.textScale
  );
}
