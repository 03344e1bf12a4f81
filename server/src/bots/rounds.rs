//! Rounds without and with a pause in turns, so that whatever else the machine does meets both alike: what a pause of some costs
//! the others.

use serde::Serialize;

use super::report::Report;

/// Rounds without a pause, and each with the one that followed it.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Comparison {
    without_pause: Vec<Report>,
    with_pause: Vec<Report>,
}

/// A figure of the others in both kinds of round: medians of the rounds, and what the pause makes of it.
#[derive(Debug, PartialEq)]
struct Change {
    without: f64,
    with: f64,
    /// With a pause over without; the median of the pairs, since what the machine did at the time is in both of a pair.
    ratio: f64,
}

impl Comparison {
    /// Adds two rounds that were played one after the other.
    pub(crate) fn push(&mut self, without: Report, with: Report) {
        self.without_pause.push(without);
        self.with_pause.push(with);
    }

    /// True when nothing went wrong in any.
    pub(crate) fn is_clean(&self) -> bool {
        self.without_pause
            .iter()
            .chain(&self.with_pause)
            .all(Report::is_clean)
    }

    /// For people.
    pub(crate) fn table(&self) -> String {
        let spacing = |report: &Report| report.snapshot_spacing_ms;
        let latency = |report: &Report| report.input_to_snapshot_ms;
        let rows = [
            (
                "snapshot to snapshot, ms, p50",
                self.change(|report| Some(spacing(report)?.p50)),
            ),
            (
                "snapshot to snapshot, ms, p99",
                self.change(|report| Some(spacing(report)?.p99)),
            ),
            (
                "input to snapshot, ms, p50",
                self.change(|report| Some(latency(report)?.p50)),
            ),
            (
                "input to snapshot, ms, p99",
                self.change(|report| Some(latency(report)?.p99)),
            ),
        ];
        let mut table = format!(
            "{:<32}{:>14}{:>14}{:>8}\n",
            format!("the others, medians of {} rounds", self.with_pause.len()),
            "without pause",
            "with pause",
            "ratio"
        );
        for (name, change) in rows {
            table += &match change {
                Some(Change { without, with, ratio }) => {
                    format!("{name:<32}{without:>14.1}{with:>14.1}{ratio:>8.2}\n")
                }
                None => format!("{name:<32}{:>14}\n", "not told"),
            };
        }
        table
    }

    fn change(&self, figure: impl Fn(&Report) -> Option<f64>) -> Option<Change> {
        let of = |reports: &[Report]| reports.iter().map(&figure).collect::<Option<Vec<f64>>>();
        change(&of(&self.without_pause)?, &of(&self.with_pause)?)
    }
}

fn change(without: &[f64], with: &[f64]) -> Option<Change> {
    let ratios: Vec<f64> = without
        .iter()
        .zip(with)
        .map(|(without, with)| with / without)
        .collect();
    Some(Change {
        without: median(without)?,
        with: median(with)?,
        ratio: median(&ratios)?,
    })
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    Some(if sorted.len().is_multiple_of(2) {
        f64::midpoint(sorted[middle - 1], upper)
    } else {
        upper
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_that_of_rounds_that_followed_each_other() {
        // The machine was slow in the second pair; the pause changed nothing.
        let found = change(&[50.0, 200.0, 52.0], &[55.0, 220.0, 52.0]);
        assert_eq!(
            found,
            Some(Change {
                without: 52.0,
                with: 55.0,
                ratio: 1.1
            })
        );
        assert_eq!(change(&[], &[]), None);
    }

    #[test]
    fn a_median_of_an_even_count_lies_between_two() {
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[]), None);
    }
}
