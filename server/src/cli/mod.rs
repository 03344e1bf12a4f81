//! The command line.

use clap::{Parser, Subcommand};

use crate::config::Config;

mod serve;

/// An authoritative multiplayer game server: fixed ticks, binary snapshots, Socket.IO.
///
/// Without a command it serves the demo game: open the printed address in a browser and play. Every setting can also
/// come from the environment variable named beside it; the flag wins.
#[derive(Parser, Debug)]
#[command(name = "tickroom", version, args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    serve: Config,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Serves the game and its page (the default)
    ///
    /// Runs until Ctrl-C or SIGTERM: then players are told, connections are closed, and the exit code is 0.
    #[command(after_help = EXAMPLES)]
    Serve(Config),
}

const EXAMPLES: &str = "\
Examples:
  tickroom                                  play at http://localhost:3000
  tickroom serve --port 8080 --fill-to 0    another port, no bots
  tickroom serve --host 0.0.0.0             for every network of this machine
  TICKROOM_LOG=debug tickroom               with more in the log

What it answers besides the page:
  /socket.io/         the game (Socket.IO), with the client at /socket.io/socket.io.js
  /healthz            200 while it plays, 503 while it shuts down
  /metrics            figures for Prometheus
  /api/matches        the running matches; /api/matches/1 one of them, with every player's position";

impl Cli {
    /// Does what the command line says; returns when that is done.
    pub fn run(self) -> anyhow::Result<()> {
        match self.command {
            Some(Command::Serve(config)) => serve::run(config),
            None => serve::run(self.serve),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    fn port(words: &[&str]) -> Option<u16> {
        let cli = Cli::try_parse_from(std::iter::once("tickroom").chain(words.iter().copied())).ok()?;
        Some(match cli.command {
            Some(Command::Serve(config)) => config.port,
            None => cli.serve.port,
        })
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
            .serve;
        assert_eq!(format!("{parsed:?}"), format!("{:?}", Config::default()));
    }
}
