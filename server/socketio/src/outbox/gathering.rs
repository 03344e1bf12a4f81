//! When what is sent leaves: at once while the sending threads have time, gathered while they have none.
//!
//! A write costs some microseconds, whatever is in it. While there is time that buys the least latency; under pressure it is
//! what the time goes to, and two messages in one write cost half. So above the bound of [`busy`](super::busy) a message is
//! appended, and its outbox leaves in one write with others, after [`DELAY`] or when [`BYTES_MAX`] wait.
//!
//! Who flushes: whoever sends next when the delay is over, since a thread without time gives no other task a turn; and a task,
//! in case nobody sends. Streams of others and polls do not come here: their drivers gather by themselves.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use super::{Outbox, State as OutboxState, busy};
use crate::stats::{self, Stats};

/// Whether messages are gathered into fewer writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Pressure {
    /// While the thread that sends is busy: it ran, or waited for a processor, for more than 70 % of the last 50 ms.
    #[default]
    Auto,
    /// Never: every message has a write of its own, outside of handlers and corks.
    Off,
    /// Always: up to 2 ms of latency for the fewest writes.
    Always,
}

/// The outboxes of one server that wait for their write.
pub(crate) struct Gathering {
    rule: Pressure,
    start: Instant,
    /// When the first of them must leave, in microseconds since the start.
    due_us: AtomicU64,
    // A std mutex: a push, never while an outbox is written.
    state: Mutex<State>,
    /// Where the task runs, for threads that have no runtime themselves.
    runtime: OnceLock<Handle>,
    stats: Arc<Stats>,
}

#[derive(Default)]
struct State {
    waiting: Vec<Arc<Outbox>>,
    /// The task that flushes if nobody else does.
    is_served: bool,
}

impl Gathering {
    pub(crate) fn new(rule: Pressure, stats: Arc<Stats>) -> Self {
        Self {
            rule,
            start: Instant::now(),
            due_us: AtomicU64::new(NEVER),
            state: Mutex::default(),
            runtime: OnceLock::new(),
            stats,
        }
    }

    /// Remembers the runtime of the sessions.
    pub(crate) fn enter(&self, runtime: &Handle) {
        self.runtime.get_or_init(|| runtime.clone());
    }

    /// Whether what is sent now by this thread is to wait for company.
    pub(super) fn is_on(&self) -> bool {
        match self.rule {
            Pressure::Auto => busy::is_busy(&self.stats),
            Pressure::Off => false,
            Pressure::Always => true,
        }
    }

    /// Lets `outbox` wait. The calling thread may hold its lock.
    pub(super) fn add(self: &Arc<Self>, outbox: Arc<Outbox>) {
        let mut state = self.lock();
        state.waiting.push(outbox);
        if state.waiting.len() == 1 {
            let due_us = self.now_us() + DELAY.as_micros() as u64;
            self.due_us.store(due_us, Ordering::Relaxed);
        }
        if std::mem::replace(&mut state.is_served, true) {
            return;
        }
        drop(state);
        // Outside the lock: a runtime that shuts down drops the task at once.
        let served = Served {
            gathering: self.clone(),
            is_done: false,
        };
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(served.serve())),
            Err(_) => drop(self.runtime.get().map(|runtime| runtime.spawn(served.serve()))),
        }
    }

    /// Flushes those who have waited long enough. The calling thread holds no outbox.
    pub(super) fn flush_due(&self) {
        let due_us = self.due_us.load(Ordering::Relaxed);
        if due_us != NEVER && self.now_us() >= due_us {
            for outbox in self.take() {
                outbox.flush_gathered();
            }
        }
    }

    fn take(&self) -> Vec<Arc<Outbox>> {
        let mut state = self.lock();
        self.due_us.store(NEVER, Ordering::Relaxed);
        std::mem::take(&mut state.waiting)
    }

    fn now_us(&self) -> u64 {
        self.start.elapsed().as_micros() as u64
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The task that flushes, while anybody waits.
struct Served {
    gathering: Arc<Gathering>,
    is_done: bool,
}

impl Served {
    async fn serve(mut self) {
        while !self.is_done {
            tokio::time::sleep(DELAY).await;
            let waiting = self.gathering.take();
            for (outbox, number) in waiting.into_iter().zip(1_usize..) {
                outbox.flush_gathered();
                if number.is_multiple_of(FLUSHES_PER_TURN) {
                    tokio::task::yield_now().await;
                }
            }
            let mut state = self.gathering.lock();
            self.is_done = state.waiting.is_empty();
            state.is_served = !self.is_done;
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Its runtime has gone.
        if !self.is_done {
            self.gathering.lock().is_served = false;
        }
    }
}

impl Outbox {
    /// Lets what is queued wait for its write.
    pub(super) fn gather(self: &Arc<Self>, state: &mut OutboxState, gathering: &Arc<Gathering>) {
        if !std::mem::replace(&mut state.gathered, true) {
            gathering.add(self.clone());
        }
    }

    /// The wait is over.
    fn flush_gathered(&self) {
        let mut state = self.lock();
        state.gathered = false;
        if !state.blocked && state.cork_depth == 0 && !state.queue.is_empty() {
            stats::increment(&self.stats.gathered_writes);
            self.flush(&mut state);
        }
    }
}

/// How long a message may wait for company. Less gathers less, more is felt by players.
const DELAY: Duration = Duration::from_millis(2);

/// With so many bytes a write is worth it.
pub(super) const BYTES_MAX: usize = 16 * 1024;

/// After so many writes the task yields to others of its thread.
const FLUSHES_PER_TURN: usize = 64;

const NEVER: u64 = u64::MAX;
