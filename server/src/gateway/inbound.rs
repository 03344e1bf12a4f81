//! From a socket to its match: takes the seat its token opens, and decodes what the client sends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use bytes::Bytes;
use governor::DefaultDirectRateLimiter;
use shared::codec::encode_server;
use shared::message::{
    EVENT_INPUT, EVENT_LEAVE, EVENT_LOOK, EVENT_MESSAGE, EVENT_PING, EVENT_STEER, GAME, MatchEnd,
    ServerMessage,
};
use shared::presence::Presence;
use shared::record::DecodeError;
use simulation::client::Client;
use simulation::command::{Refused, Reply, ResumeRequest, WatchRequest};
use simulation::handle::SubmitError;
use simulation::mailbox::{MailboxReader, mailbox};
use simulation::pulse::Beat;
use simulation::stats::Counter;
use socketio::{ConnectError, EventRef, Socket, SocketIo};

use crate::gateway::outbound::Newcomer;
use crate::gateway::stats::Stats;
use crate::matches::{joined, watching};
use crate::rate_limit;
use crate::seats::{Place, Seats, Taken, Token};
use crate::told_name::ToldName;

/// Reasons for which a peer is closed; they stand in the log, in the figures and in the close frame.
const MALFORMED_INPUT: &str = "malformed input";
const TOO_MANY_INPUTS: &str = "too many inputs";
const SEAT_TAKEN: &str = "seat taken by another connection";
const MATCH_BUSY: &str = "match busy";

/// Serves the game.
pub(crate) fn attach(io: &SocketIo, seats: &Arc<Seats>, inputs_per_s: u32, stats: &Arc<Stats>) {
    let game = io.of(GAME);
    let (known, counted) = (Arc::clone(seats), Arc::clone(stats));
    game.use_middleware(move |socket| {
        let admitted = admit(&known, &socket);
        if admitted.is_err() {
            counted.seats_refused.add(1);
        }
        std::future::ready(admitted)
    });
    let (seats, stats) = (Arc::clone(seats), Arc::clone(stats));
    game.on_connection(move |socket| take_seat(socket, &seats, inputs_per_s, &stats));
}

fn token_of(socket: &Socket) -> Option<Token> {
    socket
        .handshake()
        .auth
        .get("token")?
        .as_str()
        .map(Token::received)
}

/// Lets in who has the token of a seat.
fn admit(seats: &Seats, socket: &Socket) -> Result<(), ConnectError> {
    match token_of(socket) {
        None => Err(ConnectError::new(
            "a seat is needed: ask for one in the namespace /lobby",
        )),
        Some(token) if seats.is_known(&token, Instant::now()) => Ok(()),
        Some(_) => Err(ConnectError::new(
            "this seat is unknown or has expired: ask for another in /lobby",
        )),
    }
}

/// A socket on a seat, of somebody who plays or watches.
struct Occupant {
    seats: Arc<Seats>,
    token: Token,
    taken_count: u64,
    place: Place,
    limiter: DefaultDirectRateLimiter,
    /// For wishes how a recording goes on: each may cost as much as a minute of a match.
    steers: DefaultDirectRateLimiter,
    /// For what it says of how it is reached: each is answered with all players of the match.
    reach_limiter: DefaultDirectRateLimiter,
    /// Set when the connection is closed for what it sent; what still comes in the same read is ignored.
    shut: AtomicBool,
    /// Set when the seat is given up.
    left: Arc<AtomicBool>,
    stats: Arc<Stats>,
}

fn take_seat(socket: &Socket, seats: &Arc<Seats>, inputs_per_s: u32, stats: &Arc<Stats>) {
    let taken = token_of(socket).and_then(|token| Some((seats.take(&token, socket, Instant::now())?, token)));
    let Some((taken, token)) = taken else {
        // It expired between the middleware and here.
        socket.disconnect(false);
        return;
    };
    let Taken {
        place,
        taken_count,
        ousted,
        mailbox: old_mailbox,
    } = taken;
    let occupant = Arc::new(Occupant {
        seats: Arc::clone(seats),
        token,
        taken_count,
        place,
        limiter: rate_limit::inputs(inputs_per_s),
        steers: rate_limit::steers(),
        reach_limiter: rate_limit::presences(),
        shut: AtomicBool::new(false),
        left: Arc::default(),
        stats: Arc::clone(stats),
    });
    if let Some(ousted) = ousted {
        // It may be closing already; the connection ends either way.
        let _ = ousted.emit(
            EVENT_MESSAGE,
            Bytes::from(encode_server(&ServerMessage::SeatTaken)),
        );
        ousted.disconnect_with(SEAT_TAKEN);
    }
    listen(socket, &occupant);
    occupant.resume(socket, old_mailbox);
}

fn listen(socket: &Socket, occupant: &Arc<Occupant>) {
    let on_look = Arc::clone(occupant);
    socket.on_sync(EVENT_LOOK, move |event| on_look.take_look(&event));
    let on_steer = Arc::clone(occupant);
    socket.on_sync(EVENT_STEER, move |event| on_steer.take_steer(&event));
    let on_input = Arc::clone(occupant);
    socket.on_sync(EVENT_INPUT, move |event| on_input.take_input(&event));
    let on_leave = Arc::clone(occupant);
    socket.on_sync(EVENT_LEAVE, move |mut event| {
        on_leave.leave(event.socket());
        if let Some(ack) = event.ack() {
            // The socket may be closing; then nobody waits for the answer.
            let _ = ack.send(());
        }
    });
    let on_ping = Arc::clone(occupant);
    socket.on_sync(EVENT_PING, move |event| on_ping.answer_ping(event));
    let on_disconnect = Arc::clone(occupant);
    socket.on_disconnect(move |socket, _| {
        if let Some(mailbox) = on_disconnect
            .place
            .outbound
            .remove(on_disconnect.place.client, socket)
        {
            on_disconnect.hold(mailbox);
        }
    });
}

impl Occupant {
    /// Asks the match for the present state of things; the answer reaches the client before anything else of the match.
    /// `old_mailbox` keeps a player in the match until it has the new one.
    fn resume(self: &Arc<Self>, socket: &Socket, old_mailbox: Option<MailboxReader>) {
        let (writer, reader) = mailbox();
        let (occupant, socket) = (Arc::clone(self), socket.clone());
        let (code, recording) = (self.place.code, self.place.recording.clone());
        let settle = move |answer| occupant.settle(socket, reader, old_mailbox, answer);
        match self.place.client {
            Client::Player(player) => self.place.handle.resume(ResumeRequest {
                player,
                mailbox: writer,
                reply: Reply::new(move |answer: Result<_, _>| {
                    let told = recording.as_deref().and_then(ToldName::told);
                    settle(answer.map(|seat| ServerMessage::Joined(joined(seat, code, told))));
                }),
            }),
            Client::Viewer(viewer) => self.place.handle.watch(WatchRequest {
                viewer,
                mailbox: writer,
                reply: Reply::new(move |answer: Result<_, _>| {
                    settle(answer.map(watching));
                }),
            }),
        }
    }

    /// What the match answered: its greeting, or why there is none. Runs on the thread of the shard.
    fn settle(
        self: &Arc<Self>,
        socket: Socket,
        mailbox: MailboxReader,
        old_mailbox: Option<MailboxReader>,
        answer: Result<ServerMessage, Refused>,
    ) {
        match answer {
            Ok(greeting) => {
                self.admit(socket, mailbox, greeting);
                drop(old_mailbox);
            }
            Err(Refused::Busy | Refused::Full) => {
                match old_mailbox {
                    Some(mailbox) => self.hold(mailbox),
                    // The connection before had the mailbox and has been closed with it.
                    None => self.forget(),
                }
                socket.disconnect_for_now(MATCH_BUSY);
            }
            Err(Refused::Ended) => {
                self.forget();
                let message = ServerMessage::MatchEnded {
                    reason: MatchEnd::Closed,
                };
                // The socket may be closing already; the seat is gone either way.
                let _ = socket.emit(EVENT_MESSAGE, Bytes::from(encode_server(&message)));
            }
        }
    }

    fn admit(self: &Arc<Self>, socket: Socket, mailbox: MailboxReader, greeting: ServerMessage) {
        let (welcomed, gone) = (socket.clone(), Arc::clone(self));
        let newcomer = Newcomer {
            client: self.place.client,
            socket,
            taken_count: self.taken_count,
            mailbox,
            left: Arc::clone(&self.left),
            welcome: Box::new(move || {
                // An error means that the socket is closing; its seat is held.
                let _ = welcomed.emit(EVENT_MESSAGE, Bytes::from(encode_server(&greeting)));
            }),
            gone: Box::new(move |mailbox| gone.hold(mailbox)),
        };
        if let Err(turned_away) = self.place.outbound.admit(newcomer) {
            self.hold(turned_away.mailbox);
            turned_away.socket.disconnect_for_now(MATCH_BUSY);
        }
    }

    /// The connection is gone; the seat waits for another.
    fn hold(&self, mailbox: MailboxReader) {
        self.seats
            .release(&self.token, self.taken_count, mailbox, Instant::now());
    }

    fn forget(&self) {
        self.seats.forget(&self.token, self.taken_count);
    }

    /// Gives the seat up; the place in the match is free.
    fn leave(&self, socket: &Socket) {
        self.forget();
        self.left.store(true, Ordering::Release);
        drop(self.place.outbound.remove(self.place.client, socket));
    }

    /// The hot path: runs on the task that read the bytes and allocates nothing of its own.
    fn take_input(&self, event: &EventRef<'_>) {
        self.take(event, |bytes| match self.place.client {
            Client::Player(player) => self.place.handle.submit(player, bytes, Some(Instant::now())),
            // Nobody who watches has one.
            Client::Viewer(_) => Err(SubmitError::Decode(DecodeError::Malformed)),
        });
    }

    fn take_look(&self, event: &EventRef<'_>) {
        self.take(event, |bytes| match self.place.client {
            Client::Viewer(viewer) => self.place.handle.look(viewer, bytes),
            Client::Player(_) => Err(SubmitError::Decode(DecodeError::Malformed)),
        });
    }

    /// A wish brings a mailbox of its own, and is answered with a greeting as taking the seat is.
    fn take_steer(self: &Arc<Self>, event: &EventRef<'_>) {
        if !self.admits(&self.steers, event) {
            return;
        }
        self.take(event, |bytes| {
            let Client::Viewer(viewer) = self.place.client else {
                return Err(SubmitError::Decode(DecodeError::Malformed));
            };
            let (writer, reader) = mailbox();
            let (occupant, socket) = (Arc::clone(self), event.socket().clone());
            let request = WatchRequest {
                viewer,
                mailbox: writer,
                // Refused is what a newer wish has made void.
                reply: Reply::new(move |answer: Result<_, _>| {
                    if let Ok(watched) = answer {
                        occupant.admit(socket, reader, watching(watched));
                    }
                }),
            };
            self.place.handle.steer(request, bytes)
        });
    }

    /// Who says something of itself is told the same of the others.
    fn answer_ping(&self, mut event: EventRef<'_>) {
        let says_something = !event.args().is_empty();
        if says_something && !self.take_presence(&event) {
            return;
        }
        let Some(ack) = event.ack() else {
            return;
        };
        let Beat {
            tick_us,
            ticks_slipped,
        } = self.place.handle.beat();
        // The socket may be closing; then nobody waits for the answer.
        let _ = if says_something {
            let presences = Bytes::from(self.place.outbound.presences.encode());
            ack.send((tick_us, ticks_slipped, presences))
        } else {
            ack.send((tick_us, ticks_slipped))
        };
    }

    /// Notes how its client is reached; false when the connection is closed for what it sent.
    fn take_presence(&self, event: &EventRef<'_>) -> bool {
        if !self.admits(&self.reach_limiter, event) {
            return false;
        }
        let Some(byte) = event.args().deserialize(0) else {
            self.shut_out(event.socket(), MALFORMED_INPUT, &self.stats.inputs_malformed);
            return false;
        };
        // Nobody is told how a viewer is reached.
        if let Client::Player(player) = self.place.client {
            self.place
                .outbound
                .presences
                .set(player, Presence::from_byte(byte));
        }
        true
    }

    /// Whether an event may be taken; one too many closes the connection.
    fn admits(&self, limiter: &DefaultDirectRateLimiter, event: &EventRef<'_>) -> bool {
        if self.shut.load(Ordering::Relaxed) {
            return false;
        }
        let admits = limiter.check().is_ok();
        if !admits {
            self.shut_out(event.socket(), TOO_MANY_INPUTS, &self.stats.input_floods);
        }
        admits
    }

    /// Hands the bytes of an event to the match, or closes the connection for what it sent.
    fn take(&self, event: &EventRef<'_>, submit: impl FnOnce(&[u8]) -> Result<(), SubmitError>) {
        if !self.admits(&self.limiter, event) {
            return;
        }
        let Some(bytes) = event.args().binary(0) else {
            self.shut_out(event.socket(), MALFORMED_INPUT, &self.stats.inputs_malformed);
            return;
        };
        match submit(bytes) {
            // A full queue is counted by the match.
            Ok(()) | Err(SubmitError::Full) => {}
            // Inputs on their way when a match ended are nobody's fault.
            Err(SubmitError::Ended) => self.stats.inputs_without_match.add(1),
            Err(SubmitError::Decode(error)) => {
                tracing::debug!(socket = event.socket().id(), %error, "input");
                self.shut_out(event.socket(), MALFORMED_INPUT, &self.stats.inputs_malformed);
            }
        }
    }

    fn shut_out(&self, socket: &Socket, reason: &'static str, counter: &Counter) {
        self.shut.store(true, Ordering::Relaxed);
        counter.add(1);
        socket.disconnect_with(reason);
    }
}
