//! The maps that come with the game: the files of `server/arena/maps/`, in the order of their names; `map_file.rs` says how they
//! are written. They are symmetric, so that no corner is better than another, and their gaps are at least 80 units, two and a
//! half players, which is also what bots need to find a way.

use std::sync::LazyLock;

use shared::arena::map::Map;

use crate::map_file::parse;
use crate::rotation::Rotation;

/// In the order of the rounds.
const FILES: [&str; 6] = [
    include_str!("../maps/1_crossroads.txt"),
    include_str!("../maps/2_cloister.txt"),
    include_str!("../maps/3_switchback.txt"),
    include_str!("../maps/4_pinwheel.txt"),
    include_str!("../maps/5_causeway.txt"),
    include_str!("../maps/6_orchard.txt"),
];

static ROTATION: LazyLock<Rotation> = LazyLock::new(|| {
    let floors = FILES
        .iter()
        .map(|text| parse(text).unwrap_or_else(|fault| panic!("a map of the game is good: {fault}")));
    Rotation::new(floors.collect()).expect("the game keeps the bounds of maps")
});

/// All of them, to be played on.
pub fn rotation() -> Rotation {
    ROTATION.clone()
}

/// All of them as maps.
pub fn all() -> Vec<Map> {
    ROTATION.maps().cloned().collect()
}

/// The map of the first round.
pub fn crossroads() -> Map {
    ROTATION.of_round(0).map().clone()
}

#[cfg(test)]
mod tests {
    use std::ops::Sub;

    use shared::arena::map::Wall;
    use shared::arena::pickup::PickupKind;
    use shared::codec::{decode_map, encode_map};

    use super::*;

    #[test]
    fn the_maps_keep_the_bounds_of_the_wire() {
        assert_eq!(crossroads().walls.len(), 25);
        for map in all() {
            assert!(map.is_valid());
            assert_eq!(decode_map(&encode_map(&map)), Ok(map));
        }
    }

    /// Units between two spans, 0 when they touch or overlap.
    fn gap(a: u16, a_length: u16, b: u16, b_length: u16) -> f32 {
        f32::from(b)
            .max(f32::from(a))
            .sub(f32::from(a + a_length).min(f32::from(b + b_length)))
            .max(0.0)
    }

    #[test]
    fn gaps_are_wide_enough_to_walk_and_to_fight() {
        for map in all() {
            let (right, bottom) = (map.width, map.height);
            let edges = [
                (0, 0, right, 0),
                (0, bottom, right, 0),
                (0, 0, 0, bottom),
                (right, 0, 0, bottom),
            ]
            .map(|(x, y, width, height)| Wall { x, y, width, height });
            for a in &map.walls {
                for b in map.walls.iter().chain(&edges) {
                    let (x, y) = (gap(a.x, a.width, b.x, b.width), gap(a.y, a.height, b.y, b.height));
                    let apart = (x * x + y * y).sqrt();
                    assert!(apart == 0.0 || apart >= 80.0, "{}: {a:?} {b:?}", map.name);
                }
            }
        }
    }

    #[test]
    fn a_map_has_something_of_each_kind_and_a_side_for_each_team() {
        for map in all() {
            for kind in PickupKind::ALL {
                assert!(
                    map.pickups.iter().any(|pickup| pickup.kind == kind),
                    "{}: {kind:?}",
                    map.name
                );
            }
            assert!(map.homes.is_some(), "{}", map.name);
        }
    }
}
