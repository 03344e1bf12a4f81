//! The polling transport: one request that waits for packets, and one that brings them, each on a connection of its own.
//!
//! ```text
//! GET   waits until the server has packets; the next one follows at once
//! POST  takes what waits in the outbox; the next one follows when it was answered
//! ```

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::error::ClientError;
use super::handshake::Open;
use super::http::{Http, HttpError, Lane};
use super::outbox::Outbox;
use crate::engine::config::Transport;
use crate::engine::payload::SEPARATOR;

/// The transport of a session that polls.
pub(super) struct Polling {
    http: Arc<Http>,
    target: Arc<str>,
    get: Exchange,
    post: Exchange,
    /// What the last poll has brought and nobody has taken.
    payload: Option<Utf8Bytes>,
    paused: bool,
}

/// A connection, and perhaps a request on it.
enum Exchange {
    Idle(Lane),
    Busy(Request),
}

/// Gives its connection back with the answer.
type Request = Pin<Box<dyn Future<Output = (Lane, Result<Bytes, HttpError>)> + Send>>;

/// Opens a session.
pub(super) async fn open(http: &Arc<Http>) -> Result<(Polling, Open), HttpError> {
    let mut lane = Lane::default();
    let target = http.endpoint.target(Transport::Polling, None);
    let body = http.get(&mut lane, &target).await?;
    let mut payload = utf8(body).map_err(HttpError::Exchange)?;
    let no_session = || {
        HttpError::Exchange(ClientError::Protocol(
            "its first packet opens no session".to_owned(),
        ))
    };
    let first = take_packet(&mut payload).ok_or_else(no_session)?;
    let open = Open::decode(&first).filter(|open| !open.sid.is_empty());
    let open = open.ok_or_else(no_session)?;
    let polling = Polling {
        http: http.clone(),
        target: http.endpoint.target(Transport::Polling, Some(&open.sid)).into(),
        get: Exchange::Idle(lane),
        post: Exchange::Idle(Lane::default()),
        payload,
        paused: false,
    };
    Ok((polling, open))
}

impl Polling {
    /// The next packet as text, and after it the next poll.
    pub(super) fn poll_packet(&mut self, cx: &mut Context<'_>) -> Poll<Result<Utf8Bytes, ClientError>> {
        loop {
            if let Some(packet) = take_packet(&mut self.payload) {
                return Poll::Ready(Ok(packet));
            }
            if let Exchange::Idle(lane) = &mut self.get {
                if self.paused {
                    return Poll::Pending;
                }
                let (mut lane, http, target) = (std::mem::take(lane), self.http.clone(), self.target.clone());
                self.get = Exchange::Busy(Box::pin(async move {
                    let body = http.get(&mut lane, &target).await;
                    (lane, body)
                }));
            }
            let body = ready!(self.get.poll(cx)).map_err(HttpError::into_inner)?;
            self.payload = utf8(body)?;
        }
    }

    /// Posts what waits in the outbox. Ready when the server does not take it.
    pub(super) fn poll_post(&mut self, cx: &mut Context<'_>, outbox: &Outbox) -> Poll<ClientError> {
        loop {
            if let Exchange::Idle(lane) = &mut self.post {
                let Some(payload) = outbox.take_payload() else {
                    return Poll::Pending;
                };
                let (mut lane, http, target) = (std::mem::take(lane), self.http.clone(), self.target.clone());
                self.post = Exchange::Busy(Box::pin(async move {
                    let posted = http.post(&mut lane, &target, payload.into()).await;
                    (lane, posted.map(|()| Bytes::new()))
                }));
            }
            if let Err(error) = ready!(self.post.poll(cx)) {
                return Poll::Ready(error.into_inner());
            }
        }
    }

    /// Posts until nothing waits any more, or the server does not take it.
    pub(super) fn poll_posted(&mut self, cx: &mut Context<'_>, outbox: &Outbox) -> Poll<()> {
        if self.poll_post(cx, outbox).is_ready() || outbox.is_posted() {
            return Poll::Ready(());
        }
        Poll::Pending
    }

    /// Lets the poll that waits be the last, or goes on.
    pub(super) fn pause(&mut self, paused: bool) {
        self.paused = paused;
    }

    /// No request is under way, and all that the last poll brought was taken.
    pub(super) fn is_quiet(&self) -> bool {
        self.payload.is_none()
            && [&self.get, &self.post]
                .into_iter()
                .all(|exchange| matches!(exchange, Exchange::Idle(_)))
    }
}

impl Exchange {
    /// Ready when the request that is under way has its answer.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Bytes, HttpError>> {
        let Self::Busy(exchange) = self else {
            return Poll::Pending;
        };
        let (lane, answer) = ready!(exchange.as_mut().poll(cx));
        *self = Self::Idle(lane);
        Poll::Ready(answer)
    }
}

fn utf8(body: Bytes) -> Result<Option<Utf8Bytes>, ClientError> {
    Utf8Bytes::try_from(body)
        .map(Some)
        .map_err(|_| ClientError::Protocol("its payload is not UTF-8".to_owned()))
}

/// Takes the first packet of a payload. An empty payload is one empty packet.
fn take_packet(payload: &mut Option<Utf8Bytes>) -> Option<Utf8Bytes> {
    let text = payload.take()?;
    let Some(end) = text.find(SEPARATOR) else {
        return Some(text);
    };
    let mut rest = Bytes::from(text);
    let first = rest.split_to(end);
    let rest = rest.slice(SEPARATOR.len_utf8()..);
    // Cut at a character, both parts are still UTF-8.
    *payload = Utf8Bytes::try_from(rest).ok();
    Utf8Bytes::try_from(first).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_taken_packet_by_packet() {
        for (payload, expected) in [
            ("4a", &["4a"][..]),
            ("4a\u{1e}4é\u{1e}bAA==", &["4a", "4é", "bAA=="]),
            ("", &[""]),
            ("\u{1e}6", &["", "6"]),
            ("6\u{1e}", &["6", ""]),
        ] {
            let mut rest = utf8(Bytes::from_static(payload.as_bytes())).unwrap();
            let taken: Vec<_> = std::iter::from_fn(|| take_packet(&mut rest)).collect();
            assert_eq!(taken, expected, "{payload:?}");
        }
        assert!(utf8(Bytes::from_static(&[0xff])).is_err());
    }
}
