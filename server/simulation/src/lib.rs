//! Many matches in fixed ticks on a few threads: inputs come in by bounded queues, snapshots go out by mailboxes.
//!
//! This crate knows neither sockets nor the rules of a game. A game implements [`game::Game`]; [`handle::start`] makes
//! a match of it and a [`handle::MatchHandle`] to it; the least loaded of [`shards::Shards`] steps the match. What leaves is told to a
//! [`notice::MatchSink`] and lies in the [`mailbox`] of each client. The wall clock is read in `shard.rs` alone;
//! everything else takes ticks or a `now`, so that the same seed and the same commands give the same match.
//!
//! Modules stand in dependency order: a later one may use earlier ones, never the reverse.

pub mod ahead;

pub mod load;

pub mod stats;

pub mod state_hash;

pub mod view_age;

pub mod rewind;

mod cells;

pub mod grid;

mod flow;

mod budget;

mod urgency;

mod space;

pub mod audience;

pub mod game;

pub mod ecs;

mod stage;

pub mod mailbox;

pub mod client;

pub mod notice;

pub mod settings;

pub mod rate;

pub mod places;

mod phase;

mod next_tick;

pub mod pulse;

pub mod command;

mod command_queue;

pub mod input_buffer;

pub mod recording;

mod event_log;

mod frames;

mod blobs;

mod cell_plan;

mod seat;

mod viewers;

mod scores;

mod roster;

mod told;

mod replicate;

pub mod simulation;

pub mod replay;

mod playback;

pub mod handle;

pub mod pacing;

pub mod timetable;

pub mod shard;

pub mod shards;
