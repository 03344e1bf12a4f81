use serde_json::{Value, json};
use shared::arena::direction::unit_vector;
use shared::arena::input::Input;
use shared::arena::map::{Map, Wall};
use shared::arena::movement::{Mover, step};
use shared::arena::state::Body;
use shared::quantize::{position_to_grid, velocity_to_grid};

use crate::random::Xorshift32;

pub(crate) const TICKS: usize = 600;

const KNOCK_SPEED: f32 = 60.0;

/// How a scenario turns random numbers into inputs.
#[derive(Clone, Copy)]
pub(crate) enum Steering {
    /// Eight directions and neutral, as from a keyboard.
    Keys,
    /// Any position of a stick, −128 included.
    Stick,
    /// Never any wish.
    None,
    /// Always this one.
    Held(i8, i8),
}

impl Steering {
    fn value(self) -> Value {
        match self {
            Self::Keys => json!("keys"),
            Self::Stick => json!("stick"),
            Self::None => json!("none"),
            Self::Held(x, y) => json!([x, y]),
        }
    }

    fn input(self, random: u32) -> Input {
        let (move_x, move_y) = match self {
            Self::Keys => (key(random & 3), key(random >> 2 & 3)),
            Self::Stick => ((random >> 8) as u8 as i8, (random >> 16) as u8 as i8),
            Self::None => (0, 0),
            Self::Held(x, y) => (x, y),
        };
        Input {
            move_x,
            move_y,
            ..Input::default()
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

/// A velocity from outside at a tick, counted from 0, in grid steps.
#[derive(Clone, Copy)]
pub(crate) struct Push {
    tick: usize,
    vx: i16,
    vy: i16,
}

impl Push {
    fn value(&self) -> Value {
        json!([self.tick, self.vx, self.vy])
    }
}

/// A dash is pressed in a tick, counted from 0, by somebody who looks there.
#[derive(Clone, Copy)]
pub(crate) struct Press {
    tick: usize,
    aim: u16,
}

impl Press {
    fn value(&self) -> Value {
        json!([self.tick, self.aim])
    }
}

/// One way through a map: everything that a step is given, tick by tick.
pub(crate) struct Scenario {
    name: &'static str,
    pub(crate) map: Map,
    pub(crate) start: Body,
    seed: u32,
    steering: Steering,
    /// Ticks that each input is held.
    hold_ticks: usize,
    /// Added to the velocity before the tick, as a hit does.
    knocks: Vec<Push>,
    /// Some of them come too early, and then are nothing.
    dashes: Vec<Press>,
}

impl Scenario {
    /// The inputs of all ticks.
    pub(crate) fn inputs(&self) -> Vec<Input> {
        let mut random = Xorshift32(self.seed);
        let mut input = Input::default();
        (0..TICKS)
            .map(|tick| {
                if tick % self.hold_ticks == 0 {
                    input = self.steering.input(random.next());
                }
                let press = self.dashes.iter().find(|press| press.tick == tick);
                press.map_or(input, |press| Input {
                    dash: true,
                    aim: press.aim,
                    ..input
                })
            })
            .collect()
    }

    /// The state after this tick, whatever happened before.
    pub(crate) fn step(&self, tick: usize, mut mover: Mover, input: Input) -> Mover {
        let body = &mut mover.body;
        for knock in self.knocks.iter().filter(|knock| knock.tick == tick) {
            body.vx = body.vx.saturating_add(knock.vx);
            body.vy = body.vy.saturating_add(knock.vy);
        }
        step(mover, input, &self.map)
    }

    /// What the mirror needs to do the same.
    pub(crate) fn value(&self) -> Value {
        json!({
            "name": self.name,
            "map": self.map,
            "start": [self.start.x, self.start.y, self.start.vx, self.start.vy],
            "seed": self.seed,
            "steering": self.steering.value(),
            "hold_ticks": self.hold_ticks,
            "knocks": self.knocks.iter().map(Push::value).collect::<Vec<_>>(),
            "dashes": self.dashes.iter().map(Press::value).collect::<Vec<_>>(),
        })
    }
}

fn body(x: f32, y: f32, vx: f32, vy: f32) -> Body {
    Body {
        x: position_to_grid(x),
        y: position_to_grid(y),
        vx: velocity_to_grid(vx),
        vy: velocity_to_grid(vy),
    }
}

/// Pushes in random directions, one each `every` ticks.
fn pushes(seed: u32, every: usize, speed: f32) -> Vec<Push> {
    let mut random = Xorshift32(seed);
    (every / 2..TICKS)
        .step_by(every)
        .map(|tick| {
            let (right, down) = unit_vector(random.next() as u16);
            Push {
                tick,
                vx: velocity_to_grid(right * speed),
                vy: velocity_to_grid(down * speed),
            }
        })
        .collect()
}

/// Presses in random directions, one each `every` ticks.
fn presses(seed: u32, every: usize) -> Vec<Press> {
    let mut random = Xorshift32(seed);
    (every / 2..TICKS)
        .step_by(every)
        .map(|tick| Press {
            tick,
            aim: random.next() as u16,
        })
        .collect()
}

/// Floors with what movement can meet.
pub(crate) fn maps() -> [(&'static str, Map); 5] {
    let map = |width, height, boxes: &[(u16, u16, u16, u16)]| Map {
        name: String::new(),
        width,
        height,
        walls: boxes
            .iter()
            .map(|&(x, y, width, height)| Wall { x, y, width, height })
            .collect(),
        ..Map::default()
    };
    let pillars = [
        (100, 100, 40, 40),
        (300, 100, 40, 200),
        (480, 300, 80, 20),
        (1, 1, 9, 9),
    ];
    let corridor = [(0, 0, 400, 33), (0, 67, 400, 33), (200, 33, 3, 1)];
    let overlapping = [(100, 100, 150, 150), (200, 200, 150, 150), (249, 90, 1, 300)];
    // Two walls at once: a gap as wide as a player, one narrower by a unit, one wider, and a corner to be caught in.
    let double_walls = [
        (100, 50, 20, 100),
        (152, 50, 20, 100),
        (203, 50, 20, 100),
        (256, 50, 20, 100),
        (100, 250, 200, 20),
        (280, 200, 20, 50),
    ];
    [
        ("open", map(2047, 1536, &[])),
        ("pillars", map(640, 480, &pillars)),
        ("corridor", map(400, 100, &corridor)),
        ("overlapping", map(500, 500, &overlapping)),
        ("double walls", map(400, 300, &double_walls)),
    ]
}

/// All 64.
pub(crate) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    walks(&mut all);
    corners(&mut all);
    speeds(&mut all);
    pushed(&mut all);
    all
}

/// The one that a map's name stands for, doing nothing in the middle of it.
fn at(all: &[Scenario], name: &'static str, map: &Map, start: Body) -> Scenario {
    Scenario {
        name,
        map: map.clone(),
        start,
        seed: 0x9E37_79B9_u32.wrapping_mul(all.len() as u32 + 1),
        steering: Steering::None,
        hold_ticks: TICKS,
        knocks: Vec::new(),
        dashes: Vec::new(),
    }
}

/// Every map with every kind of steering, from a place that differs.
fn walks(all: &mut Vec<Scenario>) {
    for (name, map) in maps() {
        let starts = [
            body(50.0, 50.0, 0.0, 0.0),
            body(
                f32::from(map.width) - 17.0,
                f32::from(map.height) - 17.0,
                320.0,
                320.0,
            ),
            body(201.5, 60.25, -320.0, 12.5),
            body(150.0, 120.0, 100.0, -2000.0),
        ];
        let steerings = [
            (Steering::Keys, 7),
            (Steering::Stick, 3),
            (Steering::Keys, 40),
            (Steering::Stick, 1),
        ];
        for (start, (steering, hold_ticks)) in starts.into_iter().zip(steerings) {
            all.push(Scenario {
                steering,
                hold_ticks,
                ..at(all, name, &map, start)
            });
        }
    }
}

/// Into the four corners of the floor, at the corners of a box from outside, and into the gaps between two walls.
fn corners(all: &mut Vec<Scenario>) {
    let [(_, open), (_, pillars), _, (_, overlapping), (_, double_walls)] = maps();
    let diagonals = [(-127, -127), (127, -127), (-127, 127), (127, 127)];
    for (x, y) in diagonals {
        let start = body(1000.0 + f32::from(x) * 7.0, 750.0 + f32::from(y) * 5.0, 0.0, 0.0);
        all.push(Scenario {
            steering: Steering::Held(x, y),
            ..at(all, "corner of the floor", &open, start)
        });
        // The box at (100, 100) with its middle at (120, 120), from aside of its diagonal.
        let start = body(121.5 - f32::from(x) * 0.5, 120.0 - f32::from(y) * 0.5, 0.0, 0.0);
        all.push(Scenario {
            steering: Steering::Held(x, y),
            ..at(all, "corner of a box", &pillars, start)
        });
    }
    for (start, held, map) in [
        (body(136.0, 20.0, 0.0, 0.0), (0, 127), &double_walls),
        (body(187.5, 20.0, 0.0, 0.0), (0, 127), &double_walls),
        (body(239.5, 180.0, 40.0, 0.0), (10, -127), &double_walls),
        (body(250.0, 220.0, 0.0, 0.0), (127, 90), &double_walls),
        (body(230.0, 80.0, 0.0, 0.0), (25, 127), &overlapping),
        (body(90.0, 300.0, 0.0, 0.0), (127, -90), &overlapping),
    ] {
        all.push(Scenario {
            steering: Steering::Held(held.0, held.1),
            ..at(all, "two walls at once", map, start)
        });
    }
}

/// As fast as the grid of velocities goes, as fast as a stick gets, and nothing but what is left of a velocity.
fn speeds(all: &mut Vec<Scenario>) {
    let all_maps = maps();
    for (index, (_, map)) in all_maps.iter().enumerate() {
        let mut start = body(f32::from(map.width) / 2.0, f32::from(map.height) / 2.0, 0.0, 0.0);
        (start.vx, start.vy) = [
            (i16::MAX, i16::MIN),
            (i16::MIN, i16::MIN),
            (i16::MAX, 1),
            (0, i16::MAX),
            (i16::MIN, i16::MAX),
        ][index];
        all.push(Scenario {
            steering: Steering::Keys,
            hold_ticks: 60,
            ..at(all, "greatest speed", map, start)
        });
        let start = body(
            60.0,
            50.0,
            320.0 - index as f32 * 150.0,
            1.0 + index as f32 * 60.0,
        );
        all.push(at(all, "zero input", map, start));
    }
    let start = body(700.0, 500.0, 0.0, 0.0);
    all.push(at(all, "zero input at rest", &all_maps[0].1, start));
    for held in [(127, 0), (-128, -128), (3, -126)] {
        let start = body(1000.0, 700.0, 0.0, 0.0);
        all.push(Scenario {
            steering: Steering::Held(held.0, held.1),
            ..at(all, "full stick", &all_maps[0].1, start)
        });
    }
}

/// Dashes and knock-backs, with and without a wish of one's own. Every other dash is knocked on its way; some are pressed as
/// soon as they may, some much more often.
fn pushed(all: &mut Vec<Scenario>) {
    for (index, (_, map)) in maps().iter().cycle().take(8).enumerate() {
        let seed = 0x51 + all.len() as u32;
        let start = body(60.0, 50.0, 0.0, 0.0);
        let steering = if all.len().is_multiple_of(3) {
            Steering::None
        } else {
            Steering::Stick
        };
        all.push(Scenario {
            steering,
            hold_ticks: 11,
            dashes: presses(seed, [150, 47, 151, 13][index % 4]),
            knocks: if index % 2 == 1 {
                pushes(seed, 9, KNOCK_SPEED)
            } else {
                Vec::new()
            },
            ..at(all, "dash", map, start)
        });
        all.push(Scenario {
            steering,
            hold_ticks: 5,
            knocks: pushes(seed, 14, KNOCK_SPEED),
            ..at(all, "knock-back", map, start)
        });
    }
}
