use arena::bot::level::Level;
use arena::{Config, PhaseLengths};
use shared::arena::scores::{Score, decode_scores};
use shared::arena::status::Phase;
use simulation::notice::Notice;

use crate::table::{Table, Told};

const BOTS: usize = 40;

/// Long enough for a dozen kills.
const ROUND: PhaseLengths = PhaseLengths {
    warm_up_ticks: 30,
    countdown_ticks: 30,
    live_ticks: 900,
    sudden_death_ticks: 0,
    results_ticks: 300,
};

fn crowd() -> Table {
    let config = Config {
        phases: ROUND,
        bot_level: Level::Hard,
        ..Config::default()
    };
    let mut table = Table::new(config, BOTS, 3);
    table.join();
    table
}

/// What the match has told since it was asked last.
fn told(table: &Table) -> Vec<Vec<Score>> {
    let scores = |told| match told {
        Told::Notice(Notice::Scores(bytes)) => Some(decode_scores(&bytes).unwrap()),
        _ => None,
    };
    table.told().into_iter().filter_map(scores).collect()
}

#[test]
fn in_a_crowd_everybodys_score_is_told_also_of_those_who_are_not_seen() {
    let mut table = crowd();
    let first = decode_scores(&table.people[0].seat.scores).unwrap();
    assert_eq!(first.len(), 1, "the bots come after");
    let (mut told_count, mut unseen_max) = (0, 0);
    while table.phase() != Some(Phase::Results) {
        table.rest(1);
        for scores in told(&table) {
            assert_eq!(scores.len(), BOTS);
            let seen = &table.seen().entities;
            for (entity, state) in seen {
                let score = scores.iter().find(|score| score.entity == *entity).unwrap();
                assert_eq!(
                    (score.score, score.kills, score.deaths),
                    (state.score, state.kills, state.deaths)
                );
            }
            unseen_max = unseen_max.max(scores.len() - seen.len());
            told_count += 1;
        }
    }
    assert!(
        unseen_max > BOTS / 4,
        "most of a crowd is out of view: {unseen_max}"
    );
    // Once a second, and four phases.
    assert!((4..=table.tick.0 / 60 + 4).contains(&told_count), "{told_count}");
}

#[test]
fn results_begin_with_the_scores_that_stand() {
    let mut table = crowd();
    let mut last = Vec::new();
    while table.phase() != Some(Phase::Results) {
        table.rest(1);
        last = told(&table).pop().unwrap_or(last);
    }
    let status = table.status();
    let stands: Vec<_> = status.players.iter().map(|player| player.score).collect();
    let last: Vec<_> = last.iter().map(|score| u32::from(score.score)).collect();
    assert_eq!(last, stands);
    assert!(stands.iter().any(|&score| score > 0));
}
