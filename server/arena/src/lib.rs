//! The rules of the demo game: a walled floor, people and bots that walk on it.
//!
//! One mechanic is one file. `build` below lists all systems in the order of a tick; there is no other order.
//! Movement itself is `shared::arena::movement`, because the client computes it too.

use bevy_ecs::schedule::{IntoScheduleConfigs, Schedule};
use bevy_ecs::world::World;
use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::arena::map::Map;
use shared::arena::state::Body;
use shared::codec::encode_map;
use shared::ids::{EntityId, PlayerId};
use simulation::game::{Control, Game, Observer};

pub mod map;

pub mod player;

pub mod spawn;

pub mod movement;

pub mod bot;

pub mod observe;

/// The game.
#[derive(Clone, Copy, Debug)]
pub struct Arena;

/// What distinguishes one match from another.
#[derive(Clone, Debug)]
pub struct Config {
    /// The floor.
    pub map: Map,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            map: map::crossroads(),
        }
    }
}

impl Game for Arena {
    type Config = Config;
    type Input = Input;
    type State = Body;
    type Event = Event;

    fn setup(config: &Config) -> Vec<u8> {
        encode_map(&config.map)
    }

    fn build(world: &mut World, schedule: &mut Schedule, config: &Config, seed: u64) {
        assert!(config.map.is_valid(), "a map keeps the bounds of the wire");
        player::prepare(world);
        spawn::prepare(world, &config.map, seed);
        movement::prepare(world, config.map.clone());
        bot::prepare(world, seed);
        observe::prepare(world);
        schedule.add_systems((player::obey_inputs, bot::steer, movement::move_players).chain());
    }

    fn spawn_player(world: &mut World, player: PlayerId, control: Control) -> EntityId {
        let entity = spawn::spawn(world, player);
        if control == Control::Bot {
            bot::take_over(world, player);
        }
        entity
    }

    fn despawn_player(world: &mut World, player: PlayerId) {
        player::despawn(world, player);
    }

    fn bot_name(index: usize) -> String {
        bot::name(index)
    }

    fn observe(world: &mut World, observer: &mut Observer<Body>) {
        observe::observe(world, observer);
    }

    fn position(state: &Body) -> (f32, f32) {
        let position = state.position();
        (position.x, position.y)
    }

    fn hash(world: &World) -> u64 {
        observe::hash(world)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};

    use shared::arena::movement::{RADIUS, step};
    use shared::codec::decode_map;
    use shared::ids::MatchId;
    use shared::input::InputPacket;
    use shared::name::PlayerName;
    use shared::snapshot::{Snapshot, decode};
    use shared::tick::Tick;
    use simulation::command::{JoinRequest, JoinedSeat, MatchStatus, Reply};
    use simulation::handle::{Started, start};
    use simulation::mailbox::{MailboxReader, mailbox};
    use simulation::notice::{MatchSink, Notice};
    use simulation::settings::MatchSettings;
    use simulation::simulation::{Flow, MatchStart};

    use super::*;

    struct Nobody;

    impl MatchSink for Nobody {
        fn snapshots_ready(&self) {}

        fn notice(&self, _: Notice) {}
    }

    fn bots(count: usize, seed: u64) -> Started {
        start::<Arena>(MatchStart {
            id: MatchId(1),
            config: Config::default(),
            seed,
            settings: MatchSettings {
                players_max: count,
                fill_to: count,
                empty_ticks_max: u32::MAX,
            },
            sink: Arc::new(Nobody),
            stats: Arc::default(),
        })
    }

    /// Steps once more and gives what the match looked like before that.
    fn look(started: &mut Started) -> MatchStatus {
        let (sender, receiver) = mpsc::channel();
        started
            .handle
            .inspect(Reply::new(move |status| sender.send(status).unwrap()));
        assert_eq!(started.running.step(), Flow::Running);
        receiver.recv().unwrap().unwrap()
    }

    fn positions(status: &MatchStatus) -> Vec<(f32, f32)> {
        let position = |player: &simulation::command::PlayerStatus| (player.x.unwrap(), player.y.unwrap());
        status.players.iter().map(position).collect()
    }

    #[test]
    fn bots_travel_and_are_never_inside_a_wall() {
        let map = map::crossroads();
        let mut started = bots(16, 42);
        started.running.step();
        let mut last = positions(&look(&mut started));
        let mut travelled = [0.0_f32; 16];
        let mut areas = [[false; 12]; 16];
        for _ in 0..10_000 {
            let now = positions(&look(&mut started));
            for (index, (&(x, y), &(last_x, last_y))) in now.iter().zip(&last).enumerate() {
                // The grid of the wire may push a player into a wall by half a step on each axis.
                assert!(map::is_free(&map, x, y, RADIUS - 1.0 / 32.0), "{x} {y}");
                travelled[index] += (x - last_x).hypot(y - last_y);
                areas[index][(y / 480.0) as usize * 4 + (x / 480.0) as usize] = true;
            }
            last = now;
        }
        // At 320 units a second, 10 000 ticks are 53 000 units.
        assert!(travelled.iter().all(|&units| units > 25_000.0), "{travelled:?}");
        let visited: Vec<usize> = areas
            .iter()
            .map(|areas| areas.iter().filter(|&&seen| seen).count())
            .collect();
        assert!(
            visited.iter().all(|&count| count >= 10),
            "{visited:?} of 12 areas"
        );
    }

    #[test]
    fn the_same_seed_gives_the_same_match_and_another_seed_another() {
        let hash = |seed| {
            let mut started = bots(8, seed);
            for _ in 0..600 {
                started.running.step();
            }
            look(&mut started).hash
        };
        assert_eq!(hash(1), hash(1));
        assert_ne!(hash(1), hash(2));
    }

    /// Joins a match and plays it to its next snapshot.
    fn join(started: &mut Started) -> (JoinedSeat, MailboxReader) {
        let (writer, reader) = mailbox();
        let (sender, receiver) = mpsc::channel();
        started.handle.join(JoinRequest {
            name: PlayerName::parse("Ada").unwrap(),
            mailbox: writer,
            reply: Reply::new(move |seat| sender.send(seat).unwrap()),
        });
        while !reader.is_waiting() {
            started.running.step();
        }
        (receiver.recv().unwrap().unwrap(), reader)
    }

    #[test]
    fn a_player_appears_where_its_event_says_and_walks_as_told() {
        let mut started = bots(4, 3);
        let (seat, reader) = join(&mut started);
        let map = decode_map(&seat.setup).unwrap();
        let first = decode::<Body, Event>(&reader.take().unwrap()).unwrap();
        let body = |snapshot: &Snapshot<Body, Event>| {
            let index = snapshot
                .entities
                .binary_search_by_key(&seat.entity, |&(entity, _)| entity);
            snapshot.entities[index.unwrap()].1
        };
        let start = body(&first);
        let (x, y, entity) = (start.x, start.y, seat.entity);
        assert!(
            first
                .events
                .iter()
                .any(|&(_, event)| event == Event::Spawned { entity, x, y })
        );

        // Towards the middle, so that no wall is near.
        let (x, y) = Arena::position(&start);
        let input = Input {
            move_x: if x < 960.0 { 127 } else { -127 },
            move_y: if y < 720.0 { 127 } else { -127 },
        };
        let mut bytes = Vec::new();
        let newest = Tick(first.header.tick.0 + 3);
        InputPacket {
            acked: first.header.tick,
            newest,
            inputs: vec![input; 3],
        }
        .encode(&mut bytes);
        started.handle.submit(seat.player, &bytes).unwrap();
        for _ in 0..3 {
            started.running.step();
        }
        let second = decode::<Body, Event>(&reader.take().unwrap()).unwrap();
        let predicted = (0..3).fold(start, |body, _| step(body, input, &map));
        assert_eq!(
            (second.header.tick, body(&second)),
            (newest, predicted),
            "a client predicts the same"
        );
        assert_ne!(predicted, start);
    }
}
