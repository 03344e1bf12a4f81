//! One slot for one client between the simulation and whoever writes to its socket: the latest snapshot wins.
//!
//! The producer first takes back what nobody took, then builds the next snapshot, then puts it in. Because it asks
//! before it builds, it knows for certain which events the client has, and none is sent twice or lost. In between the
//! slot is empty for some microseconds; a consumer that looks then is woken again when the new snapshot is in.
//!
//! Either half learns when the other is gone: a client leaves by dropping its reader, and no full queue can lose that.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

/// The slot. A mutex held for the time of a move: an exchange of a value this size needs either that or `unsafe`.
type Slot = Mutex<Option<Bytes>>;

/// Both halves of a new, empty mailbox.
pub fn mailbox() -> (MailboxWriter, MailboxReader) {
    let slot = Arc::new(Slot::default());
    (MailboxWriter(Arc::clone(&slot)), MailboxReader(slot))
}

/// The producer's half.
#[derive(Debug)]
pub struct MailboxWriter(Arc<Slot>);

/// The consumer's half. Dropping it means that the client has left.
#[derive(Debug)]
pub struct MailboxReader(Arc<Slot>);

/// What became of the previous snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Previous {
    /// The consumer has it, or there was none.
    Taken,
    /// Nobody took it; it is gone now.
    Superseded,
}

impl MailboxWriter {
    /// Empties the slot and tells what became of the last snapshot. To be followed by [`put`](Self::put).
    pub fn take_back(&self) -> Previous {
        match lock(&self.0).take() {
            None => Previous::Taken,
            Some(_) => Previous::Superseded,
        }
    }

    /// Puts a snapshot in. What was still there is gone, so ask [`take_back`](Self::take_back) before.
    pub fn put(&self, snapshot: Bytes) {
        *lock(&self.0) = Some(snapshot);
    }

    /// True while nobody has taken the last snapshot.
    pub fn is_waiting(&self) -> bool {
        lock(&self.0).is_some()
    }

    /// True when the reader was dropped.
    pub fn is_abandoned(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }
}

impl MailboxReader {
    /// The snapshot that waits, if any.
    pub fn take(&self) -> Option<Bytes> {
        lock(&self.0).take()
    }

    /// True while a snapshot waits.
    pub fn is_waiting(&self) -> bool {
        lock(&self.0).is_some()
    }

    /// True when the writer was dropped: the match is over and nothing comes any more.
    pub fn is_closed(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }
}

/// A panic cannot leave a moved `Option` half done, so a poisoned lock means nothing here.
fn lock(slot: &Slot) -> MutexGuard<'_, Option<Bytes>> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_snapshot_wins_and_the_writer_knows_whether_one_was_taken() {
        let (writer, reader) = mailbox();
        assert_eq!((writer.take_back(), reader.take()), (Previous::Taken, None));
        writer.put(Bytes::from_static(b"one"));
        assert!(reader.is_waiting());
        assert_eq!(writer.take_back(), Previous::Superseded);
        writer.put(Bytes::from_static(b"two"));
        assert_eq!(reader.take(), Some(Bytes::from_static(b"two")));
        assert!(!reader.is_waiting());
        assert_eq!(writer.take_back(), Previous::Taken);
    }

    #[test]
    fn each_half_learns_that_the_other_is_gone() {
        let (writer, reader) = mailbox();
        assert!(!writer.is_abandoned() && !reader.is_closed());
        drop(reader);
        assert!(writer.is_abandoned());
        let (writer, reader) = mailbox();
        drop(writer);
        assert!(reader.is_closed());
    }

    #[test]
    fn every_snapshot_is_either_taken_or_superseded_also_between_threads() {
        let (writer, reader) = mailbox();
        let total = 10_000;
        let consumer = std::thread::spawn(move || {
            let mut taken = 0;
            while !reader.is_closed() || reader.is_waiting() {
                taken += usize::from(reader.take().is_some());
            }
            taken
        });
        let mut superseded = 0;
        for _ in 0..total {
            superseded += usize::from(writer.take_back() == Previous::Superseded);
            writer.put(Bytes::from_static(b"snapshot"));
        }
        drop(writer);
        assert_eq!(consumer.join().unwrap() + superseded, total);
    }
}
