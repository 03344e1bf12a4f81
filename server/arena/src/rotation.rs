//! Which map is played on in which round: one after the other, and from the first again.

use std::sync::Arc;

use shared::arena::map::Map;
use shared::limits::MAPS_OFFERED_MAX;

use crate::floor::Floor;

/// Maps of a match.
pub const MAPS_MAX: usize = MAPS_OFFERED_MAX;

/// The maps of a match in the order of its rounds, from 1 to [`MAPS_MAX`]. A copy shares them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation(Arc<[Arc<Floor>]>);

impl Rotation {
    /// None without a map, and of more than [`MAPS_MAX`].
    pub fn new(floors: Vec<Arc<Floor>>) -> Option<Self> {
        (1..=MAPS_MAX)
            .contains(&floors.len())
            .then(|| Self(floors.into()))
    }

    /// Of maps that are known to be good. Panics when one is not, or when there are none or too many.
    pub fn of(maps: impl IntoIterator<Item = Map>) -> Self {
        let floors = maps
            .into_iter()
            .map(|map| Floor::of(map).expect("a map has room for a player and keeps the bounds of the wire"));
        Self::new(floors.collect()).expect("a match keeps the bounds of maps")
    }

    /// What a round is played on, counted from 0.
    pub fn of_round(&self, round: u16) -> &Arc<Floor> {
        &self.0[usize::from(round) % self.0.len()]
    }

    /// The same maps, with another one first: so that not all matches of a server begin on the same.
    #[must_use]
    pub fn starting_with(&self, index: usize) -> Self {
        let mut floors = self.0.to_vec();
        floors.rotate_left(index % self.0.len());
        Self(floors.into())
    }

    /// One of the maps, for all rounds. Panics when there is none with this index.
    #[must_use]
    pub fn only(&self, index: usize) -> Self {
        Self(Arc::new([Arc::clone(&self.0[index])]))
    }

    /// All maps in the order of the rounds.
    pub fn maps(&self) -> impl ExactSizeIterator<Item = &Map> {
        self.0.iter().map(|floor| floor.map())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::maps;

    fn names(rotation: &Rotation, rounds: impl Iterator<Item = u16>) -> Vec<&str> {
        rounds
            .map(|round| rotation.of_round(round).map().name.as_str())
            .collect()
    }

    #[test]
    fn rounds_go_through_all_maps_and_around() {
        let all = maps::rotation();
        let third = all.starting_with(2);
        assert_eq!(names(&all, 5..8), ["Orchard", "Crossroads", "Cloister"]);
        assert_eq!(names(&third, 3..6), ["Orchard", "Crossroads", "Cloister"]);
        assert_eq!(names(&all.only(4), 0..3), ["Causeway"; 3]);
        assert_eq!(third.starting_with(4), all);
        assert_eq!(all.starting_with(6 * 7), all);
        assert!(
            Arc::ptr_eq(all.of_round(2), third.of_round(0)),
            "they share what is computed"
        );
    }

    #[test]
    fn there_is_at_least_one_map_and_never_too_many() {
        let floor = Arc::clone(maps::rotation().of_round(0));
        let check = |count, good| assert_eq!(Rotation::new(vec![Arc::clone(&floor); count]).is_some(), good);
        check(0, false);
        check(1, true);
        check(MAPS_MAX, true);
        check(MAPS_MAX + 1, false);
    }
}
