//! Matches on a shard that is stuck, and beside it.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use shared::message::MatchEnd;
use simulation::shard::STUCK_AFTER;
use simulation::simulation::{Flow, RunningMatch};

use super::*;
use crate::config::Config;
use crate::games::{self, StartMatch};

/// A match whose first tick waits until it may go on.
struct Stuck {
    running: Box<dyn RunningMatch>,
    begun: Sender<()>,
    may_go_on: Mutex<Receiver<()>>,
}

impl RunningMatch for Stuck {
    fn id(&self) -> MatchId {
        self.running.id()
    }

    fn step(&mut self) -> Flow {
        // An error says that the test has stopped listening.
        let _ = self.begun.send(());
        let _ = self.may_go_on.lock().expect("one thread waits").recv();
        self.running.step()
    }

    fn expect_next(&mut self, _: Instant) {}

    fn slip(&mut self) {}

    fn thin_snapshots(&mut self, _: bool) {}

    fn end(&mut self, reason: MatchEnd) {
        self.running.end(reason);
    }
}

/// So many shards, of which the first is in the first tick of match 1 and stays there until the sender is dropped.
pub(crate) fn stuck_in_its_first_match(shards: usize) -> (Matches, Sender<()>) {
    let (go_on, may_go_on) = channel();
    let (begun, has_begun) = channel();
    let may_go_on = Mutex::new(Some(may_go_on));
    let Played {
        start_match: start_arena,
        modes,
        maps,
    } = games::arena(&Config::default()).expect("its maps are those of the game");
    let start_match: StartMatch = Box::new(move |id, terms, sink, stats, recording| {
        let Started { handle, running } = start_arena(id, terms, sink, stats, recording);
        let may_go_on = may_go_on.lock().expect("nothing panics under it").take();
        let running: Box<dyn RunningMatch> = match may_go_on {
            Some(may_go_on) => Box::new(Stuck {
                running,
                begun: begun.clone(),
                may_go_on: Mutex::new(may_go_on),
            }),
            None => running,
        };
        Started { handle, running }
    });
    let stats = Arc::default();
    let shards = Shards::spawn(shards, &stats).expect("threads start");
    let seats = Arc::new(Seats::default());
    let played = Played {
        start_match,
        modes,
        maps,
    };
    let bounds = Bounds {
        matches_max: 10,
        private_max: 2,
        warm_match: true,
        shows_recordings: false,
    };
    let matches = Matches::new(played, bounds, shards, None, stats, Arc::default(), seats);
    let first = matches.choose(&MatchChoice::New, Instant::now());
    assert_eq!(first.map(|running| running.shard), Ok(0));
    has_begun
        .recv_timeout(Duration::from_secs(60))
        .expect("its first tick comes");
    (matches, go_on)
}

#[tokio::test]
async fn nobody_is_sent_to_a_shard_that_is_stuck() {
    let before = Instant::now();
    let (matches, go_on) = stuck_in_its_first_match(2);
    let first = MatchId(1);
    let later = Instant::now() + STUCK_AFTER;
    let chosen = |choice: MatchChoice, now| {
        matches
            .choose(&choice, now)
            .map(|running| (running.handle.id(), running.shard))
    };
    assert_eq!(chosen(MatchChoice::Any, before), Ok((first, 0)));
    assert_eq!(chosen(MatchChoice::Id(first), later), Err(Refusal::Busy));
    let second = MatchId(2);
    assert_eq!(chosen(MatchChoice::Any, later), Ok((second, 1)));
    assert_eq!(
        chosen(MatchChoice::New, later),
        Ok((second, 1)),
        "nobody is in it yet"
    );
    assert_eq!(chosen(MatchChoice::Id(second), later), Ok((second, 1)));
    drop(go_on);
}

#[tokio::test]
async fn without_a_shard_that_is_well_a_new_match_is_refused_and_counted() {
    let (matches, go_on) = stuck_in_its_first_match(1);
    let later = Instant::now() + STUCK_AFTER;
    let refused = matches.choose(&MatchChoice::Any, later).err();
    assert_eq!(refused, Some(Refusal::ServerFull));
    assert_eq!(matches.gateway.matches_refused.value(), 1);
    drop(go_on);
}
