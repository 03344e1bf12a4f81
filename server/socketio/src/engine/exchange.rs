//! The requests of a polling session: a GET waits for packets, a POST brings some.
//!
//! ```text
//! GET    nothing in flight            200, a payload
//!        another GET in flight        400; the session ends with `transport error`
//!        abandoned by the client      the session ends with `transport error`
//! POST   all of it packets            200, ok
//!        above the bound              413, the session lives
//!        another POST in flight, binary or compressed, abandoned, late, no packets
//!                                     400 (408 when late); the session ends
//! ```

use std::sync::Arc;

use bytes::{Buf, Bytes};
use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Body;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::compression::Encoding;
use super::config::Config;
use super::polling::{Command, Requests};
use super::sessions::SessionHandle;
use crate::reason::DisconnectReason;
use crate::stats::{self, Stats};

/// Answers a GET with the next payload.
pub(crate) async fn poll(
    session: &Arc<SessionHandle>,
    requests: &Requests,
    headers: &HeaderMap,
    config: &Config,
) -> Response<Full<Bytes>> {
    let Some(_lane) = requests.polling.enter() else {
        break_off(session);
        return failure(StatusCode::BAD_REQUEST);
    };
    let mut abandoned = Abandoned::new(session);
    let packets_max = config.packets_per_poll_max.unwrap_or(usize::MAX);
    let payload = std::future::poll_fn(|cx| session.outbox.poll_payload(cx, packets_max)).await;
    let encoding = config.http_compression.and_then(|compression| {
        let worth = payload.compress && payload.body.len() >= compression.threshold_bytes;
        let encoding = worth.then(|| Encoding::choose(headers, &Encoding::FAST))??;
        Some((encoding, compression.level))
    });
    let Some((encoding, level)) = encoding else {
        abandoned.is_answered = true;
        return answer("text/plain; charset=UTF-8", payload.body.into());
    };
    let body = compress(payload.body, encoding, level).await;
    abandoned.is_answered = true;
    let mut response = answer("text/plain; charset=UTF-8", body.into());
    response.headers_mut().insert(CONTENT_ENCODING, encoding.header());
    response
}

/// Compresses a payload: a small one here, a large one where it holds up nobody.
async fn compress(body: Vec<u8>, encoding: Encoding, level: u32) -> Vec<u8> {
    if body.len() <= COMPRESS_HERE_BYTES {
        return encoding.compress(&body, level);
    }
    tokio::task::spawn_blocking(move || encoding.compress(&body, level))
        .await
        .expect("compressing does not panic, and the runtime lives while it serves")
}

/// About a millisecond of work.
const COMPRESS_HERE_BYTES: usize = 32 * 1024;

/// Takes the payload of a POST.
pub(crate) async fn post(
    session: &Arc<SessionHandle>,
    requests: &Requests,
    headers: &HeaderMap,
    body: impl Body<Data: Buf + Send> + Send,
    config: &Config,
    stats: &Stats,
) -> Response<Full<Bytes>> {
    let lane = requests.posting.enter();
    if lane.is_none() || !carries_text(headers) {
        break_off(session);
        return failure(StatusCode::BAD_REQUEST);
    }
    let mut abandoned = Abandoned::new(session);
    let reading = read_body(headers, body, config.max_payload_bytes, stats);
    let body = tokio::select! {
        body = timeout(config.body_read_timeout, reading) => body.unwrap_or(Err(StatusCode::REQUEST_TIMEOUT)),
        // Nobody is there any more for whom it could be.
        () = requests.commands.closed() => Err(StatusCode::BAD_REQUEST),
    };
    let text = match body {
        Ok(body) => body,
        Err(status) => {
            // A body that is only too large says nothing about the next one.
            abandoned.is_answered = status == StatusCode::PAYLOAD_TOO_LARGE;
            return failure(status);
        }
    };
    let (taken, outcome) = oneshot::channel();
    let command = Command::Payload { text, taken };
    let is_taken = requests.commands.send(command).await.is_ok() && outcome.await.unwrap_or(false);
    abandoned.is_answered = true;
    if is_taken {
        // Not text/plain: some browsers offer that for download.
        answer("text/html", Bytes::from_static(b"ok"))
    } else {
        failure(StatusCode::BAD_REQUEST)
    }
}

/// Ends the session when its client drops a request, unless it has moved to WebSocket meanwhile.
struct Abandoned<'a> {
    session: &'a SessionHandle,
    is_answered: bool,
}

impl<'a> Abandoned<'a> {
    fn new(session: &'a SessionHandle) -> Self {
        Self {
            session,
            is_answered: false,
        }
    }
}

impl Drop for Abandoned<'_> {
    fn drop(&mut self) {
        if !self.is_answered {
            self.session.outbox.abandon_poll();
            break_off(self.session);
        }
    }
}

fn break_off(session: &SessionHandle) {
    if session.outbox.is_polling() {
        if let Some(requests) = &session.requests {
            requests.break_off();
        }
        session.outbox.request_close(DisconnectReason::TransportError);
    }
}

/// Version 4 knows no binary bodies, and no client compresses.
fn carries_text(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    content_type.is_none_or(|value| !value.starts_with(b"application/octet-stream"))
        && !headers.contains_key(CONTENT_ENCODING)
}

/// Reads a body of at most `bytes_max` bytes; what exceeds that is never held.
async fn read_body(
    headers: &HeaderMap,
    body: impl Body<Data: Buf + Send> + Send,
    bytes_max: usize,
    stats: &Stats,
) -> Result<String, StatusCode> {
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let too_large = || {
        stats::increment(&stats.payload_too_large);
        Err(StatusCode::PAYLOAD_TOO_LARGE)
    };
    if announced.is_some_and(|bytes| bytes > bytes_max as u64) {
        return too_large();
    }
    let mut body = std::pin::pin!(body);
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(mut data) = frame.map_err(|_| StatusCode::BAD_REQUEST)?.into_data() else {
            continue;
        };
        if bytes.len() + data.remaining() > bytes_max {
            return too_large();
        }
        stats::add(&stats.bytes_in, data.remaining() as u64);
        while data.has_remaining() {
            let chunk = data.chunk();
            bytes.extend_from_slice(chunk);
            data.advance(chunk.len());
        }
    }
    String::from_utf8(bytes).map_err(|_| {
        stats::increment(&stats.parse_errors);
        StatusCode::BAD_REQUEST
    })
}

fn answer(content_type: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Without a body, as the reference. What the client still sends is not waited for.
fn failure(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
