//! Every bound of the wire, in one place, with the relations between them checked at compile time.
//!
//! A decoder refuses what exceeds a bound before it allocates for it.

/// Players of one match, people and bots together.
pub const PLAYERS_MAX: usize = 128;

/// Entities that one client may know.
pub const ENTITIES_MAX: usize = 1024;

/// Cells of interest in one match: their number is one byte.
pub const CELLS_MAX: usize = 256;

/// Chunks in one cell block: everybody who was there has left, and as many have come.
pub const CHUNKS_PER_BLOCK_MAX: usize = 2 * ENTITIES_MAX;

/// Characters of a player's name. Long enough for a clan tag, short enough for a name plate.
pub const NAME_CHARS_MAX: usize = 24;

/// Bytes of a player's name: four for each character.
pub const NAME_BYTES_MAX: usize = NAME_CHARS_MAX * 4;

/// Bytes of one `input` event.
pub const INPUT_BYTES_MAX: usize = 256;

/// Inputs in one `input` event. Two are usual; more arrive after the client's thread was held up.
pub const INPUTS_PER_PACKET_MAX: usize = 16;

/// How far ahead of the simulation an input may be, in ticks: the length of the ring that keeps them.
pub const INPUT_AHEAD_TICKS_MAX: u32 = 64;

/// Bytes of one message from a client.
pub const CLIENT_MESSAGE_BYTES_MAX: usize = 512;

/// Bytes of one message from the server: the roster of a full match, the setup of the game and its scores fit in.
pub const SERVER_MESSAGE_BYTES_MAX: usize = 32 * 1024;

/// Matches of one list in the lobby; the others can still be joined by their number.
pub const MATCHES_LISTED_MAX: usize = 256;

/// Recordings of one list in the lobby; older ones can still be watched by their name.
pub const REPLAYS_LISTED_MAX: usize = 64;

/// Bytes of a recording's name.
pub const REPLAY_NAME_BYTES_MAX: usize = 64;

/// Bytes of a phase's name in that list.
pub const PHASE_BYTES_MAX: usize = 32;

/// Bytes of a mode's name in that list.
pub const MODE_BYTES_MAX: usize = 16;

/// Bytes of a map's name in that list.
pub const MAP_NAME_BYTES_MAX: usize = 32;

/// Modes of play that a server offers for private matches.
pub const MODES_OFFERED_MAX: usize = 8;

/// Maps that a server offers for private matches, and those of one match.
pub const MAPS_OFFERED_MAX: usize = 16;

/// Bytes of a seat token: 32 hexadecimal digits, 128 random bits.
pub const TOKEN_BYTES: usize = 32;

/// Bytes of the setup a game hands to each player who joins (its map).
pub const SETUP_BYTES_MAX: usize = 8 * 1024;

/// Bytes in which a game tells how everybody stands: eight for each player.
pub const SCORES_BYTES_MAX: usize = PLAYERS_MAX * 8;

/// Walls of one map.
pub const WALLS_MAX: usize = 128;

/// Pickups of one map.
pub const PICKUPS_MAX: usize = 32;

/// Events that ride in one snapshot: all that their count, one byte, can say. It must be more than happens at once, as
/// whoever comes into view of a fight or gets a keyframe is told of everything that is still in the air: 16 players who
/// hold the trigger keep some 100 shots flying.
pub const EVENTS_PER_SNAPSHOT_MAX: usize = 255;

/// Bytes of one event of a game.
pub const EVENT_BYTES_MAX: usize = 24;

/// Bytes of the state of one entity, whole or as a difference.
pub const STATE_BYTES_MAX: usize = 24;

/// Bytes of what only the player itself sees.
pub const OWN_BYTES_MAX: usize = 64;

/// Bytes of what belongs to the match and to no entity.
pub const STATUS_BYTES_MAX: usize = 64;

/// Bytes of one snapshot: as many events and entities as there may be, every entity in another cell than before.
pub const SNAPSHOT_BYTES_MAX: usize = 40 * 1024;

const SNAPSHOT_HEAD_BYTES_MAX: usize =
    8 + (2 + OWN_BYTES_MAX) + (1 + EVENTS_PER_SNAPSHOT_MAX * (1 + EVENT_BYTES_MAX)) + STATUS_BYTES_MAX;

const CHUNK_HEAD_BYTES_MAX: usize = 3;

const CELL_BLOCKS_BYTES_MAX: usize = CELLS_MAX * 5
    + ENTITIES_MAX * (CHUNK_HEAD_BYTES_MAX + STATE_BYTES_MAX)
    + ENTITIES_MAX * CHUNK_HEAD_BYTES_MAX;

const ROSTER_ENTRY_BYTES_MAX: usize = 3 + 3 + 1 + NAME_BYTES_MAX + 1;

const MATCH_ENTRY_BYTES_MAX: usize =
    5 + (1 + MODE_BYTES_MAX) + (1 + MAP_NAME_BYTES_MAX) + (1 + PHASE_BYTES_MAX) + 3 + 3;

const REPLAY_ENTRY_BYTES_MAX: usize =
    (1 + REPLAY_NAME_BYTES_MAX) + (1 + MODE_BYTES_MAX) + (1 + MAP_NAME_BYTES_MAX) + 3 + 3 + 5 + 5;

const OFFER_BYTES_MAX: usize =
    2 + MODES_OFFERED_MAX * (1 + MODE_BYTES_MAX) + MAPS_OFFERED_MAX * (1 + MAP_NAME_BYTES_MAX);

const _: () = {
    assert!(PLAYERS_MAX <= ENTITIES_MAX);
    assert!(EVENTS_PER_SNAPSHOT_MAX <= u8::MAX as usize);
    assert!(CELLS_MAX == u8::MAX as usize + 1);
    assert!(CHUNKS_PER_BLOCK_MAX <= u16::MAX as usize);
    assert!(SNAPSHOT_HEAD_BYTES_MAX + CELL_BLOCKS_BYTES_MAX <= SNAPSHOT_BYTES_MAX);
    assert!(
        SETUP_BYTES_MAX + SCORES_BYTES_MAX + PLAYERS_MAX * ROSTER_ENTRY_BYTES_MAX + 64
            <= SERVER_MESSAGE_BYTES_MAX
    );
    assert!(MATCHES_LISTED_MAX * MATCH_ENTRY_BYTES_MAX + OFFER_BYTES_MAX + 64 <= SERVER_MESSAGE_BYTES_MAX);
    assert!(REPLAYS_LISTED_MAX * REPLAY_ENTRY_BYTES_MAX + 64 <= SERVER_MESSAGE_BYTES_MAX);
    assert!(REPLAY_NAME_BYTES_MAX + 16 <= CLIENT_MESSAGE_BYTES_MAX);
    assert!(NAME_BYTES_MAX + MODE_BYTES_MAX + MAP_NAME_BYTES_MAX + 32 <= CLIENT_MESSAGE_BYTES_MAX);
    assert!(INPUTS_PER_PACKET_MAX < INPUT_AHEAD_TICKS_MAX as usize);
};
