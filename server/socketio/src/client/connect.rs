//! The entry: opens a connection, joins namespaces, closes it.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::Arc;

use futures_util::StreamExt;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::error::Error as WsError;
use tokio_tungstenite::tungstenite::protocol::Message;

use super::config::{ClientConfig, NAMESPACE_BYTES_MAX};
use super::driver;
use super::encode;
use super::error::ClientError;
use super::handshake::Open;
use super::link::{Handle, Link, SeatError};
use super::outbox::{Class, Frames, Outbox};
use super::seat::{Answer, Seat};
use super::socket::ClientSocket;
use super::url::Endpoint;
use crate::engine::half::{self, Half};
use crate::packet::PacketType;
use crate::parser::{Codec, control};
use crate::reason::DisconnectReason;

/// One connection to a server, with any number of namespaces over it. Cheap to clone; all clones are the same
/// connection. It closes when the last clone and the last [`ClientSocket`] are dropped.
#[derive(Clone)]
pub struct Client(Arc<Handle>);

impl Client {
    /// Opens a connection over WebSocket. `url` is `http://host:port` or `ws://host:port`; a query is passed on to the
    /// server.
    ///
    /// It spawns the task of the connection, so it runs on a tokio runtime with I/O and time.
    ///
    /// # Errors
    /// When the URL cannot be used, or the server cannot be reached, refuses, speaks something else, or does not answer
    /// in time.
    pub async fn connect(url: &str, config: ClientConfig) -> Result<Self, ClientError> {
        let endpoint = Endpoint::parse(url, &config.path)?;
        let (ws, outbox, open) = timeout(config.connect_timeout, open(&endpoint, &config))
            .await
            .map_err(|_| ClientError::Timeout)??;
        let link = Arc::new(Link::new(outbox, config, open.payload_bytes_max));
        tokio::spawn(driver::drive(ws, link.clone(), open.silence_max));
        Ok(Self(Arc::new(Handle(link))))
    }

    /// Joins a namespace; a missing slash at the start is added. `auth` is what the server finds in its handshake: an
    /// object, or `null` for nothing. `register` sets the listeners before CONNECT is sent, so that they see the first
    /// event; the socket can emit once this returns. Dropping the future gives up joining.
    ///
    /// # Errors
    /// When the server refuses, does not answer in time, or goes away; when the namespace is joined already, or cannot
    /// be sent.
    pub async fn join(
        &self,
        namespace: &str,
        auth: Value,
        register: impl FnOnce(&ClientSocket),
    ) -> Result<ClientSocket, ClientError> {
        let link = &self.0.0;
        let namespace = match namespace {
            _ if namespace.starts_with('/') => namespace.to_owned(),
            _ => format!("/{namespace}"),
        };
        if namespace.contains(',') || namespace.len() > NAMESPACE_BYTES_MAX {
            return Err(ClientError::Namespace);
        }
        let auth = match auth {
            Value::Null => None,
            auth @ Value::Object(_) => Some(auth),
            _ => return Err(ClientError::Auth),
        };
        let connect = control(&Codec::Default, PacketType::Connect, &namespace, auth.as_ref());
        let connect = encode::message_frame(&connect);
        let (sender, answer) = oneshot::channel();
        let seat = Arc::new(Seat::new(namespace, link.clone(), sender));
        link.add(seat.clone()).map_err(|error| match error {
            SeatError::Taken => ClientError::AlreadyJoined,
            SeatError::Closed(reason) => ClientError::Disconnected(reason),
        })?;
        let socket = ClientSocket::new(seat.clone(), self.0.clone());
        let mut joining = Joining { seat, joined: false };
        register(&socket);
        if let Err(error) = link.outbox.send(&connect, Class::Data) {
            // No answer will come, so the seat must not wait for one.
            joining.seat.finish(DisconnectReason::ClientNamespaceDisconnect);
            return Err(error.into());
        }
        match timeout(link.config.connect_timeout, answer).await {
            Ok(Ok(Answer::Joined)) => {
                joining.joined = true;
                Ok(socket)
            }
            Ok(Ok(Answer::Refused { message, data })) => Err(ClientError::ConnectRefused { message, data }),
            Ok(Ok(Answer::Ended(reason))) => Err(ClientError::Disconnected(reason)),
            Ok(Err(_)) => Err(ClientError::Disconnected(DisconnectReason::ForcedClose)),
            Err(_) => Err(ClientError::Timeout),
        }
    }

    /// Closes the connection in an orderly way: what was emitted before leaves first. Its sockets are told
    /// `forced close`.
    pub fn close(&self) {
        self.0.0.outbox.request_close(DisconnectReason::ForcedClose);
    }

    /// Returns when the connection is over, with the reason; at once if it is over already.
    pub async fn closed(&self) -> DisconnectReason {
        *self.0.0.closed.wait().await
    }

    /// Whether the connection is open, as far as is known.
    pub fn is_open(&self) -> bool {
        self.0.0.outbox.is_open()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("is_open", &self.is_open())
            .finish_non_exhaustive()
    }
}

/// Gives up the seat unless it was joined.
struct Joining {
    seat: Arc<Seat>,
    joined: bool,
}

impl Drop for Joining {
    fn drop(&mut self) {
        if !self.joined {
            self.seat.leave();
        }
    }
}

type Opened = (Frames, Arc<Outbox>, Open);

async fn open(endpoint: &Endpoint, config: &ClientConfig) -> Result<Opened, ClientError> {
    let stream = TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await?;
    // Only makes it faster.
    let _ = stream.set_nodelay(true);
    let (read, write) = stream.into_split();
    let outbox = Arc::new(Outbox::new(write, config.outbox_bytes_max));
    let half = Half::new(read, outbox.clone(), 0, config.max_payload_bytes);
    let mut greeting = pin!(greet(half, endpoint, config));
    let (ws, open) = poll_fn(|cx| {
        // The connection has no task yet that would resume a partial write.
        outbox.poll_driver(cx);
        greeting.as_mut().poll(cx)
    })
    .await?;
    Ok((ws, outbox, open))
}

/// Both handshakes: that of WebSocket, and the open packet.
async fn greet(
    half: Half<OwnedReadHalf, Arc<Outbox>>,
    endpoint: &Endpoint,
    config: &ClientConfig,
) -> Result<(Frames, Open), ClientError> {
    let ws_config = half::websocket_config(config.max_payload_bytes, config.read_buffer_bytes);
    let request = endpoint.request.as_str();
    let (mut ws, _) = tokio_tungstenite::client_async_with_config(request, half, Some(ws_config))
        .await
        .map_err(handshake_error)?;
    loop {
        let first = ws.next().await;
        return match first {
            Some(Ok(Message::Text(text))) => Open::decode(&text)
                .map(|open| (ws, open))
                .ok_or_else(|| ClientError::Protocol("its first packet opens no session".to_owned())),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
            Some(Ok(_)) => Err(ClientError::Protocol(
                "its first packet opens no session".to_owned(),
            )),
            Some(Err(error)) => Err(handshake_error(error)),
            None => Err(ClientError::Io(io::ErrorKind::UnexpectedEof.into())),
        };
    }
}

fn handshake_error(error: WsError) -> ClientError {
    match error {
        WsError::Io(error) => ClientError::Io(error),
        WsError::Http(response) => ClientError::Refused {
            status: response.status().as_u16(),
        },
        other => ClientError::Protocol(other.to_string()),
    }
}
