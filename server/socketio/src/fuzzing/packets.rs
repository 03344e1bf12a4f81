//! The messages of a connection, in the default parser and the compact one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::attachments::{DecodeLimits, Decoder};
use crate::engine::frame::Opcode;
use crate::error::DecodeError;
use crate::packet::{PacketLimits, PacketType};
use crate::parser::draft::with_draft;
use crate::parser::{Body, Codec, CompactEvents, Decoded, DecodedArgs, Head, Outgoing, control};

/// Reads messages as one client sends them: separated by a byte that neither text needs, those that begin with `b`
/// binary, the rest text. What they decode to is written again and decodes to the same.
pub fn packets(data: &[u8]) {
    let names = ["input".to_owned(), "snapshot".to_owned()];
    let events = CompactEvents::new(&names).expect("two names are a list");
    for codec in [Codec::Default, Codec::Compact(Arc::new(events))] {
        let mut connection = Connection::new(codec.clone());
        for message in data.split(|byte| *byte == SEPARATOR) {
            let message = match message.strip_prefix(b"b") {
                Some(binary) => (Opcode::Binary, binary.to_vec()),
                None if std::str::from_utf8(message).is_ok() => (Opcode::Text, message.to_vec()),
                None => continue,
            };
            if connection.hand_in(&message).is_err() {
                break;
            }
        }
    }
}

const SEPARATOR: u8 = 0x1f;

struct Connection {
    codec: Codec,
    decoder: Decoder,
    now: Instant,
}

type Message = (Opcode, Vec<u8>);

impl Connection {
    fn new(codec: Codec) -> Self {
        let limits = DecodeLimits {
            packet: PacketLimits {
                attachments_max: 10,
                namespace_bytes_max: 64,
                objects_max: 100,
                auth_bytes_max: 1000,
            },
            json_depth_max: 32,
            attachment_bytes_max: 10_000,
            attachments_timeout: Duration::from_secs(1),
        };
        Self {
            decoder: Decoder::new(codec.clone(), limits),
            codec,
            now: Instant::now(),
        }
    }

    fn hand_in(&mut self, (opcode, payload): &Message) -> Result<(), DecodeError> {
        let awaited = self.decoder.deadline();
        let (now, codec) = (self.now, self.codec.clone());
        let decoded = decode(&mut self.decoder, now, *opcode, payload)?;
        if decoded == Decoded::Incomplete {
            assert!(
                self.decoder.deadline().is_some(),
                "what is not complete has a deadline"
            );
            assert!(
                awaited.is_none() || *opcode == Opcode::Binary,
                "text is no attachment"
            );
            return Ok(());
        }
        let mut other = Self::new(codec);
        let messages = write(&other.codec, &decoded);
        let (last, first) = messages.split_last().expect("a packet is at least one message");
        for (opcode, payload) in first {
            let decoded = decode(&mut other.decoder, now, *opcode, payload);
            assert_eq!(decoded, Ok(Decoded::Incomplete), "attachments follow");
        }
        assert_eq!(
            decode(&mut other.decoder, now, last.0, &last.1),
            Ok(decoded),
            "what is written is read again"
        );
        Ok(())
    }
}

fn decode<'a>(
    decoder: &'a mut Decoder,
    now: Instant,
    opcode: Opcode,
    payload: &'a [u8],
) -> Result<Decoded<'a>, DecodeError> {
    match std::str::from_utf8(payload) {
        Ok(text) if opcode == Opcode::Text => decoder.on_text(now, text),
        _ => decoder.on_binary(Bytes::copy_from_slice(payload)),
    }
}

/// The messages of a packet, as they are handed to a decoder: without the type of Engine.IO.
pub(super) fn write(codec: &Codec, decoded: &Decoded<'_>) -> Vec<Message> {
    let outgoing = |body, namespace, id, args| Outgoing {
        head: Head { body, namespace, id },
        args,
        offset: None,
    };
    let bare = |(opcode, payload): Message| match opcode {
        Opcode::Text => (opcode, payload[1..].to_vec()),
        _ => (opcode, payload),
    };
    let draft = |outgoing| {
        let messages = with_draft(codec, &outgoing, |draft| {
            let messages = draft
                .messages()
                .map(|(opcode, parts)| bare((opcode, parts.concat())));
            messages.collect()
        });
        messages.expect("what was read can be written")
    };
    let message = |kind, namespace, data: Option<&serde_json::Value>| {
        let message = control(codec, kind, namespace, data);
        vec![bare((message.opcode, message.payload))]
    };
    match decoded {
        Decoded::Incomplete => Vec::new(),
        Decoded::Connect { namespace, auth } => message(PacketType::Connect, namespace, Some(auth)),
        Decoded::Disconnect { namespace } => message(PacketType::Disconnect, namespace, None),
        Decoded::ConnectError { namespace, error } => {
            message(PacketType::ConnectError, namespace, Some(error))
        }
        Decoded::Event {
            namespace,
            id,
            name,
            args,
        } => match args {
            DecodedArgs::OneBinary(data) => draft(outgoing(Body::Event(name), namespace, *id, data)),
            DecodedArgs::Many(args) => draft(outgoing(Body::Event(name), namespace, *id, args)),
        },
        Decoded::Ack { namespace, id, args } => draft(outgoing(Body::Ack, namespace, Some(*id), args)),
    }
}
