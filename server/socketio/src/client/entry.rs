//! The entry: one client, its connection, its namespaces.

use std::fmt;
use std::sync::Arc;

use super::config::ClientConfig;
use super::error::ClientError;
use super::http::Http;
use super::link::{Handle, Link};
use super::observer::ConnectionEvent;
use super::socket::ClientSocket;
use super::url::Endpoint;
use crate::engine::config::Transport;
use crate::reason::DisconnectReason;
use crate::stats::Stats;

/// A client of one server: one connection with any number of namespaces over it, opened again when it is lost. Cheap to
/// clone; all clones are the same client. It closes when the last clone and the last [`ClientSocket`] are dropped.
///
/// See [the module](super) for an example.
#[derive(Clone)]
pub struct Client(pub(super) Arc<Handle>);

impl Client {
    /// A client for the server at `url`: `http`, `https`, `ws` or `wss` with a host and perhaps a port. A query is passed
    /// on to the server. Nothing is connected yet.
    ///
    /// # Errors
    /// When the URL, the path of the server, or another setting cannot be used.
    pub fn new(url: &str, config: ClientConfig) -> Result<Self, ClientError> {
        config.validate()?;
        let codec = config.codec()?;
        let endpoint = Endpoint::parse(url, &config.path, config.parser)?;
        let http = Http::new(endpoint, &config)?;
        Ok(Self(Arc::new_cyclic(|handle| {
            Handle(Arc::new(Link::new(http, config, codec, handle.clone())))
        })))
    }

    /// The socket of a namespace; a missing slash at the start is added. It is always the same for the same name.
    /// Nothing is joined yet: see [`ClientSocket::connect`].
    pub fn namespace(&self, name: &str) -> ClientSocket {
        let seat = match name.starts_with('/') {
            true => self.0.0.seat_or_new(name),
            false => self.0.0.seat_or_new(&format!("/{name}")),
        };
        ClientSocket::new(seat, self.0.clone())
    }

    /// Opens the connection, if it is not open. [`ClientSocket::connect`] does so by itself; this tells whether the server
    /// is there at all.
    ///
    /// This begins at once; the future only tells what becomes of it, and dropping it cancels nothing. It must be called
    /// on a tokio runtime with I/O and time.
    ///
    /// # Errors
    /// When the server cannot be reached, refuses, speaks something else, or does not answer in time. A first connection
    /// that fails is not tried again unless [`Reconnection::retry_first`](super::Reconnection::retry_first) says so.
    ///
    /// ```no_run
    /// use socketio::client::{Client, ClientConfig};
    ///
    /// # async fn example() -> Result<(), socketio::client::ClientError> {
    /// let client = Client::new("https://example.org?version=2", ClientConfig::default())?;
    /// client.connect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn connect(&self) -> impl Future<Output = Result<(), ClientError>> + Send + use<> {
        let opened = self.0.0.want_session();
        async move {
            let gone = |_| Err(ClientError::Disconnected(DisconnectReason::ForcedClose));
            opened.await.unwrap_or_else(gone)
        }
    }

    /// Closes the connection in an orderly way, or stops opening it: what was emitted before leaves first. Its sockets are
    /// told `forced close`. It is opened again by [`Client::connect`] or [`ClientSocket::connect`].
    pub fn close(&self) {
        self.0.0.close();
    }

    /// Returns when the client is at rest, with the reason: its connection is over and will not be opened again, or could
    /// not be opened at all. At once if it is already. Of a client that was never connected it waits for the end of its
    /// first connection.
    pub async fn closed(&self) -> DisconnectReason {
        let mut rest = self.0.0.rest.subscribe();
        match rest.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(reason)) => *reason,
            // The sender lives as long as the client.
            Ok(None) | Err(_) => DisconnectReason::ForcedClose,
        }
    }

    /// Reads nothing from now on, until [`Client::resume_reading`]: the system's buffers fill, and the server meets a client
    /// that does not keep up. What is emitted still leaves. An end by the server, or its silence, is noticed after the pause.
    /// It holds for a session that is opened meanwhile as well.
    pub fn pause_reading(&self) {
        self.0.0.pause_reading(true);
    }

    /// Reads again, first what has come during the pause.
    pub fn resume_reading(&self) {
        self.0.0.pause_reading(false);
    }

    /// Whether the connection is open, as far as is known.
    pub fn is_open(&self) -> bool {
        self.0.0.session().is_some_and(|outbox| outbox.is_open())
    }

    /// How it is connected, while it is.
    pub fn transport(&self) -> Option<Transport> {
        self.0.0.session()?.transport()
    }

    /// Calls `f` with whatever becomes of the connection, on the task of the client. It must not block.
    ///
    /// ```no_run
    /// use socketio::client::ConnectionEvent;
    ///
    /// # fn example(client: socketio::client::Client) {
    /// client.on_connection_event(|event| match event {
    ///     ConnectionEvent::Closed { reason, .. } => eprintln!("lost: {reason}"),
    ///     ConnectionEvent::Reconnected { attempt, .. } => eprintln!("back after {attempt} attempts"),
    ///     _ => {}
    /// });
    /// # }
    /// ```
    pub fn on_connection_event(&self, f: impl Fn(&ConnectionEvent) + Send + Sync + 'static) {
        self.0.0.observe(Arc::new(f));
    }

    /// What the client counts.
    pub fn stats(&self) -> &Stats {
        &self.0.0.stats
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("is_open", &self.is_open())
            .finish_non_exhaustive()
    }
}
