//! The stream as tungstenite sees it, which reads for the client: reads go to the kernel, writes to an outbox. A pong written
//! past the outbox would land in the middle of an event.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::tungstenite::error::{CapacityError, Error as WsError, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// Where a [`Half`] writes to.
pub(crate) trait Outlet {
    /// Sends one whole control frame, or refuses it because the connection is over.
    fn send_control(&self, frame: &[u8]) -> Result<(), Refused>;

    /// So many bytes were read.
    fn observe_read(&self, _bytes: usize) {}
}

/// The outlet takes nothing any more.
pub(crate) struct Refused;

/// Reads from `R`, writes to `O`.
pub(crate) struct Half<R, O> {
    read: R,
    outlet: O,
    /// Bytes read since the last whole message. tungstenite hides fragments, so this is what bounds them.
    unfinished_bytes: usize,
    unfinished_bytes_max: usize,
}

impl<R, O> Half<R, O> {
    /// `early_bytes` were read before, and count as part of the first message.
    pub(crate) fn new(read: R, outlet: O, early_bytes: usize, payload_bytes_max: usize) -> Self {
        Self {
            read,
            outlet,
            unfinished_bytes: early_bytes,
            unfinished_bytes_max: payload_bytes_max.saturating_add(UNFINISHED_SLACK_BYTES),
        }
    }

    pub(crate) fn set_outlet(&mut self, outlet: O) {
        self.outlet = outlet;
    }

    /// A whole message has arrived.
    pub(crate) fn finish_message(&mut self) {
        self.unfinished_bytes = 0;
    }
}

impl<R: AsyncRead + Unpin, O> Half<R, O> {
    /// Reads what the peer still says and forgets it, until it says no more: closing with unread bytes would reset the
    /// stream, and the peer would lose what we said last.
    pub(crate) async fn read_to_end(&mut self) {
        // Not in the future: every connection would hold it from its beginning.
        let mut scratch = vec![0; 4096];
        loop {
            let mut buf = ReadBuf::new(&mut scratch);
            let outcome = poll_fn(|cx| Pin::new(&mut self.read).poll_read(cx, &mut buf)).await;
            if outcome.is_err() || buf.filled().is_empty() {
                return;
            }
        }
    }
}

impl<R: AsyncRead + Unpin, O: Outlet + Unpin> AsyncRead for Half<R, O> {
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
        let bytes = buf.filled().len() - before;
        self.unfinished_bytes += bytes;
        self.outlet.observe_read(bytes);
        match result {
            // TLS misses the goodbye of a peer that closed only its stream. Frames say where they end, so that nothing
            // is cut off unnoticed.
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Poll::Ready(Ok(())),
            result => result,
        }
    }
}

impl<R: Unpin, O: Outlet + Unpin> AsyncWrite for Half<R, O> {
    /// Takes all or nothing: with a write buffer of size 0 each call is one whole control frame.
    fn poll_write(self: Pin<&mut Self>, _cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(match self.outlet.send_control(buf) {
            Ok(()) => Ok(buf.len()),
            Err(Refused) => Err(io::ErrorKind::BrokenPipe.into()),
        })
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// How tungstenite must be set for a [`Half`].
pub(crate) fn websocket_config(payload_bytes_max: usize, read_buffer_bytes: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(read_buffer_bytes)
        .write_buffer_size(0)
        .max_write_buffer_size(CONTROL_FRAMES_BYTES_MAX)
        .max_message_size(Some(payload_bytes_max))
        .max_frame_size(Some(payload_bytes_max))
}

/// Why nothing more can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReadError {
    /// The peer is gone without a word.
    Gone,
    /// The stream broke.
    Broken,
    /// One message is larger than it may be.
    TooLarge,
    /// Too many bytes without a whole message.
    Unfinished,
    NotUtf8,
    Protocol,
}

impl From<&WsError> for ReadError {
    fn from(error: &WsError) -> Self {
        match error {
            WsError::Capacity(CapacityError::MessageTooLong { .. }) => Self::TooLarge,
            WsError::Io(error) if error.kind() == io::ErrorKind::QuotaExceeded => Self::Unfinished,
            WsError::Io(_) => Self::Broken,
            WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Self::Gone,
            WsError::Utf8(_) => Self::NotUtf8,
            _ => Self::Protocol,
        }
    }
}

impl ReadError {
    /// Close code and text for the peer, if it is still there to read them (RFC 6455, section 7.4.1).
    pub(crate) fn farewell(&self) -> Option<(u16, &'static str)> {
        match self {
            Self::Gone | Self::Broken => None,
            Self::TooLarge => Some((1009, "payload too large")),
            Self::Unfinished => Some((1008, "too many bytes without a message")),
            Self::NotUtf8 => Some((1007, "text is not UTF-8")),
            Self::Protocol => Some((1002, "protocol error")),
        }
    }
}

/// What may be read beyond the payload bound before a message must be whole: frame headers and pings.
pub(crate) const UNFINISHED_SLACK_BYTES: usize = 64 * 1024;

/// tungstenite writes control frames only, and those leave at once.
const CONTROL_FRAMES_BYTES_MAX: usize = 1024;
