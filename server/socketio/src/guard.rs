//! The border around code of the application: a panic in it ends there, counted and logged.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::timeout;

use crate::stats::{self, Stats};

/// Runs code of the application that hears of an event. Returns whether it came back.
pub(crate) fn guarded_event(stats: &Stats, namespace: &str, event: &str, run: impl FnOnce()) -> bool {
    // As below.
    let finished = catch_unwind(AssertUnwindSafe(run)).is_ok();
    if !finished {
        report_event_panic(stats, namespace, event);
    }
    finished
}

/// Runs code of the application. Returns whether it came back.
pub(crate) fn guarded(stats: &Stats, run: impl FnOnce()) -> bool {
    // Whatever the closure leaves half done belongs to the application.
    let finished = catch_unwind(AssertUnwindSafe(run)).is_ok();
    if !finished {
        report_panic(stats);
    }
    finished
}

/// Waits for what the application gives, at most `patience` long. The error says what kept it.
pub(crate) async fn guarded_future<T>(
    stats: &Stats,
    patience: Duration,
    start: impl FnOnce() -> BoxFuture<'static, T>,
) -> Result<T, &'static str> {
    let mut future = None;
    guarded(stats, || future = Some(start()));
    let future = future.ok_or("it panicked")?;
    match timeout(patience, AssertUnwindSafe(future).catch_unwind()).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(_)) => {
            report_panic(stats);
            Err("it panicked")
        }
        Err(_) => Err("it took too long"),
    }
}

pub(crate) fn report_panic(stats: &Stats) {
    stats::increment(&stats.handler_panics);
    tracing::error!("a handler panicked");
}

/// The same for the handler of one event: `event` is as its client has named it, ids are no business of a log.
pub(crate) fn report_event_panic(stats: &Stats, namespace: &str, event: &str) {
    stats::increment(&stats.handler_panics);
    tracing::error!(namespace, event, "a handler panicked");
}
