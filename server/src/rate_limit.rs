//! How much a client may send.

use std::num::NonZeroU32;
use std::time::Duration;

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

/// Wishes how a recording goes on that one viewer may send in a second, and at once: whoever drags the slider sends some.
const STEERS_PER_S: NonZeroU32 = NonZeroU32::new(5).expect("it is not zero");
const STEERS_BURST: NonZeroU32 = NonZeroU32::new(30).expect("it is not zero");

/// A bucket for the wishes of one viewer of a recording.
pub(crate) fn steers() -> DefaultDirectRateLimiter {
    RateLimiter::direct(Quota::per_second(STEERS_PER_S).allow_burst(STEERS_BURST))
}

/// What one client may say of how it is reached in a second, and at once: each is answered with all players of the match. The page
/// says it once a second, and a connection may deliver a minute of it after a stall.
const PRESENCES_PER_S: NonZeroU32 = NonZeroU32::new(5).expect("it is not zero");
const PRESENCES_BURST: NonZeroU32 = NonZeroU32::new(60).expect("it is not zero");

/// A bucket for what one client says of how it is reached.
pub(crate) fn presences() -> DefaultDirectRateLimiter {
    RateLimiter::direct(Quota::per_second(PRESENCES_PER_S).allow_burst(PRESENCES_BURST))
}

/// Recordings that one connection may open at once, and how long until the next: a seat that is left open holds one for
/// half a minute.
const REPLAYS_BURST: NonZeroU32 = NonZeroU32::new(6).expect("it is not zero");
const REPLAYS_PERIOD: Duration = Duration::from_secs(5);

/// A bucket for the recordings that one client opens.
pub(crate) fn replays() -> DefaultDirectRateLimiter {
    let quota = Quota::with_period(REPLAYS_PERIOD).expect("the period is not zero");
    RateLimiter::direct(quota.allow_burst(REPLAYS_BURST))
}

/// Private matches that one connection may begin at once, and how long until the next: a person needs one, and who finds
/// the friends gone another.
const PRIVATE_BURST: NonZeroU32 = NonZeroU32::new(3).expect("it is not zero");
const PRIVATE_PERIOD: Duration = Duration::from_secs(10);

/// A bucket for the private matches of one client.
pub(crate) fn private_matches() -> DefaultDirectRateLimiter {
    let quota = Quota::with_period(PRIVATE_PERIOD).expect("the period is not zero");
    RateLimiter::direct(quota.allow_burst(PRIVATE_BURST))
}
