//! A client in front of a namespace that is not there yet: the application decides whether it comes to be.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll};

use serde_json::Value;

use crate::error::ConnectError;
use crate::guard::report_panic;
use crate::namespaces::{Search, Visit};
use crate::stats::Stats;

pub(crate) struct Searching {
    /// The namespace it asks for.
    pub(crate) name: String,
    /// What it says for itself, for when it comes in.
    pub(crate) auth: Value,
    pub(crate) search: Search,
}

impl Searching {
    /// Ready when the namespace is there, or never will be. A panic of the application is a refusal.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        stats: &Arc<Stats>,
    ) -> Poll<Result<Visit, ConnectError>> {
        // Whoever panicked is not polled again: the search ends with it.
        catch_unwind(AssertUnwindSafe(|| self.search.as_mut().poll(cx))).unwrap_or_else(|_| {
            report_panic(stats);
            Poll::Ready(Err(ConnectError::new("internal error")))
        })
    }
}
