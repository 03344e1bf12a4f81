//! Acknowledgements, both ways: the answer we owe a peer, and the answers peers owe us.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::oneshot;

use crate::args::{Args, ToArgs};
use crate::error::{AckError, EmitError};

/// The acknowledgement that the peer asked for. Dropping it answers nothing, which the peer sees as a timeout.
///
/// It is answered once: sending takes it, and where several listeners hear one event, the first of them answers.
pub struct Ack {
    seat: Arc<dyn Answers>,
    id: u64,
    /// Whether one of several listeners has answered; `None` where there is one.
    answered: Option<Arc<AtomicBool>>,
}

/// A place that can answer its peer, on either side.
pub(crate) trait Answers: Send + Sync {
    fn answer(&self, id: u64, args: &dyn ToArgs) -> Result<(), EmitError>;
}

impl Ack {
    pub(crate) fn new(seat: Arc<dyn Answers>, id: u64) -> Self {
        Self {
            seat,
            id,
            answered: None,
        }
    }

    /// The same acknowledgement for another listener.
    pub(crate) fn share(&mut self) -> Self {
        let answered = self.answered.get_or_insert_default().clone();
        Self {
            seat: self.seat.clone(),
            id: self.id,
            answered: Some(answered),
        }
    }

    /// Answers the peer.
    ///
    /// # Errors
    /// When the socket is gone, another listener was first, or the arguments cannot be encoded.
    pub fn send(self, args: impl ToArgs) -> Result<(), EmitError> {
        if let Some(answered) = &self.answered
            && answered.swap(true, Ordering::AcqRel)
        {
            return Err(EmitError::AlreadyAcknowledged);
        }
        self.seat.answer(self.id, &args)
    }
}

/// What the clients of one socket owe us, by acknowledgement id. Bounded, and empty once the socket is gone.
pub(crate) struct PendingAcks {
    waiting: Mutex<Waiting>,
    count_max: usize,
}

#[derive(Default)]
struct Waiting {
    by_id: HashMap<u64, oneshot::Sender<Args>>,
    closed: bool,
}

/// One pending acknowledgement; dropping it forgets the id, so that a timeout leaks nothing.
pub(crate) struct PendingAck<'a> {
    acks: &'a PendingAcks,
    id: u64,
    pub(crate) answer: oneshot::Receiver<Args>,
}

impl PendingAcks {
    pub(crate) fn new(count_max: usize) -> Self {
        Self {
            waiting: Mutex::default(),
            count_max,
        }
    }

    pub(crate) fn expect(&self, id: u64) -> Result<PendingAck<'_>, AckError> {
        let mut waiting = self.lock();
        if waiting.closed {
            return Err(AckError::Disconnected);
        }
        if waiting.by_id.len() >= self.count_max {
            return Err(AckError::TooManyPending);
        }
        let (sender, answer) = oneshot::channel();
        waiting.by_id.insert(id, sender);
        Ok(PendingAck {
            acks: self,
            id,
            answer,
        })
    }

    /// Hands an answer to whoever waits for it. One that nobody here waits for is given back: it answers a broadcast,
    /// or it is late or doubled.
    pub(crate) fn resolve(&self, id: u64, args: Args) -> Result<(), Args> {
        let sender = self.lock().by_id.remove(&id);
        let Some(sender) = sender else {
            return Err(args);
        };
        // The waiter may have given up in this moment.
        let _ = sender.send(args);
        Ok(())
    }

    /// Lets whoever waits for one answer know that it does not come.
    pub(crate) fn abandon(&self, id: u64) {
        self.lock().by_id.remove(&id);
    }

    /// Lets everybody who waits now know that no answer comes.
    pub(crate) fn abandon_all(&self) {
        self.lock().by_id = HashMap::new();
    }

    /// Lets everybody who waits know that no answer comes, now and later.
    pub(crate) fn close(&self) {
        let mut waiting = self.lock();
        waiting.closed = true;
        waiting.by_id = HashMap::new();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Drop for PendingAck<'_> {
    fn drop(&mut self) {
        self.acks.lock().by_id.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_reaches_its_waiter_once_and_nothing_is_left() {
        let acks = PendingAcks::new(2);
        let mut first = acks.expect(1).unwrap();
        let second = acks.expect(2).unwrap();
        assert_eq!(acks.expect(3).err(), Some(AckError::TooManyPending));
        assert_eq!(acks.resolve(1, Args::default()), Ok(()));
        assert_eq!(acks.resolve(1, Args::default()), Err(Args::default()));
        assert_eq!(acks.resolve(9, Args::default()), Err(Args::default()));
        assert_eq!(first.answer.try_recv(), Ok(Args::default()));
        drop(second);
        assert!(acks.lock().by_id.is_empty());
        let mut third = acks.expect(3).unwrap();
        acks.close();
        assert!(third.answer.try_recv().is_err());
        assert_eq!(acks.expect(4).err(), Some(AckError::Disconnected));
    }
}
