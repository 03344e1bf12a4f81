use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::Instant;

use bytes::Bytes;
use shared::look::{Look, LookPacket};
use shared::message::MatchEnd;
use shared::record::DecodeError;
use shared::replica::Replica;
use shared::snapshot::Snapshot;
use shared::steer::{Speed, Steer};
use shared::tick::Tick;
use simulation::command::{MatchStatus, Refused, Reply, WatchRequest, WatchedMatch};
use simulation::handle::{MatchHandle, Started, SubmitError, replay};
use simulation::mailbox::{MailboxReader, mailbox};
use simulation::notice::Notice;
use simulation::places::ViewerPlace;
use simulation::rate::Rate;
use simulation::simulation::{Flow, RunningMatch};
use simulation::stats::Stats;

use crate::counter::{Config, Counter, Played, Shouted, Sum};
use crate::recording::{Story, Tape, story};
use crate::replaying::with_header;
use crate::scenario::{QUIET, Recorder, Scenario, Told, ask_for_status};

type Answer = Receiver<Result<WatchedMatch, Refused>>;

/// A recording that is shown, stepped by hand.
pub(crate) struct Show {
    handle: Arc<dyn MatchHandle>,
    running: Box<dyn RunningMatch>,
    pub(crate) stats: Arc<Stats>,
    told: Receiver<Told>,
    place: Option<ViewerPlace>,
    pub(crate) mailbox: MailboxReader,
    pub(crate) replica: Replica<Played, (), Sum, Shouted>,
}

impl Show {
    /// Opens it at a tick; nobody has come to see it yet.
    pub(crate) fn open(bytes: Vec<u8>, from: u32) -> Self {
        Self::open_beside(bytes, from, Arc::default())
    }

    /// The same, among others that are counted there.
    pub(crate) fn open_beside(bytes: Vec<u8>, from: u32, stats: Arc<Stats>) -> Self {
        let (sink, told) = Recorder::new();
        let opened = replay::<Counter>(
            Bytes::from(bytes),
            Tick(from),
            sink,
            Arc::clone(&stats),
            Rate::default(),
        );
        let Started { handle, running } = opened.unwrap_or_else(|error| panic!("{error}"));
        let place = handle.reserve_viewer();
        assert!(handle.reserve_viewer().is_none(), "it is for one");
        Self {
            handle,
            running,
            stats,
            told,
            place,
            mailbox: mailbox().1,
            replica: Replica::new(),
        }
    }

    pub(crate) fn step(&mut self) {
        assert_eq!(self.running.step(), Flow::Running);
    }

    pub(crate) fn request(&mut self) -> (WatchRequest, Answer) {
        let (writer, reader) = mailbox();
        let (sender, answer) = mpsc::channel();
        self.mailbox = reader;
        self.replica = Replica::new();
        let request = WatchRequest {
            viewer: self.place.as_ref().unwrap().id(),
            mailbox: writer,
            reply: Reply::new(move |answer| sender.send(answer).unwrap_or_default()),
        };
        (request, answer)
    }

    pub(crate) fn ask_to_watch(&mut self) -> Answer {
        let (request, answer) = self.request();
        self.handle.watch(request);
        answer
    }

    pub(crate) fn ask_to_steer(&mut self, speed: Speed, to: Option<u32>) -> Answer {
        let (request, answer) = self.request();
        let mut bytes = Vec::new();
        let to = to.map(Tick);
        Steer { speed, to }.encode(&mut bytes);
        assert_eq!(self.handle.steer(request, &bytes), Ok(()));
        answer
    }

    /// Steps until the answer is there.
    pub(crate) fn wait(&mut self, answer: &Answer) -> WatchedMatch {
        for _ in 0..1000 {
            self.step();
            if let Ok(answer) = answer.try_recv() {
                return answer.unwrap();
            }
        }
        panic!("no answer");
    }

    pub(crate) fn watch(&mut self) -> WatchedMatch {
        let answer = self.ask_to_watch();
        self.wait(&answer)
    }

    pub(crate) fn steer(&mut self, speed: Speed, to: Option<u32>) -> WatchedMatch {
        let answer = self.ask_to_steer(speed, to);
        self.wait(&answer)
    }

    /// What a client says when it could not apply what it got.
    pub(crate) fn ask_for_all_anew(&self) {
        self.say(Tick(0), true);
    }

    pub(crate) fn say(&self, acked: Tick, resync: bool) {
        let look = LookPacket {
            acked,
            look: Look::Follow(shared::ids::EntityId::NONE),
            hidden: false,
            resync,
        };
        let mut bytes = Vec::new();
        look.encode(&mut bytes);
        let viewer = self.place.as_ref().unwrap().id();
        self.handle.look(viewer, &bytes).unwrap();
    }

    /// How often the gateway is told in so many steps that a snapshot waits.
    pub(crate) fn times_ready(&mut self, steps: u32) -> usize {
        self.told.try_iter().for_each(drop);
        for _ in 0..steps {
            self.step();
        }
        self.told.try_iter().filter(|told| *told == Told::Ready).count()
    }

    /// Takes the snapshot that waits, and acknowledges it as a client does.
    pub(crate) fn take(&mut self) -> Option<Snapshot<Played, (), Sum, Shouted>> {
        let bytes = self.mailbox.take()?;
        let snapshot = self.replica.apply(&bytes).unwrap().clone();
        self.say(snapshot.header.tick, false);
        Some(snapshot)
    }

    /// The match as it is shown; steps once.
    pub(crate) fn status(&mut self) -> MatchStatus {
        let answer = ask_for_status(&*self.handle);
        self.step();
        answer.try_recv().unwrap().unwrap()
    }

    /// Ticks of the snapshots of so many steps.
    pub(crate) fn ticks_shown(&mut self, steps: u32) -> Vec<u32> {
        let mut ticks = Vec::new();
        for _ in 0..steps {
            self.step();
            ticks.extend(self.take().map(|snapshot| snapshot.header.tick.0));
        }
        ticks
    }

    pub(crate) fn notices(&self) -> Vec<Notice> {
        let notice = |told| match told {
            Told::Notice(notice) => Some(notice),
            Told::Ready => None,
        };
        self.told.try_iter().filter_map(notice).collect()
    }
}

/// The story as a recording.
pub(crate) fn recorded(ticks: u32) -> Vec<u8> {
    let tape = Tape::default();
    let mut story = story(&tape, ticks, u64::MAX);
    story.scenario.running.end(MatchEnd::Closed);
    tape.bytes()
}

/// The story as a recording, and what the match was like now and then while it was played.
fn recorded_with_moments() -> (Vec<u8>, Vec<MatchStatus>) {
    let tape = Tape::default();
    let mut story = Story::new(Config::default(), &tape, u64::MAX);
    let mut moments = Vec::new();
    for ticks in [1, 76, 97, 251, 3, 700, 1500] {
        story.play(ticks);
        moments.push(story.scenario.status());
    }
    story.scenario.running.end(MatchEnd::Closed);
    (tape.bytes(), moments)
}

fn check_moment(show: &mut Show, watched: &WatchedMatch, live: &MatchStatus) {
    assert_eq!(watched.tick, live.tick);
    let roster: Vec<_> = watched
        .roster
        .iter()
        .map(|entry| (entry.entity, &entry.name))
        .collect();
    let players: Vec<_> = live
        .players
        .iter()
        .map(|player| (player.entity, &player.name))
        .collect();
    assert_eq!(roster, players);
    let shown = show.take().unwrap();
    assert_eq!(
        (shown.header.tick, shown.own_entity()),
        (live.tick, shared::ids::EntityId::NONE)
    );
    let scores: Vec<_> = shown
        .entities
        .iter()
        .map(|(entity, sum)| (*entity, sum.0))
        .collect();
    let expected: Vec<_> = live
        .players
        .iter()
        .map(|player| (player.entity, player.score))
        .collect();
    assert_eq!(scores, expected);
    assert_eq!(show.status(), *live, "the whole world is the same");
}

#[test]
fn every_moment_is_as_it_was_in_whatever_order_it_is_looked_at() {
    let (bytes, moments) = recorded_with_moments();
    let mut show = Show::open(bytes, moments[3].tick.0);
    show.watch();
    for index in [5, 0, 6, 6, 2, 1, 4, 3, 0] {
        let live = &moments[index];
        let watched = show.steer(Speed::PAUSED, Some(live.tick.0));
        check_moment(&mut show, &watched, live);
    }
    assert!(
        show.notices().is_empty(),
        "what lies between two moments is no news"
    );
}

#[test]
fn it_opens_at_the_moment_of_the_link_and_begins_when_somebody_looks() {
    let (bytes, moments) = recorded_with_moments();
    let mut show = Show::open(bytes, moments[2].tick.0);
    for _ in 0..100 {
        show.step();
    }
    assert_eq!(show.stats.replayed_ticks.value(), 0, "nobody has come");
    let watched = show.watch();
    check_moment(&mut show, &watched, &moments[2]);
    let replay = watched.replay.unwrap();
    assert_eq!(
        (replay.end_tick, replay.speed),
        (Tick(moments[6].tick.0 + 1), Speed::REAL)
    );
    assert!(show.status().tick > moments[2].tick, "it goes on");
}

#[test]
fn it_goes_on_at_the_speed_that_is_wished_for() {
    let mut show = Show::open(recorded(3000), 0);
    show.watch();
    let check = |show: &mut Show, quarters, interval: u8, ticks: &[u32]| {
        let watched = show.steer(Speed::parse(quarters).unwrap(), Some(300));
        assert_eq!(watched.snapshot_interval_ticks, interval);
        assert_eq!(show.ticks_shown(12), ticks, "{quarters} quarters");
    };
    check(&mut show, 4, 3, &[300, 303, 306, 309, 312]);
    check(&mut show, 2, 3, &[300, 303, 306]);
    check(&mut show, 1, 3, &[300, 303]);
    check(&mut show, 8, 6, &[300, 306, 312, 318, 324]);
    check(&mut show, 16, 12, &[300, 312, 324, 336, 348]);
    check(&mut show, 0, 3, &[300]);
}

#[test]
fn a_pause_and_another_speed_go_on_from_the_moment_that_is_shown() {
    let mut show = Show::open(recorded(1000), 120);
    show.watch();
    show.ticks_shown(30);
    let paused = show.steer(Speed::PAUSED, None);
    assert_eq!(paused.tick, Tick(150));
    assert_eq!(show.ticks_shown(100), [150]);
    let faster = show.steer(Speed::FASTEST, None);
    assert_eq!(faster.tick, paused.tick);
    assert_eq!(show.ticks_shown(3), [150, 156]);
}

#[test]
fn it_stands_still_at_its_end_and_can_go_back_from_there() {
    let mut show = Show::open(recorded(1000), u32::MAX);
    assert_eq!(show.watch().tick, Tick(1000));
    assert_eq!(show.ticks_shown(50), [1000]);
    assert_eq!(show.steer(Speed::REAL, Some(990)).tick, Tick(990));
    assert_eq!(show.ticks_shown(50), [990, 993, 996, 999, 1000]);
    assert_eq!(show.steer(Speed::REAL, None).tick, Tick(1000));
}

#[test]
fn a_far_moment_is_reached_in_portions_and_the_newest_wish_counts() {
    let mut show = Show::open(recorded(30_000), 0);
    show.watch();
    let first = show.ask_to_steer(Speed::REAL, Some(29_000));
    for _ in 0..20 {
        show.step();
    }
    assert!(
        show.stats.replayed_ticks.value() < 5_000,
        "no step takes it all at once"
    );
    assert!(matches!(show.notices()[..], [Notice::Seeking(Tick(3600))]));
    let second = show.ask_to_steer(Speed::PAUSED, Some(500));
    assert_eq!(show.wait(&second).tick, Tick(500));
    assert_eq!(
        first.try_recv(),
        Ok(Err(Refused::Ended)),
        "nobody waits for it any more"
    );
    assert_eq!(show.take().unwrap().header.tick, Tick(500));
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "an instant can be made in no other way; its value does not matter"
)]
fn a_late_shard_seeks_no_further_in_a_turn_than_one_in_time() {
    let mut show = Show::open(recorded(30_000), 0);
    show.watch();
    show.ask_to_steer(Speed::REAL, Some(29_000));
    let played = |show: &Show| show.stats.replayed_ticks.value();
    let before = played(&show);
    for turn in 1..4 {
        show.running.expect_next(Instant::now());
        for _ in 0..5 {
            show.step();
        }
        assert_eq!(played(&show) - before, 240 * turn);
    }
}

#[test]
fn all_who_seek_share_what_one_may_play() {
    let stats: Arc<Stats> = Arc::default();
    let bytes = recorded(30_000);
    let mut shows: Vec<_> = (0..4)
        .map(|_| Show::open_beside(bytes.clone(), 0, Arc::clone(&stats)))
        .collect();
    for show in &mut shows {
        show.watch();
        show.ask_to_steer(Speed::REAL, Some(29_000));
        show.step();
    }
    let before = stats.replayed_ticks.value();
    for show in &mut shows {
        show.step();
    }
    assert_eq!(stats.replayed_ticks.value() - before, 240);
    drop(shows);
    assert_eq!(stats.replays_seeking.value(), 0);
}

#[test]
fn who_goes_back_again_and_again_begins_a_few_times_a_second() {
    let mut show = Show::open(recorded(1000), 0);
    show.watch();
    for step in 0..60 {
        let goal = if step % 2 == 0 { 500 } else { 100 };
        show.ask_to_steer(Speed::PAUSED, Some(goal));
        show.step();
    }
    let played = show.stats.replayed_ticks.value();
    assert!(played <= 4 * 500, "{played}");
    assert_eq!(show.steer(Speed::PAUSED, Some(100)).tick, Tick(100));
}

#[test]
fn whoever_steers_before_the_recording_is_shown_is_let_in_once_it_is() {
    let mut show = Show::open(recorded(3000), 2900);
    let watch = show.ask_to_watch();
    show.step();
    let steer = show.ask_to_steer(Speed::PAUSED, Some(100));
    assert_eq!(show.wait(&steer).tick, Tick(100));
    assert_eq!(
        watch.try_recv().unwrap().unwrap().tick,
        Tick(100),
        "neither is turned away"
    );
}

#[test]
fn what_happens_while_it_is_shown_is_told() {
    let mut show = Show::open(recorded(1000), 0);
    let watched = show.watch();
    assert!(watched.roster.is_empty(), "nobody is there before the first tick");
    show.ticks_shown(60);
    let came = show.notices();
    let joins = came
        .iter()
        .filter(|notice| matches!(notice, Notice::PlayerJoined(_)));
    assert!(joins.count() > 5, "{came:?}");
}

#[test]
fn the_last_moment_is_shown_at_every_speed() {
    for quarters in [1, 4, 16] {
        for end in 1000..1004 {
            let mut show = Show::open(recorded(end), 0);
            show.watch();
            show.steer(Speed::parse(quarters).unwrap(), Some(end - 20));
            let shown = show.ticks_shown(200);
            assert_eq!(shown.last(), Some(&end), "{quarters} quarters: {shown:?}");
            let once = shown.iter().filter(|tick| **tick == end).count();
            assert_eq!(once, 1, "{quarters} quarters: {shown:?}");
        }
    }
}

#[test]
fn it_ends_when_its_viewer_has_left() {
    let mut show = Show::open(recorded(300), 0);
    show.watch();
    let seen = show.mailbox.is_waiting();
    assert!(seen && !show.handle.is_over());
    show.place = None;
    assert_eq!(show.running.step(), Flow::Finished);
    show.running.end(MatchEnd::Closed);
    assert!(show.handle.is_over());
    assert_eq!(
        show.notices(),
        [Notice::Ended(MatchEnd::Closed)],
        "of the shown match nothing is told"
    );
    drop(show.running);
    let stats = show.stats;
    assert_eq!(
        (stats.people.value(), stats.bots.value(), stats.viewers.value()),
        (0, 0, 0)
    );
}

#[test]
fn it_ends_when_it_has_stood_still_for_ten_minutes() {
    for (speed, to) in [(Speed::PAUSED, 100), (Speed::REAL, 300)] {
        let mut show = Show::open(recorded(300), 0);
        show.watch();
        show.steer(speed, Some(to));
        show.ticks_shown(35_000);
        show.steer(speed, Some(to));
        show.ticks_shown(35_990);
        let steps = (0..30).take_while(|_| show.running.step() == Flow::Running);
        assert!(steps.count() < 30);
    }
}

#[test]
fn a_recording_of_other_rules_ends_where_it_differs() {
    let bytes = with_header(&recorded(600), |header| header.seed += 1);
    let mut show = Show::open(bytes, 0);
    show.watch();
    let goes_on = |show: &mut Show| {
        show.take();
        show.running.step() == Flow::Running
    };
    while goes_on(&mut show) {
        assert!(
            show.stats.replayed_ticks.value() < 600,
            "a hash differs before the end"
        );
    }
    assert_eq!(show.notices().last(), Some(&Notice::Ended(MatchEnd::Diverged)));
    assert_eq!(show.stats.replays_diverged.value(), 1);
}

#[test]
fn a_match_that_crashed_is_shown_up_to_the_tick_before() {
    let tape = Tape::default();
    let config = Config {
        panics_in_tick: 100,
        ..Config::default()
    };
    let mut story = Story::new(config, &tape, u64::MAX);
    let crashed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| story.play(100)));
    assert!(crashed.is_err());
    story.scenario.running.end(MatchEnd::Crashed);
    let mut show = Show::open(tape.bytes(), u32::MAX);
    let watched = show.watch();
    assert_eq!(
        (watched.tick, watched.replay.unwrap().end_tick),
        (Tick(99), Tick(99))
    );
    show.ticks_shown(50);
    assert!(!show.handle.is_over());
}

#[test]
fn a_wish_that_finds_no_room_is_refused_and_counted() {
    let mut show = Show::open(recorded(100), 0);
    let bytes = [4, 0, 0, 0, 0];
    let mut refused = Ok(());
    for _ in 0..10_000 {
        let (request, _answer) = show.request();
        refused = show.handle.steer(request, &bytes);
        if refused.is_err() {
            break;
        }
    }
    assert_eq!(refused, Err(SubmitError::Full));
    assert_eq!(show.stats.commands_refused.value(), 1);
}

#[test]
fn nothing_but_a_wish_steers_and_nothing_steers_a_running_match() {
    let mut show = Show::open(recorded(100), 0);
    for bytes in [&[][..], &[4, 0, 0, 0], &[3, 0, 0, 0, 0], &[4, 0, 0, 0, 0, 0]] {
        let (request, answer) = show.request();
        let refused = show.handle.steer(request, bytes);
        assert!(matches!(refused, Err(SubmitError::Decode(_))), "{bytes:?}");
        assert_eq!(answer.try_recv(), Ok(Err(Refused::Ended)));
    }
    let scenario = Scenario::new(QUIET);
    let (request, _) = show.request();
    let refused = scenario.handle.steer(request, &[4, 0, 0, 0, 0]);
    assert_eq!(refused, Err(SubmitError::Decode(DecodeError::Malformed)));
}
