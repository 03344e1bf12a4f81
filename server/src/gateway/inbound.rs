//! From a socket to its match: decodes what a client sends, and knows which place a socket has.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use shared::codec::{decode_client, encode_server};
use shared::ids::PlayerId;
use shared::limits::CLIENT_MESSAGE_BYTES_MAX;
use shared::message::{
    ClientMessage, EVENT_INPUT, EVENT_MESSAGE, EVENT_PING, PROTOCOL_VERSION, Refusal, ServerMessage,
};
use shared::name::PlayerName;
use simulation::handle::{MatchHandle, SubmitError};
use socketio::{Ack, Event, EventRef, Socket, SocketIo};

use crate::gateway::outbound::Outbound;
use crate::gateway::stats::Stats;
use crate::matches::{Enter, Matches};

/// Reasons for which a peer is closed; they stand in the log, in the figures and in the close frame.
const MALFORMED_INPUT: &str = "malformed input";
const MALFORMED_MESSAGE: &str = "malformed message";

/// Serves the game in the namespace `/`.
pub(crate) fn attach(io: &SocketIo, matches: &Arc<Matches>, stats: &Arc<Stats>) {
    let matches = Arc::clone(matches);
    let stats = Arc::clone(stats);
    io.of("/").on_connection(move |socket| {
        let visitor = Arc::new(Visitor {
            place: Mutex::new(None),
            matches: Arc::clone(&matches),
            stats: Arc::clone(&stats),
        });
        listen(socket, &visitor);
    });
}

/// One socket and the place it may have.
struct Visitor {
    place: Mutex<Option<Place>>,
    matches: Arc<Matches>,
    stats: Arc<Stats>,
}

/// A place in a match, given back when dropped.
pub(crate) struct Place {
    pub(crate) handle: Arc<dyn MatchHandle>,
    pub(crate) outbound: Arc<Outbound>,
    pub(crate) player: PlayerId,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.outbound.remove(self.player);
    }
}

fn listen(socket: &Socket, visitor: &Arc<Visitor>) {
    let on_input = Arc::clone(visitor);
    socket.on_sync(EVENT_INPUT, move |event| on_input.take_input(&event));
    let on_message = Arc::clone(visitor);
    socket.on(EVENT_MESSAGE, move |event| {
        Arc::clone(&on_message).take_message(event)
    });
    socket.on_sync(EVENT_PING, |mut event| {
        if let Some(ack) = event.ack() {
            // The socket may be closing; then nobody waits for the answer.
            let _ = ack.send(());
        }
    });
    let on_disconnect = Arc::clone(visitor);
    socket.on_disconnect(move |_, _| on_disconnect.leave());
}

impl Visitor {
    fn place(&self) -> MutexGuard<'_, Option<Place>> {
        // A panic under the lock leaves the place as it was.
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leave(&self) {
        // Dropped after the lock is released.
        let _place = self.place().take();
    }

    /// The hot path: runs on the task that read the bytes and allocates nothing of its own.
    fn take_input(&self, event: &EventRef<'_>) {
        let place = self.place();
        let Some(place) = place.as_ref() else {
            // Inputs on their way when a match ended are nobody's fault.
            self.stats.inputs_without_place.add(1);
            return;
        };
        let submitted = match event.args().binary(0) {
            Some(bytes) => place.handle.submit(place.player, bytes),
            None => {
                self.stats.inputs_malformed.add(1);
                event.socket().disconnect_with(MALFORMED_INPUT);
                return;
            }
        };
        match submitted {
            // A full queue and a match that is over are counted where they happen.
            Ok(()) | Err(SubmitError::Full | SubmitError::Ended) => {}
            Err(SubmitError::Decode(error)) => {
                tracing::debug!(socket = event.socket().id(), %error, "input");
                self.stats.inputs_malformed.add(1);
                event.socket().disconnect_with(MALFORMED_INPUT);
            }
        }
    }

    async fn take_message(self: Arc<Self>, event: Event) {
        let decoded = event
            .args
            .binary(0)
            .filter(|bytes| bytes.len() <= CLIENT_MESSAGE_BYTES_MAX)
            .and_then(|bytes| decode_client(bytes).ok());
        let Some(message) = decoded else {
            self.stats.messages_malformed.add(1);
            event.socket.disconnect_with(MALFORMED_MESSAGE);
            return;
        };
        match message {
            ClientMessage::Join { protocol, name } => self.join(event, protocol, &name).await,
            ClientMessage::Leave => {
                self.leave();
                answer(event.ack, &ServerMessage::Left);
            }
        }
    }

    async fn join(self: Arc<Self>, event: Event, protocol: u16, name: &str) {
        let Event { socket, ack, .. } = event;
        // Whoever answers takes it out: the match when there is a place, this function when there is none.
        let ack = Arc::new(Mutex::new(ack));
        let outcome = match self.admissible(protocol, name) {
            Err(refusal) => Err(refusal),
            Ok(name) => {
                let visitor = Arc::clone(&self);
                let ack = Arc::clone(&ack);
                let enter: Enter = Arc::new(move |joined, place| {
                    *visitor.place() = Some(place);
                    answer(take(&ack), &ServerMessage::Joined(joined));
                });
                self.matches.join(&name, &socket, &enter).await
            }
        };
        match outcome {
            Ok(()) => self.stats.joins.add(1),
            Err(refusal) => {
                self.stats.joins_refused.add(1);
                answer(take(&ack), &ServerMessage::Refused(refusal));
            }
        }
        if !socket.is_connected() {
            // It went while the match made room, and its disconnect handler may have run before there was a place.
            self.leave();
        }
    }

    /// What can be refused without asking a match.
    fn admissible(&self, protocol: u16, name: &str) -> Result<PlayerName, Refusal> {
        if protocol != PROTOCOL_VERSION {
            return Err(Refusal::ProtocolMismatch {
                server: PROTOCOL_VERSION,
            });
        }
        let name = PlayerName::parse(name).map_err(|_| Refusal::NameInvalid)?;
        let mut place = self.place();
        match place.as_ref() {
            Some(place) if !place.handle.is_over() => Err(Refusal::AlreadyJoined),
            _ => {
                *place = None;
                Ok(name)
            }
        }
    }
}

fn take(ack: &Mutex<Option<Ack>>) -> Option<Ack> {
    ack.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn answer(ack: Option<Ack>, message: &ServerMessage) {
    if let Some(ack) = ack {
        // The socket may be closing; then nobody waits for the answer.
        let _ = ack.send(Bytes::from(encode_server(message)));
    }
}
