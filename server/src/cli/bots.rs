//! `tickroom bots`: headless matches, with figures at the end.

use std::path::PathBuf;

use anyhow::{Context, bail};
use arena::bot::level::Level;
use clap::Args;
use clap::builder::RangedU64ValueParser;
use shared::limits::PLAYERS_MAX;

use crate::bots::{Report, Tournament};
use crate::config::Config;
use crate::link::Preset;
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

    /// What lies between each bot and the server: fibre, wifi, 4g, lossy or train; each way has its latency, jitter, losses
    /// that hold up what is behind them, and bandwidth
    #[arg(long, value_name = "LINK")]
    link: Option<Preset>,

    /// Number from which all delays of the link follow
    #[arg(long, value_name = "NUMBER", default_value_t = 1, requires = "link")]
    link_seed: u32,

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
  tickroom bots --link 4g                                         as if each played on a telephone
  tickroom bots --record recordings                               and each match as a file that can be played again

Links, one way: fibre 5 ms + 1 of jitter, 100 Mbit/s; wifi 20 + 4, 20 Mbit/s; 4g 40 + 12, 5 Mbit/s; lossy 40 + 5, one \
segment of 200 lost for 160 ms, 2.2 Mbit/s; train 60 + 20, one of 100 lost for 200 ms, 0.9 Mbit/s. They come on top of \
the real way.

Everything is counted while all play, not while they take their seats and their clocks settle. Input to snapshot is the \
time from writing the message that first carries an input to the arrival of the first snapshot of its tick or a later one; \
inputs that came too late for their tick are counted apart: messages as their sender learns of it, inputs as the server \
counts them. A correction is a snapshot in which the own player is not as it was predicted: hit, pushed, put elsewhere, or \
steered by an input that came too late. The bots share this machine with a server in process, so both are measured together.";

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
        link: bots.link,
        link_seed: bots.link_seed,
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
