//! Keeps a namespace that is cleaned up once nobody is there, for as long as a client that is away may come back.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use crate::engine::conversation::now;

/// What keeps the namespace; dropping the last one ends it.
type Lease = Box<dyn Send + Sync>;

/// The leases of clients that are away. One task drops them in time, and lives only while there is one.
pub(crate) struct Away {
    // A std mutex: a push or a pop. Leases are dropped outside, since that may end the namespace.
    held: Mutex<Held>,
    time: Duration,
    count_max: usize,
}

#[derive(Default)]
struct Held {
    leases: VecDeque<(Instant, Lease)>,
    running: bool,
    closed: bool,
}

impl Away {
    pub(crate) fn new(time: Duration, count_max: usize) -> Self {
        Self {
            held: Mutex::default(),
            time,
            count_max,
        }
    }

    pub(crate) fn keep(self: &Arc<Self>, lease: Lease) {
        // Without a runtime nobody would drop it.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let oldest = {
            let mut held = self.lock();
            if held.closed {
                return drop(held);
            }
            held.leases.push_back((now() + self.time, lease));
            if !held.running {
                held.running = true;
                runtime.spawn(wait(Arc::downgrade(self)));
            }
            // No more than there are sessions.
            let full = held.leases.len() > self.count_max;
            full.then(|| held.leases.pop_front())
        };
        drop(oldest);
    }

    pub(crate) fn close(&self) {
        let leases = {
            let mut held = self.lock();
            held.closed = true;
            std::mem::take(&mut held.leases)
        };
        drop(leases);
    }

    fn take_ended(&self, now: Instant) -> Vec<Lease> {
        let mut held = self.lock();
        let count = held.leases.partition_point(|(end, _)| *end <= now);
        held.leases.drain(..count).map(|(_, lease)| lease).collect()
    }

    fn next_end(&self) -> Option<Instant> {
        let mut held = self.lock();
        let next = held.leases.front().map(|(end, _)| *end);
        held.running = next.is_some();
        next
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn wait(away: Weak<Away>) {
    loop {
        let next = {
            let Some(away) = away.upgrade() else {
                return;
            };
            drop(away.take_ended(now()));
            away.next_end()
        };
        match next {
            Some(end) => tokio::time::sleep_until(end.into()).await,
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_lease_is_dropped_in_time_and_no_task_stays() {
        let away = Arc::new(Away::new(Duration::from_secs(10), 2));
        let lease = Arc::new(());
        let kept = || Arc::strong_count(&lease) - 1;
        away.keep(Box::new(lease.clone()));
        tokio::time::sleep(Duration::from_secs(6)).await;
        away.keep(Box::new(lease.clone()));
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(kept(), 1);
        tokio::time::sleep(Duration::from_secs(6)).await;
        assert_eq!(kept(), 0);
        assert!(!away.lock().running);
        for _ in 0..3 {
            away.keep(Box::new(lease.clone()));
        }
        assert_eq!(kept(), 2);
        away.close();
        away.keep(Box::new(lease.clone()));
        assert_eq!(kept(), 0);
    }
}
