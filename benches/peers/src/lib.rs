//! What the load generator, the servers and the runner share.
//!
//! A run is: `bin/peers` starts one of the servers on a core, `bin/load` on another; the servers do what the example
//! `room_broadcast` of the Socket.IO crate does, set by the same environment ([`setting`]), and `bin/load` speaks to each of
//! them in the same bytes ([`frame`], [`http`]). It prints an [`outcome::Outcome`] of a row of [`scenario`].

pub mod clock;

pub mod setting;

pub mod frame;

pub mod http;

pub mod process;

pub mod scenario;

pub mod outcome;

pub mod pinned;

pub mod statistics;
