//! A story of a million steps that both languages tell from one seed: floors, inputs, hits, dashes and shots at random.
//! What 64 scenarios do not meet is met here, and the whole of it is one number.

use serde_json::{Value, json};
use shared::arena::dash::Dash;
use shared::arena::input::Input;
use shared::arena::map::{Map, Wall};
use shared::arena::movement::{Mover, step};
use shared::arena::projectile::{Flight, Outcome};
use shared::arena::state::Body;
use shared::input::TickInput;

use crate::check_file;
use crate::hash::{OFFSET_BASIS, fnv1a};
use crate::random::Xorshift32;

const SEED: u32 = 2026;

/// Told in every run, and with `tests/run --long`.
const STEPS: [u32; 2] = [20_000, 1_000_000];

/// Steps on one floor.
const FLOOR_STEPS: u32 = 2500;

fn floor(random: &mut Xorshift32) -> Map {
    let (width, height) = (200 + random.below(1848), 200 + random.below(1337));
    let walls = (0..random.below(13))
        .map(|_| Wall {
            x: random.below(width),
            y: random.below(height),
            width: 1 + random.below(300),
            height: 1 + random.below(300),
        })
        .collect();
    Map {
        name: String::new(),
        width,
        height,
        walls,
        ..Map::default()
    }
}

fn anybody(random: &mut Xorshift32, map: &Map) -> Body {
    Body {
        x: random.below(map.width) * 32,
        y: random.below(map.height) * 32,
        vx: random.next() as i16 / 4,
        vy: random.next() as i16 / 4,
    }
}

/// One in eight numbers changes the wish, one in four of those to none.
fn input(last: Input, number: u32) -> Input {
    match number % 32 {
        0 => Input::default(),
        8 | 16 | 24 => Input {
            move_x: (number >> 8) as u8 as i8,
            move_y: (number >> 16) as u8 as i8,
            ..Input::default()
        },
        _ => last,
    }
}

/// The hash after each of the numbers of steps, which ascend.
fn hashes(steps: &[u32]) -> Vec<u32> {
    let mut random = Xorshift32(SEED);
    let mut map = floor(&mut random);
    let mut body = anybody(&mut random, &map);
    let mut wish = Input::default();
    let mut dash = Dash::default();
    let mut flight: Option<Flight> = None;
    let mut hash = OFFSET_BASIS;
    let mut hashes = Vec::new();
    for number in 1..=steps[steps.len() - 1] {
        if number.is_multiple_of(FLOOR_STEPS) {
            map = floor(&mut random);
            body = anybody(&mut random, &map);
            flight = None;
        }
        let chance = random.next();
        wish = input(wish.held(), chance);
        if chance.is_multiple_of(97) {
            body.vx = body.vx.saturating_add(random.next() as i16 / 32);
            body.vy = body.vy.saturating_add(random.next() as i16 / 32);
        }
        if chance.is_multiple_of(61) {
            wish.dash = true;
            wish.aim = random.next() as u16;
        }
        Mover { body, dash } = step(Mover { body, dash }, wish, &map);
        hash = fnv1a(hash, &body);
        let mut flying = flight.unwrap_or_else(|| Flight::fired_by(&body, random.next() as u16));
        flight = (flying.step(&map) == Outcome::Flying).then_some(flying);
        if let Some(Flight { x, y, vx, vy, .. }) = flight {
            hash = fnv1a(hash, &Body { x, y, vx, vy });
        }
        if steps.contains(&number) {
            hashes.push(hash);
        }
    }
    hashes
}

fn row(steps: u32, hash: u32) -> Value {
    json!({ "steps": steps, "hash": hash })
}

#[test]
#[ignore = "takes seconds: tests/run --long"]
fn a_million_steps_have_the_stored_hash() {
    let rows: Vec<Value> = STEPS
        .into_iter()
        .zip(hashes(&STEPS))
        .map(|(steps, hash)| row(steps, hash))
        .collect();
    let head = json!({ "seed": SEED, "floor_steps": FLOOR_STEPS });
    check_file("million.json", &head, &rows);
}

#[test]
fn the_first_of_a_million_steps_have_the_stored_hash() {
    if crate::writes() {
        return;
    }
    let first = &STEPS[..1];
    let stored = crate::stored("million.json");
    assert!(
        stored.contains(&row(first[0], hashes(first)[0]).to_string()),
        "{stored}"
    );
}
