/** The colours of the arena: dark floor, neon things. Everything that draws takes its colours from here. */

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

/** What lies on the floor: apart for all eyes, and each has a shape of its own besides. */
export const PICKUP_COLORS = { med: 0x4fe0a0, shield: 0x6fb7ff, overcharge: 0xffd84d } as const;

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

/** Corners of the shape that goes with the colour of somebody else, 3 and more. */
export function cornersOf(entity: number): number {
  return 3 + (entity % SAFE_OTHERS.length);
}

/** A colour as style sheets write it. */
export function cssOf(color: number): string {
  return `#${color.toString(16).padStart(6, "0")}`;
}
