//! How far back a person may be taken to have seen the others.
//!
//! What a client draws is old: it has travelled, and is played out a little later still. A game that lets a shot hit what its
//! shooter saw needs to know how old, and only the client can say. A client that says too much would shoot at where others
//! were long ago, so what it says is bounded by what its connection can explain.

use shared::input::VIEW_AGE_PER_TICK;

/// No view is taken to be older, quarters of a tick: 200 ms. More would let somebody be hit who has been behind a wall for as
/// long as it takes to notice; less leaves out players far away.
pub const VIEW_AGE_MAX: u8 = 12 * VIEW_AGE_PER_TICK;

/// What a client may add to its round trip, quarters of a tick: 150 ms for the playout delay and for inputs that wait.
const PLAYOUT_MAX: u8 = 9 * VIEW_AGE_PER_TICK;

/// The oldest view that is believed of somebody whose messages go there and back in so many ticks; `None` when that is not
/// known.
pub const fn view_age_max(round_trip_ticks: Option<u32>) -> u8 {
    match round_trip_ticks {
        Some(ticks) if ticks < (VIEW_AGE_MAX - PLAYOUT_MAX) as u32 / VIEW_AGE_PER_TICK as u32 => {
            ticks as u8 * VIEW_AGE_PER_TICK + PLAYOUT_MAX
        }
        _ => VIEW_AGE_MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_way_explains_a_young_view_and_no_way_more_than_200_ms() {
        let check = |ticks, quarters| assert_eq!(view_age_max(ticks), quarters, "{ticks:?}");
        check(None, 48);
        check(Some(0), 36);
        check(Some(1), 40);
        check(Some(2), 44);
        check(Some(3), 48);
        check(Some(4), 48);
        check(Some(u32::MAX), 48);
    }
}
