//! The handle of one namespace.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::auth::Auth;
use super::error::ClientError;
use super::link::Handle;
use super::seat::{Seat, Waiter};
use crate::reason::DisconnectReason;

/// One namespace of a [`Client`](super::Client). Cheap to clone; all clones are the same socket.
///
/// It outlives its connections: while somebody wants it connected, it is joined again whenever the client has a new one,
/// and its listeners stay.
///
/// A listener that holds a clone keeps the client alive until [`Client::close`](super::Client::close) and
/// [`ClientSocket::off_all`]; [`EventRef::socket`](crate::EventRef::socket) and [`Event::socket`](crate::Event) need
/// none. When the last handle of a client is gone it closes, and no handler is called any more.
///
/// ```no_run
/// ///
/// use serde_json::json;
/// use socketio::client::{Client, ClientConfig, ClientError};
///
/// # async fn chat() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::new("http://localhost:3000", ClientConfig::default())?;
/// let chat = client.namespace("/chat");
/// chat.auth(json!({ "token": "t" }));
/// chat.on("said", |event| async move { println!("{:?}", event.args) });
/// chat.connect().await?;
/// chat.emit("say", "hello")?;
/// let answer = chat.emit_with_ack("who", ()).await?;
/// println!("{:?}", answer.json(0));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ClientSocket {
    pub(super) seat: Arc<Seat>,
    handle: Arc<Handle>,
}

impl ClientSocket {
    pub(super) fn new(seat: Arc<Seat>, handle: Arc<Handle>) -> Self {
        Self { seat, handle }
    }

    /// A handle for a seat, unless nobody holds its client any more.
    pub(super) fn of(seat: &Arc<Seat>) -> Option<Self> {
        let handle = seat.link.handle.upgrade()?;
        Some(Self::new(seat.clone(), handle))
    }

    /// The client it belongs to.
    pub fn client(&self) -> super::Client {
        super::Client(self.handle.clone())
    }

    /// The id the server gave: 20 characters, the same as on the server. Empty while it is not connected; another one
    /// after each reconnection, unless the server has recovered the session.
    pub fn id(&self) -> String {
        self.seat.id()
    }

    /// Name of its namespace, starting with a slash.
    pub fn namespace(&self) -> &str {
        &self.seat.namespace
    }

    /// Whether the namespace is joined and neither side has left it.
    pub fn is_connected(&self) -> bool {
        self.seat.is_connected()
    }

    /// Whether it is connected or tries to be.
    pub fn is_active(&self) -> bool {
        self.seat.is_active()
    }

    /// Whether the server has recovered the session that was lost: the id and the rooms are those of before, and what was
    /// missed has arrived. False after a plain connection, and while not connected.
    pub fn recovered(&self) -> bool {
        self.seat.is_recovered()
    }

    /// What the server finds in its handshake, from the next time the namespace is joined: an object, or `null` for
    /// nothing.
    ///
    /// ```no_run
    /// # fn example(socket: socketio::client::ClientSocket) {
    /// socket.auth(serde_json::json!({ "token": "t" }));
    /// # }
    /// ```
    pub fn auth(&self, auth: impl Into<Value>) {
        self.seat.set_auth(Auth::Value(auth.into()));
    }

    /// The same, but `f` is asked each time the namespace is joined, e.g. for a token that expires. If it panics, the
    /// namespace is not joined.
    ///
    /// ```no_run
    /// # async fn fresh_token() -> String { String::new() }
    /// # fn example(socket: socketio::client::ClientSocket) {
    /// socket.auth_with(|| async { serde_json::json!({ "token": fresh_token().await }) });
    /// # }
    /// ```
    pub fn auth_with<F, Fut>(&self, f: F)
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Value> + Send + 'static,
    {
        self.seat
            .set_auth(Auth::Function(Arc::new(move || Box::pin(f()))));
    }

    /// Wants to be connected: opens the connection if there is none, and joins the namespace, now and after each
    /// reconnection. Set listeners before, so that they hear the first event.
    ///
    /// This begins at once; the future only tells what becomes of it, and dropping it cancels nothing. It must be called
    /// on a tokio runtime with I/O and time.
    ///
    /// # Errors
    /// When the server cannot be reached, refuses, or does not answer in time; when the name or the authentication cannot
    /// be sent. Then the socket is no longer wanted connected.
    pub fn connect(&self) -> impl Future<Output = Result<(), ClientError>> + Send + use<> {
        let (asked_sender, asked) = oneshot::channel();
        let (answer_sender, mut answer) = oneshot::channel();
        self.seat.connect(Waiter {
            asked: Some(asked_sender),
            answer: answer_sender,
        });
        let seat = self.seat.clone();
        async move {
            let gone = |_| Err(ClientError::Disconnected(DisconnectReason::ForcedClose));
            // How long a connection may take to open is judged where it is opened.
            tokio::select! {
                biased;
                answer = &mut answer => return answer.unwrap_or_else(gone),
                Ok(()) = asked => {}
            }
            let patience = seat.link.config.connect_timeout;
            match timeout(patience, &mut answer).await {
                Ok(answer) => answer.unwrap_or_else(gone),
                Err(_) => {
                    seat.leave();
                    Err(ClientError::Timeout)
                }
            }
        }
    }

    /// Leaves the namespace; the connection stays open. Before the server has answered, it gives up joining. Listeners
    /// stay; [`ClientSocket::connect`] joins again.
    pub fn disconnect(&self) {
        self.seat.leave();
    }
}

impl fmt::Debug for ClientSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSocket")
            .field("namespace", &self.namespace())
            .field("is_connected", &self.is_connected())
            .finish_non_exhaustive()
    }
}
