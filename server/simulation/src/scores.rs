//! When a match tells how everybody stands.
//!
//! While all clients see all entities the snapshots tell it. In a match that is divided nobody sees everybody, and so it is
//! told beside them: at most once a second, when something has changed, and at once when a phase begins, so that results
//! are right from their first picture on.

use shared::limits::SCORES_BYTES_MAX;
use shared::tick::{TICK_HZ, Tick};

use crate::game::Game;

/// A score that is this old may be told anew, ticks.
const TELL_TICKS: u32 = TICK_HZ as u32;

/// Appends how everybody stands. Panics when a game breaks the bound: its clients would refuse the message.
pub(crate) fn write_scores<G: Game>(world: &G::World, out: &mut Vec<u8>) {
    G::scores(world, out);
    assert!(
        out.len() <= SCORES_BYTES_MAX,
        "the scores of a game keep their bound"
    );
}

/// What was told last.
#[derive(Debug, Default)]
pub(crate) struct Scores {
    /// With the tick and the phase; `None` when the snapshots tell everything.
    last: Option<(Tick, &'static str)>,
    told: Vec<u8>,
    now: Vec<u8>,
}

impl Scores {
    /// Gives what is to be told now. `write` appends how everybody stands.
    pub(crate) fn due(
        &mut self,
        now: Tick,
        phase: &'static str,
        is_divided: bool,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Option<Vec<u8>> {
        if !is_divided {
            self.last = None;
            return None;
        }
        let is_new = self.last.is_none_or(|(_, last)| last != phase);
        if !is_new && self.last.is_some_and(|(told, _)| now.since(told) < TELL_TICKS) {
            return None;
        }
        self.now.clear();
        write(&mut self.now);
        if !is_new && self.now == self.told {
            return None;
        }
        self.last = Some((now, phase));
        std::mem::swap(&mut self.now, &mut self.told);
        Some(self.told.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ticks of ten a second in which something is told, when the score, the phase and the division depend on the tick.
    fn check(
        score: impl Fn(u32) -> u8,
        phase: impl Fn(u32) -> &'static str,
        is_divided: impl Fn(u32) -> bool,
        expected: &[u32],
    ) {
        let mut scores = Scores::default();
        let told = (0..=300).step_by(6).filter(|&tick| {
            let told = scores.due(Tick(tick), phase(tick), is_divided(tick), |out| {
                out.push(score(tick))
            });
            assert!(told.as_ref().is_none_or(|told| *told == [score(tick)]));
            told.is_some()
        });
        assert_eq!(told.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn scores_are_told_once_a_second_while_they_change() {
        let changing = |tick| (tick / 6) as u8;
        check(changing, |_| "live", |_| true, &[0, 60, 120, 180, 240, 300]);
        check(|_| 1, |_| "live", |_| true, &[0]);
        // After a rest the first change is told without delay.
        check(|tick| u8::from(tick >= 150), |_| "live", |_| true, &[0, 150]);
    }

    #[test]
    fn a_phase_begins_with_scores_also_when_they_are_the_same() {
        let phase = |tick| if tick < 90 { "live" } else { "results" };
        check(|_| 1, phase, |_| true, &[0, 90]);
        check(
            |tick| (tick / 6) as u8,
            phase,
            |_| true,
            &[0, 60, 90, 150, 210, 270],
        );
    }

    #[test]
    fn only_a_divided_match_tells_them_and_from_its_first_moment_on() {
        check(|tick| tick as u8, |_| "live", |_| false, &[]);
        let twice = |tick| !(30..90).contains(&tick);
        check(|_| 1, |_| "live", twice, &[0, 90]);
    }
}
