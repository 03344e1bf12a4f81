//! From polling to WebSocket.
//!
//! ```text
//! stage       polls and posts                  leaves it
//! Probing     go on                            3probe → Pausing · any failure → given up
//! Pausing     the last ones are answered       quiet: we send 5 → Switching · a word of the server → given up
//! Switching   none                             5 has left → moved · the stream breaks → broken
//! ```
//!
//! Until `5` the session polls; whatever goes wrong before costs only the WebSocket. What is emitted while polling pauses
//! waits in the outbox and leaves behind `5`; what the server sends arrives by the last poll, then by WebSocket.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::config::ClientConfig;
use super::error::ClientError;
use super::http::Http;
use super::outbox::Outbox;
use super::polling::Polling;
use super::websocket::{self, Frames};
use crate::stats::Stats;

/// A session on its way to a WebSocket.
pub(super) struct Upgrade(Stage);

enum Stage {
    Probing(Pin<Box<dyn Future<Output = Result<Probed, ClientError>> + Send>>),
    Pausing(Box<Probed>),
    Switching(Box<Probed>),
    Over,
}

type Probed = (Frames, Arc<Outbox>);

/// What became of it.
pub(super) enum Outcome {
    Moved(Box<Frames>),
    /// The session polls on.
    GivenUp(ClientError),
    /// The session is lost.
    Broken,
}

impl Upgrade {
    pub(super) fn new(http: Arc<Http>, sid: String, config: &ClientConfig, stats: Arc<Stats>) -> Self {
        let (config, patience) = (config.clone(), config.connect_timeout);
        Self(Stage::Probing(Box::pin(async move {
            let probe = websocket::probe(http, sid, config, stats);
            tokio::time::timeout(patience, probe)
                .await
                .unwrap_or(Err(ClientError::Timeout))
        })))
    }

    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        polling: &mut Polling,
        outbox: &Arc<Outbox>,
    ) -> Poll<Outcome> {
        loop {
            match &mut self.0 {
                Stage::Probing(probing) => match probing.as_mut().poll(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Err(error)) => return self.give_up(error, polling, outbox),
                    Poll::Ready(Ok(probed)) => {
                        polling.pause(true);
                        outbox.pause(true);
                        self.0 = Stage::Pausing(Box::new(probed));
                    }
                },
                Stage::Pausing(probed) => {
                    let (frames, probe) = &mut **probed;
                    let _ = probe.poll_driver(cx);
                    if websocket::poll_message(frames, cx).is_ready() {
                        let error = ClientError::Protocol("it speaks before the move".to_owned());
                        return self.give_up(error, polling, outbox);
                    }
                    if !polling.is_quiet() {
                        return Poll::Pending;
                    }
                    probe.send_packet("5");
                    let Stage::Pausing(probed) = std::mem::replace(&mut self.0, Stage::Over) else {
                        return Poll::Ready(Outcome::Broken);
                    };
                    self.0 = Stage::Switching(probed);
                }
                Stage::Switching(probed) => {
                    let (_, probe) = &mut **probed;
                    let broken = probe.poll_driver(cx).is_some();
                    if !broken && probe.poll_drained(cx).is_pending() {
                        return Poll::Pending;
                    }
                    let write = probe.detach();
                    let (Stage::Switching(probed), Some(write)) =
                        (std::mem::replace(&mut self.0, Stage::Over), write)
                    else {
                        return Poll::Ready(Outcome::Broken);
                    };
                    let (mut frames, _) = *probed;
                    frames.get_mut().set_outlet(outbox.clone());
                    outbox.attach(write);
                    return Poll::Ready(Outcome::Moved(Box::new(frames)));
                }
                Stage::Over => return Poll::Ready(Outcome::Broken),
            }
        }
    }

    fn give_up(&mut self, error: ClientError, polling: &mut Polling, outbox: &Outbox) -> Poll<Outcome> {
        self.0 = Stage::Over;
        polling.pause(false);
        outbox.pause(false);
        Poll::Ready(Outcome::GivenUp(error))
    }
}
