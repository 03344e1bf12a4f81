use std::cell::RefCell;
use std::sync::mpsc;

use shared::ids::EntityId;
use shared::look::{Look, LookPacket};
use shared::replica::Replica;
use shared::snapshot::{SLACK_UNKNOWN, Snapshot};
use shared::tick::Tick;
use simulation::client::Client;
use simulation::command::{Reply, WatchRequest, WatchedMatch};
use simulation::handle::MatchHandle;
use simulation::mailbox::{MailboxReader, mailbox};
use simulation::notice::Notice;
use simulation::places::ViewerPlace;
use simulation::settings::MatchSettings;
use simulation::simulation::Flow;

use crate::counter::{Config, Played, Shouted, Sum};
use crate::recording::{Story, Tape};
use crate::scenario::{QUIET, Scenario, shout};

struct Viewer {
    place: ViewerPlace,
    mailbox: MailboxReader,
    answer: mpsc::Receiver<Result<WatchedMatch, simulation::command::Refused>>,
    replica: RefCell<Replica<Played, (), Sum, Shouted>>,
}

impl Viewer {
    /// Asks to watch; the match answers with its next tick.
    fn new(handle: &dyn MatchHandle) -> Self {
        let place = handle.reserve_viewer().expect("there is a place");
        let (answer, mailbox) = ask(handle, &place);
        Self {
            place,
            mailbox,
            answer,
            replica: RefCell::default(),
        }
    }

    fn take(&self) -> Option<Snapshot<Played, (), Sum, Shouted>> {
        let bytes = self.mailbox.take()?;
        Some(self.replica.borrow_mut().apply(&bytes).unwrap().clone())
    }

    fn look(&self, handle: &dyn MatchHandle, look: Look) {
        let packet = LookPacket {
            acked: self.replica.borrow().tick(),
            look,
            hidden: false,
            resync: false,
        };
        let mut bytes = Vec::new();
        packet.encode(&mut bytes);
        handle.look(self.place.id(), &bytes).unwrap();
    }
}

fn ask(
    handle: &dyn MatchHandle,
    place: &ViewerPlace,
) -> (
    mpsc::Receiver<Result<WatchedMatch, simulation::command::Refused>>,
    MailboxReader,
) {
    let (writer, mailbox) = mailbox();
    let (sender, answer) = mpsc::channel();
    handle.watch(WatchRequest {
        viewer: place.id(),
        mailbox: writer,
        reply: Reply::new(move |answer| sender.send(answer).unwrap_or_default()),
    });
    (answer, mailbox)
}

#[test]
fn a_viewer_sees_everybody_and_is_nobody() {
    let mut scenario = Scenario::new(QUIET);
    let ada = scenario.join("Ada");
    scenario.notices();
    let viewer = Viewer::new(&*scenario.handle);
    scenario.step();
    let watched = viewer.answer.try_recv().unwrap().unwrap();
    assert_eq!(watched.roster, ada.seat.roster);
    assert_eq!(
        (watched.match_id, &watched.setup),
        (ada.seat.match_id, &ada.seat.setup)
    );
    scenario.send(&ada, Tick(scenario.stepped + 1), &[shout(3)]);
    scenario.steps(3);
    let (seen, own) = (viewer.take().unwrap(), ada.take().unwrap());
    assert_eq!(seen.entities, own.entities);
    assert_eq!(seen.events, own.events, "what Ada is told");
    assert_eq!((seen.own, seen.header.slack), (None, SLACK_UNKNOWN));
    assert_eq!(scenario.notices(), [], "nobody is told of a viewer");
    assert_eq!((scenario.handle.people(), scenario.handle.viewers()), (1, 1));
    assert_eq!(scenario.status().players.len(), 1);
}

#[test]
fn a_watched_match_has_the_same_hashes_and_the_same_recording() {
    let play = |is_watched: bool| {
        let tape = Tape::default();
        let mut story = Story::new(Config::default(), &tape, u64::MAX);
        let mut viewers = Vec::new();
        for tick in 0..400_u16 {
            if is_watched && tick == 20 {
                viewers.push(Viewer::new(&*story.scenario.handle));
            }
            if tick == 300 {
                viewers.clear();
            }
            for viewer in &viewers {
                viewer.take();
                viewer.look(&*story.scenario.handle, Look::Follow(EntityId(tick % 4)));
            }
            story.play(1);
        }
        let status = story.scenario.status();
        drop(story);
        (status, tape.bytes())
    };
    assert_eq!(play(true), play(false));
}

#[test]
fn viewers_are_bounded_and_give_their_place_back() {
    let mut scenario = Scenario::new(QUIET);
    let handle = scenario.handle.clone();
    let first = Viewer::new(&*handle);
    let second = Viewer::new(&*handle);
    assert!(handle.reserve_viewer().is_none());
    assert_eq!(scenario.stats.viewers_refused.value(), 1);
    scenario.steps(3);
    assert!(first.mailbox.is_waiting() && second.mailbox.is_waiting());
    let Viewer { place, mailbox, .. } = first;
    drop(mailbox);
    scenario.steps(1);
    let (_, mailbox) = ask(&*handle, &place);
    scenario.steps(3);
    assert!(mailbox.is_waiting(), "the same viewer on a new connection");
    drop(place);
    assert!(handle.reserve_viewer().is_some());
}

#[test]
fn a_match_goes_on_while_it_is_watched() {
    let mut scenario = Scenario::new(MatchSettings {
        empty_ticks_max: 10,
        ..QUIET
    });
    let viewer = Viewer::new(&*scenario.handle);
    scenario.steps(50);
    drop(viewer);
    scenario.steps(9);
    assert_eq!(scenario.running.step(), Flow::Finished);
}

#[test]
fn a_viewer_that_answers_nothing_is_given_up() {
    let mut scenario = Scenario::new(QUIET);
    let viewer = Viewer::new(&*scenario.handle);
    for _ in 0..15 * 60 {
        scenario.step();
        viewer.take();
    }
    let gone = Notice::Gone(Client::Viewer(viewer.place.id()));
    assert_eq!(scenario.notices(), [gone]);
    let Viewer { place, mailbox, .. } = viewer;
    drop(mailbox);
    scenario.notice_leavers();
    let unknown = LookPacket {
        acked: Tick(0),
        look: Look::Follow(EntityId::NONE),
        hidden: false,
        resync: false,
    };
    let mut bytes = Vec::new();
    unknown.encode(&mut bytes);
    scenario.handle.look(place.id(), &bytes).unwrap();
    scenario.step();
    assert_eq!(scenario.stats.looks_unseated.value(), 1);
    assert!(scenario.handle.look(place.id(), &bytes[1..]).is_err());
    assert_eq!(scenario.stats.messages_malformed.value(), 1);
}
