//! The servers, the clients, and what they hear.

use std::fmt::Debug;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

use super::Outcome;
use crate::args::Args;
use crate::broadcast::{Broadcast, RemoteSocket};
use crate::client::{Client, ClientConfig, ClientSocket};
use crate::engine::config::Transport;
use crate::listen::{NotFound, serve};
use crate::namespace::Namespace;
use crate::server::SocketIo;
use crate::socket::Socket;

/// Servers that listen until this is dropped.
pub(super) struct Served {
    nodes: Vec<(SocketIo, SocketAddr)>,
    _stops: Vec<oneshot::Sender<()>>,
}

impl Served {
    pub(super) async fn start(nodes: &[SocketIo]) -> Self {
        let (mut served, mut stops) = (Vec::new(), Vec::new());
        for io in nodes {
            let listener = TcpListener::bind("127.0.0.1:0")
                .await
                .expect("this machine has a free port");
            let addr = listener.local_addr().expect("a listener has an address");
            let (stop, stopped) = oneshot::channel::<()>();
            let shutdown = async move { drop(stopped.await) };
            tokio::spawn(serve(listener, io.clone(), NotFound, shutdown));
            served.push((io.clone(), addr));
            stops.push(stop);
        }
        Self {
            nodes: served,
            _stops: stops,
        }
    }
}

/// One namespace on all nodes, with two guests on each.
pub(super) struct Stage {
    pub(super) nodes: Vec<Namespace>,
    addrs: Vec<SocketAddr>,
    /// Guest `i` is on node `i / 2`.
    pub(super) guests: Vec<Guest>,
}

/// A client of one node.
pub(super) struct Guest {
    pub(super) client: ClientSocket,
    /// Its socket on the server.
    pub(super) socket: Socket,
    heard: mpsc::UnboundedReceiver<(String, Args)>,
}

impl Guest {
    pub(super) fn id(&self) -> &str {
        self.socket.id()
    }

    /// The next event: its name and arguments.
    pub(super) async fn hear(&mut self) -> Result<(String, Args), String> {
        let heard = within(self.heard.recv()).await?;
        heard.ok_or_else(|| "a client was dropped".to_owned())
    }
}

impl Stage {
    pub(super) async fn open(served: &Served, rule: usize) -> Result<Self, String> {
        let name = format!("/contract/{rule}");
        let (mut nodes, mut addrs) = (Vec::new(), Vec::new());
        for (io, addr) in &served.nodes {
            nodes.push(io.of(&name));
            addrs.push(*addr);
        }
        let mut stage = Self {
            nodes,
            addrs,
            guests: Vec::new(),
        };
        for index in 0..2 * served.nodes.len() {
            let guest = stage.invite(index / 2, index, None).await?;
            stage.guests.push(guest);
        }
        Ok(stage)
    }

    /// Lets a client join the namespace on a node. It answers `ask` with its index, `binary` with what it is given, and
    /// nothing else.
    pub(super) async fn invite(
        &self,
        node: usize,
        index: usize,
        auth: Option<serde_json::Value>,
    ) -> Result<Guest, String> {
        let config = ClientConfig {
            transports: vec![Transport::WebSocket],
            reconnection: None,
            ..ClientConfig::default()
        };
        let url = format!("http://{}?guest={index}", self.addrs[node]);
        let client = Client::new(&url, config).map_err(|error| error.to_string())?;
        let client = client.namespace(self.nodes[node].name());
        let (sender, heard) = mpsc::unbounded_channel();
        client.on_any(move |event| {
            // Nobody listens behind the rule.
            let _ = sender.send((event.name().to_owned(), event.args().to_args()));
        });
        client.on_sync("ask", move |mut event| {
            if let Some(ack) = event.ack() {
                let _ = ack.send(index as u64);
            }
        });
        client.on_sync("binary", |mut event| {
            if let Some(ack) = event.ack() {
                let _ = ack.send(event.args().to_args());
            }
        });
        if let Some(auth) = auth {
            client.auth(auth);
        }
        within(client.connect())
            .await?
            .map_err(|error| format!("a client cannot join: {error}"))?;
        let socket = self.nodes[node]
            .socket(&client.id())
            .ok_or("a socket that is connected is not found by its id")?;
        Ok(Guest {
            client,
            socket,
            heard,
        })
    }

    /// Emits to `selection` on a node, and checks which guests hear it, each once and before what is emitted there next.
    pub(super) async fn check_heard(
        &mut self,
        node: usize,
        selection: Broadcast,
        expected: &[usize],
    ) -> Outcome {
        selection.emit("event", ());
        self.nodes[node].emit("end", ());
        let mut heard = Vec::new();
        for (index, guest) in self.guests.iter_mut().enumerate() {
            loop {
                match guest.hear().await?.0.as_str() {
                    "event" => heard.push(index),
                    "end" => break,
                    other => return Err(format!("{other} was heard")),
                }
            }
        }
        equal("guests that hear it", &heard, &expected.to_vec())
    }

    /// Ids of guests, in order of the alphabet.
    pub(super) fn ids(&self, guests: &[usize]) -> Vec<String> {
        let mut ids: Vec<String> = guests
            .iter()
            .map(|guest| self.guests[*guest].id().to_owned())
            .collect();
        ids.sort();
        ids
    }

    pub(super) fn all(&self) -> Vec<usize> {
        (0..self.guests.len()).collect()
    }

    /// Returns when a guest is in `rooms` besides its own.
    pub(super) async fn until_in(&self, guest: usize, rooms: &[&str]) -> Outcome {
        let socket = &self.guests[guest].socket;
        let reached = async {
            loop {
                let mut joined = socket.rooms().split_off(1);
                joined.sort();
                if joined == rooms {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        within(reached)
            .await
            .map_err(|_| format!("guest {guest} is in {:?}, not in {rooms:?}", socket.rooms()))
    }
}

/// Ids of sockets, in order of the alphabet.
pub(super) fn ids_of(sockets: &[RemoteSocket]) -> Vec<String> {
    let mut ids: Vec<String> = sockets.iter().map(|socket| socket.id().to_owned()).collect();
    ids.sort();
    ids
}

/// Answers as numbers, in order of size.
pub(super) fn numbers(answers: &[Args]) -> Vec<usize> {
    let mut numbers: Vec<usize> = answers
        .iter()
        .filter_map(|answer| answer.deserialize(0))
        .collect();
    numbers.sort_unstable();
    numbers
}

pub(super) fn equal<T: PartialEq + Debug>(what: &str, seen: &T, expected: &T) -> Outcome {
    if seen == expected {
        Ok(())
    } else {
        Err(format!("{what}: {seen:?} instead of {expected:?}"))
    }
}

/// Waits, but not for ever.
pub(super) async fn within<T>(what: impl Future<Output = T>) -> Result<T, String> {
    tokio::time::timeout(PATIENCE, what)
        .await
        .map_err(|_| "nothing happens".to_owned())
}

pub(super) const PATIENCE: Duration = Duration::from_secs(10);
