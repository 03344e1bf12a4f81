//! The running matches, and where a player who joins is placed.
//!
//! A player is placed in the match with the most people that has room, so that people meet; when there is none, a new
//! match starts at once.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::ids::MatchId;
use shared::message::{Joined, Refusal};
use shared::name::PlayerName;
use shared::tick::{SNAPSHOT_INTERVAL_TICKS, TICK_HZ};
use simulation::command::{JoinRequest, JoinedSeat, Refused, Reply};
use simulation::handle::{MatchHandle, Started};
use simulation::mailbox::mailbox;
use simulation::notice::MatchSink;
use simulation::shard::Shard;
use simulation::stats::Stats as SimulationStats;
use socketio::Socket;
use tokio::sync::oneshot;

use crate::games::StartMatch;
use crate::gateway::inbound::Place;
use crate::gateway::outbound::{Newcomer, Outbound};
use crate::gateway::stats::Stats;

/// Matches that are tried before a player is told to come back: a try fails only when somebody else took the last place
/// in that moment.
const TRIES_MAX: usize = 3;

/// What happens when there is a place, before anything else of the match reaches the client.
pub(crate) type Enter = Arc<dyn Fn(Joined, Place) + Send + Sync>;

/// All matches of this server.
pub(crate) struct Matches {
    start_match: StartMatch,
    matches_max: usize,
    shard: Shard,
    simulation: Arc<SimulationStats>,
    gateway: Arc<Stats>,
    running: Mutex<Vec<Running>>,
    next_id: AtomicU32,
}

#[derive(Clone)]
struct Running {
    handle: Arc<dyn MatchHandle>,
    outbound: Arc<Outbound>,
}

impl Matches {
    /// No match runs yet; the first player starts one.
    pub(crate) fn new(
        start_match: StartMatch,
        matches_max: u32,
        shard: Shard,
        simulation: Arc<SimulationStats>,
        gateway: Arc<Stats>,
    ) -> Self {
        Self {
            start_match,
            matches_max: matches_max as usize,
            shard,
            simulation,
            gateway,
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

    /// Ends all of them and the thread they run on; players are told.
    pub(crate) fn stop(&self) {
        self.shard.stop();
    }

    /// Finds a place for `socket`. `Ok` means that `enter` has been called.
    pub(crate) async fn join(
        &self,
        name: &PlayerName,
        socket: &Socket,
        enter: &Enter,
    ) -> Result<(), Refusal> {
        for _ in 0..TRIES_MAX {
            let running = self.open_match()?;
            let (writer, reader) = mailbox();
            let (done, outcome) = oneshot::channel();
            let (handle, outbound) = (Arc::clone(&running.handle), Arc::clone(&running.outbound));
            let (socket, enter) = (socket.clone(), Arc::clone(enter));
            let reply = Reply::new(move |answer: Result<JoinedSeat, Refused>| match answer {
                Err(refused) => {
                    // Nobody waits when the connection is gone.
                    let _ = done.send(Err(refused));
                }
                Ok(seat) => {
                    let player = seat.player;
                    let place = Place {
                        handle,
                        outbound: Arc::clone(&outbound),
                        player,
                    };
                    let welcome = Box::new(move || {
                        enter(joined(seat), place);
                        let _ = done.send(Ok(()));
                    });
                    outbound.admit(Newcomer {
                        player,
                        socket,
                        mailbox: reader,
                        welcome,
                    });
                }
            });
            running.handle.join(JoinRequest {
                name: name.clone(),
                mailbox: writer,
                reply,
            });
            match outcome.await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(Refused::Full | Refused::Ended)) => {}
                // Its queue is full, or that of the newcomers.
                Ok(Err(Refused::Busy)) | Err(_) => return Err(Refusal::Busy),
            }
        }
        Err(Refusal::Busy)
    }

    /// A match with room, a new one if need be.
    fn open_match(&self) -> Result<Running, Refusal> {
        let mut all = self.running();
        let with_room = all.iter().filter(|running| running.handle.has_place());
        if let Some(fullest) = with_room.max_by_key(|running| running.handle.people()) {
            return Ok(fullest.clone());
        }
        if all.len() >= self.matches_max {
            return Err(Refusal::ServerFull);
        }
        let id = MatchId(self.next_id.fetch_add(1, Ordering::Relaxed));
        let outbound = Outbound::start(Arc::clone(&self.gateway));
        let sink = Arc::clone(&outbound) as Arc<dyn MatchSink>;
        let Started { handle, running } = (self.start_match)(id, sink, Arc::clone(&self.simulation));
        if let Err(error) = self.shard.add(running) {
            tracing::warn!(%id, %error, "a match cannot start");
            // The match that was dropped has told its sink, which ends the task that serves it.
            return Err(Refusal::Busy);
        }
        tracing::info!(%id, "match started");
        let running = Running { handle, outbound };
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

fn joined(seat: JoinedSeat) -> Joined {
    Joined {
        match_id: seat.match_id,
        player: seat.player,
        entity: seat.entity,
        tick: seat.tick,
        tick_hz: TICK_HZ,
        snapshot_interval_ticks: SNAPSHOT_INTERVAL_TICKS,
        roster: seat.roster,
        setup: seat.setup,
    }
}
