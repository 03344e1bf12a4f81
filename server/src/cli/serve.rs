//! `tickroom serve`: starts the server, says where it is, and waits for a signal to stop.

use std::io::{IsTerminal, Write};

use anyhow::Context;
use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};
use crate::{RunningServer, shutdown, start};

/// Serves until a signal comes.
pub(super) fn run(config: Config) -> anyhow::Result<()> {
    log_to_stderr(&config.log, config.log_format)?;
    make_room_for_files(&config);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the network threads cannot be started")?;
    let outcome = runtime.block_on(serve(config));
    // What still runs after the grace period (a stalled connection) must not keep the process alive.
    runtime.shutdown_background();
    outcome
}

/// Raises the limit of open files of this process as far as the system lets it, and says when that is not enough.
fn make_room_for_files(config: &Config) {
    let wanted = files_wanted(config);
    match rlimit::increase_nofile_limit(wanted) {
        Ok(limit) if limit >= wanted => {}
        Ok(limit) => tracing::warn!(
            limit,
            wanted,
            "the system allows fewer open files than --connections-max needs, and --matches-max with --record-dir; raise the limit (ulimit -n) or lower the settings"
        ),
        Err(error) => tracing::warn!(%error, "the limit of open files cannot be read"),
    }
}

/// Every connection is an open file, and so is the recording of every match.
fn files_wanted(config: &Config) -> u64 {
    /// Files of the process itself: listening, logs, threads.
    const OTHER_FILES: u64 = 64;
    let recordings = config.record_dir.as_ref().map_or(0, |_| config.matches_max);
    u64::from(config.connections_max) + u64::from(recordings) + OTHER_FILES
}

/// Starts the log; `filter` is what `--log` takes.
pub(super) fn log_to_stderr(filter: &str, format: LogFormat) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter)
        .with_context(|| format!("--log does not understand '{filter}'; try info or debug"))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}

async fn serve(config: Config) -> anyhow::Result<()> {
    // The handlers are in place before anybody can know the address, so a signal is never lost.
    let mut signal = shutdown::Signal::listen().context("signals cannot be received")?;
    let server = start(config).await?;
    greet(&server);
    let name = signal.received().await;
    tracing::info!(signal = name, "shutting down");
    tokio::select! {
        () = server.drain() => {}
        again = signal.received() => tracing::info!(signal = again, "shutting down at once"),
    }
    server.shutdown().await;
    Ok(())
}

/// The one line on standard output; scripts read the address from it.
fn greet(server: &RunningServer) {
    let address = server.address();
    let page = if client_web::client_built() {
        "Play at"
    } else {
        "Running without its page at"
    };
    let mut out = std::io::stdout().lock();
    // Nobody may be reading; the server serves all the same.
    let _ = writeln!(out, "{page} http://{address}");
    let _ = out.flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_that_are_recorded_need_a_file_each() {
        let check = |record_dir: Option<&str>, wanted| {
            let config = Config {
                connections_max: 1000,
                matches_max: 200,
                record_dir: record_dir.map(Into::into),
                ..Config::default()
            };
            assert_eq!(files_wanted(&config), wanted, "{record_dir:?}");
        };
        check(None, 1064);
        check(Some("recordings"), 1264);
    }
}
