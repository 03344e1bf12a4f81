//! What a client may know, computed a second time and more simply than the server does.

use std::collections::BTreeSet;

use crate::plain::{CELL_UNITS, Spot, VIEW_UNITS};

const SIDE: i32 = 16;

/// The cell of a place when the match is divided.
pub(crate) fn cell_of(x: u16, y: u16) -> u8 {
    (y / CELL_UNITS * 16 + x / CELL_UNITS) as u8
}

/// The cells of one client.
#[derive(Debug)]
pub(crate) struct Interest {
    see_all_max: usize,
    cells: BTreeSet<u8>,
    view: BTreeSet<u8>,
    is_divided: bool,
}

impl Interest {
    pub(crate) fn new(see_all_max: usize) -> Self {
        Self {
            see_all_max,
            cells: BTreeSet::new(),
            view: BTreeSet::new(),
            is_divided: false,
        }
    }

    /// The client is here and gets a snapshot.
    pub(crate) fn look(&mut self, spot: Spot, is_keyframe: bool, entity_count: usize) {
        self.is_divided = if self.is_divided {
            entity_count > self.see_all_max
        } else {
            entity_count > self.see_all_max * 4 / 3
        };
        let before = std::mem::take(&mut self.cells);
        self.view = around(spot, 0);
        self.cells = around(spot, 1);
        if !is_keyframe {
            self.cells.extend(around(spot, 2).intersection(&before));
        }
    }

    /// By the number that stands in the bytes.
    pub(crate) fn contains(&self, cell: u8) -> bool {
        if self.is_divided {
            self.cells.contains(&cell)
        } else {
            cell == 0
        }
    }

    /// By the place.
    pub(crate) fn contains_truth(&self, cell: u8) -> bool {
        !self.is_divided || self.cells.contains(&cell)
    }

    pub(crate) fn is_in_view(&self, cell: u8) -> bool {
        !self.is_divided || self.view.contains(&cell)
    }

    /// The number under which a place stands in the bytes.
    pub(crate) fn cell_of(&self, spot: Spot) -> u8 {
        if self.is_divided {
            cell_of(spot.x, spot.y)
        } else {
            0
        }
    }
}

/// The cells that the view covers, and so many rings around them.
fn around(spot: Spot, rings: i32) -> BTreeSet<u8> {
    let half = i32::from(VIEW_UNITS) / 2;
    let span = |at: u16| {
        let at = i32::from(at);
        let first = (at - half).max(0) / i32::from(CELL_UNITS);
        let last = (at + half) / i32::from(CELL_UNITS);
        (first - rings).max(0)..=(last.min(SIDE - 1) + rings).min(SIDE - 1)
    };
    span(spot.y)
        .flat_map(|row| span(spot.x).map(move |column| (row * SIDE + column) as u8))
        .collect()
}
