//! Where sockets and matches meet, and the only place where they do.

pub(crate) mod stats;

pub(crate) mod presences;

pub(crate) mod outbound;

pub(crate) mod inbound;

pub(crate) mod lobby;
