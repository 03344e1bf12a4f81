//! A match of the arena that never leaves its warm-up, whose seats are taken in its first tick.

use std::sync::Arc;

use arena::{Arena, Config, PhaseLengths};
use shared::ids::{MatchId, PlayerId};
use simulation::handle::{Started, start};
use simulation::mailbox::MailboxReader;
use simulation::settings::MatchSettings;
use simulation::simulation::{Flow, MatchStart};
use simulation::stats::Stats;

use crate::seating::{Nobody, ask_to_join};

/// Rules by which everybody walks about and nobody fires.
pub(crate) fn warming_up() -> Config {
    Config {
        phases: PhaseLengths {
            warm_up_ticks: u32::MAX,
            ..PhaseLengths::default()
        },
        ..Config::default()
    }
}

/// A match with as many people as it has places for; its number is also its seed.
pub(crate) fn full_table(
    number: u32,
    config: &Config,
    settings: MatchSettings,
    stats: &Arc<Stats>,
) -> (Started, Vec<(PlayerId, MailboxReader)>) {
    let mut started = start::<Arena>(MatchStart {
        id: MatchId(number),
        config: config.clone(),
        seed: number.into(),
        settings,
        sink: Arc::new(Nobody),
        stats: Arc::clone(stats),
        recording: None,
    });
    let asked: Vec<_> = (0..settings.players_max).map(|_| ask_to_join(&started)).collect();
    assert_eq!(started.running.step(), Flow::Running);
    let people = asked.into_iter().map(|(answer, mailbox)| {
        let player = answer.recv().expect("every join is answered");
        (player, mailbox)
    });
    let people = people.collect();
    (started, people)
}
