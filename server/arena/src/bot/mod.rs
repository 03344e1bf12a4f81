//! Players without a person: the brain, and what it is made of.
//!
//! A brain gets records as clients get them and answers with the input that any client sends, so a match plays its
//! bots with it, and a program that plays over the network uses the very same. It fights only whom a person in its place
//! would have in the picture, in the middle of it; beyond that, states tell it where to walk, as the small map of the page
//! tells people. Nothing here knows the world of the match, a socket or a clock. Only arithmetic that gives the same bits
//! everywhere is used, since bots are part of the simulation.

pub mod level;

pub mod angle;

pub mod sight;

pub mod nav;

pub mod view;

mod errand;

pub mod brain;

pub mod name;
