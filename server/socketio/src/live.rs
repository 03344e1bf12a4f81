//! The sessions of one node that are live or about to be: nobody is there twice.
//!
//! Who comes back claims its session first. A claim waits until whoever is there has ended, and from then on nobody else
//! gets the session, until the claim has become a live socket or is given up.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::kept::Pid;
use crate::seat::Seat;

/// Who is there, by private id.
#[derive(Default)]
pub(crate) struct LiveSessions {
    // A std mutex: a look-up, nothing else.
    table: Mutex<Table>,
    /// Told when one of them has ended, behind the keeping of its session.
    ended: Notify,
}

#[derive(Default)]
struct Table {
    by_pid: HashMap<Pid, Place>,
    claims_count: u64,
}

enum Place {
    /// Somebody is on the way in.
    Claimed(u64),
    Taken(Arc<Seat>),
}

/// The right to enter as a session. It ends when it is dropped, or with the entry.
pub struct SessionClaim {
    sessions: Arc<LiveSessions>,
    pid: Pid,
    number: u64,
}

impl SessionClaim {
    /// Whose session it is.
    pub fn pid(&self) -> &Pid {
        &self.pid
    }
}

impl Drop for SessionClaim {
    fn drop(&mut self) {
        {
            let mut table = self.sessions.lock();
            if matches!(table.by_pid.get(&self.pid), Some(Place::Claimed(number)) if *number == self.number) {
                table.by_pid.remove(&self.pid);
            }
        }
        self.sessions.ended.notify_waiters();
    }
}

impl LiveSessions {
    /// Claims a session once nobody is there any more. A live socket is ended: its client has come back.
    pub(crate) async fn claim(self: &Arc<Self>, pid: Pid) -> SessionClaim {
        loop {
            let ended = self.ended.notified();
            let seat = {
                let mut table = self.lock();
                match table.by_pid.get(&pid) {
                    None => {
                        table.claims_count += 1;
                        let number = table.claims_count;
                        table.by_pid.insert(pid.clone(), Place::Claimed(number));
                        return SessionClaim {
                            sessions: self.clone(),
                            pid,
                            number,
                        };
                    }
                    Some(Place::Claimed(_)) => None,
                    Some(Place::Taken(seat)) => Some(seat.clone()),
                }
            };
            if let Some(seat) = seat {
                evict(&seat);
            }
            ended.await;
        }
    }

    /// Ends the live socket of a session, if there is one. Ready when its session was kept.
    pub(crate) async fn end(&self, pid: &Pid) {
        loop {
            let ended = self.ended.notified();
            let Some(seat) = self.live(pid) else {
                return;
            };
            evict(&seat);
            ended.await;
        }
    }

    /// A socket that can be recovered is connected.
    pub(crate) fn begin(&self, pid: &Pid, seat: &Arc<Seat>) {
        self.lock().by_pid.insert(pid.clone(), Place::Taken(seat.clone()));
        // Whoever has ended it meanwhile has found nothing to forget.
        if !seat.is_connected() {
            self.forget(pid, seat);
        }
    }

    /// It is gone, and kept if it shall be.
    pub(crate) fn forget(&self, pid: &Pid, seat: &Seat) {
        {
            let mut table = self.lock();
            if matches!(table.by_pid.get(pid), Some(Place::Taken(sits)) if sits.key == seat.key) {
                table.by_pid.remove(pid);
            }
        }
        self.ended.notify_waiters();
    }

    fn live(&self, pid: &Pid) -> Option<Arc<Seat>> {
        match self.lock().by_pid.get(pid) {
            Some(Place::Taken(seat)) => Some(seat.clone()),
            _ => None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn evict(seat: &Seat) {
    // Without an occupant it is about to be taken out.
    if let Some(occupant) = seat.occupant.upgrade() {
        occupant.evict();
    }
}
