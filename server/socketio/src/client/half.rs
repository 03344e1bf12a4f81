//! The stream as tungstenite sees it: reads go to the kernel, writes to the outbox. A pong written past the outbox
//! would land in the middle of an event.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::tcp::OwnedReadHalf;

use super::outbox::{Class, Outbox};

pub(super) struct Half {
    pub(super) read: OwnedReadHalf,
    pub(super) outbox: Arc<Outbox>,
    /// Bytes read since the last whole message. tungstenite hides fragments, so this is what bounds them.
    pub(super) unfinished_bytes: usize,
    unfinished_bytes_max: usize,
}

impl Half {
    pub(super) fn new(read: OwnedReadHalf, outbox: Arc<Outbox>, payload_bytes_max: usize) -> Self {
        Self {
            read,
            outbox,
            unfinished_bytes: 0,
            unfinished_bytes_max: payload_bytes_max.saturating_add(UNFINISHED_SLACK_BYTES),
        }
    }
}

impl AsyncRead for Half {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.unfinished_bytes > self.unfinished_bytes_max {
            return Poll::Ready(Err(io::ErrorKind::QuotaExceeded.into()));
        }
        let before = buf.filled().len();
        let result = Pin::new(&mut self.read).poll_read(cx, buf);
        self.unfinished_bytes += buf.filled().len() - before;
        result
    }
}

impl AsyncWrite for Half {
    /// Takes all or nothing: with a write buffer of size 0 each call is one whole control frame, or the request of
    /// the handshake. A server that makes us queue more than the headroom does not read its pongs.
    fn poll_write(self: Pin<&mut Self>, _cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.outbox.send(buf, Class::Control) {
            Ok(()) => Poll::Ready(Ok(buf.len())),
            Err(_) => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// What may be read beyond the payload bound before a message must be whole: the handshake, frame headers and pings.
const UNFINISHED_SLACK_BYTES: usize = 64 * 1024;
