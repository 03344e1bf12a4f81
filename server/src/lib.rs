//! The composition root: reads the settings, starts the parts, joins them, and stops them in good order.
//!
//! Everything with a name of its own lives in a crate of its own: `socketio` speaks to clients and knows no game,
//! `simulation` runs matches and knows no socket, `arena` has the rules. They meet in `gateway` and in `matches.rs`.

pub mod config;

pub mod link;

pub mod timing;

mod config_file;

mod map_dir;

mod games;

mod replays;

mod recordings;

mod told_name;

mod origin;

mod rate_limit;

mod seats;

mod codes;

mod memory;

mod gateway;

mod matches;

mod watch;

mod metrics;

mod overview;

mod routes;

mod shutdown;

mod running;

mod crowd;

mod bots;

mod bench;

pub mod cli;

pub use config::Config;
pub use running::{RunningServer, start};
