//! Which cells one snapshot takes when not all of them fit.
//!
//! The bound of the wire holds for every cell. Within it the client's own cell is taken whatever it costs, the others as far
//! as the budget reaches. That alone would starve whoever has more in its own cell than the budget pays for, and a large
//! cell among small ones: so one cell in each snapshot that has waited for very long is taken although it does not fit.

use shared::limits::SNAPSHOT_BYTES_MAX;

use crate::budget::Budget;

/// Urgency of the cell that a client's own entity is in.
pub(crate) const OWN_CELL: u32 = u32::MAX;

/// Urgency of a cell that is left out though it may fit.
pub(crate) const NOT_NOW: u32 = 0;

/// Urgency of a cell that has waited for very long: a second near the client, two in its view, four beyond it, and a third of
/// that while somebody there fights with it.
const OVERDUE: u32 = 240;

/// What is left of one snapshot. Cells are asked for in the order of their urgency.
#[derive(Debug)]
pub(crate) struct Space {
    all_fit: bool,
    may_overdraw: bool,
}

impl Space {
    /// A snapshot that has so many bytes with all that is asked for. `wants_all` is false when some of it is to be left out.
    pub(crate) const fn new(bytes_with_all: usize, wants_all: bool, budget: &Budget) -> Self {
        Self {
            all_fit: wants_all && bytes_with_all <= SNAPSHOT_BYTES_MAX && budget.allows(bytes_with_all),
            may_overdraw: true,
        }
    }

    /// Whether everything is taken, in any order.
    pub(crate) const fn is_ample(&self) -> bool {
        self.all_fit
    }

    /// Whether a cell is taken with which the snapshot has so many bytes.
    pub(crate) fn takes(&mut self, bytes_with_it: usize, urgency: u32, budget: &Budget) -> bool {
        if self.all_fit {
            return true;
        }
        if bytes_with_it > SNAPSHOT_BYTES_MAX || urgency == NOT_NOW {
            return false;
        }
        if urgency == OWN_CELL || budget.allows(bytes_with_it) {
            return true;
        }
        urgency >= OVERDUE && std::mem::replace(&mut self.may_overdraw, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: usize = SNAPSHOT_BYTES_MAX;

    /// Asks for cells that make the snapshot so long and are so urgent; gives which are taken. There are 1000 tokens, or no
    /// budget at all.
    fn check(is_bounded: bool, with_all: usize, wants_all: bool, cells: &[(usize, u32)], taken: &[bool]) {
        let budget = Budget::new(if is_bounded { 2000 } else { 0 });
        let mut space = Space::new(with_all, wants_all, &budget);
        let found: Vec<bool> = cells
            .iter()
            .map(|&(bytes, urgency)| space.takes(bytes, urgency, &budget))
            .collect();
        assert_eq!(found, taken, "{with_all} {cells:?}");
    }

    #[test]
    fn what_fits_is_taken_and_the_own_cell_as_well() {
        check(true, 1000, true, &[(400, 0), (1000, 0)], &[true; 2]);
        check(
            true,
            1001,
            true,
            &[(5000, OWN_CELL), (1001, 9), (1000, 5)],
            &[true, false, true],
        );
        check(
            true,
            500,
            false,
            &[(200, OWN_CELL), (300, 9), (400, NOT_NOW)],
            &[true, true, false],
        );
    }

    #[test]
    fn one_that_has_waited_for_very_long_is_taken_in_each_snapshot() {
        let cells = [
            (5000, OWN_CELL),
            (6000, 999),
            (7000, 240),
            (900, 239),
            (6100, 239),
        ];
        check(true, 9000, true, &cells, &[true, true, false, true, false]);
        check(true, 9000, true, &[(6000, OVERDUE - 1)], &[false]);
    }

    #[test]
    fn no_snapshot_is_longer_than_the_wire_allows() {
        let cells = [(MAX, OWN_CELL), (MAX + 1, 999), (MAX, 1)];
        check(false, MAX + 1, true, &cells, &[true, false, true]);
        check(false, MAX, true, &cells[2..], &[true]);
        check(false, MAX + 1, true, &[(MAX + 1, OWN_CELL)], &[false]);
    }
}
