//! What does one tick of one match cost, by the number of players?
//!
//! The players are people: each sends its inputs in pairs, 30 messages a second, and takes every snapshot, 20 a second.
//! So the figure is the mean of a tick with everything around it: decoding and queueing the inputs, the rules, and in
//! each third tick encoding the snapshot and filling the mailboxes. `64_bots` has one person who watches, so that the
//! difference to `64_players` is that of thinking against sending.

use std::hint::black_box;
use std::sync::{Arc, mpsc};

use arena::{Arena, Config};
use criterion::{Criterion, criterion_group, criterion_main};
use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::arena::state::Body;
use shared::ids::{MatchId, PlayerId};
use shared::input::InputPacket;
use shared::name::PlayerName;
use shared::snapshot;
use shared::tick::Tick;
use simulation::command::{JoinRequest, Reply};
use simulation::handle::{Started, start};
use simulation::mailbox::{MailboxReader, mailbox};
use simulation::notice::{MatchSink, Notice};
use simulation::settings::MatchSettings;
use simulation::simulation::{Flow, MatchStart};
use simulation::stats::Stats;

/// Ticks of one direction before a player takes the next one.
const TURN_TICKS: u32 = 45;

const HEADINGS: [(i8, i8); 8] = [
    (127, 0),
    (0, 127),
    (-127, 0),
    (90, 90),
    (0, -127),
    (-90, 90),
    (90, -90),
    (-90, -90),
];

struct Person {
    player: PlayerId,
    mailbox: MailboxReader,
}

/// A match and its people, played by one thread.
struct Table {
    started: Started,
    people: Vec<Person>,
    stats: Arc<Stats>,
    tick: u32,
    packet: Vec<u8>,
}

struct Nobody;

impl MatchSink for Nobody {
    fn snapshots_ready(&self) {}

    fn notice(&self, _: Notice) {}
}

impl Table {
    /// A match that has been played for two seconds.
    fn new(people_count: usize, players_count: usize) -> Self {
        let stats: Arc<Stats> = Arc::default();
        let started = start::<Arena>(MatchStart {
            id: MatchId(1),
            config: Config::default(),
            seed: 1,
            settings: MatchSettings {
                players_max: players_count,
                fill_to: players_count,
                empty_ticks_max: u32::MAX,
            },
            sink: Arc::new(Nobody),
            stats: Arc::clone(&stats),
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
        for _ in 0..120 {
            table.play();
        }
        table.check(players_count);
        table
    }

    fn join(&mut self) {
        let (writer, mailbox) = mailbox();
        let (sender, receiver) = mpsc::channel();
        self.started.handle.join(JoinRequest {
            name: PlayerName::parse("Ada").expect("Ada is a name"),
            mailbox: writer,
            reply: Reply::new(move |seat| sender.send(seat).expect("the bench waits")),
        });
        self.step();
        let seat = receiver
            .recv()
            .expect("every join is answered")
            .expect("there is a place");
        self.people.push(Person {
            player: seat.player,
            mailbox,
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
        for person in &self.people {
            let turn = self.tick / TURN_TICKS + u32::from(person.player.0);
            let (move_x, move_y) = HEADINGS[turn as usize % HEADINGS.len()];
            self.packet.clear();
            InputPacket {
                acked: Tick(self.tick),
                newest: Tick(self.tick + 2),
                inputs: vec![Input { move_x, move_y }; 2],
            }
            .encode(&mut self.packet);
            let sent = self.started.handle.submit(person.player, &self.packet);
            assert_eq!(sent, Ok(()));
        }
    }

    /// Everybody is in everybody's snapshot, and nothing was lost on the way.
    fn check(&mut self, players_count: usize) {
        while !Tick(self.tick + 1).sends_snapshot() {
            self.play();
        }
        self.step();
        for person in &self.people {
            let bytes = person.mailbox.take().expect("a snapshot is due");
            let snapshot = snapshot::decode::<Body, Event>(&bytes).expect("our own snapshots decode");
            assert_eq!(snapshot.entities.len(), players_count);
        }
        assert_eq!(self.stats.snapshots_superseded.value(), 0);
        assert_eq!(
            self.stats.inputs_late.value() + self.stats.inputs_early.value(),
            0
        );
    }
}

fn tick(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tick");
    let mut bench = |name: &str, people_count: usize, players_count: usize| {
        let mut table = Table::new(people_count, players_count);
        group.bench_function(name, |bencher| bencher.iter(|| black_box(table.play())));
        table.check(players_count);
    };
    bench("8_players", 8, 8);
    bench("16_players", 16, 16);
    bench("64_players", 64, 64);
    bench("128_players", 128, 128);
    bench("64_bots", 1, 65);
}

criterion_group!(benches, tick);
criterion_main!(benches);
