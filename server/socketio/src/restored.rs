//! A session whose client has come back, until it is in again.

use std::time::Duration;

use crate::kept::{Missed, SessionRecord};
use crate::live::SessionClaim;

/// A session that was taken out for a client that has come back.
pub struct Restored {
    /// What was persisted.
    pub record: SessionRecord,
    /// How long it might still have been away.
    pub remaining: Duration,
    /// What it has missed, in order, as far as [`Restored::position`].
    pub missed: Vec<Missed>,
    /// Behind which event more may have been missed since.
    pub position: String,
    /// Nobody else enters as this session while this is held.
    pub claim: SessionClaim,
}

/// Lets a client in again with everything it has missed; see
/// [`Adapter::resume_session`](crate::adapter::Adapter::resume_session).
pub type Enter = Box<dyn FnOnce(Vec<Missed>) + Send>;
