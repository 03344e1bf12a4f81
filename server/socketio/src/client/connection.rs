//! Socket.IO on one connection: decodes its messages and hands them to its seats.
//!
//! A packet for a namespace without a seat, or for one that is not joined, crosses our DISCONNECT and is ignored. What no
//! server may send ends the connection with `parse error`.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use serde_json::Value;

use super::config::{ATTACHMENTS_MAX, NAMESPACE_BYTES_MAX};
use super::link::Link;
use crate::attachments::{DecodeLimits, Decoder};
use crate::engine::config::JSON_DEPTH_LIMIT;
use crate::error::DecodeError;
use crate::packet::PacketLimits;
use crate::parser::Decoded;
use crate::reason::DisconnectReason;
use crate::stats;

pub(super) struct Connection {
    link: Arc<Link>,
    decoder: Decoder,
}

impl Connection {
    pub(super) fn new(link: Arc<Link>) -> Self {
        let limits = DecodeLimits {
            packet: PACKET_LIMITS,
            json_depth_max: JSON_DEPTH_LIMIT,
            attachment_bytes_max: link.config.max_payload_bytes,
            attachments_timeout: link.config.attachments_timeout,
        };
        let decoder = Decoder::new(link.codec.clone(), limits);
        Self { link, decoder }
    }

    pub(super) fn on_text(&mut self, now: Instant, text: &str) -> Result<(), DisconnectReason> {
        let decoded = self.decoder.on_text(now, text);
        handle(&self.link, decoded, text.len())
    }

    pub(super) fn on_binary(&mut self, data: Bytes) -> Result<(), DisconnectReason> {
        let bytes = data.len();
        let decoded = self.decoder.on_binary(data);
        handle(&self.link, decoded, bytes)
    }

    /// When the attachments that are awaited must be complete.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.decoder.deadline()
    }
}

/// `bytes` is the size of the message that completed the packet.
fn handle(
    link: &Link,
    decoded: Result<Decoded<'_>, DecodeError>,
    bytes: usize,
) -> Result<(), DisconnectReason> {
    match decoded {
        Ok(Decoded::Incomplete) => {}
        Ok(Decoded::Event {
            namespace,
            id,
            name,
            args,
        }) => {
            if let Some(seat) = link.seat(&namespace) {
                seat.hear(&name, id, args, bytes)?;
            }
        }
        Ok(Decoded::Ack { namespace, id, args }) => {
            if let Some(seat) = link.seat(&namespace) {
                // One that nobody waits for is late or doubled.
                let _ = seat.acks.resolve(id, args);
            }
        }
        Ok(Decoded::Connect { namespace, auth }) => {
            let id = auth.get("sid").and_then(Value::as_str);
            let id = id.ok_or_else(|| parse_error(link, &DecodeError::Payload))?;
            let pid = auth.get("pid").and_then(Value::as_str);
            if id.len().max(pid.map_or(0, str::len)) > ID_BYTES_MAX {
                return Err(parse_error(link, &DecodeError::Payload));
            }
            if let Some(seat) = link.seat(&namespace) {
                match link.agrees(auth.get("compact")) {
                    true => seat.accept(id, pid)?,
                    false => seat.disagree(),
                }
            }
        }
        Ok(Decoded::Disconnect { namespace }) => {
            if let Some(seat) = link.seat(&namespace) {
                seat.expel();
            }
        }
        Ok(Decoded::ConnectError { namespace, error }) => on_connect_error(link, &namespace, error)?,
        Err(error) => return Err(parse_error(link, &error)),
    }
    Ok(())
}

/// The payload is an object with a message and perhaps data; a bare string is the message alone.
fn on_connect_error(link: &Link, namespace: &str, error: Value) -> Result<(), DisconnectReason> {
    let (message, data) = match error {
        Value::String(message) => (message, Value::Null),
        Value::Object(mut fields) => {
            let message = fields.get("message").and_then(Value::as_str).unwrap_or_default();
            (message.to_owned(), fields.remove("data").unwrap_or_default())
        }
        _ => return Err(parse_error(link, &DecodeError::Payload)),
    };
    match link.seat(namespace) {
        Some(seat) => seat.refuse(message, data),
        None => Ok(()),
    }
}

pub(super) fn parse_error(link: &Link, error: &DecodeError) -> DisconnectReason {
    tracing::debug!(%error, "malformed packet");
    stats::increment(&link.stats.parse_errors);
    DisconnectReason::ParseError
}

const PACKET_LIMITS: PacketLimits = PacketLimits {
    attachments_max: ATTACHMENTS_MAX,
    namespace_bytes_max: NAMESPACE_BYTES_MAX,
};

/// Ids of the reference have 20 characters; an application may make its own.
const ID_BYTES_MAX: usize = 256;
