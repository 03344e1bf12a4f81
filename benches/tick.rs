//! What does one tick of one match cost, by the number of players, and with the air full of shots?
//!
//! `8_players` to `128_players` are bots of the middle level who fight, and one of them is a person who stands, takes
//! every snapshot (20 a second) and sends inputs in pairs (30 messages a second). In `B5/16_firing` all are people who never let
//! go of the trigger. The figure is the mean of a tick with everything around it: decoding and queueing the inputs, the
//! rules, and in each third tick encoding the snapshot and filling the mailboxes.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::sync::Arc;

use arena::rotation::Rotation;
use arena::{Arena, Config, PhaseLengths};
use criterion::{Criterion, criterion_group, criterion_main};
use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::arena::map::{Map, Wall};
use shared::arena::{Replica, Snapshot};
use shared::ids::{MatchId, PlayerId};
use shared::input::{InputPacket, VIEW_AGE_UNKNOWN};
use shared::tick::{SNAPSHOT_INTERVAL_TICKS, Tick};
use simulation::handle::{Started, start};
use simulation::mailbox::MailboxReader;
use simulation::settings::MatchSettings;
use simulation::simulation::{Flow, MatchStart};
use simulation::stats::Stats;

mod seating;

use seating::{Nobody, ask_to_join, endless};

/// Projectiles that must be in the air in `B5/16_firing`.
const LIVE_MIN: usize = 100;

/// Stands.
const STAY: Input = Input::NEUTRAL;

/// Runs to the right edge.
const RUN: Input = Input { move_x: 127, ..STAY };

/// From there everybody fires to the left, beside each other, so that nobody is hit and each shot lives out its time.
const FIRE: Input = Input {
    fire: true,
    aim: 32_768,
    ..RUN
};

struct Person {
    player: PlayerId,
    mailbox: MailboxReader,
    /// Behind what it takes, except when it looks.
    replica: Replica,
}

/// A match and its people, played by one thread.
struct Table {
    started: Started,
    people: Vec<Person>,
    stats: Arc<Stats>,
    tick: u32,
    packet: Vec<u8>,
    /// What every person does.
    input: Input,
}

impl Table {
    /// A match that has been played for ten seconds, the people with the first input; then they change to the second.
    fn new(map: Option<Map>, people_count: usize, players_count: usize, inputs: [Input; 2]) -> Self {
        let stats: Arc<Stats> = Arc::default();
        let started = start::<Arena>(MatchStart {
            id: MatchId(1),
            config: fight_on(map),
            seed: 1,
            settings: MatchSettings {
                fill_to: players_count,
                ..endless(players_count)
            },
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
            input: inputs[0],
        };
        for _ in 0..people_count {
            table.join();
        }
        for _ in 0..600 {
            table.play();
        }
        table.input = inputs[1];
        for _ in 0..120 {
            table.play();
        }
        table.check(players_count);
        table
    }

    fn join(&mut self) {
        let (answer, mailbox) = ask_to_join(&self.started);
        self.step();
        self.people.push(Person {
            player: answer.recv().expect("every join is answered"),
            mailbox,
            replica: Replica::new(),
        });
        self.take_snapshots();
    }

    /// One tick with everything around it; gives the bytes of the snapshots.
    fn play(&mut self) -> usize {
        if self.tick.is_multiple_of(2) {
            self.send_inputs();
        }
        self.step();
        self.take_snapshots()
    }

    fn take_snapshots(&self) -> usize {
        let taken = self.people.iter().filter_map(|person| person.mailbox.take());
        taken.map(|snapshot| snapshot.len()).sum()
    }

    fn step(&mut self) {
        assert_eq!(self.started.running.step(), Flow::Running);
        self.tick += 1;
    }

    /// The inputs of everybody for the next two ticks.
    fn send_inputs(&mut self) {
        self.send(false);
    }

    fn send(&mut self, resync: bool) {
        for person in &self.people {
            self.packet.clear();
            let packet = InputPacket::new(
                Tick(self.tick - self.tick % u32::from(SNAPSHOT_INTERVAL_TICKS)),
                Tick(self.tick + 2),
                vec![self.input; 2],
                VIEW_AGE_UNKNOWN,
            );
            InputPacket { resync, ..packet }.encode(&mut self.packet);
            let sent = self.started.handle.submit(person.player, &self.packet, None);
            assert_eq!(sent, Ok(()));
        }
    }

    /// Everybody knows those around them, which are all when they are few, and nothing was lost on the way. What was taken
    /// without a look is made up for by a keyframe.
    fn check(&mut self, players_count: usize) {
        while !Tick(self.tick + 1).sends_snapshot() {
            self.play();
        }
        self.send(true);
        self.step();
        for person in &mut self.people {
            let known = person.look().entities.len();
            assert!(known == players_count || players_count > 24 && (1..=players_count).contains(&known));
        }
        assert_eq!(self.stats.snapshots_superseded.value(), 0);
        assert_eq!(
            self.stats.inputs_late.value() + self.stats.inputs_early.value(),
            0
        );
    }

    /// Projectiles that started and did not end within the life of one.
    fn live_projectiles(&mut self) -> usize {
        let mut live = BTreeSet::new();
        for _ in 0..24 {
            for tick in 0..3 {
                if tick != 1 {
                    self.send_inputs();
                }
                self.step();
            }
            for (_, event) in &self.people[0].look().events {
                match *event {
                    Event::Fired { key, .. } => {
                        live.insert(key);
                    }
                    Event::Ended { key, .. } => {
                        live.remove(&key);
                    }
                    _ => {}
                }
            }
            self.take_snapshots();
        }
        live.len()
    }
}

impl Person {
    /// Takes the snapshot that is due.
    fn look(&mut self) -> &Snapshot {
        let bytes = self.mailbox.take().expect("a snapshot is due");
        self.replica.apply(&bytes).expect("our own snapshots apply")
    }
}

/// Live from the second tick on, for longer than any bench; the first of the usual maps, or this one.
fn fight_on(map: Option<Map>) -> Config {
    let mut config = Config {
        kills_to_win: u8::MAX,
        phases: PhaseLengths {
            warm_up_ticks: 1,
            countdown_ticks: 1,
            live_ticks: u32::MAX,
            ..PhaseLengths::default()
        },
        ..Config::default()
    };
    if let Some(map) = map {
        config.maps = Rotation::of([map]);
    }
    config
}

/// As many walls as Crossroads has, all of them where nothing flies.
fn range() -> Map {
    Map {
        name: "Range".into(),
        width: 1920,
        height: 1440,
        walls: (0..25)
            .map(|index| Wall {
                x: 40,
                y: 40 + index * 50,
                width: 100,
                height: 20,
            })
            .collect(),
        ..Map::default()
    }
}

fn tick(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tick");
    for players_count in [8, 16, 64, 128] {
        let mut table = Table::new(None, 1, players_count, [STAY, STAY]);
        group.bench_function(format!("{players_count}_players"), |bencher| {
            bencher.iter(|| black_box(table.play()));
        });
        table.check(players_count);
    }
    group.finish();
    let mut group = criterion.benchmark_group("B5");
    let mut table = Table::new(Some(range()), 16, 16, [RUN, FIRE]);
    assert!(table.live_projectiles() >= LIVE_MIN);
    group.bench_function("16_firing", |bencher| bencher.iter(|| black_box(table.play())));
    table.check(16);
    assert!(table.live_projectiles() >= LIVE_MIN);
    group.finish();
}

criterion_group!(benches, tick);
criterion_main!(benches);
