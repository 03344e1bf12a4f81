//! Seats: who may play as which player, or watch a match, across connections.
//!
//! A seat is given in the lobby, with a secret token. Whoever connects to the game with the token takes it. When that
//! connection breaks the seat is held for a while, and the token takes it again; the player stands still meanwhile. The
//! newest connection wins: an older one on the same seat is told and closed.
//!
//! ```text
//!   given ──► held ──take──► taken ──connection breaks──► held ──time is up──► gone
//!                              └──take by a newer one──┐        └──match over──► gone
//!                              ◄───────────────────────┘   leave ────────────► gone
//! ```
//!
//! Dropping the mailbox of a seat is what leaving means to the match, so a seat that is forgotten is a place that is free.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rand::TryRng;
use rand::rngs::SysRng;
use shared::limits::TOKEN_BYTES;
use shared::match_code::MatchCode;
use shared::message::SEAT_HELD_S;
use simulation::client::Client;
use simulation::handle::MatchHandle;
use simulation::mailbox::MailboxReader;
use simulation::places::ViewerPlace;
use socketio::Socket;

use crate::gateway::outbound::Outbound;
use crate::told_name::ToldName;

/// Time a seat is held without a connection.
pub(crate) const SEAT_HELD: Duration = Duration::from_secs(SEAT_HELD_S as u64);

/// The secret of a seat: 128 random bits in hexadecimal.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Token(String);

impl Token {
    /// A new one, from the operating system's random source.
    fn fresh() -> std::io::Result<Self> {
        let mut bytes = [0; TOKEN_BYTES / 2];
        SysRng
            .try_fill_bytes(&mut bytes)
            .map_err(|error| std::io::Error::other(error.to_string()))?;
        Ok(Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    /// What a client sent.
    pub(crate) fn received(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// For the client it belongs to.
    pub(crate) fn secret(&self) -> &str {
        &self.0
    }
}

/// A client of a match.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) handle: Arc<dyn MatchHandle>,
    pub(crate) outbound: Arc<Outbound>,
    pub(crate) client: Client,
    /// With it others come into the match, when it is private.
    pub(crate) code: Option<MatchCode>,
    /// Name of the recording of the match, for who plays in it.
    pub(crate) recording: Option<Arc<ToldName>>,
}

/// All seats of this server. Their number is bounded by the places of all matches.
#[derive(Default)]
pub(crate) struct Seats {
    seats: Mutex<HashMap<Token, Seat>>,
}

struct Seat {
    place: Place,
    /// Of somebody who watches: free again when the seat is forgotten. The place of a player is with the match.
    _viewer: Option<ViewerPlace>,
    holder: Holder,
    /// Counts the connections that took the seat, so that a late farewell of an old one changes nothing.
    taken_count: u64,
}

enum Holder {
    /// Nobody is connected; the mailbox keeps the player in the match.
    Held { since: Instant, mailbox: MailboxReader },
    /// This socket plays.
    Taken(Socket),
}

/// What taking a seat gives.
pub(crate) struct Taken {
    pub(crate) place: Place,
    /// To be given to [`Seats::release`].
    pub(crate) taken_count: u64,
    /// The socket that had the seat until now.
    pub(crate) ousted: Option<Socket>,
    /// The mailbox that kept the player in the match until now, to be dropped when the match has a new one.
    pub(crate) mailbox: Option<MailboxReader>,
}

impl Seats {
    /// A seat for this player, or for somebody who watches from `viewer`; held until somebody takes it.
    pub(crate) fn give(
        &self,
        place: Place,
        viewer: Option<ViewerPlace>,
        mailbox: MailboxReader,
        now: Instant,
    ) -> std::io::Result<Token> {
        let token = Token::fresh()?;
        let holder = Holder::Held { since: now, mailbox };
        self.lock().insert(
            token.clone(),
            Seat {
                place,
                _viewer: viewer,
                holder,
                taken_count: 0,
            },
        );
        Ok(token)
    }

    /// True when the token opens a seat.
    pub(crate) fn is_known(&self, token: &Token, now: Instant) -> bool {
        self.lock().get(token).is_some_and(|seat| !seat.is_gone(now))
    }

    /// Gives the seat to `socket`.
    pub(crate) fn take(&self, token: &Token, socket: &Socket, now: Instant) -> Option<Taken> {
        let mut seats = self.lock();
        let seat = seats.get_mut(token).filter(|seat| !seat.is_gone(now))?;
        seat.taken_count += 1;
        let before = std::mem::replace(&mut seat.holder, Holder::Taken(socket.clone()));
        let (ousted, mailbox) = match before {
            Holder::Taken(socket) => (Some(socket), None),
            Holder::Held { mailbox, .. } => (None, Some(mailbox)),
        };
        Some(Taken {
            place: seat.place.clone(),
            taken_count: seat.taken_count,
            ousted,
            mailbox,
        })
    }

    /// The connection broke: holds the seat with this mailbox, unless a newer connection has it.
    pub(crate) fn release(&self, token: &Token, taken_count: u64, mailbox: MailboxReader, now: Instant) {
        if let Some(seat) = self
            .lock()
            .get_mut(token)
            .filter(|seat| seat.taken_count == taken_count)
        {
            seat.holder = Holder::Held { since: now, mailbox };
        }
    }

    /// Gives the seat up for good, unless a newer connection has it.
    pub(crate) fn forget(&self, token: &Token, taken_count: u64) {
        let mut seats = self.lock();
        if seats
            .get(token)
            .is_some_and(|seat| seat.taken_count == taken_count)
        {
            seats.remove(token);
        }
    }

    /// Gives the seat up, whoever has it.
    pub(crate) fn give_up(&self, token: &Token) {
        self.lock().remove(token);
    }

    /// Gives the seat up if no connection has ever taken it.
    pub(crate) fn forget_untaken(&self, token: &Token) {
        self.forget(token, 0);
    }

    /// Forgets what is gone; to be called now and then.
    pub(crate) fn sweep(&self, now: Instant) {
        self.lock().retain(|_, seat| !seat.is_gone(now));
    }

    /// Seats given and not gone: taken, held.
    pub(crate) fn count(&self) -> (usize, usize) {
        let seats = self.lock();
        let held = seats
            .values()
            .filter(|seat| matches!(seat.holder, Holder::Held { .. }))
            .count();
        (seats.len() - held, held)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Token, Seat>> {
        // Nothing under this lock can leave half a change behind when it panics.
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    fn is_gone(&self, now: Instant) -> bool {
        self.place.handle.is_over()
            || matches!(self.holder, Holder::Held { since, .. } if now.saturating_duration_since(since) >= SEAT_HELD)
    }
}

#[cfg(test)]
mod tests {
    use shared::ids::{MatchId, PlayerId};
    use simulation::client::ViewerId;
    use simulation::command::{JoinRequest, MatchStatus, Reply, ResumeRequest, WatchRequest};
    use simulation::handle::SubmitError;
    use simulation::mailbox::mailbox;
    use simulation::pulse::Beat;

    use super::*;

    /// A match that only says whether it is over.
    struct Match {
        over: bool,
    }

    impl MatchHandle for Match {
        fn id(&self) -> MatchId {
            MatchId(1)
        }

        fn submit(&self, _: PlayerId, _: &[u8], _: Option<Instant>) -> Result<(), SubmitError> {
            Ok(())
        }

        fn join(&self, _: JoinRequest) {}

        fn resume(&self, _: ResumeRequest) {}

        fn reserve_viewer(&self) -> Option<ViewerPlace> {
            None
        }

        fn watch(&self, _: WatchRequest) {}

        fn look(&self, _: ViewerId, _: &[u8]) -> Result<(), SubmitError> {
            Ok(())
        }

        fn steer(&self, _: WatchRequest, _: &[u8]) -> Result<(), SubmitError> {
            Ok(())
        }

        fn inspect(&self, _: Reply<MatchStatus>) {}

        fn people(&self) -> usize {
            1
        }

        fn viewers(&self) -> usize {
            0
        }

        fn places(&self) -> usize {
            1
        }

        fn phase(&self) -> &'static str {
            "live"
        }

        fn beat(&self) -> Beat {
            Beat::default()
        }

        fn map(&self) -> Arc<str> {
            Arc::from("")
        }

        fn has_place(&self) -> bool {
            false
        }

        fn is_over(&self) -> bool {
            self.over
        }
    }

    async fn place(over: bool) -> Place {
        Place {
            handle: Arc::new(Match { over }),
            outbound: Outbound::start(Arc::default()),
            client: Client::Player(PlayerId(3)),
            code: None,
            recording: None,
        }
    }

    #[tokio::test]
    async fn a_seat_is_held_for_its_time_and_then_the_place_is_free() {
        let seats = Seats::default();
        let (writer, reader) = mailbox();
        let now = Instant::now();
        let token = seats
            .give(place(false).await, None, reader, now)
            .expect("there is randomness");
        let nearly = now + SEAT_HELD - Duration::from_millis(1);
        seats.sweep(nearly);
        assert!(seats.is_known(&token, nearly) && !writer.is_abandoned());
        assert!(
            !seats.is_known(&token, now + SEAT_HELD),
            "before anybody has swept"
        );
        seats.sweep(now + SEAT_HELD);
        assert!(writer.is_abandoned());
        assert_eq!(seats.count(), (0, 0));
    }

    #[tokio::test]
    async fn a_seat_ends_with_its_match() {
        let seats = Seats::default();
        let (_writer, reader) = mailbox();
        let now = Instant::now();
        let token = seats
            .give(place(true).await, None, reader, now)
            .expect("there is randomness");
        assert!(!seats.is_known(&token, now));
    }

    #[tokio::test]
    async fn tokens_differ_and_wrong_ones_open_nothing() {
        let seats = Seats::default();
        let now = Instant::now();
        let mut tokens = Vec::new();
        for _ in 0..100 {
            let (_, reader) = mailbox();
            let token = seats
                .give(place(false).await, None, reader, now)
                .expect("there is randomness");
            assert_eq!(token.secret().len(), TOKEN_BYTES);
            tokens.push(token.secret().to_owned());
        }
        tokens.sort_unstable();
        tokens.dedup();
        assert_eq!(tokens.len(), 100);
        assert!(!seats.is_known(&Token::received(""), now));
        assert!(!seats.is_known(&Token::received(&tokens[0][1..]), now));
    }
}
