//! In which order the cells of one client get what its budget leaves.
//!
//! A cell that waits becomes more urgent with time, the faster the nearer it is, so that the far ones come late but come. One
//! in which somebody is who hurt the client or was hurt by it becomes so three times as fast. What is sent starts again from
//! nothing.

use shared::ids::EntityId;
use shared::limits::CELLS_MAX;
use shared::tick::{TICK_HZ, Tick};

use crate::grid::Distance;

/// See the head of this file.
const HOT: u16 = 3;

/// Those a client had to do with last.
const OTHERS_MAX: usize = 4;

/// For how long: a fight goes on or is over within a second.
const OTHERS_TICKS: u32 = TICK_HZ as u32;

/// How urgent each cell is to one client.
#[derive(Debug)]
pub(crate) struct Urgency(Box<[u16; CELLS_MAX]>);

impl Urgency {
    /// Nothing waits.
    pub(crate) fn new() -> Self {
        Self(Box::new([0; CELLS_MAX]))
    }

    /// Something of this cell has waited for so many ticks more; gives how urgent it is now.
    pub(crate) fn wait(&mut self, cell: u8, distance: Distance, is_hot: bool, ticks: u32) -> u16 {
        let weight = match distance {
            Distance::Near => 4,
            Distance::Mid => 2,
            Distance::Far => 1,
        } * if is_hot { HOT } else { 1 };
        let ticks = u16::try_from(ticks).unwrap_or(u16::MAX);
        let urgency = &mut self.0[usize::from(cell)];
        *urgency = urgency.saturating_add(ticks.saturating_mul(weight));
        *urgency
    }

    /// Nothing of this cell waits any more.
    pub(crate) fn serve(&mut self, cell: u8) {
        self.0[usize::from(cell)] = 0;
    }
}

/// Those whom a client hurt or who hurt it of late.
#[derive(Debug)]
pub(crate) struct Others {
    recent: [(EntityId, Tick); OTHERS_MAX],
    next: usize,
}

impl Others {
    /// Nobody.
    pub(crate) const fn new() -> Self {
        Self {
            recent: [(EntityId::NONE, Tick(0)); OTHERS_MAX],
            next: 0,
        }
    }

    /// An event had to do with both of these, of whom one may be the client itself.
    pub(crate) fn note(&mut self, both: [EntityId; 2], own: EntityId, now: Tick) {
        let other = match both {
            [a, b] if a == own => b,
            [a, b] if b == own => a,
            _ => return,
        };
        if other == EntityId::NONE || other == own {
            return;
        }
        let known = self.recent.iter().position(|&(entity, _)| entity == other);
        let index = known.unwrap_or(self.next);
        if known.is_none() {
            self.next = (self.next + 1) % OTHERS_MAX;
        }
        self.recent[index] = (other, now);
    }

    /// Those of the last second.
    pub(crate) fn recent(&self, now: Tick) -> impl Iterator<Item = EntityId> {
        self.recent
            .iter()
            .filter(move |(entity, noted)| *entity != EntityId::NONE && now.since(*noted) < OTHERS_TICKS)
            .map(|&(entity, _)| entity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_cells_become_urgent_sooner_and_far_ones_later_but_they_do() {
        let mut urgency = Urgency::new();
        assert_eq!(urgency.wait(1, Distance::Near, false, 3), 12);
        assert_eq!(urgency.wait(2, Distance::Mid, false, 3), 6);
        assert_eq!(urgency.wait(3, Distance::Far, false, 3), 3);
        assert_eq!(urgency.wait(4, Distance::Far, true, 3), 9);
        assert_eq!(urgency.wait(3, Distance::Far, false, 30), 33);
        urgency.serve(1);
        assert_eq!(urgency.wait(1, Distance::Near, false, 3), 12);
        assert_eq!(urgency.wait(255, Distance::Near, true, u32::MAX), u16::MAX);
    }

    #[test]
    fn the_others_of_a_fight_are_known_for_a_second() {
        let own = EntityId(7);
        let mut others = Others::new();
        let recent = |others: &Others, now| others.recent(Tick(now)).map(|id| id.0).collect::<Vec<_>>();
        others.note([EntityId(1), own], own, Tick(10));
        others.note([own, EntityId(2)], own, Tick(20));
        others.note([own, own], own, Tick(20));
        others.note([EntityId(3), EntityId(4)], own, Tick(20));
        others.note([own, EntityId::NONE], own, Tick(20));
        assert_eq!(recent(&others, 20), [1, 2]);
        assert_eq!(recent(&others, 70), [2]);
        others.note([own, EntityId(2)], own, Tick(70));
        for id in 11..14 {
            others.note([own, EntityId(id)], own, Tick(71));
        }
        assert_eq!(recent(&others, 100), [13, 2, 11, 12], "the oldest makes room");
    }
}
