//! One bot: takes a seat like anybody, plays through a real socket, and counts what it sees.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use arena::bot::brain::Brain;
use arena::bot::level::Level;
use arena::bot::nav::NavMap;
use bytes::Bytes;
use serde_json::json;
use shared::codec::{decode_lobby_reply, decode_map, decode_server, encode_lobby_request};
use shared::ids::MatchId;
use shared::message::{
    COMPACT_EVENTS, EVENT_INPUT, EVENT_MESSAGE, EVENT_SNAPSHOT, GAME, Joined, LOBBY, LobbyReply,
    LobbyRequest, MatchChoice, PROTOCOL_VERSION, ServerMessage,
};
use shared::replica::ApplyError;
use socketio::Parser;
use socketio::client::{Client, ClientConfig, ClientSocket};
use tokio::sync::watch;

use super::figures::Figures;
use super::pilot::Pilot;
use super::way::{Conditioned, Way};

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a bot needs to enter.
pub(super) struct Entrance<'a> {
    /// `http://host:port`.
    pub(super) url: &'a str,
    pub(super) name: String,
    pub(super) choice: MatchChoice,
    pub(super) level: Level,
    pub(super) seed: u64,
    /// What its way is like: up, and down with the next seed.
    pub(super) link: Option<Conditioned>,
    pub(super) figures: &'a Arc<Figures>,
}

/// A bot that has a seat and is connected.
pub(super) struct Player {
    client: Client,
    up: Way<Bytes>,
    shared: Arc<Shared>,
}

/// What the read task of the connection and the sending loop share.
struct Shared {
    origin: Instant,
    pilot: Mutex<Pilot>,
    joined: watch::Sender<Option<MatchId>>,
    figures: Arc<Figures>,
}

/// What comes down; both kinds in one way, so that they keep their order.
enum Received {
    Snapshot(Bytes),
    Message(Bytes),
}

impl Entrance<'_> {
    /// Takes a seat and connects; returns when the match has let it in.
    pub(super) async fn enter(self) -> anyhow::Result<Player> {
        // A bot that loses its connection is counted, not played on.
        let config = ClientConfig {
            reconnection: None,
            ack_timeout: PATIENCE,
            parser: Parser::Compact,
            compact_events: COMPACT_EVENTS.map(str::to_owned).to_vec(),
            ..ClientConfig::default()
        };
        let client = Client::new(self.url, config)?;
        let (token, round_trip_ms) = take_seat(&client, &self.name, self.choice).await?;
        let latency_us = self.link.map_or(0, |link| link.conditions.latency_us);
        let round_trip_ms = round_trip_ms + f64::from(latency_us) / 500.0;
        let shared = Arc::new(Shared {
            origin: Instant::now(),
            pilot: Mutex::new(Pilot::new(Brain::new(self.level, self.seed), round_trip_ms)),
            joined: watch::Sender::new(None),
            figures: Arc::clone(self.figures),
        });
        let socket = client.namespace(GAME);
        socket.auth(json!({ "token": token }));
        self.listen(&socket, &shared);
        let mut joined = shared.joined.subscribe();
        socket.connect().await?;
        tokio::time::timeout(PATIENCE, joined.wait_for(Option::is_some))
            .await
            .context("the match did not answer in time")?
            .context("the connection ended before the match answered")?;
        let up = Way::new(self.link, self.figures, move |bytes| {
            // A connection that is closing is counted where its end is awaited.
            let _ = socket.emit(EVENT_INPUT, bytes);
        });
        Ok(Player { client, up, shared })
    }

    /// Everything of the game goes through the way down.
    fn listen(&self, socket: &ClientSocket, shared: &Arc<Shared>) {
        let link = self.link.map(|link| Conditioned {
            seed: link.seed.wrapping_add(1),
            ..link
        });
        let receiver = Arc::clone(shared);
        let down = Arc::new(Way::new(link, self.figures, move |received| match received {
            Received::Snapshot(bytes) => receiver.take_snapshot(&bytes),
            Received::Message(bytes) => receiver.take_message(&bytes),
        }));
        for (event, received) in [
            (EVENT_SNAPSHOT, Received::Snapshot as fn(Bytes) -> Received),
            (EVENT_MESSAGE, Received::Message),
        ] {
            let (down, figures) = (Arc::clone(&down), Arc::clone(self.figures));
            socket.on_sync(event, move |event| match event.binary(0) {
                Some(bytes) => down.send(bytes.len(), received(Bytes::copy_from_slice(bytes))),
                None => {
                    figures.decode_errors.fetch_add(1, Relaxed);
                }
            });
        }
    }
}

impl Player {
    /// The match it plays in.
    pub(super) fn match_id(&self) -> Option<MatchId> {
        *self.shared.joined.borrow()
    }

    /// Plays until `end` holds a moment that is over; a connection that breaks is counted.
    pub(super) async fn play(self, end: watch::Receiver<Option<Instant>>) {
        loop {
            let due_in = Duration::from_secs_f64(self.shared.pilot().due_in_ms() / 1000.0);
            tokio::select! {
                () = tokio::time::sleep(due_in) => {
                    let is_over = end.borrow().is_some_and(|end| Instant::now() >= end);
                    if is_over {
                        break;
                    }
                    self.send_inputs();
                }
                reason = self.client.closed() => {
                    tracing::warn!(%reason, "a bot was disconnected");
                    self.shared.figures.disconnects.fetch_add(1, Relaxed);
                    return;
                }
            }
        }
        self.client.close();
    }

    fn send_inputs(&self) {
        let is_writable = self.up.is_writable();
        let packet = self.shared.pilot().advance(self.shared.now_ms(), is_writable);
        if let Some(packet) = packet {
            let mut bytes = Vec::with_capacity(64);
            packet.encode(&mut bytes);
            self.shared.figures.count_inputs(packet.inputs.len());
            self.up.send(bytes.len(), Bytes::from(bytes));
        }
    }
}

/// The token of a seat, and how long the server took to answer, milliseconds.
async fn take_seat(client: &Client, name: &str, choice: MatchChoice) -> anyhow::Result<(String, f64)> {
    let lobby = client.namespace(LOBBY);
    lobby.connect().await?;
    let request = LobbyRequest::Join {
        protocol: PROTOCOL_VERSION,
        name: name.to_owned(),
        choice,
    };
    let bytes = Bytes::from(encode_lobby_request(&request));
    let asked = Instant::now();
    let answer = lobby.emit_with_ack(EVENT_MESSAGE, bytes).await?;
    let round_trip_ms = asked.elapsed().as_secs_f64() * 1000.0;
    let bytes = answer.binary(0).context("the lobby answered without bytes")?;
    match decode_lobby_reply(bytes)? {
        LobbyReply::Seat { token } => Ok((token, round_trip_ms)),
        LobbyReply::Refused(refusal) => bail!("the lobby gives no seat: {refusal:?}"),
        LobbyReply::Matches(_) => bail!("the lobby answered something else"),
    }
}

impl Shared {
    fn pilot(&self) -> MutexGuard<'_, Pilot> {
        // A bot that panicked is seen by whoever waits for its task.
        self.pilot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now_ms(&self) -> f64 {
        self.origin.elapsed().as_secs_f64() * 1000.0
    }

    fn take_snapshot(&self, bytes: &[u8]) {
        let noticed = self.pilot().receive(bytes, self.now_ms());
        match noticed {
            Ok(noticed) => self.figures.count_snapshot(bytes.len(), &noticed),
            Err(ApplyError::OutOfStep) => {
                self.figures.out_of_step.fetch_add(1, Relaxed);
            }
            Err(ApplyError::Malformed(_)) => {
                self.figures.decode_errors.fetch_add(1, Relaxed);
            }
        }
    }

    fn take_message(&self, bytes: &[u8]) {
        match decode_server(bytes) {
            Ok(ServerMessage::Joined(joined)) => self.enter(&joined),
            Ok(ServerMessage::Setup(setup)) => self.set_up(&setup),
            // The connection stays, but the place is gone: nobody plays on here.
            Ok(ServerMessage::MatchEnded { .. } | ServerMessage::SeatTaken) => {
                self.figures.disconnects.fetch_add(1, Relaxed);
            }
            Ok(_) => {}
            Err(_) => {
                self.figures.decode_errors.fetch_add(1, Relaxed);
            }
        }
    }

    fn enter(&self, joined: &Joined) {
        self.pilot().set_snapshot_interval(joined.snapshot_interval_ticks);
        self.set_up(&joined.setup);
        self.joined.send_replace(Some(joined.match_id));
    }

    fn set_up(&self, setup: &[u8]) {
        match decode_map(setup) {
            Ok(map) => {
                // Before the lock is taken: it reads the whole map.
                let nav = NavMap::new(map);
                self.pilot().set_map(nav);
            }
            Err(_) => {
                self.figures.decode_errors.fetch_add(1, Relaxed);
            }
        }
    }
}
