//! What all handles of one connection share, and what its task acts on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::SetOnce;

use super::config::ClientConfig;
use super::outbox::Outbox;
use super::seat::Seat;
use crate::reason::DisconnectReason;

pub(super) struct Link {
    pub(super) outbox: Arc<Outbox>,
    pub(super) config: ClientConfig,
    /// Largest message the server accepts.
    pub(super) payload_bytes_max: usize,
    pub(super) closed: SetOnce<DisconnectReason>,
    // A std mutex: held for a look into a short list.
    seats: Mutex<Seats>,
}

/// One seat for each namespace, or the reason of the end.
type Seats = Result<Vec<Arc<Seat>>, DisconnectReason>;

/// Why a namespace has no new seat.
pub(super) enum SeatError {
    Taken,
    Closed(DisconnectReason),
}

impl Link {
    pub(super) fn new(outbox: Arc<Outbox>, config: ClientConfig, payload_bytes_max: usize) -> Self {
        Self {
            outbox,
            config,
            payload_bytes_max,
            closed: SetOnce::new(),
            seats: Mutex::new(Ok(Vec::new())),
        }
    }

    pub(super) fn add(&self, seat: Arc<Seat>) -> Result<(), SeatError> {
        match &mut *self.lock() {
            Err(reason) => Err(SeatError::Closed(*reason)),
            Ok(seats) if seats.iter().any(|other| other.namespace == seat.namespace) => Err(SeatError::Taken),
            Ok(seats) => {
                seats.push(seat);
                Ok(())
            }
        }
    }

    pub(super) fn seat(&self, namespace: &str) -> Option<Arc<Seat>> {
        let seats = self.lock();
        let mut seats = seats.iter().flatten();
        seats.find(|seat| seat.namespace == namespace).cloned()
    }

    pub(super) fn remove(&self, seat: &Seat) {
        if let Ok(seats) = &mut *self.lock() {
            seats.retain(|other| !std::ptr::eq(&**other, seat));
        }
    }

    /// Ends all seats; later ones are refused. Returns the reason of the first call, the only one that does something.
    pub(super) fn finish(&self, reason: DisconnectReason) -> DisconnectReason {
        let ended = {
            let mut seats = self.lock();
            if let Err(first) = *seats {
                return first;
            }
            std::mem::replace(&mut *seats, Err(reason))
        };
        ended.iter().flatten().for_each(|seat| seat.finish(reason));
        reason
    }

    fn lock(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What [`Client`](super::Client) and [`ClientSocket`](super::ClientSocket) hold: when the last of them is gone,
/// the connection closes, since nobody could close it any more.
pub(super) struct Handle(pub(super) Arc<Link>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.outbox.request_close(DisconnectReason::ForcedClose);
    }
}
