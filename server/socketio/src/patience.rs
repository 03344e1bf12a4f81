//! The stream of an HTTP connection, which gives up on a peer that does not read its answer.
//!
//! hyper bounds how long a request may take to come, not how long an answer may take to go. Without a bound a peer that
//! asks and does not read holds its connection, and the answer, for ever. The bound is on standing still, so that a slow
//! link may take its time for a large file. An upgraded connection takes the stream out: there the outbox judges.
//!
//! The answer that switches to a WebSocket is not written here but held for whoever takes the stream out, so that it leaves in
//! one write with the first packet: a write is the largest part of what a new connection costs.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use crate::stats::{self, Stats};

/// A stream that waits only so long for the peer to take something.
pub(crate) struct PatientStream<T> {
    stream: T,
    patience: Duration,
    /// Runs while the peer takes nothing.
    deadline: Option<Pin<Box<Sleep>>>,
    stats: Arc<Stats>,
    switching: Switching,
    held: Vec<u8>,
}

/// By which whoever answers says that the answer is a switch to a WebSocket of ours.
#[derive(Clone, Debug, Default)]
pub(crate) struct Switching(Arc<AtomicBool>);

impl Switching {
    /// What is written from here on is held.
    pub(crate) fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl<T> PatientStream<T> {
    pub(crate) fn new(stream: T, patience: Duration, switching: Switching, stats: Arc<Stats>) -> Self {
        Self {
            stream,
            patience,
            deadline: None,
            stats,
            switching,
            held: Vec::new(),
        }
    }

    /// The stream, and what was held and must be written before anything else.
    pub(crate) fn into_parts(self) -> (T, Vec<u8>) {
        (self.stream, self.held)
    }

    fn judge<R>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<R>>) -> Poll<io::Result<R>> {
        if written.is_ready() {
            self.deadline = None;
            return written;
        }
        let patience = self.patience;
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(deadline.as_mut().poll(cx));
        stats::increment(&self.stats.answers_stalled);
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for PatientStream<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for PatientStream<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.switching.has_begun() {
            self.held.extend_from_slice(bytes);
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.judge(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.switching.has_begun() {
            let before = self.held.len();
            pieces.iter().for_each(|piece| self.held.extend_from_slice(piece));
            return Poll::Ready(Ok(self.held.len() - before));
        }
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.judge(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // TLS takes bytes before the peer does.
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.judge(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
