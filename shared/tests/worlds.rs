//! Random worlds, shown to a client that misses snapshots, looks elsewhere, and is told of some cells late: what it knows
//! of a cell that it was just told of is what is there.

use std::collections::BTreeMap;
use std::num::NonZeroU8;

use shared::arena::event::Event;
use shared::arena::state::{Body, PlayerState};
use shared::arena::status::{Phase, Status};
use shared::arena::team::Team;
use shared::arena::{Replica, Snapshot};
use shared::block::{BlockHead, Mode};
use shared::chunk::{encode_delta, encode_full};
use shared::ids::EntityId;
use shared::replica::ApplyError;
use shared::snapshot::{Header, encode_head};
use shared::tick::Tick;

use self::random::Xorshift32;

/// The generator of the golden scenarios.
#[path = "golden/random.rs"]
mod random;

const CELLS: u16 = 6;

type Cell = Vec<(EntityId, PlayerState)>;

/// The world at one tick, cell by cell, each in ascending order of id.
#[derive(Clone, Default)]
struct Frame {
    tick: u32,
    cells: BTreeMap<u8, Cell>,
}

impl Frame {
    fn cell(&self, cell: u8) -> &[(EntityId, PlayerState)] {
        self.cells.get(&cell).map_or(&[], Vec::as_slice)
    }

    fn has(&self, cell: u8, entity: EntityId) -> bool {
        self.cell(cell).iter().any(|&(id, _)| id == entity)
    }
}

/// Everybody in it jumps, runs, dies, goes and comes as the numbers say.
struct World {
    random: Xorshift32,
    entities: BTreeMap<u16, (u8, PlayerState)>,
    frames: Vec<Frame>,
}

impl World {
    fn new(seed: u32) -> Self {
        Self {
            random: Xorshift32(seed),
            entities: BTreeMap::new(),
            frames: Vec::new(),
        }
    }

    fn chance(&mut self, of: u16) -> bool {
        self.random.below(of) == 0
    }

    /// Goes on for some ticks and keeps what is there then.
    fn go_on(&mut self) {
        let ticks = 1 + u32::from(self.random.below(9));
        for id in 0..40_u16 {
            let entity = id * 37;
            match self.entities.remove(&entity) {
                Some(_) if self.chance(20) => {}
                Some((cell, state)) => {
                    let cell = if self.chance(6) { self.any_cell() } else { cell };
                    let state = self.later(state, ticks);
                    self.entities.insert(entity, (cell, state));
                }
                None if self.chance(8) => {
                    let (cell, state) = (self.any_cell(), self.any_state());
                    self.entities.insert(entity, (cell, state));
                }
                None => {}
            }
        }
        let mut frame = Frame {
            tick: self.frames.last().map_or(1, |frame| frame.tick) + ticks,
            ..Frame::default()
        };
        for (&id, &(cell, state)) in &self.entities {
            frame.cells.entry(cell).or_default().push((EntityId(id), state));
        }
        self.frames.push(frame);
    }

    fn any_cell(&mut self) -> u8 {
        self.random.below(CELLS) as u8
    }

    fn any_state(&mut self) -> PlayerState {
        let random = &mut self.random;
        PlayerState {
            body: Body {
                x: random.next() as u16,
                y: random.next() as u16,
                vx: random.next() as i16,
                vy: random.next() as i16,
            },
            aim: random.next() as u8,
            health: random.next() as u8,
            alive: random.below(2) == 0,
            shielded: random.below(2) == 0,
            dashing: random.below(2) == 0,
            score: random.next() as u16,
            kills: random.next() as u8,
            deaths: random.next() as u8,
            assists: random.next() as u8,
            armor: (random.next() as u8).saturating_sub(128),
            overcharged: random.below(4) == 0,
            team: [None, Some(Team::Blue), Some(Team::Orange)][usize::from(random.below(3))],
        }
    }

    fn later(&mut self, mut state: PlayerState, ticks: u32) -> PlayerState {
        let near = |random: &mut Xorshift32, end: u16| random.below(end) as i16 - (end / 2) as i16;
        if self.chance(4) {
            return state;
        }
        if self.chance(30) {
            return self.any_state();
        }
        let way = |v: i16| (i32::from(v) * ticks as i32 / 30) as i16;
        let body = &mut state.body;
        body.x = body.x.wrapping_add_signed(way(body.vx));
        body.y = body.y.wrapping_add_signed(way(body.vy));
        let random = &mut self.random;
        body.x = body.x.wrapping_add_signed(near(random, 20));
        body.vx = body.vx.wrapping_add(near(random, 3) * near(random, 3000));
        body.vy = body.vy.wrapping_add(near(random, 3) * near(random, 3000));
        state.aim = state.aim.wrapping_add(near(random, 3) as u8);
        state
    }

    /// What a client that was told of `cell` at frame `since` still has of it for certain, and whoever is not there now:
    /// somebody who went away and came back may have been shown elsewhere in between.
    fn base(&self, cell: u8, since: usize) -> Cell {
        let (between, now) = (&self.frames[since + 1..], self.frames.len() - 1);
        let stayed = |entity| between.iter().all(|frame| frame.has(cell, entity));
        let base = self.frames[since].cell(cell).iter().copied();
        base.filter(|&(id, _)| !self.frames[now].has(cell, id) || stayed(id))
            .collect()
    }
}

/// What the server knows of one client.
struct Viewer {
    replica: Replica,
    /// The frame that it was handed last.
    last: Option<usize>,
    /// The cells that it was told of, each with the frame of which it knows.
    cells: BTreeMap<u8, usize>,
}

impl Viewer {
    /// The next snapshot: all cells in any order, some left out although they changed.
    fn snapshot(&mut self, world: &mut World) -> Vec<u8> {
        let now = world.frames.len() - 1;
        let tick = world.frames[now].tick;
        let base_ticks = self
            .last
            .and_then(|last| u8::try_from(tick - world.frames[last].tick).ok())
            .and_then(NonZeroU8::new);
        if base_ticks.is_none() {
            self.cells.clear();
        }
        let mut blocks: Vec<Vec<u8>> = Vec::new();
        for cell in 0..CELLS as u8 {
            let block = self.block(world, cell, now);
            let at = usize::from(world.random.below(blocks.len() as u16 + 1));
            blocks.insert(at, block);
        }
        self.last = Some(now);
        let status = Status {
            phase: Phase::Live,
            round: 1,
            ends: Tick(tick / 100),
            teams: None,
        };
        let header = Header {
            tick: Tick(tick),
            slack: 0,
            slipped: false,
            base_ticks,
        };
        let mut bytes = Vec::new();
        let no_events = std::iter::empty::<(Tick, Event)>();
        // Of the arena's type, and never there.
        let own = self.replica.latest().and_then(|known| known.own);
        encode_head(&header, own, no_events, Some(&status), &mut bytes);
        bytes.extend(blocks.concat());
        bytes
    }

    /// The block of one cell; empty when nothing is told of it.
    fn block(&mut self, world: &mut World, cell: u8, now: usize) -> Vec<u8> {
        let mut chunks = Vec::new();
        let since = self.cells.get(&cell).copied();
        let age = |since: usize| world.frames[now].tick - world.frames[since].tick;
        let (mode, chunk_count) = match (since, since.map(age).map(u8::try_from)) {
            (Some(_), _) if world.chance(7) => {
                self.cells.remove(&cell);
                (Mode::Forgotten, 0)
            }
            _ if world.chance(3) => return Vec::new(),
            (Some(since), Some(Ok(age))) => {
                let base = world.base(cell, since);
                let count = encode_delta(&base, world.frames[now].cell(cell), age.into(), &mut chunks);
                self.cells.insert(cell, now);
                let age_ticks = NonZeroU8::new(age).expect("frames lie apart");
                let is_last = self.last == Some(since);
                let mode = if is_last {
                    Mode::Changed
                } else {
                    Mode::Older { age_ticks }
                };
                (mode, count)
            }
            _ => {
                let count = encode_full(world.frames[now].cell(cell), &mut chunks);
                self.cells.insert(cell, now);
                (Mode::Full, count)
            }
        };
        let mut bytes = Vec::new();
        let head = BlockHead {
            cell,
            mode,
            chunk_count,
        };
        head.encode(&mut bytes);
        bytes.extend(chunks);
        bytes
    }

    fn check(&self, world: &World) {
        let known = self.replica.latest().expect("a snapshot was applied");
        let now = world.frames.len() - 1;
        for cell in 0..CELLS as u8 {
            let found: Cell = of_cell(&self.replica, known, cell);
            match self.cells.get(&cell) {
                None => assert_eq!(found, [], "nothing is known of a cell that was not told of"),
                Some(&since) if since == now => assert_eq!(found, world.frames[now].cell(cell)),
                Some(&since) => {
                    let then = world.frames[since].cell(cell);
                    assert!(found.iter().all(|entity| then.contains(entity)));
                }
            }
        }
    }
}

fn of_cell(replica: &Replica, known: &Snapshot, cell: u8) -> Cell {
    let is_there = |entity| replica.cell_of(entity) == Some(cell);
    let there = known.entities.iter().filter(|(entity, _)| is_there(*entity));
    there.copied().collect()
}

#[test]
fn a_client_knows_what_it_was_told_whatever_it_missed() {
    for seed in 1..=60 {
        let mut world = World::new(seed * 7919);
        let mut viewer = Viewer {
            replica: Replica::new(),
            last: None,
            cells: BTreeMap::new(),
        };
        for _ in 0..120 {
            world.go_on();
            if world.chance(3) {
                continue;
            }
            // Long ago: what a byte of ticks cannot say is a keyframe.
            if world.chance(60) {
                (0..60).for_each(|_| world.go_on());
            }
            let bytes = viewer.snapshot(&mut world);
            viewer.replica.apply(&bytes).unwrap();
            viewer.check(&world);
        }
    }
}

#[test]
fn a_client_that_missed_one_is_out_of_step_until_a_keyframe() {
    let mut world = World::new(5);
    let mut viewer = Viewer {
        replica: Replica::new(),
        last: None,
        cells: BTreeMap::new(),
    };
    world.go_on();
    let first = viewer.snapshot(&mut world);
    viewer.replica.apply(&first).unwrap();
    world.go_on();
    let lost = viewer.snapshot(&mut world);
    world.go_on();
    let next = viewer.snapshot(&mut world);
    let before = viewer.replica.latest().cloned();
    assert_eq!(viewer.replica.apply(&next), Err(ApplyError::OutOfStep));
    assert_eq!(viewer.replica.latest(), before.as_ref());
    // Late is better than never: in their order they all apply.
    viewer.replica.apply(&lost).unwrap();
    viewer.replica.apply(&next).unwrap();
    viewer.check(&world);
}
