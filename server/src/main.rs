//! The `tickroom` binary: hands over the command line and turns what went wrong into one sentence and an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    match server::cli::run(std::env::args_os().collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tickroom: {error:#}");
            ExitCode::FAILURE
        }
    }
}
