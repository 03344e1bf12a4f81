//! The live sessions, and the handle through which everybody but the driver reaches one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::Notify;

use super::config::Transport;
use super::polling::Requests;
use super::refusal::Refusal;
use super::request::RequestHead;
use crate::outbox::{Corked, Outbox};
use crate::reason::DisconnectReason;
use crate::stats::{self, Stats};

/// What is shared about one session. The state machine itself belongs to the driver.
pub(crate) struct SessionHandle {
    pub(crate) sid: String,
    pub(crate) request: RequestHead,
    pub(crate) outbox: Arc<Outbox>,
    /// Of a session that was opened by polling, also after it has moved to WebSocket.
    pub(crate) requests: Option<Requests>,
}

impl SessionHandle {
    /// How the client is connected now.
    pub(crate) fn transport(&self) -> Transport {
        if self.outbox.is_polling() {
            Transport::Polling
        } else {
            Transport::WebSocket
        }
    }
}

impl Corked for SessionHandle {
    fn cork(&self) {
        self.outbox.cork();
    }

    fn uncork(&self) {
        self.outbox.uncork();
    }
}

/// All sessions by session id.
pub(crate) struct Sessions {
    // A std mutex: entered when a session opens or closes, never across an await.
    live: Mutex<Live>,
    emptied: Notify,
    stats: Arc<Stats>,
}

#[derive(Default)]
struct Live {
    by_sid: HashMap<String, Arc<SessionHandle>>,
    closing: bool,
}

/// Keeps a session in the table; dropping it, also by a panic of the driver, takes it out.
pub(crate) struct Registration {
    sessions: Arc<Sessions>,
    pub(crate) handle: Arc<SessionHandle>,
}

impl Sessions {
    pub(crate) fn new(stats: Arc<Stats>) -> Self {
        Self {
            live: Mutex::default(),
            emptied: Notify::new(),
            stats,
        }
    }

    /// Enters a session, unless the server is closing, there are `sessions_max`, or one has its id.
    pub(crate) fn register(
        self: &Arc<Self>,
        handle: SessionHandle,
        sessions_max: usize,
    ) -> Result<Registration, Refusal> {
        let handle = Arc::new(handle);
        let mut live = self.lock();
        if live.closing || live.by_sid.len() >= sessions_max {
            return Err(Refusal::Busy);
        }
        if live.by_sid.contains_key(&handle.sid) {
            let error = "it is in use".to_owned();
            return Err(Refusal::IdGeneration { error });
        }
        live.by_sid.insert(handle.sid.clone(), handle.clone());
        stats::increment(&self.stats.connections_open);
        stats::increment(&self.stats.connections_opened);
        Ok(Registration {
            sessions: self.clone(),
            handle,
        })
    }

    pub(crate) fn find(&self, sid: &str) -> Option<Arc<SessionHandle>> {
        self.lock().by_sid.get(sid).cloned()
    }

    /// Lets nobody in any more and asks everybody to go.
    pub(crate) fn close_all(&self, reason: DisconnectReason) {
        let handles: Vec<_> = {
            let mut live = self.lock();
            live.closing = true;
            live.by_sid.values().cloned().collect()
        };
        for handle in handles {
            handle.outbox.request_close(reason);
        }
    }

    /// Ends what is left without flushing.
    pub(crate) fn abort_all(&self) {
        let handles: Vec<_> = self.lock().by_sid.values().cloned().collect();
        for handle in handles {
            handle.outbox.end(true);
        }
    }

    /// Returns when no session is left.
    pub(crate) async fn wait_empty(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.lock().by_sid.is_empty() {
                return;
            }
            emptied.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.handle.outbox.end(false);
        let mut live = self.sessions.lock();
        live.by_sid.remove(&self.handle.sid);
        stats::decrement(&self.sessions.stats.connections_open);
        if live.by_sid.is_empty() {
            self.sessions.emptied.notify_waiters();
        }
    }
}
