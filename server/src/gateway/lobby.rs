//! The lobby: lists matches and gives seats. Nothing here is hot.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use governor::DefaultDirectRateLimiter;
use shared::codec::{decode_lobby_request, encode_lobby_reply};
use shared::ids::MatchId;
use shared::message::{
    EVENT_MESSAGE, LOBBY, LobbyReply, LobbyRequest, MatchChoice, PROTOCOL_VERSION, Refusal,
};
use shared::name::PlayerName;
use shared::tick::Tick;
use simulation::stats::Counter;
use socketio::{Event, SocketIo};

use crate::gateway::stats::Stats;
use crate::matches::Matches;
use crate::rate_limit;
use crate::replays::Replays;
use crate::seats::Token;

/// Reason for which a peer is closed.
const MALFORMED_MESSAGE: &str = "malformed message";

/// Serves the lobby.
pub(crate) fn attach(
    io: &SocketIo,
    matches: &Arc<Matches>,
    replays: Option<&Arc<Replays>>,
    closing: &Arc<AtomicBool>,
    stats: &Arc<Stats>,
) {
    let lobby = Arc::new(Lobby {
        matches: Arc::clone(matches),
        replays: replays.cloned(),
        closing: Arc::clone(closing),
        stats: Arc::clone(stats),
    });
    io.of(LOBBY).on_connection(move |socket| {
        let allowance = socket.request().extensions.get::<Arc<Allowance>>();
        let visitor = Arc::new(Visitor {
            lobby: Arc::clone(&lobby),
            allowance: allowance.cloned().unwrap_or_default(),
        });
        socket.on(EVENT_MESSAGE, move |event| Arc::clone(&visitor).answer(event));
    });
}

struct Lobby {
    matches: Arc<Matches>,
    /// `None` when this server shows no recordings.
    replays: Option<Arc<Replays>>,
    closing: Arc<AtomicBool>,
    stats: Arc<Stats>,
}

/// What one connection may ask of the lobby, however often it goes out and comes in again. Found in the extensions of the request
/// that opened it.
pub(crate) struct Allowance {
    requests: DefaultDirectRateLimiter,
    /// For private matches: each is one more, while those who ask for others share.
    private_matches: DefaultDirectRateLimiter,
    /// For recordings: each is a match for one viewer.
    replays: DefaultDirectRateLimiter,
    /// The last seat given to it. Only one may wait to be taken, so that nobody can fill the server alone.
    seat: Mutex<Option<Token>>,
    /// The last seat of a recording given to it. That recording ends when it opens another.
    replay: Mutex<Option<Token>>,
}

impl Default for Allowance {
    fn default() -> Self {
        Self {
            requests: rate_limit::lobby_requests(),
            private_matches: rate_limit::private_matches(),
            replays: rate_limit::replays(),
            seat: Mutex::default(),
            replay: Mutex::default(),
        }
    }
}

/// One socket in the lobby.
struct Visitor {
    lobby: Arc<Lobby>,
    allowance: Arc<Allowance>,
}

impl Visitor {
    async fn answer(self: Arc<Self>, event: Event) {
        let lobby = &self.lobby;
        let Some(request) = event
            .args
            .binary(0)
            .and_then(|bytes| decode_lobby_request(bytes).ok())
        else {
            lobby.stats.messages_malformed.add(1);
            event.socket.disconnect_with(MALFORMED_MESSAGE);
            return;
        };
        let reply = if self.allowance.requests.check().is_err() {
            lobby.stats.lobby_requests_refused.add(1);
            LobbyReply::Refused(Refusal::Busy)
        } else {
            match request {
                LobbyRequest::List => LobbyReply::Matches {
                    matches: lobby.matches.listed(),
                    offer: lobby.matches.offer(),
                },
                LobbyRequest::Join {
                    protocol,
                    name,
                    choice,
                } => self.join(protocol, &name, choice).await,
                LobbyRequest::Watch { protocol, match_id } => self.watch(protocol, match_id),
                LobbyRequest::Replays => match &lobby.replays {
                    Some(replays) => LobbyReply::Replays(replays.listed().await),
                    None => LobbyReply::Refused(Refusal::ReplaysOff),
                },
                LobbyRequest::Replay { protocol, name, tick } => self.replay(protocol, &name, tick).await,
            }
        };
        if let Some(ack) = event.ack {
            // The socket may be closing. A seat that nobody hears of is given up when its time is over.
            let _ = ack.send(Bytes::from(encode_lobby_reply(&reply)));
        }
    }

    async fn join(&self, protocol: u16, name: &str, choice: MatchChoice) -> LobbyReply {
        let lobby = &self.lobby;
        if matches!(choice, MatchChoice::Private(_)) && self.allowance.private_matches.check().is_err() {
            lobby.stats.private_matches_refused.add(1);
            return LobbyReply::Refused(Refusal::Busy);
        }
        if let Some(untaken) = self.seat().take() {
            lobby.matches.give_up_untaken(&untaken);
        }
        let seat = lobby.join(protocol, name, choice).await;
        self.hand_over(seat, &lobby.stats.joins)
    }

    fn watch(&self, protocol: u16, match_id: Option<MatchId>) -> LobbyReply {
        let lobby = &self.lobby;
        if let Some(untaken) = self.seat().take() {
            lobby.matches.give_up_untaken(&untaken);
        }
        let seat = lobby.check(protocol).and_then(|()| lobby.matches.watch(match_id));
        self.hand_over(seat, &lobby.stats.watches)
    }

    async fn replay(&self, protocol: u16, name: &str, from: Tick) -> LobbyReply {
        let lobby = &self.lobby;
        if self.allowance.replays.check().is_err() {
            lobby.stats.lobby_requests_refused.add(1);
            return LobbyReply::Refused(Refusal::Busy);
        }
        if let Some(untaken) = self.seat().take() {
            lobby.matches.give_up_untaken(&untaken);
        }
        let seat = match (lobby.check(protocol), &lobby.replays) {
            (Err(refusal), _) => Err(refusal),
            (Ok(()), None) => Err(Refusal::ReplaysOff),
            (Ok(()), Some(replays)) => {
                if let Some(earlier) = self.replay_seat().take() {
                    replays.give_up(&earlier);
                }
                let seat = replays.watch(name, from).await;
                if let Ok(token) = &seat
                    && let Some(other) = self.replay_seat().replace(token.clone())
                {
                    // Two wishes were answered at once.
                    replays.give_up(&other);
                }
                seat
            }
        };
        self.hand_over(seat, &lobby.stats.watches)
    }

    /// Remembers the seat until it is taken.
    fn hand_over(&self, seat: Result<Token, Refusal>, given: &Counter) -> LobbyReply {
        match seat {
            Ok(token) => {
                given.add(1);
                let reply = LobbyReply::Seat {
                    token: token.secret().to_owned(),
                };
                *self.seat() = Some(token);
                reply
            }
            Err(refusal) => {
                self.lobby.stats.joins_refused.add(1);
                LobbyReply::Refused(refusal)
            }
        }
    }

    fn seat(&self) -> MutexGuard<'_, Option<Token>> {
        // A panic under the lock leaves the token as it was.
        self.allowance.seat.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn replay_seat(&self) -> MutexGuard<'_, Option<Token>> {
        // As above.
        self.allowance
            .replay
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lobby {
    async fn join(&self, protocol: u16, name: &str, choice: MatchChoice) -> Result<Token, Refusal> {
        self.check(protocol)?;
        let name = PlayerName::parse(name).map_err(|_| Refusal::NameInvalid)?;
        self.matches.join(&name, choice).await
    }

    /// Whether anybody of this version gets a seat now.
    fn check(&self, protocol: u16) -> Result<(), Refusal> {
        if protocol != PROTOCOL_VERSION {
            Err(Refusal::ProtocolMismatch {
                server: PROTOCOL_VERSION,
            })
        } else if self.closing.load(Ordering::Relaxed) {
            Err(Refusal::ServerClosing)
        } else {
            Ok(())
        }
    }
}
