//! The `tickroom` binary: reads the command line and turns what went wrong into one sentence and an exit code.

use std::process::ExitCode;

use clap::Parser;
use server::cli::Cli;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tickroom: {error:#}");
            ExitCode::FAILURE
        }
    }
}
