use std::sync::{Arc, Mutex, mpsc};

use arena::bot::angle::angle_of;
use arena::rotation::Rotation;
use arena::{Arena, Config, PhaseLengths};
use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::arena::map::Map;
use shared::arena::state::PlayerState;
use shared::arena::status::Phase;
use shared::arena::{Replica, Snapshot};
use shared::ids::{EntityId, MatchId};
use shared::input::InputPacket;
use shared::message::MatchEnd;
use shared::name::PlayerName;
use shared::tick::Tick;
use simulation::command::{JoinRequest, JoinedSeat, MatchStatus, Reply};
use simulation::game::Game;
use simulation::handle::{Started, start};
use simulation::mailbox::{MailboxReader, mailbox};
use simulation::notice::{MatchSink, Notice};
use simulation::recording::sink::Recording;
use simulation::settings::MatchSettings;
use simulation::simulation::{Flow, MatchStart};
use simulation::stats::Stats;

/// What the match told, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Ready,
    Notice(Notice),
}

#[derive(Default)]
struct Recorder(Mutex<Vec<Told>>);

impl MatchSink for Recorder {
    fn snapshots_ready(&self) {
        self.0.lock().unwrap().push(Told::Ready);
    }

    fn notice(&self, notice: Notice) {
        self.0.lock().unwrap().push(Told::Notice(notice));
    }
}

pub(crate) struct Person {
    pub(crate) seat: JoinedSeat,
    /// What the inputs say of what is seen, quarters of a tick.
    pub(crate) view_age: u8,
    /// Every event it was told.
    pub(crate) heard: Vec<Event>,
    replica: Replica,
    mailbox: MailboxReader,
}

impl Person {
    /// What the last snapshot left this person with.
    pub(crate) fn last(&self) -> Option<&Snapshot> {
        self.replica.latest()
    }
}

/// A match that is stepped by hand.
pub(crate) struct Table {
    pub(crate) tick: Tick,
    pub(crate) people: Vec<Person>,
    /// What the first person saw happen, with the tick in which it did.
    pub(crate) events: Vec<(u32, Event)>,
    started: Started,
    stats: Arc<Stats>,
    sink: Arc<Recorder>,
}

/// Nothing to hide behind.
pub(crate) fn open_map() -> Map {
    Map {
        name: "Open".into(),
        width: 800,
        height: 600,
        walls: Vec::new(),
        ..Map::default()
    }
}

/// A round that is live from tick 2 on, on an open map.
pub(crate) fn live_at_once() -> Config {
    Config {
        maps: Rotation::of([open_map()]),
        phases: PhaseLengths {
            warm_up_ticks: 1,
            countdown_ticks: 1,
            live_ticks: 1_000_000,
            ..PhaseLengths::default()
        },
        ..Config::default()
    }
}

/// Rounds so short that a test sees several.
pub(crate) fn quick() -> Config {
    Config {
        phases: PhaseLengths {
            warm_up_ticks: 60,
            countdown_ticks: 60,
            live_ticks: 900,
            sudden_death_ticks: 120,
            results_ticks: 60,
        },
        ..Config::default()
    }
}

/// Does nothing.
pub(crate) const STAY: Input = Input::NEUTRAL;

impl Table {
    pub(crate) fn new(config: Config, fill_to: usize, seed: u64) -> Self {
        Self::of::<Arena>(config, fill_to, seed)
    }

    /// Of the game `G`, which is the arena in what it takes and shows.
    pub(crate) fn of<G: Game>(config: G::Config, fill_to: usize, seed: u64) -> Self {
        Self::recorded::<G>(config, fill_to, seed, None)
    }

    /// The same, perhaps recorded.
    pub(crate) fn recorded<G: Game>(
        config: G::Config,
        fill_to: usize,
        seed: u64,
        recording: Option<Recording>,
    ) -> Self {
        let sink = Arc::new(Recorder::default());
        let stats = Arc::new(Stats::default());
        let started = start::<G>(MatchStart {
            id: MatchId(1),
            config,
            seed,
            settings: MatchSettings {
                players_max: fill_to.max(16),
                fill_to,
                empty_ticks_max: u32::MAX,
                snapshot_bytes_per_s: 0,
                ..MatchSettings::default()
            },
            sink: Arc::clone(&sink) as Arc<dyn MatchSink>,
            stats: Arc::clone(&stats),
            recording,
        });
        Self {
            tick: Tick(0),
            people: Vec::new(),
            events: Vec::new(),
            started,
            stats,
            sink,
        }
    }

    /// With so many people and no bots.
    pub(crate) fn of_people(config: Config, count: usize, seed: u64) -> Self {
        let mut table = Self::new(config, 0, seed);
        for _ in 0..count {
            table.join();
        }
        table
    }

    /// Joins and steps once; everybody else does nothing in that tick.
    pub(crate) fn join(&mut self) -> EntityId {
        let (writer, mailbox) = mailbox();
        let (sender, receiver) = mpsc::channel();
        self.started.handle.join(JoinRequest {
            name: PlayerName::parse("Ada").unwrap(),
            mailbox: writer,
            reply: Reply::new(move |seat| sender.send(seat).unwrap()),
        });
        self.step(&[]);
        let seat = receiver.recv().unwrap().unwrap();
        let entity = seat.entity;
        self.people.push(Person {
            seat,
            view_age: 0,
            heard: Vec::new(),
            replica: Replica::new(),
            mailbox,
        });
        self.take_snapshots();
        entity
    }

    /// One tick with these inputs, in the order of the people.
    pub(crate) fn step(&mut self, inputs: &[Input]) {
        for (person, input) in self.people.iter().zip(inputs) {
            let mut bytes = Vec::new();
            InputPacket::new(
                person.replica.tick(),
                self.tick.after(1),
                vec![*input],
                person.view_age,
            )
            .encode(&mut bytes);
            self.started
                .handle
                .submit(person.seat.player, &bytes, None)
                .unwrap();
        }
        assert_eq!(self.started.running.step(), Flow::Running);
        self.tick = self.tick.after(1);
        self.take_snapshots();
    }

    /// Sends inputs of a person that end with the one for `newest`, whenever that is.
    pub(crate) fn send(&self, person: usize, newest: Tick, inputs: &[Input]) {
        let person = &self.people[person];
        let mut bytes = Vec::new();
        InputPacket::new(Tick(0), newest, inputs.to_vec(), person.view_age).encode(&mut bytes);
        self.started
            .handle
            .submit(person.seat.player, &bytes, None)
            .unwrap();
    }

    /// Steps once; nobody sends anything.
    pub(crate) fn step_alone(&mut self) {
        self.step(&[]);
    }

    /// Walks a person to a place and lets it stand there, without a shield.
    pub(crate) fn walk_to(&mut self, person: usize, x: f32, y: f32) {
        self.play_until(
            |table| {
                let mut inputs = vec![STAY; table.people.len()];
                let at = table.own(person).body.position();
                let stick = |way: f32| (way * 2.0).clamp(-127.0, 127.0) as i8;
                inputs[person] = Input {
                    move_x: stick(x - at.x),
                    move_y: stick(y - at.y),
                    ..STAY
                };
                inputs
            },
            |table| {
                let own = table.own(person);
                let at = own.body.position();
                !own.shielded && (at.x - x).abs() < 2.0 && (at.y - y).abs() < 2.0
            },
        );
        self.rest(30);
    }

    /// What became of something that is counted.
    pub(crate) fn stats(&self) -> &Stats {
        &self.stats
    }

    fn take_snapshots(&mut self) {
        for (index, person) in self.people.iter_mut().enumerate() {
            let Some(bytes) = person.mailbox.take() else {
                continue;
            };
            let seen = person.replica.apply(&bytes).unwrap();
            person.heard.extend(seen.events.iter().map(|&(_, event)| event));
            if index == 0 {
                let tick = seen.header.tick.0;
                let events = seen.events.iter();
                self.events
                    .extend(events.map(|&(age, event)| (tick - u32::from(age), event)));
            }
        }
    }

    /// Steps until `done`, with inputs made from the table; at most a minute.
    pub(crate) fn play_until(
        &mut self,
        mut inputs: impl FnMut(&Self) -> Vec<Input>,
        mut done: impl FnMut(&Self) -> bool,
    ) {
        for _ in 0..3600 {
            if done(self) {
                return;
            }
            let inputs = inputs(self);
            self.step(&inputs);
        }
        panic!("it did not come to pass: {:?}", self.seen());
    }

    /// Steps so many ticks in which nobody does anything.
    pub(crate) fn rest(&mut self, ticks: u32) {
        for _ in 0..ticks {
            self.step(&vec![STAY; self.people.len()]);
        }
    }

    /// The last snapshot of the first person.
    pub(crate) fn seen(&self) -> &Snapshot {
        self.people[0].last().expect("a snapshot has come")
    }

    pub(crate) fn phase(&self) -> Option<Phase> {
        Some(self.people[0].last()?.status.phase)
    }

    /// As the first person saw it last.
    pub(crate) fn state(&self, entity: EntityId) -> PlayerState {
        let entities = &self.seen().entities;
        let index = entities.binary_search_by_key(&entity, |&(id, _)| id);
        entities[index.unwrap()].1
    }

    pub(crate) fn own(&self, person: usize) -> PlayerState {
        self.state(self.people[person].seat.entity)
    }

    /// Fires from one person at another, who stands still.
    pub(crate) fn shot(&self, from: usize, at: usize) -> Input {
        let (from, at) = (self.own(from).body.position(), self.own(at).body.position());
        Input {
            fire: true,
            aim: angle_of(at.x - from.x, at.y - from.y),
            ..STAY
        }
    }

    /// One person fires at another, the others stay.
    pub(crate) fn shots(&self, from: usize, at: usize) -> Vec<Input> {
        let mut inputs = vec![STAY; self.people.len()];
        if self.people[0].last().is_some() && self.own(at).alive {
            inputs[from] = self.shot(from, at);
        }
        inputs
    }

    /// Ticks of the events that fulfil a condition.
    pub(crate) fn ticks_of(&self, is_it: impl Fn(&Event) -> bool) -> Vec<u32> {
        let found = self.events.iter().filter(|(_, event)| is_it(event));
        found.map(|&(tick, _)| tick).collect()
    }

    /// Takes out what the match has told so far.
    pub(crate) fn told(&self) -> Vec<Told> {
        std::mem::take(&mut *self.sink.0.lock().unwrap())
    }

    /// Looks from outside; steps once.
    pub(crate) fn status(&mut self) -> MatchStatus {
        let (sender, receiver) = mpsc::channel();
        let reply = Reply::new(move |status| sender.send(status).unwrap());
        self.started.handle.inspect(reply);
        self.step(&vec![STAY; self.people.len()]);
        receiver.recv().unwrap().unwrap()
    }

    /// The last of them leaves.
    pub(crate) fn leave(&mut self) {
        self.people.pop();
    }

    /// Ends the match.
    pub(crate) fn close(&mut self, reason: MatchEnd) {
        self.started.running.end(reason);
    }

    pub(crate) fn handle_phase(&self) -> &'static str {
        self.started.handle.phase()
    }
}
