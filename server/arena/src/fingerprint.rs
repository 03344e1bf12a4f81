//! One number for everything that influences the future of a match, to compare two runs.

use shared::arena::event::Event;
use simulation::state_hash::StateHash;

use crate::player::{Fighter, Mind};
use crate::projectile::Projectiles;
use crate::side::Side;
use crate::tally::Wounds;
use crate::world::ArenaWorld;

/// The hash, in ascending order of id.
pub fn hash(world: &ArenaWorld) -> u64 {
    let mut hash = StateHash::new();
    let state = &world.state;
    hash.number(state.round.tick.0.into());
    hash.record(&state.round.status);
    for kills in state.round.team_kills {
        hash.number(kills.into());
    }
    hash.number(state.lineup.next_id().into());
    hash.number(state.spawning.peek_random().into());
    state.history.rewind().add_to(&mut hash);
    for taken in state.pickups.away() {
        hash.record(&taken.picked_up());
        hash.number(taken.since.0.into());
    }
    hash_projectiles(&state.projectiles, &mut hash);
    for member in state.lineup.members() {
        let entity = world.players.entity(member.entity);
        if let Ok((fighter, wounds)) = entity.get_components::<(&Fighter, &Wounds)>() {
            hash_fighter(fighter, wounds, &mut hash);
        }
        if let Some(mind) = entity.get::<Mind>() {
            mind.0.add_to(&mut hash);
        }
    }
    hash.value()
}

fn hash_fighter(fighter: &Fighter, wounds: &Wounds, hash: &mut StateHash) {
    let Fighter {
        id,
        player,
        side,
        body,
        dash,
        wish,
        life,
        weapon,
        rail,
        tally,
    } = fighter;
    hash.number(id.0.into());
    hash.number(player.0.into());
    hash_side(*side, hash);
    hash.record(body);
    hash.record(wish);
    hash.bytes(&[life.health, life.armor, life.shield_ticks, life.respawn_ticks]);
    hash.number(weapon.overcharge_ticks.into());
    hash.bytes(&[
        weapon.cooldown_ticks,
        tally.kills,
        tally.deaths,
        tally.assists,
        tally.streak,
    ]);
    hash.number(tally.score.into());
    for (attacker, tick) in wounds.all() {
        hash.number(u64::from(attacker.0) << 32 | u64::from(tick.0));
    }
    hash.record(dash);
    hash.bytes(&[rail.cooldown_ticks, rail.charge_ticks]);
}

fn hash_projectiles(projectiles: &Projectiles, hash: &mut StateHash) {
    hash.number(projectiles.next_key().into());
    for projectile in projectiles.live() {
        let flight = projectile.flight;
        hash.record(&Event::Fired {
            key: projectile.key,
            owner: projectile.owner,
            flight,
        });
        hash_side(projectile.side, hash);
        hash.bytes(&[flight.bounces_left, projectile.life_ticks]);
    }
}

fn hash_side(side: Side, hash: &mut StateHash) {
    hash.number(side.0.map_or(0, |team| team as u64 + 1));
}
