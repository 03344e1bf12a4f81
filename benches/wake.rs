//! B7: how late does a shard wake for a tick when the machine has nothing else to do?
//!
//! `B7/wake/shard` is a shard with one match that does nothing but look at the clock; `B7/wake/sleep` is the plain loop in the same
//! run: a thread that sleeps the length of a tick after each tick. Lateness is against the schedule that fits best from below, so that of
//! the plain loop only counts how it varies and not that it drifts, which is told beside it. No criterion: what is asked for are
//! percentiles of single moments.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use shared::ids::MatchId;
use shared::message::MatchEnd;
use shared::tick::TICK_NS;
use simulation::shard::Shard;
use simulation::simulation::{Flow, RunningMatch};

/// A match that tells when it is stepped.
struct Probe(Sender<Instant>);

impl RunningMatch for Probe {
    fn id(&self) -> MatchId {
        MatchId(1)
    }

    fn step(&mut self) -> Flow {
        match self.0.send(Instant::now()) {
            Ok(()) => Flow::Running,
            Err(_) => Flow::Finished,
        }
    }

    fn expect_next(&mut self, _: Instant) {}

    fn slip(&mut self) {}

    fn thin_snapshots(&mut self, _: bool) {}

    fn end(&mut self, _: MatchEnd) {}
}

const TICK: Duration = Duration::from_nanos(TICK_NS);

/// So many ticks by a shard.
fn shard_ticks(count: usize) -> Vec<Instant> {
    let shard = Shard::spawn(0, Arc::default()).expect("there is a thread");
    let (sender, told) = channel();
    assert!(
        shard.add(Box::new(Probe(sender))).is_ok(),
        "an idle shard takes a match"
    );
    told.iter().take(count).collect()
}

/// So many ticks by a loop that sleeps.
fn sleep_ticks(count: usize) -> Vec<Instant> {
    let tick = |_| {
        std::thread::sleep(TICK);
        Instant::now()
    };
    (0..count).map(tick).collect()
}

/// How late each tick was, sorted, and how long a tick took in the mean.
fn lateness(ticks: &[Instant]) -> (Vec<Duration>, Duration) {
    let (first, last) = (ticks[0], ticks[ticks.len() - 1]);
    let mean = (last - first) / (ticks.len() as u32 - 1);
    let offsets: Vec<i128> = ticks
        .iter()
        .enumerate()
        .map(|(number, at)| (*at - first).as_nanos() as i128 - (mean * number as u32).as_nanos() as i128)
        .collect();
    let least = offsets.iter().copied().min().unwrap_or(0);
    let mut late: Vec<Duration> = offsets
        .into_iter()
        .map(|offset| Duration::from_nanos((offset - least) as u64))
        .collect();
    late.sort_unstable();
    (late, mean)
}

fn tell(name: &str, ticks: &[Instant]) {
    let (late, mean) = lateness(ticks);
    let at = |part: f64| late[((late.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e6;
    println!(
        "B7/wake/{name}  late p50 {:.0} µs, p99 {:.0} µs, most {:.0} µs; a tick took {:.4} ms instead of {:.4}",
        at(0.5),
        at(0.99),
        at(1.0),
        mean.as_secs_f64() * 1e3,
        TICK.as_secs_f64() * 1e3,
    );
}

fn main() {
    // `cargo bench` says so; a test only sees whether it runs.
    let measures = std::env::args().any(|argument| argument == "--bench");
    let count = if measures { 1200 } else { 12 };
    let by_shard = shard_ticks(count);
    assert_eq!(by_shard.len(), count);
    tell("shard", &by_shard);
    tell("sleep", &sleep_ticks(count));
}
