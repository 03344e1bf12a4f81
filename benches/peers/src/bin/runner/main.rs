//! Runs every server against every scenario, a round after the other, and tells what it cost.
//!
//! A round has each server once in each scenario, so that what disturbs the machine for a minute disturbs all of them; a
//! server is compared with the floor of the same round, and the median of these ratios is what counts.

use std::path::PathBuf;

use clap::Parser;

mod server;

mod plan;

mod rounds;

mod machine;

mod summary;

mod table;

mod plot;

/// The same load against Tickroom and its peers, one after the other on the same core
///
/// Prints a table and writes results.json, table.md and plot.svg into the folder of --out after each round: a run that is
/// ended early keeps what it has.
#[derive(Parser, Debug)]
#[command(name = "benches/peers/run", after_help = EXAMPLES)]
struct Words {
    /// Rounds, each with all servers and scenarios; fewer than 7 say little
    #[arg(long, value_name = "COUNT", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,

    /// Seconds that are counted of each load, 0.2 to 60; some take three times as long
    #[arg(long, value_name = "SECONDS", default_value_t = 4.0, value_parser = seconds)]
    seconds: f64,

    /// Servers and scenarios to run, with commas between; without servers all of them, without scenarios all of them
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    only: Vec<String>,

    /// Whether all of it works: every scenario with few clients, shortly, once; the figures mean nothing
    #[arg(long, conflicts_with_all = ["rounds", "seconds"])]
    smoke: bool,

    /// Folder for the results
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,

    /// The example room_broadcast of the Socket.IO crate, built
    #[arg(long, value_name = "FILE")]
    tickroom: PathBuf,

    /// The folder of server.mjs, with its packages installed
    #[arg(long, value_name = "DIR")]
    node: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  benches/peers/run                                        everything
  benches/peers/run --only rooms,tickroom,floor            one scenario, two servers
  benches/peers/run --rounds 3 --seconds 2                 a first look
  benches/peers/run --smoke                                whether it works";

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.2..=60.0).contains(&seconds) => Ok(seconds),
        _ => Err("it is 0.2 to 60".to_owned()),
    }
}

fn main() -> anyhow::Result<()> {
    let words = Words::parse();
    // Children inherit it, and each client is an open file on both sides.
    rlimit::increase_nofile_limit(u64::MAX)?;
    let plan = plan::Plan::new(&words)?;
    println!("{}", plan.announcement());
    rounds::play(&plan)
}
