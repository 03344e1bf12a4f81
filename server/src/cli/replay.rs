//! `tickroom replay`: plays a recorded match again and checks every second of it.

use std::fmt::Write;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use shared::tick::{TICK_HZ, TICK_NS};
use simulation::recording::frame::End;
use simulation::replay::{Outcome, Progress, RunningReplay};

use crate::config::Config;
use crate::games;

/// What `replay` takes.
#[derive(Args, Clone, Debug)]
pub(super) struct Replay {
    /// Recording to play, as `--record-dir` or `tickroom bots --record` wrote it
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  tickroom bots --record recordings                    plays and records two matches
  tickroom replay recordings/1764201600000-match-1.replay

A recording holds what people did and the hash of the world for each second; bots and chance follow from its seed. It can \
be played by a program with the same rules, on any machine.";

/// Ticks between two looks at the progress: some milliseconds.
const TICKS_AT_ONCE: u32 = 600;

/// Reads, plays, prints; fails at the first difference.
pub(super) fn run(replay: &Replay) -> anyhow::Result<()> {
    let path = replay.file.display();
    let bytes = read(&replay.file)?;
    let mut running = games::open_replay(&bytes).with_context(|| path.to_string())?;
    let started = Instant::now();
    let outcome = play(&mut *running).with_context(|| path.to_string())?;
    print!("{}", report(&*running, &outcome, started.elapsed()));
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let cannot_read = || format!("cannot read {}", path.display());
    let file = File::open(path).with_context(cannot_read)?;
    let mut bytes = Vec::new();
    file.take(Config::RECORDING_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .with_context(cannot_read)?;
    ensure!(
        bytes.len() as u64 <= Config::RECORDING_BYTES_MAX,
        "{} is larger than any recording",
        path.display()
    );
    Ok(bytes)
}

/// Plays to the end; the bar shows itself on a terminal alone.
fn play(running: &mut dyn RunningReplay) -> anyhow::Result<Outcome> {
    let bar = ProgressBar::new(running.summary().end_tick.0.into());
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} ticks  {elapsed}");
    bar.set_style(style.expect("the template is right"));
    let outcome = loop {
        match running.advance(TICKS_AT_ONCE) {
            Ok(Progress::Running) => bar.set_position(running.tick().0.into()),
            Ok(Progress::Done(outcome)) => break Ok(outcome),
            Err(error) => break Err(error.into()),
        }
    };
    bar.finish_and_clear();
    outcome
}

/// For people.
fn report(running: &dyn RunningReplay, outcome: &Outcome, took: Duration) -> String {
    let (header, summary, status) = (running.header(), running.summary(), &outcome.status);
    let played = Duration::from_nanos(TICK_NS * u64::from(status.tick.0));
    let faster = played.as_secs_f64() / took.as_secs_f64().max(1e-9);
    let end = match (&outcome.crash, summary.end) {
        (Some(text), _) => format!("the rules panicked, as they did when it was recorded: {text}"),
        (None, End::Cut) => "the recording reached its bound; the match went on".to_owned(),
        (None, _) => "the match was closed".to_owned(),
    };
    let rows = [
        ("game", format!("{} (rules {})", header.game, header.rules)),
        ("recorded by", format!("tickroom {}", header.version)),
        ("match", header.match_id.to_string()),
        ("seed", header.seed.to_string()),
        (
            "ticks",
            format!(
                "{}, {} s of play",
                status.tick.0,
                status.tick.0 / u32::from(TICK_HZ)
            ),
        ),
        ("people who came", summary.joins.to_string()),
        ("phase", status.phase.to_owned()),
        ("end", end),
        ("checked", format!("{} hashes, all equal", summary.hashes)),
        (
            "replayed in",
            format!("{:.3} s, {faster:.0} times as fast", took.as_secs_f64()),
        ),
    ];
    let mut text = String::new();
    for (name, value) in rows {
        writeln!(text, "{name:16} {value}").expect("writing to a string succeeds");
    }
    let mut players: Vec<_> = status.players.iter().collect();
    players.sort_by_key(|player| std::cmp::Reverse(player.score));
    for player in players {
        let kind = if player.bot { "bot" } else { "person" };
        writeln!(text, "  {:6} {:6} {}", player.score, kind, player.name)
            .expect("writing to a string succeeds");
    }
    text
}
