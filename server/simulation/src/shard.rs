//! The thread that steps matches: a timetable, and a bounded queue of commands.
//!
//! The only place of this crate that reads the clock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use crate::load::{COST_GUESS_NS, Shed};
use crate::simulation::RunningMatch;
use crate::stats::{ShardStats, Stats};
use crate::timetable::{Clock, Timetable};

/// Matches that wait to be taken up. They are taken within microseconds unless the shard is far behind, and then more
/// would be no help.
const COMMANDS_QUEUED_MAX: usize = 64;

/// How long an empty shard sleeps; anything that is not too short will do, since a command wakes it.
const IDLE: Duration = Duration::from_secs(60);

/// A shard that is busy with one thing for so long is stuck: no tick may take a second, and a loop in the rules that does
/// not end cannot be ended from outside.
pub const STUCK_AFTER: Duration = Duration::from_secs(1);

/// How a shard is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It does what it is told.
    Well,
    /// It has been busy with one thing for longer than [`STUCK_AFTER`]. It may come back.
    Stuck,
    /// Its thread has ended.
    Ended,
}

impl Health {
    /// In a word, for whoever looks after the server.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Stuck => "stuck",
            Self::Ended => "ended",
        }
    }
}

/// A match that a shard did not take, and why.
pub struct NotAdded {
    /// To be tried elsewhere, or dropped.
    pub running: Box<dyn RunningMatch>,
    /// Why.
    pub why: AddError,
}

/// Why a shard does not take a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddError {
    /// It is overloaded or stuck. Try another shard, or later.
    #[error("the shard is too busy to take a match")]
    Busy,
    /// It was stopped.
    #[error("the shard is stopped")]
    Stopped,
}

/// A running shard. Dropping it stops it.
pub struct Shard {
    commands: SyncSender<Command>,
    thread: Mutex<Option<JoinHandle<()>>>,
    stats: Arc<ShardStats>,
    watch: Arc<Watch>,
}

impl Shard {
    /// Starts the thread `shard-<index>`. Fails when the system gives no thread.
    pub fn spawn(index: usize, stats: Arc<Stats>) -> std::io::Result<Self> {
        Self::run(ShardStats::new(index), stats, Rank::First)
    }

    /// Starts a thread that is called as its figures are.
    pub(crate) fn run(shard: ShardStats, stats: Arc<Stats>, rank: Rank) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(COMMANDS_QUEUED_MAX);
        let shard = Arc::new(shard);
        let watch = Arc::new(Watch::new());
        let runner = Runner {
            commands: receiver,
            timetable: Timetable::new(WallClock, stats, Arc::clone(&shard)),
            watch: Arc::clone(&watch),
        };
        let thread = Builder::new().name(shard.name.clone()).spawn(move || {
            wake_on_time();
            take_rank(rank);
            runner.run();
        })?;
        Ok(Self {
            commands: sender,
            thread: Mutex::new(Some(thread)),
            stats: shard,
            watch,
        })
    }

    /// Hands a match over. Its first tick comes within two tick lengths.
    pub fn add(&self, running: Box<dyn RunningMatch>) -> Result<(), NotAdded> {
        // Counted before it is taken up, so that a burst of matches is spread.
        self.stats.load.add(COST_GUESS_NS);
        self.commands.try_send(Command::Add(running)).map_err(|error| {
            self.stats.load.subtract(COST_GUESS_NS);
            let (command, why) = match error {
                TrySendError::Full(command) => (command, AddError::Busy),
                TrySendError::Disconnected(command) => (command, AddError::Stopped),
            };
            match command {
                Command::Add(running) => NotAdded { running, why },
                Command::Stop => unreachable!("a match was sent"),
            }
        })
    }

    /// How it is at `now`.
    pub fn health(&self, now: Instant) -> Health {
        self.watch.health(now)
    }

    /// True when it is well and not so loaded that it refuses matches.
    pub fn takes_matches(&self, now: Instant) -> bool {
        self.health(now) == Health::Well && self.stats.load.shed() < Shed::Matches
    }

    /// What it counts.
    pub fn stats(&self) -> &ShardStats {
        &self.stats
    }

    /// Asks it to end; [`stop`](Self::stop) waits for that.
    pub(crate) fn ask_to_stop(&self) {
        // A full queue means that it is far behind: then `stop` asks again. Without the thread nobody needs to be asked.
        let _ = self.commands.try_send(Command::Stop);
    }

    /// Ends all matches with `MatchEnd::Closed` and waits for the thread, which takes no longer than the ticks that are
    /// due. Later calls do nothing. Not to be called on the shard's own thread (from a sink).
    pub fn stop(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // An error says that the thread is gone already; joining tells why.
            let _ = self.commands.send(Command::Stop);
            if thread.join().is_err() {
                tracing::error!("a shard panicked outside its matches");
            }
        }
    }
}

impl Drop for Shard {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Everything that enters a shard.
enum Command {
    /// A match to step.
    Add(Box<dyn RunningMatch>),
    /// The end.
    Stop,
}

/// What lives on the thread.
struct Runner {
    commands: Receiver<Command>,
    timetable: Timetable<WallClock>,
    watch: Arc<Watch>,
}

impl Runner {
    fn run(mut self) {
        let _ended = EndOfThread(Arc::clone(&self.watch));
        loop {
            let received = self.commands.recv_timeout(self.wait());
            self.watch.begin(WallClock.now());
            match received {
                Ok(Command::Add(running)) => self.timetable.add(running),
                Err(RecvTimeoutError::Timeout) => self.timetable.step_next(),
                Ok(Command::Stop) | Err(RecvTimeoutError::Disconnected) => break,
            }
            self.watch.end();
        }
        self.close();
    }

    /// Time until the next deadline.
    fn wait(&self) -> Duration {
        match self.timetable.deadline() {
            Some(deadline) => deadline.saturating_duration_since(WallClock.now()),
            None => IDLE,
        }
    }

    /// Ends everything, also what was handed over and not taken up yet.
    fn close(mut self) {
        while let Ok(command) = self.commands.try_recv() {
            if let Command::Add(running) = command {
                self.timetable.add(running);
            }
        }
        self.timetable.close();
    }
}

/// What the thread is at, for whoever asks whether it is stuck.
#[derive(Debug)]
struct Watch {
    epoch: Instant,
    state: AtomicU64,
}

impl Watch {
    const IDLE: u64 = u64::MAX;
    const ENDED: u64 = u64::MAX - 1;

    fn new() -> Self {
        Self {
            epoch: WallClock.now(),
            state: AtomicU64::new(Self::IDLE),
        }
    }

    fn set(&self, state: u64) {
        self.state.store(state, Ordering::Relaxed);
    }

    /// The thread does something from now on.
    fn begin(&self, now: Instant) {
        self.set(now.saturating_duration_since(self.epoch).as_nanos() as u64);
    }

    /// The thread waits.
    fn end(&self) {
        self.set(Self::IDLE);
    }

    fn health(&self, now: Instant) -> Health {
        match self.state.load(Ordering::Relaxed) {
            Self::IDLE => Health::Well,
            Self::ENDED => Health::Ended,
            since_ns => {
                let since = self.epoch + Duration::from_nanos(since_ns);
                if now.saturating_duration_since(since) >= STUCK_AFTER {
                    Health::Stuck
                } else {
                    Health::Well
                }
            }
        }
    }
}

/// Marks the end of the thread, however it comes.
struct EndOfThread(Arc<Watch>);

impl Drop for EndOfThread {
    fn drop(&mut self) {
        self.0.set(Watch::ENDED);
    }
}

/// Asks the system to wake this thread at its deadlines and not up to 50 µs later, as it does to wake several at once.
fn wake_on_time() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::thread::set_current_timer_slack(std::num::NonZeroU64::new(1)) {
        tracing::debug!(%error, "the timer slack stays as it is");
    }
}

/// What the thread of a shard is to the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rank {
    /// As any other.
    First,
    /// It gets what the others leave, where the system can be asked for that.
    Last,
}

/// What is added to the niceness of a thread that gives way: where it competes with another of this process it gets a tenth of the
/// time. More would let a recording stand still for long on a busy machine.
#[cfg(target_os = "linux")]
const NICER: i32 = 10;

/// The system has no more.
#[cfg(target_os = "linux")]
const NICE_MAX: i32 = 19;

/// Asks the system for what the rank of this thread needs. Elsewhere than on Linux it would be asked for the whole process.
#[cfg_attr(
    not(target_os = "linux"),
    expect(unused_variables, reason = "nothing is asked")
)]
fn take_rank(rank: Rank) {
    #[cfg(target_os = "linux")]
    if rank == Rank::Last {
        use rustix::process::{getpriority_process, setpriority_process};
        let given =
            getpriority_process(None).and_then(|own| setpriority_process(None, (own + NICER).min(NICE_MAX)));
        if let Err(error) = given {
            tracing::debug!(%error, "the thread is as important as the others");
        }
    }
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug)]
struct WallClock;

impl Clock for WallClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the shard is where time comes from; everything below it takes it as an argument"
    )]
    fn now(&self) -> Instant {
        Instant::now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_stuck_when_one_thing_takes_a_second() {
        let watch = Watch::new();
        let start = watch.epoch;
        let ms = |ms| start + Duration::from_millis(ms);
        assert_eq!(watch.health(ms(100_000)), Health::Well, "it waits");
        watch.begin(ms(100_000));
        assert_eq!(watch.health(ms(100_999)), Health::Well);
        assert_eq!(watch.health(ms(101_000)), Health::Stuck);
        watch.end();
        assert_eq!(watch.health(ms(101_001)), Health::Well, "it has come back");
        let watch = Arc::new(watch);
        drop(EndOfThread(Arc::clone(&watch)));
        assert_eq!(watch.health(ms(200_000)), Health::Ended);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_thread_of_the_last_rank_gives_way_and_the_others_do_not() {
        let niceness = |rank| {
            let thread = std::thread::spawn(move || {
                take_rank(rank);
                rustix::process::getpriority_process(None)
            });
            thread.join().expect("it does not panic").expect("it is told")
        };
        let own = rustix::process::getpriority_process(None).expect("it is told");
        assert_eq!(niceness(Rank::First), own);
        assert_eq!(niceness(Rank::Last), (own + NICER).min(NICE_MAX));
    }
}
