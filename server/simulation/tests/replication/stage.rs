//! A match of the plain that is stepped by hand, and clients that take, acknowledge and check what they get.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, mpsc};

use shared::ids::{EntityId, MatchId, PlayerId};
use shared::input::{InputPacket, VIEW_AGE_UNKNOWN};
use shared::name::PlayerName;
use shared::replica::Replica;
use shared::snapshot::Snapshot;
use shared::tick::{SNAPSHOT_INTERVAL_TICKS, Tick};
use simulation::command::{JoinRequest, JoinedSeat, Reply, ResumeRequest};
use simulation::handle::{MatchHandle, Started, start};
use simulation::mailbox::{MailboxReader, mailbox};
use simulation::notice::{MatchSink, Notice};
use simulation::settings::MatchSettings;
use simulation::simulation::{Flow, MatchStart};
use simulation::stats::Stats;

use crate::interest::{Interest, cell_of};
use crate::plain::{Age, Config, Go, Happened, Plain, Spot, Truth};
use crate::wire;

pub(crate) type Seen = Snapshot<(), Age, Spot, Happened>;

/// The match.
pub(crate) struct Stage {
    started: Started,
    pub(crate) stats: Arc<Stats>,
    pub(crate) truth: Truth,
    pub(crate) tick: Tick,
    /// What was where after each of the last ticks.
    past: VecDeque<(Tick, Vec<(EntityId, Spot)>)>,
    gone: Arc<Mutex<Vec<PlayerId>>>,
    see_all_max: usize,
}

/// Room for many, without bots, an end and a budget.
pub(crate) const SETTINGS: MatchSettings = MatchSettings {
    players_max: 128,
    viewers_max: 2,
    fill_to: 0,
    empty_ticks_max: u32::MAX,
    snapshot_bytes_per_s: 0,
    snapshot_interval_ticks: SNAPSHOT_INTERVAL_TICKS,
    see_all_max: MatchSettings::SEE_ALL_MAX,
};

/// Ticks that are remembered: a client may take a snapshot long after it was made.
const PAST_TICKS: usize = 1000;

struct Sink(Arc<Mutex<Vec<PlayerId>>>);

impl MatchSink for Sink {
    fn snapshots_ready(&self) {}

    fn notice(&self, notice: Notice) {
        if let Notice::Gone(simulation::client::Client::Player(player)) = notice {
            self.0.lock().unwrap().push(player);
        }
    }
}

impl Stage {
    /// Without a budget.
    pub(crate) fn new(config: Config) -> Self {
        Self::with_budget(config, 0)
    }

    pub(crate) fn with_budget(config: Config, snapshot_bytes_per_s: u32) -> Self {
        let settings = MatchSettings {
            snapshot_bytes_per_s,
            ..SETTINGS
        };
        Self::with_settings(config, settings)
    }

    pub(crate) fn with_settings(config: Config, settings: MatchSettings) -> Self {
        let (stats, truth) = (Arc::<Stats>::default(), Arc::clone(&config.truth));
        let gone = Arc::default();
        let started = start::<Plain>(MatchStart {
            id: MatchId(1),
            config,
            seed: 77,
            settings,
            sink: Arc::new(Sink(Arc::clone(&gone))),
            stats: Arc::clone(&stats),
            recording: None,
        });
        Self {
            started,
            stats,
            truth,
            tick: Tick(0),
            past: VecDeque::new(),
            gone,
            see_all_max: settings.see_all_max,
        }
    }

    /// One tick, in which everybody does what their client sends.
    pub(crate) fn step(&mut self, clients: &mut [Client]) {
        for client in &mut *clients {
            client.send(self);
        }
        self.step_alone();
        for client in clients {
            client.take(self);
        }
    }

    pub(crate) fn steps(&mut self, ticks: u32, clients: &mut [Client]) {
        for _ in 0..ticks {
            self.step(clients);
        }
    }

    pub(crate) fn handle(&self) -> &dyn MatchHandle {
        &*self.started.handle
    }

    pub(crate) fn step_alone(&mut self) {
        assert_eq!(self.started.running.step(), Flow::Running);
        self.tick = self.tick.after(1);
        if self.past.len() == PAST_TICKS {
            self.past.pop_front();
        }
        let truth = self.truth.lock().unwrap().clone();
        self.past.push_back((self.tick, truth));
    }

    /// Joins and plays one tick without the others.
    pub(crate) fn join(&mut self) -> Client {
        let (writer, reader) = mailbox();
        let (sender, receiver) = mpsc::channel();
        self.started.handle.join(JoinRequest {
            name: PlayerName::parse("Ada").unwrap(),
            mailbox: writer,
            reply: Reply::new(move |answer| sender.send(answer).unwrap_or_default()),
        });
        self.step_alone();
        let mut client = Client::new(receiver.try_recv().unwrap().unwrap(), reader, self.see_all_max);
        client.take(self);
        client
    }

    /// So many clients; those who are there keep up meanwhile.
    pub(crate) fn join_all(&mut self, count: usize) -> Vec<Client> {
        let mut clients = Vec::new();
        for _ in 0..count {
            clients.push(self.join());
            let (_, others) = clients.split_last_mut().unwrap();
            for client in others {
                client.take(self);
                client.send(self);
            }
        }
        clients
    }

    /// The same player on a new connection.
    pub(crate) fn resume(&mut self, client: &Client) -> Client {
        let (writer, reader) = mailbox();
        let (sender, receiver) = mpsc::channel();
        self.started.handle.resume(ResumeRequest {
            player: client.seat.player,
            mailbox: writer,
            reply: Reply::new(move |answer| sender.send(answer).unwrap_or_default()),
        });
        self.step_alone();
        let mut client = Client::new(receiver.try_recv().unwrap().unwrap(), reader, self.see_all_max);
        client.take(self);
        client
    }

    /// Who was given up so far.
    pub(crate) fn gone(&self) -> Vec<PlayerId> {
        self.gone.lock().unwrap().clone()
    }

    /// Everything as it was after a tick, by id.
    fn past(&self, tick: Tick) -> &[(EntityId, Spot)] {
        let past = self.past.iter().find(|(past, _)| *past == tick);
        &past.expect("it is not so long ago").1
    }

    pub(crate) fn spot(&self, entity: EntityId) -> Spot {
        self.spot_at(self.tick, entity)
    }

    pub(crate) fn spot_at(&self, tick: Tick, entity: EntityId) -> Spot {
        let past = self.past(tick);
        past.iter().find(|(id, _)| *id == entity).unwrap().1
    }

    /// What was in cells that the test chooses, by id.
    pub(crate) fn truth_in(&self, tick: Tick, chosen: impl Fn(u8) -> bool) -> Vec<(EntityId, Spot)> {
        self.past(tick)
            .iter()
            .filter(|(_, spot)| chosen(cell_of(spot.x, spot.y)))
            .copied()
            .collect()
    }
}

/// How a client behaves, and what it knows.
pub(crate) struct Client {
    pub(crate) seat: JoinedSeat,
    pub(crate) mailbox: MailboxReader,
    pub(crate) replica: Replica<(), Age, Spot, Happened>,
    pub(crate) go: Go,
    /// It takes what lies in the mailbox.
    pub(crate) takes: bool,
    /// It acknowledges, this many ticks late.
    pub(crate) acks_after: Option<u32>,
    pub(crate) hidden: bool,
    pub(crate) resync: bool,
    /// Acknowledges this and not the truth.
    pub(crate) lie: Option<Tick>,
    /// The match is divided into cells, as far as this client can tell.
    pub(crate) interest: Interest,
    /// Ticks of the snapshots taken, and whether they were keyframes.
    pub(crate) taken: Vec<(u32, bool)>,
    pub(crate) bytes: usize,
    /// How often each event came, by its number.
    pub(crate) told: BTreeMap<u16, u32>,
    /// When what was taken is acknowledged.
    acks: VecDeque<(Tick, Tick)>,
    acked: Tick,
}

impl Client {
    fn new(seat: JoinedSeat, mailbox: MailboxReader, see_all_max: usize) -> Self {
        Self {
            seat,
            mailbox,
            replica: Replica::new(),
            go: Go::default(),
            takes: true,
            acks_after: Some(0),
            hidden: false,
            resync: false,
            lie: None,
            interest: Interest::new(see_all_max),
            taken: Vec::new(),
            bytes: 0,
            told: BTreeMap::new(),
            acks: VecDeque::new(),
            acked: Tick(0),
        }
    }

    pub(crate) fn entity(&self) -> EntityId {
        self.seat.entity
    }

    /// Sends the input for the next tick.
    fn send(&mut self, stage: &Stage) {
        while let Some(&(tick, when)) = self.acks.front()
            && when <= stage.tick
        {
            self.acked = tick;
            self.acks.pop_front();
        }
        if self.acks_after == Some(0) {
            self.acked = self.replica.tick();
            self.acks.clear();
        }
        let mut bytes = Vec::new();
        packet(self, stage.tick.after(1)).encode(&mut bytes);
        let sent = stage.started.handle.submit(self.seat.player, &bytes, None);
        assert_eq!(sent, Ok(()));
    }

    /// Takes the snapshot that waits, applies it, and reads its bytes.
    pub(crate) fn take(&mut self, stage: &Stage) {
        if !self.takes {
            return;
        }
        let Some(bytes) = self.mailbox.take() else {
            return;
        };
        self.bytes += bytes.len();
        let read = wire::read(&bytes);
        let spot = stage.spot_at(read.tick, self.seat.entity);
        self.interest
            .look(spot, read.is_keyframe, stage.past(read.tick).len());
        self.check_bytes(&read, stage);
        let seen = self
            .replica
            .apply(&bytes)
            .expect("a snapshot fits to the last one");
        for (_, event) in &seen.events {
            *self.told.entry(event.number).or_default() += 1;
        }
        self.taken.push((read.tick.0, read.is_keyframe));
        if let Some(delay) = self.acks_after {
            self.acks.push_back((read.tick, stage.tick.after(delay)));
        }
    }

    /// Nothing in the bytes is of a cell that the client has no interest in, and who is shown is where it is shown.
    fn check_bytes(&self, read: &wire::Read, stage: &Stage) {
        for block in read.blocks.iter().filter(|block| !block.is_forgotten) {
            assert!(
                self.interest.contains(block.cell),
                "cell {} is none of its business",
                block.cell
            );
            for &entity in &block.shown {
                let spot = stage.spot_at(read.tick, entity);
                assert_eq!(self.interest.cell_of(spot), block.cell);
            }
        }
    }

    pub(crate) fn seen(&self) -> &Seen {
        self.replica.latest().expect("a snapshot has come")
    }

    /// Ticks of the snapshots since the last call, and which of them were keyframes.
    pub(crate) fn took(&mut self) -> (Vec<u32>, Vec<u32>) {
        let taken = std::mem::take(&mut self.taken);
        let keyframes = taken.iter().filter(|(_, keyframe)| *keyframe);
        (
            taken.iter().map(|&(tick, _)| tick).collect(),
            keyframes.map(|&(tick, _)| tick).collect(),
        )
    }

    /// All of its interest is known as it is.
    pub(crate) fn check_all(&self, stage: &Stage) {
        let tick = self.seen().header.tick;
        assert!(stage.tick.since(tick) < 3, "{tick:?} is long ago");
        let truth = stage.truth_in(tick, |cell| self.interest.contains_truth(cell));
        assert_eq!(self.seen().entities, truth, "{tick:?}");
    }

    /// What is in view is known as it is.
    pub(crate) fn check_view(&self, stage: &Stage) {
        let in_view = |cell| self.interest.is_in_view(cell);
        let entities = self.seen().entities.iter();
        let known: Vec<_> = entities
            .filter(|(_, spot)| in_view(cell_of(spot.x, spot.y)))
            .copied()
            .collect();
        let tick = self.seen().header.tick;
        assert_eq!(known, stage.truth_in(tick, in_view), "{tick:?}");
    }
}

/// What a client sends for the next tick.
fn packet(client: &Client, newest: Tick) -> InputPacket<Go> {
    InputPacket {
        hidden: client.hidden,
        resync: client.resync,
        ..InputPacket::new(
            client.lie.unwrap_or(client.acked),
            newest,
            vec![client.go],
            VIEW_AGE_UNKNOWN,
        )
    }
}
