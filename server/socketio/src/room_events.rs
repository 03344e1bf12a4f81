//! Tells who wants to know of rooms that come, go, and change.
//!
//! Changes are noted while the tables are locked and told after that, one after another in the order in which they
//! happened: whoever finds nobody telling tells, also what others note meanwhile. So a listener may join and leave rooms
//! itself, and what it causes is told behind what it hears.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::guard::guarded;
use crate::stats::{self, Stats};

/// What happened to a room of this node. Each socket is alone in the room named like its id, which comes and goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoomEvent {
    /// The first socket joins the room; it is told of behind this.
    Create {
        /// Name of the room.
        room: Arc<str>,
    },
    /// The last socket has left the room; it was told of before this.
    Delete {
        /// Name of the room.
        room: Arc<str>,
    },
    /// A socket has joined the room.
    Join {
        /// Name of the room.
        room: Arc<str>,
        /// Id of the socket.
        id: Arc<str>,
    },
    /// A socket has left the room.
    Leave {
        /// Name of the room.
        room: Arc<str>,
        /// Id of the socket.
        id: Arc<str>,
    },
}

type Listener = Arc<dyn Fn(&RoomEvent) + Send + Sync>;

pub(crate) struct RoomEvents {
    listeners: RwLock<Vec<Listener>>,
    /// Nothing is noted while nobody listens.
    heard: AtomicBool,
    queue: Mutex<Queue>,
    stats: Arc<Stats>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<RoomEvent>,
    /// Somebody tells what waits.
    telling: bool,
}

impl RoomEvents {
    pub(crate) fn new(stats: Arc<Stats>) -> Self {
        Self {
            listeners: RwLock::default(),
            heard: AtomicBool::new(false),
            queue: Mutex::default(),
            stats,
        }
    }

    pub(crate) fn listen(&self, listener: impl Fn(&RoomEvent) + Send + Sync + 'static) {
        let mut listeners = self.listeners.write().unwrap_or_else(PoisonError::into_inner);
        listeners.push(Arc::new(listener));
        self.heard.store(true, Ordering::Release);
    }

    /// Listeners often hold what holds them.
    pub(crate) fn clear(&self) {
        self.heard.store(false, Ordering::Release);
        let listeners = std::mem::take(&mut *self.listeners.write().unwrap_or_else(PoisonError::into_inner));
        drop(listeners);
    }

    /// Notes what happens while the tables are locked.
    pub(crate) fn note(&self, event: impl FnOnce() -> RoomEvent) {
        if !self.heard.load(Ordering::Acquire) {
            return;
        }
        let mut queue = self.lock();
        if queue.waiting.len() < WAITING_MAX {
            queue.waiting.push_back(event());
        } else {
            stats::increment(&self.stats.room_events_lost);
        }
    }

    /// Tells what was noted, once the tables are free.
    pub(crate) fn tell(&self) {
        if !self.heard.load(Ordering::Acquire) {
            return;
        }
        if std::mem::replace(&mut self.lock().telling, true) {
            return;
        }
        let listeners = self
            .listeners
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        while let Some(event) = self.next() {
            for listener in &listeners {
                guarded(&self.stats, || listener(&event));
            }
        }
    }

    fn next(&self) -> Option<RoomEvent> {
        let mut queue = self.lock();
        let next = queue.waiting.pop_front();
        queue.telling = next.is_some();
        next
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What may wait while a listener is slow; more is lost and counted.
const WAITING_MAX: usize = 65_536;
