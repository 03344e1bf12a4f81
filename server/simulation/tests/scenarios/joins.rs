use std::sync::Arc;

use shared::ids::PlayerId;
use shared::message::{MatchEnd, RosterEntry};
use simulation::command::Refused;
use simulation::notice::Notice;
use simulation::settings::MatchSettings;
use simulation::simulation::Flow;

use crate::counter::{Config, entity_of};
use crate::scenario::{Client, QUIET, Scenario, Told, ask_for_status, ask_to_join, counter_match};

const FILLED: MatchSettings = MatchSettings {
    players_max: 4,
    fill_to: 3,
    ..QUIET
};

fn entry(player: u16, name: &str, bot: bool) -> RosterEntry {
    let player = PlayerId(player);
    RosterEntry {
        player,
        entity: entity_of(player),
        bot,
        name: name.into(),
    }
}

fn joined(player: u16, name: &str, bot: bool) -> Notice {
    Notice::PlayerJoined(entry(player, name, bot))
}

fn left(player: u16) -> Notice {
    Notice::PlayerLeft(PlayerId(player))
}

#[test]
fn a_person_who_joins_learns_everything_a_client_needs() {
    let mut scenario = Scenario::new(FILLED);
    scenario.steps(4);
    let seat = scenario.join("Ada").seat;
    assert_eq!(
        (seat.match_id, seat.player, seat.tick.0),
        (scenario.handle.id(), PlayerId(3), 4)
    );
    assert_eq!(
        (seat.entity, seat.setup.as_slice()),
        (entity_of(seat.player), b"count".as_slice())
    );
    assert_eq!(
        seat.roster,
        [
            entry(0, "Bot 0", true),
            entry(1, "Bot 1", true),
            entry(3, "Ada", false)
        ]
    );
}

#[test]
fn bots_fill_up_and_make_room() {
    let mut scenario = Scenario::new(FILLED);
    scenario.step();
    let bots = [
        joined(0, "Bot 0", true),
        joined(1, "Bot 1", true),
        joined(2, "Bot 2", true),
    ];
    assert_eq!(scenario.notices(), bots);
    let mut people: Vec<Client> = Vec::new();
    for (name, player, bot) in [("A", 3, 2), ("B", 4, 1), ("C", 5, 0)] {
        people.push(scenario.join(name));
        assert_eq!(scenario.notices(), [left(bot), joined(player, name, false)]);
    }
    people.push(scenario.join("D"));
    assert_eq!(scenario.notices(), [joined(6, "D", false)]);
    assert_eq!(
        (scenario.stats.people.value(), scenario.stats.bots.value()),
        (4, 0)
    );
    people.clear();
    scenario.step();
    let expected = [
        left(3),
        left(4),
        left(5),
        left(6),
        joined(7, "Bot 0", true),
        joined(8, "Bot 1", true),
        joined(9, "Bot 2", true),
    ];
    assert_eq!(scenario.notices(), expected);
    let stats = Arc::clone(&scenario.stats);
    assert_eq!((stats.people.value(), stats.bots.value()), (0, 3));
    drop(scenario);
    assert_eq!(stats.bots.value(), 0);
}

#[test]
fn a_burst_of_joins_never_overfills_a_match() {
    let mut scenario = Scenario::new(QUIET);
    let asked: Vec<_> = (0..10).map(|_| ask_to_join(&*scenario.handle, "Ada")).collect();
    assert_eq!(
        (scenario.handle.people(), scenario.handle.has_place()),
        (4, false)
    );
    scenario.step();
    let answers: Vec<_> = asked
        .iter()
        .map(|(answer, _)| answer.try_recv().unwrap().err())
        .collect();
    assert_eq!(answers[..4], [None; 4]);
    assert_eq!(answers[4..], [Some(Refused::Full); 6]);
    drop(asked);
    scenario.notice_leavers();
    assert_eq!((scenario.handle.people(), scenario.handle.has_place()), (0, true));
}

#[test]
fn whoever_leaves_before_the_answer_is_out_with_the_next_snapshot() {
    let mut scenario = Scenario::new(QUIET);
    let (answer, reader) = ask_to_join(&*scenario.handle, "Ada");
    drop((answer, reader));
    scenario.step();
    scenario.notice_leavers();
    assert_eq!(scenario.notices(), [joined(0, "Ada", false), left(0)]);
    assert_eq!(scenario.status().players, []);
}

#[test]
fn a_status_shows_everybody_and_where_they_are() {
    let mut scenario = Scenario::new(FILLED);
    let _ada = scenario.join("Ada");
    let status = scenario.status();
    assert_eq!(
        (status.id, status.tick.0, status.phase),
        (scenario.handle.id(), 1, "odd")
    );
    let players: Vec<_> = status
        .players
        .iter()
        .map(|player| {
            (
                player.player.0,
                player.name.as_str(),
                player.bot,
                player.x,
                player.score,
            )
        })
        .collect();
    // The seed of the scenario is 5: a bot adds that and its id in each tick.
    let expected = [
        (0, "Ada", false, Some(0.0), 0),
        (1, "Bot 0", true, Some(6.0), 6),
        (2, "Bot 1", true, Some(7.0), 7),
    ];
    assert_eq!(players, expected);
}

#[test]
fn a_match_without_people_is_closed_after_a_while() {
    let mut scenario = Scenario::new(MatchSettings {
        empty_ticks_max: 5,
        ..FILLED
    });
    scenario.steps(4);
    let ada = scenario.join("Ada");
    scenario.steps(20);
    drop(ada);
    scenario.notice_leavers();
    scenario.steps(3);
    let waiting = ask_to_join(&*scenario.handle, "Eve");
    scenario.step();
    drop(waiting);
    scenario.notice_leavers();
    scenario.steps(3);
    assert_eq!(scenario.running.step(), Flow::Finished);
}

#[test]
fn the_end_of_a_match_is_told_once_and_answers_everybody_who_waits() {
    let mut scenario = Scenario::new(QUIET);
    let ada = scenario.join("Ada");
    scenario.told();
    let waiting = ask_to_join(&*scenario.handle, "Eve");
    let looking = ask_for_status(&*scenario.handle);
    scenario.running.end(MatchEnd::Closed);
    scenario.running.end(MatchEnd::Crashed);
    assert_eq!(scenario.told(), [Told::Notice(Notice::Ended(MatchEnd::Closed))]);
    assert!(scenario.handle.is_over() && !scenario.handle.has_place());
    let Scenario {
        handle,
        running,
        stats,
        ..
    } = scenario;
    drop(running);
    assert_eq!(waiting.0.try_recv().unwrap(), Err(Refused::Ended));
    assert_eq!(looking.try_recv().unwrap(), Err(Refused::Ended));
    assert_eq!(
        ask_to_join(&*handle, "Late").0.try_recv().unwrap(),
        Err(Refused::Ended)
    );
    assert_eq!(ask_for_status(&*handle).try_recv().unwrap(), Err(Refused::Ended));
    assert!(ada.mailbox.is_closed());
    assert_eq!((stats.people.value(), handle.people()), (0, 0));
}

#[test]
fn a_match_that_no_shard_took_is_over_and_its_sink_is_told() {
    let stats = Arc::default();
    let (started, told) = counter_match(1, Config::default(), 5, QUIET, &stats);
    assert!(!started.handle.is_over());
    drop(started.running);
    assert!(started.handle.is_over());
    let told: Vec<Told> = told.iter().collect();
    assert_eq!(told, [Told::Notice(Notice::Ended(MatchEnd::Closed))]);
}

#[test]
fn when_ids_run_out_a_match_lets_nobody_in_and_plays_on() {
    let mut scenario = Scenario::new(QUIET);
    let stays = scenario.join("Ada");
    for _ in 1..u16::MAX {
        drop(ask_to_join(&*scenario.handle, "Eve"));
        scenario.step();
    }
    assert!(scenario.handle.has_place());
    let (answer, _reader) = ask_to_join(&*scenario.handle, "Late");
    scenario.step();
    assert_eq!(answer.try_recv().unwrap(), Err(Refused::Full));
    assert!(!scenario.handle.has_place() && !scenario.handle.is_over());
    scenario.steps(3);
    assert!(stays.mailbox.is_waiting());
}
