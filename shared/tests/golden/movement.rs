use serde_json::{Value, json};
use shared::arena::input::Input;
use shared::arena::map::{Map, Wall};
use shared::arena::movement::step;
use shared::arena::state::Body;
use shared::quantize;
use shared::record::Record;

use crate::check_file;

const TICKS: usize = 600;
const SAMPLE_EVERY: usize = 10;

/// Marsaglia's xorshift with 32 bits of state and shifts 13, 17, 5.
struct Xorshift32(u32);

impl Xorshift32 {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }
}

/// How a scenario turns random numbers into inputs.
#[derive(Clone, Copy)]
enum Steering {
    /// Eight directions and neutral, as from a keyboard.
    Keys,
    /// Any position of a stick, −128 included.
    Stick,
    /// Never any wish.
    None,
}

impl Steering {
    fn name(self) -> &'static str {
        match self {
            Self::Keys => "keys",
            Self::Stick => "stick",
            Self::None => "none",
        }
    }

    fn input(self, random: u32) -> Input {
        match self {
            Self::Keys => Input {
                move_x: key(random & 3),
                move_y: key(random >> 2 & 3),
                ..Input::default()
            },
            Self::Stick => Input {
                move_x: (random >> 8) as u8 as i8,
                move_y: (random >> 16) as u8 as i8,
                ..Input::default()
            },
            Self::None => Input::default(),
        }
    }
}

/// 0 and 3 are no key, 1 is the negative one, 2 the positive one.
fn key(bits: u32) -> i8 {
    match bits {
        1 => -127,
        2 => 127,
        _ => 0,
    }
}

struct Scenario {
    name: &'static str,
    map: Map,
    start: Body,
    seed: u32,
    steering: Steering,
    /// Ticks that each input is held.
    hold_ticks: usize,
}

fn fnv1a(hash: u32, body: Body) -> u32 {
    let mut bytes = Vec::new();
    body.encode(&mut bytes);
    bytes.iter().fold(hash, |hash, &byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

fn row(body: Body) -> Value {
    json!([body.x, body.y, body.vx, body.vy])
}

fn run(scenario: &Scenario) -> Value {
    let mut random = Xorshift32(scenario.seed);
    let mut body = scenario.start;
    let mut input = Input::default();
    let mut hash = 0x811c_9dc5;
    let mut samples = Vec::new();
    for tick in 0..TICKS {
        if tick % scenario.hold_ticks == 0 {
            input = scenario.steering.input(random.next());
        }
        body = step(body, input, &scenario.map);
        hash = fnv1a(hash, body);
        if (tick + 1) % SAMPLE_EVERY == 0 {
            samples.push(row(body));
        }
    }
    json!({
        "name": scenario.name,
        "map": scenario.map,
        "start": row(scenario.start),
        "seed": scenario.seed,
        "steering": scenario.steering.name(),
        "hold_ticks": scenario.hold_ticks,
        "samples": samples,
        "hash": hash,
    })
}

fn walls(boxes: &[(u16, u16, u16, u16)]) -> Vec<Wall> {
    boxes
        .iter()
        .map(|&(x, y, width, height)| Wall { x, y, width, height })
        .collect()
}

fn body(x: f32, y: f32, vx: f32, vy: f32) -> Body {
    Body {
        x: quantize::position_to_grid(x),
        y: quantize::position_to_grid(y),
        vx: quantize::velocity_to_grid(vx),
        vy: quantize::velocity_to_grid(vy),
    }
}

pub(crate) fn maps() -> [(&'static str, Map); 4] {
    let map = |width, height, walls| Map {
        name: String::new(),
        width,
        height,
        walls,
    };
    [
        ("open", map(2047, 1536, vec![])),
        (
            "pillars",
            map(
                640,
                480,
                walls(&[
                    (100, 100, 40, 40),
                    (300, 100, 40, 200),
                    (480, 300, 80, 20),
                    (1, 1, 9, 9),
                ]),
            ),
        ),
        (
            "corridor",
            map(
                400,
                100,
                walls(&[(0, 0, 400, 33), (0, 67, 400, 33), (200, 33, 3, 1)]),
            ),
        ),
        (
            "overlapping",
            map(
                500,
                500,
                walls(&[(100, 100, 150, 150), (200, 200, 150, 150), (249, 90, 1, 300)]),
            ),
        ),
    ]
}

#[test]
fn movement_matches_the_golden_vectors() {
    let steerings = [
        (Steering::Keys, 7),
        (Steering::Stick, 3),
        (Steering::Keys, 40),
        (Steering::Stick, 1),
    ];
    let mut scenarios = Vec::new();
    for (name, map) in maps() {
        for (index, start) in [
            body(50.0, 50.0, 0.0, 0.0),
            body(
                f32::from(map.width) - 17.0,
                f32::from(map.height) - 17.0,
                320.0,
                320.0,
            ),
            body(201.5, 60.25, -320.0, 12.5),
        ]
        .into_iter()
        .enumerate()
        {
            for (steering, hold_ticks) in steerings {
                let seed = 0x9E37_79B9_u32.wrapping_mul(scenarios.len() as u32 + 1);
                scenarios.push(Scenario {
                    name,
                    map: map.clone(),
                    start,
                    seed,
                    steering,
                    hold_ticks,
                });
            }
            let seed = index as u32 + 1;
            scenarios.push(Scenario {
                name,
                map: map.clone(),
                start,
                seed,
                steering: Steering::None,
                hold_ticks: 600,
            });
        }
    }
    let inside_a_wall = body(150.0, 120.0, 100.0, -2000.0);
    let (name, map) = maps()[3].clone();
    for (seed, (steering, hold_ticks)) in (77..).zip(steerings) {
        scenarios.push(Scenario {
            name,
            map: map.clone(),
            start: inside_a_wall,
            seed,
            steering,
            hold_ticks,
        });
    }
    assert_eq!(scenarios.len(), 64);
    let rows: Vec<Value> = scenarios.iter().map(run).collect();
    check_file(
        "movement.json",
        &json!({ "ticks": TICKS, "sample_every": SAMPLE_EVERY }),
        &rows,
    );
}
