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
                seat.hear(&name, id, args)?;
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
    objects_max: OBJECTS_MAX,
    auth_bytes_max: CONNECT_BYTES_MAX,
};

/// Objects in the JSON of one packet of a server: more than the server side takes of a client, since a server is chosen.
const OBJECTS_MAX: usize = 100_000;

/// A server answers CONNECT with two ids, and ours with the names of compact events.
const CONNECT_BYTES_MAX: usize = 64 * 1024;

/// Ids of the reference have 20 characters; an application may make its own.
const ID_BYTES_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;
    use crate::client::outbox::Outbox;
    use crate::client::seat::Phase;
    use crate::client::{Client, ClientConfig};
    use crate::engine::config::Parser;

    /// What a server may say, by the default parser and by msgpack.
    const SAID: [&[u8]; 8] = [
        br#"0{"sid":"S","pid":"P"}"#,
        br#"2["event",1,"offset"]"#,
        br#"27["event",{"a":[null]}]"#,
        br#"51-["event",{"_placeholder":true,"num":0}]"#,
        br#"30[1]"#,
        br#"4{"message":"no","data":[1]}"#,
        b"1",
        b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x92\xa5event\xc4\x01\x07",
    ];

    fn mutate(random: &mut StdRng) -> Vec<u8> {
        let mut bytes = SAID[random.random_range(0..SAID.len())].to_vec();
        for _ in 0..random.random_range(0..4_u8) {
            let place = random.random_range(0..=bytes.len());
            match random.random_range(0..3_u8) {
                0 => bytes.insert(place, random.random()),
                1 => bytes.truncate(place),
                _ if place < bytes.len() => bytes[place] = random.random(),
                _ => {}
            }
        }
        bytes
    }

    #[test]
    fn garbage_of_a_server_is_a_value_whatever_the_parser() {
        let mut random = StdRng::seed_from_u64(4);
        for parser in [Parser::Default, Parser::Msgpack, Parser::Compact] {
            let config = ClientConfig {
                parser,
                ..ClientConfig::default()
            };
            let client = Client::new("http://localhost", config).unwrap();
            let link = &client.0.0;
            client
                .namespace("/")
                .on_sync("event", |event| drop(event.args().to_args()));
            let mut connection = Connection::new(link.clone());
            let mut ended_count = 0;
            for _ in 0..20_000 {
                let seat = link.seat("/").unwrap();
                let joining = matches!(seat.lock().phase, Phase::Idle);
                if joining {
                    let outbox = Outbox::new(1000, Arc::default(), Arc::default());
                    seat.lock().phase = Phase::Connecting(Arc::new(outbox));
                }
                let said = mutate(&mut random);
                let outcome = match String::from_utf8(said) {
                    Ok(text) if random.random() => connection.on_text(Instant::now(), &text),
                    Ok(text) => connection.on_binary(text.into()),
                    Err(error) => connection.on_binary(error.into_bytes().into()),
                };
                if let Err(reason) = outcome {
                    assert_eq!(reason, DisconnectReason::ParseError);
                    ended_count += 1;
                    connection = Connection::new(link.clone());
                }
            }
            assert!(ended_count > 1000, "{parser:?} ends at {ended_count}");
        }
    }
}
