//! The ways of a map: a grid of cells one can stand in, and the shortest way over it.
//!
//! A search looks at a few hundred cells and takes some tens of microseconds, so a brain keeps its path for seconds. The way
//! comes back as few straight legs; small corners that they cut are what sliding along a wall is for.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use shared::arena::map::Map;
use shared::arena::movement::RADIUS;

use crate::bot::sight::Point;
use crate::map::is_free;

/// Width of a cell, units. Half of the narrowest gap of a map, so that each gap has a row of cells.
const CELL: u16 = 40;

/// Room around the middle of a cell, units: that of a player and a little.
const CLEARANCE: f32 = RADIUS + 2.0;

/// Price of a step to the side, and of one across: close to 1 and √2, as whole numbers so that no rounding decides.
const STRAIGHT: u32 = 10;
const ACROSS: u32 = 14;

/// Distance between two looks at the cells below a straight leg, units.
const LOOK_STEP: f32 = 18.0;

/// Distance between two looks on the way to a point, units: no wall is so thin that a player is on both sides of it within one.
const PACE: i32 = 4;

/// How far from a point a cell to walk to is looked for, paces: two cells and a half.
const PACES: i32 = 25;

/// Paces from one edge of that to the other.
const PACES_ACROSS: i32 = 2 * PACES + 1;

/// A map with its grid, built once for all bots on it.
#[derive(Clone, Debug)]
pub struct NavMap {
    map: Map,
    columns: usize,
    rows: usize,
    /// Row by row; true where a player can stand.
    free: Vec<bool>,
}

type Cell = u16;

/// The cells that hang together with one; row by row.
#[derive(Debug)]
pub(crate) struct Region(Vec<bool>);

impl NavMap {
    /// Looks at every cell of the map.
    pub fn new(map: Map) -> Self {
        let columns = usize::from(map.width / CELL).max(1);
        let rows = usize::from(map.height / CELL).max(1);
        let free = (0..columns * rows)
            .map(|cell| {
                let (x, y) = middle(cell % columns, cell / columns);
                is_free(&map, x, y, CLEARANCE)
            })
            .collect();
        Self {
            map,
            columns,
            rows,
            free,
        }
    }

    /// The map itself.
    pub const fn map(&self) -> &Map {
        &self.map
    }

    /// The number of places for [`place`](Self::place).
    pub const fn place_count(&self) -> usize {
        self.free.len()
    }

    /// The middle of a cell, when one can stand there.
    pub fn place(&self, index: usize) -> Option<Point> {
        self.free
            .get(index)?
            .then(|| middle(index % self.columns, index / self.columns))
    }

    /// Replaces `path` by the corners of the way, the last first, so that the next one can be popped; empty when there
    /// is no way.
    pub fn find_path(&self, from: Point, to: Point, path: &mut Vec<Point>) {
        path.clear();
        let (Some(start), Some(goal)) = (self.standing_near(from), self.standing_near(to)) else {
            return;
        };
        let came_from = self.search(start, goal);
        if came_from[usize::from(goal)] == UNSEEN {
            return;
        }
        let mut anchor = self.point(goal);
        path.push(anchor);
        let mut cell = goal;
        while cell != start {
            let before = came_from[usize::from(cell)];
            if before != start && !self.is_walkable(anchor, self.point(came_from[usize::from(before)])) {
                anchor = self.point(before);
                path.push(anchor);
            }
            cell = before;
        }
    }

    /// The cells that can be walked to from a point.
    pub(crate) fn region(&self, from: Point) -> Region {
        let mut cells = vec![false; self.free.len()];
        let mut open: Vec<Cell> = self.standing_near(from).into_iter().collect();
        while let Some(cell) = open.pop() {
            if !std::mem::replace(&mut cells[usize::from(cell)], true) {
                open.extend(self.neighbours(cell).map(|(next, _)| next));
            }
        }
        Region(cells)
    }

    /// True when one can walk to a point from where a region begins: to a cell near it, and on by a way of a player's width, since
    /// that cell may lie behind a wall.
    pub(crate) fn is_walked_to(&self, region: &Region, to: Point) -> bool {
        let place = |&(right, down): &(i32, i32)| (to.0 + (right * PACE) as f32, to.1 + (down * PACE) as f32);
        let mut seen = vec![false; PACES_ACROSS.pow(2) as usize];
        let mut open = vec![(0, 0)];
        while let Some(paces) = open.pop() {
            let point = place(&paces);
            let index = |(right, down): (i32, i32)| (down + PACES) * PACES_ACROSS + right + PACES;
            let is_new = paces.0.abs().max(paces.1.abs()) <= PACES
                && !std::mem::replace(&mut seen[index(paces) as usize], true);
            if !is_new || !is_free(&self.map, point.0, point.1, RADIUS) {
                continue;
            }
            if self.is_in(region, point) {
                return true;
            }
            open.extend(
                [(1, 0), (-1, 0), (0, 1), (0, -1)].map(|(right, down)| (paces.0 + right, paces.1 + down)),
            );
        }
        false
    }

    /// True within a pace of the middle of a cell of the region, where a player has that much room.
    fn is_in(&self, region: &Region, (x, y): Point) -> bool {
        let (column, row) = ((x / f32::from(CELL)) as i32, (y / f32::from(CELL)) as i32);
        self.is_free(column, row) && {
            let cell = self.cell(column, row);
            let (middle_x, middle_y) = self.point(cell);
            let off = (middle_x - x).abs().max((middle_y - y).abs());
            region.0[usize::from(cell)] && off <= PACE as f32 / 2.0
        }
    }

    /// A*: for each cell seen the one it is reached from. The start is its own predecessor.
    fn search(&self, start: Cell, goal: Cell) -> Vec<Cell> {
        let mut came_from = vec![UNSEEN; self.free.len()];
        let mut price = vec![u32::MAX; self.free.len()];
        let mut open = BinaryHeap::new();
        came_from[usize::from(start)] = start;
        price[usize::from(start)] = 0;
        open.push(Reverse((self.distance(start, goal), start)));
        while let Some(Reverse((estimate, cell))) = open.pop() {
            if cell == goal {
                break;
            }
            let paid = price[usize::from(cell)];
            if estimate > paid + self.distance(cell, goal) {
                continue;
            }
            for (next, step) in self.neighbours(cell) {
                let (index, total) = (usize::from(next), paid + step);
                if total < price[index] {
                    price[index] = total;
                    came_from[index] = cell;
                    open.push(Reverse((total + self.distance(next, goal), next)));
                }
            }
        }
        came_from
    }

    /// Free cells around one; across only where both sides are free.
    fn neighbours(&self, cell: Cell) -> impl Iterator<Item = (Cell, u32)> {
        let (column, row) = self.position(cell);
        SIDES.into_iter().filter_map(move |(right, down)| {
            let is_free = |right, down| self.is_free(column + right, row + down);
            let open = is_free(right, down) && is_free(right, 0) && is_free(0, down);
            let step = if right != 0 && down != 0 { ACROSS } else { STRAIGHT };
            open.then(|| (self.cell(column + right, row + down), step))
        })
    }

    /// The price of the way if nothing stood on it.
    fn distance(&self, a: Cell, b: Cell) -> u32 {
        let ((a_column, a_row), (b_column, b_row)) = (self.position(a), self.position(b));
        let (wide, high) = (a_column.abs_diff(b_column), a_row.abs_diff(b_row));
        STRAIGHT * wide.max(high) + (ACROSS - STRAIGHT) * wide.min(high)
    }

    /// The free cell nearest to a point; players stand beside walls, where the cell of the point itself is not free.
    fn standing_near(&self, point: Point) -> Option<Cell> {
        let column = (point.0 / f32::from(CELL)) as i32;
        let row = (point.1 / f32::from(CELL)) as i32;
        let mut best = None;
        let mut best_distance = f32::INFINITY;
        for near_row in row - 2..=row + 2 {
            for near_column in column - 2..=column + 2 {
                if self.is_free(near_column, near_row) {
                    let cell = self.cell(near_column, near_row);
                    let (x, y) = self.point(cell);
                    let distance = (x - point.0) * (x - point.0) + (y - point.1) * (y - point.1);
                    if distance < best_distance {
                        (best, best_distance) = (Some(cell), distance);
                    }
                }
            }
        }
        best
    }

    /// True when all cells below a straight leg are free.
    fn is_walkable(&self, from: Point, to: Point) -> bool {
        let (right, down) = (to.0 - from.0, to.1 - from.1);
        let looks = ((right * right + down * down).sqrt() / LOOK_STEP) as u32 + 1;
        (1..looks).all(|look| {
            let part = look as f32 / looks as f32;
            let (x, y) = (from.0 + right * part, from.1 + down * part);
            self.is_free((x / f32::from(CELL)) as i32, (y / f32::from(CELL)) as i32)
        })
    }

    fn is_free(&self, column: i32, row: i32) -> bool {
        let inside = column >= 0 && row >= 0 && column < self.columns as i32 && row < self.rows as i32;
        inside && self.free[usize::from(self.cell(column, row))]
    }

    /// A map has at most 2048 units on each side, so its cells are fewer than a `u16` counts.
    const fn cell(&self, column: i32, row: i32) -> Cell {
        (row as usize * self.columns + column as usize) as Cell
    }

    fn position(&self, cell: Cell) -> (i32, i32) {
        let cell = usize::from(cell);
        ((cell % self.columns) as i32, (cell / self.columns) as i32)
    }

    fn point(&self, cell: Cell) -> Point {
        let cell = usize::from(cell);
        middle(cell % self.columns, cell / self.columns)
    }
}

const UNSEEN: Cell = Cell::MAX;

const SIDES: [(i32, i32); 8] = [
    (1, 0),
    (0, 1),
    (-1, 0),
    (0, -1),
    (1, 1),
    (-1, 1),
    (-1, -1),
    (1, -1),
];

fn middle(column: usize, row: usize) -> Point {
    let cell = f32::from(CELL);
    ((column as f32 + 0.5) * cell, (row as f32 + 0.5) * cell)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::maps::all;

    fn distance(a: Point, b: Point) -> f32 {
        let (x, y) = (a.0 - b.0, a.1 - b.1);
        (x * x + y * y).sqrt()
    }

    fn length(from: Point, path: &[Point]) -> f32 {
        let mut at = from;
        let mut length = 0.0;
        for &next in path.iter().rev() {
            length += distance(at, next);
            at = next;
        }
        length
    }

    #[test]
    fn there_is_a_short_way_from_everywhere_to_everywhere() {
        for map in all() {
            let nav = NavMap::new(map);
            let places: Vec<Point> = (0..nav.place_count())
                .filter_map(|index| nav.place(index))
                .collect();
            let mut path = Vec::new();
            for (index, &from) in places.iter().enumerate().step_by(17) {
                let to = places[(index * 31 + 7) % places.len()];
                nav.find_path(from, to, &mut path);
                assert_eq!(path.first(), Some(&to), "{} {from:?} {to:?}", nav.map.name);
                let straight = distance(from, to);
                assert!(
                    length(from, &path) <= straight * 2.0 + 200.0,
                    "{} {from:?} {path:?}",
                    nav.map.name
                );
            }
        }
    }

    #[test]
    fn outside_and_into_walls_there_is_no_way_and_no_panic() {
        let nav = NavMap::new(crate::maps::crossroads());
        let mut path = vec![(1.0, 1.0)];
        nav.find_path((-500.0, 90_000.0), (100.0, 100.0), &mut path);
        assert_eq!(path, []);
        nav.find_path((100.0, 100.0), (960.0, 720.0), &mut path);
        nav.find_path((16.0, 16.0), (1904.0, 1424.0), &mut path);
        assert!(!path.is_empty());
    }
}
