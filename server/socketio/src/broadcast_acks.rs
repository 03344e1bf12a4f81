//! Acknowledgements of one event by many sockets: all carry the same id, and the result is there when every one of
//! them has answered.
//!
//! A socket that is disconnected meanwhile is not waited for: it can never answer, and its answer is simply missing
//! from the list. What was asked for and came to nothing in time is an error that carries the answers which did come.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use thiserror::Error;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::args::Args;
use crate::error::{AdapterError, EmitError};
use crate::stats::{self, Stats};

/// Why not everybody who was asked has answered.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum BroadcastError {
    /// Not everybody answered in time. Later answers are ignored.
    #[error("{missing} of {} did not answer in time", .answers.len() + .missing)]
    Timeout {
        /// The answers that did come, in order of arrival.
        answers: Vec<Args>,
        /// How many are missing, as far as is known.
        missing: usize,
    },
    /// The only socket that was asked is gone, or there is none.
    #[error("the socket is disconnected")]
    Disconnected,
    /// As many broadcasts wait for their answers as
    /// [`Config::pending_broadcasts_max`](crate::Config::pending_broadcasts_max) allows.
    #[error("too many broadcasts wait for their answers")]
    TooManyPending,
    /// The event was not sent.
    #[error(transparent)]
    Emit(#[from] EmitError),
    /// Other nodes could not be reached.
    #[error(transparent)]
    Adapter(#[from] AdapterError),
}

/// The answers that the sockets of one node owe to one broadcast. Dropping it forgets the id, so that a timeout leaks
/// nothing.
pub struct LocalAnswers {
    acks: Arc<BroadcastAcks>,
    id: u64,
    expected: usize,
    // Each socket answers at most once, so that there are no more than `expected`.
    answers: mpsc::UnboundedReceiver<Args>,
}

impl LocalAnswers {
    /// Number of sockets that were asked.
    pub fn expected(&self) -> usize {
        self.expected
    }

    /// The next answer; `None` once everybody has answered who still can.
    pub async fn next(&mut self) -> Option<Args> {
        self.answers.recv().await
    }

    /// All answers in order of arrival.
    ///
    /// # Errors
    /// [`BroadcastError::Timeout`] when not everybody has answered after `timeout`.
    pub async fn collect(mut self, timeout: Duration) -> Result<Vec<Args>, BroadcastError> {
        let deadline = Instant::now() + timeout;
        let mut answers = Vec::new();
        loop {
            match tokio::time::timeout_at(deadline, self.next()).await {
                Ok(Some(args)) => answers.push(args),
                Ok(None) => return Ok(answers),
                Err(_) => {
                    let missing = self.acks.outstanding(self.id);
                    return Err(BroadcastError::Timeout { answers, missing });
                }
            }
        }
    }
}

impl Drop for LocalAnswers {
    fn drop(&mut self) {
        self.acks.close(self.id);
    }
}

/// Who owes an answer to which broadcast. A seat that has answered or is gone owes none.
pub(crate) struct BroadcastAcks {
    // A std mutex: a few look-ups, never across a handler.
    waiting: Mutex<HashMap<u64, Waiting>>,
    count_max: usize,
    stats: Arc<Stats>,
}

struct Waiting {
    /// Keys of the seats that have not answered. When the last has gone, the sender goes too.
    outstanding: HashSet<u64>,
    answers: mpsc::UnboundedSender<Args>,
}

impl BroadcastAcks {
    pub(crate) fn new(count_max: usize, stats: Arc<Stats>) -> Self {
        Self {
            waiting: Mutex::default(),
            count_max,
            stats,
        }
    }

    /// Expects an answer with `id` from each of `keys`.
    pub(crate) fn expect(
        self: &Arc<Self>,
        id: u64,
        keys: HashSet<u64>,
    ) -> Result<LocalAnswers, BroadcastError> {
        let (sender, answers) = mpsc::unbounded_channel();
        let expected = keys.len();
        if expected > 0 {
            let mut waiting = self.lock();
            if waiting.len() >= self.count_max {
                return Err(BroadcastError::TooManyPending);
            }
            stats::increment(&self.stats.broadcasts_pending);
            waiting.insert(
                id,
                Waiting {
                    outstanding: keys,
                    answers: sender,
                },
            );
        }
        Ok(LocalAnswers {
            acks: self.clone(),
            id,
            expected,
            answers,
        })
    }

    /// Takes the answer of a seat. Whoever was not asked, or answers twice or too late, is ignored.
    pub(crate) fn resolve(&self, id: u64, key: u64, args: Args) {
        let mut waiting = self.lock();
        let Some(broadcast) = waiting.get_mut(&id) else {
            return;
        };
        if broadcast.outstanding.remove(&key) {
            // The waiter may have given up in this moment.
            let _ = broadcast.answers.send(args);
        }
        self.remove_if_settled(&mut waiting, id);
    }

    /// A seat will not answer this broadcast.
    pub(crate) fn forget(&self, id: u64, key: u64) {
        let mut waiting = self.lock();
        if let Some(broadcast) = waiting.get_mut(&id) {
            broadcast.outstanding.remove(&key);
            self.remove_if_settled(&mut waiting, id);
        }
    }

    /// A seat will not answer any more.
    pub(crate) fn forget_seat(&self, key: u64) {
        let mut waiting = self.lock();
        let owed: Vec<u64> = waiting
            .iter_mut()
            .filter_map(|(id, broadcast)| broadcast.outstanding.remove(&key).then_some(*id))
            .collect();
        for id in owed {
            self.remove_if_settled(&mut waiting, id);
        }
    }

    fn outstanding(&self, id: u64) -> usize {
        self.lock()
            .get(&id)
            .map_or(0, |broadcast| broadcast.outstanding.len())
    }

    fn close(&self, id: u64) {
        if self.lock().remove(&id).is_some() {
            stats::decrement(&self.stats.broadcasts_pending);
        }
    }

    fn remove_if_settled(&self, waiting: &mut HashMap<u64, Waiting>, id: u64) {
        if waiting
            .get(&id)
            .is_some_and(|broadcast| broadcast.outstanding.is_empty())
        {
            waiting.remove(&id);
            stats::decrement(&self.stats.broadcasts_pending);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Waiting>> {
        self.waiting
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;

    fn acks(count_max: usize) -> Arc<BroadcastAcks> {
        Arc::new(BroadcastAcks::new(count_max, Arc::default()))
    }

    fn pending(acks: &BroadcastAcks) -> (usize, u64) {
        let gauge = acks.stats.broadcasts_pending.load(Ordering::Relaxed);
        (acks.lock().len(), gauge)
    }

    const PATIENCE: Duration = Duration::from_secs(5);

    #[tokio::test(start_paused = true)]
    async fn the_result_is_there_when_everybody_has_answered_or_gone() {
        let acks = acks(8);
        let answers = acks.expect(1, HashSet::from([10, 11, 12])).unwrap();
        assert_eq!(answers.expected(), 3);
        acks.resolve(1, 10, Args::default());
        acks.resolve(1, 10, Args::default());
        acks.resolve(1, 99, Args::default());
        acks.resolve(2, 11, Args::default());
        acks.forget_seat(11);
        acks.forget(1, 12);
        assert_eq!(answers.collect(PATIENCE).await, Ok(vec![Args::default()]));
        assert_eq!(pending(&acks), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_to_ask_is_an_empty_list_at_once() {
        let answers = acks(0).expect(1, HashSet::new()).unwrap();
        assert_eq!(answers.collect(Duration::ZERO).await, Ok(vec![]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_timeout_tells_what_came_and_frees_the_id() {
        let acks = acks(1);
        let answers = acks.expect(1, HashSet::from([10, 11, 12])).unwrap();
        assert_eq!(
            acks.expect(2, HashSet::from([10])).err(),
            Some(BroadcastError::TooManyPending)
        );
        acks.resolve(1, 11, Args::default());
        let expected = BroadcastError::Timeout {
            answers: vec![Args::default()],
            missing: 2,
        };
        assert_eq!(answers.collect(PATIENCE).await, Err(expected.clone()));
        assert_eq!(expected.to_string(), "2 of 3 did not answer in time");
        assert_eq!(pending(&acks), (0, 0));
        acks.resolve(1, 10, Args::default());
        drop(acks.expect(2, HashSet::from([10])).unwrap());
        assert_eq!(pending(&acks), (0, 0));
    }
}
