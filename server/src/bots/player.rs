//! One bot: takes a seat like anybody, plays through a real socket, and counts what it sees.

use std::collections::VecDeque;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use arena::bot::brain::{Brain, decide};
use arena::bot::level::Level;
use arena::bot::nav::NavMap;
use arena::bot::view::View;
use bytes::Bytes;
use serde_json::json;
use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::arena::{Replica, Snapshot};
use shared::codec::{decode_lobby_reply, decode_map, decode_server, encode_lobby_request};
use shared::ids::MatchId;
use shared::input::{InputPacket, TickInput, VIEW_AGE_PER_TICK, VIEW_AGE_UNKNOWN};
use shared::limits::INPUTS_PER_PACKET_MAX;
use shared::message::{
    EVENT_INPUT, EVENT_MESSAGE, EVENT_SNAPSHOT, GAME, Joined, LOBBY, LobbyReply, LobbyRequest, MatchChoice,
    PROTOCOL_VERSION, ServerMessage,
};
use shared::snapshot::{Header, SLACK_UNKNOWN};
use shared::tick::{TICK_NS, Tick};
use socketio::client::{Client, ClientConfig, ClientSocket};
use tokio::sync::watch;

use super::clock::Clock;
use super::figures::Figures;

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// Ticks from one input message to the next: 30 messages a second, as the page sends them.
const SEND_EVERY_TICKS: u32 = 2;

/// Sent inputs that wait for the snapshot that shows them; more than a second's worth means the match stands still.
const WAITING_MAX: usize = 64;

/// A bot that has a seat and is connected.
pub(super) struct Player {
    client: Client,
    socket: ClientSocket,
    shared: Arc<Shared>,
}

/// What the read task of the connection and the sending loop share.
struct Shared {
    state: Mutex<State>,
    joined: watch::Sender<Option<MatchId>>,
    figures: Arc<Figures>,
}

struct State {
    clock: Clock,
    brain: Brain,
    nav: Option<NavMap>,
    replica: Replica,
    /// The newest tick that has its input.
    sent: Tick,
    /// Newest tick and time of messages that no snapshot has shown yet.
    waiting: VecDeque<(Tick, Instant)>,
}

impl Player {
    /// Takes a seat and connects; returns when the match has let it in.
    pub(super) async fn enter(
        url: &str,
        name: &str,
        choice: MatchChoice,
        level: Level,
        seed: u64,
        figures: &Arc<Figures>,
    ) -> anyhow::Result<Self> {
        // A bot that loses its connection is counted, not played on.
        let config = ClientConfig {
            reconnection: None,
            ack_timeout: PATIENCE,
            ..ClientConfig::default()
        };
        let client = Client::new(url, config)?;
        let token = take_seat(&client, name, choice).await?;
        let state = State {
            clock: Clock::new(Instant::now()),
            brain: Brain::new(level, seed),
            nav: None,
            replica: Replica::new(),
            sent: Tick(0),
            waiting: VecDeque::new(),
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            joined: watch::Sender::new(None),
            figures: Arc::clone(figures),
        });
        let socket = client.namespace(GAME);
        socket.auth(json!({ "token": token }));
        let (on_snapshot, on_message) = (Arc::clone(&shared), Arc::clone(&shared));
        socket.on_sync(EVENT_SNAPSHOT, move |event| {
            on_snapshot.take_snapshot(event.binary(0));
        });
        socket.on_sync(EVENT_MESSAGE, move |event| {
            on_message.take_message(event.binary(0))
        });
        socket.connect().await?;
        let mut joined = shared.joined.subscribe();
        tokio::time::timeout(PATIENCE, joined.wait_for(Option::is_some))
            .await
            .context("the match did not answer in time")?
            .context("the connection ended before the match answered")?;
        Ok(Self {
            client,
            socket,
            shared,
        })
    }

    /// The match it plays in.
    pub(super) fn match_id(&self) -> Option<MatchId> {
        *self.shared.joined.borrow()
    }

    /// Plays until `end`; a connection that breaks is counted.
    pub(super) async fn play(self, end: Instant) {
        let mut interval = tokio::time::interval(Duration::from_nanos(TICK_NS * u64::from(SEND_EVERY_TICKS)));
        loop {
            tokio::select! {
                _ = interval.tick() => {
                    if Instant::now() >= end {
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
        let now = Instant::now();
        let packet = self.shared.state().think(now);
        if let Some(packet) = packet {
            let mut bytes = Vec::with_capacity(64);
            packet.encode(&mut bytes);
            self.shared
                .figures
                .inputs_sent
                .fetch_add(packet.inputs.len() as u64, Relaxed);
            // A connection that is closing is counted where its end is awaited.
            let _ = self.socket.emit(EVENT_INPUT, Bytes::from(bytes));
        }
    }
}

async fn take_seat(client: &Client, name: &str, choice: MatchChoice) -> anyhow::Result<String> {
    let lobby = client.namespace(LOBBY);
    lobby.connect().await?;
    let request = LobbyRequest::Join {
        protocol: PROTOCOL_VERSION,
        name: name.to_owned(),
        choice,
    };
    let bytes = Bytes::from(encode_lobby_request(&request));
    let answer = lobby.emit_with_ack(EVENT_MESSAGE, bytes).await?;
    let bytes = answer.binary(0).context("the lobby answered without bytes")?;
    match decode_lobby_reply(bytes)? {
        LobbyReply::Seat { token } => Ok(token),
        LobbyReply::Refused(refusal) => bail!("the lobby gives no seat: {refusal:?}"),
        LobbyReply::Matches(_) => bail!("the lobby answered something else"),
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // A bot that panicked is seen by whoever waits for its task.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_snapshot(&self, bytes: Option<&[u8]>) {
        let now = Instant::now();
        let mut state = self.state();
        let Some(Ok(snapshot)) = bytes.map(|bytes| state.replica.apply(bytes)) else {
            self.figures.decode_errors.fetch_add(1, Relaxed);
            return;
        };
        let counts = self.figures.counts();
        if counts {
            self.figures
                .count_snapshot(bytes.map_or(0, <[u8]>::len), own_kills(snapshot));
        }
        let Header { tick, slack, .. } = snapshot.header;
        let in_time = slack >= 0;
        state.clock.observe(tick, slack, now);
        while let Some((_, sent)) = state.waiting.pop_front_if(|(sent_for, _)| *sent_for <= tick) {
            match (counts, in_time) {
                (true, true) => self.figures.record_latency(now.saturating_duration_since(sent)),
                // Nothing shows an input that came too late: a sample would make lateness look fast.
                (true, false) if slack != SLACK_UNKNOWN => self.figures.count_late(),
                _ => {}
            }
        }
    }

    fn take_message(&self, bytes: Option<&[u8]>) {
        match bytes.map(decode_server) {
            Some(Ok(ServerMessage::Joined(joined))) => self.enter(&joined),
            Some(Ok(ServerMessage::Setup(setup))) => self.set_up(&setup),
            // The connection stays, but the place is gone: nobody plays on here.
            Some(Ok(ServerMessage::MatchEnded { .. } | ServerMessage::SeatTaken)) => {
                self.figures.disconnects.fetch_add(1, Relaxed);
            }
            Some(Ok(_)) => {}
            Some(Err(_)) | None => {
                self.figures.decode_errors.fetch_add(1, Relaxed);
            }
        }
    }

    fn enter(&self, joined: &Joined) {
        self.set_up(&joined.setup);
        self.joined.send_replace(Some(joined.match_id));
    }

    fn set_up(&self, setup: &[u8]) {
        match decode_map(setup) {
            Ok(map) => {
                // Before the lock is taken: it reads the whole map.
                let nav = NavMap::new(map);
                self.state().nav = Some(nav);
            }
            Err(_) => {
                self.figures.decode_errors.fetch_add(1, Relaxed);
            }
        }
    }
}

/// Kills of others by the receiver.
fn own_kills(snapshot: &Snapshot) -> u64 {
    let own = snapshot.own_entity();
    let is_kill =
        |event: &Event| matches!(*event, Event::Killed { killer, victim } if killer == own && victim != own);
    snapshot.events.iter().filter(|(_, event)| is_kill(event)).count() as u64
}

impl State {
    /// One wish for all ticks that are due and have none, oldest first.
    fn think(&mut self, now: Instant) -> Option<InputPacket<Input>> {
        let due = self.clock.input_due(now)?;
        let (nav, last) = (self.nav.as_ref()?, self.replica.latest()?);
        let missing = due.since(self.sent).min(INPUTS_PER_PACKET_MAX as u32) as usize;
        if missing == 0 {
            return None;
        }
        let view = View::new(last.own_entity(), &last.entities, nav, due, last.status.phase);
        let input = decide(&mut self.brain, &view);
        self.sent = due;
        if self.waiting.len() < WAITING_MAX {
            self.waiting.push_back((due, now));
        }
        // It sees the newest snapshot as it came, and aims at that.
        let view_age = due
            .since(last.header.tick)
            .saturating_mul(VIEW_AGE_PER_TICK.into());
        let view_age = u8::try_from(view_age).unwrap_or(VIEW_AGE_UNKNOWN);
        // What happens once is done in the first tick; the others only go on.
        let mut inputs = vec![input.held(); missing];
        inputs[0] = input;
        Some(InputPacket::new(last.header.tick, due, inputs, view_age))
    }
}
