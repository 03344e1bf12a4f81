use std::sync::{Arc, mpsc};

use shared::ids::{MatchId, PlayerId};
use shared::input::{InputPacket, VIEW_AGE_UNKNOWN};
use shared::name::PlayerName;
use shared::tick::Tick;
use simulation::command::{JoinRequest, Reply};
use simulation::handle::{Started, start};
use simulation::mailbox::{MailboxReader, mailbox};
use simulation::notice::{MatchSink, Notice};
use simulation::settings::MatchSettings;
use simulation::simulation::{Flow, MatchStart};
use simulation::stats::Stats;

use crate::plain::{Config, Go, Plain};

/// A match, its clients, and the last snapshot that each has taken.
pub(crate) struct Table {
    started: Started,
    people: Vec<Person>,
    pub(crate) stats: Arc<Stats>,
    tick: Tick,
}

struct Person {
    player: PlayerId,
    mailbox: MailboxReader,
    acked: Tick,
}

struct Nobody;

impl MatchSink for Nobody {
    fn snapshots_ready(&self) {}

    fn notice(&self, _: Notice) {}
}

impl Table {
    pub(crate) fn new(people_count: usize, wanderers: u16, snapshot_bytes_per_s: u32) -> Self {
        let stats = Arc::<Stats>::default();
        let started = start::<Plain>(MatchStart {
            id: MatchId(1),
            config: Config {
                wanderers,
                ..Config::default()
            },
            seed: 9,
            settings: MatchSettings {
                players_max: 64,
                fill_to: 0,
                empty_ticks_max: u32::MAX,
                snapshot_bytes_per_s,
                ..MatchSettings::default()
            },
            sink: Arc::new(Nobody),
            stats: Arc::clone(&stats),
            recording: None,
        });
        let mut table = Self {
            started,
            people: Vec::new(),
            stats,
            tick: Tick(0),
        };
        for _ in 0..people_count {
            table.join();
        }
        table
    }

    fn join(&mut self) {
        let (writer, reader) = mailbox();
        let (sender, receiver) = mpsc::channel();
        self.started.handle.join(JoinRequest {
            name: PlayerName::parse("Ada").unwrap(),
            mailbox: writer,
            reply: Reply::new(move |answer| sender.send(answer).unwrap_or_default()),
        });
        self.step();
        self.people.push(Person {
            player: receiver.try_recv().unwrap().unwrap().player,
            mailbox: reader,
            acked: Tick(0),
        });
        self.take();
    }

    /// Everybody says what they do next and what they have.
    pub(crate) fn send(&self, go: impl Fn(PlayerId) -> Go) {
        for person in &self.people {
            let inputs = vec![go(person.player)];
            let newest = self.tick.after(1);
            let mut bytes = Vec::new();
            InputPacket::new(person.acked, newest, inputs, VIEW_AGE_UNKNOWN).encode(&mut bytes);
            assert_eq!(self.started.handle.submit(person.player, &bytes, None), Ok(()));
        }
    }

    /// The work of the shard in one tick.
    pub(crate) fn step(&mut self) {
        assert_eq!(self.started.running.step(), Flow::Running);
        self.tick = self.tick.after(1);
    }

    /// Everybody takes what waits.
    pub(crate) fn take(&mut self) {
        for person in &mut self.people {
            if person.mailbox.take().is_some() {
                person.acked = self.tick;
            }
        }
    }

    /// One tick of everybody.
    pub(crate) fn play(&mut self, go: impl Fn(PlayerId) -> Go) {
        self.send(go);
        self.step();
        self.take();
    }

    pub(crate) const fn tick(&self) -> Tick {
        self.tick
    }
}
