//! The demo game, under construction.
