//! Who comes to which side, and how the sides are kept even.
//!
//! Whoever joins comes to the smaller team, people counted first. Bots make up for the rest: when a team has two players more
//! than the other, one of its bots changes sides. People never do.

use shared::arena::team::Team;
use simulation::game::Control;

use crate::player::{Fighter, Member, Mind};
use crate::side::Side;
use crate::world::ArenaWorld;

/// Where the next player comes to.
pub fn choose(world: &ArenaWorld, control: Control) -> Side {
    if world.state.round.status.teams.is_none() {
        return Side(None);
    }
    let size = |team| {
        let (people, all) = count(world, team);
        match control {
            Control::Person => (people, all),
            Control::Bot => (0, all),
        }
    };
    let [blue, orange] = Team::ALL;
    Side(Some(if size(orange) < size(blue) { orange } else { blue }))
}

/// The bot that changes sides now, with its new side; the last that came. None when both are as even as they can be.
pub fn next_change(world: &ArenaWorld) -> Option<(Member, Side)> {
    let [blue, orange] = Team::ALL.map(|team| count(world, team).1);
    let larger = match (blue.checked_sub(orange), orange.checked_sub(blue)) {
        (Some(2..), _) => Team::Blue,
        (_, Some(2..)) => Team::Orange,
        _ => return None,
    };
    let bot = members_of(world, larger)
        .rev()
        .find(|member| is_bot(world, member))?;
    Some((*bot, Side(Some(larger.other()))))
}

/// People and all players of a team.
fn count(world: &ArenaWorld, team: Team) -> (usize, usize) {
    members_of(world, team).fold((0, 0), |(people, all), member| {
        (people + usize::from(!is_bot(world, member)), all + 1)
    })
}

fn members_of(world: &ArenaWorld, team: Team) -> impl DoubleEndedIterator<Item = &Member> {
    world.state.lineup.members().iter().filter(move |member| {
        let fighter = world.players.get::<Fighter>(member.entity);
        fighter.is_some_and(|fighter| fighter.side == Side(Some(team)))
    })
}

fn is_bot(world: &ArenaWorld, member: &Member) -> bool {
    world.players.get::<Mind>(member.entity).is_some()
}
