//! Where everybody was in the last half second, for hits that are judged by what the shooter saw.
//!
//! A game writes the places of each tick in and asks where somebody was some quarters of a tick ago; between two ticks lies
//! a straight line. Whole numbers throughout, so that every machine has the same answer. The memory is a ring of lists side by
//! side, so that a tick writes beside the last one: it grows to the most that were ever in the game at once and no further.

use shared::ids::EntityId;
use shared::input::VIEW_AGE_PER_TICK;
use shared::limits::ENTITIES_MAX;
use shared::tick::Tick;

use crate::ahead::ask_for;
use crate::state_hash::StateHash;
use crate::view_age::VIEW_AGE_MAX;

/// Ticks that are remembered, the newest among them.
pub const REWIND_TICKS: usize = 32;

const _: () = assert!(((VIEW_AGE_MAX / VIEW_AGE_PER_TICK) as usize) < REWIND_TICKS);

/// A place, in steps of the game's grid.
pub type Place = (u16, u16);

/// See the head of this file.
#[derive(Debug, Default)]
pub struct Rewind {
    /// The places after the tick `t` are in the list `t % 32`, in ascending order of id: so many.
    counts: [u16; REWIND_TICKS],
    /// All lists, each with room for `room`.
    places: Vec<(EntityId, Place)>,
    room: usize,
    /// The tick written last.
    newest: Tick,
}

impl Rewind {
    /// Nothing is remembered.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes down where everybody is after `tick`, in ascending order of id. Ticks that were left out since the last one were
    /// empty.
    ///
    /// Panics above [`ENTITIES_MAX`], which is a bug of the game: it ends the match.
    pub fn record(&mut self, tick: Tick, places: impl Iterator<Item = (EntityId, Place)>) {
        let left_out = tick.since(self.newest).min(REWIND_TICKS as u32);
        for back in 0..left_out {
            self.counts[slot(tick.0 - back)] = 0;
        }
        let slot = slot(tick.0);
        let mut count = usize::from(self.counts[slot]);
        for place in places {
            assert!(count < ENTITIES_MAX, "a game keeps the bound of entities");
            if count == self.room {
                self.make_room();
            }
            self.places[slot * self.room + count] = place;
            count += 1;
            self.counts[slot] = count as u16;
        }
        debug_assert!(
            self.list(slot).is_sorted_by(|(a, _), (b, _)| a < b),
            "each once, sorted"
        );
        self.newest = tick;
    }

    /// Asks for where the tick after the newest is written.
    pub fn look_ahead(&self) {
        let begin = slot(self.newest.0.wrapping_add(1)) * self.room;
        ask_for(&self.places[begin..begin + self.room]);
    }

    /// Where somebody was so many quarters of a tick before the newest tick; `None` when that is longer ago than is
    /// remembered, or it was not there.
    pub fn at(&self, entity: EntityId, quarters_ago: u8) -> Option<Place> {
        let (ticks_ago, quarters) = (quarters_ago / VIEW_AGE_PER_TICK, quarters_ago % VIEW_AGE_PER_TICK);
        let later = self.after_tick(entity, ticks_ago)?;
        if quarters == 0 {
            return Some(later);
        }
        // Who came in this very tick was nowhere before.
        let earlier = self.after_tick(entity, ticks_ago + 1).unwrap_or(later);
        Some((
            between(later.0, earlier.0, quarters),
            between(later.1, earlier.1, quarters),
        ))
    }

    /// Somebody was put elsewhere: where it was before leads nowhere, and nobody shall be hit there.
    pub fn forget(&mut self, entity: EntityId) {
        for slot in 0..REWIND_TICKS {
            if let Ok(index) = self.list(slot).binary_search_by_key(&entity, |&(id, _)| id) {
                let begin = slot * self.room;
                let end = begin + usize::from(self.counts[slot]);
                self.places.copy_within(begin + index + 1..end, begin + index);
                self.counts[slot] -= 1;
            }
        }
    }

    /// Everybody was put elsewhere.
    pub fn clear(&mut self) {
        self.counts = [0; REWIND_TICKS];
    }

    /// Adds everything that is remembered.
    pub fn add_to(&self, hash: &mut StateHash) {
        for &(entity, (x, y)) in (0..REWIND_TICKS).flat_map(|slot| self.list(slot)) {
            hash.number(u64::from(entity.0) << 32 | u64::from(x) << 16 | u64::from(y));
        }
    }

    fn list(&self, slot: usize) -> &[(EntityId, Place)] {
        let begin = slot * self.room;
        &self.places[begin..begin + usize::from(self.counts[slot])]
    }

    /// Twice as much in each list, at least for a small match.
    fn make_room(&mut self) {
        let room = (self.room * 2).max(8);
        let mut places = vec![(EntityId::NONE, (0, 0)); REWIND_TICKS * room];
        for slot in 0..REWIND_TICKS {
            let list = self.list(slot);
            places[slot * room..slot * room + list.len()].copy_from_slice(list);
        }
        (self.places, self.room) = (places, room);
    }

    fn after_tick(&self, entity: EntityId, ticks_ago: u8) -> Option<Place> {
        if usize::from(ticks_ago) >= REWIND_TICKS {
            return None;
        }
        let list = self.list(slot(self.newest.0.checked_sub(ticks_ago.into())?));
        let index = list.binary_search_by_key(&entity, |&(id, _)| id).ok()?;
        Some(list[index].1)
    }
}

const fn slot(tick: u32) -> usize {
    tick as usize % REWIND_TICKS
}

/// So many quarters of the way from `later` back to `earlier`.
fn between(later: u16, earlier: u16, quarters: u8) -> u16 {
    let way = i32::from(earlier) - i32::from(later);
    let part = (way * i32::from(quarters)).div_euclid(VIEW_AGE_PER_TICK.into());
    u16::try_from(i32::from(later) + part).expect("what lies between two numbers is one of their kind")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: EntityId = EntityId(3);
    const BOB: EntityId = EntityId(70);

    /// Ada runs to the right by 8 steps a tick and up by 3, Bob stands; up to this tick.
    fn running(newest: u32) -> Rewind {
        let mut rewind = Rewind::new();
        for tick in 1..=newest {
            let ada = ((tick * 8) as u16, 60_000 - (tick * 3) as u16);
            rewind.record(Tick(tick), [(ADA, ada), (BOB, (7, 9))].into_iter());
        }
        rewind
    }

    fn check(newest: u32, quarters_ago: u8, expected: Option<Place>) {
        let rewind = running(newest);
        assert_eq!(rewind.at(ADA, quarters_ago), expected, "{newest} {quarters_ago}");
        assert_eq!(rewind.at(BOB, quarters_ago), expected.map(|_| (7, 9)));
        assert_eq!(rewind.at(EntityId(4), quarters_ago), None);
    }

    #[test]
    fn places_come_back_to_a_quarter_of_a_tick() {
        check(100, 0, Some((800, 59_700)));
        check(100, 4, Some((792, 59_703)));
        check(100, 1, Some((798, 59_700)));
        check(100, 2, Some((796, 59_701)));
        check(100, 3, Some((794, 59_702)));
        check(100, 48, Some((704, 59_736)));
        check(100, 47, Some((706, 59_735)));
    }

    #[test]
    fn what_lies_too_far_back_is_not_there() {
        check(100, 4 * 31, Some((552, 59_793)));
        // The line to a tick that is forgotten stays where it begins.
        check(100, 4 * 31 + 3, Some((552, 59_793)));
        check(100, u8::MAX, None);
        check(2, 4, Some((8, 59_997)));
        check(2, 5, Some((8, 59_997)));
        check(2, 8, None);
        assert_eq!(Rewind::new().at(ADA, 0), None);
    }

    #[test]
    fn who_was_put_elsewhere_was_nowhere_before() {
        let mut rewind = running(100);
        rewind.forget(ADA);
        assert_eq!((rewind.at(ADA, 0), rewind.at(BOB, 40)), (None, Some((7, 9))));
        rewind.record(Tick(101), [(ADA, (5, 5)), (BOB, (7, 9))].into_iter());
        assert_eq!((rewind.at(ADA, 3), rewind.at(ADA, 4)), (Some((5, 5)), None));
        rewind.clear();
        assert_eq!(rewind.at(BOB, 0), None);
    }

    #[test]
    fn ticks_that_were_left_out_hold_nobody() {
        let mut rewind = running(100);
        rewind.record(Tick(103), [(BOB, (1, 1))].into_iter());
        let places: Vec<_> = (0..5).map(|ticks| rewind.at(BOB, ticks * 4)).collect();
        assert_eq!(places, [Some((1, 1)), None, None, Some((7, 9)), Some((7, 9))]);
        rewind.record(Tick(10_000), [(BOB, (1, 1))].into_iter());
        assert_eq!(rewind.at(BOB, 4), None);
    }

    #[test]
    fn the_ring_takes_no_more_memory_however_long_it_goes_on() {
        let full = running(REWIND_TICKS as u32 + 1).places.capacity();
        assert_eq!(running(5000).places.capacity(), full);
    }

    #[test]
    fn what_is_remembered_stays_when_more_come() {
        let mut rewind = running(3);
        let crowd = (0..100).map(|id| (EntityId(id), (id, id)));
        rewind.record(Tick(4), crowd);
        assert_eq!(rewind.at(ADA, 4), Some((24, 59_991)));
        assert_eq!(rewind.at(EntityId(99), 0), Some((99, 99)));
        assert_eq!(rewind.at(BOB, 12), Some((7, 9)));
    }
}
