//! Streams to the server: TCP, and TLS over it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;

use super::error::ClientError;
use super::tls::Tls;
use super::url::Endpoint;
use crate::stream::Stream;

/// Opens streams to one server.
pub(super) struct Dialer {
    host: String,
    port: u16,
    secure: Option<(TlsConnector, ServerName<'static>)>,
}

/// A stream to the server.
pub(super) enum Dialed {
    Plain(TcpStream),
    Secure(Box<TlsStream<TcpStream>>),
}

impl Dialer {
    pub(super) fn new(endpoint: &Endpoint, tls: &Tls) -> Result<Self, ClientError> {
        let secure = if endpoint.is_secure {
            let name = ServerName::try_from(endpoint.host.clone())
                .map_err(|_| ClientError::Tls(format!("{:?} is no name of a server", endpoint.host)))?;
            Some((tls.connector(), name))
        } else {
            None
        };
        Ok(Self {
            host: endpoint.host.clone(),
            port: endpoint.port,
            secure,
        })
    }

    pub(super) async fn dial(&self) -> Result<Dialed, ClientError> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        // Only makes it faster.
        let _ = stream.set_nodelay(true);
        let Some((connector, name)) = &self.secure else {
            return Ok(Dialed::Plain(stream));
        };
        match connector.connect(name.clone(), stream).await {
            Ok(stream) => Ok(Dialed::Secure(Box::new(stream))),
            // rustls wraps what it does not like.
            Err(error) if error.get_ref().is_some() => Err(ClientError::Tls(error.to_string())),
            Err(error) => Err(error.into()),
        }
    }
}

impl From<Dialed> for Stream {
    fn from(dialed: Dialed) -> Self {
        match dialed {
            Dialed::Plain(stream) => Self::Tcp(stream),
            Dialed::Secure(stream) => Self::foreign(stream),
        }
    }
}

impl AsyncRead for Dialed {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Secure(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Dialed {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Secure(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Secure(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Secure(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
