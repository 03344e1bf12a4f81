use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use shared::ids::MatchId;
use shared::message::MatchEnd;
use simulation::shard::{AddError, Health, STUCK_AFTER};
use simulation::shards::Shards;
use simulation::simulation::{Flow, RunningMatch};
use simulation::stats::Stats;

use crate::counter::Config;
use crate::scenario::{PATIENCE, QUIET, counter_match};
use crate::shard::burn;

#[expect(
    clippy::disallowed_methods,
    reason = "the shards of these tests run in real time"
)]
fn now() -> Instant {
    Instant::now()
}

/// Waits until something is so.
#[expect(
    clippy::disallowed_methods,
    reason = "what another thread does can only be awaited"
)]
fn wait_until(mut is_so: impl FnMut() -> bool) {
    let start = now();
    while !is_so() {
        assert!(now().duration_since(start) < PATIENCE, "it does not come to pass");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn idle_match(id: u32, stats: &Arc<Stats>) -> Box<dyn RunningMatch> {
    counter_match(id, Config::default(), 1, QUIET, stats).0.running
}

/// A match whose ticks do what a closure does.
struct Odd<F>(F);

impl<F: FnMut() + Send> RunningMatch for Odd<F> {
    fn id(&self) -> MatchId {
        MatchId(99)
    }

    fn step(&mut self) -> Flow {
        (self.0)();
        Flow::Running
    }

    fn expect_next(&mut self, _: Instant) {}

    fn slip(&mut self) {}

    fn thin_snapshots(&mut self, _: bool) {}

    fn end(&mut self, _: MatchEnd) {}
}

#[test]
fn a_burst_of_matches_is_spread_over_all_shards() {
    let stats = Arc::default();
    let shards = Shards::spawn(3, &stats).unwrap();
    for id in 0..30 {
        shards.add(idle_match(id, &stats), now()).unwrap();
    }
    wait_until(|| stats.matches_running.value() == 30);
    let matches: Vec<u64> = shards.stats().map(|shard| shard.matches.value()).collect();
    // A shard that has taken some up knows by then that they cost less than guessed, and gets a few more.
    assert!(matches.iter().all(|&count| count >= 5), "{matches:?}");
    shards.stop();
    assert_eq!(stats.matches_running.value(), 0);
    assert!(shards.stats().all(|shard| shard.load.cost_ns() == 0));
    assert_eq!(shards.add(idle_match(99, &stats), now()), Err(AddError::Busy));
}

#[test]
fn a_match_goes_to_the_shard_with_the_least_load_however_many_matches_that_has() {
    let stats = Arc::default();
    let shards = Shards::spawn(2, &stats).unwrap();
    let heavy = Box::new(Odd(|| burn(Duration::from_millis(4))));
    let with_heavy = shards.add(heavy, now()).unwrap();
    let load = || shards.stats().nth(with_heavy).unwrap().load.permille();
    wait_until(|| load() > 100);
    for id in 0..8 {
        assert_eq!(shards.add(idle_match(id, &stats), now()), Ok(1 - with_heavy));
    }
}

/// A match that says when its first tick has begun, and stays in it until it may go on.
fn stuck_match() -> (Box<dyn RunningMatch>, Receiver<()>, Sender<()>) {
    let (begun, has_begun) = channel();
    let (go_on, may_go_on) = channel();
    let may_go_on = Mutex::new(may_go_on);
    let tick = move || {
        begun.send(()).unwrap_or_default();
        // An error says that the test is over.
        let _ = may_go_on.lock().unwrap().recv();
    };
    (Box::new(Odd(tick)), has_begun, go_on)
}

#[test]
fn a_shard_that_is_stuck_gets_no_matches_until_it_goes_on() {
    let stats = Arc::default();
    let shards = Shards::spawn(2, &stats).unwrap();
    let (stuck, has_begun, go_on) = stuck_match();
    let before = now();
    let index = shards.add(stuck, before).unwrap();
    has_begun.recv_timeout(PATIENCE).unwrap();
    assert_eq!(shards.health(index, before), Health::Well, "not for long yet");
    // A second later, in made-up time.
    let later = now() + STUCK_AFTER;
    assert_eq!(shards.health(index, later), Health::Stuck);
    assert_eq!(shards.health(1 - index, later), Health::Well);
    for id in 0..4 {
        assert_eq!(shards.add(idle_match(id, &stats), later), Ok(1 - index));
    }
    drop(go_on);
    wait_until(|| shards.health(index, now()) == Health::Well);
    shards.stop();
    assert_eq!(shards.health(index, now()), Health::Ended);
    assert!(!shards.take_matches(now()));
}

#[test]
fn when_all_are_stuck_none_takes_a_match() {
    let stats = Arc::default();
    let shards = Shards::spawn(1, &stats).unwrap();
    let (stuck, has_begun, _go_on) = stuck_match();
    let before = now();
    shards.add(stuck, before).unwrap();
    has_begun.recv_timeout(PATIENCE).unwrap();
    let later = now() + STUCK_AFTER;
    assert!(shards.take_matches(before) && !shards.take_matches(later));
    assert_eq!(shards.add(idle_match(1, &stats), later), Err(AddError::Busy));
}

#[cfg(target_os = "linux")]
#[test]
fn the_threads_ask_to_be_woken_on_time() {
    let stats = Arc::default();
    let shards = Shards::spawn(1, &stats).unwrap();
    let (tell, told) = channel();
    let look = move || {
        let slack = rustix::thread::current_timer_slack();
        tell.send(slack.ok()).unwrap_or_default();
    };
    shards.add(Box::new(Odd(look)), now()).unwrap();
    assert_eq!(told.recv_timeout(PATIENCE).unwrap(), Some(1));
}
