//! Every setting of the server: flag, environment variable, unit, range, default, and what more or less of it costs.
//!
//! The doc comments are what `tickroom serve --help` prints, so they are written for whoever runs a server.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use clap::Args;
use clap::builder::RangedU64ValueParser;
use shared::limits::PLAYERS_MAX;

/// The settings in force.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// Address to listen on. 127.0.0.1 serves this machine only, 0.0.0.0 every network it is in
    #[arg(long, env = "TICKROOM_HOST", value_name = "ADDRESS", default_value_t = Self::HOST)]
    pub host: IpAddr,

    /// TCP port to listen on, 0 to 65535; 0 takes a free one and prints it
    #[arg(long, env = "TICKROOM_PORT", value_name = "PORT", default_value_t = Self::PORT)]
    pub port: u16,

    /// Places in a match for people and bots together, 1 to 128. More players in one match cost bandwidth with the
    /// square of their number
    #[arg(long, env = "TICKROOM_PLAYERS_MAX", value_name = "COUNT", default_value_t = Self::PLAYERS,
          value_parser = RangedU64ValueParser::<u16>::new().range(1..=PLAYERS_MAX as u64))]
    pub players_max: u16,

    /// Bots join a match until it has this many players, 0 to 128; a bot leaves when a person needs the place. 0 plays
    /// without bots
    #[arg(long, env = "TICKROOM_FILL_TO", value_name = "COUNT", default_value_t = Self::FILL,
          value_parser = RangedU64ValueParser::<u16>::new().range(0..=PLAYERS_MAX as u64))]
    pub fill_to: u16,

    /// Matches that run at once, 1 to 10000. Further players are told that the server is full
    #[arg(long, env = "TICKROOM_MATCHES_MAX", value_name = "COUNT", default_value_t = Self::MATCHES,
          value_parser = RangedU64ValueParser::<u32>::new().range(1..=10_000))]
    pub matches_max: u32,

    /// Seconds that a match without people goes on before it closes, 0 to 3600. Longer keeps the match for whoever
    /// comes back and costs its ticks
    #[arg(long, env = "TICKROOM_EMPTY_S", value_name = "SECONDS", default_value_t = Self::EMPTY_S,
          value_parser = RangedU64ValueParser::<u32>::new().range(0..=3600))]
    pub empty_s: u32,

    /// Connections at once, 1 to 1000000. Further ones get HTTP 503
    #[arg(long, env = "TICKROOM_CONNECTIONS_MAX", value_name = "COUNT", default_value_t = Self::CONNECTIONS,
          value_parser = RangedU64ValueParser::<u32>::new().range(1..=1_000_000))]
    pub connections_max: u32,

    /// Milliseconds between two heartbeats of a connection, 100 to 300000. Shorter finds dead connections sooner
    #[arg(long, env = "TICKROOM_PING_INTERVAL_MS", value_name = "MS", default_value_t = Self::PING_INTERVAL_MS,
          value_parser = RangedU64ValueParser::<u32>::new().range(100..=300_000))]
    pub ping_interval_ms: u32,

    /// Milliseconds that a client may take to answer a heartbeat, 100 to 300000. Longer forgives bad networks
    #[arg(long, env = "TICKROOM_PING_TIMEOUT_MS", value_name = "MS", default_value_t = Self::PING_TIMEOUT_MS,
          value_parser = RangedU64ValueParser::<u32>::new().range(100..=300_000))]
    pub ping_timeout_ms: u32,

    /// Bytes that may wait for one connection, 65536 to 67108864. A client that falls further behind is disconnected
    /// as a slow consumer; more forgives longer stalls and costs memory
    #[arg(long, env = "TICKROOM_OUTBOX_BYTES_MAX", value_name = "BYTES", default_value_t = Self::OUTBOX_BYTES,
          value_parser = RangedU64ValueParser::<u32>::new().range(65_536..=67_108_864))]
    pub outbox_bytes_max: u32,

    /// Token that opens /api and /metrics to other machines, sent as `Authorization: Bearer TOKEN`; without one only
    /// this machine may read them
    #[arg(
        long,
        env = "TICKROOM_ADMIN_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true
    )]
    pub admin_token: Option<String>,

    /// What is logged: error, warn, info, debug or trace, also for one part, as in `info,socketio=debug`
    #[arg(long, env = "TICKROOM_LOG", value_name = "FILTER", default_value = Self::LOG)]
    pub log: String,
}

impl Config {
    const HOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const PORT: u16 = 3000;
    const PLAYERS: u16 = 16;
    const FILL: u16 = 8;
    const MATCHES: u32 = 64;
    const EMPTY_S: u32 = 60;
    const CONNECTIONS: u32 = 10_000;
    const PING_INTERVAL_MS: u32 = 25_000;
    const PING_TIMEOUT_MS: u32 = 20_000;
    const OUTBOX_BYTES: u32 = 1024 * 1024;
    const LOG: &str = "info";

    /// Longest time from a stop signal to the end of the process, with room to spare below five seconds.
    pub const SHUTDOWN_GRACE: Duration = Duration::from_secs(3);
}

impl Default for Config {
    /// The defaults of the command line, without the environment.
    fn default() -> Self {
        Self {
            host: Self::HOST,
            port: Self::PORT,
            players_max: Self::PLAYERS,
            fill_to: Self::FILL,
            matches_max: Self::MATCHES,
            empty_s: Self::EMPTY_S,
            connections_max: Self::CONNECTIONS,
            ping_interval_ms: Self::PING_INTERVAL_MS,
            ping_timeout_ms: Self::PING_TIMEOUT_MS,
            outbox_bytes_max: Self::OUTBOX_BYTES,
            admin_token: None,
            log: Self::LOG.to_owned(),
        }
    }
}
