//! The WebSocket transport: opening one for a new session, and for a session that polls.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::Stream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tokio_tungstenite::tungstenite::error::Error as WsError;
use tokio_tungstenite::tungstenite::protocol::{Message, Role};

use super::config::ClientConfig;
use super::error::ClientError;
use super::handshake::Open;
use super::http::{Http, HttpError};
use super::outbox::Outbox;
use crate::engine::config::Transport;
use crate::engine::half::{self, Half};
use crate::stats::Stats;
use crate::stream::ReadHalf;

/// A stream whose frames are read by tungstenite and written by an outbox.
pub(super) type Frames = WebSocketStream<Half<ReadHalf, Arc<Outbox>>>;

/// Opens a session.
pub(super) async fn open(
    http: &Http,
    config: &ClientConfig,
    outbox: &Arc<Outbox>,
) -> Result<(Frames, Open), HttpError> {
    let mut frames = connect(http, None, config, outbox).await?;
    let first = next_text(&mut frames, outbox)
        .await
        .map_err(HttpError::Exchange)?;
    match Open::decode(&first) {
        Some(open) => Ok((frames, open)),
        None => Err(HttpError::Exchange(ClientError::Protocol(
            "its first packet opens no session".to_owned(),
        ))),
    }
}

/// Opens a WebSocket for the session `sid`, which polls, and finds out whether packets pass it. It has an outbox of its
/// own until the session moves to it.
pub(super) async fn probe(
    http: Arc<Http>,
    sid: String,
    config: ClientConfig,
    stats: Arc<Stats>,
) -> Result<(Frames, Arc<Outbox>), ClientError> {
    let outbox = Arc::new(Outbox::new(PROBE_BYTES_MAX, Arc::default(), stats));
    let mut frames = connect(&http, Some(&sid), &config, &outbox)
        .await
        .map_err(HttpError::into_inner)?;
    outbox.send_packet("2probe");
    match next_text(&mut frames, &outbox).await?.as_str() {
        "3probe" => Ok((frames, outbox)),
        _ => Err(ClientError::Protocol("it does not answer the probe".to_owned())),
    }
}

/// The next message; other frames are tungstenite's business. Whoever polls also resumes partial writes.
pub(super) fn poll_message(
    frames: &mut Frames,
    cx: &mut Context<'_>,
) -> Poll<Option<Result<Message, WsError>>> {
    loop {
        let item = match Pin::new(&mut *frames).poll_next(cx) {
            Poll::Ready(item) => item,
            Poll::Pending => return Poll::Pending,
        };
        match &item {
            // tungstenite answers a ping itself.
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
            Some(Ok(Message::Text(_) | Message::Binary(_))) => {
                frames.get_mut().finish_message();
                return Poll::Ready(item);
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Poll::Ready(item),
        }
    }
}

async fn connect(
    http: &Http,
    sid: Option<&str>,
    config: &ClientConfig,
    outbox: &Arc<Outbox>,
) -> Result<Frames, HttpError> {
    let target = http.endpoint.target(Transport::WebSocket, sid);
    let (stream, early) = http.open_websocket(&target).await?;
    let (read, write) = stream.split();
    outbox.attach(write);
    let half = Half::new(read, outbox.clone(), early.len(), config.max_payload_bytes);
    let ws_config = half::websocket_config(config.max_payload_bytes, config.read_buffer_bytes);
    // A copy: even an empty slice would pin what hyper has read into.
    let frames = WebSocketStream::from_partially_read(half, early.to_vec(), Role::Client, Some(ws_config));
    Ok(frames.await)
}

async fn next_text(frames: &mut Frames, outbox: &Outbox) -> Result<Utf8Bytes, ClientError> {
    let message = poll_fn(|cx| {
        // Nobody else writes to a TLS stream yet, or resumes a partial write. That it closes is noticed by the next read.
        let _ = outbox.poll_driver(cx);
        poll_message(frames, cx)
    });
    match message.await {
        Some(Ok(Message::Text(text))) => Ok(text),
        Some(Err(WsError::Io(error))) => Err(error.into()),
        Some(Err(error)) => Err(ClientError::Protocol(error.to_string())),
        Some(Ok(_)) | None => Err(ClientError::Protocol(
            "it closes what it has just opened".to_owned(),
        )),
    }
}

/// A probe and what completes a move.
const PROBE_BYTES_MAX: usize = 1024;
