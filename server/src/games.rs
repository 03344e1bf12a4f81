//! The games this server can play: one function each, which makes a match of it, and a row each for their recordings.
//!
//! Nothing else in the server knows the types of a game.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use arena::{Arena, PhaseLengths};
use shared::ids::MatchId;
use shared::tick::TICK_HZ;
use simulation::game::Game;
use simulation::handle::{self, Started};
use simulation::notice::MatchSink;
use simulation::recording::read::{ReadError, game_name};
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

/// Makes a replay of a recording.
type OpenReplay = fn(&[u8]) -> Result<Box<dyn RunningReplay + '_>, ReadError>;

const REPLAYS: [(&str, OpenReplay); 1] = [(Arena::NAME, replay::open::<Arena>)];

/// Makes a replay of a recording of any of the games.
pub(crate) fn open_replay(bytes: &[u8]) -> anyhow::Result<Box<dyn RunningReplay + '_>> {
    let name = game_name(bytes)?;
    let (_, open) = REPLAYS.iter().find(|(game, _)| *game == name).ok_or_else(|| {
        anyhow::anyhow!("the recording is of the game '{name}', which this program does not have")
    })?;
    Ok(open(bytes)?)
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
