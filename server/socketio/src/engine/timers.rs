//! The deadlines of all sessions of a server: one queue and one timer of the runtime, instead of a timer for each.
//!
//! Heartbeats need no precision: a deadline is rounded up to the grain of the queue, so that it never comes early, and whoever
//! waits for the same grain is woken together. The task that sleeps until the next one exists while anybody waits.
//!
//! The queue itself knows no clock: it counts grains, and is told how many have passed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::conversation::now;

/// What all sessions share.
pub(crate) struct Timers {
    grain: Duration,
    start: Instant,
    // A std mutex: a few look-ups, never while a session is woken.
    state: Mutex<State>,
    /// Told when the first deadline moves forward, or nobody waits any more.
    changed: Notify,
}

#[derive(Default)]
struct State {
    queue: Queue,
    /// The task that wakes them.
    is_served: bool,
    /// The grain that the task sleeps for.
    sleeps_for: u64,
}

/// Who waits for which grain. A session is named by a number.
#[derive(Default)]
struct Queue {
    waiting: BTreeMap<(u64, u64), Waker>,
    last_id: u64,
}

impl Queue {
    fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    fn first(&self) -> Option<u64> {
        self.waiting.first_key_value().map(|((grain, _), _)| *grain)
    }

    fn insert(&mut self, grain: u64, id: u64, waker: &Waker) {
        self.waiting.insert((grain, id), waker.clone());
    }

    fn remove(&mut self, grain: u64, id: u64) {
        self.waiting.remove(&(grain, id));
    }

    /// Takes those out who waited for `grain` or before, in the order of their grains.
    fn take_due(&mut self, grain: u64) -> impl Iterator<Item = Waker> + use<> {
        let later = self.waiting.split_off(&(grain + 1, 0));
        std::mem::replace(&mut self.waiting, later).into_values()
    }
}

/// One deadline of one session.
pub(crate) struct Timer {
    timers: Arc<Timers>,
    id: u64,
    /// The grain it waits for, if it does.
    waits_for: Option<u64>,
}

impl Timers {
    /// Timers for sessions with this ping interval and timeout.
    pub(crate) fn new(ping_interval: Duration, ping_timeout: Duration) -> Self {
        let grain = (ping_interval.min(ping_timeout) / GRAINS_PER_HEARTBEAT).clamp(GRAIN_MIN, GRAIN_MAX);
        Self {
            grain,
            start: now(),
            state: Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// How much later than its deadline a timer may be.
    pub(crate) fn grain(&self) -> Duration {
        self.grain
    }

    pub(crate) fn timer(self: &Arc<Self>) -> Timer {
        Timer {
            timers: self.clone(),
            id: self.lock().queue.next_id(),
            waits_for: None,
        }
    }

    /// The first grain that is not before `deadline`.
    fn grain_of(&self, deadline: Instant) -> u64 {
        let since = deadline.saturating_duration_since(self.start).as_nanos();
        u64::try_from(since.div_ceil(self.grain.as_nanos())).unwrap_or(u64::MAX - 1)
    }

    fn time_of(&self, grain: u64) -> Instant {
        let since_ns = u128::from(grain) * self.grain.as_nanos();
        self.start + Duration::from_nanos(u64::try_from(since_ns).unwrap_or(u64::MAX))
    }

    fn wait(self: &Arc<Self>, from: Option<u64>, grain: u64, id: u64, waker: &Waker) {
        let mut state = self.lock();
        if let Some(from) = from {
            state.queue.remove(from, id);
        }
        state.queue.insert(grain, id, waker);
        if state.is_served {
            if grain < state.sleeps_for {
                self.changed.notify_one();
            }
            return;
        }
        state.is_served = true;
        state.sleeps_for = grain;
        drop(state);
        // Outside the lock: a runtime that shuts down drops the task at once.
        let served = Served {
            timers: self.clone(),
            is_done: false,
        };
        tokio::spawn(served.serve());
    }

    fn forget(&self, grain: u64, id: u64) {
        let mut state = self.lock();
        state.queue.remove(grain, id);
        if state.queue.first().is_none() {
            self.changed.notify_one();
        }
    }

    fn passed(&self, now: Instant) -> u64 {
        let since = now.saturating_duration_since(self.start).as_nanos();
        u64::try_from(since / self.grain.as_nanos()).unwrap_or(u64::MAX - 1)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Timer {
    /// Wakes the task that polls when `deadline` is over, and perhaps before. Always called by the same task, whose waker
    /// it keeps.
    pub(crate) fn wait_until(&mut self, cx: &mut Context<'_>, deadline: Instant, now: Instant) {
        let grain = self.timers.grain_of(deadline);
        let passed = self.timers.passed(now);
        // To be woken too early, once, is cheaper than to move in the queue with each change of mind.
        if !self
            .waits_for
            .is_some_and(|waits_for| passed < waits_for && waits_for <= grain)
        {
            self.timers.wait(self.waits_for, grain, self.id, cx.waker());
            self.waits_for = Some(grain);
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(grain) = self.waits_for {
            self.timers.forget(grain, self.id);
        }
    }
}

/// The task that wakes, while there is anybody to wake.
struct Served {
    timers: Arc<Timers>,
    is_done: bool,
}

impl Served {
    async fn serve(mut self) {
        while let Some(grain) = self.turn() {
            let next = tokio::time::sleep_until(self.timers.time_of(grain).into());
            tokio::select! {
                () = next => {}
                () = self.timers.changed.notified() => {}
            }
        }
    }

    /// Wakes those who are due. For which grain to sleep, or `None` when nobody waits any more: whoever comes then starts
    /// another task.
    fn turn(&mut self) -> Option<u64> {
        let (due, next) = {
            let mut state = self.timers.lock();
            let due = state.queue.take_due(self.timers.passed(now()));
            let next = state.queue.first();
            self.is_done = next.is_none();
            state.is_served = !self.is_done;
            state.sleeps_for = next.unwrap_or_default();
            (due, next)
        };
        due.for_each(Waker::wake);
        next
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Its runtime has gone.
        if !self.is_done {
            self.timers.lock().is_served = false;
        }
    }
}

/// A heartbeat is late by a twentieth of its time at most, and by no more than a tenth of a second.
const GRAINS_PER_HEARTBEAT: u32 = 20;
const GRAIN_MIN: Duration = Duration::from_millis(1);
const GRAIN_MAX: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::task::Poll;

    use tokio::runtime::Handle;

    use super::*;

    const INTERVAL: Duration = Duration::from_secs(25);

    fn timers() -> Arc<Timers> {
        Arc::new(Timers::new(INTERVAL, INTERVAL))
    }

    async fn begin_to_wait(timer: &mut Timer, deadline: Instant) {
        poll_fn(|cx| {
            timer.wait_until(cx, deadline, now());
            Poll::Ready(())
        })
        .await;
    }

    /// When it was woken.
    async fn wait(timer: &mut Timer, deadline: Instant) -> Instant {
        poll_fn(|cx| {
            let now = now();
            if now >= deadline {
                return Poll::Ready(now);
            }
            timer.wait_until(cx, deadline, now);
            Poll::Pending
        })
        .await
    }

    #[tokio::test(start_paused = true)]
    async fn many_sessions_are_woken_in_time_by_one_task() {
        const SESSIONS: u64 = 10_000;
        let (timers, start) = (timers(), now());
        let done = Arc::new(AtomicU64::new(0));
        let sessions = (0..SESSIONS).map(|number| {
            let (mut timer, done) = (timers.timer(), done.clone());
            tokio::spawn(async move {
                for beat in 1..=10 {
                    let deadline = start + INTERVAL * beat + Duration::from_millis(number * 7919 % 25_000);
                    let late = wait(&mut timer, deadline).await - deadline;
                    assert!(late <= GRAIN_MAX + Duration::from_millis(2), "{late:?} late");
                }
                done.fetch_add(1, Ordering::Relaxed);
            })
        });
        let sessions: Vec<_> = sessions.collect();
        tokio::time::sleep(INTERVAL).await;
        assert_eq!(Handle::current().metrics().num_alive_tasks() as u64, SESSIONS + 1);
        for session in sessions {
            session.await.unwrap();
        }
        assert_eq!(done.load(Ordering::Relaxed), SESSIONS);
        assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_may_move_both_ways() {
        let (timers, start) = (timers(), now());
        let mut timer = timers.timer();
        let at = |ms| start + Duration::from_millis(ms);
        begin_to_wait(&mut timer, at(20_000)).await;
        assert!(wait(&mut timer, at(1000)).await <= at(1102));
        begin_to_wait(&mut timer, at(2000)).await;
        // Woken for the former deadline, it goes on waiting.
        let woken = wait(&mut timer, at(5000)).await;
        assert!((at(5000)..=at(5102)).contains(&woken));
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_gone_is_waited_for_no_longer() {
        let timers = timers();
        let mut timer = timers.timer();
        let deadline = now() + Duration::from_secs(3600);
        begin_to_wait(&mut timer, deadline).await;
        drop(timer);
        while Handle::current().metrics().num_alive_tasks() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(timers.lock().queue.waiting.is_empty() && now() < deadline);
    }

    #[test]
    fn a_runtime_that_ends_leaves_the_queue_to_the_next() {
        let timers = timers();
        let mut kept = Vec::new();
        for _ in 0..2 {
            let mut builder = tokio::runtime::Builder::new_current_thread();
            let runtime = builder.enable_time().start_paused(true).build().unwrap();
            runtime.block_on(async {
                let mut timer = timers.timer();
                let deadline = now() + Duration::from_secs(1);
                assert!(wait(&mut timer, deadline).await >= deadline);
                let later = now() + Duration::from_secs(3600);
                begin_to_wait(&mut timer, later).await;
                kept.push(timer);
            });
        }
    }
}
