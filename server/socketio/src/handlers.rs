//! The asynchronous handlers of one socket, one after another in order of arrival, or beside each other where the
//! application wants it so.
//!
//! A handler is polled once in place; most finish there, and no task exists. One that waits moves to a task, and
//! later packets queue behind it. What queues and what runs beside it is bounded together in number and bytes.
//! Acknowledgements and heartbeats do not come here, so a handler may wait for an answer of its own client.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use crate::guard::report_panic;
use crate::outbox::Corked;
use crate::stats::Stats;

/// A handler at work on one event. It reports its panics itself, with the name of its event.
pub(crate) type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The queue is full.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Backlog;

pub(crate) struct HandlerQueue {
    // A std mutex: a few pushes and pops, never across a handler.
    state: Mutex<State>,
    packets_max: usize,
    bytes_max: usize,
    outbox: Arc<dyn Corked>,
    stats: Arc<Stats>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<(Job, usize)>,
    /// Handlers that have a task of their own.
    beside_count: usize,
    /// What those that wait and those beside hold.
    bytes: usize,
    /// A handler runs, so that new ones must wait.
    busy: bool,
    closed: bool,
}

impl HandlerQueue {
    pub(crate) fn new(
        packets_max: usize,
        bytes_max: usize,
        outbox: Arc<dyn Corked>,
        stats: Arc<Stats>,
    ) -> Self {
        Self {
            state: Mutex::default(),
            packets_max,
            bytes_max,
            outbox,
            stats,
        }
    }

    /// Runs `job`, now if nothing is before it. `bytes` is what its event holds.
    pub(crate) fn push(self: &Arc<Self>, mut job: Job, bytes: usize) -> Result<(), Backlog> {
        {
            let mut state = self.lock();
            if state.closed {
                return Ok(());
            }
            if state.busy {
                self.reserve(&mut state, bytes)?;
                state.waiting.push_back((job, bytes));
                return Ok(());
            }
            state.busy = true;
        }
        // A wake-up during this poll is not lost: a handler that is not done is polled again by its task.
        let mut cx = Context::from_waker(Waker::noop());
        if self.poll_guarded(&mut job, &mut cx).is_pending() {
            tokio::spawn(self.clone().run(job));
        } else if let Some(next) = self.next() {
            tokio::spawn(self.clone().run(next));
        }
        Ok(())
    }

    /// Runs `job` at once, whatever else runs.
    pub(crate) fn push_beside(self: &Arc<Self>, mut job: Job, bytes: usize) -> Result<(), Backlog> {
        {
            let mut state = self.lock();
            if state.closed {
                return Ok(());
            }
            self.reserve(&mut state, bytes)?;
            state.beside_count += 1;
        }
        let mut cx = Context::from_waker(Waker::noop());
        if self.poll_guarded(&mut job, &mut cx).is_ready() {
            self.release_beside(bytes);
            return Ok(());
        }
        let queue = self.clone();
        tokio::spawn(async move {
            poll_fn(|cx| queue.poll_guarded(&mut job, cx)).await;
            queue.release_beside(bytes);
        });
        Ok(())
    }

    /// Forgets what waits; the handlers that run may finish.
    pub(crate) fn close(&self) {
        let waiting = {
            let mut state = self.lock();
            state.closed = true;
            state.bytes -= state.waiting.iter().map(|(_, bytes)| bytes).sum::<usize>();
            std::mem::take(&mut state.waiting)
        };
        // Outside the lock, since dropping a handler runs code of the application.
        drop(waiting);
    }

    async fn run(self: Arc<Self>, mut job: Job) {
        for turn in 1_usize.. {
            poll_fn(|cx| self.poll_guarded(&mut job, cx)).await;
            match self.next() {
                Some(next) => job = next,
                None => return,
            }
            if turn.is_multiple_of(JOBS_PER_TURN) {
                tokio::task::yield_now().await;
            }
        }
    }

    /// Accounts for one more handler that cannot finish at once.
    fn reserve(&self, state: &mut State, bytes: usize) -> Result<(), Backlog> {
        let count = state.waiting.len() + state.beside_count;
        if count >= self.packets_max || state.bytes + bytes > self.bytes_max {
            return Err(Backlog);
        }
        state.bytes += bytes;
        Ok(())
    }

    fn release_beside(&self, bytes: usize) {
        let mut state = self.lock();
        state.beside_count -= 1;
        state.bytes -= bytes;
    }

    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        match state.waiting.pop_front() {
            Some((job, bytes)) => {
                state.bytes -= bytes;
                Some(job)
            }
            None => {
                state.busy = false;
                None
            }
        }
    }

    /// Polls a handler. What it emits to its own client leaves in one write. What still panics here is the drop of what a
    /// handler held.
    fn poll_guarded(&self, job: &mut Job, cx: &mut Context<'_>) -> Poll<()> {
        self.outbox.cork();
        // A handler that panicked is dropped and never polled again.
        let polled = catch_unwind(AssertUnwindSafe(|| job.as_mut().poll(cx)));
        self.outbox.uncork();
        polled.unwrap_or_else(|_| {
            report_panic(&self.stats);
            Poll::Ready(())
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// After so many handlers in a row their task yields to others of its thread.
const JOBS_PER_TURN: usize = 64;
