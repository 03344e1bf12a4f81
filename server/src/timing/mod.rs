//! How a client keeps time: which tick the server has reached, for which tick the next input is, and of which tick the
//! others are shown. Mirrors of `client-web/src/tickroom/net/clock.ts`, `net/lead.ts` and `sim/delay.ts` there.
//!
//! The bots keep time with it, and the network tests find out in made-up time what the rule costs on each link. All of it is
//! pure: time comes in as an argument, in milliseconds of any steady clock.

pub mod clock;

pub mod lead;

pub mod playout;

use shared::tick::TICK_HZ;

/// Length of a tick, milliseconds.
pub const TICK_MS: f64 = 1000.0 / TICK_HZ as f64;
