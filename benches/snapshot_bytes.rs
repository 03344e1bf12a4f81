//! B3: how many bytes has a snapshot of 16 players of whom 12 run at 320 u/s, and what does it cost to write one?
//!
//! `B3/record` has the record that the target is set for: place, aim, a step of health, flags. The others at the same tick:
//! the same records as JSON and as bincode, all of them and only those that changed. `B3/arena` has the state of the
//! arena, moved by its own step with keys that change about twice a second. The own block is apart: it is not written.
//!
//! The bytes are printed once, before the times. On the wire an event of the compact parser has one byte more, and the
//! frame of a WebSocket that is not masked two, four from 126 bytes on.

use std::hint::black_box;
use std::num::NonZeroU8;

use criterion::{Criterion, criterion_group, criterion_main};
use serde::Serialize;
use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::arena::map::Map;
use shared::arena::movement::{self, step};
use shared::arena::state::{Body, PlayerState};
use shared::arena::status::Status;
use shared::block::{BlockHead, Mode};
use shared::chunk::{DeltaRecord, encode_delta, encode_full};
use shared::ids::EntityId;
use shared::record::{DecodeError, Reader, Record};
use shared::replica::Replica;
use shared::snapshot::{Header, encode_head};
use shared::tick::Tick;

const PLAYERS: u16 = 16;
const RUNNERS: u16 = 12;
const TICKS: u32 = 3;
const SNAPSHOTS: usize = 400;

/// Target of B3, bytes.
const PAYLOAD_BYTES_MAX: usize = 125;

/// Target of B3, bytes.
const WIRE_BYTES_MAX: usize = 135;

/// The record of B3, on the arena's grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Mover {
    x: u16,
    y: u16,
    aim: u8,
    health_step: u8,
    flags: u8,
}

impl Record for Mover {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.x.to_le_bytes());
        out.extend_from_slice(&self.y.to_le_bytes());
        out.extend_from_slice(&[self.aim, self.health_step, self.flags]);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            x: reader.u16()?,
            y: reader.u16()?,
            aim: reader.u8()?,
            health_step: reader.u8()?,
            flags: reader.u8()?,
        })
    }
}

const NEAR: u8 = 1;
const FAR: u8 = 2;
const AIM: u8 = 4;
const HEALTH: u8 = 8;
const FLAGS: u8 = 16;

impl Mover {
    /// Gives the bit of the form.
    fn encode_place(&self, base: &Self, out: &mut Vec<u8>) -> u8 {
        let x = self.x.wrapping_sub(base.x) as i16;
        let y = self.y.wrapping_sub(base.y) as i16;
        if (x, y) == (0, 0) {
            return 0;
        }
        if (-2048..2048).contains(&x) && (-2048..2048).contains(&y) {
            let both = u32::from(x as u16 & 0xfff) | u32::from(y as u16 & 0xfff) << 12;
            out.extend_from_slice(&both.to_le_bytes()[..3]);
            return NEAR;
        }
        out.extend_from_slice(&self.x.to_le_bytes());
        out.extend_from_slice(&self.y.to_le_bytes());
        FAR
    }
}

/// A mask, then what changed: the place as two differences of 12 bits, or itself.
impl DeltaRecord for Mover {
    fn encode_delta(&self, base: &Self, _: u32, out: &mut Vec<u8>) {
        let mask_at = out.len();
        out.push(0);
        let mut mask = self.encode_place(base, out);
        for (bit, now, before) in [
            (AIM, self.aim, base.aim),
            (HEALTH, self.health_step, base.health_step),
            (FLAGS, self.flags, base.flags),
        ] {
            if now != before {
                mask |= bit;
                out.push(now);
            }
        }
        out[mask_at] = mask;
    }

    fn decode_delta(reader: &mut Reader<'_>, base: &Self, _: u32) -> Result<Self, DecodeError> {
        let mask = reader.u8()?;
        let mut now = *base;
        if mask & NEAR != 0 {
            let both = u32::from(reader.u16()?) | u32::from(reader.u8()?) << 16;
            now.x = base.x.wrapping_add_signed((both << 4) as i16 >> 4);
            now.y = base.y.wrapping_add_signed((both >> 8) as i16 >> 4);
        }
        if mask & FAR != 0 {
            (now.x, now.y) = (reader.u16()?, reader.u16()?);
        }
        for (bit, field) in [
            (AIM, &mut now.aim),
            (HEALTH, &mut now.health_step),
            (FLAGS, &mut now.flags),
        ] {
            if mask & bit != 0 {
                *field = reader.u8()?;
            }
        }
        Ok(now)
    }
}

type Entities<S> = Vec<(EntityId, S)>;

/// Marsaglia's xorshift with 32 bits.
struct Xorshift32(u32);

impl Xorshift32 {
    fn below(&mut self, end: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 % end
    }
}

/// What the arena shows every third tick while 12 of 16 run about and look around.
fn played() -> Vec<Entities<PlayerState>> {
    let map = Map {
        name: "Field".into(),
        width: 2000,
        height: 2000,
        walls: Vec::new(),
        ..Map::default()
    };
    let mut random = Xorshift32(3);
    let mut inputs = [Input::default(); PLAYERS as usize];
    let mut states: Entities<PlayerState> = (0..PLAYERS)
        .map(|id| {
            let body = Body {
                x: 8000 + id * 3000,
                y: 8000 + id * 2900,
                vx: 0,
                vy: 0,
            };
            (
                EntityId(id),
                PlayerState {
                    body,
                    health: 100,
                    alive: true,
                    ..PlayerState::default()
                },
            )
        })
        .collect();
    let mut shown = Vec::new();
    for tick in 0..SNAPSHOTS as u32 * TICKS {
        for (input, (_, state)) in inputs.iter_mut().zip(&mut states).take(RUNNERS.into()) {
            if random.below(30) == 0 || (input.move_x, input.move_y) == (0, 0) {
                input.move_x = [-127, 0, 127][random.below(3) as usize];
                input.move_y = [-127, 127][random.below(2) as usize];
            }
            input.aim = input.aim.wrapping_add(random.below(800) as u16);
            let mover = movement::Mover {
                body: state.body,
                ..movement::Mover::default()
            };
            state.body = step(mover, *input, &map).body;
            state.aim = (input.aim >> 8) as u8;
        }
        if tick % TICKS == 0 {
            shown.push(states.clone());
        }
    }
    shown
}

/// The record of B3: 12 run straight on at 320 u/s, whichever way they look, and one was hit.
fn ran() -> Vec<Entities<Mover>> {
    let mut random = Xorshift32(4);
    let mut movers: Vec<(f64, f64, f64, Mover)> = (0..PLAYERS)
        .map(|id| {
            let mover = Mover {
                x: 0,
                y: 0,
                aim: id as u8,
                health_step: 25,
                flags: 1,
            };
            (1000.0, 1000.0, f64::from(id), mover)
        })
        .collect();
    (0..SNAPSHOTS)
        .map(|_| {
            for (x, y, direction, mover) in movers.iter_mut().take(RUNNERS.into()) {
                *direction += f64::from(random.below(100)) / 500.0;
                let (sin, cos) = direction.sin_cos();
                (*x, *y) = (*x + 16.0 * cos, *y + 16.0 * sin);
                mover.aim = mover.aim.wrapping_add(1 + random.below(9) as u8);
            }
            let hit = random.below(RUNNERS.into()) as usize;
            movers[hit].3.health_step = 1 + random.below(25) as u8;
            let state = |&(x, y, _, mover): &(f64, f64, f64, Mover)| Mover {
                x: (x * 32.0).round() as u16,
                y: (y * 32.0).round() as u16,
                ..mover
            };
            let states = movers.iter().map(state);
            (0..PLAYERS).map(EntityId).zip(states).collect()
        })
        .collect()
}

/// Writes one snapshot against the one before, without an own block, events, or a new status.
fn write<S: DeltaRecord>(
    base: &[(EntityId, S)],
    now: &[(EntityId, S)],
    tick: u32,
    chunks: &mut Vec<u8>,
    out: &mut Vec<u8>,
) {
    chunks.clear();
    out.clear();
    let header = Header {
        tick: Tick(tick),
        slack: 4,
        slipped: false,
        base_ticks: NonZeroU8::new(TICKS as u8),
    };
    let no_events = std::iter::empty::<(Tick, Event)>();
    encode_head::<Status, (), _>(&header, None, no_events, None, out);
    let head = BlockHead {
        cell: 0,
        mode: Mode::Changed,
        chunk_count: encode_delta(base, now, TICKS, chunks),
    };
    head.encode(out);
    out.extend_from_slice(chunks);
}

/// A client that has the first of them.
fn client<S: DeltaRecord>(first: &[(EntityId, S)]) -> Replica<(), (), S, Event> {
    let header = Header {
        tick: Tick(0),
        slack: 4,
        slipped: false,
        base_ticks: None,
    };
    let mut bytes = Vec::new();
    let no_events = std::iter::empty::<(Tick, Event)>();
    encode_head(&header, None::<(EntityId, ())>, no_events, Some(&()), &mut bytes);
    let mut chunks = Vec::new();
    let head = BlockHead {
        cell: 0,
        mode: Mode::Full,
        chunk_count: encode_full(first, &mut chunks),
    };
    head.encode(&mut bytes);
    bytes.extend(chunks);
    let mut replica = Replica::new();
    replica.apply(&bytes).expect("our own keyframe applies");
    replica
}

/// The largest and the mean.
struct Bytes {
    max: usize,
    mean: f64,
}

fn measure(name: &str, sizes: impl Iterator<Item = usize>) -> Bytes {
    let sizes: Vec<usize> = sizes.collect();
    let max = *sizes.iter().max().expect("there are snapshots");
    let mean = sizes.iter().sum::<usize>() as f64 / sizes.len() as f64;
    println!("{name}: {mean:.1} bytes on average, {max} at most");
    Bytes { max, mean }
}

/// The snapshots of a story, each applied by a client, which then knows what there is.
fn snapshots<S: DeltaRecord>(name: &str, story: &[Entities<S>]) -> Bytes {
    let mut replica = client(&story[0]);
    let (mut chunks, mut bytes) = (Vec::new(), Vec::new());
    let sizes = story.windows(2).zip(1..).map(|(pair, number)| {
        write(&pair[0], &pair[1], number * TICKS, &mut chunks, &mut bytes);
        let known = replica.apply(&bytes).expect("our own snapshots apply");
        assert_eq!(known.entities, pair[1]);
        bytes.len()
    });
    measure(name, sizes)
}

/// One byte of the compact parser, and the header of the frame.
fn on_the_wire(payload: usize) -> usize {
    let message = payload + 1;
    message + if message < 126 { 2 } else { 4 }
}

/// The same records by means that know nothing of them: all, or those that changed.
fn others(story: &[Entities<Mover>]) -> Bytes {
    let json =
        |entities: &[(EntityId, Mover)]| serde_json::to_vec(entities).expect("plain data has a form").len();
    let bincode = |entities: &[(EntityId, Mover)]| {
        let bytes = bincode::serde::encode_to_vec(entities, bincode::config::standard());
        bytes.expect("plain data has a form").len()
    };
    let changed = |pair: &[Entities<Mover>]| -> Entities<Mover> {
        let both = pair[1].iter().zip(&pair[0]);
        both.filter(|(now, before)| now != before)
            .map(|(now, _)| *now)
            .collect()
    };
    let pairs = || story.windows(2);
    measure(
        "B3 JSON, all of the same records",
        pairs().map(|pair| json(&pair[1])),
    );
    measure(
        "B3 JSON, those that changed",
        pairs().map(|pair| json(&changed(pair))),
    );
    measure(
        "B3 bincode, all of the same records",
        pairs().map(|pair| bincode(&pair[1])),
    );
    measure(
        "B3 bincode, those that changed",
        pairs().map(|pair| bincode(&changed(pair))),
    )
}

fn bench<S: DeltaRecord>(criterion: &mut Criterion, name: &str, story: &[Entities<S>]) {
    let (mut chunks, mut bytes) = (Vec::new(), Vec::new());
    let mut pairs = story.windows(2).cycle();
    criterion.bench_function(name, |bencher| {
        bencher.iter(|| {
            let pair = pairs.next().expect("they come again");
            write(black_box(&pair[0]), &pair[1], TICKS, &mut chunks, &mut bytes);
            black_box(bytes.len())
        });
    });
}

fn b3(criterion: &mut Criterion) {
    let (ran, played) = (ran(), played());
    let record = snapshots("B3 snapshot of the record", &ran);
    let arena = snapshots("B3 snapshot of the arena", &played);
    let wire = on_the_wire(record.max);
    println!("B3 snapshot of the record on the wire: {wire} bytes at most");
    let changed = others(&ran);
    assert!(record.max <= PAYLOAD_BYTES_MAX && wire <= WIRE_BYTES_MAX);
    assert!(arena.max <= PAYLOAD_BYTES_MAX && on_the_wire(arena.max) <= WIRE_BYTES_MAX);
    assert!(
        record.mean < changed.mean,
        "the smallest of the others has no header"
    );
    bench(criterion, "B3/record/16_players_12_running", &ran);
    bench(criterion, "B3/arena/16_players_12_running", &played);
}

criterion_group!(benches, b3);
criterion_main!(benches);
