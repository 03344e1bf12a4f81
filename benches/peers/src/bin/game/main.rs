//! 100 players in a match, by Tickroom, by Colyseus, and by a floor that sends as much and knows no game.
//!
//! Everybody moves in every step and sees everybody, 30 times a second, and sends 30 inputs a second; nobody fires. Each
//! server is driven by its own client: `tickroom bench`, Colyseus' SDK, and the load generator of this package.

use std::fmt::Write;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use peers::pinned::{Cores, Pinned};
use peers::statistics::Quartiles;
use serde::Serialize;

use contender::{Contender, Figures, Places};

mod contender;

/// 100 players in a match, by Tickroom, by Colyseus and by a floor
///
/// Prints a table and writes game.json and game.md into the folder of --out after each round.
#[derive(Parser, Debug)]
#[command(name = "benches/peers/run game")]
struct Words {
    /// Rounds, each with all three; fewer than 7 say little
    #[arg(long, value_name = "COUNT", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,

    /// Seconds that are counted of each
    #[arg(long, value_name = "SECONDS", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=60))]
    seconds: u32,

    /// Whether it works: 20 players, a second, once
    #[arg(long, conflicts_with_all = ["rounds", "seconds"])]
    smoke: bool,

    /// Folder for the results
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,

    /// The server of the game, built
    #[arg(long, value_name = "FILE")]
    tickroom: PathBuf,

    /// The folder of server.mjs and load.mjs, with their packages installed
    #[arg(long, value_name = "DIR")]
    colyseus: PathBuf,
}

/// One run of one contender.
#[derive(Debug, Serialize)]
struct Run {
    round: u32,
    contender: &'static str,
    figures: Figures,
}

/// Each server is asked for 30; one that sends fewer has less to do.
const STATES_HZ_LEAST: f64 = 28.5;

/// Seconds for a server to start, for its clients to come and to settle.
const AROUND_S: u32 = 6;

fn main() -> anyhow::Result<()> {
    let words = Words::parse();
    rlimit::increase_nofile_limit(u64::MAX)?;
    std::fs::create_dir_all(&words.out).with_context(|| format!("cannot make {}", words.out.display()))?;
    let (rounds, seconds) = if words.smoke {
        (1, 1)
    } else {
        (words.rounds, words.seconds)
    };
    let runs_total = rounds * Contender::ALL.len() as u32;
    let minutes = f64::from(runs_total * (seconds + AROUND_S)) / 60.0;
    println!(
        "{rounds} rounds: {runs_total} runs, about {minutes:.1} minutes; results go to {}",
        words.out.display()
    );
    let places = Places {
        tickroom: &words.tickroom,
        colyseus: &words.colyseus,
        out: &words.out,
        cores: Cores::choose()?,
        seconds,
        players: if words.smoke { 20 } else { 100 },
    };
    let bar = ProgressBar::new(runs_total.into());
    bar.set_style(
        ProgressStyle::with_template("{bar:30} {pos}/{len}  {elapsed}  {msg}")
            .expect("the template is right"),
    );
    let mut runs: Vec<Run> = Vec::new();
    for round in 0..rounds {
        for contender in Contender::ALL {
            bar.set_message(format!("round {} of {rounds}: {}", round + 1, contender.name()));
            let snapshot_bytes = of(&runs, round, "tickroom").map_or(0.0, |figures| figures.message_bytes);
            let figures = contender
                .play(&places, snapshot_bytes)
                .with_context(|| format!("{}; see servers.log", contender.name()))?;
            runs.push(Run {
                round,
                contender: contender.name(),
                figures,
            });
            bar.inc(1);
        }
        write(&words.out, &runs)?;
    }
    bar.finish_and_clear();
    print!("{}", table(&runs));
    let slowest = runs
        .iter()
        .map(|run| run.figures.messages_per_client_s)
        .fold(f64::INFINITY, f64::min);
    ensure!(
        words.smoke || slowest > STATES_HZ_LEAST,
        "a server sent {slowest:.1} states a second: the figures do not compare, was the machine busy?"
    );
    let seen = runs.iter().filter_map(|run| run.figures.players_least).min();
    ensure!(
        seen >= Some(places.players),
        "a snapshot had {seen:?} players of {}: the figures do not compare",
        places.players
    );
    Ok(())
}

fn of<'a>(runs: &'a [Run], round: u32, contender: &str) -> Option<&'a Figures> {
    let run = runs
        .iter()
        .find(|run| run.round == round && run.contender == contender)?;
    Some(&run.figures)
}

fn write(out: &Path, runs: &[Run]) -> anyhow::Result<()> {
    for (name, text) in [
        ("game.json", serde_json::to_string_pretty(runs)? + "\n"),
        ("game.md", table(runs)),
    ] {
        let path = out.join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn table(runs: &[Run]) -> String {
    let mut text = String::from(
        "| server | states a second | bytes per client and s | × Colyseus | CPU ms per client and s | × Colyseus | × floor | input to state ms, p50 / p99 | KB per client | players seen |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for contender in Contender::ALL {
        let own: Vec<&Run> = runs
            .iter()
            .filter(|run| run.contender == contender.name())
            .collect();
        let middle = |f: &dyn Fn(&Figures) -> Option<f64>, digits: usize| {
            let value = Quartiles::of(own.iter().filter_map(|run| f(&run.figures)));
            value.map_or("–".to_owned(), |value| format!("{:.digits$}", value.median))
        };
        let against = |other: &str, f: &dyn Fn(&Figures) -> f64| {
            let ratios = own
                .iter()
                .filter_map(|run| Some(f(&run.figures) / f(of(runs, run.round, other)?)));
            Quartiles::of(ratios).map_or("–".to_owned(), |ratio| {
                format!("{:.2} ({:.2}–{:.2})", ratio.median, ratio.q1, ratio.q3)
            })
        };
        let latency = match middle(&|own| own.p50_ms, 1).as_str() {
            "–" => "–".to_owned(),
            p50 => format!("{p50} / {}", middle(&|own| own.p99_ms, 1)),
        };
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {latency} | {} | {} |",
            contender.name(),
            middle(&|own| Some(own.messages_per_client_s), 1),
            middle(&|own| Some(own.bytes_per_client_s), 0),
            against("colyseus", &|own| own.bytes_per_client_s),
            middle(&|own| Some(own.cpu_ms_per_client_s), 3),
            against("colyseus", &|own| own.cpu_ms_per_client_s),
            against("floor", &|own| own.cpu_ms_per_client_s),
            middle(
                &|own| own.resident_bytes_per_client.map(|bytes| bytes / 1000.0),
                1
            ),
            middle(&|own| own.players_least.map(f64::from), 0),
        )
        .expect("writing to a string succeeds");
    }
    text
}

/// The file to which the servers complain.
fn log(out: &Path) -> anyhow::Result<File> {
    let path = out.join("servers.log");
    let file = File::options().create(true).append(true).open(&path);
    file.with_context(|| format!("cannot write {}", path.display()))
}

/// Starts one of both sides of a run.
fn start(mut command: Command, core: usize, out: &Path) -> anyhow::Result<Pinned> {
    command.stderr(log(out)?);
    Pinned::start(command, core)
}
