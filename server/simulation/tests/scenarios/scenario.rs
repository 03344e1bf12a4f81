use std::cell::RefCell;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use shared::ids::{MatchId, PlayerId};
use shared::input::{InputPacket, VIEW_AGE_UNKNOWN};
use shared::name::PlayerName;
use shared::replica::Replica;
use shared::snapshot::Snapshot;
use shared::tick::{SNAPSHOT_INTERVAL_TICKS, Tick};
use simulation::command::{JoinRequest, JoinedSeat, MatchStatus, Refused, Reply, ResumeRequest};
use simulation::handle::{MatchHandle, Started, SubmitError, start};
use simulation::mailbox::{MailboxReader, mailbox};
use simulation::notice::{MatchSink, Notice};
use simulation::recording::sink::Recording;
use simulation::settings::MatchSettings;
use simulation::simulation::{Flow, MatchStart, RunningMatch};
use simulation::stats::Stats;

use crate::counter::{Add, Config, Counter, Played, Shouted, Sum};

/// A test that waits longer than this has failed; nothing is asserted about shorter times.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Settings without bots and without an end.
pub(crate) const QUIET: MatchSettings = MatchSettings {
    players_max: 4,
    viewers_max: 2,
    fill_to: 0,
    empty_ticks_max: u32::MAX,
    snapshot_bytes_per_s: 0,
    snapshot_interval_ticks: SNAPSHOT_INTERVAL_TICKS,
    see_all_max: MatchSettings::SEE_ALL_MAX,
};

/// What a sink was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Ready,
    Notice(Notice),
}

/// Passes on what it is told.
pub(crate) struct Recorder(Mutex<mpsc::Sender<Told>>);

impl Recorder {
    pub(crate) fn new() -> (Arc<Self>, Receiver<Told>) {
        let (sender, receiver) = mpsc::channel();
        (Arc::new(Self(Mutex::new(sender))), receiver)
    }

    fn tell(&self, told: Told) {
        // The test may have stopped listening.
        let _ = self.0.lock().unwrap().send(told);
    }
}

impl MatchSink for Recorder {
    fn snapshots_ready(&self) {
        self.tell(Told::Ready);
    }

    fn notice(&self, notice: Notice) {
        self.tell(Told::Notice(notice));
    }
}

/// A match of the counter game for a shard or for a scenario.
pub(crate) fn counter_match(
    id: u32,
    config: Config,
    seed: u64,
    settings: MatchSettings,
    stats: &Arc<Stats>,
) -> (Started, Receiver<Told>) {
    recorded_match(id, config, seed, settings, stats, None)
}

/// The same, perhaps recorded.
pub(crate) fn recorded_match(
    id: u32,
    config: Config,
    seed: u64,
    settings: MatchSettings,
    stats: &Arc<Stats>,
    recording: Option<Recording>,
) -> (Started, Receiver<Told>) {
    let (sink, told) = Recorder::new();
    let started = start::<Counter>(MatchStart {
        id: MatchId(id),
        config,
        seed,
        settings,
        sink,
        stats: Arc::clone(stats),
        recording,
    });
    (started, told)
}

/// A match that is stepped by hand.
pub(crate) struct Scenario {
    pub(crate) handle: Arc<dyn MatchHandle>,
    pub(crate) running: Box<dyn RunningMatch>,
    pub(crate) stats: Arc<Stats>,
    /// Ticks so far.
    pub(crate) stepped: u32,
    told: Receiver<Told>,
}

impl Scenario {
    pub(crate) fn new(settings: MatchSettings) -> Self {
        Self::with_config(Config::default(), settings)
    }

    pub(crate) fn with_config(config: Config, settings: MatchSettings) -> Self {
        Self::recorded(config, settings, None)
    }

    pub(crate) fn recorded(config: Config, settings: MatchSettings, recording: Option<Recording>) -> Self {
        let stats = Arc::default();
        let (started, told) = recorded_match(1, config, 5, settings, &stats, recording);
        Self {
            handle: started.handle,
            running: started.running,
            stats,
            stepped: 0,
            told,
        }
    }

    pub(crate) fn step(&mut self) {
        assert_eq!(self.running.step(), Flow::Running);
        self.stepped += 1;
    }

    /// Steps until the match has done so many ticks more.
    pub(crate) fn steps(&mut self, ticks: u32) {
        for _ in 0..ticks {
            self.step();
        }
    }

    /// Steps up to the next tick with a snapshot, in which those who have left are taken out.
    pub(crate) fn notice_leavers(&mut self) {
        self.step();
        while !self.stepped.is_multiple_of(SNAPSHOT_INTERVAL_TICKS.into()) {
            self.step();
        }
    }

    /// Joins and steps once.
    pub(crate) fn join(&mut self, name: &str) -> Client {
        let (answer, mailbox) = ask_to_join(&*self.handle, name);
        self.step();
        Client::new(answer.try_recv().unwrap().unwrap(), mailbox)
    }

    /// What the sink was told since the last call.
    pub(crate) fn told(&self) -> Vec<Told> {
        self.told.try_iter().collect()
    }

    /// The notices among that.
    pub(crate) fn notices(&self) -> Vec<Notice> {
        let notice = |told| match told {
            Told::Notice(notice) => Some(notice),
            Told::Ready => None,
        };
        self.told.try_iter().filter_map(notice).collect()
    }

    /// What the match looks like now; steps once.
    pub(crate) fn status(&mut self) -> MatchStatus {
        let answer = ask_for_status(&*self.handle);
        self.step();
        answer.try_recv().unwrap().unwrap()
    }

    /// Sends inputs that end with the one for `newest`.
    pub(crate) fn send(&self, client: &Client, newest: Tick, inputs: &[Add]) {
        assert_eq!(
            self.handle.submit(
                client.seat.player,
                &packet_after(client.acked(), newest, inputs),
                None
            ),
            Ok(())
        );
    }
}

/// The client's side of a seat.
pub(crate) struct Client {
    pub(crate) seat: JoinedSeat,
    pub(crate) mailbox: MailboxReader,
    replica: RefCell<Replica<Played, (), Sum, Shouted>>,
}

impl Client {
    pub(crate) fn new(seat: JoinedSeat, mailbox: MailboxReader) -> Self {
        Self {
            seat,
            mailbox,
            replica: RefCell::default(),
        }
    }

    /// The tick it acknowledges.
    fn acked(&self) -> Tick {
        self.replica.borrow().tick()
    }

    /// Takes the snapshot that waits and gives what is known then.
    pub(crate) fn take(&self) -> Option<Snapshot<Played, (), Sum, Shouted>> {
        Some(self.apply(&self.mailbox.take()?))
    }

    /// Gives what is known after a snapshot that was taken.
    pub(crate) fn apply(&self, bytes: &[u8]) -> Snapshot<Played, (), Sum, Shouted> {
        self.replica.borrow_mut().apply(bytes).unwrap().clone()
    }
}

/// Queues a join; gives where the answer comes and the mailbox.
pub(crate) fn ask_to_join(
    handle: &dyn MatchHandle,
    name: &str,
) -> (Receiver<Result<JoinedSeat, Refused>>, MailboxReader) {
    let (writer, reader) = mailbox();
    let (sender, receiver) = mpsc::channel();
    handle.join(JoinRequest {
        name: PlayerName::parse(name).unwrap(),
        mailbox: writer,
        reply: Reply::new(move |answer| sender.send(answer).unwrap_or_default()),
    });
    (receiver, reader)
}

/// Queues a resume; gives where the answer comes and the new mailbox.
pub(crate) fn ask_to_resume(
    handle: &dyn MatchHandle,
    player: PlayerId,
) -> (Receiver<Result<JoinedSeat, Refused>>, MailboxReader) {
    let (writer, reader) = mailbox();
    let (sender, receiver) = mpsc::channel();
    handle.resume(ResumeRequest {
        player,
        mailbox: writer,
        reply: Reply::new(move |answer| sender.send(answer).unwrap_or_default()),
    });
    (receiver, reader)
}

/// Queues an inspection.
pub(crate) fn ask_for_status(handle: &dyn MatchHandle) -> Receiver<Result<MatchStatus, Refused>> {
    let (sender, receiver) = mpsc::channel();
    handle.inspect(Reply::new(move |answer| sender.send(answer).unwrap_or_default()));
    receiver
}

/// The bytes of an `input` event of a client that has seen nothing yet.
pub(crate) fn packet(newest: Tick, inputs: &[Add]) -> Vec<u8> {
    packet_after(Tick(0), newest, inputs)
}

fn packet_after(acked: Tick, newest: Tick, inputs: &[Add]) -> Vec<u8> {
    let mut bytes = Vec::new();
    InputPacket::new(acked, newest, inputs.to_vec(), VIEW_AGE_UNKNOWN).encode(&mut bytes);
    bytes
}

/// An input without a shout.
pub(crate) const fn add(amount: i8) -> Add {
    Add { amount, shout: false }
}

/// An input with a shout.
pub(crate) const fn shout(amount: i8) -> Add {
    Add { amount, shout: true }
}

/// Fills the queue of a match with inputs nobody has a place for; gives how many fitted.
pub(crate) fn fill_queue(handle: &dyn MatchHandle) -> u64 {
    let bytes = packet(Tick(1), &[add(0)]);
    let mut count = 0;
    loop {
        match handle.submit(PlayerId(999), &bytes, None) {
            Ok(()) => count += 1,
            Err(error) => {
                assert_eq!(error, SubmitError::Full);
                return count;
            }
        }
    }
}
