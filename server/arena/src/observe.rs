//! What clients are told of a player: the state that everybody sees, how it stands, and what only the player itself may know.

use shared::arena::own::Own;
use shared::arena::scores::Score;
use shared::arena::state::PlayerState;

use crate::player::Fighter;

/// What everybody sees.
pub fn state(fighter: &Fighter) -> PlayerState {
    let Fighter {
        body,
        dash,
        wish,
        life,
        weapon,
        tally,
        side,
        ..
    } = fighter;
    PlayerState {
        body: *body,
        aim: (wish.aim >> 8) as u8,
        health: life.health,
        alive: life.is_alive(),
        shielded: life.is_shielded(),
        dashing: life.is_alive() && dash.is_safe(),
        score: tally.score,
        kills: tally.kills,
        deaths: tally.deaths,
        assists: tally.assists,
        armor: life.armor,
        overcharged: life.is_alive() && weapon.overcharge_ticks > 0,
        team: side.0,
    }
}

/// What only the player itself is told.
pub const fn own(fighter: &Fighter) -> Own {
    Own {
        pulse_cooldown_ticks: fighter.weapon.cooldown_ticks,
        rail_cooldown_ticks: fighter.rail.cooldown_ticks,
        rail_charge_ticks: fighter.rail.charge_ticks,
        overcharge_ticks: fighter.weapon.overcharge_ticks,
        dash: fighter.dash,
    }
}

/// How it stands, for those who do not see it.
pub const fn score(fighter: &Fighter) -> Score {
    Score {
        entity: fighter.id,
        score: fighter.tally.score,
        kills: fighter.tally.kills,
        deaths: fighter.tally.deaths,
        assists: fighter.tally.assists,
        team: fighter.side.0,
    }
}
