//! What may differ from match to match: the maps in their order, how long things take, how good the bots are.

use shared::arena::map::Map;
use shared::tick::TICK_HZ;

use crate::bot::level::Level;
use crate::map;

/// What distinguishes one match from another.
#[derive(Clone, Debug)]
pub struct Config {
    /// One for each round, then from the first again. At least one.
    pub maps: Vec<Map>,
    /// How long each phase takes.
    pub phases: PhaseLengths,
    /// How good bots are.
    pub bot_level: Level,
    /// So many kills of one player end the round before its time; the score says who wins it, as in `round.rs`. More make
    /// long rounds longer; at 255 hardly anything but time ends a round.
    pub kills_to_win: u8,
}

/// Lengths of the phases of a round, ticks. A phase of length 0 is over in the tick after it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhaseLengths {
    /// Long enough to look at the map; longer bores.
    pub warm_up_ticks: u32,
    /// Time to find oneself on the screen.
    pub countdown_ticks: u32,
    /// The round itself.
    pub live_ticks: u32,
    /// How long equals may fight for a decision; when it is over they remain equal.
    pub sudden_death_ticks: u32,
    /// Time to read the scores.
    pub results_ticks: u32,
}

const SECOND: u32 = TICK_HZ as u32;

impl Default for PhaseLengths {
    fn default() -> Self {
        Self {
            warm_up_ticks: 5 * SECOND,
            countdown_ticks: 3 * SECOND,
            live_ticks: 180 * SECOND,
            sudden_death_ticks: 30 * SECOND,
            results_ticks: 8 * SECOND,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            maps: map::all(),
            phases: PhaseLengths::default(),
            bot_level: Level::default(),
            kills_to_win: 20,
        }
    }
}
