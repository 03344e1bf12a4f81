use serde_json::{Value, json};
use shared::arena::direction::unit_vector;
use shared::arena::map::Map;
use shared::arena::projectile::{Flight, Outcome};
use shared::arena::state::Body;
use shared::arena::weapon::PULSE;
use shared::quantize::position_to_grid;

use crate::check_file;
use crate::scenario::maps;

/// Every state of one shot, until it stops or its time is up.
fn fly(name: &str, map: &Map, start: (f32, f32), aim: u16) -> Value {
    let shooter = Body {
        x: position_to_grid(start.0),
        y: position_to_grid(start.1),
        ..Body::default()
    };
    let mut flight = Flight::fired_by(&shooter, aim);
    let mut states = vec![row(&flight)];
    let mut stopped = false;
    for _ in 0..PULSE.life_ticks {
        if flight.step(map) == Outcome::Stopped {
            stopped = true;
            break;
        }
        states.push(row(&flight));
    }
    json!({ "name": name, "map": map, "shooter": [shooter.x, shooter.y], "aim": aim, "states": states, "stopped": stopped })
}

fn row(flight: &Flight) -> Value {
    json!([flight.x, flight.y, flight.vx, flight.vy, flight.bounces_left])
}

#[test]
fn flights_match_the_golden_vectors() {
    let mut rows = Vec::new();
    for (name, map) in maps() {
        for (number, aim) in (0..=u16::MAX).step_by(4111).enumerate() {
            let start = (
                f32::from(map.width) / 2.0 + number as f32 / 3.0,
                f32::from(map.height) / 2.0,
            );
            rows.push(fly(name, &map, start, aim));
        }
    }
    let directions: Vec<[u32; 2]> = (0..1024_u32)
        .map(|index| {
            let (x, y) = unit_vector((index * 64) as u16);
            [x.to_bits(), y.to_bits()]
        })
        .collect();
    check_file("flight.json", &json!({ "directions": directions }), &rows);
}
