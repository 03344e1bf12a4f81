/** The two teams of a match that is played in teams. Mirror of `shared/src/arena/team.rs`. */

/** Blue is at home in the first home of the map, orange in the second; the index is the number on the wire. */
export const TEAMS = ["blue", "orange"] as const;

export type Team = (typeof TEAMS)[number];
