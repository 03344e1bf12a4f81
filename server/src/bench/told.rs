//! What the server counted while it was measured.

use crate::crowd::reading::{Reading, Ticks};

/// What lies between two readings; what the server does not tell is 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Told {
    pub(super) ticks: Ticks,
    pub(super) ticks_slipped: f64,
    pub(super) snapshots_superseded: f64,
    pub(super) sent_bytes: f64,
    pub(super) writes: f64,
}

impl Told {
    pub(super) fn between(before: &Reading, after: &Reading) -> Self {
        let number = |reading: &Reading, name| reading.number(name).unwrap_or_default();
        let risen = |name| number(after, name) - number(before, name);
        Self {
            ticks: before.ticks_until(after),
            ticks_slipped: risen("tickroom_ticks_slipped_total"),
            snapshots_superseded: risen("tickroom_snapshots_superseded_total"),
            sent_bytes: risen("tickroom_sent_bytes_total"),
            writes: risen("tickroom_writes_total"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rose_is_told_and_what_is_missing_is_nothing() {
        let before = Reading::parse("tickroom_writes_total 2\n");
        let after = Reading::parse("# HELP x y\ntickroom_writes_total 7\n");
        let told = Told::between(&before, &after);
        assert_eq!((told.writes, told.sent_bytes), (5.0, 0.0));
    }
}
