//! The records of the demo game, and the pure steps that client and server compute alike.

pub mod direction;

pub mod input;

pub mod map;

pub mod state;

pub mod status;

pub mod event;

pub mod weapon;

pub mod movement;

pub mod projectile;
