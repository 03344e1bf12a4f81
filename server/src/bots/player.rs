//! One bot: takes a seat like anybody, plays through a real socket, and counts what it sees.

use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use arena::bot::brain::Brain;
use arena::bot::level::Level;
use arena::bot::nav::NavMap;
use bytes::Bytes;
use serde_json::json;
use shared::codec::{decode_map, decode_server};
use shared::ids::MatchId;
use shared::message::{
    COMPACT_EVENTS, EVENT_INPUT, EVENT_MESSAGE, EVENT_SNAPSHOT, GAME, Joined, MatchChoice, ServerMessage,
};
use shared::replica::ApplyError;
use socketio::Parser;
use socketio::client::{Client, ClientConfig, ClientSocket};
use tokio::sync::watch;

use super::figures::Figures;
use super::pause::{Course, Span};
use super::pilot::Pilot;
use super::way::{Conditioned, Way};
use crate::crowd::seat::{PATIENCE, Seat, take_seat};

/// What a bot needs to enter, once and again.
#[derive(Clone)]
pub(super) struct Entrance {
    /// `http://host:port`.
    pub(super) url: Arc<str>,
    pub(super) name: String,
    pub(super) level: Level,
    pub(super) seed: u64,
    /// What its way is like: up, and down with the next seed.
    pub(super) link: Option<Conditioned>,
    pub(super) figures: Arc<Figures>,
    /// It stops for a while when the course of the run says so.
    pub(super) pauses: bool,
    /// What it feels is left out of what the others feel.
    pub(super) apart: bool,
}

/// A bot that has a seat and is connected.
pub(super) struct Player {
    entrance: Entrance,
    client: Client,
    seat: Seat,
    up: Way<Bytes>,
    shared: Arc<Shared>,
}

/// What the read task of the connection and the sending loop share.
struct Shared {
    origin: Instant,
    pilot: Mutex<Pilot>,
    joined: watch::Sender<Option<MatchId>>,
    figures: Arc<Figures>,
    apart: bool,
    keyframes: AtomicU64,
}

/// What comes down; both kinds in one way, so that they keep their order.
enum Received {
    Snapshot(Bytes),
    Message(Bytes),
}

impl Entrance {
    /// Takes a seat and connects; returns when the match has let it in.
    pub(super) async fn enter(&self, choice: MatchChoice) -> anyhow::Result<Player> {
        let client = self.client()?;
        let seat = take_seat(&client, &self.name, choice).await?;
        self.sit(client, seat).await
    }

    fn client(&self) -> anyhow::Result<Client> {
        // A bot that loses its connection is counted, not played on.
        let config = ClientConfig {
            reconnection: None,
            ack_timeout: PATIENCE,
            parser: Parser::Compact,
            compact_events: COMPACT_EVENTS.map(str::to_owned).to_vec(),
            ..ClientConfig::default()
        };
        Ok(Client::new(&self.url, config)?)
    }

    /// Connects to the place of a seat.
    async fn sit(&self, client: Client, seat: Seat) -> anyhow::Result<Player> {
        let latency_us = self.link.map_or(0, |link| link.conditions.latency_us);
        let round_trip_ms = seat.round_trip_ms + f64::from(latency_us) / 500.0;
        let shared = Arc::new(Shared {
            origin: Instant::now(),
            pilot: Mutex::new(Pilot::new(Brain::new(self.level, self.seed), round_trip_ms)),
            joined: watch::Sender::new(None),
            figures: Arc::clone(&self.figures),
            apart: self.apart,
            keyframes: AtomicU64::default(),
        });
        let socket = client.namespace(GAME);
        socket.auth(json!({ "token": seat.token }));
        self.listen(&socket, &shared);
        let mut joined = shared.joined.subscribe();
        socket.connect().await?;
        tokio::time::timeout(PATIENCE, joined.wait_for(Option::is_some))
            .await
            .context("the match did not answer in time")?
            .context("the connection ended before the match answered")?;
        let up = Way::new(self.link, &self.figures, move |bytes| {
            // A connection that is closing is counted where its end is awaited.
            let _ = socket.emit(EVENT_INPUT, bytes);
        });
        Ok(Player {
            entrance: self.clone(),
            client,
            seat,
            up,
            shared,
        })
    }

    /// Everything of the game goes through the way down.
    fn listen(&self, socket: &ClientSocket, shared: &Arc<Shared>) {
        let link = self.link.map(|link| Conditioned {
            seed: link.seed.wrapping_add(1),
            ..link
        });
        let receiver = Arc::clone(shared);
        let down = Arc::new(Way::new(link, &self.figures, move |received| match received {
            Received::Snapshot(bytes) => receiver.take_snapshot(&bytes),
            Received::Message(bytes) => receiver.take_message(&bytes),
        }));
        for (event, received) in [
            (EVENT_SNAPSHOT, Received::Snapshot as fn(Bytes) -> Received),
            (EVENT_MESSAGE, Received::Message),
        ] {
            let (down, figures) = (Arc::clone(&down), Arc::clone(&self.figures));
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

    /// Plays until the course of the run is over, with a pause if it has one for this bot; a connection that breaks is counted.
    pub(super) async fn play(mut self, course: watch::Receiver<Option<Course>>) {
        if self.entrance.pauses {
            let pause = self.play_until(&course, |course, now| {
                course.pause.is_some_and(|pause| now >= pause.begin)
            });
            let Some(Course {
                pause: Some(span), ..
            }) = pause.await
            else {
                return;
            };
            match self.pause(span).await {
                Ok(player) => self = player,
                Err(error) => {
                    tracing::warn!(
                        error = format!("{error:#}"),
                        "a bot did not come back from its pause"
                    );
                    return;
                }
            }
        }
        if self
            .play_until(&course, |course, now| now >= course.end)
            .await
            .is_some()
        {
            self.client.close();
        }
    }

    /// `None` when the connection broke before; that is counted.
    async fn play_until(
        &self,
        course: &watch::Receiver<Option<Course>>,
        is_over: impl Fn(&Course, Instant) -> bool,
    ) -> Option<Course> {
        let mut closed = pin!(self.client.closed());
        loop {
            let due_in = Duration::from_secs_f64(self.shared.pilot().due_in_ms() / 1000.0);
            tokio::select! {
                () = tokio::time::sleep(due_in) => {
                    let course = *course.borrow();
                    if course.is_some_and(|course| is_over(&course, Instant::now())) {
                        return course;
                    }
                    self.send_inputs();
                }
                reason = &mut closed => {
                    tracing::warn!(%reason, "a bot was disconnected");
                    self.shared.figures.disconnects.fetch_add(1, Relaxed);
                    return None;
                }
            }
        }
    }

    /// Neither reads nor sends, then goes on: over the same connection, or in the same seat, or in a new one.
    async fn pause(self, span: Span) -> anyhow::Result<Self> {
        let figures = Arc::clone(&self.shared.figures);
        figures.pauses.begun.fetch_add(1, Relaxed);
        let keyframes = self.shared.keyframes.load(Relaxed);
        self.client.pause_reading();
        tokio::time::sleep_until(span.end.into()).await;
        self.client.resume_reading();
        if self.plays_on(keyframes).await? {
            figures.pauses.resumed_by_keyframe.fetch_add(1, Relaxed);
            return Ok(self);
        }
        let entrance = &self.entrance;
        if let Ok(player) = entrance.sit(entrance.client()?, self.seat.clone()).await {
            figures.pauses.resumed_by_seat.fetch_add(1, Relaxed);
            return Ok(player);
        }
        let choice = self.match_id().map_or(MatchChoice::Any, MatchChoice::Id);
        let player = entrance.enter(choice).await?;
        figures.pauses.joined_anew.fetch_add(1, Relaxed);
        Ok(player)
    }

    /// Plays until a keyframe has come after those `before`: true. False when the connection is over instead.
    async fn plays_on(&self, before: u64) -> anyhow::Result<bool> {
        let resuming = async {
            while self.shared.keyframes.load(Relaxed) == before {
                let due_in = Duration::from_secs_f64(self.shared.pilot().due_in_ms() / 1000.0);
                tokio::select! {
                    () = tokio::time::sleep(due_in) => self.send_inputs(),
                    _ = self.client.closed() => return false,
                }
            }
            true
        };
        tokio::time::timeout(PATIENCE, resuming)
            .await
            .context("neither a keyframe nor an end came")
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
            Ok(mut noticed) => {
                self.keyframes.fetch_add(noticed.is_keyframe.into(), Relaxed);
                if self.apart {
                    noticed.shown_after_ms.clear();
                    noticed.since_last_ms = None;
                }
                self.figures.count_snapshot(bytes.len(), &noticed);
            }
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
