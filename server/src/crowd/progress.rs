//! How far a run of many clients is, for whoever waits for it.

use std::time::{Duration, Instant};

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinSet;

/// How often it is drawn.
const INTERVAL: Duration = Duration::from_millis(250);

/// A run of so many seconds, with what is said before it begins.
pub(crate) fn progress_bar(seconds: u32, message: String) -> ProgressBar {
    let bar = ProgressBar::new(seconds.into());
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} s  {msg}");
    bar.set_style(style.expect("the template is right"));
    bar.set_message(message);
    bar
}

/// Waits for all `clients` and shows the time since `start` meanwhile; `message` is given how many are left. An error is a
/// client that failed, in the words `failed`.
pub(crate) async fn show_progress(
    progress: &ProgressBar,
    start: Instant,
    clients: &mut JoinSet<()>,
    failed: &'static str,
    message: impl Fn(usize) -> String,
) -> anyhow::Result<()> {
    let seconds = progress.length().unwrap_or_default();
    let mut interval = tokio::time::interval(INTERVAL);
    loop {
        tokio::select! {
            ended = clients.join_next() => match ended {
                None => break,
                Some(ended) => ended.context(failed)?,
            },
            _ = interval.tick() => {
                progress.set_position(start.elapsed().as_secs().min(seconds));
                progress.set_message(message(clients.len()));
            }
        }
    }
    progress.finish_and_clear();
    Ok(())
}
