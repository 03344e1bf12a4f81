//! The command line.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Context;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::config::Config;
use crate::config_file::{self, FromFile};

mod bench;

mod bots;

mod replay;

mod serve;

/// An authoritative multiplayer game server: fixed ticks, binary snapshots, Socket.IO.
///
/// Without a command it serves the demo game: open the printed address in a browser and play. Every setting can also
/// come from the environment variable named beside it or from a file; the flag wins.
#[derive(Parser, Debug)]
#[command(name = "tickroom", version, args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    serve: Serve,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Serves the game and its page (the default)
    ///
    /// Runs until Ctrl-C or SIGTERM: then players are told, connections are closed, and the exit code is 0.
    #[command(after_help = EXAMPLES)]
    Serve(Serve),
    /// Plays matches without a browser: bots over real sockets, with figures at the end
    ///
    /// Without --url it starts a server in this process. The exit code is not 0 when a bot was disconnected or
    /// received something that does not decode.
    #[command(after_help = bots::EXAMPLES)]
    Bots(bots::Bots),
    /// Measures a server: many clients over real sockets, and when their inputs are answered
    ///
    /// Without --url it starts a server in this process. The exit code is not 0 when a client was disconnected or
    /// received something that does not decode.
    #[command(after_help = bench::EXAMPLES)]
    Bench(bench::Words),
    /// Plays a recorded match again, faster than it was, and checks every second of it
    ///
    /// The exit code is not 0 when the file is no whole recording of this program's rules, and when the world differs from
    /// the recorded one: then the first tick is named at which it does.
    #[command(after_help = replay::EXAMPLES)]
    Replay(replay::Replay),
}

/// What `serve` takes.
#[derive(Args, Clone, Debug)]
struct Serve {
    #[command(flatten)]
    config: Config,

    /// File with settings (TOML, named like the flags: players_max = 8)
    #[arg(
        long = "config",
        id = "config_path",
        env = "TICKROOM_CONFIG",
        value_name = "FILE"
    )]
    path: Option<PathBuf>,

    /// Prints the settings in force and where each comes from, and ends
    #[arg(long)]
    print_config: bool,
}

const EXAMPLES: &str = "\
Examples:
  tickroom                                  play at http://localhost:3000
  tickroom serve --port 8080 --fill-to 0    another port, no bots
  tickroom serve --host 0.0.0.0             for every network of this machine
  tickroom serve --config game.toml         settings from a file
  tickroom serve --print-config             what is in force, and why
  TICKROOM_LOG=debug tickroom               with more in the log
  tickroom bots --players 64 --matches 8    headless matches, with figures
  tickroom bench --clients 64 --matches 8   how long the server takes
  tickroom --record-dir recordings          every match as a file for `tickroom replay`

What it answers besides the page:
  /socket.io/         the game (Socket.IO), with the client at /socket.io/socket.io.js
  /healthz            200 while it plays, 503 while it shuts down or a thread of matches is stuck
  /metrics            figures for Prometheus
  /api/matches        the running matches; /api/matches/1 one of them, with every player's position";

/// Does what these words say, the first being the program's name; returns when that is done. Wrong words end the
/// process with a sentence that says what to do.
pub fn run(words: Vec<OsString>) -> anyhow::Result<()> {
    let matches = Cli::command().get_matches_from(&words);
    if let Some(("bots", matches)) = matches.subcommand() {
        return bots::run(bots::Bots::from_arg_matches(matches)?);
    }
    if let Some(("bench", matches)) = matches.subcommand() {
        return bench::run(&bench::Words::from_arg_matches(matches)?);
    }
    if let Some(("replay", matches)) = matches.subcommand() {
        return replay::run(&replay::Replay::from_arg_matches(matches)?);
    }
    let (serve, described) = with_file(words, &matches)?;
    if serve.print_config {
        print!("{described}");
        return Ok(());
    }
    serve::run(serve.config)
}

/// Reads the file, if one is named, and parses again with what it adds; also gives the settings in force as text.
fn with_file(words: Vec<OsString>, matches: &ArgMatches) -> anyhow::Result<(Serve, String)> {
    let known = names();
    let given = serve_matches(matches);
    let Some(path) = given.get_one::<PathBuf>("config_path") else {
        return Ok((
            Serve::from_arg_matches(given)?,
            config_file::describe(&known, given, &FromFile::default()),
        ));
    };
    let from_file = config_file::read(path, &known, given)?;
    // Behind the program's name and the command, before the flags.
    let head = if matches.subcommand_name().is_some() { 2 } else { 1 };
    let all = words[..head].iter().chain(&from_file.words).chain(&words[head..]);
    let matches = Cli::command()
        .try_get_matches_from(all)
        .with_context(|| format!("in {}", path.display()))?;
    let in_force = serve_matches(&matches);
    Ok((
        Serve::from_arg_matches(in_force)?,
        config_file::describe(&known, in_force, &from_file),
    ))
}

fn serve_matches(matches: &ArgMatches) -> &ArgMatches {
    matches.subcommand().map_or(matches, |(_, matches)| matches)
}

/// Names of all settings.
fn names() -> BTreeSet<String> {
    let command = Config::augment_args(clap::Command::new("settings"));
    command
        .get_arguments()
        .map(|argument| argument.get_id().to_string())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    fn port(words: &[&str]) -> Option<u16> {
        let cli = Cli::try_parse_from(std::iter::once("tickroom").chain(words.iter().copied())).ok()?;
        match cli.command {
            Some(Command::Serve(serve)) => Some(serve.config.port),
            Some(Command::Bots(_) | Command::Bench(_) | Command::Replay(_)) => None,
            None => Some(cli.serve.config.port),
        }
    }

    #[test]
    fn serve_is_the_default_command() {
        assert_eq!(port(&[]), Some(3000));
        assert_eq!(port(&["--port", "5"]), Some(5));
        assert_eq!(port(&["serve", "--port", "5"]), Some(5));
        assert_eq!(port(&["--port", "65536"]), None);
        assert_eq!(port(&["--players-max", "0"]), None);
        assert_eq!(port(&["--players-max", "129"]), None);
        assert_eq!(port(&["--unheard-of"]), None);
    }

    #[test]
    fn the_default_config_is_the_command_line_without_words() {
        let parsed = Cli::try_parse_from(["tickroom"])
            .expect("no word is needed")
            .serve
            .config;
        assert_eq!(format!("{parsed:?}"), format!("{:?}", Config::default()));
    }
}
