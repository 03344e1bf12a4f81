//! `GET /api/overview`: the server at one glance, for its admin page: who plays where, and how well the ticks keep time.
//!
//! Times are told as histograms since the start, as in `/metrics`; whoever asks again takes the difference and has the last
//! seconds.

use std::sync::atomic::Ordering;
use std::time::Instant;

use serde_json::{Value, json};
use simulation::stats::{ShardStats, TICK_TIME_BUCKETS_US};
use socketio::SocketIo;

use crate::matches::{Matches, Running};
use crate::memory::own_resident_bytes;
use crate::seats::Seats;

/// Matches that are told one by one; their number is told in any case.
const MATCHES_TOLD_MAX: usize = 256;

/// What is told of.
pub(crate) struct Overview<'a> {
    /// As whoever runs the server calls it.
    pub(crate) name: &'a str,
    pub(crate) started: Instant,
    pub(crate) closing: bool,
    pub(crate) io: &'a SocketIo,
    pub(crate) seats: &'a Seats,
    pub(crate) matches: &'a Matches,
}

impl Overview<'_> {
    /// All of it at `now`.
    pub(crate) fn json(&self, now: Instant) -> Value {
        let matches = self.matches.list();
        let (seats_taken, seats_held) = self.seats.count();
        let shards: Vec<_> = self
            .matches
            .shards()
            .stats()
            .map(|stats| self.shard(stats, now))
            .collect();
        let told: Vec<_> = matches.iter().take(MATCHES_TOLD_MAX).map(match_json).collect();
        json!({
            "name": self.name,
            "version": env!("CARGO_PKG_VERSION"),
            "closing": self.closing,
            "uptime_s": now.saturating_duration_since(self.started).as_secs(),
            "memory_bytes": own_resident_bytes(),
            "connections": self.io.stats().connections_open.load(Ordering::Relaxed),
            "people": self.matches.people(),
            "seats_taken": seats_taken,
            "seats_held": seats_held,
            "tick_bucket_ends_us": TICK_TIME_BUCKETS_US,
            "shards": shards,
            "matches_count": matches.len(),
            "matches": told,
        })
    }

    fn shard(&self, stats: &ShardStats, now: Instant) -> Value {
        json!({
            "shard": stats.index,
            "health": self.matches.shards().health(stats.index, now).word(),
            "matches": stats.matches.value(),
            "load_permille": stats.load.permille(),
            "slipped_ticks": stats.slipped_ticks.value(),
            "tick_us": stats.tick_times.buckets(),
            "late_us": stats.tick_lateness.buckets(),
        })
    }
}

fn match_json(running: &Running) -> Value {
    let handle = &running.handle;
    json!({
        "id": handle.id(),
        "mode": running.mode(),
        "map": &*handle.map(),
        "phase": handle.phase(),
        "people": handle.people(),
        "places": handle.places(),
        "viewers": handle.viewers(),
        "private": running.is_private(),
        "shard": running.shard,
    })
}
