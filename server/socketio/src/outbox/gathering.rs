//! When what is sent leaves: at once while the sending threads have time, gathered while they have none.
//!
//! A write costs some microseconds, whatever is in it. While there is time that buys the least latency; under pressure it is
//! what the time goes to, and two messages in one write cost half. So above the bound of [`busy`](super::busy) a message is
//! appended, and its outbox leaves in one write with others: when [`BYTES_MAX`] wait, or after a [`Pace`] that follows from
//! what such writes cost.
//!
//! That helps only those who are sent to often. A client that gets a snapshot each tick would wait, and its write would be
//! the same; so a message waits where another left less than [`COMPANY_WITHIN`] before, and whoever waited in vain is not
//! made to for the next [`DIRECT_AFTER_ALONE`] messages.
//!
//! A task flushes, in turns. Where it gets none, since a thread without time gives none to others, whoever sends next steps
//! in. Streams of others and polls do not come here: their drivers gather by themselves.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use super::pace::Pace;
use super::{Outbox, State as OutboxState, busy};
use crate::stats::{self, Stats};

/// Whether messages are gathered into fewer writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Pressure {
    /// While the thread that sends is busy, for clients who get more than 80 messages a second: it ran, or waited for a
    /// processor, for more than 70 % of the last tenth of a second.
    #[default]
    Auto,
    /// Never: every message has a write of its own, outside of handlers and corks.
    Off,
    /// Always: 2 to 16 ms of latency for the fewest writes.
    Always,
}

/// The outboxes of one server that wait for their write.
pub(crate) struct Gathering {
    rule: Pressure,
    start: Instant,
    /// When whoever sends steps in for the task, in microseconds since the start.
    overdue_us: AtomicU64,
    /// What a write costs, that a message saves which joins others.
    write_ns: AtomicU64,
    // A std mutex: a push or some pops, never while an outbox is written.
    state: Mutex<State>,
    /// Where the task runs: with the sessions, since a runtime of the application may have no clock, or no time.
    runtime: Mutex<Option<Handle>>,
    stats: Arc<Stats>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Waiting>,
    /// There is a task that flushes.
    is_served: bool,
    pace: Pace,
}

struct Waiting {
    /// One that has ended meanwhile needs no write.
    outbox: Weak<Outbox>,
    due_us: u64,
}

impl Gathering {
    pub(crate) fn new(rule: Pressure, stats: Arc<Stats>) -> Self {
        let state = State::default();
        Self {
            rule,
            start: Instant::now(),
            overdue_us: AtomicU64::new(NEVER),
            write_ns: AtomicU64::new(state.pace.write_ns()),
            state: Mutex::new(state),
            runtime: Mutex::default(),
            stats,
        }
    }

    /// Remembers the runtime of the sessions, the newest if there were several.
    pub(crate) fn enter(&self, runtime: &Handle) {
        let mut known = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
        if known.as_ref().map(Handle::id) != Some(runtime.id()) {
            *known = Some(runtime.clone());
        }
    }

    /// Whether what is sent now by this thread is to wait for company, if any is expected.
    pub(super) fn is_on(&self) -> bool {
        match self.rule {
            Pressure::Auto => busy::is_busy(&self.stats),
            Pressure::Off => false,
            Pressure::Always => true,
        }
    }

    /// Whether another message may leave soon. To be asked by a busy thread for each message.
    pub(super) fn expects_company(&self, state: &mut OutboxState) -> bool {
        self.rule == Pressure::Always || state.expects_company(self.now_us() as u32)
    }

    /// Lets `outbox` wait. The calling thread may hold its lock.
    fn add(self: &Arc<Self>, outbox: Weak<Outbox>) {
        let mut state = self.lock();
        let delay = state.pace.delay(state.waiting.len() + 1);
        let due_us = self.now_us() + delay.as_micros() as u64;
        state.waiting.push_back(Waiting { outbox, due_us });
        if state.waiting.len() == 1 {
            self.note_first(&state);
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
        let known = self
            .runtime
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(runtime) = known.or_else(|| Handle::try_current().ok()) {
            runtime.spawn(served.serve());
        }
    }

    /// Flushes some of those who have waited far too long. To be called by whoever has sent something, which holds no outbox.
    pub(super) fn flush_overdue(&self) {
        let overdue_us = self.overdue_us.load(Ordering::Relaxed);
        if overdue_us == NEVER {
            return;
        }
        let now_us = self.now_us();
        if now_us < overdue_us {
            return;
        }
        let mut due = Vec::new();
        self.take_due(now_us, FLUSHES_PER_SEND, &mut due);
        self.flush(&mut due);
    }

    /// Moves those who have waited long enough to `due`, up to `count`; when the next has, `None` if nobody waits.
    fn take_due(&self, now_us: u64, count: usize, due: &mut Vec<Arc<Outbox>>) -> Option<u64> {
        let mut state = self.lock();
        while due.len() < count
            && let Some(first) = state.waiting.front()
            && first.due_us <= now_us
        {
            let outbox = first.outbox.upgrade();
            due.extend(outbox);
            state.waiting.pop_front();
        }
        self.note_first(&state);
        let next_us = state.waiting.front().map(|waiting| waiting.due_us);
        if next_us.is_none() {
            state.waiting = VecDeque::new();
        }
        next_us
    }

    fn note_first(&self, state: &State) {
        let overdue_us = state
            .waiting
            .front()
            .map_or(NEVER, |first| first.due_us + LATE_US);
        self.overdue_us.store(overdue_us, Ordering::Relaxed);
    }

    fn flush(&self, due: &mut Vec<Arc<Outbox>>) {
        let start = Instant::now();
        let writes = due.drain(..).filter(|outbox| outbox.flush_gathered()).count();
        let elapsed = start.elapsed();
        if writes > 0 {
            let mut state = self.lock();
            state.pace.learn(writes, elapsed);
            let write_ns = state.pace.write_ns();
            self.write_ns.store(write_ns, Ordering::Relaxed);
            self.note_saved(-(writes as i64 * write_ns as i64));
        }
    }

    /// Tells the meter of the calling thread, where that has a say.
    fn note_saved(&self, saved_ns: i64) {
        if self.rule == Pressure::Auto {
            busy::note_saved(saved_ns);
        }
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
        let mut due = Vec::with_capacity(FLUSHES_PER_TURN);
        while !self.is_done {
            let now_us = self.gathering.now_us();
            let next_us = self.gathering.take_due(now_us, FLUSHES_PER_TURN, &mut due);
            self.gathering.flush(&mut due);
            match next_us {
                Some(next_us) if next_us > now_us => {
                    tokio::time::sleep(Duration::from_micros(next_us - now_us)).await;
                }
                Some(_) => tokio::task::yield_now().await,
                None => {
                    let mut state = self.gathering.lock();
                    self.is_done = state.waiting.is_empty();
                    state.is_served = !self.is_done;
                }
            }
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

impl OutboxState {
    /// The clock begins anew each 71 minutes; whoever was sent nothing for just as long waits once.
    fn expects_company(&mut self, now_us: u32) -> bool {
        let pause_us = now_us.wrapping_sub(std::mem::replace(&mut self.sent_us, now_us));
        if self.gathered > 0 {
            return true;
        }
        if self.direct_left > 0 {
            self.direct_left -= 1;
            return false;
        }
        u128::from(pause_us) < COMPANY_WITHIN.as_micros()
    }
}

impl Outbox {
    /// Lets what is queued wait for its write.
    pub(super) fn gather(self: &Arc<Self>, state: &mut OutboxState, gathering: &Arc<Gathering>) {
        if state.gathered == 0 {
            gathering.add(Arc::downgrade(self));
        }
        gathering.note_saved(gathering.write_ns.load(Ordering::Relaxed) as i64);
        state.gathered = state.gathered.saturating_add(1);
    }

    /// The wait is over; whether anything was written.
    pub(super) fn flush_gathered(&self) -> bool {
        let mut state = self.lock();
        let gathered = std::mem::take(&mut state.gathered);
        if state.cork_depth > 0 {
            state.is_due = true;
            return false;
        }
        if gathered == 1 {
            state.direct_left = DIRECT_AFTER_ALONE;
        }
        if state.blocked || state.queue.is_empty() {
            return false;
        }
        let before = state.queue.bytes();
        self.flush(&mut state);
        let is_written = state.queue.bytes() < before;
        if is_written {
            stats::increment(&self.stats.gathered_writes);
        }
        is_written
    }
}

/// Who was sent something so lately may soon be sent more: less than the pause between two snapshots at 60 Hz, and more than
/// a busy thread needs to write to some hundred clients in turn.
const COMPANY_WITHIN: Duration = Duration::from_micros(12_500);

/// With so many bytes a write is worth it.
pub(super) const BYTES_MAX: usize = 16 * 1024;

/// So many messages leave at once after one that nobody joined.
const DIRECT_AFTER_ALONE: u8 = 200;

/// After so many writes the task yields to others of its thread.
const FLUSHES_PER_TURN: usize = 16;

/// So many whoever sends writes for others, when the task is late by [`LATE_US`].
const FLUSHES_PER_SEND: usize = 2;
const LATE_US: u64 = 3_000;

const NEVER: u64 = u64::MAX;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::{OutboxLimits, OutboxPolicy};

    fn outbox() -> Arc<Outbox> {
        let limits = OutboxLimits {
            bytes_max: 1024,
            packets_max: 16,
            policy: OutboxPolicy::Disconnect,
        };
        Arc::new(Outbox::new(limits, Arc::default()))
    }

    #[test]
    fn a_message_waits_only_where_others_are_near() {
        let outbox = outbox();
        let check = |pause_ms: u32, gathered, expected| {
            let mut state = outbox.lock();
            state.gathered = gathered;
            let now_us = state.sent_us.wrapping_add(pause_ms * 1000);
            assert_eq!(state.expects_company(now_us), expected, "after {pause_ms} ms");
        };
        check(33, 0, false);
        check(16, 0, false);
        check(12, 0, true);
        check(1, 0, true);
        // What waits already is left in its place.
        check(33, 1, true);
        // The clock begins anew.
        outbox.lock().sent_us = u32::MAX;
        check(16, 0, false);
        outbox.lock().sent_us = u32::MAX;
        check(2, 0, true);
    }

    #[test]
    fn whoever_waited_in_vain_waits_no_more_for_a_while() {
        let outbox = outbox();
        let check = |gathered, expected| {
            outbox.lock().gathered = gathered;
            outbox.flush_gathered();
            let mut state = outbox.lock();
            let direct_count = (0..1000)
                .take_while(|_| {
                    let now_us = state.sent_us.wrapping_add(1);
                    !state.expects_company(now_us)
                })
                .count();
            assert_eq!(direct_count, expected, "{gathered} together");
        };
        check(2, 0);
        check(u8::MAX, 0);
        check(1, usize::from(DIRECT_AFTER_ALONE));
        check(2, 0);
    }
}
