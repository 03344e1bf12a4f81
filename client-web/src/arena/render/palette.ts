/** The colours of the arena: dark floor, neon things. Everything that draws takes its colours from here. */

import type { PickupKind } from "../protocol/pickup.ts";
import type { Team } from "../protocol/team.ts";

export const BACKGROUND = 0x05070f;
export const FLOOR = "#0b1024";
export const GRID_FINE = 0x1a2347;
export const GRID_BOLD = 0x2b3a75;
export const WALL_FILL = 0x111834;
export const WALL_TOP = 0x18214a;
export const WALL_EDGE = 0x5d7bff;
export const BORDER = 0x8a5cff;
export const HAZE = ["rgb(42 75 255 / 17%)", "rgb(138 43 255 / 15%)", "rgb(0 150 190 / 15%)"] as const;
export const BODY_FILL = 0x0b1126;
export const OWN = 0x38e8ff;

/** Numbers of hits: those of the own weapon, those on the own player. */
export const DEALT = 0xfff0a8;
export const SUFFERED = 0xff6b7d;
export const HEALTH_GOOD = 0x6fe3a4;
export const HEALTH_LOW = 0xff6b7d;
export const SHIELD = 0xbfe9ff;

/** Of high contrast: a black floor, and what stops shots has a white edge. What is beyond the map is as a wall. */
export const CONTRAST_FLOOR = 0x000000;
export const CONTRAST_GRID = 0x2c3142;
export const CONTRAST_WALL = 0x39415a;
export const CONTRAST_EDGE = 0xffffff;

type PickupColors = Readonly<Record<PickupKind, number>>;

/** What lies on the floor; each has a shape of its own besides. */
const PICKUP_COLORS: PickupColors = { med: 0x4fe0a0, shield: 0x6fb7ff, overcharge: 0xffd84d };

/** How light they are tells them apart, for eyes that see no colour at all. */
const SAFE_PICKUP_COLORS: PickupColors = { med: 0xffffff, shield: 0x4a90ff, overcharge: 0xffb000 };

/** What is laid bare: where the server has everybody, where it judged a rail, and the cells of the grid of interest. */
export const GHOST = 0xffffff;
export const JUDGED = 0xff5cf0;
export const CELL_EDGE = 0x9dffb0;
export const CELL_TOLD = 0x9dffb0;

/** Bright enough on the floor, and apart from each other also for eyes that see red and green alike. */
const OTHERS = [0xff5c9a, 0xffc14d, 0xb18cff, 0xff8552, 0x7dd3a0, 0xf06bff, 0xe8e26a] as const;

/** Of Okabe and Ito, as bright as a dark floor needs them. */
const SAFE_OWN = 0x8cd3ff;
const SAFE_OTHERS = [0xffa94d, 0xf0e442, 0xff8ccf, 0xff6a2b, 0x3fd6a8, 0xffffff] as const;

/** Of the two teams: apart for all eyes, and of other shapes besides. */
const TEAM_COLORS: Readonly<Record<Team, number>> = { blue: 0x4fa8ff, orange: 0xff9a3d };

/** The colour of a player: that of its team, where there are teams; else the same for the life of the entity. */
export function colorOf(entity: number, own: boolean, safe: boolean, team?: Team): number {
  if (team !== undefined) {
    return TEAM_COLORS[team];
  }
  if (own) {
    return safe ? SAFE_OWN : OWN;
  }
  const others = safe ? SAFE_OTHERS : OTHERS;
  return others[entity % others.length] ?? others[0];
}

/** The colours of what lies on the floor. */
export function pickupColors(safe: boolean): PickupColors {
  return safe ? SAFE_PICKUP_COLORS : PICKUP_COLORS;
}

export const CORNERS_MAX = 2 + SAFE_OTHERS.length;

/** Corners of the shape that goes with the colour of somebody else, 3 to `CORNERS_MAX`. */
export function cornersOf(entity: number): number {
  return 3 + (entity % SAFE_OTHERS.length);
}

/** A colour as style sheets write it. */
export function cssOf(color: number): string {
  return `#${color.toString(16).padStart(6, "0")}`;
}
