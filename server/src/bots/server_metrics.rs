//! What the server says of its own work between two readings: how long its ticks take, and what became of the inputs.

use super::report::Percentiles;
use crate::crowd::reading::Reading;

/// What lies between two readings; `None` where the server does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Between {
    pub(super) tick_us: Option<Percentiles>,
    /// Inputs for one tick each that came when it was over, in a hundred that came.
    pub(super) inputs_late_percent: Option<f64>,
    pub(super) snapshots_superseded: Option<u64>,
}

/// Inputs that came too late, and snapshots that were replaced before they left.
const LATE: &str = "tickroom_inputs_late_total";
const SUPERSEDED: &str = "tickroom_snapshots_superseded_total";

impl Between {
    /// What happened from one reading to the next, in which so many inputs were sent.
    pub(super) fn readings(before: &Reading, after: &Reading, inputs_sent: u64) -> Self {
        let counted = |name| Some(after.number(name)? - before.number(name)?);
        Self {
            tick_us: tick_us(before, after),
            inputs_late_percent: counted(LATE).map(|late| late * 100.0 / (inputs_sent as f64).max(1.0)),
            snapshots_superseded: counted(SUPERSEDED).map(|count| count as u64),
        }
    }
}

fn tick_us(before: &Reading, after: &Reading) -> Option<Percentiles> {
    // Without the beginning all ticks since the start of the server would count.
    if !before.tells_ticks() {
        return None;
    }
    let ticks = before.ticks_until(after);
    Some(Percentiles {
        p50: ticks.quantile_us(0.5)?,
        p99: ticks.quantile_us(0.99)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(counts: [f64; 3], expected: Option<(f64, f64)>) {
        let text = |counts: [f64; 3]| {
            format!(
                "tickroom_tick_us_bucket{{le=\"10\"}} {}\ntickroom_tick_us_bucket{{le=\"20\"}} {}\ntickroom_tick_us_bucket{{le=\"+Inf\"}} {}\n",
                counts[0], counts[1], counts[2]
            )
        };
        let (before, after) = (Reading::parse(&text([0.0; 3])), Reading::parse(&text(counts)));
        let found = Between::readings(&before, &after, 1)
            .tick_us
            .map(|found| (found.p50, found.p99));
        assert_eq!(found, expected);
    }

    #[test]
    fn counters_count_from_one_reading_to_the_next() {
        let text = |late, superseded| {
            format!("# HELP x\ntickroom_inputs_late_total {late}\n{SUPERSEDED} {superseded}\nother_total 5\n")
        };
        let parse = Reading::parse;
        let between = Between::readings(&parse(&text(5, 1)), &parse(&text(8, 1)), 200);
        assert_eq!(between.inputs_late_percent, Some(1.5));
        assert_eq!(between.snapshots_superseded, Some(0));
        let unknown = Between::readings(&parse(""), &parse(&text(8, 1)), 200);
        assert_eq!((unknown.inputs_late_percent, unknown.tick_us), (None, None));
    }

    #[test]
    fn percentiles_lie_within_their_bucket() {
        check([0.0, 0.0, 0.0], None);
        check([100.0, 100.0, 100.0], Some((5.0, 9.9)));
        check([0.0, 100.0, 100.0], Some((15.0, 19.9)));
        check([0.0, 50.0, 100.0], Some((20.0, 20.0)));
    }
}
