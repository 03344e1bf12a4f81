//! The phases of a round, and which round it is.
//!
//! | phase | ends when | then |
//! |---|---|---|
//! | warm-up | its time is up | countdown: everybody appears anew, scores are 0 |
//! | countdown | its time is up | live |
//! | live | its time is up, or somebody has enough kills | sudden death if the best are equal, else results |
//! | sudden death | its time is up, or one is the best | results |
//! | results | its time is up | warm-up of the next round, on the next map: everybody appears anew, scores are 0 |
//!
//! Who wins: standings go by score alone, and enough kills only end a round early. Whoever has them may therefore stand
//! below somebody with more points from assists and shutdowns, and equals on top fight on as they do when time is up.
//! Clients see scores and never the limit, so that everybody names the same winner.
//!
//! In teams the score of a team is what counts: enough kills are twice as many, of all its players together. Points and kills are
//! the team's of which a player was when it made them, and stay there when the player leaves or changes sides.
//!
//! People may walk in every phase; weapons are locked in countdown and results, and what still flies then hurts nobody.

use shared::arena::status::{Phase, Status};
use shared::tick::Tick;

use crate::config::{Config, PhaseLengths};
use crate::player::Actor;
use crate::side::{Mode, Side};
use crate::tally::Tally;

/// Where the match stands.
#[derive(Debug)]
pub struct Round {
    /// The tick that is being simulated, or the last one between ticks.
    pub tick: Tick,
    /// As clients see it.
    pub status: Status,
    /// The phase began in this tick.
    pub begins: bool,
    /// Kills of each team in this round, in the order of `Team::ALL`; 0 where there are no teams.
    pub team_kills: [u16; 2],
    lengths: PhaseLengths,
    kills_to_win: u8,
}

impl Round {
    /// The first round of a match.
    pub const fn new(config: &Config) -> Self {
        Self {
            tick: Tick(0),
            status: Status {
                phase: Phase::WarmUp,
                round: 0,
                ends: Tick(config.phases.warm_up_ticks),
                teams: match config.mode {
                    Mode::FreeForAll => None,
                    Mode::Teams => Some([0, 0]),
                },
            },
            begins: false,
            team_kills: [0, 0],
            lengths: config.phases,
            kills_to_win: config.kills_to_win,
        }
    }

    /// In this tick another map takes the place of the last one.
    pub fn changes_map(&self) -> bool {
        self.begins && self.status.phase == Phase::WarmUp
    }

    /// In this tick everybody appears anew and has no score.
    pub fn restarts(&self) -> bool {
        self.begins && matches!(self.status.phase, Phase::WarmUp | Phase::Countdown)
    }

    /// Kills and deaths are written down.
    pub const fn counts(&self) -> bool {
        matches!(self.status.phase, Phase::Live | Phase::SuddenDeath)
    }

    /// One tick later, with these players.
    pub fn advance(&mut self, actors: &[Actor<'_>]) {
        let standing = match self.status.teams {
            Some(scores) => Standing::of_teams(scores, self.team_kills),
            None => Standing::of(actors.iter().map(|actor| &actor.fighter.tally)),
        };
        self.step(standing);
        if self.restarts() {
            self.status.teams = self.status.teams.map(|_| [0, 0]);
            self.team_kills = [0, 0];
        }
    }

    /// What a player gets its team gets too, and keeps.
    pub fn credit(&mut self, side: Side, points: u16) {
        if let (Some(scores), Some(team)) = (&mut self.status.teams, side.0) {
            let score = &mut scores[team as usize];
            *score = score.saturating_add(points);
        }
    }

    /// So it is with kills.
    pub const fn credit_kill(&mut self, side: Side) {
        if let Some(team) = side.0 {
            let kills = &mut self.team_kills[team as usize];
            *kills = kills.saturating_add(1);
        }
    }

    fn step(&mut self, standing: Standing) {
        self.tick = self.tick.after(1);
        self.begins = false;
        let time_is_up = self.tick >= self.status.ends;
        match self.status.phase {
            Phase::WarmUp if time_is_up => self.begin(Phase::Countdown),
            Phase::Countdown if time_is_up => self.begin(Phase::Live),
            Phase::Live if time_is_up || standing.most_kills >= self.kills_to_win => {
                let next = if standing.best_count > 1 {
                    Phase::SuddenDeath
                } else {
                    Phase::Results
                };
                self.begin(next);
            }
            Phase::SuddenDeath if time_is_up || standing.best_count <= 1 => self.begin(Phase::Results),
            Phase::Results if time_is_up => {
                self.status.round = self.status.round.wrapping_add(1);
                self.begin(Phase::WarmUp);
            }
            _ => {}
        }
    }

    fn begin(&mut self, phase: Phase) {
        let ticks = match phase {
            Phase::WarmUp => self.lengths.warm_up_ticks,
            Phase::Countdown => self.lengths.countdown_ticks,
            Phase::Live => self.lengths.live_ticks,
            Phase::SuddenDeath => self.lengths.sudden_death_ticks,
            Phase::Results => self.lengths.results_ticks,
        };
        self.status.phase = phase;
        self.status.ends = self.tick.after(ticks);
        self.begins = true;
    }
}

/// What the end of a round depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Standing {
    /// Of one player.
    most_kills: u8,
    /// Players or teams with the best score.
    best_count: usize,
}

impl Standing {
    /// Looks at everybody, in any order.
    fn of<'a>(tallies: impl Iterator<Item = &'a Tally>) -> Self {
        let mut standing = Self::default();
        let mut best = 0;
        for tally in tallies {
            standing.most_kills = standing.most_kills.max(tally.kills);
            match tally.score.cmp(&best) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => standing.best_count += 1,
                std::cmp::Ordering::Greater => (best, standing.best_count) = (tally.score, 1),
            }
        }
        standing
    }

    /// Looks at the two teams: half of the kills count, so that the better of two has to have twice as many.
    fn of_teams(scores: [u16; 2], kills: [u16; 2]) -> Self {
        let most = kills[0].max(kills[1]) / 2;
        Self {
            most_kills: u8::try_from(most).unwrap_or(u8::MAX),
            best_count: if scores[0] == scores[1] { 2 } else { 1 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTHS: PhaseLengths = PhaseLengths {
        warm_up_ticks: 2,
        countdown_ticks: 3,
        live_ticks: 10,
        sudden_death_ticks: 4,
        results_ticks: 5,
    };

    /// The phases that begin in 60 ticks, each with its tick, when the standing depends on the tick.
    fn phases(standing: impl Fn(u32) -> Standing) -> Vec<(u32, Phase)> {
        let mut round = Round::new(&Config {
            phases: LENGTHS,
            ..Config::default()
        });
        let mut phases = Vec::new();
        for tick in 1..=40 {
            round.step(standing(tick));
            if round.begins {
                phases.push((tick, round.status.phase));
            }
        }
        phases
    }

    const fn standing(most_kills: u8, best_count: usize) -> Standing {
        Standing {
            most_kills,
            best_count,
        }
    }

    #[test]
    fn a_round_with_a_winner_has_no_sudden_death() {
        let expected = [
            (2, Phase::Countdown),
            (5, Phase::Live),
            (15, Phase::Results),
            (20, Phase::WarmUp),
            (22, Phase::Countdown),
            (25, Phase::Live),
            (35, Phase::Results),
            (40, Phase::WarmUp),
        ];
        assert_eq!(phases(|_| standing(3, 1)), expected);
    }

    #[test]
    fn equals_have_to_fight_on_until_one_is_the_best_or_time_is_up() {
        let never = phases(|_| standing(0, 4));
        assert_eq!(
            never[1..5],
            [
                (5, Phase::Live),
                (15, Phase::SuddenDeath),
                (19, Phase::Results),
                (24, Phase::WarmUp)
            ]
        );
        let soon = phases(|tick| standing(0, if tick < 17 { 2 } else { 1 }));
        assert_eq!(soon[2..4], [(15, Phase::SuddenDeath), (17, Phase::Results)]);
    }

    #[test]
    fn enough_kills_end_a_round_early() {
        let phases = phases(|tick| standing(if tick < 9 { 19 } else { 20 }, 1));
        assert_eq!(phases[1..3], [(5, Phase::Live), (9, Phase::Results)]);
    }

    #[test]
    fn enough_kills_with_equals_on_top_lead_to_sudden_death() {
        let phases = phases(|tick| match tick {
            0..9 => standing(19, 1),
            9..11 => standing(20, 2),
            _ => standing(20, 1),
        });
        assert_eq!(
            phases[1..4],
            [(5, Phase::Live), (9, Phase::SuddenDeath), (11, Phase::Results)]
        );
    }

    #[test]
    fn most_kills_are_not_the_best_score() {
        let tally = |score, kills| Tally {
            score,
            kills,
            ..Tally::default()
        };
        let check = |tallies: &[Tally], expected| assert_eq!(Standing::of(tallies.iter()), expected);
        check(&[tally(2000, 20), tally(2090, 18)], standing(20, 1));
        check(
            &[tally(2000, 20), tally(2090, 18), tally(2090, 17)],
            standing(20, 2),
        );
    }

    #[test]
    fn the_best_are_those_with_the_highest_score() {
        let check = |scores: &[u16], best_count| {
            let tallies: Vec<Tally> = scores
                .iter()
                .map(|&score| Tally {
                    score,
                    ..Tally::default()
                })
                .collect();
            assert_eq!(Standing::of(tallies.iter()).best_count, best_count, "{scores:?}");
        };
        check(&[], 0);
        check(&[0, 0, 0], 3);
        check(&[100, 40, 100], 2);
        check(&[0, 100, 40], 1);
    }
}
