use std::cell::RefCell;
use std::sync::{Arc, mpsc};

use arena::Arena;
use shared::arena::input::Input;
use shared::arena::state::Body;
use shared::arena::{Replica, Snapshot};
use shared::ids::{EntityId, MatchId};
use shared::input::{InputPacket, VIEW_AGE_UNKNOWN};
use shared::name::PlayerName;
use shared::tick::Tick;
use simulation::command::{JoinRequest, JoinedSeat, MatchStatus, Reply};
use simulation::handle::{Started, start};
use simulation::mailbox::{MailboxReader, mailbox};
use simulation::notice::{MatchSink, Notice};
use simulation::settings::MatchSettings;
use simulation::simulation::MatchStart;

/// Nobody listens: the tests look into the mailboxes.
struct Silence;

impl MatchSink for Silence {
    fn snapshots_ready(&self) {}

    fn notice(&self, _: Notice) {}
}

/// A match that is stepped by hand.
struct Table {
    started: Started,
    tick: Tick,
}

struct Seated {
    seat: JoinedSeat,
    mailbox: MailboxReader,
    replica: RefCell<Replica>,
}

impl Table {
    fn new(seed: u64, fill_to: usize) -> Self {
        let started = start::<Arena>(MatchStart {
            id: MatchId(1),
            config: arena::Config::default(),
            seed,
            settings: MatchSettings {
                fill_to,
                ..MatchSettings::default()
            },
            sink: Arc::new(Silence),
            stats: Arc::default(),
            recording: None,
        });
        Self {
            started,
            tick: Tick(0),
        }
    }

    fn step(&mut self) {
        self.started.running.step();
        self.tick = self.tick.after(1);
    }

    fn join(&mut self, name: &str) -> Seated {
        let (writer, mailbox) = mailbox();
        let (sender, receiver) = mpsc::channel();
        self.started.handle.join(JoinRequest {
            name: PlayerName::parse(name).expect("the name is good"),
            mailbox: writer,
            reply: Reply::new(move |answer| sender.send(answer).expect("the test waits")),
        });
        self.step();
        let seat = receiver
            .recv()
            .expect("a reply always comes")
            .expect("there is a place");
        Seated {
            seat,
            mailbox,
            replica: RefCell::default(),
        }
    }

    /// Tells the wish of `seated` for the next tick, and steps it.
    fn step_with(&mut self, seated: &Seated, input: Input) {
        let packet = InputPacket::new(
            seated.replica.borrow().tick(),
            self.tick.after(1),
            vec![input],
            VIEW_AGE_UNKNOWN,
        );
        let mut bytes = Vec::new();
        packet.encode(&mut bytes);
        self.started
            .handle
            .submit(seated.seat.player, &bytes, None)
            .expect("the input decodes");
        self.step();
    }

    fn status(&mut self) -> MatchStatus {
        let (sender, receiver) = mpsc::channel();
        self.started.handle.inspect(Reply::new(move |answer| {
            sender.send(answer).expect("the test waits")
        }));
        self.step();
        receiver
            .recv()
            .expect("a reply always comes")
            .expect("the match goes on")
    }
}

impl Seated {
    /// The last snapshot, if one came since the last call.
    fn snapshot(&self) -> Option<Snapshot> {
        let bytes = self.mailbox.take()?;
        let mut replica = self.replica.borrow_mut();
        Some(
            replica
                .apply(&bytes)
                .expect("the server's snapshots apply")
                .clone(),
        )
    }
}

fn place(snapshot: &Snapshot, entity: EntityId) -> Body {
    snapshot
        .entities
        .iter()
        .find(|(id, _)| *id == entity)
        .expect("the entity is shown")
        .1
        .body
}

const RIGHT: Input = Input {
    move_x: 127,
    ..Input::NEUTRAL
};

#[test]
fn a_player_stands_still_without_inputs_and_walks_with_them() {
    let mut table = Table::new(7, 0);
    let ada = table.join("Ada");
    while ada.snapshot().is_none() {
        table.step();
    }
    let start = table.tick.after(30);
    let mut at = Vec::new();
    for tick in 0..90 {
        if tick < 30 {
            table.step();
        } else {
            table.step_with(&ada, RIGHT);
        }
        at.extend(
            ada.snapshot()
                .map(|snapshot| (snapshot.header.tick, place(&snapshot, ada.seat.entity))),
        );
    }
    let (still, walking): (Vec<_>, Vec<_>) = at.into_iter().partition(|&(tick, _)| tick <= start);
    let [still, walking] =
        [still, walking].map(|seen| seen.into_iter().map(|(_, body)| body).collect::<Vec<_>>());
    assert!(
        !still.is_empty() && still.iter().all(|body| *body == still[0]),
        "{still:?}"
    );
    assert!(walking[walking.len() - 1].x > still[0].x, "{walking:?}");
}

#[test]
fn an_input_for_the_next_tick_comes_just_in_time() {
    let mut table = Table::new(7, 0);
    let ada = table.join("Ada");
    let mut last = None;
    for _ in 0..12 {
        table.step_with(&ada, RIGHT);
        last = ada.snapshot().or(last);
    }
    assert_eq!(last.expect("snapshots came").header.slack, 0);
}

#[test]
fn leaving_frees_the_place_and_a_bot_takes_it() {
    let mut table = Table::new(7, 4);
    let ada = table.join("Ada");
    let bob = table.join("Bob");
    let count = |status: &MatchStatus, bot| status.players.iter().filter(|player| player.bot == bot).count();
    let status = table.status();
    assert_eq!((count(&status, false), count(&status, true)), (2, 2));
    drop(bob);
    // It is looked for in the tick of a snapshot.
    for _ in 0..3 {
        table.step();
    }
    let status = table.status();
    assert_eq!((count(&status, false), count(&status, true)), (1, 3));
    drop(ada);
}
