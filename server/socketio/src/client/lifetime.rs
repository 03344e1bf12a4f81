//! The one task of a client: opens sessions, serves them, waits, and opens the next.
//!
//! ```text
//!            want                 open                     lost, wanted
//! [at rest] ─────► [opening] ───────────► [session] ─────────────────────► [waiting]
//!     ▲              │   ▲                    │                               │   │
//!     │ gives up     │   └────────────────────┼───────────────────────────────┘   │
//!     └──────────────┴────────────────────────┴───── closed by us or for good ────┘
//! ```

use std::sync::Arc;

use super::backoff::Reconnection;
use super::driver;
use super::error::ClientError;
use super::link::Link;
use super::observer::ConnectionEvent;
use super::open::open;
use crate::reason::DisconnectReason;
use crate::stats;

/// Works until the client is wanted no longer.
pub(super) async fn run(link: Arc<Link>) {
    let mut work = Work { link, is_done: false };
    while !work.is_done {
        let reason = work.lead().await;
        work.is_done = work.link.come_to_rest(reason);
    }
}

struct Work {
    link: Arc<Link>,
    is_done: bool,
}

impl Work {
    /// From the first attempt to the end of the last session.
    async fn lead(&self) -> DisconnectReason {
        let link = &self.link;
        let mut attempt = 0;
        loop {
            let opened = tokio::select! {
                biased;
                () = self.unwanted() => return DisconnectReason::ForcedClose,
                opened = open(link) => opened,
            };
            match opened {
                Ok(opened) => {
                    let transport = opened.carrier.transport();
                    link.tell(&match attempt {
                        0 => ConnectionEvent::Opened { transport },
                        attempt => ConnectionEvent::Reconnected { attempt, transport },
                    });
                    if attempt > 0 {
                        stats::increment(&link.stats.reconnects);
                    }
                    attempt = 0;
                    let (reason, again) = driver::drive(opened, link.clone()).await;
                    if !again {
                        return reason;
                    }
                }
                Err(error) => {
                    tracing::debug!(%error, attempt, "no connection");
                    self.report(&error, attempt);
                    if attempt == 0 && !self.retries_first() {
                        link.give_up(&error);
                        return DisconnectReason::TransportError;
                    }
                }
            }
            attempt += 1;
            if let Err(reason) = self.wait(attempt).await {
                return reason;
            }
        }
    }

    /// Waits for the next attempt, if there is one.
    async fn wait(&self, attempt: u32) -> Result<(), DisconnectReason> {
        let link = &self.link;
        let Some(reconnection) = &link.config.reconnection else {
            return Err(DisconnectReason::TransportError);
        };
        if reconnection.attempts_max.is_some_and(|max| attempt > max) {
            link.give_up(&ClientError::GivenUp);
            link.tell(&ConnectionEvent::ReconnectFailed);
            return Err(DisconnectReason::TransportError);
        }
        let wait = reconnection.wait(attempt, rand::random());
        tokio::select! {
            biased;
            () = self.unwanted() => return Err(DisconnectReason::ForcedClose),
            () = tokio::time::sleep(wait) => {}
        }
        link.tell(&ConnectionEvent::ReconnectAttempt { attempt });
        Ok(())
    }

    async fn unwanted(&self) {
        while self.link.is_wanted() {
            self.link.unwanted.notified().await;
        }
    }

    fn report(&self, error: &ClientError, attempt: u32) {
        let error_event = ConnectionEvent::ConnectFailed { error: error.clone() };
        self.link.tell(&error_event);
        if attempt > 0 || self.retries_first() {
            // Otherwise they are told that it is given up.
            for seat in self.link.seats() {
                seat.fail(error);
            }
        }
    }

    fn retries_first(&self) -> bool {
        let reconnection: Option<&Reconnection> = self.link.config.reconnection.as_ref();
        reconnection.is_some_and(|reconnection| reconnection.retry_first)
    }
}

impl Drop for Work {
    /// When the task is dropped in the middle, e.g. with its runtime, everybody is told here.
    fn drop(&mut self) {
        if !self.is_done {
            self.link.close();
            self.link.come_to_rest(DisconnectReason::ForcedClose);
        }
    }
}
