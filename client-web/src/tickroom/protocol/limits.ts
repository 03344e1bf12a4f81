/**
 * Every bound of the wire. Mirror of `shared/src/limits.rs`, as far as the client encodes or decodes.
 *
 * A decoder refuses what exceeds a bound before it allocates for it.
 */

/** Players of one match, people and bots together. */
export const PLAYERS_MAX = 128;

/** Entities that this client may know. */
export const ENTITIES_MAX = 1024;

/** Chunks in one cell block: everybody who was there has left, and as many have come. */
export const CHUNKS_PER_BLOCK_MAX = 2 * ENTITIES_MAX;

/** Characters of a player's name. */
export const NAME_CHARS_MAX = 24;

/** Bytes of a player's name: four for each character. */
export const NAME_BYTES_MAX = NAME_CHARS_MAX * 4;

/** Inputs in one `input` event. */
export const INPUTS_PER_PACKET_MAX = 16;

/** Bytes of one message from the server. */
export const SERVER_MESSAGE_BYTES_MAX = 32 * 1024;

/** Matches of one list in the lobby. */
export const MATCHES_LISTED_MAX = 256;

/** Recordings of one list in the lobby. */
export const REPLAYS_LISTED_MAX = 64;

/** Bytes of a recording's name. */
export const REPLAY_NAME_BYTES_MAX = 64;

/** Bytes of a phase's name in that list. */
export const PHASE_BYTES_MAX = 32;

/** Bytes of a mode's name in that list. */
export const MODE_BYTES_MAX = 16;

/** Bytes of a map's name in that list. */
export const MAP_NAME_BYTES_MAX = 32;

/** Modes of play that a server offers for private matches. */
export const MODES_OFFERED_MAX = 8;

/** Maps that a server offers for private matches. */
export const MAPS_OFFERED_MAX = 16;

/** Bytes of the setup a game hands to each player who joins. */
export const SETUP_BYTES_MAX = 8 * 1024;

/** Bytes in which a game tells how everybody stands. */
export const SCORES_BYTES_MAX = PLAYERS_MAX * 8;

/** Walls of one map. */
export const WALLS_MAX = 128;

/** Pickups of one map. */
export const PICKUPS_MAX = 32;

/** Events that ride in one snapshot. */
export const EVENTS_PER_SNAPSHOT_MAX = 255;

/** Bytes of one snapshot. */
export const SNAPSHOT_BYTES_MAX = 40 * 1024;
