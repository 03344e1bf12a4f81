//! What is told of several rounds: the middle, and how far the middle half reaches.

use serde::Serialize;

/// Quartiles.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Quartiles {
    /// A quarter is below.
    pub q1: f64,
    /// Half are below.
    pub median: f64,
    /// Three quarters are below.
    pub q3: f64,
}

impl Quartiles {
    /// Of the numbers among these; `None` when there are none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
        values.sort_by(f64::total_cmp);
        (!values.is_empty()).then(|| Self {
            q1: at(&values, 0.25),
            median: at(&values, 0.5),
            q3: at(&values, 0.75),
        })
    }
}

fn at(sorted: &[f64], quantile: f64) -> f64 {
    let place = quantile * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    below + (above - below) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[f64], expected: Option<[f64; 3]>) {
        let found = Quartiles::of(values.iter().copied()).map(|found| [found.q1, found.median, found.q3]);
        assert_eq!(found, expected);
    }

    #[test]
    fn quartiles_lie_between_their_neighbours() {
        check(&[], None);
        check(&[f64::NAN], None);
        check(&[3.0], Some([3.0, 3.0, 3.0]));
        check(&[4.0, 1.0, 2.0, 3.0], Some([1.75, 2.5, 3.25]));
        check(&[5.0, 1.0, 2.0, 4.0, 3.0], Some([2.0, 3.0, 4.0]));
    }
}
