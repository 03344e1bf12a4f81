//! The messages of one WebSocket as they come from its stream. What must be answered on the spot, pings and the close
//! frame, goes to its outlet: written anywhere else it would land in the middle of a broadcast.
//!
//! A connection that is silent holds no buffer. Whatever is there to read goes into one buffer of the thread, as much as
//! a read brings, and messages are cut out of that; only what is left of a frame is kept until the rest comes. A frame that
//! is large gets memory of its own, which grows with what comes and not with what was announced.
//!
//! So a payload lies in the buffer of the thread, and whoever keeps one copies it with [`settled`].

use std::cell::Cell;
use std::io;
use std::pin::pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::frame::{self, Opcode};
use super::half::{Outlet, ReadError, UNFINISHED_SLACK_BYTES};
use super::messages::{Message, Messages, Next};

/// An upgraded stream that is read, and written by an outbox.
pub(crate) struct Frames<R, O> {
    read: R,
    outlet: O,
    messages: Messages,
    bytes: Buffer,
    /// Bytes read since the last whole message: fragments do not show how many there are.
    unfinished_bytes: usize,
    unfinished_bytes_max: usize,
    /// The peer has closed, or what it says is not understood.
    has_ended: bool,
}

/// A message of a client.
pub(crate) enum Said {
    Text(Utf8Bytes),
    Binary(Bytes),
    /// A ping, which was answered, or a pong.
    Control,
}

impl<R, O> Frames<R, O> {
    /// `early` is what the peer sent right behind its request.
    pub(crate) fn new(read: R, outlet: O, early: &[u8], payload_bytes_max: usize) -> Self {
        Self {
            read,
            outlet,
            messages: Messages::new(payload_bytes_max),
            bytes: Buffer {
                bytes: early.into(),
                is_scratch: false,
            },
            unfinished_bytes: early.len(),
            unfinished_bytes_max: payload_bytes_max.saturating_add(UNFINISHED_SLACK_BYTES),
            has_ended: false,
        }
    }

    pub(crate) fn set_outlet(&mut self, outlet: O) {
        self.outlet = outlet;
    }
}

impl<R: AsyncRead + Unpin, O: Outlet> Frames<R, O> {
    /// The next message; `None` behind a close frame, which was answered.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Said, ReadError>>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        let Poll::Ready(outcome) = self.poll_message(cx) else {
            self.bytes.park();
            return Poll::Pending;
        };
        let said = outcome.and_then(|message| self.answer(message));
        if !matches!(said, Ok(Some(_))) {
            self.has_ended = true;
            self.bytes = Buffer::default();
        }
        Poll::Ready(said.transpose())
    }

    /// Reads what the peer still says and forgets it, until it says no more: closing with unread bytes would reset the
    /// stream, and the peer would lose what we said last.
    pub(crate) async fn read_to_end(&mut self) {
        // Not in the future: every connection would hold it from its beginning.
        let mut scratch = vec![0; 4096];
        while matches!(self.read.read(&mut scratch).await, Ok(count) if count > 0) {}
    }

    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Result<Message, ReadError>> {
        loop {
            match self.messages.next(&mut self.bytes.bytes)? {
                Next::Whole(message) => return Poll::Ready(Ok(message)),
                Next::Needs(frame_bytes) => self.bytes.make_room(frame_bytes),
            }
            if self.unfinished_bytes > self.unfinished_bytes_max {
                return Poll::Ready(Err(ReadError::Unfinished));
            }
            let count = match ready!(pin!(self.read.read_buf(&mut self.bytes.bytes)).poll(cx)) {
                Ok(count) => count,
                // TLS misses the goodbye of a peer that closed only its stream. Frames say where they end, so that
                // nothing is cut off unnoticed.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => 0,
                Err(_) => return Poll::Ready(Err(ReadError::Broken)),
            };
            if count == 0 {
                return Poll::Ready(Err(ReadError::Gone));
            }
            self.unfinished_bytes += count;
            self.outlet.observe_read(count);
        }
    }

    /// Answers what must be answered; `None` is the end.
    fn answer(&mut self, message: Message) -> Result<Option<Said>, ReadError> {
        let (opcode, payload) = match message {
            Message::Text(text) => {
                self.unfinished_bytes = 0;
                return Ok(Some(Said::Text(text)));
            }
            Message::Binary(data) => {
                self.unfinished_bytes = 0;
                return Ok(Some(Said::Binary(data)));
            }
            Message::Pong => return Ok(Some(Said::Control)),
            Message::Ping(payload) => (Opcode::Pong, payload),
            Message::Close(payload) => (Opcode::Close, payload),
        };
        let mut reply = Vec::with_capacity(payload.len() + frame::HEADER_BYTES_MAX);
        frame::push_header(&mut reply, opcode, payload.len());
        reply.extend_from_slice(&payload);
        let Ok(()) = self.outlet.send_control(&reply) else {
            return Err(ReadError::Broken);
        };
        Ok((opcode == Opcode::Pong).then_some(Said::Control))
    }
}

/// Bytes that were read and belong to no message yet. Empty and without memory while the peer is silent.
#[derive(Default)]
struct Buffer {
    bytes: BytesMut,
    /// They lie in the buffer of a thread.
    is_scratch: bool,
}

impl Buffer {
    /// Lets the next read bring the rest of a frame of `frame_bytes`, or a part of it, and whatever is behind it.
    fn make_room(&mut self, frame_bytes: usize) {
        let missing_bytes = frame_bytes - self.bytes.len();
        if frame_bytes <= SMALL_FRAME_BYTES {
            if !self.is_scratch {
                let mut scratch = take_scratch();
                scratch.extend_from_slice(&self.bytes);
                *self = Self {
                    bytes: scratch,
                    is_scratch: true,
                };
            }
            let wanted_bytes = if self.bytes.is_empty() {
                SCRATCH_BYTES
            } else {
                missing_bytes
            };
            return self.bytes.reserve(wanted_bytes);
        }
        self.settle(missing_bytes.min(SCRATCH_BYTES));
        self.bytes.reserve(missing_bytes.min(SCRATCH_BYTES));
    }

    /// Nothing more comes for now.
    fn park(&mut self) {
        self.settle(0);
    }

    /// Moves what there is into memory of its own, with room for `more_bytes`, and gives the buffer of the thread back.
    fn settle(&mut self, more_bytes: usize) {
        if !std::mem::take(&mut self.is_scratch) {
            return;
        }
        let mut bytes = BytesMut::new();
        if !self.bytes.is_empty() {
            bytes.reserve(self.bytes.len() + more_bytes);
            bytes.extend_from_slice(&self.bytes);
        }
        give_scratch(std::mem::replace(&mut self.bytes, bytes));
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.is_scratch {
            give_scratch(std::mem::take(&mut self.bytes));
        }
    }
}

thread_local! {
    /// Where this thread reads into; none while a connection cuts messages out of it.
    static SCRATCH: Cell<Option<BytesMut>> = const { Cell::new(None) };
}

fn take_scratch() -> BytesMut {
    let scratch = SCRATCH.try_with(Cell::take).ok().flatten();
    scratch.unwrap_or_else(|| BytesMut::with_capacity(SCRATCH_BYTES))
}

fn give_scratch(mut scratch: BytesMut) {
    scratch.clear();
    // A thread that ends needs none.
    let _ = SCRATCH.try_with(|place| place.set(Some(scratch)));
}

/// Memory of its own for a payload that somebody keeps: the buffer of a thread would be kept with it otherwise.
pub(crate) fn settled(payload: Bytes) -> Bytes {
    if payload.len() > SCRATCH_BYTES {
        return payload;
    }
    Bytes::copy_from_slice(&payload)
}

/// What one read brings at most. A thousand inputs fit.
const SCRATCH_BYTES: usize = 64 * 1024;

/// A frame up to here is completed in the buffer of the thread, where what came of it is copied to once more; a larger one
/// where it lies.
const SMALL_FRAME_BYTES: usize = 8 * 1024;

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use tokio::io::AsyncWriteExt;

    use super::*;
    use crate::engine::half;

    #[derive(Default)]
    struct Outlet {
        sent: RefCell<Vec<u8>>,
    }

    impl half::Outlet for Outlet {
        fn send_control(&self, frame: &[u8]) -> Result<(), half::Refused> {
            self.sent.borrow_mut().extend_from_slice(frame);
            Ok(())
        }
    }

    fn masked(head: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![head, 0x80 | 127];
        frame.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(payload);
        frame
    }

    /// Frames over a pipe, and its other end.
    fn frames(pipe_bytes: usize) -> (Frames<tokio::io::DuplexStream, Outlet>, tokio::io::DuplexStream) {
        let (ours, theirs) = tokio::io::duplex(pipe_bytes);
        (Frames::new(ours, Outlet::default(), b"", 1_000_000), theirs)
    }

    async fn next(frames: &mut Frames<tokio::io::DuplexStream, Outlet>) -> Option<Result<Said, ReadError>> {
        std::future::poll_fn(|cx| frames.poll_next(cx)).await
    }

    #[tokio::test]
    async fn messages_of_any_size_come_whole_and_leave_no_memory() {
        for pipe_bytes in [7, 5000, 1 << 20] {
            let (mut frames, mut peer) = frames(pipe_bytes);
            let sizes = [
                0,
                1,
                100,
                5000,
                SMALL_FRAME_BYTES,
                60_000,
                SCRATCH_BYTES,
                300_000,
                3,
            ];
            let writing = tokio::spawn(async move {
                for (size, number) in sizes.into_iter().zip(0..) {
                    peer.write_all(&masked(0x82, &vec![number; size])).await.unwrap();
                }
                peer
            });
            for (size, number) in sizes.into_iter().zip(0..) {
                let Some(Ok(Said::Binary(data))) = next(&mut frames).await else {
                    panic!("expected a message of {size} bytes");
                };
                assert!(data.len() == size && data.iter().all(|byte| *byte == number));
            }
            let _peer = writing.await.unwrap();
            let is_silent = std::future::poll_fn(|cx| Poll::Ready(frames.poll_next(cx).is_pending())).await;
            assert!(is_silent && frames.bytes.bytes.capacity() == 0);
        }
    }

    #[tokio::test]
    async fn what_is_announced_takes_no_memory_before_it_comes() {
        let (mut frames, mut peer) = frames(1 << 20);
        peer.write_all(&masked(0x82, &[1; 999_999])[..100]).await.unwrap();
        let is_pending = std::future::poll_fn(|cx| Poll::Ready(frames.poll_next(cx).is_pending())).await;
        assert!(is_pending && frames.bytes.bytes.capacity() <= 2 * SCRATCH_BYTES);
    }

    #[tokio::test]
    async fn pings_and_the_close_frame_are_answered_in_order() {
        let (mut frames, mut peer) = frames(1000);
        let said = [
            masked(0x89, b"one"),
            masked(0x82, b"x"),
            masked(0x89, b""),
            masked(0x88, b"\x03\xe8"),
            masked(0x82, b"y"),
        ];
        peer.write_all(&said.concat()).await.unwrap();
        assert!(matches!(next(&mut frames).await, Some(Ok(Said::Control))));
        assert!(matches!(next(&mut frames).await, Some(Ok(Said::Binary(_)))));
        assert!(matches!(next(&mut frames).await, Some(Ok(Said::Control))));
        // Nothing behind a close frame counts.
        assert!(next(&mut frames).await.is_none() && next(&mut frames).await.is_none());
        assert_eq!(
            *frames.outlet.sent.borrow(),
            b"\x8a\x03one\x8a\x00\x88\x02\x03\xe8"
        );
    }

    #[tokio::test]
    async fn a_stream_that_ends_and_bytes_without_a_message_are_errors() {
        let (mut frames, peer) = frames(1000);
        drop(peer);
        assert!(matches!(next(&mut frames).await, Some(Err(ReadError::Gone))));
        let (ours, mut peer) = tokio::io::duplex(1 << 20);
        let mut frames = Frames::new(ours, Outlet::default(), b"", 10);
        let ping = masked(0x89, b"");
        peer.write_all(&ping.repeat(10 * UNFINISHED_SLACK_BYTES / ping.len()))
            .await
            .unwrap();
        let end = loop {
            match next(&mut frames).await {
                Some(Ok(Said::Control)) => {}
                end => break end,
            }
        };
        assert!(matches!(end, Some(Err(ReadError::Unfinished))));
    }
}
