//! The running matches, and where a player who joins is placed.
//!
//! A player is placed in the match with the most people that has room, so that people meet; when there is none, a new
//! match starts at once, on the shard with the least load. A shard that is stuck gets neither matches nor players.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use shared::ids::MatchId;
use shared::message::{Joined, MatchChoice, Refusal};
use shared::name::PlayerName;
use shared::tick::TICK_HZ;
use simulation::command::{JoinRequest, JoinedSeat, Refused, Reply};
use simulation::handle::{MatchHandle, Started};
use simulation::mailbox::mailbox;
use simulation::notice::MatchSink;
use simulation::shard::Health;
use simulation::shards::Shards;
use simulation::stats::Stats as SimulationStats;
use tokio::sync::oneshot;

use crate::games::StartMatch;
use crate::gateway::outbound::Outbound;
use crate::gateway::stats::Stats;
use crate::recordings::Recordings;
use crate::seats::{Place, Seats, Token};

/// Matches that are tried before a player is told to come back: a try fails only when somebody else took the last place
/// in that moment.
const TRIES_MAX: usize = 3;

/// All matches of this server.
pub(crate) struct Matches {
    start_match: StartMatch,
    matches_max: usize,
    shards: Shards,
    recordings: Option<Arc<Recordings>>,
    simulation: Arc<SimulationStats>,
    gateway: Arc<Stats>,
    seats: Arc<Seats>,
    running: Mutex<Vec<Running>>,
    next_id: AtomicU32,
}

#[derive(Clone)]
struct Running {
    handle: Arc<dyn MatchHandle>,
    outbound: Arc<Outbound>,
    /// Index of the shard it runs on.
    shard: usize,
}

impl Matches {
    /// No match runs yet; the first player starts one.
    pub(crate) fn new(
        start_match: StartMatch,
        matches_max: u32,
        shards: Shards,
        recordings: Option<Arc<Recordings>>,
        simulation: Arc<SimulationStats>,
        gateway: Arc<Stats>,
        seats: Arc<Seats>,
    ) -> Self {
        Self {
            start_match,
            matches_max: matches_max as usize,
            shards,
            recordings,
            simulation,
            gateway,
            seats,
            running: Mutex::default(),
            next_id: AtomicU32::new(1),
        }
    }

    /// The matches that go on.
    pub(crate) fn list(&self) -> Vec<Arc<dyn MatchHandle>> {
        self.running()
            .iter()
            .map(|running| Arc::clone(&running.handle))
            .collect()
    }

    /// Their number.
    pub(crate) fn count(&self) -> usize {
        self.running().len()
    }

    /// One of them.
    pub(crate) fn find(&self, id: MatchId) -> Option<Arc<dyn MatchHandle>> {
        self.list().into_iter().find(|handle| handle.id() == id)
    }

    /// The threads they run on.
    pub(crate) const fn shards(&self) -> &Shards {
        &self.shards
    }

    /// Ends all of them and the threads they run on; players are told, and recordings are written to their end.
    pub(crate) fn stop(&self) {
        self.shards.stop();
        if let Some(recordings) = &self.recordings {
            recordings.stop();
        }
    }

    /// Finds a place and gives a seat for it.
    pub(crate) async fn join(&self, name: &PlayerName, choice: MatchChoice) -> Result<Token, Refusal> {
        for _ in 0..TRIES_MAX {
            let Running { handle, outbound, .. } = self.choose(choice, Instant::now())?;
            let (writer, reader) = mailbox();
            let (answer, answered) = oneshot::channel();
            // Nobody waits when the connection is gone; then the reader below is dropped and the place is free.
            let reply = Reply::new(move |answered| drop(answer.send(answered)));
            handle.join(JoinRequest {
                name: name.clone(),
                mailbox: writer,
                reply,
            });
            match answered.await {
                Ok(Ok(JoinedSeat { player, .. })) => {
                    let place = Place {
                        handle,
                        outbound,
                        player,
                    };
                    return self.seats.give(place, reader, Instant::now()).map_err(|error| {
                        tracing::error!(%error, "no random numbers for a seat");
                        Refusal::Busy
                    });
                }
                Ok(Err(Refused::Busy)) | Err(_) => return Err(Refusal::Busy),
                // Somebody else took the last place in this moment.
                Ok(Err(Refused::Full | Refused::Ended)) if choice == MatchChoice::Any => {}
                Ok(Err(Refused::Full)) => return Err(Refusal::MatchFull),
                Ok(Err(Refused::Ended)) => return Err(Refusal::MatchUnknown),
            }
        }
        Err(Refusal::Busy)
    }

    /// Forgets a seat that nobody has taken yet.
    pub(crate) fn give_up_untaken(&self, token: &Token) {
        self.seats.forget_untaken(token);
    }

    fn choose(&self, choice: MatchChoice, now: Instant) -> Result<Running, Refusal> {
        let mut all = self.running();
        let has_room = |running: &&Running| {
            running.handle.has_place() && self.shards.health(running.shard, now) == Health::Well
        };
        match choice {
            // A match that somebody asked for and left has nobody in it but bots: it is as good as new, and so one visitor
            // cannot fill the server by asking again and again.
            MatchChoice::New => {
                let empty = all
                    .iter()
                    .find(|running| running.handle.people() == 0 && has_room(running));
                match empty.cloned() {
                    Some(empty) => Ok(empty),
                    None => self.start(&mut all, now),
                }
            }
            MatchChoice::Any => {
                let with_room = all.iter().filter(has_room);
                match with_room.max_by_key(|running| running.handle.people()) {
                    Some(fullest) => Ok(fullest.clone()),
                    None => self.start(&mut all, now),
                }
            }
            MatchChoice::Id(id) => {
                let chosen = all
                    .iter()
                    .find(|running| running.handle.id() == id)
                    .ok_or(Refusal::MatchUnknown)?;
                if !chosen.handle.has_place() {
                    Err(Refusal::MatchFull)
                } else if has_room(&chosen) {
                    Ok(chosen.clone())
                } else {
                    Err(Refusal::Busy)
                }
            }
        }
    }

    fn start(&self, all: &mut Vec<Running>, now: Instant) -> Result<Running, Refusal> {
        if all.len() >= self.matches_max {
            return Err(Refusal::ServerFull);
        }
        // Every shard is overloaded or stuck. To come back at once would not help, so this is no `Busy`.
        if !self.shards.take_matches(now) {
            self.gateway.matches_refused.add(1);
            return Err(Refusal::ServerFull);
        }
        let id = MatchId(self.next_id.fetch_add(1, Ordering::Relaxed));
        let outbound = Outbound::start(Arc::clone(&self.gateway));
        let sink = Arc::clone(&outbound) as Arc<dyn MatchSink>;
        let recording = self.recordings.as_ref().map(|recordings| recordings.open(id));
        let Started { handle, running } =
            (self.start_match)(id, sink, Arc::clone(&self.simulation), recording);
        let shard = match self.shards.add(running, now) {
            Ok(shard) => shard,
            Err(error) => {
                tracing::warn!(%id, %error, "a match cannot start");
                self.gateway.matches_refused.add(1);
                // The match that was dropped has told its sink, which ends the task that serves it.
                return Err(Refusal::Busy);
            }
        };
        tracing::info!(%id, shard, "match started");
        let running = Running {
            handle,
            outbound,
            shard,
        };
        all.push(running.clone());
        Ok(running)
    }

    /// The list without what is over; whoever looks tidies up.
    fn running(&self) -> MutexGuard<'_, Vec<Running>> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|running| !running.handle.is_over());
        running
    }
}

/// The seat in the words of the wire.
pub(crate) fn joined(seat: JoinedSeat) -> Joined {
    Joined {
        match_id: seat.match_id,
        player: seat.player,
        entity: seat.entity,
        tick: seat.tick,
        tick_hz: TICK_HZ,
        snapshot_interval_ticks: seat.snapshot_interval_ticks,
        roster: seat.roster,
        setup: seat.setup,
        scores: seat.scores,
    }
}

#[cfg(test)]
pub(crate) mod tests;
