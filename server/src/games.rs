//! The games this server can play: one function each, which makes a match of it, and a row each for their recordings.
//!
//! Nothing else in the server knows the types of a game.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use arena::side::Mode;
use arena::{Arena, PhaseLengths};
use bytes::Bytes;
use shared::ids::MatchId;
use shared::message::{Offer, Refusal, Wish};
use shared::tick::{TICK_HZ, Tick};
use simulation::game::Game;
use simulation::handle::{self, Started};
use simulation::notice::MatchSink;
use simulation::rate::Rate;
use simulation::recording::header::Header;
use simulation::recording::read::{ReadError, Recorded, Summary, game_name, look_into};
use simulation::recording::sink::Recording;
use simulation::recording::unfinished::cut_here;
use simulation::replay::{self, RunningReplay};
use simulation::settings::MatchSettings;
use simulation::simulation::MatchStart;
use simulation::stats::Stats;

use crate::config::Config;
use crate::map_dir;

/// Makes a match that is played on these terms, tells `sink` what happens, and is perhaps recorded.
pub(crate) type StartMatch =
    Box<dyn Fn(MatchId, Terms, Arc<dyn MatchSink>, Arc<Stats>, Option<Recording>) -> Started + Send + Sync>;

/// What this server plays: how its matches start, and what they can be like.
pub(crate) struct Played {
    pub(crate) start_match: StartMatch,
    /// At most `MODES_OFFERED_MAX`, that of matches for which nobody had a wish first.
    pub(crate) modes: Vec<&'static str>,
    /// At most `MAPS_OFFERED_MAX`, each once.
    pub(crate) maps: Vec<String>,
}

/// How a match is played. The default is how all are for which nobody had a wish.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Terms {
    /// In the list of modes.
    mode: usize,
    /// In the list of maps; none for all of them in turn.
    map: Option<usize>,
}

impl Played {
    /// What a wish comes to.
    pub(crate) fn agree(&self, wish: &Wish) -> Result<Terms, Refusal> {
        let mode = wish.mode.as_ref().map(|wished| {
            let place = self.modes.iter().position(|mode| mode == wished);
            place.ok_or(Refusal::ModeUnknown)
        });
        let map = wish.map.as_ref().map(|wished| {
            let place = self.maps.iter().position(|map| map == wished);
            place.ok_or(Refusal::MapUnknown)
        });
        Ok(Terms {
            mode: mode.transpose()?.unwrap_or_default(),
            map: map.transpose()?,
        })
    }

    /// How is played on these terms, in a word.
    pub(crate) fn mode(&self, terms: Terms) -> &'static str {
        self.modes[terms.mode]
    }

    /// What a wish can name.
    pub(crate) fn offer(&self) -> Offer {
        Offer {
            modes: self.modes.iter().map(|&mode| mode.to_owned()).collect(),
            maps: self.maps.clone(),
        }
    }
}

/// Makes a replay of a recording, to be checked.
type OpenReplay = fn(&[u8]) -> Result<Box<dyn RunningReplay + '_>, ReadError>;

/// Makes a match of a recording, to be watched from a tick on.
type ShowReplay = fn(Bytes, Tick, Arc<dyn MatchSink>, Arc<Stats>, Rate) -> Result<Started, ReadError>;

/// What is done with the recordings of one game.
struct RecordedGame {
    name: &'static str,
    open: OpenReplay,
    show: ShowReplay,
    describe: fn(&[u8]) -> Result<Described, ReadError>,
    cut_here: fn(Vec<u8>) -> Result<Vec<u8>, ReadError>,
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
    cut_here: cut_here::<Arena>,
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
    rate: Rate,
) -> Result<Started, ReadError> {
    let game = recorded_game(&bytes)?;
    (game.show)(bytes, from, sink, stats, rate)
}

/// Makes a whole recording of any of the games of the beginning of one.
pub(crate) fn cut_replay_here(bytes: Vec<u8>) -> Result<Vec<u8>, ReadError> {
    (recorded_game(&bytes)?.cut_here)(bytes)
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
    let modes = modes(config.mode);
    let offered = modes.iter().map(|mode| mode.name()).collect();
    let maps = rules.maps.maps().map(|map| map.name.clone()).collect();
    let start_match: StartMatch = Box::new(move |id, terms, sink, stats, recording| {
        let config = arena::Config {
            mode: modes[terms.mode],
            maps: match terms.map {
                Some(index) => rules.maps.only(index),
                // Each match begins on the next map, so that the list of matches has something of everything.
                None => rules.maps.starting_with(id.0.saturating_sub(1) as usize),
            },
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
        modes: offered,
        maps,
    })
}

/// All of them, the usual one first.
fn modes(usual: Mode) -> Vec<Mode> {
    let others = Mode::ALL.into_iter().filter(|&mode| mode != usual);
    std::iter::once(usual).chain(others).collect()
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
        snapshot_interval_ticks: config.snapshot_interval_ticks(),
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

    #[test]
    fn a_wish_is_granted_or_refused_with_what_is_wrong_with_it() {
        let config = Config {
            mode: Mode::Teams,
            ..Config::default()
        };
        let played = arena(&config).unwrap();
        assert_eq!(played.offer().modes, ["teams", "ffa"]);
        let check = |mode: Option<&str>, map: Option<&str>, expected| {
            let wish = Wish {
                mode: mode.map(Into::into),
                map: map.map(Into::into),
            };
            let terms = played.agree(&wish);
            assert_eq!(
                terms.map(|terms| (played.mode(terms), terms.map)),
                expected,
                "{wish:?}"
            );
        };
        check(None, None, Ok(("teams", None)));
        check(Some("ffa"), None, Ok(("ffa", None)));
        check(None, Some("Cloister"), Ok(("teams", Some(1))));
        check(Some("teams"), Some("Orchard"), Ok(("teams", Some(5))));
        check(Some("Teams"), None, Err(Refusal::ModeUnknown));
        check(Some(""), Some("Orchard"), Err(Refusal::ModeUnknown));
        check(Some("ffa"), Some("orchard"), Err(Refusal::MapUnknown));
    }
}
