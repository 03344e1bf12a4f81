//! How much a client may send.

use std::num::NonZeroU32;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

/// Seconds' worth of inputs that may come at once: what a connection delivers after a stall.
const BURST_S: u32 = 3;

/// A bucket for the input messages of one client.
pub(crate) fn inputs(per_s: u32) -> DefaultDirectRateLimiter {
    let per_s = NonZeroU32::new(per_s).unwrap_or(NonZeroU32::MIN);
    let burst = per_s.saturating_mul(NonZeroU32::MIN.saturating_add(BURST_S - 1));
    RateLimiter::direct(Quota::per_second(per_s).allow_burst(burst))
}

/// Requests to the lobby that one connection may send in a second, and at once.
const LOBBY_PER_S: NonZeroU32 = NonZeroU32::new(2).expect("it is not zero");
const LOBBY_BURST: NonZeroU32 = NonZeroU32::new(20).expect("it is not zero");

/// A bucket for what one client asks the lobby.
pub(crate) fn lobby_requests() -> DefaultDirectRateLimiter {
    RateLimiter::direct(Quota::per_second(LOBBY_PER_S).allow_burst(LOBBY_BURST))
}
