//! One client: takes a seat like anybody, sends inputs through a real socket, and notes when snapshots arrive.

use std::collections::VecDeque;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use bytes::Bytes;
use serde_json::json;
use shared::arena::Replica;
use shared::arena::input::Input;
use shared::codec::decode_server;
use shared::ids::MatchId;
use shared::input::{InputPacket, VIEW_AGE_UNKNOWN};
use shared::limits::INPUTS_PER_PACKET_MAX;
use shared::message::{EVENT_INPUT, EVENT_MESSAGE, EVENT_SNAPSHOT, GAME, MatchChoice, ServerMessage};
use shared::replica::ApplyError;
use shared::snapshot::{Header, SLACK_UNKNOWN};
use shared::tick::{TICK_NS, Tick};
use socketio::client::{Client as Connection, ClientConfig, ClientSocket};
use tokio::sync::watch;

use super::samples::Samples;
use crate::crowd::seat::{PATIENCE, take_seat};
use crate::timing::lead::InputLead;

/// Ticks from one input message to the next: 30 messages a second, as the page sends them.
const SEND_EVERY_TICKS: u64 = 2;

/// Sent inputs that wait for the snapshot that shows them; more than a second's worth means the match stands still.
const WAITING_MAX: usize = 64;

/// Which client it is, and what it does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Who {
    pub(super) number: u32,
    pub(super) match_number: u32,
    /// It decodes what it receives, as a client that shows something would.
    pub(super) decodes: bool,
    pub(super) may_fire: bool,
}

/// A client that has a seat and is connected.
pub(super) struct Client {
    connection: Connection,
    socket: ClientSocket,
    shared: Arc<Shared>,
}

/// What the read task of the connection and the sending loop share.
struct Shared {
    who: Who,
    state: Mutex<State>,
    joined: watch::Sender<Option<MatchId>>,
    samples: Arc<Samples>,
}

struct State {
    round_trip_ms: f64,
    /// From the first snapshot on.
    lead: Option<InputLead>,
    /// Of a client that decodes.
    replica: Option<Replica>,
    /// Tick and arrival of the newest snapshot.
    last: Option<(Tick, u64)>,
    /// Newest tick and time of messages that no snapshot has shown yet.
    waiting: VecDeque<(Tick, u64)>,
}

impl Client {
    /// Takes a seat and connects; returns when the match has let it in.
    pub(super) async fn enter(
        url: &str,
        who: Who,
        choice: MatchChoice,
        samples: &Arc<Samples>,
    ) -> anyhow::Result<Self> {
        // A client that loses its connection is counted, not played on.
        let config = ClientConfig {
            reconnection: None,
            ack_timeout: PATIENCE,
            ..ClientConfig::default()
        };
        let connection = Connection::new(url, config)?;
        let name = format!("Bench {}", who.number + 1);
        let seat = take_seat(&connection, &name, choice).await?;
        let shared = Arc::new(Shared {
            who,
            state: Mutex::new(State::new(who, seat.round_trip_ms)),
            joined: watch::Sender::new(None),
            samples: Arc::clone(samples),
        });
        let socket = connection.namespace(GAME);
        socket.auth(json!({ "token": seat.token }));
        let (on_snapshot, on_message) = (Arc::clone(&shared), Arc::clone(&shared));
        socket.on_sync(EVENT_SNAPSHOT, move |event| {
            on_snapshot.take_snapshot(event.binary(0).unwrap_or_default());
        });
        socket.on_sync(EVENT_MESSAGE, move |event| {
            on_message.take_message(event.binary(0).unwrap_or_default());
        });
        socket.connect().await?;
        let mut joined = shared.joined.subscribe();
        tokio::time::timeout(PATIENCE, joined.wait_for(Option::is_some))
            .await
            .context("the match did not answer in time")?
            .context("the connection ended before the match answered")?;
        Ok(Self {
            connection,
            socket,
            shared,
        })
    }

    /// The match it plays in.
    pub(super) fn match_id(&self) -> Option<MatchId> {
        *self.shared.joined.borrow()
    }

    /// Sends inputs until `end`; a connection that breaks is counted.
    pub(super) async fn play(self, end: Instant) {
        let mut interval = tokio::time::interval(Duration::from_nanos(TICK_NS * SEND_EVERY_TICKS));
        loop {
            tokio::select! {
                _ = interval.tick() => {
                    if Instant::now() >= end {
                        break;
                    }
                    self.send_inputs();
                }
                reason = self.connection.closed() => {
                    tracing::warn!(%reason, "a client was disconnected");
                    self.shared.samples.disconnects.fetch_add(1, Relaxed);
                    return;
                }
            }
        }
        self.connection.close();
    }

    fn send_inputs(&self) {
        let samples = &self.shared.samples;
        let now_us = samples.now_us();
        let packet = self.shared.state().inputs(self.shared.who, now_us);
        if let Some(packet) = packet {
            let mut bytes = Vec::with_capacity(64);
            packet.encode(&mut bytes);
            if samples.counting.load(Relaxed) {
                samples.inputs.fetch_add(packet.inputs.len() as u64, Relaxed);
            }
            // A connection that is closing is counted where its end is awaited.
            let _ = self.socket.emit(EVENT_INPUT, Bytes::from(bytes));
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // A client that panicked is seen by whoever waits for its task.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_snapshot(&self, bytes: &[u8]) {
        let (samples, now_us) = (&self.samples, self.samples.now_us());
        let Ok(Header { tick, slack, .. }) = Header::read(bytes) else {
            samples.decode_errors.fetch_add(1, Relaxed);
            return;
        };
        samples.arrive(self.who.match_number, tick, now_us);
        let mut state = self.state();
        let players = match state.decode(bytes) {
            Ok(players) => players,
            Err(_) => {
                samples.decode_errors.fetch_add(1, Relaxed);
                return;
            }
        };
        let noticed = state.receive(tick, slack, now_us);
        drop(state);
        if !samples.counting.load(Relaxed) {
            return;
        }
        if let Some(players) = players {
            samples.players_least.fetch_min(players as u64, Relaxed);
        }
        samples.snapshots.fetch_add(1, Relaxed);
        samples.snapshot_bytes.fetch_add(bytes.len() as u64, Relaxed);
        let mut times = samples.times();
        if let Some(jitter_us) = noticed.jitter_us {
            times.jitter_us.saturating_record(jitter_us);
        }
        for latency_us in noticed.shown_after_us {
            if slack >= 0 {
                times.input_us.saturating_record(latency_us);
            } else if slack != SLACK_UNKNOWN {
                // Nothing shows an input that came too late: a sample would make lateness look fast.
                samples.messages_late.fetch_add(1, Relaxed);
            }
        }
    }

    fn take_message(&self, bytes: &[u8]) {
        match decode_server(bytes) {
            Ok(ServerMessage::Joined(joined)) => {
                self.joined.send_replace(Some(joined.match_id));
            }
            // The connection stays, but the place is gone: nobody plays on here.
            Ok(ServerMessage::MatchEnded { .. } | ServerMessage::SeatTaken) => {
                self.samples.disconnects.fetch_add(1, Relaxed);
            }
            Ok(_) => {}
            Err(_) => {
                self.samples.decode_errors.fetch_add(1, Relaxed);
            }
        }
    }
}

/// What the arrival of a snapshot tells.
struct Noticed {
    /// How much longer or shorter than the time between their ticks it took from the one before.
    jitter_us: Option<u64>,
    /// For each message whose inputs it is the first to show: from its sending until now.
    shown_after_us: Vec<u64>,
}

impl State {
    fn new(who: Who, round_trip_ms: f64) -> Self {
        Self {
            round_trip_ms,
            lead: None,
            replica: who.decodes.then(Replica::new),
            last: None,
            waiting: VecDeque::new(),
        }
    }

    /// How many players a client sees that decodes.
    fn decode(&mut self, bytes: &[u8]) -> Result<Option<usize>, ApplyError> {
        let Some(replica) = &mut self.replica else {
            return Ok(None);
        };
        Ok(Some(replica.apply(bytes)?.entities.len()))
    }

    fn receive(&mut self, tick: Tick, slack: i8, now_us: u64) -> Noticed {
        let (now_ms, round_trip_ms) = (milliseconds(now_us), self.round_trip_ms);
        let lead = self
            .lead
            .get_or_insert_with(|| InputLead::new(f64::from(tick.0), round_trip_ms, now_ms));
        lead.stay_ahead_of(tick, now_ms);
        if slack != SLACK_UNKNOWN {
            lead.observe(f64::from(slack) / 4.0, now_ms);
        }
        let jitter_us = self.last.map(|(before, arrived_us)| {
            let due_us = u64::from(tick.since(before)) * TICK_NS / 1000;
            now_us.saturating_sub(arrived_us).abs_diff(due_us)
        });
        self.last = Some((tick, now_us));
        let mut shown_after_us = Vec::new();
        while let Some((_, sent_us)) = self.waiting.pop_front_if(|(newest, _)| *newest <= tick) {
            shown_after_us.push(now_us.saturating_sub(sent_us));
        }
        Noticed {
            jitter_us,
            shown_after_us,
        }
    }

    /// Inputs for all ticks that are due and have none.
    fn inputs(&mut self, who: Who, now_us: u64) -> Option<InputPacket<Input>> {
        let (acked, _) = self.last?;
        let due = self.lead.as_mut()?.advance(milliseconds(now_us))?;
        let newest = due.last;
        let count = (newest.since(due.first) + 1).min(INPUTS_PER_PACKET_MAX as u32);
        let inputs: Vec<_> = (0..count)
            .rev()
            .map(|back| wish(who.number, newest.0 - back, who.may_fire))
            .collect();
        if self.waiting.len() < WAITING_MAX {
            self.waiting.push_back((newest, now_us));
        }
        Some(InputPacket::new(acked, newest, inputs, VIEW_AGE_UNKNOWN))
    }
}

fn milliseconds(us: u64) -> f64 {
    us as f64 / 1000.0
}

/// What a client does in a tick: it walks a polygon, never along one axis alone, looks around, and fires half of the time.
fn wish(number: u32, tick: u32, may_fire: bool) -> Input {
    /// Ticks in one direction.
    const LEG: u32 = 40;
    const WAYS: [(i8, i8); 8] = [
        (117, 49),
        (49, 117),
        (-49, 117),
        (-117, 49),
        (-117, -49),
        (-49, -117),
        (49, -117),
        (117, -49),
    ];
    let leg = tick / LEG + number;
    let (move_x, move_y) = WAYS[(leg % 8) as usize];
    Input {
        fire: may_fire && leg.is_multiple_of(2),
        move_x,
        move_y,
        aim: (tick.wrapping_mul(331).wrapping_add(number.wrapping_mul(9973))) as u16,
        ..Input::NEUTRAL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHO: Who = Who {
        number: 1,
        match_number: 0,
        decodes: false,
        may_fire: true,
    };

    #[test]
    fn jitter_is_what_an_interval_differs_from_that_of_its_ticks() {
        let mut state = State {
            waiting: VecDeque::from([(Tick(4), 40_000), (Tick(9), 90_000)]),
            ..State::new(WHO, 0.0)
        };
        assert_eq!(state.receive(Tick(3), 4, 0).jitter_us, None);
        let noticed = state.receive(Tick(6), 4, 52_000);
        // Three ticks are 49 999 whole microseconds.
        assert_eq!(noticed.jitter_us, Some(2_001));
        assert_eq!(noticed.shown_after_us, [12_000]);
        assert_eq!(state.receive(Tick(9), 4, 100_000).jitter_us, Some(1_999));
    }

    #[test]
    fn a_packet_has_every_tick_since_the_last_one_and_no_more_than_may_be() {
        let mut state = State::new(WHO, 0.0);
        assert_eq!(state.inputs(WHO, 0), None);
        state.receive(Tick(300), SLACK_UNKNOWN, 0);
        let first = state.inputs(WHO, 40_000).expect("inputs are due");
        assert_eq!(first.acked, Tick(300));
        let next = state
            .inputs(WHO, 90_000)
            .expect("three ticks later three are due");
        assert_eq!(next.newest.since(first.newest), next.inputs.len() as u32);
        assert_eq!(next.inputs[0], wish(1, first.newest.0 + 1, true));
        let late = state.inputs(WHO, 10_000_000).expect("the client slept");
        assert!(late.inputs.len() <= INPUTS_PER_PACKET_MAX);
    }

    #[test]
    fn who_holds_fire_never_fires_and_everybody_moves_on_both_axes() {
        for tick in 0..1000 {
            let wish = wish(3, tick, false);
            assert!(!wish.fire && wish.move_x != 0 && wish.move_y != 0);
        }
        assert!((0..1000).any(|tick| wish(3, tick, true).fire));
    }
}
