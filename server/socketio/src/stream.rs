//! The connection behind a WebSocket, in its two directions.
//!
//! ```text
//!            accepted by      written by
//! Tcp        this crate       whoever emits, as long as the kernel takes the bytes
//! Foreign    anybody          the driver task of the connection: TLS, or a hyper server of the application
//! ```
//!
//! A foreign stream may do anything in a write (encrypt, wait for a lock), so no emitting thread enters it. The two
//! are variants, not a trait object, so that the way of plain TCP stays direct.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// A connection that has been upgraded.
pub(crate) enum Stream {
    Tcp(TcpStream),
    Foreign(Box<dyn Duplex>),
}

/// Both directions of a stream that this crate knows nothing else of.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// Where bytes come from.
pub(crate) enum ReadHalf {
    Tcp(OwnedReadHalf),
    Foreign(tokio::io::ReadHalf<Box<dyn Duplex>>),
}

/// Where bytes go.
pub(crate) enum WriteHalf {
    Tcp(OwnedWriteHalf),
    Foreign(tokio::io::WriteHalf<Box<dyn Duplex>>),
}

impl Stream {
    pub(crate) fn foreign(stream: impl Duplex + 'static) -> Self {
        Self::Foreign(Box::new(stream))
    }

    pub(crate) fn split(self) -> (ReadHalf, WriteHalf) {
        match self {
            Self::Tcp(stream) => {
                let (read, write) = stream.into_split();
                (ReadHalf::Tcp(read), WriteHalf::Tcp(write))
            }
            Self::Foreign(stream) => {
                let (read, write) = tokio::io::split(stream);
                (ReadHalf::Foreign(read), WriteHalf::Foreign(write))
            }
        }
    }
}

impl AsyncRead for ReadHalf {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(read) => Pin::new(read).poll_read(cx, buf),
            Self::Foreign(read) => Pin::new(read).poll_read(cx, buf),
        }
    }
}

impl WriteHalf {
    /// Writes what is taken at once, from any thread. A foreign stream takes nothing: its driver must do it.
    pub(crate) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => send_now(stream.as_ref(), bytes),
            Self::Foreign(_) => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    /// Whether there is a descriptor to write to; this looks at the memory where it lies.
    pub(crate) fn is_open(&self) -> bool {
        match self {
            Self::Tcp(stream) => std::hint::black_box(descriptor(stream.as_ref())) >= 0,
            Self::Foreign(_) => false,
        }
    }

    /// Closes the direction. What a foreign stream still has to say for it (TLS: close_notify) takes time; a TCP
    /// stream is closed when its half is dropped.
    pub(crate) fn poll_shut_down(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self {
            Self::Tcp(_) => Poll::Ready(()),
            // Failing means that the stream is gone already.
            Self::Foreign(stream) => Pin::new(stream).poll_shutdown(cx).map(drop),
        }
    }

    /// Makes the kernel forget unsent bytes when the stream is dropped, where that can be said.
    pub(crate) fn abort(&self) {
        if let Self::Tcp(stream) = self {
            // Failing means that the stream is gone already.
            let _ = stream.as_ref().set_zero_linger();
        }
    }
}

/// Hands bytes to the kernel without asking the runtime first whether the stream is writable: what it knows of the stream
/// lies in memory that nothing else of a broadcast touches, and the kernel says the same.
#[cfg(target_os = "linux")]
fn send_now(stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    use rustix::io::Errno;
    use rustix::net::{SendFlags, send};

    match send(stream, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
        // Once more through the runtime, which thereby learns that it has to wait for the stream.
        Err(Errno::AGAIN) => stream.try_write(bytes),
        sent => Ok(sent?),
    }
}

#[cfg(unix)]
fn descriptor(stream: &TcpStream) -> i32 {
    use std::os::fd::AsRawFd;
    stream.as_raw_fd()
}

#[cfg(not(unix))]
fn descriptor(_stream: &TcpStream) -> i32 {
    0
}

#[cfg(not(target_os = "linux"))]
fn send_now(stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    stream.try_write(bytes)
}
