//! The games this server can play: one function each, which makes a match of it, and a row each for their recordings.
//!
//! Nothing else in the server knows the types of a game.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use arena::{Arena, PhaseLengths};
use bytes::Bytes;
use shared::ids::MatchId;
use shared::tick::{TICK_HZ, Tick};
use simulation::game::Game;
use simulation::handle::{self, Started};
use simulation::notice::MatchSink;
use simulation::recording::header::Header;
use simulation::recording::read::{ReadError, Recorded, Summary, game_name, look_into};
use simulation::recording::sink::Recording;
use simulation::replay::{self, RunningReplay};
use simulation::settings::MatchSettings;
use simulation::simulation::MatchStart;
use simulation::stats::Stats;

use crate::config::Config;
use crate::map_dir;

/// Makes a match that tells `sink` what happens, and is perhaps recorded.
pub(crate) type StartMatch =
    Box<dyn Fn(MatchId, Arc<dyn MatchSink>, Arc<Stats>, Option<Recording>) -> Started + Send + Sync>;

/// What this server plays: how its matches start, and what they are in the list.
pub(crate) struct Played {
    pub(crate) start_match: StartMatch,
    pub(crate) mode: &'static str,
}

/// Makes a replay of a recording, to be checked.
type OpenReplay = fn(&[u8]) -> Result<Box<dyn RunningReplay + '_>, ReadError>;

/// Makes a match of a recording, to be watched from a tick on.
type ShowReplay = fn(Bytes, Tick, Arc<dyn MatchSink>, Arc<Stats>) -> Result<Started, ReadError>;

/// What is done with the recordings of one game.
struct RecordedGame {
    name: &'static str,
    open: OpenReplay,
    show: ShowReplay,
    describe: fn(&[u8]) -> Result<Described, ReadError>,
}

/// What a list says of a recording.
pub(crate) struct Described {
    pub(crate) mode: &'static str,
    pub(crate) map: String,
    pub(crate) recorded: (Header, Summary),
}

const RECORDED: [RecordedGame; 1] = [RecordedGame {
    name: Arena::NAME,
    open: replay::open::<Arena>,
    show: handle::replay::<Arena>,
    describe: describe_arena,
}];

fn recorded_game(bytes: &[u8]) -> Result<&'static RecordedGame, ReadError> {
    let found = game_name(bytes)?;
    RECORDED
        .iter()
        .find(|game| game.name == found)
        .ok_or(ReadError::OtherGame {
            found,
            expected: Arena::NAME,
        })
}

/// Makes a replay of a recording of any of the games.
pub(crate) fn open_replay(bytes: &[u8]) -> Result<Box<dyn RunningReplay + '_>, ReadError> {
    (recorded_game(bytes)?.open)(bytes)
}

/// Makes a match of a recording of any of the games, for one viewer who sees it from a tick on.
pub(crate) fn show_replay(
    bytes: Bytes,
    from: Tick,
    sink: Arc<dyn MatchSink>,
    stats: Arc<Stats>,
) -> Result<Started, ReadError> {
    let game = recorded_game(&bytes)?;
    (game.show)(bytes, from, sink, stats)
}

/// What a recording of any of the games holds.
pub(crate) fn describe_replay(bytes: &[u8]) -> Result<Described, ReadError> {
    (recorded_game(bytes)?.describe)(bytes)
}

fn describe_arena(bytes: &[u8]) -> Result<Described, ReadError> {
    let Recorded {
        header,
        config,
        summary,
    } = look_into::<Arena>(bytes)?;
    Ok(Described {
        mode: config.mode.name(),
        map: config.maps.of_round(0).map().name.clone(),
        recorded: (header, summary),
    })
}

/// The demo game.
///
/// # Errors
/// The maps of `--map-dir` cannot be read or played on.
pub(crate) fn arena(config: &Config) -> anyhow::Result<Played> {
    let settings = match_settings(config);
    let mut rules = arena_rules(config);
    if let Some(folder) = &config.map_dir {
        rules.maps = map_dir::read(folder)?;
    }
    let start_match: StartMatch = Box::new(move |id, sink, stats, recording| {
        // Each match begins on the next map, so that the list of matches has something of everything.
        let config = arena::Config {
            maps: rules.maps.starting_with(id.0.saturating_sub(1) as usize),
            ..rules.clone()
        };
        handle::start::<Arena>(MatchStart {
            id,
            config,
            seed: fresh_seed(),
            settings,
            sink,
            stats,
            recording,
        })
    });
    Ok(Played {
        start_match,
        mode: config.mode.name(),
    })
}

fn arena_rules(config: &Config) -> arena::Config {
    let ticks = |seconds: u16| u32::from(seconds) * u32::from(TICK_HZ);
    arena::Config {
        phases: PhaseLengths {
            warm_up_ticks: ticks(config.warm_up_s),
            countdown_ticks: ticks(config.countdown_s),
            live_ticks: ticks(config.live_s),
            sudden_death_ticks: ticks(config.sudden_death_s),
            results_ticks: ticks(config.results_s),
        },
        kills_to_win: config.kills_to_win,
        bot_level: config.bot_level,
        lag_compensation: config.lag_compensation,
        mode: config.mode,
        ..arena::Config::default()
    }
}

fn match_settings(config: &Config) -> MatchSettings {
    let players_max = usize::from(config.players_max);
    MatchSettings {
        players_max,
        viewers_max: usize::from(config.viewers_max),
        // A match is never filled beyond its places, whatever the two settings say.
        fill_to: usize::from(config.fill_to).min(players_max),
        empty_ticks_max: config.empty_s * u32::from(TICK_HZ),
        snapshot_bytes_per_s: config.snapshot_bytes_per_s,
        snapshot_interval_ticks: (TICK_HZ / u16::from(config.snapshot_hz)) as u8,
        see_all_max: usize::from(config.see_all_max),
    }
}

/// Different for each match; the hasher's keys come from the operating system's random source.
fn fresh_seed() -> u64 {
    RandomState::new().hash_one(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beams_are_judged_as_the_setting_says() {
        for lag_compensation in [true, false] {
            let config = Config {
                lag_compensation,
                ..Config::default()
            };
            assert_eq!(arena_rules(&config).lag_compensation, lag_compensation);
        }
        assert_eq!(arena_rules(&Config::default()), arena::Config::default());
    }
}
