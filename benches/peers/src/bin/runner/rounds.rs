//! Plays the rounds and keeps what they tell.

use std::fs::File;
use std::process::{Command, Stdio};

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use peers::outcome::Outcome;
use peers::scenario::{Kind, Scenario};
use serde::Serialize;

use crate::machine::Machine;
use crate::plan::Plan;
use crate::server::{Server, beside};
use crate::summary::{self, Row};
use crate::{plot, table};
use peers::pinned::{Cores, Pinned, hurried};

/// One run of one server.
#[derive(Debug, Serialize)]
pub(crate) struct Run {
    pub(crate) round: u32,
    pub(crate) scenario: &'static str,
    pub(crate) server: &'static str,
    /// `None` when it failed.
    pub(crate) outcome: Option<Outcome>,
    /// Why it failed.
    pub(crate) error: Option<String>,
}

/// The file for programs.
#[derive(Serialize)]
struct Results<'a> {
    machine: &'a Machine,
    seconds: f64,
    rows: &'a [Row],
    runs: &'a [Run],
}

/// Plays all of it; fails when a run did.
pub(crate) fn play(plan: &Plan) -> anyhow::Result<()> {
    let cores = Cores::choose()?;
    if cores.server == cores.load {
        eprintln!("there is one core alone: server and load generator share it, and the figures mean little");
    }
    let machine = Machine::look(plan, cores);
    let pairs = plan.pairs();
    let progress = progress(pairs.len() as u64 * u64::from(plan.rounds));
    let mut runs = Vec::new();
    let mut rows = Vec::new();
    for round in 0..plan.rounds {
        for turn in 0..pairs.len() {
            let (scenario, server) = turned(plan, &pairs, turn, round);
            progress.set_message(format!(
                "round {} of {}: {}, {}",
                round + 1,
                plan.rounds,
                scenario.name,
                server.name
            ));
            let played = run(plan, cores, scenario, server);
            let (outcome, error) = match played {
                Ok(outcome) => (Some(outcome), None),
                Err(error) => (None, Some(format!("{error:#}"))),
            };
            if let Some(error) = &error {
                progress.suspend(|| eprintln!("{}, {}: {error}", scenario.name, server.name));
            }
            runs.push(Run {
                round,
                scenario: scenario.name,
                server: server.name,
                outcome,
                error,
            });
            progress.inc(1);
        }
        rows = summary::rows(plan, &runs);
        write(plan, &machine, &rows, &runs)?;
        if progress.is_hidden() {
            eprintln!("round {} of {} is over", round + 1, plan.rounds);
        }
    }
    progress.finish_and_clear();
    print!("{}", table::text(plan, &machine, &rows));
    let failed = runs.iter().filter(|run| run.outcome.is_none()).count();
    anyhow::ensure!(failed == 0, "{failed} of {} runs failed", runs.len());
    Ok(())
}

/// Another server starts in each round, lest one always runs behind the same other.
fn turned<'a>(
    plan: &Plan,
    pairs: &[(&'a Scenario, &'static Server)],
    turn: usize,
    round: u32,
) -> (&'a Scenario, &'static Server) {
    let (scenario, _) = pairs[turn];
    let first = pairs
        .iter()
        .position(|(other, _)| other.name == scenario.name)
        .expect("the pair is among them");
    let count = pairs
        .iter()
        .filter(|(other, _)| other.name == scenario.name)
        .count();
    debug_assert!(
        count <= plan.servers.len(),
        "a server plays a scenario once in a round"
    );
    pairs[first + (turn - first + round as usize) % count]
}

fn run(plan: &Plan, cores: Cores, scenario: &Scenario, server: &Server) -> anyhow::Result<Outcome> {
    let log = || {
        let path = plan.out.join("servers.log");
        let file = File::options().create(true).append(true).open(&path);
        file.with_context(|| format!("cannot write {}", path.display()))
    };
    let mut command = server.command(&plan.tickroom, &plan.node)?;
    command
        .env("PORT", "0")
        .env("RATE", scenario.rate_hz.to_string())
        .env("SIZE", scenario.bytes.to_string())
        .env("ECHO", if scenario.kind == Kind::Echo { "1" } else { "0" })
        .env("PING_INTERVAL_MS", scenario.ping_interval_ms.to_string())
        .stderr(log()?);
    let mut playing = Pinned::start(command, cores.server)?;
    let greeting = playing
        .line()
        .with_context(|| format!("{}: see servers.log", server.name))?;
    let address = greeting
        .strip_prefix("listening on ")
        .with_context(|| format!("it says '{greeting}'"))?;
    let program = beside("load")?;
    let mut command = if plan.hurries {
        hurried(&program)
    } else {
        Command::new(program)
    };
    command.args([
        address,
        &playing.id().to_string(),
        scenario.name,
        &plan.seconds.to_string(),
    ]);
    if plan.smoke {
        command.arg("small");
    }
    let mut load = Pinned::start(
        {
            command.stderr(Stdio::from(log()?));
            command
        },
        cores.load,
    )?;
    let line = load
        .line()
        .context("the load generator gave up; see servers.log")?;
    serde_json::from_str(&line).context("the load generator tells no outcome")
}

fn write(plan: &Plan, machine: &Machine, rows: &[Row], runs: &[Run]) -> anyhow::Result<()> {
    let results = Results {
        machine,
        seconds: plan.seconds,
        rows,
        runs,
    };
    let files = [
        ("results.json", serde_json::to_string_pretty(&results)? + "\n"),
        ("table.md", table::text(plan, machine, rows)),
        ("plot.svg", plot::svg(plan, rows)),
    ];
    for (name, text) in files {
        let path = plan.out.join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn progress(total: u64) -> ProgressBar {
    let bar = ProgressBar::new(total);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  {elapsed} of about {duration}  {msg}");
    bar.set_style(style.expect("the template is right"));
    bar
}
