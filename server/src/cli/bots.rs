//! `tickroom bots`: headless matches, with figures at the end.

use std::path::PathBuf;

use anyhow::{Context, bail};
use arena::bot::level::Level;
use clap::Args;
use clap::builder::RangedU64ValueParser;
use shared::limits::PLAYERS_MAX;

use crate::bots::{Comparison, Pause, Report, Tournament};
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

    /// So many of the players stop reading and sending for a while, 3 s after counting began; then they go on as a page does
    #[arg(long, value_name = "COUNT",
          value_parser = RangedU64ValueParser::<u32>::new().range(1..=2000))]
    pause: Option<u32>,

    /// For how many seconds they stop, 3 to 600; after 2 the server sends them nothing, after 10 it closes their connection,
    /// and 30 later their seat is gone
    #[arg(long, value_name = "SECONDS", default_value_t = 5, requires = "pause",
          value_parser = RangedU64ValueParser::<u32>::new().range(3..=600))]
    pause_s: u32,

    /// Rounds of --seconds without and with the pause in turns, so many of each, 1 to 100; at the end the medians of the others,
    /// and the ratio of the two
    #[arg(long, value_name = "COUNT", requires = "pause", conflicts_with = "record",
          value_parser = RangedU64ValueParser::<u32>::new().range(1..=100))]
    rounds: Option<u32>,

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
  tickroom bots --pause 4                                         4 of them stop for 5 s: who comes back how, and at what cost
  tickroom bots --pause 4 --pause-s 25 --seconds 40 --rounds 5    what the others feel of it, against rounds without a pause

Links, one way: fibre 5 ms + 1 of jitter, 100 Mbit/s; wifi 20 + 4, 20 Mbit/s; 4g 40 + 12, 5 Mbit/s; lossy 40 + 5, one \
segment of 200 lost for 160 ms, 2.2 Mbit/s; train 60 + 20, one of 100 lost for 200 ms, 0.9 Mbit/s. They come on top of \
the real way.

Everything is counted while all play, not while they take their seats and their clocks settle. Input to snapshot is the \
time from writing the message that first carries an input to the arrival of the first snapshot of its tick or a later one; \
inputs that came too late for their tick are counted apart: messages as their sender learns of it, inputs as the server \
counts them. A correction is a snapshot in which the own player is not as it was predicted: hit, pushed, put elsewhere, or \
steered by an input that came too late. The bots share this machine with a server in process, so both are measured together.

Those who pause are left out of input to snapshot and snapshot to snapshot, so these tell of the others. Whoever pauses comes back by a keyframe over the same connection, or, when the server has closed it, to the same seat by its token, or, when that is gone, to a new one; none of these ends counts as a disconnect. The memory of a paused player is by how much this process was larger at the end of the pause than just before it, shared out among them.";

/// What is printed, and written as JSON.
enum Outcome {
    Run(Box<Report>),
    Rounds(Comparison),
}

/// Plays, prints, and fails when something went wrong.
pub(super) fn run(bots: Bots) -> anyhow::Result<()> {
    check(&bots)?;
    super::serve::log_to_stderr("warn", crate::config::LogFormat::Text)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(play(&bots))?;
    let (table, json, is_clean) = match &outcome {
        Outcome::Run(report) => (
            report.table(),
            serde_json::to_string_pretty(report)?,
            report.is_clean(),
        ),
        Outcome::Rounds(rounds) => (
            rounds.table(),
            serde_json::to_string_pretty(rounds)?,
            rounds.is_clean(),
        ),
    };
    print!("{table}");
    if let Some(path) = &bots.json {
        std::fs::write(path, json + "\n").with_context(|| format!("cannot write {}", path.display()))?;
    }
    if is_clean {
        Ok(())
    } else {
        bail!("there were disconnects, decode errors, or players that did not come back; see the table")
    }
}

/// What no flag alone can tell.
fn check(bots: &Bots) -> anyhow::Result<()> {
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
    let Some(pause) = pause(bots) else {
        return Ok(());
    };
    if pause.players >= bots.players {
        bail!(
            "--pause {} leaves nobody who plays on; --players is {}",
            pause.players,
            bots.players
        );
    }
    if bots.seconds < pause.seconds + AROUND_A_PAUSE_S {
        bail!(
            "a pause of {} s begins after 3 s and needs time to end; --seconds must be {} at least",
            pause.seconds,
            pause.seconds + AROUND_A_PAUSE_S
        );
    }
    Ok(())
}

/// Three before it, and as many to come back.
const AROUND_A_PAUSE_S: u32 = 6;

fn pause(bots: &Bots) -> Option<Pause> {
    let players = bots.pause?;
    Some(Pause {
        players,
        seconds: bots.pause_s,
    })
}

async fn play(bots: &Bots) -> anyhow::Result<Outcome> {
    let Some(rounds) = bots.rounds else {
        return Ok(Outcome::Run(Box::new(play_once(bots, pause(bots)).await?)));
    };
    let mut comparison = Comparison::default();
    for _ in 0..rounds {
        let without = play_once(bots, None).await?;
        comparison.push(without, play_once(bots, pause(bots)).await?);
    }
    Ok(Outcome::Rounds(comparison))
}

async fn play_once(bots: &Bots, pause: Option<Pause>) -> anyhow::Result<Report> {
    let tournament = |url| Tournament {
        url,
        players: bots.players,
        matches: bots.matches,
        seconds: bots.seconds,
        level: bots.level,
        seed: bots.seed,
        link: bots.link,
        link_seed: bots.link_seed,
        pause,
        apart: bots.pause.unwrap_or(0),
        in_process: bots.url.is_none(),
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
