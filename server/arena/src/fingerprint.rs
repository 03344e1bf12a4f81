//! One number for everything that influences the future of a match, to compare two runs.

use bevy_ecs::world::World;
use shared::arena::event::Event;
use simulation::state_hash::StateHash;

use crate::history::History;
use crate::life::Life;
use crate::mind::Mind;
use crate::pickup::Pickups;
use crate::player::{Lineup, Pose, Stride, Wish};
use crate::projectile::Projectiles;
use crate::rail::Rail;
use crate::round::Round;
use crate::spawn;
use crate::tally::{Tally, Wounds};
use crate::weapon::Weapon;

/// The hash, in ascending order of id.
pub fn hash(world: &World) -> u64 {
    let mut hash = StateHash::new();
    let (round, lineup) = (world.resource::<Round>(), world.resource::<Lineup>());
    hash.number(round.tick.0.into());
    hash.record(&round.status);
    hash.number(lineup.next_id().into());
    hash.number(spawn::peek_random(world).into());
    world.resource::<History>().rewind().add_to(&mut hash);
    for taken in world.resource::<Pickups>().away() {
        hash.record(&taken.picked_up());
        hash.number(taken.since.0.into());
    }
    hash_projectiles(world.resource::<Projectiles>(), &mut hash);
    for member in lineup.members() {
        hash.number(member.id.0.into());
        hash.number(member.player.0.into());
        let entity = world.entity(member.entity);
        if let Ok((pose, wish, life, weapon, tally, wounds)) =
            entity.get_components::<(&Pose, &Wish, &Life, &Weapon, &Tally, &Wounds)>()
        {
            hash.record(&pose.0);
            hash.record(&wish.0);
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
        }
        if let Ok((stride, rail)) = entity.get_components::<(&Stride, &Rail)>() {
            hash.record(&stride.0);
            hash.bytes(&[rail.cooldown_ticks, rail.charge_ticks]);
        }
        if let Some(mind) = entity.get::<Mind>() {
            mind.0.add_to(&mut hash);
        }
    }
    hash.value()
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
        hash.bytes(&[flight.bounces_left, projectile.life_ticks]);
    }
}
