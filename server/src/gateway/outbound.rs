//! From a match to its sockets: the last hop of a snapshot before the Socket.IO crate.
//!
//! The shard wakes one task per match, not one per client. That task walks the members in a row and writes each waiting
//! snapshot straight to its socket; what a socket cannot take now stays in its mailbox, where the next snapshot takes
//! its place. So a client that reads slowly gets fewer snapshots, never older ones, and costs no memory.
//!
//! The scores of a match go the same way: the newest waits for the next snapshot of each member and leaves before it.
//!
//! Newcomers and notices come through one queue in the order in which the match said them. A newcomer has the roster of
//! the moment it got its place, and every later change reaches it as a notice: none is missed and none told twice.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use shared::codec::encode_server;
use shared::message::{EVENT_MESSAGE, EVENT_SNAPSHOT, MatchEnd, ServerMessage};
use shared::presence::Presence;
use simulation::client::Client;
use simulation::mailbox::MailboxReader;
use simulation::notice::{MatchSink, Notice};
use socketio::Socket;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Notify, mpsc};

use crate::gateway::presences::Presences;
use crate::gateway::stats::Stats;

/// Notices and newcomers that may wait. People come and go a few times a second at most; a full queue means the network
/// threads stand still. Then the newest are dropped and counted: a notice costs a line of the roster, a newcomer is
/// told to try again.
const QUEUE_MAX: usize = 1024;

/// How long a socket may take no snapshot before it is closed. Its player has seen nothing for so long that coming back to
/// the seat is the faster way to see something.
const HELD_MAX: Duration = Duration::from_secs(10);

/// Reasons for which a peer is closed. It may come back to its seat for as long as that is held.
const NOT_READING: &str = "not reading";
const NOT_ANSWERING: &str = "not answering";

/// The sockets of one match.
pub(crate) struct Outbound {
    members: Mutex<Vec<Member>>,
    /// Of those who play. Connections come and go here under the lock of the members, so that the newest of a player counts.
    pub(crate) presences: Presences,
    queue: mpsc::Sender<Item>,
    /// Snapshots are waiting, or the match is over.
    ready: Notify,
    /// Beside the queue, so that a full queue cannot lose it.
    ended: Mutex<Option<MatchEnd>>,
    stats: Arc<Stats>,
}

/// The way out to one client. Dropping the mailbox is what leaving means to the match.
struct Member {
    client: Client,
    socket: Socket,
    taken_count: u64,
    mailbox: MailboxReader,
    /// The newest scores, as a message, until they leave with a snapshot: whoever gets few of these gets few of those.
    scores: Option<Bytes>,
    /// Since when its socket takes no snapshot.
    held_since: Option<Instant>,
}

enum Item {
    Notice(Notice),
    Newcomer(Newcomer),
}

/// Somebody who has just taken a seat of this match.
pub(crate) struct Newcomer {
    pub(crate) client: Client,
    pub(crate) socket: Socket,
    /// Which taking of the seat this is; the newest counts.
    pub(crate) taken_count: u64,
    pub(crate) mailbox: MailboxReader,
    /// Set when the player gives the seat up.
    pub(crate) left: Arc<AtomicBool>,
    /// Tells the client, before anything else of the match reaches it.
    pub(crate) welcome: Box<dyn FnOnce() + Send>,
    /// What becomes of the mailbox when the player or the socket has gone in the meantime.
    pub(crate) gone: Box<dyn FnOnce(MailboxReader) + Send>,
}

impl Outbound {
    /// Starts the task that serves the sockets of one match; it ends with the match.
    pub(crate) fn start(stats: Arc<Stats>) -> Arc<Self> {
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        let outbound = Arc::new(Self {
            members: Mutex::default(),
            presences: Presences::default(),
            queue,
            ready: Notify::new(),
            ended: Mutex::default(),
            stats,
        });
        tokio::spawn(run(Arc::clone(&outbound), waiting));
        outbound
    }

    /// Lets somebody in; called by the shard's thread, in order with the notices. Gives the newcomer back when the queue is
    /// full.
    pub(crate) fn admit(&self, newcomer: Newcomer) -> Result<(), Newcomer> {
        match self.queue.try_send(Item::Newcomer(newcomer)) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(item) | TrySendError::Closed(item)) => match item {
                Item::Newcomer(newcomer) => Err(newcomer),
                Item::Notice(_) => unreachable!("a newcomer was sent"),
            },
        }
    }

    /// Stops serving `client` through `socket`, and gives back the mailbox: dropping it frees the place.
    pub(crate) fn remove(&self, client: Client, socket: &Socket) -> Option<MailboxReader> {
        let mut members = lock(&self.members);
        let index = members
            .iter()
            .position(|member| member.client == client && member.socket.id() == socket.id())?;
        if let Client::Player(player) = client {
            self.presences.set(player, Presence::AWAY);
        }
        Some(members.swap_remove(index).mailbox)
    }

    fn handle(&self, item: Item) {
        match item {
            Item::Newcomer(newcomer) => self.let_in(newcomer),
            Item::Notice(Notice::PlayerJoined(entry)) => {
                let client = Client::Player(entry.player);
                self.tell(&ServerMessage::PlayerJoined(entry), Some(client));
            }
            Item::Notice(Notice::PlayerLeft(player)) => {
                self.presences.leave(player);
                self.tell(&ServerMessage::PlayerLeft { player }, None);
            }
            Item::Notice(Notice::Gone(client)) => self.close(client),
            Item::Notice(Notice::Setup(setup)) => self.tell(&ServerMessage::Setup(setup), None),
            Item::Notice(Notice::Scores(scores)) => self.keep_scores(scores),
            Item::Notice(Notice::Seeking(tick)) => self.tell(&ServerMessage::Seeking { tick }, None),
            Item::Notice(Notice::Ended(_)) => unreachable!("the end goes past the queue"),
        }
    }

    fn let_in(&self, newcomer: Newcomer) {
        let Newcomer {
            client,
            socket,
            taken_count,
            mailbox,
            left,
            welcome,
            gone,
        } = newcomer;
        let mut members = lock(&self.members);
        if let Some(newer) = members
            .iter_mut()
            .find(|member| member.client == client && member.taken_count > taken_count)
        {
            // Two connections took the seat at once and the older one reached the match last: its mailbox is the one in
            // force, and belongs to whoever has the seat.
            newer.mailbox = mailbox;
            return;
        }
        // An older connection of the same client is served no more; the match has its new mailbox already.
        members.retain(|member| member.client != client);
        members.push(Member {
            client,
            socket: socket.clone(),
            taken_count,
            mailbox,
            scores: None,
            held_since: None,
        });
        if let Client::Player(player) = client {
            self.presences.enter(player);
        }
        drop(members);
        // Only this task sends to members, so the welcome is the first thing that reaches the client.
        welcome();
        // A farewell that came before the member was in the list has not found it there.
        if (left.load(Ordering::Acquire) || !socket.is_connected())
            && let Some(mailbox) = self.remove(client, &socket)
        {
            gone(mailbox);
        }
    }

    /// Writes each waiting snapshot whose socket can take it.
    fn send_snapshots(&self, now: Instant) {
        for member in lock(&self.members)
            .iter_mut()
            .filter(|member| member.mailbox.is_waiting())
        {
            if !member.socket.writable() {
                self.stats.snapshots_held.add(1);
                if now.duration_since(*member.held_since.get_or_insert(now)) >= HELD_MAX {
                    member.socket.disconnect_for_now(NOT_READING);
                }
                continue;
            }
            member.held_since = None;
            let Some(snapshot) = member.mailbox.take() else {
                continue;
            };
            // An error means that the socket is closing; its disconnect handler removes it.
            if let Some(scores) = member.scores.take() {
                let _ = member.socket.emit(EVENT_MESSAGE, scores);
            }
            if member.socket.emit(EVENT_SNAPSHOT, snapshot).is_ok() {
                self.stats.snapshots_sent.add(1);
            }
        }
    }

    /// Puts scores beside what waits for each member, in place of older ones.
    fn keep_scores(&self, scores: Vec<u8>) {
        let bytes = Bytes::from(encode_server(&ServerMessage::Scores(scores)));
        for member in lock(&self.members).iter_mut() {
            let before = member.scores.replace(bytes.clone());
            self.stats.scores_superseded.add(before.is_some().into());
        }
    }

    /// Closes the connection of a client that does not acknowledge what it is sent.
    fn close(&self, client: Client) {
        for member in lock(&self.members)
            .iter()
            .filter(|member| member.client == client)
        {
            member.socket.disconnect_for_now(NOT_ANSWERING);
        }
    }

    /// Tells everybody but `except`.
    fn tell(&self, message: &ServerMessage, except: Option<Client>) {
        let bytes = Bytes::from(encode_server(message));
        for member in lock(&self.members)
            .iter()
            .filter(|member| Some(member.client) != except)
        {
            // As above.
            let _ = member.socket.emit(EVENT_MESSAGE, bytes.clone());
        }
    }
}

/// Called by the shard's thread: hands over and returns.
impl MatchSink for Outbound {
    fn snapshots_ready(&self) {
        self.ready.notify_one();
    }

    fn notice(&self, notice: Notice) {
        match notice {
            Notice::Ended(reason) => {
                *lock(&self.ended) = Some(reason);
                self.ready.notify_one();
            }
            notice => {
                if self.queue.try_send(Item::Notice(notice)).is_err() {
                    self.stats.notices_lost.add(1);
                }
            }
        }
    }
}

async fn run(outbound: Arc<Outbound>, mut queue: mpsc::Receiver<Item>) {
    loop {
        // The queue first: a client must know who somebody is before it sees them.
        tokio::select! {
            biased;
            Some(item) = queue.recv() => outbound.handle(item),
            () = outbound.ready.notified() => {
                outbound.send_snapshots(Instant::now());
                if let Some(reason) = *lock(&outbound.ended) {
                    end(&outbound, queue, reason);
                    return;
                }
            }
        }
    }
}

/// Tells everybody that the match is over, also who came in its last moment.
fn end(outbound: &Outbound, mut queue: mpsc::Receiver<Item>, reason: MatchEnd) {
    // Closed first: whoever comes later finds a closed queue and is told to try again.
    queue.close();
    while let Ok(item) = queue.try_recv() {
        outbound.handle(item);
    }
    outbound.tell(&ServerMessage::MatchEnded { reason }, None);
    lock(&outbound.members).clear();
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing under these locks can leave half a change behind when it panics.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
