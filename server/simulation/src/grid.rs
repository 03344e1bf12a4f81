//! Where things are, in cells, and which cells a client gets: those that its view covers and one ring around them.
//!
//! ```text
//! . . . . . . . .      v  covered by the view: what the client draws
//! . s s s s s s .      e  one ring more: entered before anything in it can be seen
//! . s e e e e s .      s  a second ring: kept by whoever has it, so that walking to and fro over a border
//! . s e v v e s .         does not send the same cells again and again
//! . s e e e e s .
//! . s s s s s s .
//! ```
//!
//! A match with few entities has one cell for all: everybody gets the same bytes, and there is nothing to keep track of.
//! Positions beyond the grid belong to the cells at its edge.

use crate::cells::CellSet;

/// Cells on a side of the grid.
const SIDE: u8 = 16;

/// How a game wants its world divided, in units of length. All are above 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InterestRules {
    /// Side of a cell. Smaller cells follow the view more closely and cost a header each; 16 of them on a side should
    /// reach over the map.
    pub cell_units: f32,
    /// What a client draws at most, from left to right, with its own entity in the middle.
    pub view_width_units: f32,
    /// The same from top to bottom.
    pub view_height_units: f32,
}

/// How near a cell is to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Distance {
    /// The client's own cell and those around it.
    Near,
    /// In its view.
    Mid,
    /// Beyond it.
    Far,
}

/// The division in force.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Grid {
    rules: InterestRules,
    /// Up to so many entities one cell does for all.
    one_cell_entities_max: usize,
    is_divided: bool,
}

impl Grid {
    /// One cell for all.
    pub(crate) const fn new(rules: InterestRules, one_cell_entities_max: usize) -> Self {
        Self {
            rules,
            one_cell_entities_max,
            is_divided: false,
        }
    }

    /// Chooses between one cell and many; true when the choice has changed and every cell means something else.
    pub(crate) const fn choose(&mut self, entity_count: usize) -> bool {
        let before = self.is_divided;
        // A match in one cell is divided a third above that: the gap keeps it from changing to and fro, which costs a keyframe
        // for everybody.
        let one_cell_max = self.one_cell_entities_max;
        let entities_max = if before {
            one_cell_max
        } else {
            one_cell_max + one_cell_max / 3
        };
        self.is_divided = entity_count > entities_max;
        self.is_divided != before
    }

    /// True when there is more than one cell.
    pub(crate) const fn is_divided(&self) -> bool {
        self.is_divided
    }

    /// Cells that may be in use: their numbers are below this.
    pub(crate) const fn cell_count(&self) -> usize {
        if self.is_divided {
            SIDE as usize * SIDE as usize
        } else {
            1
        }
    }

    /// The cell of a place.
    pub(crate) fn cell(&self, (x, y): (f32, f32)) -> u8 {
        if !self.is_divided {
            return 0;
        }
        number(self.index(x), self.index(y))
    }

    /// What a client at this place gets, when it has `held` already.
    pub(crate) fn interest(&self, place: (f32, f32), held: &CellSet) -> CellSet {
        if !self.is_divided {
            let mut all = CellSet::EMPTY;
            all.insert(0);
            return all;
        }
        let view = self.view(place);
        let entered = view.grown(1).cells();
        entered.or(&view.grown(2).cells().and(held))
    }

    /// How near a cell is to a client at this place.
    pub(crate) fn distance(&self, place: (f32, f32), cell: u8) -> Distance {
        if !self.is_divided {
            return Distance::Near;
        }
        let (column, row) = (cell % SIDE, cell / SIDE);
        let (own_column, own_row) = (self.index(place.0), self.index(place.1));
        if column.abs_diff(own_column) <= 1 && row.abs_diff(own_row) <= 1 {
            Distance::Near
        } else if self.view(place).contains(column, row) {
            Distance::Mid
        } else {
            Distance::Far
        }
    }

    fn view(&self, (x, y): (f32, f32)) -> Area {
        let (width, height) = (
            self.rules.view_width_units / 2.0,
            self.rules.view_height_units / 2.0,
        );
        Area {
            columns: (self.index(x - width), self.index(x + width)),
            rows: (self.index(y - height), self.index(y + height)),
        }
    }

    /// Column or row of a number; one that is no number counts as 0.
    fn index(&self, units: f32) -> u8 {
        // The conversion keeps to what a byte holds and takes the whole part of what is above 0.
        ((units / self.rules.cell_units) as u8).min(SIDE - 1)
    }
}

/// A rectangle of cells, its borders included.
#[derive(Clone, Copy)]
struct Area {
    columns: (u8, u8),
    rows: (u8, u8),
}

impl Area {
    /// With so many rings around it, as far as the grid goes.
    const fn grown(self, rings: u8) -> Self {
        Self {
            columns: grown(self.columns, rings),
            rows: grown(self.rows, rings),
        }
    }

    const fn contains(&self, column: u8, row: u8) -> bool {
        self.columns.0 <= column && column <= self.columns.1 && self.rows.0 <= row && row <= self.rows.1
    }

    fn cells(&self) -> CellSet {
        let mut cells = CellSet::EMPTY;
        let count = self.columns.1 - self.columns.0 + 1;
        for row in self.rows.0..=self.rows.1 {
            cells.insert_run(number(self.columns.0, row), count);
        }
        cells
    }
}

const fn grown((first, last): (u8, u8), rings: u8) -> (u8, u8) {
    let end = last + rings;
    (
        first.saturating_sub(rings),
        if end < SIDE { end } else { SIDE - 1 },
    )
}

const fn number(column: u8, row: u8) -> u8 {
    row * SIDE + column
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: InterestRules = InterestRules {
        cell_units: 100.0,
        view_width_units: 400.0,
        view_height_units: 200.0,
    };

    fn divided() -> Grid {
        let mut grid = Grid::new(RULES, 24);
        assert!(grid.choose(100));
        grid
    }

    #[test]
    fn a_place_has_one_cell_and_the_edge_reaches_to_infinity() {
        let check = |x: f32, y: f32, column: u8, row: u8| {
            assert_eq!(divided().cell((x, y)), row * 16 + column, "{x}, {y}");
            assert_eq!(Grid::new(RULES, 24).cell((x, y)), 0, "one cell for all");
        };
        check(0.0, 0.0, 0, 0);
        check(99.9, 100.0, 0, 1);
        check(850.0, 1599.0, 8, 15);
        check(-5.0, 1600.0, 0, 15);
        check(1e9, f32::INFINITY, 15, 15);
        check(f32::NAN, f32::NEG_INFINITY, 0, 0);
    }

    #[test]
    fn interest_is_the_view_with_one_ring_and_is_left_after_a_second() {
        let check = |x: f32, held: (u8, u8), columns: (u8, u8)| {
            let row = 8;
            let mut had = CellSet::EMPTY;
            (held.0..held.1).for_each(|column| had.insert(row * 16 + column));
            let found = divided().interest((x, 850.0), &had);
            let found: Vec<u8> = found
                .iter()
                .filter(|cell| cell / 16 == row)
                .map(|cell| cell % 16)
                .collect();
            assert_eq!(found, (columns.0..=columns.1).collect::<Vec<u8>>(), "{x}");
        };
        // The view covers the columns 6 to 10.
        check(850.0, (0, 0), (5, 11));
        // A step to the left: 5 to 9, and one to the right of that is kept by whoever has it.
        check(750.0, (0, 0), (4, 10));
        check(750.0, (5, 12), (4, 11));
        check(650.0, (5, 12), (3, 10));
        check(0.0, (0, 16), (0, 4));
        check(1600.0, (0, 0), (13, 15));
        check(1e9, (0, 0), (14, 15));
    }

    #[test]
    fn interest_has_a_height_too() {
        let rows = |y: f32| {
            let found = divided().interest((850.0, y), &CellSet::EMPTY);
            let rows: Vec<u8> = found
                .iter()
                .filter(|cell| cell % 16 == 8)
                .map(|cell| cell / 16)
                .collect();
            (rows[0], rows[rows.len() - 1])
        };
        assert_eq!(rows(850.0), (6, 10));
        assert_eq!(rows(0.0), (0, 2));
    }

    #[test]
    fn distance_has_three_steps() {
        let check = |column: u8, row: u8, distance: Distance| {
            let cell = row * 16 + column;
            assert_eq!(
                divided().distance((850.0, 850.0), cell),
                distance,
                "{column}, {row}"
            );
        };
        check(8, 8, Distance::Near);
        check(7, 9, Distance::Near);
        check(6, 8, Distance::Mid);
        check(10, 9, Distance::Mid);
        check(8, 10, Distance::Far);
        check(11, 8, Distance::Far);
        assert_eq!(Grid::new(RULES, 24).distance((850.0, 850.0), 0), Distance::Near);
    }

    #[test]
    fn one_cell_or_many_goes_by_the_number_of_entities_and_not_to_and_fro() {
        let mut grid = Grid::new(RULES, 24);
        for (count, changes, divided) in [
            (0, false, false),
            (32, false, false),
            (33, true, true),
            (25, false, true),
            (24, true, false),
            (32, false, false),
        ] {
            assert_eq!(
                (grid.choose(count), grid.is_divided),
                (changes, divided),
                "{count}"
            );
            assert_eq!(grid.cell_count(), if divided { 256 } else { 1 });
        }
    }
}
