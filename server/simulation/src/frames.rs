//! The last observations of a match: what a difference can be taken against.
//!
//! The usual client was handed the snapshot before this one, and one base would do for it. A client that gets every second
//! or fourth one, or some cells later than others, has an older base; the ring reaches back 16 snapshots, which is more
//! than any rate needs. Whoever is further behind gets everything anew.
//!
//! Entities stand by cell and then by id, so that a cell is a slice:
//!
//! ```text
//! entities   [c0 e3] [c0 e9] [c2 e1] [c2 e4] [c2 e7] [c5 e2]
//! starts      c0: 0   c1: 2   c2: 2   c3: 5   c4: 5   c5: 5   …  end: 6
//! ```

use shared::ids::EntityId;
use shared::record::Record;
use shared::tick::Tick;

use crate::audience::Stands;
use crate::cells::CellSet;
use crate::grid::Grid;

/// Snapshots that are kept: 0.8 s at the full rate.
pub(crate) const FRAMES_MAX: usize = 16;

/// What there was to see at one tick.
#[derive(Debug)]
pub(crate) struct Frame<M, S, E> {
    pub(crate) tick: Tick,
    pub(crate) status: M,
    /// By cell, then by id.
    entities: Vec<(EntityId, S)>,
    /// Index of the first entity of each cell, and the end.
    starts: Vec<u16>,
    /// Cells with entities.
    pub(crate) occupied: CellSet,
    /// Each entity and its index, by id.
    by_id: Vec<(EntityId, u16)>,
    /// The oldest first, each with the cell it is in.
    pub(crate) standing: Vec<(u8, Stands<E>)>,
}

impl<M: Record, S: Record, E: Record> Frame<M, S, E> {
    fn new(status: M) -> Self {
        Self {
            tick: Tick(0),
            status,
            entities: Vec::new(),
            starts: Vec::new(),
            occupied: CellSet::EMPTY,
            by_id: Vec::new(),
            standing: Vec::new(),
        }
    }

    /// The entities of a cell, by id.
    pub(crate) fn cell(&self, cell: u8) -> &[(EntityId, S)] {
        let cell = usize::from(cell);
        match self.starts.get(cell..cell + 2) {
            Some(&[start, end]) => &self.entities[usize::from(start)..usize::from(end)],
            _ => &[],
        }
    }

    pub(crate) fn state(&self, entity: EntityId) -> Option<&S> {
        let index = self.by_id.binary_search_by_key(&entity, |&(id, _)| id).ok()?;
        Some(&self.entities[usize::from(self.by_id[index].1)].1)
    }

    pub(crate) fn is_in(&self, entity: EntityId, cell: u8) -> bool {
        self.cell(cell)
            .binary_search_by_key(&entity, |&(id, _)| id)
            .is_ok()
    }

    /// Sorts what is seen, which comes by id, into cells.
    fn fill(&mut self, seen: &[(EntityId, S)], cell_of: impl Fn(&S) -> u8, cell_count: usize) {
        self.starts.clear();
        self.starts.resize(cell_count + 1, 0);
        self.occupied = CellSet::EMPTY;
        for (_, state) in seen {
            let cell = cell_of(state);
            self.occupied.insert(cell);
            self.starts[usize::from(cell) + 1] += 1;
        }
        for cell in 0..cell_count {
            self.starts[cell + 1] += self.starts[cell];
        }
        self.entities.clear();
        self.entities.extend_from_slice(seen);
        self.by_id.clear();
        // The starts move to the ends of their cells, which are the starts of those that follow.
        for &(entity, state) in seen {
            let next = &mut self.starts[usize::from(cell_of(&state))];
            self.entities[usize::from(*next)] = (entity, state);
            self.by_id.push((entity, *next));
            *next += 1;
        }
        self.starts.copy_within(0..cell_count, 1);
        self.starts[0] = 0;
    }
}

/// The ring. The newest frame is the one that snapshots are made of now.
#[derive(Debug)]
pub(crate) struct Frames<M, S, E> {
    /// Grows to [`FRAMES_MAX`]; what is in use is told by `count`.
    ring: Vec<Frame<M, S, E>>,
    newest: usize,
    count: usize,
}

/// A frame of the ring, until the next one comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot(pub(crate) usize);

impl<M: Record, S: Record, E: Record> Frames<M, S, E> {
    pub(crate) const fn new() -> Self {
        Self {
            ring: Vec::new(),
            newest: 0,
            count: 0,
        }
    }

    /// Adds the observation of a tick, instead of the oldest one. `seen` comes by id.
    pub(crate) fn push(
        &mut self,
        tick: Tick,
        status: M,
        seen: &[(EntityId, S)],
        standing: &[Stands<E>],
        grid: &Grid,
        place_of: impl Fn(&S) -> (f32, f32),
    ) {
        self.newest = (self.newest + 1) % FRAMES_MAX;
        while self.ring.len() <= self.newest {
            self.ring.push(Frame::new(status));
        }
        self.count = FRAMES_MAX.min(self.count + 1);
        let frame = &mut self.ring[self.newest];
        frame.tick = tick;
        frame.status = status;
        frame.fill(seen, |state| grid.cell(place_of(state)), grid.cell_count());
        frame.standing.clear();
        let with_cell = standing.iter().map(|stands| (grid.cell(stands.place), *stands));
        frame.standing.extend(with_cell);
    }

    /// Forgets all: cells mean something else from now on.
    pub(crate) const fn clear(&mut self) {
        self.count = 0;
    }

    pub(crate) fn now(&self) -> &Frame<M, S, E> {
        &self.ring[self.newest]
    }

    pub(crate) fn frame(&self, slot: Slot) -> &Frame<M, S, E> {
        &self.ring[slot.0]
    }

    /// The frame of an earlier tick, unless it is forgotten.
    pub(crate) fn slot(&self, tick: Tick) -> Option<Slot> {
        let mut slots = (1..self.count).map(|back| self.back(back));
        slots.find(|&slot| self.frame(slot).tick == tick)
    }

    /// Whether an entity was in this cell in every frame after `base` and before now: if not, whoever looked on may know it
    /// from another cell, or not at all.
    pub(crate) fn was_always_in(&self, entity: EntityId, cell: u8, base: Slot) -> bool {
        let between = (1..self.count)
            .map(|back| self.back(back))
            .take_while(|&slot| slot != base);
        between
            .into_iter()
            .all(|slot| self.frame(slot).is_in(entity, cell))
    }

    /// Whether `base` is the frame before this one.
    pub(crate) const fn is_last(&self, base: Slot) -> bool {
        self.back(1).0 == base.0
    }

    const fn back(&self, frames: usize) -> Slot {
        Slot((self.newest + FRAMES_MAX - frames) % FRAMES_MAX)
    }
}

#[cfg(test)]
mod tests {
    use shared::arena::state::Body;

    use super::*;
    use crate::grid::InterestRules;

    fn divided() -> Grid {
        let mut grid = Grid::new(
            InterestRules {
                cell_units: 100.0,
                view_width_units: 100.0,
                view_height_units: 100.0,
            },
            24,
        );
        assert!(grid.choose(100));
        grid
    }

    /// A frame with entities in the cells of the first row; `seen` has id and cell.
    fn push(frames: &mut Frames<(), Body, ()>, tick: u32, seen: &[(u16, u16)]) {
        let seen: Vec<_> = seen
            .iter()
            .map(|&(id, cell)| {
                let x = cell * 100;
                (EntityId(id), Body { x, ..Body::default() })
            })
            .collect();
        let place_of = |body: &Body| (body.x.into(), 0.0);
        frames.push(Tick(tick), (), &seen, &[], &divided(), place_of);
    }

    #[test]
    fn each_cell_is_a_slice_in_order_of_id() {
        let mut frames = Frames::new();
        for _ in 0..2 {
            push(
                &mut frames,
                3,
                &[(1, 2), (2, 5), (3, 0), (4, 2), (7, 2), (9, 0), (11, 15)],
            );
            let now = frames.now();
            let ids = |cell| now.cell(cell).iter().map(|(id, _)| id.0).collect::<Vec<u16>>();
            assert_eq!(
                (ids(0), ids(1), ids(2), ids(5), ids(15), ids(255)),
                (vec![3, 9], vec![], vec![1, 4, 7], vec![2], vec![11], vec![])
            );
            assert_eq!(now.occupied.iter().collect::<Vec<u8>>(), [0, 2, 5, 15]);
            assert_eq!(now.state(EntityId(4)).map(|body| body.x), Some(200));
            assert_eq!(now.state(EntityId(5)), None);
            assert!(now.is_in(EntityId(9), 0) && !now.is_in(EntityId(9), 2));
        }
    }

    #[test]
    fn the_last_frames_are_kept_and_none_after_a_new_division() {
        let mut frames = Frames::new();
        for tick in 0..100 {
            push(&mut frames, tick, &[(1, 0)]);
        }
        let kept = |frames: &Frames<(), Body, ()>| {
            (0..100)
                .filter(|&tick| frames.slot(Tick(tick)).is_some())
                .collect::<Vec<u32>>()
        };
        assert_eq!(
            kept(&frames),
            (84..99).collect::<Vec<u32>>(),
            "and the one of now"
        );
        frames.clear();
        push(&mut frames, 100, &[(1, 0)]);
        assert_eq!(kept(&frames), []);
    }

    #[test]
    fn whoever_was_elsewhere_in_between_is_known() {
        let mut frames = Frames::new();
        for (tick, cell) in [(0, 1), (3, 1), (6, 2), (9, 1), (12, 1)] {
            push(&mut frames, tick, &[(1, cell), (2, 1)]);
        }
        let check = |tick, one, two| {
            let slot = frames.slot(Tick(tick)).unwrap();
            let stayed = |id| frames.was_always_in(EntityId(id), 1, slot);
            assert_eq!((stayed(1), stayed(2)), (one, two), "{tick}");
        };
        check(9, true, true);
        check(6, true, true);
        check(3, false, true);
        check(0, false, true);
        assert!(frames.is_last(frames.slot(Tick(9)).unwrap()));
        assert!(!frames.is_last(frames.slot(Tick(6)).unwrap()));
    }
}
