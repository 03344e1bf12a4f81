use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::time::{Duration, Instant};

use shared::ids::MatchId;
use shared::message::MatchEnd;
use shared::tick::TICK_NS;
use simulation::command::Refused;
use simulation::handle::MatchHandle;
use simulation::mailbox::MailboxReader;
use simulation::notice::Notice;
use simulation::shard::{AddError, Shard};
use simulation::simulation::{Flow, RunningMatch};
use simulation::stats::Stats;

use crate::counter::Config;
use crate::scenario::{PATIENCE, QUIET, Told, ask_for_status, ask_to_join, counter_match};

/// A match on a shard, with one client so that it sends snapshots.
struct OnShard {
    handle: Arc<dyn MatchHandle>,
    told: Receiver<Told>,
    _reader: MailboxReader,
}

fn add(shard: &Shard, running: Box<dyn RunningMatch>) {
    assert_eq!(shard.add(running).map_err(|refused| refused.why), Ok(()));
}

fn put_on(shard: &Shard, id: u32, config: Config, stats: &Arc<Stats>) -> OnShard {
    let (started, told) = counter_match(id, config, 5, QUIET, stats);
    let (_, reader) = ask_to_join(&*started.handle, "Ada");
    add(shard, started.running);
    OnShard {
        handle: started.handle,
        told,
        _reader: reader,
    }
}

impl OnShard {
    fn wait_for(&self, wanted: &Told) {
        while self.told.recv_timeout(PATIENCE).unwrap() != *wanted {}
    }

    fn wait_for_snapshots(&self, count: usize) {
        for _ in 0..count {
            self.wait_for(&Told::Ready);
        }
    }

    /// Everything told after the last wait, once the match is gone.
    fn last_told(&self) -> Option<Told> {
        self.told.iter().last()
    }
}

const CLOSED: Told = Told::Notice(Notice::Ended(MatchEnd::Closed));
const CRASHED: Told = Told::Notice(Notice::Ended(MatchEnd::Crashed));

#[test]
fn several_matches_run_on_one_shard_and_end_with_it() {
    let stats = Arc::default();
    let shard = Shard::spawn(0, Arc::clone(&stats)).unwrap();
    let matches: Vec<OnShard> = (0..8)
        .map(|id| put_on(&shard, id, Config::default(), &stats))
        .collect();
    for one in &matches {
        one.wait_for_snapshots(3);
    }
    assert_eq!(
        (stats.matches_started.value(), stats.matches_running.value()),
        (8, 8)
    );
    shard.stop();
    for one in &matches {
        assert_eq!(one.last_told(), Some(CLOSED));
        assert!(one.handle.is_over());
    }
    assert!(stats.tick_times.count() >= 8 * 7);
    assert_eq!(
        (stats.matches_running.value(), stats.matches_crashed.value()),
        (0, 0)
    );
    assert_eq!(stats.people.value(), 0);
}

#[test]
fn a_panic_ends_its_match_alone_and_is_told() {
    let stats = Arc::default();
    let shard = Shard::spawn(1, Arc::clone(&stats)).unwrap();
    let before = put_on(&shard, 0, Config::default(), &stats);
    let bad = put_on(
        &shard,
        1,
        Config {
            panics_in_tick: 5,
            ..Config::default()
        },
        &stats,
    );
    let after = put_on(&shard, 2, Config::default(), &stats);
    bad.wait_for(&CRASHED);
    assert_eq!(
        bad.last_told(),
        None,
        "the end is the last thing told, and the sink is let go"
    );
    assert!(bad.handle.is_over());
    let (late, _) = ask_to_join(&*bad.handle, "Late");
    assert_eq!(late.recv_timeout(PATIENCE).unwrap(), Err(Refused::Ended));
    for one in [&before, &after] {
        // What was sent before the panic is of no interest.
        while one.told.try_recv().is_ok() {}
        one.wait_for_snapshots(3);
        assert!(!one.handle.is_over());
    }
    assert_eq!(
        (stats.matches_crashed.value(), stats.matches_running.value()),
        (1, 2)
    );
    assert_eq!(stats.people.value(), 2);
}

#[test]
fn whoever_waits_for_an_answer_of_a_match_that_panics_gets_one() {
    let stats = Arc::default();
    let shard = Shard::spawn(2, Arc::clone(&stats)).unwrap();
    for panics_in_tick in 1..4 {
        let (started, told) = counter_match(
            9,
            Config {
                panics_in_tick,
                ..Config::default()
            },
            5,
            QUIET,
            &stats,
        );
        add(&shard, started.running);
        loop {
            match told.try_recv() {
                Ok(CRASHED) => break,
                Err(TryRecvError::Disconnected) => panic!("the end is told before the sink is let go"),
                _ => {}
            }
            // The answer is a status or "ended", but there is one.
            let answer = ask_for_status(&*started.handle).recv_timeout(PATIENCE).unwrap();
            assert!(
                matches!(answer, Ok(_) | Err(Refused::Ended | Refused::Busy)),
                "{answer:?}"
            );
        }
    }
}

#[test]
fn a_stopped_shard_takes_nothing() {
    let stats = Arc::default();
    let shard = Shard::spawn(3, Arc::clone(&stats)).unwrap();
    shard.stop();
    shard.stop();
    let (started, _told) = counter_match(1, Config::default(), 5, QUIET, &stats);
    let refused = shard.add(started.running).map_err(|refused| refused.why);
    assert_eq!(refused, Err(AddError::Stopped));
    assert!(started.handle.is_over());
}

#[test]
fn dropping_a_shard_ends_its_matches() {
    let stats = Arc::default();
    let shard = Shard::spawn(4, Arc::clone(&stats)).unwrap();
    let one = put_on(&shard, 1, Config::default(), &stats);
    drop(shard);
    assert_eq!(one.last_told(), Some(CLOSED));
}

/// A match that tells what is done with it, and whose first tick holds the shard up for ten tick lengths.
struct Slow {
    told: Sender<&'static str>,
    steps: u32,
}

impl RunningMatch for Slow {
    fn id(&self) -> MatchId {
        MatchId(7)
    }

    fn step(&mut self) -> Flow {
        self.told.send("step").unwrap_or_default();
        self.steps += 1;
        if self.steps == 1 {
            burn(Duration::from_nanos(10 * TICK_NS));
        }
        Flow::Running
    }

    fn expect_next(&mut self, _: Instant) {}

    fn slip(&mut self) {
        self.told.send("slip").unwrap_or_default();
    }

    fn thin_snapshots(&mut self, _: bool) {}

    fn end(&mut self, _: MatchEnd) {
        self.told.send("end").unwrap_or_default();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a tick that takes too long is what the test is about"
)]
pub(crate) fn burn(duration: Duration) {
    let start = Instant::now();
    while start.elapsed() < duration {
        std::hint::spin_loop();
    }
}

#[test]
fn a_match_that_was_held_up_catches_up_a_little_and_drops_the_rest() {
    let stats = Arc::default();
    let shard = Shard::spawn(5, Arc::clone(&stats)).unwrap();
    let (sender, receiver) = channel();
    let slow = Slow {
        told: sender,
        steps: 0,
    };
    add(&shard, Box::new(slow));
    let next = || receiver.recv_timeout(PATIENCE).unwrap();
    // A slow machine may be late for the first tick already, and then ticks are dropped before it.
    let until_slip = (0..=5).find(|_| next() == "slip");
    assert!(
        until_slip.is_some(),
        "at most five ticks at once, then time is dropped"
    );
    for _ in 0..5 {
        assert_eq!(next(), "step");
    }
    assert!(stats.slipped_ticks.value() >= 1);
    shard.stop();
    assert_eq!(receiver.iter().last(), Some("end"));
}
