//! The brain of a bot: it wanders, and turns where it could not go on.
//!
//! `decide` sees what a client sees and nothing else, so bots inside a match and bots that play over the network use
//! the same one. What it must remember from tick to tick is what it did last.

use bevy_ecs::component::Component;
use bevy_ecs::resource::Resource;
use bevy_ecs::system::{Query, Res};
use bevy_ecs::world::World;
use rand::{Rng, RngExt};
use rand_pcg::Pcg32;
use shared::arena::input::Input;
use shared::arena::map::Map;
use shared::arena::movement::RADIUS;
use shared::arena::state::Body;
use shared::ids::PlayerId;

use crate::map::is_free;
use crate::movement::Floor;
use crate::player::{Pose, Wish, find};
use crate::spawn::RANDOM_STREAM;

/// What a bot knows when it decides.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Its own player.
    pub own: Body,
    /// What it did last.
    pub going: Input,
    /// The walls, as told to everybody who joins.
    pub map: &'a Map,
}

/// What the bot wants in this tick: mostly what it wanted before.
pub fn decide(view: &View<'_>, rng: &mut impl Rng) -> Input {
    let goes_on = view.going != Input::default()
        && !rng.random_ratio(1, CHANGE_OF_MIND_TICKS)
        && free_way(view, view.going, TURN_AHEAD) >= TURN_AHEAD;
    if goes_on {
        view.going
    } else {
        new_heading(view, rng)
    }
}

/// A bot changes its mind without a reason once in this many ticks on average: two seconds.
const CHANGE_OF_MIND_TICKS: u32 = 120;

/// How far before a wall a bot turns, units.
const TURN_AHEAD: f32 = 48.0;

/// How far a bot looks when it chooses where to go, units.
const LOOK_AHEAD: f32 = 480.0;

/// Distance between two looks, units: no wall fits between two circles this close.
const LOOK_STEP: f32 = 16.0;

/// Headings it compares before it takes the one with the longest way. More make it walk up and down the longest
/// corridor for ever, fewer let it stay in corners.
const HEADINGS_COMPARED: usize = 4;

/// A little less than a player's radius, so that a bot which touches a wall can walk along it.
const LOOK_RADIUS: f32 = RADIUS - 1.0;

/// Full stick in sixteen directions.
const HEADINGS: [(i8, i8); 16] = [
    (127, 0),
    (117, 49),
    (90, 90),
    (49, 117),
    (0, 127),
    (-49, 117),
    (-90, 90),
    (-117, 49),
    (-127, 0),
    (-117, -49),
    (-90, -90),
    (-49, -117),
    (0, -127),
    (49, -117),
    (90, -90),
    (117, -49),
];

/// The best of some random headings; the first of equal ones.
fn new_heading(view: &View<'_>, rng: &mut impl Rng) -> Input {
    let mut best = view.going;
    let mut best_way = -1.0;
    for _ in 0..HEADINGS_COMPARED {
        let (move_x, move_y) = HEADINGS[rng.random_range(0..HEADINGS.len())];
        let heading = Input { move_x, move_y };
        let way = free_way(view, heading, LOOK_AHEAD);
        if way > best_way {
            (best, best_way) = (heading, way);
        }
    }
    best
}

/// How far the bot could go in a direction, units, at most `enough`.
fn free_way(view: &View<'_>, heading: Input, enough: f32) -> f32 {
    let from = view.own.position();
    let (x, y) = (
        f32::from(heading.move_x) / 127.0,
        f32::from(heading.move_y) / 127.0,
    );
    let mut way = 0.0;
    while way < enough {
        let next = way + LOOK_STEP;
        if !is_free(view.map, from.x + x * next, from.y + y * next, LOOK_RADIUS) {
            return way;
        }
        way = next;
    }
    enough
}

/// Makes a player a bot. Each has its own source of chance, so that one bot more or less changes no other.
#[derive(Component, Clone, Debug)]
pub struct Mind {
    rng: Pcg32,
}

impl Mind {
    /// The next random number, for the hash of a match.
    pub fn peek_random(&self) -> u32 {
        self.rng.clone().random()
    }
}

/// Where the chance of all bots comes from.
#[derive(Resource, Clone, Copy, Debug)]
pub struct BotSeed(u64);

/// Puts in what this file needs.
pub fn prepare(world: &mut World, seed: u64) {
    world.insert_resource(BotSeed(seed));
}

/// Lets the server play a player that was just spawned.
pub fn take_over(world: &mut World, player: PlayerId) {
    let BotSeed(seed) = *world.resource::<BotSeed>();
    let stream = RANDOM_STREAM + 1 + u64::from(player.0);
    let entity = find(world, player).expect("the player was just spawned");
    world.entity_mut(entity).insert(Mind {
        rng: Pcg32::new(seed, stream),
    });
}

/// Lets every bot decide.
pub fn steer(floor: Res<Floor>, mut bots: Query<(&Pose, &mut Wish, &mut Mind)>) {
    for (pose, mut wish, mut mind) in &mut bots {
        let view = View {
            own: pose.0,
            going: wish.0,
            map: &floor.0,
        };
        wish.0 = decide(&view, &mut mind.rng);
    }
}

/// Names of bots; the later ones are numbered.
const NAMES: [&str; 12] = [
    "Bumper", "Caroms", "Deflect", "Echo", "Flicker", "Glance", "Kicker", "Pinball", "Rebound", "Skipper",
    "Vector", "Zigzag",
];

/// Name of the bot with this index, at most 24 characters.
pub fn name(index: usize) -> String {
    let name = NAMES[index % NAMES.len()];
    match index / NAMES.len() {
        0 => name.to_owned(),
        round => format!("{name} {}", round + 1),
    }
}

#[cfg(test)]
mod tests {
    use shared::arena::movement::step;
    use shared::name::PlayerName;
    use shared::quantize::position_to_grid;

    use super::*;
    use crate::map::crossroads;

    fn body_at(x: f32, y: f32) -> Body {
        Body {
            x: position_to_grid(x),
            y: position_to_grid(y),
            vx: 0,
            vy: 0,
        }
    }

    #[test]
    fn a_bot_with_a_free_way_goes_on() {
        let map = crossroads();
        let going = Input {
            move_x: 127,
            move_y: 0,
        };
        let mut rng = Pcg32::new(1, 1);
        let own = body_at(300.0, 600.0);
        let kept = (0..1000)
            .filter(|_| {
                decide(
                    &View {
                        own,
                        going,
                        map: &map,
                    },
                    &mut rng,
                ) == going
            })
            .count();
        assert!(kept > 950, "{kept}");
    }

    #[test]
    fn a_bot_before_a_wall_turns() {
        let map = crossroads();
        let going = Input {
            move_x: 127,
            move_y: 0,
        };
        let mut rng = Pcg32::new(1, 1);
        let own = body_at(896.0 - 20.0, 720.0);
        let kept = (0..1000)
            .filter(|_| {
                decide(
                    &View {
                        own,
                        going,
                        map: &map,
                    },
                    &mut rng,
                ) == going
            })
            .count();
        assert!(kept < 10, "{kept}");
    }

    #[test]
    fn wherever_it_starts_a_bot_leaves_the_place() {
        let map = crossroads();
        for (x, y) in [
            (16.0, 16.0),
            (216.0, 216.0),
            (960.0, 240.0),
            (880.0, 720.0),
            (16.0, 684.0),
            (1904.0, 1424.0),
        ] {
            let mut rng = Pcg32::new(3, 5);
            let start = body_at(x, y);
            let (mut own, mut going, mut farthest) = (start, Input::default(), 0.0_f32);
            for _ in 0..600 {
                going = decide(
                    &View {
                        own,
                        going,
                        map: &map,
                    },
                    &mut rng,
                );
                own = step(own, going, &map);
                farthest = farthest.max(own.position().distance(start.position()));
            }
            assert!(farthest > 300.0, "from {x} {y}: {farthest}");
        }
    }

    #[test]
    fn names_differ_and_are_names() {
        let names: std::collections::BTreeSet<String> = (0..128).map(name).collect();
        assert_eq!(names.len(), 128);
        assert!(names.iter().all(|name| PlayerName::parse(name).is_ok()));
    }
}
