//! What do the snapshots of a match cost when many clients look at many entities?
//!
//! - `B1/20_clients_1000_mutated`: every entity has changed, and every client sees all of them.
//! - `B2/64_clients_64_visible`: as many as see each other in a full fight.
//! - `B4/100_players_visible`: everybody is a player who walks and is seen by all: a tick with its inputs, and its snapshots. What
//!   writing them to sockets costs is in `sending.rs`.
//!
//! B1 and B2 count observing, encoding and filling the mailboxes, and the change of the entities, which is one addition each.
//! Beside each stands `naive_per_client`: the same records and the same format, but compared and written for every client
//! anew against what that client had, as replication without shared chunks does.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::arena::state::{Body, PlayerState};
use shared::block::{BlockHead, Mode};
use shared::chunk::encode_delta;
use shared::ids::{EntityId, MatchId, PlayerId};
use shared::input::{InputPacket, VIEW_AGE_UNKNOWN};
use shared::record::{DecodeError, Reader};
use shared::snapshot::{Header, encode_head};
use shared::tick::{SNAPSHOT_INTERVAL_TICKS, Tick};
use simulation::audience::{Audience, Standing};
use simulation::game::{Control, Events, Game, Inputs, Observer};
use simulation::grid::InterestRules;
use simulation::handle::{Started, start};
use simulation::mailbox::MailboxReader;
use simulation::simulation::{Flow, MatchStart};
use simulation::stats::Stats;

mod seating;

use seating::{Nobody, ask_to_join, endless};

const INTERVAL: u32 = SNAPSHOT_INTERVAL_TICKS as u32;

/// A game in which everything changes in the tick of a snapshot, and nothing else happens.
struct Swarm;

/// Entities besides the players.
#[derive(Clone, Copy)]
struct Count(u16);

struct Entities {
    states: Vec<(EntityId, PlayerState)>,
    tick: u32,
}

impl Entities {
    fn put(&mut self, id: EntityId) {
        let state = PlayerState {
            body: Body {
                x: 12_000 + id.0 * 16,
                y: 12_000 + (id.0 % 64) * 40,
                vx: 5120,
                vy: -512,
            },
            health: 100,
            alive: true,
            ..PlayerState::default()
        };
        self.states.push((id, state));
        self.states.sort_by_key(|&(id, _)| id);
    }
}

/// One step of a walk that no prediction foresees, and a turn of the head.
fn mutate(state: &mut PlayerState, turn: u32) {
    state.body.x = state.body.x.wrapping_add(5 + (turn % 3) as u16);
    state.body.y = state.body.y.wrapping_sub(3);
    state.body.vx = 5120 - (turn % 7) as i16 * 16;
    state.aim = state.aim.wrapping_add(3);
}

impl Game for Swarm {
    const NAME: &'static str = "swarm";
    const RULES_VERSION: u32 = 1;
    /// All that there is lies within one view, in some hundred cells.
    const INTEREST: InterestRules = InterestRules {
        cell_units: 128.0,
        view_width_units: 4096.0,
        view_height_units: 4096.0,
    };

    type Config = Count;
    type Input = Input;
    type State = PlayerState;
    type Own = ();
    type Event = Event;
    type Status = ();
    type World = Entities;

    fn setup(_: &Count) -> Vec<u8> {
        Vec::new()
    }

    fn encode_config(_: &Count, _: &mut Vec<u8>) {}

    fn decode_config(_: &mut Reader<'_>) -> Result<Count, DecodeError> {
        Ok(Count(0))
    }

    fn build(config: &Count, _: u64) -> Entities {
        let mut entities = Entities {
            states: Vec::new(),
            tick: 0,
        };
        (0..config.0).for_each(|index| entities.put(EntityId(1000 + index)));
        entities
    }

    fn tick(entities: &mut Entities, inputs: &Inputs<Input>, _: &mut Events<Event>) {
        black_box(inputs.all().len());
        entities.tick += 1;
        let turn = entities.tick;
        if Tick(turn).sends_snapshot() {
            for (_, state) in &mut entities.states {
                mutate(state, turn);
            }
        }
    }

    fn spawn_player(
        entities: &mut Entities,
        player: PlayerId,
        _: Control,
        _: &mut Events<Event>,
    ) -> EntityId {
        entities.put(EntityId(player.0));
        EntityId(player.0)
    }

    fn despawn_player(entities: &mut Entities, player: PlayerId, _: &mut Events<Event>) {
        entities.states.retain(|(id, _)| id.0 != player.0);
    }

    fn bot_name(_: usize) -> String {
        String::new()
    }

    fn observe(entities: &mut Entities, observer: &mut Observer<PlayerState>) {
        for &(id, state) in &entities.states {
            observer.see(id, state);
        }
    }

    fn own(_: &Entities, _: EntityId) {}

    fn audience(_: &Entities, _: &Event) -> Audience {
        Audience::EVERYBODY
    }

    fn standing(_: &Entities, _: &mut Standing<Event>) {}

    fn scores(_: &Entities, _: &mut Vec<u8>) {}

    fn status(_: &Entities) {}

    fn phase(_: &Entities) -> &'static str {
        "on"
    }

    fn score(_: &PlayerState) -> u32 {
        0
    }

    fn position(state: &PlayerState) -> (f32, f32) {
        let position = state.body.position();
        (position.x, position.y)
    }

    fn hash(_: &Entities) -> u64 {
        0
    }
}

/// A match of the swarm and its clients, played by one thread.
struct Table {
    started: Started,
    people: Vec<(PlayerId, MailboxReader)>,
    stats: Arc<Stats>,
    tick: u32,
    packet: Vec<u8>,
}

impl Table {
    /// So many clients, and so many entities in all.
    fn new(people_count: u16, entity_count: u16) -> Self {
        let stats = Arc::<Stats>::default();
        let started = start::<Swarm>(MatchStart {
            id: MatchId(1),
            config: Count(entity_count - people_count),
            seed: 1,
            settings: endless(usize::from(people_count)),
            sink: Arc::new(Nobody),
            stats: Arc::clone(&stats),
            recording: None,
        });
        let mut table = Self {
            started,
            people: Vec::new(),
            stats,
            tick: 0,
            packet: Vec::new(),
        };
        for _ in 0..people_count {
            table.join();
        }
        for _ in 0..60 {
            table.play();
        }
        table
    }

    /// One more comes; the others go on, so that nobody counts as one that does not answer.
    fn join(&mut self) {
        self.send();
        let (answer, reader) = ask_to_join(&self.started);
        self.step();
        let player = answer.recv().expect("every join is answered");
        self.people.push((player, reader));
        self.take();
    }

    fn step(&mut self) {
        assert_eq!(self.started.running.step(), Flow::Running);
        self.tick += 1;
    }

    fn take(&self) -> usize {
        let taken = self.people.iter().filter_map(|(_, mailbox)| mailbox.take());
        taken.map(|snapshot| snapshot.len()).sum()
    }

    /// Everybody acknowledges and sends the inputs of the next two ticks.
    fn send(&mut self) {
        for (player, _) in &self.people {
            self.packet.clear();
            InputPacket::new(
                Tick(self.tick - self.tick % INTERVAL),
                Tick(self.tick + 2),
                vec![Input::default(); 2],
                VIEW_AGE_UNKNOWN,
            )
            .encode(&mut self.packet);
            let sent = self.started.handle.submit(*player, &self.packet, None);
            assert_eq!(sent, Ok(()));
        }
    }

    /// The ticks from one snapshot to the next; gives the time of the tick with the snapshot.
    fn play(&mut self) -> Duration {
        while !Tick(self.tick + 1).sends_snapshot() {
            self.step();
            self.take();
        }
        self.send();
        let begin = Instant::now();
        self.step();
        let took = begin.elapsed();
        black_box(self.take());
        took
    }

    /// Each entity was encoded once for each snapshot, and nobody had to be sent anything anew.
    fn check(&self, rounds: u64, entity_count: u64, before: (u64, u64)) {
        let (chunks, keyframes) = self.counts();
        let chunks = chunks - before.0;
        // An entity that crosses a border has two chunks.
        assert!(
            (rounds * entity_count..=rounds * entity_count * 11 / 10).contains(&chunks),
            "{chunks}"
        );
        assert_eq!(keyframes, before.1);
    }

    fn counts(&self) -> (u64, u64) {
        (self.stats.chunks_encoded.value(), self.stats.keyframes.value())
    }
}

/// A server that compares and writes for each client anew.
struct Naive {
    entities: Vec<(EntityId, PlayerState)>,
    /// What each client had last.
    clients: Vec<Vec<(EntityId, PlayerState)>>,
    out: Vec<u8>,
    turn: u32,
}

impl Naive {
    fn new(client_count: usize, entity_count: u16) -> Self {
        let mut all = Entities {
            states: Vec::new(),
            tick: 0,
        };
        (0..entity_count).for_each(|id| all.put(EntityId(id)));
        Self {
            clients: vec![all.states.clone(); client_count],
            entities: all.states,
            out: Vec::new(),
            turn: 0,
        }
    }

    fn play(&mut self) -> Duration {
        self.turn += INTERVAL;
        let begin = Instant::now();
        for (_, state) in &mut self.entities {
            mutate(state, self.turn);
        }
        let mut total = 0;
        for had in &mut self.clients {
            self.out.clear();
            let header = Header {
                tick: Tick(self.turn),
                slack: 0,
                slipped: false,
                base_ticks: std::num::NonZeroU8::new(INTERVAL as u8),
            };
            let none = std::iter::empty::<(Tick, Event)>();
            encode_head(&header, Some((EntityId(0), ())), none, None::<&()>, &mut self.out);
            let head = BlockHead {
                cell: 0,
                mode: Mode::Changed,
                chunk_count: self.entities.len(),
            };
            head.encode(&mut self.out);
            encode_delta(had, &self.entities, INTERVAL, &mut self.out);
            had.copy_from_slice(&self.entities);
            total += black_box(bytes::Bytes::copy_from_slice(&self.out)).len();
        }
        black_box(total);
        begin.elapsed()
    }
}

fn compare(criterion: &mut Criterion, name: &str, people_count: u16, entity_count: u16) {
    let mut group = criterion.benchmark_group(name);
    group
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    let mut table = Table::new(people_count, entity_count);
    group.bench_function("shared", |bencher| {
        bencher.iter_custom(|rounds| {
            let before = table.counts();
            let took = (0..rounds).map(|_| table.play()).sum();
            table.check(rounds, entity_count.into(), before);
            took
        });
    });
    let mut naive = Naive::new(people_count.into(), entity_count);
    group.bench_function("naive_per_client", |bencher| {
        bencher.iter_custom(|rounds| (0..rounds).map(|_| naive.play()).sum());
    });
    group.finish();
}

fn replication(criterion: &mut Criterion) {
    compare(criterion, "B1/20_clients_1000_mutated", 20, 1000);
    compare(criterion, "B2/64_clients_64_visible", 64, 64);
    compare(criterion, "B4/100_players_visible", 100, 100);
}

criterion_group!(benches, replication);
criterion_main!(benches);
