//! What a player has done in a round, what that is worth, and who has a part in its next death.

use bevy_ecs::component::Component;
use shared::ids::EntityId;
use shared::limits::PLAYERS_MAX;
use shared::tick::Tick;

/// Points of a kill; the others are measured against it.
pub const KILL: u16 = 100;

/// Points of who hurt the victim but did not end it: less than half, so that two assists are no kill.
pub const ASSIST: u16 = 40;

/// Points on top for ending the run of somebody with [`SHUTDOWN_STREAK`] kills in one life: the best is worth hunting.
pub const SHUTDOWN: u16 = 50;

/// Kills in one life that make a run.
pub const SHUTDOWN_STREAK: u8 = 3;

/// How long damage counts as a part in a kill, ticks: ten seconds.
pub const ASSIST_TICKS: u32 = 600;

/// What a player has done in this round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Points.
    pub score: u16,
    /// Stays at 255.
    pub kills: u8,
    /// Stays at 255.
    pub deaths: u8,
    /// Stays at 255.
    pub assists: u8,
    /// Kills since the last death.
    pub streak: u8,
}

impl Tally {
    /// Counts a kill of somebody with this run; true when that ended one that is worth more.
    pub fn kill(&mut self, victims_streak: u8) -> bool {
        let is_shutdown = victims_streak >= SHUTDOWN_STREAK;
        let points = KILL + if is_shutdown { SHUTDOWN } else { 0 };
        self.score = self.score.saturating_add(points);
        self.kills = self.kills.saturating_add(1);
        self.streak = self.streak.saturating_add(1);
        is_shutdown
    }

    /// Counts a part in a kill.
    pub fn assist(&mut self) {
        self.score = self.score.saturating_add(ASSIST);
        self.assists = self.assists.saturating_add(1);
    }
}

/// Who hurt a player in this life, and when last.
#[derive(Component, Clone, Debug, Default)]
pub struct Wounds(Vec<(EntityId, Tick)>);

impl Wounds {
    /// Writes down who hurts; what no longer counts is forgotten. There are never more than players.
    pub fn add(&mut self, attacker: EntityId, now: Tick) {
        self.0.retain(|&(id, at)| id != attacker && is_recent(at, now));
        if self.0.len() < PLAYERS_MAX {
            self.0.push((attacker, now));
        }
    }

    /// Who hurt within the last ten seconds.
    pub fn recent(&self, now: Tick) -> impl Iterator<Item = EntityId> {
        self.0
            .iter()
            .filter(move |&&(_, at)| is_recent(at, now))
            .map(|&(id, _)| id)
    }

    /// A new life.
    pub fn heal(&mut self) {
        self.0.clear();
    }

    /// All of them, for the hash of a match.
    pub fn all(&self) -> &[(EntityId, Tick)] {
        &self.0
    }
}

const fn is_recent(at: Tick, now: Tick) -> bool {
    now.since(at) <= ASSIST_TICKS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(victims_streak: u8, kills: u32, score: u16) {
        let mut tally = Tally::default();
        for _ in 0..kills {
            tally.kill(victims_streak);
        }
        let expected = u8::try_from(kills).unwrap_or(u8::MAX);
        assert_eq!(
            (tally.score, tally.kills, tally.streak),
            (score, expected, expected)
        );
    }

    #[test]
    fn kills_have_points_and_nothing_overflows() {
        check(0, 1, 100);
        check(2, 2, 200);
        check(3, 1, 150);
        check(0, 300, 30_000);
        check(9, 1000, u16::MAX);
    }

    #[test]
    fn wounds_are_forgotten_after_ten_seconds_and_bounded() {
        let mut wounds = Wounds::default();
        wounds.add(EntityId(1), Tick(100));
        wounds.add(EntityId(2), Tick(400));
        wounds.add(EntityId(2), Tick(500));
        let recent = |wounds: &Wounds, now| wounds.recent(Tick(now)).map(|id| id.0).collect::<Vec<_>>();
        assert_eq!(recent(&wounds, 700), [1, 2]);
        assert_eq!(recent(&wounds, 701), [2]);
        for attacker in 0..1000 {
            wounds.add(EntityId(attacker), Tick(700));
        }
        assert_eq!(wounds.all().len(), PLAYERS_MAX);
        wounds.heal();
        assert_eq!(recent(&wounds, 700), []);
    }
}
