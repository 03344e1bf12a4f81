//! The running matches, and where a player who joins is placed.
//!
//! A player is placed in the match with the most people that has room, so that people meet; when there is none, a new
//! match starts at once, on the shard with the least load. A shard that is stuck gets neither matches nor players.
//!
//! A private match is one that nobody comes into but with its code: it is in no list, no number leads to it, and no player is
//! placed in it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use shared::ids::MatchId;
use shared::limits::{MAP_NAME_BYTES_MAX, MATCHES_LISTED_MAX};
use shared::match_code::MatchCode;
use shared::message::{
    Joined, MatchChoice, MatchEntry, Offer, Refusal, Replaying, ServerMessage, Watching, Wish,
};
use shared::name::PlayerName;
use shared::tick::TICK_HZ;
use simulation::client::Client;
use simulation::command::{JoinRequest, JoinedSeat, Refused, ReplayMoment, Reply, WatchedMatch};
use simulation::handle::{MatchHandle, Started};
use simulation::mailbox::{MailboxReader, mailbox};
use simulation::notice::MatchSink;
use simulation::places::ViewerPlace;
use simulation::shard::Health;
use simulation::shards::Shards;
use simulation::stats::Stats as SimulationStats;
use tokio::sync::oneshot;

use crate::codes::fresh_code;
use crate::games::{Played, Terms};
use crate::gateway::outbound::Outbound;
use crate::gateway::stats::Stats;
use crate::recordings::Recordings;
use crate::seats::{Place, Seats, Token};
use crate::told_name::ToldName;

/// Matches that are tried before a player is told to come back: a try fails only when somebody else took the last place
/// in that moment.
const TRIES_MAX: usize = 3;

/// How many matches there may be, and what is done for those who play or look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Of all kinds; then there is no place for more players.
    pub(crate) matches_max: usize,
    /// Of private ones, so that they leave room for others.
    pub(crate) private_max: usize,
    /// A match of bots starts for whoever wants to watch when nothing is played.
    pub(crate) warm_match: bool,
    /// Recordings can be watched, so players are told the name of theirs.
    pub(crate) shows_recordings: bool,
}

/// All matches of this server.
pub(crate) struct Matches {
    played: Played,
    bounds: Bounds,
    shards: Shards,
    recordings: Option<Arc<Recordings>>,
    simulation: Arc<SimulationStats>,
    gateway: Arc<Stats>,
    seats: Arc<Seats>,
    running: Mutex<Vec<Running>>,
    next_id: AtomicU32,
}

/// A match that goes on.
#[derive(Clone)]
pub(crate) struct Running {
    pub(crate) handle: Arc<dyn MatchHandle>,
    outbound: Arc<Outbound>,
    /// Index of the shard it runs on.
    pub(crate) shard: usize,
    /// The only way in; `None` when it is open to everybody.
    code: Option<MatchCode>,
    /// Name of its recording, if that can be watched.
    recording: Option<Arc<ToldName>>,
    mode: &'static str,
}

impl Running {
    /// How is played, in a word.
    pub(crate) const fn mode(&self) -> &'static str {
        self.mode
    }

    /// True when nobody comes in but with the code.
    pub(crate) const fn is_private(&self) -> bool {
        self.code.is_some()
    }

    fn entry(&self) -> MatchEntry {
        MatchEntry {
            match_id: self.handle.id(),
            mode: self.mode().to_owned(),
            map: bounded(&self.handle.map(), MAP_NAME_BYTES_MAX).to_owned(),
            phase: self.handle.phase().to_owned(),
            people: u16::try_from(self.handle.people()).unwrap_or(u16::MAX),
            places: u16::try_from(self.handle.places()).unwrap_or(u16::MAX),
        }
    }
}

/// The beginning of a text, at most so many bytes of whole characters.
pub(crate) fn bounded(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

impl Matches {
    /// No match runs yet; the first player starts one.
    pub(crate) fn new(
        played: Played,
        bounds: Bounds,
        shards: Shards,
        recordings: Option<Arc<Recordings>>,
        simulation: Arc<SimulationStats>,
        gateway: Arc<Stats>,
        seats: Arc<Seats>,
    ) -> Self {
        Self {
            played,
            bounds,
            shards,
            recordings,
            simulation,
            gateway,
            seats,
            running: Mutex::default(),
            next_id: AtomicU32::new(1),
        }
    }

    /// The matches that go on, private ones among them.
    pub(crate) fn list(&self) -> Vec<Running> {
        self.running().clone()
    }

    /// Who plays in them, also whose connection is broken, and who is about to.
    pub(crate) fn people(&self) -> usize {
        self.running().iter().map(|running| running.handle.people()).sum()
    }

    /// Those that everybody may join, oldest first.
    pub(crate) fn listed(&self) -> Vec<MatchEntry> {
        self.running()
            .iter()
            .filter(|running| !running.is_private())
            .take(MATCHES_LISTED_MAX)
            .map(Running::entry)
            .collect()
    }

    /// What a private match can be like.
    pub(crate) fn offer(&self) -> Offer {
        self.played.offer()
    }

    /// Their number.
    pub(crate) fn count(&self) -> usize {
        self.running().len()
    }

    /// One of them.
    pub(crate) fn find(&self, id: MatchId) -> Option<Arc<dyn MatchHandle>> {
        self.running()
            .iter()
            .find(|running| running.handle.id() == id)
            .map(|running| Arc::clone(&running.handle))
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
            let Running {
                handle,
                outbound,
                code,
                recording,
                ..
            } = self.choose(&choice, Instant::now())?;
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
                        client: Client::Player(player),
                        code,
                        recording,
                    };
                    return self.give_seat(place, None, reader);
                }
                Ok(Err(Refused::Busy)) | Err(_) => return Err(Refusal::Busy),
                // Somebody else took the last place in this moment.
                Ok(Err(Refused::Full | Refused::Ended)) if choice == MatchChoice::Any => {}
                Ok(Err(Refused::Full)) => return Err(Refusal::MatchFull),
                Ok(Err(Refused::Ended)) => return Err(unknown(&choice)),
            }
        }
        Err(Refusal::Busy)
    }

    /// Gives a seat from which a match can be seen: this one, or the one with the most people. When nothing is played a match
    /// of bots starts for whoever looks, if the settings say so.
    pub(crate) fn watch(&self, match_id: Option<MatchId>) -> Result<Token, Refusal> {
        let candidates = self.choose_to_watch(match_id, Instant::now())?;
        let seated = candidates
            .into_iter()
            .find_map(|running| running.handle.reserve_viewer().map(|place| (running, place)));
        let (Running { handle, outbound, .. }, viewer) = seated.ok_or(Refusal::ViewersFull)?;
        let place = Place {
            handle,
            outbound,
            client: Client::Viewer(viewer.id()),
            code: None,
            recording: None,
        };
        // The match learns of a viewer when a connection takes the seat, and forgets it without one.
        let (_, reader) = mailbox();
        self.give_seat(place, Some(viewer), reader)
    }

    /// The matches that will do, the best one first; never none.
    fn choose_to_watch(&self, match_id: Option<MatchId>, now: Instant) -> Result<Vec<Running>, Refusal> {
        let mut all = self.running();
        let is_well = |running: &Running| self.shards.health(running.shard, now) == Health::Well;
        if let Some(id) = match_id {
            let chosen = all
                .iter()
                // Whoever is not let into a private match is not shown it either.
                .find(|running| running.handle.id() == id && !running.is_private())
                .ok_or(Refusal::MatchUnknown)?;
            return if is_well(chosen) {
                Ok(vec![chosen.clone()])
            } else {
                Err(Refusal::Busy)
            };
        }
        let may_be_seen = |running: &&Running| !running.is_private() && is_well(running);
        let mut candidates: Vec<Running> = all.iter().filter(may_be_seen).cloned().collect();
        // Each is asked once: people come and go meanwhile, and a sort wants one order.
        candidates.sort_by_cached_key(|running| std::cmp::Reverse(running.handle.people()));
        if candidates.is_empty() {
            if !self.bounds.warm_match {
                return Err(Refusal::MatchUnknown);
            }
            candidates.push(self.start(&mut all, None, Terms::default(), now)?);
        }
        Ok(candidates)
    }

    fn give_seat(
        &self,
        place: Place,
        viewer: Option<ViewerPlace>,
        mailbox: MailboxReader,
    ) -> Result<Token, Refusal> {
        self.seats
            .give(place, viewer, mailbox, Instant::now())
            .map_err(|error| {
                tracing::error!(%error, "no random numbers for a seat");
                Refusal::Busy
            })
    }

    /// Forgets a seat that nobody has taken yet.
    pub(crate) fn give_up_untaken(&self, token: &Token) {
        self.seats.forget_untaken(token);
    }

    fn choose(&self, choice: &MatchChoice, now: Instant) -> Result<Running, Refusal> {
        let mut all = self.running();
        let has_room = |running: &&Running| {
            running.handle.has_place() && self.shards.health(running.shard, now) == Health::Well
        };
        let is_open = |running: &&Running| !running.is_private() && has_room(running);
        match choice {
            // A match that somebody asked for and left has nobody in it but bots: it is as good as new, and so one visitor
            // cannot fill the server by asking again and again.
            MatchChoice::New => {
                let empty = all
                    .iter()
                    .find(|running| running.handle.people() == 0 && is_open(running));
                match empty.cloned() {
                    Some(empty) => Ok(empty),
                    None => self.start(&mut all, None, Terms::default(), now),
                }
            }
            MatchChoice::Any => {
                let with_room = all.iter().filter(is_open);
                match with_room.max_by_key(|running| running.handle.people()) {
                    Some(fullest) => Ok(fullest.clone()),
                    None => self.start(&mut all, None, Terms::default(), now),
                }
            }
            MatchChoice::Private(wish) => self.start_private(&mut all, wish, now),
            MatchChoice::Id(_) | MatchChoice::Code(_) => {
                let is_meant = |running: &&Running| match choice {
                    MatchChoice::Code(code) => running.code == Some(*code),
                    MatchChoice::Id(id) => !running.is_private() && running.handle.id() == *id,
                    _ => false,
                };
                let chosen = all.iter().find(is_meant).ok_or(unknown(choice))?;
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

    fn start_private(&self, all: &mut Vec<Running>, wish: &Wish, now: Instant) -> Result<Running, Refusal> {
        let terms = self.played.agree(wish)?;
        let private = all.iter().filter(|running| running.is_private()).count();
        if private >= self.bounds.private_max {
            self.gateway.private_matches_refused.add(1);
            return Err(Refusal::PrivateFull);
        }
        let code = fresh_code().map_err(|error| {
            tracing::error!(%error, "no random numbers for a code");
            Refusal::Busy
        })?;
        self.start(all, Some(code), terms, now)
    }

    fn start(
        &self,
        all: &mut Vec<Running>,
        code: Option<MatchCode>,
        terms: Terms,
        now: Instant,
    ) -> Result<Running, Refusal> {
        if all.len() >= self.bounds.matches_max {
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
        let opened = self.recordings.as_ref().and_then(|recordings| {
            let opened = recordings.open(id, code.is_some());
            opened
                .inspect_err(|error| tracing::warn!(%id, %error, "a match is not recorded"))
                .ok()
        });
        let (name, recording) = opened.map(|opened| (opened.name, opened.recording)).unzip();
        let Started { handle, running } =
            (self.played.start_match)(id, terms, sink, Arc::clone(&self.simulation), recording);
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
            code,
            recording: name.filter(|_| self.bounds.shows_recordings),
            mode: self.played.mode(terms),
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

/// What was asked for is not there.
const fn unknown(choice: &MatchChoice) -> Refusal {
    match choice {
        MatchChoice::Code(_) => Refusal::CodeUnknown,
        _ => Refusal::MatchUnknown,
    }
}

/// The seat in the words of the wire.
pub(crate) fn joined(seat: JoinedSeat, code: Option<MatchCode>, recording: Option<&str>) -> Joined {
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
        code,
        recording: recording.map(str::to_owned),
    }
}

/// What a viewer is told, in the words of the wire.
pub(crate) fn watching(watched: WatchedMatch) -> ServerMessage {
    let watching = Watching {
        match_id: watched.match_id,
        tick: watched.tick,
        tick_hz: TICK_HZ,
        snapshot_interval_ticks: watched.snapshot_interval_ticks,
        roster: watched.roster,
        setup: watched.setup,
        scores: watched.scores,
    };
    match watched.replay {
        None => ServerMessage::Watching(watching),
        Some(ReplayMoment { end_tick, speed }) => ServerMessage::Replaying(Replaying {
            watching,
            end_tick,
            speed_quarters: speed.quarters(),
        }),
    }
}

#[cfg(test)]
pub(crate) mod tests;
