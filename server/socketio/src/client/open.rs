//! Opens a session by the first transport that lets it.

use std::sync::Arc;

use tokio::time::timeout;

use super::error::ClientError;
use super::handshake::Open;
use super::http::HttpError;
use super::link::Link;
use super::outbox::Outbox;
use super::polling::{self, Polling};
use super::websocket::{self, Frames};
use crate::engine::config::Transport;

/// A session that is open.
pub(super) struct Opened {
    pub(super) carrier: Carrier,
    pub(super) outbox: Arc<Outbox>,
    pub(super) open: Open,
}

/// What brings the packets of a session.
pub(super) enum Carrier {
    Polling(Box<Polling>),
    WebSocket(Box<Frames>),
}

impl Carrier {
    pub(super) fn transport(&self) -> Transport {
        match self {
            Self::Polling(_) => Transport::Polling,
            Self::WebSocket(_) => Transport::WebSocket,
        }
    }
}

/// Tries the transports in their order. The last error is told: by then the server has said what it does not like.
pub(super) async fn open(link: &Link) -> Result<Opened, ClientError> {
    let mut last = ClientError::Timeout;
    for transport in &link.config.transports {
        let opening = Box::pin(open_by(*transport, link));
        match timeout(link.config.connect_timeout, opening).await {
            Ok(Ok(opened)) => {
                opened.outbox.set_payload_bytes_max(opened.open.payload_bytes_max);
                return Ok(opened);
            }
            // Nobody is there, whatever one would say.
            Ok(Err(HttpError::Dial(error))) => return Err(error),
            Ok(Err(HttpError::Exchange(error))) => last = error,
            Err(_) => last = ClientError::Timeout,
        }
        tracing::debug!(?transport, error = %last, "the server cannot be reached by a transport");
    }
    Err(last)
}

async fn open_by(transport: Transport, link: &Link) -> Result<Opened, HttpError> {
    let config = &link.config;
    let outbox = Outbox::new(config.outbox_bytes_max, link.room.clone(), link.stats.clone());
    let outbox = Arc::new(outbox);
    let (carrier, open) = match transport {
        Transport::Polling => {
            let (polling, open) = polling::open(&link.http).await?;
            (Carrier::Polling(Box::new(polling)), open)
        }
        Transport::WebSocket => {
            let (frames, open) = websocket::open(&link.http, config, &outbox).await?;
            (Carrier::WebSocket(Box::new(frames)), open)
        }
    };
    Ok(Opened {
        carrier,
        outbox,
        open,
    })
}
