//! A client on its way into a namespace: what its middleware says, one after another.
//!
//! Until all have agreed the socket is not connected: it may enter rooms and be given listeners, but hears nothing and
//! says nothing. Admissions belong to the connection and are polled by its driver, so none outlives it and no
//! task is spawned.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll};

use crate::entrance::Verdict;
use crate::error::ConnectError;
use crate::guard::report_panic;
use crate::namespace::Namespace;
use crate::socket::Socket;

pub(crate) struct Admission {
    pub(crate) namespace: Namespace,
    pub(crate) socket: Socket,
    /// `None` where there is no middleware, so that nothing is allocated.
    verdict: Option<Verdict>,
}

impl Admission {
    pub(crate) fn new(namespace: Namespace, socket: Socket) -> Self {
        let middleware = namespace.middleware();
        let verdict = (!middleware.is_empty()).then(|| {
            let socket = socket.clone();
            let verdict: Verdict = Box::pin(async move {
                for ask in middleware {
                    ask(socket.clone()).await?;
                }
                Ok(())
            });
            verdict
        });
        Self {
            namespace,
            socket,
            verdict,
        }
    }

    /// Ready once all have agreed or one has refused. A panic is a refusal.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        let Some(verdict) = &mut self.verdict else {
            return Poll::Ready(Ok(()));
        };
        // Whoever panicked is not polled again: the admission ends with it.
        catch_unwind(AssertUnwindSafe(|| verdict.as_mut().poll(cx))).unwrap_or_else(|_| {
            report_panic(self.socket.stats());
            Poll::Ready(Err(ConnectError::new("internal error")))
        })
    }
}
