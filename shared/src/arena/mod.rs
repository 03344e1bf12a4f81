//! The records of the demo game and its pure movement step.

pub mod input;

pub mod map;

pub mod state;

pub mod event;

pub mod movement;
