//! The load generator: one thread that plays all clients of a scenario against a server and counts.
//!
//! ```text
//! load ADDRESS SERVER_PID SCENARIO SECONDS [small]
//! ```
//!
//! It must cost little, since it shares the machine: frames are read where they arrived, and nothing is decoded that is not
//! counted. Its own CPU is part of what it tells.

use std::net::SocketAddr;

use anyhow::{Context, bail};
use peers::scenario::Scenario;

use crowd::Crowd;

mod tally;

mod websocket;

mod polling;

mod crowd;

fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (address, pid, name, seconds, smaller) = match words[..] {
        [address, pid, name, seconds] => (address, pid, name, seconds, false),
        [address, pid, name, seconds, "small"] => (address, pid, name, seconds, true),
        _ => bail!("load ADDRESS SERVER_PID SCENARIO SECONDS [small]"),
    };
    let address: SocketAddr = address
        .parse()
        .context("the address is not like 127.0.0.1:3000")?;
    let scenario = *Scenario::named(name).with_context(|| format!("there is no scenario {name}"))?;
    let scenario = if smaller { scenario.smaller() } else { scenario };
    rlimit::increase_nofile_limit(u64::MAX)?;
    let crowd = Crowd::new(
        address,
        pid.parse().context("the id of the server is no number")?,
        scenario,
    )?;
    let outcome = crowd.run(seconds.parse().context("the seconds are no number")?)?;
    println!("{}", serde_json::to_string(&outcome)?);
    Ok(())
}
