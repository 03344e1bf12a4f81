//! What a server is told by its environment; the names are those of the example `room_broadcast`.

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, ensure};

/// Settings of one server.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Where it listens on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// How often each room that is not empty hears `snap`.
    pub rate_hz: f64,
    /// Bytes of its binary argument; the first [`STAMP_BYTES`] are the time right before.
    pub size_bytes: usize,
    /// Whether an `input` is sent back as `echo`.
    pub echo: bool,
    /// Time between two pings.
    pub ping_interval: Duration,
}

/// The time in front of a payload: nanoseconds of CLOCK_MONOTONIC, little-endian.
pub const STAMP_BYTES: usize = 8;

/// Largest `snap`; no scenario comes near.
const SIZE_BYTES_MAX: usize = 1_000_000;

impl Settings {
    /// Reads PORT, RATE, SIZE, ECHO and PING_INTERVAL_MS.
    pub fn from_environment() -> anyhow::Result<Self> {
        let settings = Self {
            port: number("PORT", 3000)?,
            rate_hz: number("RATE", 30.0)?,
            size_bytes: number("SIZE", 300)?,
            echo: number::<u8>("ECHO", 0)? == 1,
            ping_interval: Duration::from_millis(number("PING_INTERVAL_MS", 25_000)?),
        };
        ensure!(settings.rate_hz > 0.0, "RATE must be above 0");
        ensure!(
            (STAMP_BYTES..=SIZE_BYTES_MAX).contains(&settings.size_bytes),
            "SIZE must be {STAMP_BYTES} to {SIZE_BYTES_MAX}"
        );
        Ok(settings)
    }

    /// When tick number `tick` is due after the start, nanoseconds.
    pub fn due_ns(&self, tick: u64) -> u64 {
        (tick as f64 / self.rate_hz * 1e9) as u64
    }

    /// The tick to wait for when `tick` was the last and so much time is over: those that are over too are skipped.
    pub fn next_tick(&self, tick: u64, elapsed_ns: u64) -> u64 {
        let over = (elapsed_ns as f64 / 1e9 * self.rate_hz) as u64;
        over.max(tick) + 1
    }
}

fn number<T: FromStr>(name: &str, default: T) -> anyhow::Result<T> {
    match std::env::var(name) {
        Ok(text) => text
            .parse()
            .ok()
            .with_context(|| format!("{name}={text} is no number")),
        Err(_) => Ok(default),
    }
}
