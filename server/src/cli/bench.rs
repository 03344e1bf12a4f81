//! `tickroom bench`: how long a server takes, seen by its clients.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use clap::builder::RangedU64ValueParser;
use shared::limits::PLAYERS_MAX;
use tokio::runtime::{Builder, Runtime};

use crate::bench::{Bench, Report};
use crate::config::Config;
use crate::start;

/// What `bench` takes.
#[derive(Args, Clone, Debug)]
pub(super) struct Words {
    /// Server to measure, as `http://host:port`; without one a server is started in this process
    #[arg(long, env = "TICKROOM_URL", value_name = "URL")]
    url: Option<String>,

    /// Clients in total, 1 to 5000, spread evenly over the matches
    #[arg(long, value_name = "COUNT", default_value_t = 64,
          value_parser = RangedU64ValueParser::<u32>::new().range(1..=5000))]
    clients: u32,

    /// Matches at once, 1 to 1000
    #[arg(long, value_name = "COUNT", default_value_t = 8,
          value_parser = RangedU64ValueParser::<u32>::new().range(1..=1000))]
    matches: u32,

    /// Seconds to measure, 1 to 3600
    #[arg(long, value_name = "SECONDS", default_value_t = 20,
          value_parser = RangedU64ValueParser::<u32>::new().range(1..=3600))]
    seconds: u32,

    /// Nobody fires: nobody dies, and every snapshot has everybody who is near
    #[arg(long)]
    hold_fire: bool,

    /// Process of a server on this machine, so that its CPU time and memory are told as well
    #[arg(long, value_name = "ID", requires = "url")]
    pid: Option<u32>,

    /// File to write the figures to, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  tickroom bench                                   64 clients in 8 matches for 20 s
  tickroom bench --clients 100 --matches 1         everybody in one match
  tickroom bench --url http://localhost:3000       a running server; --fill-to 0 keeps its bots out
  taskset -c 1 tickroom serve --fill-to 0 &        a server on a core of its own, and what it uses
  taskset -c 0 tickroom bench --url http://localhost:3000 --pid $!

Input to snapshot is the time from sending an input to the arrival of the first snapshot of its tick or a later one; the \
schedule is most of it: inputs go in pairs and a tick early, a snapshot follows each third tick. Jitter is how much the time \
between two snapshots of a client differs from the time between their ticks. First to last is the time from the first client \
of a match that gets the snapshot of a tick to the last: what a broadcast takes. A tick is what the simulation works on one, \
as the server's /metrics tells.

A server in this process shares the machine with its clients, and both are measured together. Every client walks, turns and \
fires by the clock, so that two runs ask the same of a server; `tickroom bots` plays the game.";

/// Measures, prints, and fails when something went wrong.
pub(super) fn run(words: &Words) -> anyhow::Result<()> {
    let (clients, matches) = (words.clients, words.matches);
    if matches > clients {
        bail!("--matches {matches} needs at least as many clients; --clients is {clients}");
    }
    let each = clients.div_ceil(matches);
    if each as usize > PLAYERS_MAX {
        bail!("a match has {PLAYERS_MAX} places, not {each}; raise --matches or lower --clients");
    }
    super::serve::log_to_stderr("warn", crate::config::LogFormat::Text)?;
    // Both ends of each connection, and the rest of the process.
    let wanted = u64::from(clients) * 2 + 64;
    if rlimit::increase_nofile_limit(wanted).unwrap_or(0) < wanted {
        tracing::warn!(
            wanted,
            "the system allows fewer open files than this may need; see ulimit -n"
        );
    }
    let report = measure(words)?;
    print!("{}", report.table());
    if let Some(path) = &words.json {
        let json = serde_json::to_string_pretty(&report)?;
        std::fs::write(path, json + "\n").with_context(|| format!("cannot write {}", path.display()))?;
    }
    if report.is_clean() {
        Ok(())
    } else {
        bail!("there were disconnects or decode errors; see the table")
    }
}

fn measure(words: &Words) -> anyhow::Result<Report> {
    let bench = |url| Bench {
        url,
        clients: words.clients,
        matches: words.matches,
        seconds: words.seconds,
        may_fire: !words.hold_fire,
        process: words.pid,
    };
    let clients = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let Some(url) = &words.url else {
        // Threads of its own: what the clients do must not wait for the server's tasks, nor these for the clients.
        let serving = Runtime::new()?;
        let server = serving.block_on(start(own_server(words)))?;
        let report = clients.block_on(bench(format!("http://{}", server.address())).run());
        serving.block_on(server.shutdown());
        return report;
    };
    clients.block_on(bench(url.clone()).run())
}

/// A server with room for exactly this, and without bots.
fn own_server(words: &Words) -> Config {
    let each = words.clients.div_ceil(words.matches);
    let defaults = Config::default();
    Config {
        port: 0,
        players_max: u16::try_from(each).unwrap_or(u16::MAX).max(defaults.players_max),
        matches_max: words.matches.max(defaults.matches_max),
        connections_max: words.clients.saturating_add(64).max(defaults.connections_max),
        fill_to: 0,
        ..defaults
    }
}
