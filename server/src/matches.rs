//! The running matches, and where a player who joins is placed.
//!
//! A player is placed in the match with the most people that has room, so that people meet; when there is none, a new
//! match starts at once.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::ids::MatchId;
use shared::message::{Joined, MatchEnd, Refusal};
use shared::name::PlayerName;
use shared::tick::{SNAPSHOT_INTERVAL_TICKS, TICK_HZ};
use simulation::handle::{JoinError, JoinRequest, MatchHandle};
use simulation::mailbox::mailbox;
use simulation::notice::{MatchSink as _, Notice};
use simulation::shard::ShardHandle;
use socketio::Socket;
use tokio::sync::oneshot;

use crate::games::Game;
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
    game: Game,
    matches_max: usize,
    shard: ShardHandle,
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
    pub(crate) fn new(game: Game, matches_max: u32, shard: ShardHandle, gateway: Arc<Stats>) -> Self {
        Self {
            game,
            matches_max: matches_max as usize,
            shard,
            gateway,
            running: Mutex::default(),
            next_id: AtomicU32::new(1),
        }
    }

    /// The matches that go on.
    pub(crate) fn list(&self) -> Vec<Arc<dyn MatchHandle>> {
        self.running().iter().map(|running| Arc::clone(&running.handle)).collect()
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
    pub(crate) async fn join(&self, name: &PlayerName, socket: &Socket, enter: &Enter) -> Result<(), Refusal> {
        for _ in 0..TRIES_MAX {
            let running = self.open_match()?;
            let (writer, reader) = mailbox();
            let (done, outcome) = oneshot::channel();
            let (handle, outbound) = (Arc::clone(&running.handle), Arc::clone(&running.outbound));
            let (socket, enter) = (socket.clone(), Arc::clone(enter));
            let reply = Box::new(move |answer| match answer {
                Err(refused) => {
                    // Nobody waits when the connection is gone.
                    let _ = done.send(Err(refused));
                }
                Ok(seat) => {
                    let player = seat.player;
                    let place = Place { handle, outbound: Arc::clone(&outbound), player };
                    let welcome = Box::new(move || {
                        enter(joined(seat), place);
                        let _ = done.send(Ok(()));
                    });
                    outbound.admit(Newcomer { player, socket, mailbox: reader, welcome });
                }
            });
            match running.handle.join(JoinRequest { name: name.clone(), mailbox: writer, reply }) {
                Ok(()) => {}
                Err(JoinError::Ended) => continue,
                Err(JoinError::Busy) => return Err(Refusal::Busy),
            }
            match outcome.await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(_)) => {}
                Err(_) => return Err(Refusal::Busy),
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
        let handle = match self.game.start(id, &self.shard, Arc::clone(&outbound)) {
            Ok(handle) => handle,
            Err(error) => {
                tracing::warn!(%id, %error, "a match cannot start");
                // Ends the task that waits for it.
                outbound.notice(Notice::Ended(MatchEnd::Closed));
                return Err(Refusal::Busy);
            }
        };
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
