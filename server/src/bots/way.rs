//! One direction between a bot and its socket, as slow as the link that is asked for.
//!
//! What is on its way waits in a bounded queue; a task of its own lets each message arrive when the model says so. The order is
//! that of sending, so a queue and a timer for its head are enough. What does not fit is dropped and counted: a stream would
//! rather block its sender, and a run in which the counter moves says nothing about the link.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::figures::Figures;
use crate::link::{Conditions, Link};

/// Messages on their way: a minute of snapshots.
const WAITING_MAX: usize = 1200;

/// TCP, WebSocket and packet around a message.
const FRAME_BYTES: usize = 70;

/// Any link has a seed of its own for each bot and direction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conditioned {
    pub(super) conditions: Conditions,
    pub(super) seed: u32,
}

/// Where a message goes in when it arrives.
type Arrive<T> = dyn Fn(T) + Send + Sync;

/// See the head of this file.
pub(super) struct Way<T> {
    slow: Option<Slow<T>>,
    arrive: Arc<Arrive<T>>,
    figures: Arc<Figures>,
}

struct Slow<T> {
    /// Behind a lock, so that what is drawn for a message is queued before the next one.
    link: Mutex<Link>,
    origin: Instant,
    queue: mpsc::Sender<(Instant, T)>,
}

impl<T: Send + 'static> Way<T> {
    /// `arrive` is called for each message in order; at once when nothing is to be slow.
    pub(super) fn new(
        conditioned: Option<Conditioned>,
        figures: &Arc<Figures>,
        arrive: impl Fn(T) + Send + Sync + 'static,
    ) -> Self {
        let arrive: Arc<Arrive<T>> = Arc::new(arrive);
        let slow = conditioned.map(|Conditioned { conditions, seed }| {
            let (queue, waiting) = mpsc::channel(WAITING_MAX);
            // It ends when the way is dropped, which closes the queue.
            tokio::spawn(carry(waiting, Arc::clone(&arrive)));
            Slow {
                link: Mutex::new(Link::new(conditions, seed)),
                origin: Instant::now(),
                queue,
            }
        });
        Self {
            slow,
            arrive,
            figures: Arc::clone(figures),
        }
    }

    /// False while a stream would refuse more.
    pub(super) fn is_writable(&self) -> bool {
        self.slow.as_ref().is_none_or(|slow| {
            let link = slow.link.lock().unwrap_or_else(PoisonError::into_inner);
            link.is_writable(micros(slow.origin.elapsed()))
        })
    }

    /// Sends a message of so many bytes.
    pub(super) fn send(&self, bytes: usize, message: T) {
        let Some(slow) = &self.slow else {
            (self.arrive)(message);
            return;
        };
        // A panic under the lock is one in the model, and loses one message.
        let mut link = slow.link.lock().unwrap_or_else(PoisonError::into_inner);
        let now_us = micros(slow.origin.elapsed());
        let arrival_us = link.deliver_at(now_us, FRAME_BYTES + bytes);
        let at = slow.origin + Duration::from_micros(arrival_us);
        if slow.queue.try_send((at, message)).is_err() {
            self.figures.link_overflows.fetch_add(1, Relaxed);
        }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

async fn carry<T>(mut waiting: mpsc::Receiver<(Instant, T)>, arrive: Arc<Arrive<T>>) {
    while let Some((at, message)) = waiting.recv().await {
        tokio::time::sleep_until(at.into()).await;
        arrive(message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::Preset;

    /// Sends numbered messages over a way and gives them as they arrive.
    async fn sent(conditioned: Option<Conditioned>, count: u8) -> (Vec<u8>, Arc<Figures>) {
        let figures = Arc::new(Figures::new());
        let (arrived, mut arrivals) = mpsc::unbounded_channel();
        let way = Way::new(conditioned, &figures, move |number| {
            let _ = arrived.send(number);
        });
        for number in 0..count {
            way.send(60, number);
        }
        drop(way);
        let mut numbers = Vec::new();
        while let Some(number) = arrivals.recv().await {
            numbers.push(number);
        }
        (numbers, figures)
    }

    #[tokio::test]
    async fn messages_arrive_in_order_and_none_is_lost() {
        let slow = Conditioned {
            conditions: Preset::Train.conditions(),
            seed: 5,
        };
        for conditioned in [None, Some(slow)] {
            let (numbers, figures) = sent(conditioned, 200).await;
            assert_eq!(numbers, (0..200).collect::<Vec<u8>>());
            assert_eq!(figures.link_overflows.load(Relaxed), 0);
        }
    }

    #[tokio::test]
    async fn a_way_that_is_full_drops_and_counts() {
        let figures = Arc::new(Figures::new());
        let slow = Conditioned {
            conditions: Preset::Train.conditions(),
            seed: 5,
        };
        let way = Way::new(Some(slow), &figures, |()| {});
        assert!(way.is_writable());
        for _ in 0..WAITING_MAX + 7 {
            way.send(100, ());
        }
        assert!(!way.is_writable());
        assert_eq!(figures.link_overflows.load(Relaxed), 7);
    }
}
