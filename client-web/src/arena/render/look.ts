/** How a player wants the picture to be drawn. */

export interface Look {
  /** Nothing trembles or flashes. */
  readonly calm: boolean;
  /** Colours that all eyes tell apart, and a shape for each. */
  readonly safeColors: boolean;
}

export const USUAL_LOOK: Look = { calm: false, safeColors: false };
