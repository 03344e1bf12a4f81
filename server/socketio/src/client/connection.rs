//! Socket.IO on one connection: decodes its messages and hands them to its seats.
//!
//! A packet for a namespace without a seat crosses our DISCONNECT and is ignored. What no server may send ends the
//! connection with `parse error`.

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
use crate::parser::{Codec, Decoded};
use crate::reason::DisconnectReason;

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
        let decoder = Decoder::new(Codec::Default, limits);
        Self { link, decoder }
    }

    pub(super) fn on_text(&mut self, now: Instant, text: &str) -> Result<(), DisconnectReason> {
        let decoded = self.decoder.on_text(now, text);
        handle(&self.link, decoded)
    }

    pub(super) fn on_binary(&mut self, data: Bytes) -> Result<(), DisconnectReason> {
        let decoded = self.decoder.on_binary(data);
        handle(&self.link, decoded)
    }

    /// When the attachments that are awaited must be complete.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.decoder.deadline()
    }
}

fn handle(link: &Link, decoded: Result<Decoded<'_>, DecodeError>) -> Result<(), DisconnectReason> {
    match decoded {
        Ok(Decoded::Incomplete) => {}
        Ok(Decoded::Event {
            namespace,
            id,
            name,
            args,
        }) => {
            if let Some(seat) = link.seat(&namespace) {
                seat.dispatch(&name, id, &args);
            }
        }
        Ok(Decoded::Ack { namespace, id, args }) => {
            if let Some(seat) = link.seat(&namespace) {
                // What nobody waits for is late or doubled.
                let _ = seat.acks.resolve(id, args);
            }
        }
        Ok(Decoded::Connect { namespace, auth }) => {
            let id = auth.get("sid").and_then(Value::as_str);
            let id = id.ok_or_else(|| parse_error(&DecodeError::Payload))?;
            if let Some(seat) = link.seat(&namespace) {
                seat.accept(id)?;
            }
        }
        Ok(Decoded::Disconnect { namespace }) => {
            if let Some(seat) = link.seat(&namespace) {
                seat.finish(DisconnectReason::ServerNamespaceDisconnect);
            }
        }
        Ok(Decoded::ConnectError { namespace, error }) => on_connect_error(link, &namespace, error)?,
        Err(error) => return Err(parse_error(&error)),
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
        _ => return Err(parse_error(&DecodeError::Payload)),
    };
    match link.seat(namespace) {
        Some(seat) => seat.refuse(message, data),
        None => Ok(()),
    }
}

pub(super) fn parse_error(error: &DecodeError) -> DisconnectReason {
    tracing::debug!(%error, "malformed packet");
    DisconnectReason::ParseError
}

const PACKET_LIMITS: PacketLimits = PacketLimits {
    attachments_max: ATTACHMENTS_MAX,
    namespace_bytes_max: NAMESPACE_BYTES_MAX,
};
