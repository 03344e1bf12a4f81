//! Sessions and events kept in memory: what connection state recovery restores from.
//!
//! ```text
//!   forgotten │ oldest … events … newest │ next
//!             └── dropped                └── head          numbers only rise; an offset is one behind a mark of this store
//! ```
//!
//! A client says which event it saw last, the session knows which were sent to it. From both follows where it must go on;
//! whether that is still here, one comparison tells: an event that was dropped for room counts as missed by everybody who
//! might have missed it. One that was dropped for age does not, since it is older than any session that is still kept
//! and all that may have been lost on a link before its end was noticed.
//!
//! One lock covers the number, the order and the sending of an event, so that a client that comes back gets each event
//! once: before its entry from here, behind it from whoever sends. No code of the application runs under it.
//!
//! What is too old is dropped whenever something is put in, and by one task, which lives only while there is something.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, Weak};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use crate::engine::conversation::now;
use crate::engine::handshake::random_id;
use crate::kept::{Missed, Pid, SessionRecord};
use crate::live::SessionClaim;
use crate::local::Local;
use crate::outbound::Packet;
use crate::recovery::Recovery;
use crate::restored::{Enter, Restored};
use crate::selection::Selection;
use crate::stats::{self, Stats};

/// The sessions and events of one namespace. Nodes of one process may share it.
pub struct SessionStore {
    // A std mutex: held while an event is handed to outboxes, which never wait.
    inner: Mutex<Inner>,
    settings: Recovery,
    /// How long an event may still be missed by somebody.
    retention: Duration,
    /// Tells offsets of this store from those of another life of the server.
    mark: String,
    /// Where the sweeper runs: events may come from threads without a runtime.
    runtime: OnceLock<Handle>,
    stats: Arc<Stats>,
}

#[derive(Default)]
struct Inner {
    events: VecDeque<Kept>,
    events_bytes: usize,
    /// Number of the newest event.
    head: u64,
    /// Number of the newest event that was dropped for room.
    dropped: u64,
    sessions: HashMap<Pid, Away>,
    /// Sessions by their end; the number makes ends unique.
    ends: BTreeMap<(Instant, u64), Pid>,
    ends_count: u64,
    sweeper: Option<AbortHandle>,
    closed: bool,
}

struct Kept {
    number: u64,
    event: Missed,
    selection: Selection,
    bytes: usize,
    at: Instant,
}

struct Away {
    record: SessionRecord,
    end: (Instant, u64),
}

impl SessionStore {
    /// An empty store with the settings of a namespace; `None` where recovery is off.
    pub fn new(local: &Local) -> Option<Arc<Self>> {
        let config = local.config();
        let settings = config.recovery.clone()?;
        // A link is noticed to be dead at the latest after an interval and two timeouts.
        let unnoticed = config.ping_interval + 2 * config.ping_timeout;
        Some(Arc::new(Self {
            inner: Mutex::default(),
            retention: settings.max_disconnection_duration + unnoticed,
            settings,
            mark: random_id()[..MARK_BYTES].to_owned(),
            runtime: OnceLock::new(),
            stats: local.stats().clone(),
        }))
    }

    /// Keeps an event and lets `send` send it with its offset, before anybody else's event and before anybody enters.
    /// `send` must not run code of the application.
    pub fn append(self: &Arc<Self>, packet: Packet, selection: &Selection, send: impl FnOnce(&Packet, &str)) {
        let now = now();
        let mut inner = self.lock();
        inner.head += 1;
        let number = inner.head;
        let event = Missed {
            packet: Arc::new(packet),
            offset: self.offset(number).into(),
        };
        send(&event.packet, &event.offset);
        if inner.closed {
            return;
        }
        let bytes = event.packet.bytes() + KEPT_BYTES;
        inner.events_bytes += bytes;
        stats::increment(&self.stats.recovery_packets);
        stats::add(&self.stats.recovery_bytes, bytes as u64);
        inner.events.push_back(Kept {
            number,
            event,
            selection: selection.clone(),
            bytes,
            at: now,
        });
        self.trim(&mut inner, now);
        self.ensure_sweeper(&mut inner);
    }

    /// Offset of the newest event, which has been sent.
    pub fn position(&self) -> String {
        self.offset(self.lock().head)
    }

    /// Keeps a session for `time`.
    pub fn persist(self: &Arc<Self>, record: SessionRecord, time: Duration) {
        let now = now();
        let mut inner = self.lock();
        if inner.closed || self.settings.sessions_max == 0 {
            return;
        }
        self.take(&mut inner, &record.pid);
        inner.ends_count += 1;
        let end = (now + time, inner.ends_count);
        inner.ends.insert(end, record.pid.clone());
        inner.sessions.insert(record.pid.clone(), Away { record, end });
        stats::increment(&self.stats.recovery_sessions);
        if inner.sessions.len() > self.settings.sessions_max
            && let Some((_, pid)) = inner.ends.first_key_value()
        {
            let pid = pid.clone();
            self.take(&mut inner, &pid);
            stats::increment(&self.stats.recovery_sessions_dropped);
        }
        self.trim(&mut inner, now);
        self.ensure_sweeper(&mut inner);
    }

    /// Takes a session out: nobody else gets it. `None` if there is none in time, or if not everything is here that the
    /// client may have missed behind the event with `offset`, the last it saw.
    pub fn restore(&self, claim: SessionClaim, offset: Option<&str>) -> Option<Restored> {
        let now = now();
        let mut inner = self.lock();
        self.trim(&mut inner, now);
        let away = self.take(&mut inner, claim.pid())?;
        let after = self.goes_on_after(&away.record, offset)?;
        if after < inner.dropped {
            return None;
        }
        Some(Restored {
            remaining: away.end.0.saturating_duration_since(now),
            missed: inner.missed(after, &away.record.rooms),
            position: self.offset(inner.head),
            record: away.record,
            claim,
        })
    }

    /// Lets the client of a restored session enter with everything that it has missed, before anything more is sent.
    /// `false` if it waited for so long that something of that is gone.
    pub fn resume(&self, restored: Restored, enter: Enter) -> bool {
        let inner = self.lock();
        let Some(after) = self.number(&restored.position) else {
            return false;
        };
        if inner.closed || after < inner.dropped {
            return false;
        }
        let mut missed = restored.missed;
        missed.extend(inner.missed(after, &restored.record.rooms));
        enter(missed);
        true
    }

    /// Forgets everything and keeps nothing more.
    pub fn close(&self) {
        let mut inner = self.lock();
        inner.closed = true;
        self.clear(&mut inner);
    }

    /// Behind which event a client goes on that has seen the one with `offset` last.
    fn goes_on_after(&self, record: &SessionRecord, offset: Option<&str>) -> Option<u64> {
        let seen = match offset {
            Some(offset) => Some(self.number(offset)?),
            None => None,
        };
        let left_at = self.number(&record.position)?;
        let Some((first, last)) = &record.sent else {
            // Nothing was sent to it, so that it can have missed nothing before it left.
            return Some(left_at);
        };
        let (first, last) = (self.number(first)?, self.number(last)?);
        match seen {
            Some(seen) if seen > last => None,
            Some(seen) if seen == last => Some(left_at),
            Some(seen) if seen >= first => Some(seen),
            // It has seen nothing of this connection.
            _ => Some(first - 1),
        }
    }

    fn offset(&self, number: u64) -> String {
        format!("{}{number}", self.mark)
    }

    fn number(&self, offset: &str) -> Option<u64> {
        offset.strip_prefix(&self.mark)?.parse().ok()
    }

    fn take(&self, inner: &mut Inner, pid: &Pid) -> Option<Away> {
        let away = inner.sessions.remove(pid)?;
        inner.ends.remove(&away.end);
        stats::decrement(&self.stats.recovery_sessions);
        Some(away)
    }

    /// Drops what is too old, and events for which there is no room.
    fn trim(&self, inner: &mut Inner, now: Instant) {
        while let Some(entry) = inner.ends.first_entry()
            && entry.key().0 <= now
        {
            let pid = entry.get().clone();
            self.take(inner, &pid);
            stats::increment(&self.stats.recovery_sessions_expired);
        }
        while let Some(oldest) = inner.events.front() {
            let has_room = inner.events.len() <= self.settings.packets_max
                && inner.events_bytes <= self.settings.packets_bytes_max;
            if has_room && oldest.at + self.retention > now {
                break;
            }
            let (number, bytes) = (oldest.number, oldest.bytes);
            if !has_room {
                inner.dropped = number;
                stats::increment(&self.stats.recovery_packets_dropped);
            }
            inner.events_bytes -= bytes;
            inner.events.pop_front();
            stats::decrement(&self.stats.recovery_packets);
            stats::subtract(&self.stats.recovery_bytes, bytes as u64);
        }
    }

    fn clear(&self, inner: &mut Inner) {
        stats::subtract(&self.stats.recovery_sessions, inner.sessions.len() as u64);
        stats::subtract(&self.stats.recovery_packets, inner.events.len() as u64);
        stats::subtract(&self.stats.recovery_bytes, inner.events_bytes as u64);
        inner.sessions.clear();
        inner.ends.clear();
        inner.events.clear();
        inner.events_bytes = 0;
        if let Some(sweeper) = inner.sweeper.take() {
            sweeper.abort();
        }
    }

    fn ensure_sweeper(self: &Arc<Self>, inner: &mut Inner) {
        let running = inner.sweeper.as_ref().is_some_and(|task| !task.is_finished());
        if running || inner.next_end(self.retention).is_none() {
            return;
        }
        if let Ok(current) = Handle::try_current() {
            let _ = self.runtime.set(current);
        }
        // Without a runtime nobody is connected, and what is put in later drops what is too old.
        if let Some(runtime) = self.runtime.get() {
            inner.sweeper = Some(runtime.spawn(sweep(Arc::downgrade(self))).abort_handle());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Drop for SessionStore {
    fn drop(&mut self) {
        self.close();
    }
}

impl Inner {
    fn missed(&self, after: u64, rooms: &[String]) -> Vec<Missed> {
        let from = self.events.partition_point(|kept| kept.number <= after);
        let behind = self.events.range(from..);
        behind
            .filter(|kept| kept.selection.matches(rooms))
            .map(|kept| kept.event.clone())
            .collect()
    }

    /// When the next thing is too old, if there is any.
    fn next_end(&self, retention: Duration) -> Option<Instant> {
        let session = self.ends.first_key_value().map(|((end, _), _)| *end);
        let event = self.events.front().map(|kept| kept.at + retention);
        [session, event].into_iter().flatten().min()
    }
}

/// Drops what is too old until nothing is left, or nobody holds the store.
async fn sweep(store: Weak<SessionStore>) {
    loop {
        let next = {
            let Some(store) = store.upgrade() else {
                return;
            };
            let (mut inner, now) = (store.lock(), now());
            store.trim(&mut inner, now);
            match inner.next_end(store.retention) {
                // Not for each event alone.
                Some(end) => end.max(now + SWEEP_INTERVAL),
                None => {
                    inner.sweeper = None;
                    return;
                }
            }
        };
        tokio::time::sleep_until(next.into()).await;
    }
}

const MARK_BYTES: usize = 4;

/// What keeping an event costs besides what is in it, roughly.
const KEPT_BYTES: usize = 200;

const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
