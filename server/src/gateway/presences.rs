//! What the clients of those who play in a match say of themselves, for all who ask with their next ping.
//!
//! Somebody is in it from the first connection to the seat until the match says that the player has left; while the seat is only
//! held, the player is away. Nothing of this reaches the match.
//!
//! A match knows how old acknowledgements are, but in whole ticks and with the time for which a client waits before it sends the next
//! input. What clients measure themselves is exact, and they have nothing to win by a lie.

use std::sync::{Mutex, MutexGuard, PoisonError};

use shared::ids::PlayerId;
use shared::limits::PLAYERS_MAX;
use shared::presence::{Presence, encode_presence};

/// In ascending order, at most [`PLAYERS_MAX`]. Beyond these are only those of whom the match could not say that they left; the
/// newest are not told then.
#[derive(Debug, Default)]
pub(crate) struct Presences(Mutex<Vec<(PlayerId, Presence)>>);

impl Presences {
    /// There is a new connection, which has said nothing yet.
    pub(crate) fn enter(&self, player: PlayerId) {
        let mut all = self.lock();
        match all.binary_search_by_key(&player, |&(player, _)| player) {
            Ok(index) => all[index].1 = Presence::UNMEASURED,
            Err(index) if all.len() < PLAYERS_MAX => all.insert(index, (player, Presence::UNMEASURED)),
            Err(_) => {}
        }
    }

    /// Somebody who is in it is reached like this now.
    pub(crate) fn set(&self, player: PlayerId, presence: Presence) {
        let mut all = self.lock();
        if let Ok(index) = all.binary_search_by_key(&player, |&(player, _)| player) {
            all[index].1 = presence;
        }
    }

    /// The player has left the match.
    pub(crate) fn leave(&self, player: PlayerId) {
        self.lock().retain(|&(other, _)| other != player);
    }

    /// The bytes of all.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for &(player, presence) in self.lock().iter() {
            encode_presence(player, presence, &mut bytes);
        }
        bytes
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(PlayerId, Presence)>> {
        // Nothing under this lock can leave half a change behind when it panics.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use shared::presence::decode_presences;

    use super::*;

    fn told(presences: &Presences) -> Vec<(u16, Option<u32>)> {
        let all = decode_presences(&presences.encode()).expect("what is told decodes");
        all.into_iter()
            .map(|(player, presence)| (player.0, presence.round_trip_ms()))
            .collect()
    }

    #[test]
    fn only_who_is_in_the_match_is_told_of_and_the_last_word_counts() {
        let presences = Presences::default();
        presences.set(PlayerId(7), Presence::measured(20));
        assert_eq!(told(&presences), []);
        presences.enter(PlayerId(7));
        presences.enter(PlayerId(2));
        presences.set(PlayerId(7), Presence::measured(20));
        presences.set(PlayerId(2), Presence::measured(40));
        presences.set(PlayerId(2), Presence::measured(80));
        assert_eq!(told(&presences), [(2, Some(80)), (7, Some(20))]);
        presences.enter(PlayerId(7));
        assert_eq!(
            told(&presences),
            [(2, Some(80)), (7, None)],
            "it came back and has said nothing"
        );
        presences.leave(PlayerId(2));
        presences.set(PlayerId(2), Presence::measured(20));
        assert_eq!(told(&presences), [(7, None)]);
    }

    #[test]
    fn there_are_never_more_than_a_client_reads() {
        let presences = Presences::default();
        for player in 0..=PLAYERS_MAX as u16 {
            presences.enter(PlayerId(player));
        }
        assert_eq!(told(&presences).len(), PLAYERS_MAX);
        presences.leave(PlayerId(0));
        presences.enter(PlayerId(1000));
        assert_eq!(told(&presences).last(), Some(&(1000, None)));
    }
}
