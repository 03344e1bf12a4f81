//! The thread that steps matches: a heap of them by absolute deadline, and a bounded queue of commands.
//!
//! The only place of this crate that reads the clock. A match that panics is dropped alone: its sink is told, the
//! panic is counted and logged, and the others do not notice.

use std::any::Any;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use shared::message::MatchEnd;

use crate::pacing::{Pacing, first_deadline};
use crate::replay::panic_text;
use crate::simulation::{Flow, RunningMatch};
use crate::stats::Stats;

/// Matches that wait to be taken up. They are taken within microseconds unless the shard is far behind, and then more
/// would be no help.
const COMMANDS_QUEUED_MAX: usize = 64;

/// How long an empty shard sleeps; anything that is not too short will do, since a command wakes it.
const IDLE: Duration = Duration::from_secs(60);

/// Why a shard does not take a match. The match is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddError {
    /// Its queue is full: it is overloaded. Try another shard, or later.
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
}

impl Shard {
    /// Starts the thread `shard-<index>`. Fails when the system gives no thread.
    pub fn spawn(index: usize, stats: Arc<Stats>) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(COMMANDS_QUEUED_MAX);
        let thread = Builder::new()
            .name(format!("shard-{index}"))
            .spawn(move || Runner::new(receiver, stats).run())?;
        Ok(Self {
            commands: sender,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Hands a match over. Its first tick comes within two tick lengths.
    pub fn add(&self, running: Box<dyn RunningMatch>) -> Result<(), AddError> {
        self.commands
            .try_send(Command::Add(running))
            .map_err(|error| match error {
                TrySendError::Full(_) => AddError::Busy,
                TrySendError::Disconnected(_) => AddError::Stopped,
            })
    }

    /// Ends all matches with [`MatchEnd::Closed`] and waits for the thread, which takes no longer than the ticks that
    /// are due. Later calls do nothing. Not to be called on the shard's own thread (from a sink).
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
    stats: Arc<Stats>,
    /// Matches counted from the start of the shard; gives each its phase.
    added: u64,
    epoch: Instant,
    /// The match with the earliest deadline on top.
    matches: BinaryHeap<Reverse<Paced>>,
}

impl Runner {
    fn new(commands: Receiver<Command>, stats: Arc<Stats>) -> Self {
        Self {
            commands,
            stats,
            added: 0,
            epoch: now(),
            matches: BinaryHeap::new(),
        }
    }

    fn run(mut self) {
        loop {
            match self.commands.recv_timeout(self.wait()) {
                Ok(Command::Add(running)) => self.add(running),
                Err(RecvTimeoutError::Timeout) => self.step_next(),
                Ok(Command::Stop) | Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.close();
    }

    /// Time until the next deadline.
    fn wait(&self) -> Duration {
        match self.matches.peek() {
            Some(Reverse(next)) => next.pacing.deadline().saturating_duration_since(now()),
            None => IDLE,
        }
    }

    fn add(&mut self, running: Box<dyn RunningMatch>) {
        let number = self.added;
        self.added += 1;
        self.stats.matches_started.add(1);
        self.stats.matches_running.rise();
        self.matches.push(Reverse(Paced {
            pacing: Pacing::new(first_deadline(self.epoch, now(), number)),
            number,
            running,
        }));
    }

    /// Steps the match with the earliest deadline, if that has come.
    fn step_next(&mut self) {
        let Some(Reverse(mut paced)) = self.matches.pop() else {
            return;
        };
        match paced.step_due(&self.stats) {
            Ok(Flow::Running) => self.matches.push(Reverse(paced)),
            Ok(Flow::Finished) => self.end(paced, MatchEnd::Closed),
            Err(panic) => {
                tracing::error!(
                    match_id = %paced.running.id(),
                    reason = panic_text(panic.as_ref()),
                    "a match panicked and is dropped"
                );
                self.stats.matches_crashed.add(1);
                self.end(paced, MatchEnd::Crashed);
            }
        }
    }

    /// Ends and drops one match. What was left behind by a panic may panic again while it is dropped.
    fn end(&self, paced: Paced, reason: MatchEnd) {
        let id = paced.running.id();
        let ended = catch_unwind(AssertUnwindSafe(move || {
            let mut running = paced.running;
            running.end(reason);
        }));
        if let Err(panic) = ended {
            tracing::error!(match_id = %id, reason = panic_text(panic.as_ref()), "a match panicked at its end");
        }
        self.stats.matches_running.fall();
    }

    /// Ends everything, also what was handed over and not taken up yet.
    fn close(mut self) {
        while let Ok(command) = self.commands.try_recv() {
            if let Command::Add(running) = command {
                self.add(running);
            }
        }
        for Reverse(paced) in std::mem::take(&mut self.matches) {
            self.end(paced, MatchEnd::Closed);
        }
    }
}

/// A match and its deadlines, ordered by the next one.
struct Paced {
    pacing: Pacing,
    /// Breaks ties.
    number: u64,
    running: Box<dyn RunningMatch>,
}

impl Paced {
    /// Steps what is due. An error is the payload of a panic.
    fn step_due(&mut self, stats: &Stats) -> Result<Flow, Box<dyn Any + Send>> {
        let due = self.pacing.advance(now());
        if due.slipped > 0 {
            stats.slipped_ticks.add(due.slipped);
            self.running.slip();
        }
        for _ in 0..due.ticks {
            let started = now();
            // The world is not looked at again after a panic, so it does not matter in which state it is.
            let flow = catch_unwind(AssertUnwindSafe(|| self.running.step()))?;
            stats.tick_times.record(now().saturating_duration_since(started));
            if flow == Flow::Finished {
                return Ok(Flow::Finished);
            }
        }
        Ok(Flow::Running)
    }

    fn key(&self) -> (Instant, u64) {
        (self.pacing.deadline(), self.number)
    }
}

impl Ord for Paced {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Paced {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Paced {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Paced {}

#[expect(
    clippy::disallowed_methods,
    reason = "the shard is where time comes from; everything below it takes it as an argument"
)]
fn now() -> Instant {
    Instant::now()
}
