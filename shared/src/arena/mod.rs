//! The records of the demo game, and the pure steps that client and server compute alike.

pub mod direction;

pub mod input;

pub mod team;

pub mod state;

mod state_delta;

pub mod status;

pub mod weapon;

pub mod dash;

pub mod own;

pub mod movement;

pub mod pickup;

pub mod map;

pub mod projectile;

pub mod solid;

pub mod beam;

pub mod event;

pub mod scores;

/// What a client of the arena knows.
pub type Snapshot = crate::snapshot::Snapshot<status::Status, own::Own, state::PlayerState, event::Event>;

/// Where a client of the arena keeps it.
pub type Replica = crate::replica::Replica<status::Status, own::Own, state::PlayerState, event::Event>;
