//! From the messages of one connection to whole packets: a binary packet is a text header and the binary messages
//! behind it.
//!
//! Everything is bounded: the number of attachments by the header's check, their bytes and their time here. A header
//! announces, it allocates nothing.
//!
//! A game sends the same header again and again, `51-["input",{"_placeholder":true,"num":0}]`. The last one of that
//! shape is remembered, and the next equal text costs one comparison instead of a JSON parse.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use crate::args::{Args, Slot};
use crate::engine::frames::settled;
use crate::error::DecodeError;
use crate::packet::{self, Packet, PacketLimits, PacketType};
use crate::parser::{Codec, Decoded, DecodedArgs, default, msgpack};
use bytes::Bytes;

/// Bounds of what one connection may make us hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DecodeLimits {
    pub(crate) packet: PacketLimits,
    pub(crate) json_depth_max: usize,
    /// All attachments of one packet together.
    pub(crate) attachment_bytes_max: usize,
    pub(crate) attachments_timeout: Duration,
}

/// The decoder of one connection.
pub(crate) struct Decoder {
    codec: Codec,
    limits: DecodeLimits,
    repeated: Option<Box<Repeated>>,
    pending: Option<Pending>,
}

/// A header with one binary argument and no acknowledgement, and what it decodes to.
struct Repeated {
    text: String,
    namespace: String,
    name: String,
}

struct Pending {
    deadline: Instant,
    packet: PendingPacket,
}

enum PendingPacket {
    /// The remembered header was sent again.
    Repeated,
    Collecting(Box<Collecting>),
}

struct Collecting {
    namespace: String,
    id: Option<u64>,
    /// Name of the event, or `None` for an acknowledgement.
    event: Option<String>,
    slots: Vec<Slot>,
    attachments_expected: usize,
    attachments: Vec<Bytes>,
    bytes: usize,
}

impl Decoder {
    pub(crate) fn new(codec: Codec, limits: DecodeLimits) -> Self {
        Self {
            codec,
            limits,
            repeated: None,
            pending: None,
        }
    }

    /// Takes a text message.
    pub(crate) fn on_text<'a>(&mut self, now: Instant, text: &'a str) -> Result<Decoded<'a>, DecodeError> {
        if self.pending.is_some() || self.codec == Codec::Msgpack {
            return Err(DecodeError::Sequence);
        }
        let deadline = now + self.limits.attachments_timeout;
        if self
            .repeated
            .as_ref()
            .is_some_and(|repeated| repeated.text == text)
        {
            self.pending = Some(Pending {
                deadline,
                packet: PendingPacket::Repeated,
            });
            return Ok(Decoded::Incomplete);
        }
        let packet = packet::decode(text, self.limits.packet)?;
        let depth_max = self.limits.json_depth_max;
        let is_connect = packet.kind == PacketType::Connect;
        default::check_size(packet.payload, is_connect, self.limits.packet)?;
        let Packet {
            namespace,
            id,
            payload,
            ..
        } = packet;
        match packet.kind {
            PacketType::Connect => Ok(Decoded::Connect {
                namespace: Cow::Borrowed(namespace),
                auth: default::decode_auth(payload, depth_max)?,
            }),
            PacketType::Disconnect if payload.is_empty() => Ok(Decoded::Disconnect {
                namespace: Cow::Borrowed(namespace),
            }),
            PacketType::Disconnect => Err(DecodeError::Payload),
            PacketType::ConnectError => Ok(Decoded::ConnectError {
                namespace: Cow::Borrowed(namespace),
                error: default::decode_connect_error(payload, depth_max)?,
            }),
            PacketType::Event => {
                let (name, slots) = default::decode_event(payload, 0, depth_max)?;
                let args = DecodedArgs::Many(Args::new(slots, Vec::new()));
                Ok(Decoded::Event {
                    namespace: Cow::Borrowed(namespace),
                    id,
                    name: Cow::Owned(name),
                    args,
                })
            }
            PacketType::Ack => {
                let slots = default::decode_ack(payload, 0, depth_max)?;
                let id = id.ok_or(DecodeError::AckId)?;
                let args = Args::new(slots, Vec::new());
                Ok(Decoded::Ack {
                    namespace: Cow::Borrowed(namespace),
                    id,
                    args,
                })
            }
            PacketType::BinaryEvent | PacketType::BinaryAck => {
                let packet = self.begin(text, packet)?;
                self.pending = Some(Pending { deadline, packet });
                Ok(Decoded::Incomplete)
            }
        }
    }

    /// Takes a binary message.
    pub(crate) fn on_binary(&mut self, data: Bytes) -> Result<Decoded<'_>, DecodeError> {
        let Some(mut pending) = self.pending.take() else {
            return match &self.codec {
                Codec::Default => Err(DecodeError::Sequence),
                // A binary value that is most of it stays where it is.
                Codec::Msgpack => {
                    msgpack::decode(&settled(data), self.limits.packet, self.limits.json_depth_max)
                }
                Codec::Compact(events) => {
                    let number = data.first().copied().ok_or(DecodeError::Compact)?;
                    Ok(Decoded::Event {
                        namespace: Cow::Borrowed("/"),
                        id: None,
                        name: Cow::Borrowed(events.name(number).ok_or(DecodeError::Compact)?),
                        args: DecodedArgs::OneBinary(data.slice(1..)),
                    })
                }
            };
        };
        let collecting = match &mut pending.packet {
            PendingPacket::Repeated => {
                let repeated = self.repeated.as_deref().ok_or(DecodeError::Sequence)?;
                return Ok(Decoded::Event {
                    namespace: Cow::Borrowed(&repeated.namespace),
                    id: None,
                    name: Cow::Borrowed(&repeated.name),
                    args: DecodedArgs::OneBinary(data),
                });
            }
            PendingPacket::Collecting(collecting) => collecting,
        };
        collecting.bytes += data.len();
        if collecting.bytes > self.limits.attachment_bytes_max {
            return Err(DecodeError::AttachmentBytes);
        }
        collecting.attachments.push(settled(data));
        if collecting.attachments.len() < collecting.attachments_expected {
            self.pending = Some(pending);
            return Ok(Decoded::Incomplete);
        }
        let PendingPacket::Collecting(whole) = pending.packet else {
            return Err(DecodeError::Sequence);
        };
        whole.into_decoded()
    }

    /// When the attachments that are awaited must be complete.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.pending.as_ref().map(|pending| pending.deadline)
    }

    fn begin(&mut self, text: &str, packet: Packet<'_>) -> Result<PendingPacket, DecodeError> {
        let depth_max = self.limits.json_depth_max;
        let (event, slots) = if packet.kind == PacketType::BinaryEvent {
            let (name, slots) = default::decode_event(packet.payload, packet.attachments, depth_max)?;
            (Some(name), slots)
        } else {
            packet.id.ok_or(DecodeError::AckId)?;
            (
                None,
                default::decode_ack(packet.payload, packet.attachments, depth_max)?,
            )
        };
        if let Some(name) = &event
            && packet.id.is_none()
            && packet.attachments == 1
            && slots == [Slot::Binary(0)]
            && text.len() <= REPEATED_BYTES_MAX
        {
            let (text, namespace) = (text.to_owned(), packet.namespace.to_owned());
            self.repeated = Some(Box::new(Repeated {
                text,
                namespace,
                name: name.clone(),
            }));
            return Ok(PendingPacket::Repeated);
        }
        Ok(PendingPacket::Collecting(Box::new(Collecting {
            namespace: packet.namespace.to_owned(),
            id: packet.id,
            event,
            slots,
            attachments_expected: packet.attachments,
            attachments: Vec::new(),
            bytes: 0,
        })))
    }
}

impl Collecting {
    fn into_decoded<'a>(self) -> Result<Decoded<'a>, DecodeError> {
        let namespace = Cow::Owned(self.namespace);
        let args = Args::new(self.slots, self.attachments);
        Ok(match self.event {
            Some(name) => {
                let args = DecodedArgs::Many(args);
                Decoded::Event {
                    namespace,
                    id: self.id,
                    name: Cow::Owned(name),
                    args,
                }
            }
            None => Decoded::Ack {
                namespace,
                id: self.id.ok_or(DecodeError::AckId)?,
                args,
            },
        })
    }
}

/// A longer header is not worth remembering for every connection.
const REPEATED_BYTES_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn decoder() -> Decoder {
        Decoder::new(
            Codec::Default,
            DecodeLimits {
                packet: PacketLimits {
                    attachments_max: 10,
                    namespace_bytes_max: 64,
                    objects_max: 100,
                    auth_bytes_max: 1000,
                },
                json_depth_max: 128,
                attachment_bytes_max: 10,
                attachments_timeout: Duration::from_secs(1),
            },
        )
    }

    /// Feeds texts and `b:`-prefixed binary messages and returns the debug form of the last outcome.
    fn feed(messages: &[&str]) -> Result<String, DecodeError> {
        let (mut decoder, now) = (decoder(), Instant::now());
        let mut last = String::new();
        for message in messages {
            let decoded = match message.strip_prefix("b:") {
                Some(data) => decoder.on_binary(Bytes::copy_from_slice(data.as_bytes()))?,
                None => decoder.on_text(now, message)?,
            };
            last = format!("{decoded:?}");
        }
        Ok(last)
    }

    #[test]
    fn a_packet_is_whole_when_all_attachments_are_there() {
        let header = r#"52-["a",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]"#;
        assert_eq!(feed(&[header, "b:x"]).unwrap(), "Incomplete");
        let mut decoder = decoder();
        decoder.on_text(Instant::now(), header).unwrap();
        decoder.on_binary(Bytes::from_static(b"x")).unwrap();
        let args = Args::new(
            vec![Slot::Binary(1), Slot::Binary(0)],
            vec![Bytes::from_static(b"x"), Bytes::from_static(b"y")],
        );
        assert_eq!(
            decoder.on_binary(Bytes::from_static(b"y")).unwrap(),
            Decoded::Event {
                namespace: "/".into(),
                id: None,
                name: "a".into(),
                args: DecodedArgs::Many(args)
            }
        );
        assert_eq!(decoder.deadline(), None);
    }

    #[test]
    fn a_repeated_header_decodes_to_the_same_event() {
        let mut decoder = decoder();
        let header = r#"51-/n,["input",{"_placeholder":true,"num":0}]"#;
        for data in ["one", "two", ""] {
            assert_eq!(
                decoder.on_text(Instant::now(), header).unwrap(),
                Decoded::Incomplete
            );
            let data = Bytes::copy_from_slice(data.as_bytes());
            let expected = Decoded::Event {
                namespace: "/n".into(),
                id: None,
                name: "input".into(),
                args: DecodedArgs::OneBinary(data.clone()),
            };
            assert_eq!(decoder.on_binary(data).unwrap(), expected);
            // Another packet in between is not confused with the remembered one.
            let other = decoder.on_text(Instant::now(), r#"2["x"]"#).unwrap();
            assert!(matches!(
                other,
                Decoded::Event {
                    name: Cow::Owned(_),
                    ..
                }
            ));
        }
    }

    #[test]
    fn text_packets_are_whole_at_once() {
        let mut decoder = decoder();
        let mut check = |text: &str, expected: Decoded<'_>| {
            assert_eq!(decoder.on_text(Instant::now(), text).unwrap(), expected, "{text}");
        };
        check(
            "0",
            Decoded::Connect {
                namespace: "/".into(),
                auth: json!({}),
            },
        );
        check(
            r#"0/a,{"token":1}"#,
            Decoded::Connect {
                namespace: "/a".into(),
                auth: json!({"token": 1}),
            },
        );
        check(
            "1/a,",
            Decoded::Disconnect {
                namespace: "/a".into(),
            },
        );
        check(
            "37[1]",
            Decoded::Ack {
                namespace: "/".into(),
                id: 7,
                args: Args::new(vec![Slot::Json(json!(1))], vec![]),
            },
        );
    }

    #[test]
    fn every_malformed_packet_of_the_reference_is_refused() {
        let cases = [
            r#"442["some","data""#,
            r#"2["some","data""#,
            r#"0/admin,"invalid""#,
            "0[]",
            "1/admin,{}",
            r#"2/admin,"invalid"#,
            "2/admin,{}",
            r#"2[{"toString":"foo"}]"#,
            r#"2[true,"foo"]"#,
            r#"2[null,"bar"]"#,
            r#"2["connect"]"#,
            r#"2["disconnect","123"]"#,
            "5",
            "51",
            "5a-",
            "51.23-",
            "999",
            "2",
            "2abc[",
            "2{}",
            "3[]",
            "4",
            "50-[\"a\"]",
            "é",
        ];
        for text in cases {
            assert!(feed(&[text]).is_err(), "{text}");
        }
    }

    #[test]
    fn attachments_are_bounded_and_in_sequence() {
        let header = r#"52-["a",{"_placeholder":true,"num":0}]"#;
        assert_eq!(feed(&["b:x"]), Err(DecodeError::Sequence));
        assert_eq!(feed(&[header, r#"2["a"]"#]), Err(DecodeError::Sequence));
        assert_eq!(
            feed(&[header, "b:123456", "b:12345"]),
            Err(DecodeError::AttachmentBytes)
        );
        assert!(feed(&[header, "b:12345", "b:12345"]).is_ok());
        let mut decoder = decoder();
        decoder.limits.packet.attachments_max = usize::MAX;
        let now = Instant::now();
        // A header announces, it allocates nothing.
        decoder
            .on_text(now, r#"59007199254740991-["a",{"_placeholder":true,"num":0}]"#)
            .unwrap();
        assert_eq!(decoder.deadline(), Some(now + Duration::from_secs(1)));
    }
}
