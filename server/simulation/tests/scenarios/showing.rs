use std::collections::VecDeque;

use shared::replica::Replica;
use shared::steer::Speed;
use shared::tick::Tick;
use simulation::notice::Notice;

use crate::steering::{Show, recorded};

#[test]
fn the_picture_waits_while_nobody_takes_it_and_goes_on_then() {
    let mut show = Show::open(recorded(3000), 600);
    show.watch();
    for _ in 0..500 {
        show.step();
    }
    let waiting = show.status().tick;
    assert!(waiting < Tick(640), "{waiting:?}");
    assert_eq!(show.take().unwrap().header.tick, Tick(waiting.0 / 3 * 3));
    // Every second snapshot at first, as to whoever did not keep up.
    let shown = show.ticks_shown(12);
    assert!(shown.len() >= 2 && shown[0] <= waiting.0 + 6, "{shown:?}");
}

#[test]
fn a_snapshot_that_was_not_taken_is_offered_again_and_again_while_nothing_moves() {
    let check = |what, speed, to| {
        let mut show = Show::open(recorded(1000), 0);
        show.watch();
        show.steer(speed, Some(to));
        show.times_ready(100);
        assert_eq!(show.times_ready(300), 100, "{what}");
        assert!(show.take().is_some(), "{what}");
    };
    check("paused", Speed::PAUSED, 500);
    check("at the end", Speed::REAL, 1000);
    check("unseen", Speed::REAL, 500);
    check("slow", Speed::parse(1).unwrap(), 500);
}

#[test]
fn who_asks_for_all_anew_gets_it_also_while_nothing_moves() {
    for (speed, to) in [(Speed::PAUSED, 500), (Speed::REAL, 1000)] {
        let mut show = Show::open(recorded(1000), 0);
        show.watch();
        show.steer(speed, Some(to));
        assert_eq!(show.ticks_shown(100), [to]);
        show.ask_for_all_anew();
        show.replica = Replica::new();
        assert_eq!(show.ticks_shown(30), [to]);
        for _ in 0..60 {
            show.ask_for_all_anew();
            show.step();
        }
        assert!(show.stats.keyframes.value() <= 8, "four a second at most");
    }
}

#[test]
fn at_every_speed_a_client_has_the_same_time_to_answer() {
    for quarters in [1, 4, 16] {
        let mut show = Show::open(recorded(12_000), 0);
        show.watch();
        show.steer(Speed::parse(quarters).unwrap(), Some(600));
        // Acknowledges what it got a second ago.
        let mut taken = VecDeque::new();
        for step in 0..600 {
            show.step();
            if let Some(bytes) = show.mailbox.take() {
                let tick = show.replica.apply(&bytes).unwrap().header.tick;
                taken.push_back((step, tick));
            }
            if let Some((_, tick)) = taken.pop_front_if(|(when, _)| *when + 60 <= step) {
                show.say(tick, false);
            }
        }
        let shown = show.status().tick.0 - 600;
        assert_eq!(shown, 600 * u32::from(quarters) / 4, "it never waits");
        assert_eq!(show.stats.clients_stalled.value(), 0, "{quarters} quarters");
    }
}

#[test]
fn the_picture_waits_for_a_client_that_does_not_answer() {
    let mut show = Show::open(recorded(6000), 0);
    show.watch();
    show.steer(Speed::REAL, Some(600));
    let mut last = Tick(0);
    for _ in 0..500 {
        show.step();
        if let Some(bytes) = show.mailbox.take() {
            last = show.replica.apply(&bytes).unwrap().header.tick;
        }
    }
    let waiting = show.status().tick;
    assert!(waiting.0 < 800, "{waiting:?}");
    show.say(last, false);
    let shown = show.ticks_shown(30);
    assert!(shown.len() > 5 && shown[0] <= waiting.0 + 6, "{shown:?}");
    show.replica = Replica::new();
    for _ in 0..800 {
        show.step();
        show.mailbox.take();
    }
    let gone = |notice: &Notice| matches!(notice, Notice::Gone(_));
    assert_eq!(show.notices().iter().filter(|notice| gone(notice)).count(), 1);
}
