//! The lobby: lists matches and gives seats. Nothing here is hot.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use shared::codec::{decode_lobby_request, encode_lobby_reply};
use shared::limits::MATCHES_LISTED_MAX;
use shared::message::{
    EVENT_MESSAGE, LOBBY, LobbyReply, LobbyRequest, MatchChoice, MatchEntry, PROTOCOL_VERSION, Refusal,
};
use shared::name::PlayerName;
use socketio::{Event, SocketIo};

use crate::gateway::stats::Stats;
use crate::matches::Matches;
use crate::seats::Token;

/// Reason for which a peer is closed.
const MALFORMED_MESSAGE: &str = "malformed message";

/// Serves the lobby.
pub(crate) fn attach(io: &SocketIo, matches: &Arc<Matches>, closing: &Arc<AtomicBool>, stats: &Arc<Stats>) {
    let lobby = Arc::new(Lobby {
        matches: Arc::clone(matches),
        closing: Arc::clone(closing),
        stats: Arc::clone(stats),
    });
    io.of(LOBBY).on_connection(move |socket| {
        let lobby = Arc::clone(&lobby);
        socket.on(EVENT_MESSAGE, move |event| Arc::clone(&lobby).answer(event));
    });
}

struct Lobby {
    matches: Arc<Matches>,
    closing: Arc<AtomicBool>,
    stats: Arc<Stats>,
}

impl Lobby {
    async fn answer(self: Arc<Self>, event: Event) {
        let Some(request) = event
            .args
            .binary(0)
            .and_then(|bytes| decode_lobby_request(bytes).ok())
        else {
            self.stats.messages_malformed.add(1);
            event.socket.disconnect_with(MALFORMED_MESSAGE);
            return;
        };
        let reply = match request {
            LobbyRequest::List => LobbyReply::Matches(self.list()),
            LobbyRequest::Join {
                protocol,
                name,
                choice,
            } => match self.join(protocol, &name, choice).await {
                Ok(token) => {
                    self.stats.joins.add(1);
                    LobbyReply::Seat {
                        token: token.secret().to_owned(),
                    }
                }
                Err(refusal) => {
                    self.stats.joins_refused.add(1);
                    LobbyReply::Refused(refusal)
                }
            },
        };
        if let Some(ack) = event.ack {
            // The socket may be closing. A seat that nobody hears of is given up when its time is over.
            let _ = ack.send(Bytes::from(encode_lobby_reply(&reply)));
        }
    }

    fn list(&self) -> Vec<MatchEntry> {
        let entry = |handle: &Arc<dyn simulation::handle::MatchHandle>| MatchEntry {
            match_id: handle.id(),
            phase: handle.phase().to_owned(),
            people: u16::try_from(handle.people()).unwrap_or(u16::MAX),
            places: u16::try_from(handle.places()).unwrap_or(u16::MAX),
        };
        self.matches
            .list()
            .iter()
            .take(MATCHES_LISTED_MAX)
            .map(entry)
            .collect()
    }

    async fn join(&self, protocol: u16, name: &str, choice: MatchChoice) -> Result<Token, Refusal> {
        if protocol != PROTOCOL_VERSION {
            return Err(Refusal::ProtocolMismatch {
                server: PROTOCOL_VERSION,
            });
        }
        if self.closing.load(Ordering::Relaxed) {
            return Err(Refusal::ServerClosing);
        }
        let name = PlayerName::parse(name).map_err(|_| Refusal::NameInvalid)?;
        self.matches.join(&name, choice).await
    }
}
