//! The outbox of a stream that this crate did not accept: TLS, or a connection of the application's own hyper server.
//!
//! Only the driver writes. An emit appends and wakes it, once: from then on the outbox counts as blocked until the
//! driver has written and flushed everything.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::AsyncWrite;

use super::{Outbox, State};
use crate::byte_queue::ByteQueue;
use crate::stats::{self, Stats};
use crate::stream::WriteHalf;

impl Outbox {
    /// The driver's turn: writes the whole queue and flushes the stream.
    pub(super) fn poll_foreign(&self, state: &mut State, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let State { stream, queue, .. } = state;
        let Some(WriteHalf::Foreign(stream)) = stream else {
            return Poll::Ready(Ok(()));
        };
        let outcome = poll_write_queue(Pin::new(stream), queue, &self.stats, cx);
        self.release(state);
        outcome
    }

    /// The driver's turn while nothing waits: how much the stream takes of `bytes`. From then on it must be flushed.
    pub(super) fn poll_write_foreign(
        &self,
        state: &mut State,
        bytes: &[u8],
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let Some(WriteHalf::Foreign(stream)) = &mut state.stream else {
            return Poll::Pending;
        };
        let written = ready!(Pin::new(stream).poll_write(cx, bytes))?;
        if written == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        stats::increment(&self.stats.writes);
        stats::add(&self.stats.bytes_out, written as u64);
        state.blocked = true;
        self.wake_driver();
        Poll::Ready(Ok(written))
    }
}

fn poll_write_queue(
    mut stream: Pin<&mut impl AsyncWrite>,
    queue: &mut ByteQueue,
    stats: &Stats,
    cx: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    while !queue.is_empty() {
        let written = ready!(stream.as_mut().poll_write(cx, &queue.next()))?;
        if written == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        queue.consume(written);
        stats::increment(&stats.writes);
        stats::add(&stats.bytes_out, written as u64);
    }
    stream.poll_flush(cx)
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::Arc;

    use tokio::io::{AsyncReadExt, DuplexStream};

    use super::*;
    use crate::outbox::{Class, Emitted, OutboxLimits, OutboxPolicy, SendError};
    use crate::piece::{Keep, Piece, Terms};
    use crate::stream::Stream;

    /// An outbox whose stream holds `pipe_bytes`, and the other end of that.
    fn outbox(pipe_bytes: usize, bytes_max: usize) -> (Arc<Outbox>, DuplexStream) {
        let limits = OutboxLimits {
            bytes_max,
            packets_max: usize::MAX,
            policy: OutboxPolicy::Disconnect,
        };
        let outbox = Arc::new(Outbox::new(limits, Arc::default()));
        let (ours, theirs) = tokio::io::duplex(pipe_bytes);
        let (_read, write) = Stream::foreign(ours).split();
        outbox.attach(write);
        (outbox, theirs)
    }

    fn send(outbox: &Arc<Outbox>, bytes: &[u8]) -> Result<Emitted, SendError> {
        outbox.send(Piece::borrowed(bytes, 1), Class::Data)
    }

    fn send_volatile(outbox: &Arc<Outbox>) -> Emitted {
        let terms = Terms {
            keep: Keep::Volatile,
            ..Terms::default()
        };
        outbox
            .send(Piece::borrowed(b"volatile", 1).on(terms), Class::Data)
            .unwrap()
    }

    #[tokio::test]
    async fn the_driver_writes_what_others_send_in_order() {
        let (outbox, mut peer) = outbox(1000, usize::MAX);
        for byte in 0..50 {
            send(&outbox, &[byte; 100]).unwrap();
        }
        assert!(!outbox.is_writable() && outbox.queued().0 == 5000);
        let driver = outbox.clone();
        let driving = tokio::spawn(async move { poll_fn(|cx| driver.poll_drained(cx)).await });
        let mut read = vec![0; 5000];
        peer.read_exact(&mut read).await.unwrap();
        assert!(
            read.chunks(100)
                .zip(0..)
                .all(|(chunk, byte)| chunk == [byte; 100])
        );
        driving.await.unwrap();
        assert!(outbox.is_writable() && outbox.queued().0 == 0);
    }

    #[tokio::test]
    async fn a_volatile_packet_is_taken_while_the_driver_has_nothing_to_do() {
        let (outbox, _peer) = outbox(10, usize::MAX);
        for expected in [Emitted::Queued, Emitted::Dropped] {
            assert_eq!(send_volatile(&outbox), expected);
        }
        poll_fn(|cx| outbox.poll_drained(cx)).await;
        assert_eq!(send_volatile(&outbox), Emitted::Queued);
        // The pipe is full now.
        assert!(poll_fn(|cx| Poll::Ready(outbox.poll_drained(cx).is_pending())).await);
        assert_eq!(send_volatile(&outbox), Emitted::Dropped);
    }

    #[tokio::test]
    async fn a_value_is_posted_by_the_driver_alone() {
        let (outbox, mut peer) = outbox(10, usize::MAX);
        let value = Piece::borrowed(b"a value of 20 bytes.", 1);
        assert!(outbox.is_writable() && !outbox.takes_post());
        assert_eq!(outbox.post(value, None), Ok(false));
        assert!(outbox.answer_knock() && !outbox.answer_knock());
        let post = || poll_fn(|cx| Poll::Ready(outbox.post(value, Some(cx))));
        assert_eq!(post().await, Ok(true));
        assert_eq!(outbox.queued().0, 10);
        // What is left of it is in front of the next one.
        assert_eq!(post().await, Ok(false));
        assert!(!outbox.answer_knock());
        let mut read = [0; 20];
        let (_, outcome) = tokio::join!(poll_fn(|cx| outbox.poll_drained(cx)), peer.read_exact(&mut read));
        outcome.unwrap();
        assert_eq!(read, *b"a value of 20 bytes.");
        assert!(outbox.answer_knock());
        // A pipe that is full takes nothing, and nothing is kept.
        send(&outbox, b"0123456789").unwrap();
        poll_fn(|cx| outbox.poll_drained(cx)).await;
        assert_eq!(post().await, Ok(false));
        assert_eq!(outbox.queued(), (0, 0));
        // Nor is anybody told to try again before it takes more: knocking wakes nobody.
        outbox.knock();
        assert!(!outbox.is_writable() && !outbox.answer_knock());
        drop(peer);
        poll_fn(|cx| outbox.poll_drained(cx)).await;
        assert_eq!(post().await, Err(SendError::Closed));
    }

    #[tokio::test]
    async fn a_full_queue_and_a_broken_stream_close() {
        let (outbox, peer) = outbox(10, 100);
        send(&outbox, &[0; 60]).unwrap();
        assert_eq!(send(&outbox, &[0; 60]), Err(SendError::Closed));
        let reason = poll_fn(|cx| Poll::Ready(outbox.poll_driver(cx))).await;
        assert_eq!(reason.unwrap().as_str(), "slow consumer");
        drop(peer);

        let (outbox, peer) = self::outbox(10, 100);
        drop(peer);
        send(&outbox, &[0; 60]).unwrap();
        let reason = poll_fn(|cx| {
            let _ = outbox.poll_driver(cx);
            Poll::Ready(outbox.poll_driver(cx))
        });
        assert_eq!(reason.await.unwrap().as_str(), "transport error");
    }

    #[tokio::test]
    async fn shutting_down_is_what_the_peer_reads_last() {
        let (outbox, mut peer) = outbox(1000, usize::MAX);
        send(&outbox, b"last").unwrap();
        poll_fn(|cx| outbox.poll_drained(cx)).await;
        poll_fn(|cx| outbox.poll_shut_down(cx)).await;
        let mut read = Vec::new();
        peer.read_to_end(&mut read).await.unwrap();
        assert_eq!(read, b"last");
    }
}
