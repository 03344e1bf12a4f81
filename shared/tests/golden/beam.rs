use serde_json::{Value, json};
use shared::arena::beam::beam_end;
use shared::arena::weapon::RAIL;

use crate::check_file;
use crate::random::Xorshift32;
use crate::scenario::maps;

const BEAMS: usize = 200;

/// Beams from anywhere on the floor, some from within a wall, a quarter of them along an axis.
#[test]
fn beams_match_the_golden_vectors() {
    let mut random = Xorshift32(77);
    let rows: Vec<Value> = maps()
        .into_iter()
        .map(|(name, map)| {
            let beams: Vec<Value> = (0..BEAMS)
                .map(|index| {
                    let from = (
                        random.below(map.width) * 32 + random.below(32),
                        random.below(map.height) * 32 + random.below(32),
                    );
                    let aim = random.next() as u16;
                    let aim = if index % 4 == 0 { aim & 0xc000 } else { aim };
                    let end = beam_end(&map, from, aim, RAIL.range);
                    json!([from.0, from.1, aim, end.0, end.1])
                })
                .collect();
            json!({ "name": name, "map": map, "beams": beams })
        })
        .collect();
    check_file("beam.json", &json!({ "range": RAIL.range }), &rows);
}
