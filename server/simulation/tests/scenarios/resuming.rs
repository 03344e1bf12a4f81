use shared::ids::PlayerId;
use shared::snapshot::SLACK_UNKNOWN;
use simulation::command::Refused;
use simulation::notice::Notice;
use simulation::settings::MatchSettings;

use crate::counter::{Shouted, Sum};
use crate::scenario::{Client, QUIET, Scenario, add, ask_to_resume, shout};

/// Resumes and steps once; gives the old client as well.
fn resume(scenario: &mut Scenario, old: &Client) -> Client {
    let (answer, mailbox) = ask_to_resume(&*scenario.handle, old.seat.player);
    scenario.step();
    Client::new(answer.try_recv().unwrap().unwrap(), mailbox)
}

#[test]
fn whoever_comes_back_has_the_same_place_and_starts_anew() {
    let mut scenario = Scenario::new(QUIET);
    let old = scenario.join("Ada");
    scenario.send(&old, old.seat.tick.after(3), &[shout(5), add(1)]);
    scenario.steps(2);
    scenario.send(&old, old.seat.tick.after(20), &[add(100)]);
    let new = resume(&mut scenario, &old);
    assert_eq!(
        (new.seat.player, new.seat.entity),
        (old.seat.player, old.seat.entity)
    );
    assert_eq!((new.seat.tick.0, &new.seat.setup), (3, &old.seat.setup));
    assert_eq!(new.seat.roster, old.seat.roster);
    scenario.steps(2);
    let first = new.take().unwrap();
    assert_eq!(
        (first.own_entity(), first.header.slack),
        (new.seat.entity, SLACK_UNKNOWN)
    );
    assert_eq!(first.events, [], "what happened before is not told again");
    scenario.steps(30);
    assert_eq!(
        new.take().unwrap().entities[0].1,
        Sum(6),
        "what the old client planned or held is not done for the new one"
    );
}

#[test]
fn only_the_reader_in_force_says_who_leaves() {
    let mut scenario = Scenario::new(QUIET);
    let first = scenario.join("Ada");
    let second = resume(&mut scenario, &first);
    assert!(first.mailbox.is_closed());
    drop(first.mailbox);
    scenario.steps(3);
    // The reader may also go before the match has come to the request.
    let (answer, third) = ask_to_resume(&*scenario.handle, second.seat.player);
    drop(second.mailbox);
    scenario.step();
    assert!(answer.try_recv().unwrap().is_ok());
    assert_eq!(scenario.stats.people.value(), 1);
    scenario.notices();
    drop(third);
    scenario.notice_leavers();
    assert_eq!(scenario.notices(), [Notice::PlayerLeft(PlayerId(0))]);
    assert_eq!((scenario.stats.people.value(), scenario.handle.people()), (0, 0));
}

#[test]
fn who_has_left_cannot_come_back() {
    let mut scenario = Scenario::new(QUIET);
    let ada = scenario.join("Ada");
    let player = ada.seat.player;
    drop(ada);
    scenario.notice_leavers();
    for unknown in [player, PlayerId(77)] {
        let (answer, _mailbox) = ask_to_resume(&*scenario.handle, unknown);
        scenario.step();
        assert_eq!(answer.try_recv().unwrap().err(), Some(Refused::Ended));
    }
}

#[test]
fn a_bot_is_nobody_who_could_come_back() {
    let mut scenario = Scenario::new(MatchSettings { fill_to: 2, ..QUIET });
    scenario.step();
    let (answer, _mailbox) = ask_to_resume(&*scenario.handle, PlayerId(0));
    scenario.step();
    assert_eq!(answer.try_recv().unwrap().err(), Some(Refused::Ended));
}

#[test]
fn a_resume_is_answered_when_the_match_ends() {
    let mut scenario = Scenario::new(QUIET);
    let ada = scenario.join("Ada");
    let (answer, _mailbox) = ask_to_resume(&*scenario.handle, ada.seat.player);
    let Scenario { handle, running, .. } = scenario;
    drop(running);
    assert_eq!(answer.try_recv().unwrap().err(), Some(Refused::Ended));
    let (answer, _mailbox) = ask_to_resume(&*handle, ada.seat.player);
    assert_eq!(answer.try_recv().unwrap().err(), Some(Refused::Ended));
}

#[test]
fn events_after_the_return_come_once() {
    let mut scenario = Scenario::new(QUIET);
    let old = scenario.join("Ada");
    let new = resume(&mut scenario, &old);
    scenario.send(&new, new.seat.tick.after(3), &[shout(4), add(0)]);
    scenario.steps(1);
    let events = |client: &Client| client.take().unwrap().events;
    assert_eq!(events(&new), [(0, Shouted(4))]);
    scenario.steps(3);
    assert_eq!(events(&new), []);
}
