//! Sets of the cells that a match is divided into: at most 256, so a set is four words.

use shared::limits::CELLS_MAX;

/// Some of the cells of a match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CellSet([u64; CELLS_MAX / 64]);

impl CellSet {
    /// No cell.
    pub(crate) const EMPTY: Self = Self([0; CELLS_MAX / 64]);

    pub(crate) const fn contains(&self, cell: u8) -> bool {
        self.0[word(cell)] & bit(cell) != 0
    }

    pub(crate) const fn insert(&mut self, cell: u8) {
        self.0[word(cell)] |= bit(cell);
    }

    /// Inserts so many cells from this one on, at least one. They must lie in one word, as the row of a grid does whose sides
    /// divide a word.
    pub(crate) const fn insert_run(&mut self, first: u8, count: u8) {
        debug_assert!(count > 0 && first % 64 + count <= 64, "a run lies in one word");
        self.0[word(first)] |= (u64::MAX >> (64 - count)) << (first % 64);
    }

    pub(crate) const fn remove(&mut self, cell: u8) {
        self.0[word(cell)] &= !bit(cell);
    }

    /// Cells in at least one of the two.
    pub(crate) fn or(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    /// Cells in both.
    pub(crate) fn and(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    /// Cells of this one that `other` has not.
    pub(crate) fn without(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a & !b)
    }

    /// All of them, in ascending order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u8> {
        (0..).zip(self.0).flat_map(|(index, bits)| Bits {
            bits,
            first: index * 64,
        })
    }

    fn zip(&self, other: &Self, join: impl Fn(u64, u64) -> u64) -> Self {
        Self(std::array::from_fn(|index| join(self.0[index], other.0[index])))
    }
}

/// The cells of one word.
struct Bits {
    bits: u64,
    first: u8,
}

impl Iterator for Bits {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        if self.bits == 0 {
            return None;
        }
        let lowest = self.bits.trailing_zeros() as u8;
        self.bits &= self.bits - 1;
        Some(self.first + lowest)
    }
}

const fn word(cell: u8) -> usize {
    cell as usize / 64
}

const fn bit(cell: u8) -> u64 {
    1 << (cell % 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(cells: &[u8]) -> CellSet {
        let mut set = CellSet::EMPTY;
        for &cell in cells {
            set.insert(cell);
        }
        set
    }

    fn check(found: &CellSet, cells: &[u8]) {
        assert_eq!(found.iter().collect::<Vec<u8>>(), cells);
        for cell in 0..=u8::MAX {
            assert_eq!(found.contains(cell), cells.contains(&cell), "{cell}");
        }
    }

    #[test]
    fn a_set_has_what_was_put_in_and_not_taken_out() {
        check(&CellSet::EMPTY, &[]);
        let mut some = set(&[255, 0, 63, 64, 127, 128, 0]);
        check(&some, &[0, 63, 64, 127, 128, 255]);
        some.remove(63);
        some.remove(255);
        some.remove(1);
        check(&some, &[0, 64, 127, 128]);
        let all: Vec<u8> = (0..=u8::MAX).collect();
        check(&set(&all), &all);
    }

    #[test]
    fn a_run_is_inserted_at_once() {
        let mut some = set(&[1]);
        some.insert_run(62, 2);
        some.insert_run(128, 1);
        check(&some, &[1, 62, 63, 128]);
        some.insert_run(192, 64);
        assert_eq!(some.iter().count(), 4 + 64);
    }

    #[test]
    fn sets_are_joined_word_by_word() {
        let (a, b) = (set(&[1, 70, 200]), set(&[2, 70, 201]));
        check(&a.or(&b), &[1, 2, 70, 200, 201]);
        check(&a.and(&b), &[70]);
        check(&a.without(&b), &[1, 200]);
    }
}
