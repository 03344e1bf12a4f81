//! What one client may be sent: a bucket of tokens.
//!
//! A byte costs a token. The bucket fills at the rate of the settings and holds half a second of it, so that a keyframe or a
//! fight fits in at once. Own cell, own state and events go out whatever they cost, and a cell that has waited for very long
//! (`space.rs`): the bucket may owe up to as much as it holds.

use shared::tick::TICK_HZ;

/// Tokens are counted in this many parts of a byte, so that a tick adds a whole number of them.
const PARTS: i64 = TICK_HZ as i64;

/// The tokens of one client.
#[derive(Debug)]
pub(crate) struct Budget {
    /// 0 is without bound.
    bytes_per_s: i64,
    parts: i64,
}

impl Budget {
    /// A full bucket.
    pub(crate) fn new(bytes_per_s: u32) -> Self {
        let mut budget = Self {
            bytes_per_s: bytes_per_s.into(),
            parts: 0,
        };
        budget.parts = budget.parts_max();
        budget
    }

    /// Time passes.
    pub(crate) fn fill(&mut self, ticks: u32) {
        let more = self.bytes_per_s * i64::from(ticks);
        self.parts = (self.parts + more).min(self.parts_max());
    }

    /// Whether so many bytes are there.
    pub(crate) const fn allows(&self, bytes: usize) -> bool {
        self.bytes_per_s == 0 || self.parts >= bytes as i64 * PARTS
    }

    /// Takes them, also when they are not there.
    pub(crate) fn spend(&mut self, bytes: usize) {
        self.parts = (self.parts - bytes as i64 * PARTS).max(-self.parts_max());
    }

    /// Gives back what was spent on bytes that nobody took.
    pub(crate) fn give_back(&mut self, bytes: usize) {
        self.parts = (self.parts + bytes as i64 * PARTS).min(self.parts_max());
    }

    const fn parts_max(&self) -> i64 {
        self.bytes_per_s * PARTS / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Spends and waits in turn; gives how many bytes there are after each.
    fn check(bytes_per_s: u32, steps: &[(usize, u32)], left: &[i64]) {
        let mut budget = Budget::new(bytes_per_s);
        let mut found = Vec::new();
        for &(bytes, ticks) in steps {
            budget.spend(bytes);
            budget.fill(ticks);
            found.push(budget.parts / PARTS);
        }
        assert_eq!(found, left, "{steps:?}");
    }

    #[test]
    fn a_bucket_fills_to_half_a_second_and_owes_no_more_than_that() {
        check(16_000, &[(0, 600)], &[8000]);
        check(16_000, &[(3000, 3), (3000, 3)], &[5800, 3600]);
        check(
            16_000,
            &[(12_000, 0), (12_000, 0), (0, 30), (0, 60)],
            &[-4000, -8000, 0, 8000],
        );
    }

    #[test]
    fn what_is_not_there_is_not_allowed_unless_there_is_no_bound() {
        let mut budget = Budget::new(200);
        assert!(budget.allows(100) && !budget.allows(101));
        budget.spend(100);
        assert!(budget.allows(0) && !budget.allows(1));
        let mut unbounded = Budget::new(0);
        unbounded.spend(1_000_000);
        assert!(unbounded.allows(1_000_000));
    }
}
