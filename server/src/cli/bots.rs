//! `tickroom bots`: headless matches, with figures at the end.

use std::path::PathBuf;

use anyhow::{Context, bail};
use arena::bot::level::Level;
use clap::Args;
use clap::builder::RangedU64ValueParser;
use shared::limits::PLAYERS_MAX;

use crate::bots::{Report, Tournament};
use crate::config::Config;
use crate::start;

/// What `bots` takes.
#[derive(Args, Clone, Debug)]
pub(super) struct Bots {
    /// Server to play on, as `http://host:port`; without one a server is started in this process
    #[arg(long, env = "TICKROOM_URL", value_name = "URL")]
    url: Option<String>,

    /// Players in total, 1 to 2000, spread evenly over the matches
    #[arg(long, value_name = "COUNT", default_value_t = 16,
          value_parser = RangedU64ValueParser::<u32>::new().range(1..=2000))]
    players: u32,

    /// Matches at once, 1 to 500
    #[arg(long, value_name = "COUNT", default_value_t = 2,
          value_parser = RangedU64ValueParser::<u32>::new().range(1..=500))]
    matches: u32,

    /// Seconds to play, 1 to 3600
    #[arg(long, value_name = "SECONDS", default_value_t = 20,
          value_parser = RangedU64ValueParser::<u32>::new().range(1..=3600))]
    seconds: u32,

    /// How well they play: easy, normal or hard
    #[arg(long, value_name = "LEVEL", default_value = "normal")]
    level: Level,

    /// Number from which all their choices follow; the same number makes the same bots
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,

    /// Directory for recordings of the matches, to be played again with `tickroom replay`; only of the server in this process
    #[arg(long, value_name = "DIR", conflicts_with = "url")]
    record: Option<PathBuf>,

    /// File to write the figures to, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  tickroom bots                                                   16 players in 2 matches for 20 s
  tickroom bots --players 64 --matches 8 --seconds 20             more of them
  tickroom bots --url http://localhost:3000 --json figures.json   against a running server
  tickroom bots --record recordings                               and each match as a file that can be played again

Everything is counted while all play, not while they take their seats. Input to snapshot is the time from sending an \
input to the arrival of the first snapshot of its tick or a later one; inputs that came too late for their tick are counted \
apart. The bots share this machine with a server in process, so both are measured together.";

/// Plays, prints, and fails when something went wrong.
pub(super) fn run(bots: Bots) -> anyhow::Result<()> {
    if bots.matches > bots.players {
        bail!(
            "--matches {} needs at least as many players; --players is {}",
            bots.matches,
            bots.players
        );
    }
    let each = bots.players.div_ceil(bots.matches);
    if each as usize > PLAYERS_MAX {
        bail!("a match has {PLAYERS_MAX} places, not {each}; raise --matches or lower --players");
    }
    super::serve::log_to_stderr("warn", crate::config::LogFormat::Text)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let report = runtime.block_on(play(&bots))?;
    print!("{}", report.table());
    if let Some(path) = &bots.json {
        let json = serde_json::to_string_pretty(&report)?;
        std::fs::write(path, json + "\n").with_context(|| format!("cannot write {}", path.display()))?;
    }
    if report.is_clean() {
        Ok(())
    } else {
        bail!("there were disconnects or decode errors; see the table")
    }
}

async fn play(bots: &Bots) -> anyhow::Result<Report> {
    let tournament = |url| Tournament {
        url,
        players: bots.players,
        matches: bots.matches,
        seconds: bots.seconds,
        level: bots.level,
        seed: bots.seed,
    };
    match &bots.url {
        Some(url) => tournament(url.clone()).play().await,
        None => {
            let server = start(own_server(bots)).await?;
            let report = tournament(format!("http://{}", server.address())).play().await;
            server.shutdown().await;
            report
        }
    }
}

/// A server with room for exactly this.
fn own_server(bots: &Bots) -> Config {
    let each = bots.players.div_ceil(bots.matches);
    let defaults = Config::default();
    Config {
        port: 0,
        players_max: u16::try_from(each).unwrap_or(u16::MAX).max(defaults.players_max),
        matches_max: bots.matches.max(defaults.matches_max),
        bot_level: bots.level,
        record_dir: bots.record.clone(),
        ..defaults
    }
}
