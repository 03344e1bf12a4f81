//! Every setting of the server: flag, environment variable, unit, range, default, and what more or less of it costs.
//!
//! The doc comments are what `tickroom serve --help` prints, so they are written for whoever runs a server.

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use arena::bot::level::Level;
use arena::side::Mode;
use clap::builder::{NonEmptyStringValueParser, RangedU64ValueParser};
use clap::{ArgAction, Args};
use shared::limits::PLAYERS_MAX;
use shared::tick::TICK_HZ;
use simulation::settings::MatchSettings;

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

    /// Who may watch a match at once, 0 to 1000; further ones are told that it has as many as it may. Every page that shows a
    /// match behind its menu is one, and each costs the bandwidth of a player
    #[arg(long, env = "TICKROOM_VIEWERS_MAX", value_name = "COUNT", default_value_t = Self::VIEWERS,
          value_parser = RangedU64ValueParser::<u16>::new().range(0..=1000))]
    pub viewers_max: u16,

    /// Bots join a match until it has this many players, 0 to 128; a bot leaves when a person needs the place. 0 plays
    /// without bots
    #[arg(long, env = "TICKROOM_FILL_TO", value_name = "COUNT", default_value_t = Self::FILL,
          value_parser = RangedU64ValueParser::<u16>::new().range(0..=PLAYERS_MAX as u64))]
    pub fill_to: u16,

    /// What matches are played as: ffa, everybody for themselves, or teams
    #[arg(long, env = "TICKROOM_MODE", value_name = "MODE", default_value_t = Mode::FreeForAll)]
    pub mode: Mode,

    /// Folder of map files (.txt) that are played on instead of the maps of the game, in the order of their names
    #[arg(long, env = "TICKROOM_MAP_DIR", value_name = "DIR")]
    pub map_dir: Option<PathBuf>,

    /// How well the bots play: easy, normal or hard
    #[arg(long, env = "TICKROOM_BOT_LEVEL", value_name = "LEVEL", default_value = Self::BOT_LEVEL)]
    pub bot_level: Level,

    /// Seconds in which people arrive and nothing counts, 0 to 3600
    #[arg(long, env = "TICKROOM_WARM_UP_S", value_name = "SECONDS", default_value_t = Self::WARM_UP_S,
          value_parser = seconds())]
    pub warm_up_s: u16,

    /// Seconds between the warm-up and the round, with weapons locked, 0 to 3600
    #[arg(long, env = "TICKROOM_COUNTDOWN_S", value_name = "SECONDS", default_value_t = Self::COUNTDOWN_S,
          value_parser = seconds())]
    pub countdown_s: u16,

    /// Seconds of a round, 1 to 3600
    #[arg(long, env = "TICKROOM_LIVE_S", value_name = "SECONDS", default_value_t = Self::LIVE_S,
          value_parser = RangedU64ValueParser::<u16>::new().range(1..=3600))]
    pub live_s: u16,

    /// Seconds that a tie is played on, 0 to 3600
    #[arg(long, env = "TICKROOM_SUDDEN_DEATH_S", value_name = "SECONDS", default_value_t = Self::SUDDEN_DEATH_S,
          value_parser = seconds())]
    pub sudden_death_s: u16,

    /// Seconds that the results stand before the next map, 0 to 3600
    #[arg(long, env = "TICKROOM_RESULTS_S", value_name = "SECONDS", default_value_t = Self::RESULTS_S,
          value_parser = seconds())]
    pub results_s: u16,

    /// Kills of one player that end a round early, 1 to 255. The highest score wins it
    #[arg(long, env = "TICKROOM_KILLS_TO_WIN", value_name = "COUNT", default_value_t = Self::KILLS_TO_WIN,
          value_parser = RangedU64ValueParser::<u8>::new().range(1..=255))]
    pub kills_to_win: u8,

    /// Whether a beam meets the others where its shooter saw them, true or false. Without it whoever is far away has to aim
    /// ahead of what it sees; to compare the two
    #[arg(long, env = "TICKROOM_LAG_COMPENSATION", value_name = "BOOL", default_value_t = Self::LAG_COMPENSATION,
          action = ArgAction::Set)]
    pub lag_compensation: bool,

    /// Matches that run at once, 1 to 10000. Further players are told that the server is full
    #[arg(long, env = "TICKROOM_MATCHES_MAX", value_name = "COUNT", default_value_t = Self::MATCHES,
          value_parser = RangedU64ValueParser::<u32>::new().range(1..=10_000))]
    pub matches_max: u32,

    /// Private matches that run at once, 0 to 10000, out of those of --matches-max: the rest, at least one, stays for
    /// everybody. 0 allows none
    #[arg(long, env = "TICKROOM_PRIVATE_MATCHES_MAX", value_name = "COUNT", default_value_t = Self::PRIVATE_MATCHES,
          value_parser = RangedU64ValueParser::<u32>::new().range(0..=10_000))]
    pub private_matches_max: u32,

    /// Threads that step matches, 1 to 256; by default one less than this machine has cores, for those that serve the
    /// network. Each match runs on one of them
    #[arg(long, env = "TICKROOM_SHARDS", value_name = "COUNT", default_value_t = Self::shards_default(),
          value_parser = RangedU64ValueParser::<u16>::new().range(1..=Self::SHARDS_MOST))]
    pub shards: u16,

    /// Seconds that a match without people goes on before it closes, 0 to 3600. Longer keeps the match for whoever
    /// comes back and costs its ticks
    #[arg(long, env = "TICKROOM_EMPTY_S", value_name = "SECONDS", default_value_t = Self::EMPTY_S,
          value_parser = RangedU64ValueParser::<u32>::new().range(0..=3600))]
    pub empty_s: u32,

    /// Whether a match of bots starts for whoever wants to watch when nothing is played, true or false: the page shows it behind
    /// its menu. It is the match that the first player joins, and closes as any other when nobody watches or plays. Without it a
    /// quiet server costs nothing while its page is open, and the page has no picture
    #[arg(long, env = "TICKROOM_WARM_MATCH", value_name = "BOOL", default_value_t = Self::WARM_MATCH,
          action = ArgAction::Set)]
    pub warm_match: bool,

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

    /// Origin of pages elsewhere that may connect, as `https://game.example`; several with commas; * is all. The server's
    /// own pages always may
    #[arg(
        long,
        env = "TICKROOM_ALLOW_ORIGIN",
        value_name = "ORIGIN",
        value_delimiter = ','
    )]
    pub allow_origin: Vec<String>,

    /// Token that opens /api and /metrics to other machines, sent as `Authorization: Bearer TOKEN`; without one only
    /// this machine may read them
    #[arg(
        long,
        env = "TICKROOM_ADMIN_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true, value_parser = NonEmptyStringValueParser::new()
    )]
    pub admin_token: Option<String>,

    /// Input messages a second that a client may send, 10 to 1000; three seconds' worth may come at once, as after a
    /// stalled connection. A client that sends more is disconnected. The page sends 30
    #[arg(long, env = "TICKROOM_INPUTS_PER_S", value_name = "COUNT", default_value_t = Self::INPUTS_PER_S,
          value_parser = RangedU64ValueParser::<u32>::new().range(10..=1000))]
    pub inputs_per_s: u32,

    /// Bytes of snapshots that a client is sent in a second, 4096 to 1048576; 0 is without bound. With less, what is far from
    /// a player in a crowd comes late; with more, slow lines fall behind
    #[arg(long, env = "TICKROOM_SNAPSHOT_BYTES_PER_S", value_name = "BYTES",
          default_value_t = MatchSettings::SNAPSHOT_BYTES_PER_S, value_parser = snapshot_bytes_per_s)]
    pub snapshot_bytes_per_s: u32,

    /// Snapshots a second, 20 or 30. With 30 others are shown a little sooner and more evenly, and bandwidth and the server's
    /// work for each client are half as much again
    #[arg(long, env = "TICKROOM_SNAPSHOT_HZ", value_name = "HZ", default_value_t = Self::SNAPSHOT_HZ,
          value_parser = snapshot_hz)]
    pub snapshot_hz: u8,

    /// Players of a match up to whom everybody is told of everybody, 0 to 128; in a match of more, each is told of what is near.
    /// More cost bandwidth with the square of their number
    #[arg(long, env = "TICKROOM_SEE_ALL_MAX", value_name = "COUNT", default_value_t = Self::SEE_ALL_MAX,
          value_parser = RangedU64ValueParser::<u16>::new().range(0..=PLAYERS_MAX as u64))]
    pub see_all_max: u16,

    /// Directory for recordings of all matches, to be played again with `tickroom replay`; without one nothing is recorded.
    /// It belongs to one running server
    #[arg(long, env = "TICKROOM_RECORD_DIR", value_name = "DIR")]
    pub record_dir: Option<PathBuf>,

    /// Recordings that stay, 1 to 1000000; the oldest go to make room
    #[arg(long, env = "TICKROOM_RECORD_FILES_MAX", value_name = "COUNT", default_value_t = Self::RECORD_FILES,
          value_parser = RangedU64ValueParser::<u32>::new().range(1..=1_000_000))]
    pub record_files_max: u32,

    /// Megabytes of recordings that stay, 1 to 1000000; the oldest go to make room
    #[arg(long, env = "TICKROOM_RECORD_MB_MAX", value_name = "MB", default_value_t = Self::RECORD_MB,
          value_parser = RangedU64ValueParser::<u32>::new().range(1..=1_000_000))]
    pub record_mb_max: u32,

    /// Megabytes of one recording, 1 to 64; a longer match is recorded up to there. 16 fighting people fill about 5 in an hour
    #[arg(long, env = "TICKROOM_RECORD_FILE_MB_MAX", value_name = "MB", default_value_t = Self::RECORD_FILE_MB,
          value_parser = RangedU64ValueParser::<u32>::new().range(1..=Self::RECORD_FILE_MB_MOST))]
    pub record_file_mb_max: u32,

    /// Recordings of --record-dir that are watched on the page at once, 0 to 1000, each by one viewer; 0 shows none. Whoever
    /// reaches the page may watch those of public matches, also while they go on, and sees the names of those who played; those of
    /// private ones whoever was in them, when they are over. Each is held in memory, and all share a thread
    #[arg(long, env = "TICKROOM_REPLAYS_MAX", value_name = "COUNT", default_value_t = Self::REPLAYS,
          value_parser = RangedU64ValueParser::<u16>::new().range(0..=1000))]
    pub replays_max: u16,

    /// Seconds from a stop signal to the end in which players play on, told how long, 0 to 3600; it ends sooner when nobody plays
    /// any more, and at once with a second signal
    #[arg(long, env = "TICKROOM_DRAIN_S", value_name = "SECONDS", default_value_t = Self::DRAIN_S,
          value_parser = seconds())]
    pub drain_s: u16,

    /// What the server is called on its admin page
    #[arg(long, env = "TICKROOM_NAME", value_name = "NAME", default_value = Self::NAME,
          value_parser = NonEmptyStringValueParser::new())]
    pub name: String,

    /// What is logged: error, warn, info, debug or trace, also for one part, as in `info,socketio=debug`
    #[arg(long, env = "TICKROOM_LOG", value_name = "FILTER", default_value = Self::LOG)]
    pub log: String,

    /// Form of the log: text for people, json for programs
    #[arg(long, env = "TICKROOM_LOG_FORMAT", value_name = "FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

/// Form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// One line for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// 0 or a rate at which a player's own surroundings fit.
fn snapshot_bytes_per_s(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(bytes) if bytes == 0 || (4096..=1_048_576).contains(&bytes) => Ok(bytes),
        _ => Err("0 or 4096 to 1048576".into()),
    }
}

/// What the ticks of a second can be divided by, and a game wants.
fn snapshot_hz(text: &str) -> Result<u8, String> {
    match text.parse() {
        Ok(hz @ (20 | 30)) => Ok(hz),
        _ => Err("20 or 30".into()),
    }
}

fn seconds() -> RangedU64ValueParser<u16> {
    RangedU64ValueParser::new().range(0..=3600)
}

impl Config {
    const HOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const PORT: u16 = 3000;
    const PLAYERS: u16 = 16;
    const VIEWERS: u16 = MatchSettings::VIEWERS_MAX as u16;
    const FILL: u16 = 8;
    const MATCHES: u32 = 64;
    const PRIVATE_MATCHES: u32 = 32;
    const SHARDS_MOST: u64 = 256;
    const WARM_MATCH: bool = true;
    const EMPTY_S: u32 = 60;
    const CONNECTIONS: u32 = 10_000;
    const PING_INTERVAL_MS: u32 = 25_000;
    const PING_TIMEOUT_MS: u32 = 20_000;
    const OUTBOX_BYTES: u32 = 1024 * 1024;
    const BOT_LEVEL: &str = "normal";
    const WARM_UP_S: u16 = 5;
    const COUNTDOWN_S: u16 = 3;
    const LIVE_S: u16 = 180;
    const SUDDEN_DEATH_S: u16 = 30;
    const RESULTS_S: u16 = 8;
    const KILLS_TO_WIN: u8 = 20;
    const LAG_COMPENSATION: bool = true;
    const INPUTS_PER_S: u32 = 60;
    const SNAPSHOT_HZ: u8 = 20;
    const SEE_ALL_MAX: u16 = MatchSettings::SEE_ALL_MAX as u16;
    const RECORD_FILES: u32 = 1000;
    const RECORD_MB: u32 = 1000;
    const RECORD_FILE_MB: u32 = 16;
    const REPLAYS: u16 = 16;
    const RECORD_FILE_MB_MOST: u64 = 64;
    /// No recording is larger, with its last frame, so nobody reads more.
    pub(crate) const RECORDING_BYTES_MAX: u64 = Self::RECORD_FILE_MB_MOST * 1_000_000 + 1_000_000;
    const DRAIN_S: u16 = 0;
    const NAME: &str = "Tickroom";
    const LOG: &str = "info";

    fn shards_default() -> u16 {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        cores.saturating_sub(1).clamp(1, Self::SHARDS_MOST as usize) as u16
    }

    /// Ticks from one snapshot of a match to the next.
    pub(crate) fn snapshot_interval_ticks(&self) -> u8 {
        (TICK_HZ / u16::from(self.snapshot_hz)) as u8
    }

    /// Longest time from a stop signal, or from the end of `drain_s`, to the end of the process, with room to spare below five
    /// seconds.
    pub const SHUTDOWN_GRACE: Duration = Duration::from_secs(3);
}

impl Default for Config {
    /// The defaults of the command line, without the environment.
    fn default() -> Self {
        Self {
            host: Self::HOST,
            port: Self::PORT,
            players_max: Self::PLAYERS,
            viewers_max: Self::VIEWERS,
            fill_to: Self::FILL,
            mode: Mode::FreeForAll,
            map_dir: None,
            matches_max: Self::MATCHES,
            private_matches_max: Self::PRIVATE_MATCHES,
            shards: Self::shards_default(),
            warm_match: Self::WARM_MATCH,
            empty_s: Self::EMPTY_S,
            connections_max: Self::CONNECTIONS,
            ping_interval_ms: Self::PING_INTERVAL_MS,
            ping_timeout_ms: Self::PING_TIMEOUT_MS,
            outbox_bytes_max: Self::OUTBOX_BYTES,
            allow_origin: Vec::new(),
            admin_token: None,
            bot_level: Level::Normal,
            warm_up_s: Self::WARM_UP_S,
            countdown_s: Self::COUNTDOWN_S,
            live_s: Self::LIVE_S,
            sudden_death_s: Self::SUDDEN_DEATH_S,
            results_s: Self::RESULTS_S,
            kills_to_win: Self::KILLS_TO_WIN,
            lag_compensation: Self::LAG_COMPENSATION,
            inputs_per_s: Self::INPUTS_PER_S,
            snapshot_bytes_per_s: MatchSettings::SNAPSHOT_BYTES_PER_S,
            snapshot_hz: Self::SNAPSHOT_HZ,
            see_all_max: Self::SEE_ALL_MAX,
            record_dir: None,
            record_files_max: Self::RECORD_FILES,
            record_mb_max: Self::RECORD_MB,
            record_file_mb_max: Self::RECORD_FILE_MB,
            replays_max: Self::REPLAYS,
            drain_s: Self::DRAIN_S,
            name: Self::NAME.to_owned(),
            log: Self::LOG.to_owned(),
            log_format: LogFormat::Text,
        }
    }
}
