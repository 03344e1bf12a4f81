//! An event on its way to the sockets of a namespace, and the form in which it travels between nodes and is stored.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::args::{Args, ArgsWriter, ToArgs};
use crate::engine::config::JSON_DEPTH_LIMIT;
use crate::error::{DecodeError, EmitError};
use crate::parser::{Body, Head, Outgoing, default};

/// An event before any parser has seen it.
#[derive(Clone, Copy)]
pub struct Outbound<'a> {
    /// Name of the event.
    pub event: &'a str,
    /// Its arguments. Writing them runs code of the application.
    pub args: &'a dyn ToArgs,
}

impl<'a> Outbound<'a> {
    /// Writes the arguments down, so that they can be sent to another node or kept.
    ///
    /// # Errors
    /// When the event name is reserved, an argument cannot be encoded, or there are more attachments than any peer
    /// accepts.
    pub fn to_packet(self) -> Result<Packet, EmitError> {
        self.outgoing("", None, None).check()?;
        let mut writer = ArgsWriter::default();
        let encode_error = |error: serde_json::Error| EmitError::Encode(error.to_string());
        self.args.write_args(&mut writer).map_err(encode_error)?;
        let (json, attachments) = writer.into_parts();
        if attachments.len() > default::ATTACHMENTS_SENT_MAX {
            return Err(EmitError::TooManyAttachments);
        }
        Ok(Packet {
            event: self.event.to_owned(),
            json,
            attachments,
        })
    }

    pub(crate) fn outgoing(
        self,
        namespace: &'a str,
        id: Option<u64>,
        offset: Option<&'a str>,
    ) -> Outgoing<'a> {
        Outgoing {
            head: Head {
                body: Body::Event(self.event),
                namespace,
                id,
            },
            args: self.args,
            offset,
        }
    }
}

/// An event whose arguments are written down. With serde it is a record of three fields: the name, the arguments as
/// JSON with placeholders for what is binary, and the attachments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Fields")]
pub struct Packet {
    event: String,
    /// The inside of a JSON array.
    json: String,
    attachments: Vec<Bytes>,
}

/// A packet of another node, which may be anything.
#[derive(Deserialize)]
struct Fields {
    event: String,
    json: String,
    attachments: Vec<Bytes>,
}

impl TryFrom<Fields> for Packet {
    type Error = DecodeError;

    fn try_from(fields: Fields) -> Result<Self, DecodeError> {
        let Fields {
            event,
            json,
            attachments,
        } = fields;
        let packet = Self {
            event,
            json,
            attachments,
        };
        packet.decode().map(|_| packet)
    }
}

impl Packet {
    /// Name of the event.
    pub fn event(&self) -> &str {
        &self.event
    }

    /// The arguments as values.
    pub fn args(&self) -> Args {
        self.decode()
            .expect("a packet is checked when it is made or received")
    }

    /// The event, to be sent. Its arguments need not be written again.
    pub fn outbound(&self) -> Outbound<'_> {
        Outbound {
            event: &self.event,
            args: self,
        }
    }

    /// Bytes of name, arguments and attachments: what it costs to keep it.
    pub fn bytes(&self) -> usize {
        let attachments: usize = self.attachments.iter().map(Bytes::len).sum();
        self.event.len() + self.json.len() + attachments
    }

    pub(crate) fn attachments_count(&self) -> usize {
        self.attachments.len()
    }

    fn decode(&self) -> Result<Args, DecodeError> {
        let array = format!("[{}]", self.json);
        let slots = default::decode_ack(&array, self.attachments.len(), JSON_DEPTH_LIMIT)?;
        Ok(Args::new(slots, self.attachments.clone()))
    }
}

impl ToArgs for Packet {
    fn write_args(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        out.splice(&self.json, &self.attachments)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::args::Arg;
    use crate::parser::Codec;
    use crate::parser::draft::with_draft;

    #[test]
    fn a_packet_travels_and_says_the_same() {
        let args = vec![
            Arg::Json(json!({ "a": [1, "x"] })),
            Arg::Binary(Bytes::from_static(b"abc")),
            Arg::Json(json!(null)),
        ];
        let outbound = Outbound {
            event: "e",
            args: &args,
        };
        let packet = outbound.to_packet().unwrap();
        assert_eq!(packet.event(), "e");
        assert_eq!(packet.args().json(0), Some(&json!({ "a": [1, "x"] })));
        assert_eq!(packet.args().binary(1).unwrap(), "abc");
        let wire = serde_json::to_string(&packet).unwrap();
        let received: Packet = serde_json::from_str(&wire).unwrap();
        assert_eq!(received, packet);
        assert_eq!(received.outbound().to_packet().unwrap(), packet);
        let empty = Outbound {
            event: "e",
            args: &(),
        }
        .to_packet()
        .unwrap();
        assert_eq!((empty.args().len(), empty.bytes()), (0, 1));
    }

    #[test]
    fn a_packet_is_written_as_its_arguments_are_by_every_parser() {
        let nested = crate::args::Json(Nested {
            data: Bytes::from_static(b"abc"),
        });
        let args = (1, nested, Bytes::from_static(b"x"));
        let outbound = Outbound {
            event: "e",
            args: &args,
        };
        let packet = outbound.to_packet().unwrap();
        for codec in [Codec::Default, Codec::Msgpack] {
            let [direct, travelled] = [outbound, packet.outbound()].map(|outbound| {
                with_draft(&codec, &outbound.outgoing("/", Some(7), Some("o")), |draft| {
                    draft
                        .messages()
                        .map(|(_, parts)| parts.concat())
                        .collect::<Vec<_>>()
                })
            });
            assert_eq!(direct, travelled, "{codec:?}");
        }
    }

    #[derive(Serialize)]
    struct Nested {
        data: Bytes,
    }

    #[test]
    fn what_no_client_accepts_is_no_packet() {
        let many = vec![Arg::Binary(Bytes::new()); 11];
        let check = |event, args: &dyn ToArgs, expected| {
            assert_eq!(Outbound { event, args }.to_packet(), Err(expected));
        };
        check("connect", &(), EmitError::ReservedName);
        check("e", &many, EmitError::TooManyAttachments);
        for json in ["1,", "]", "1],[2", "{\"_placeholder\":true,\"num\":1}"] {
            let attachments = if json.starts_with('{') { "[[1]]" } else { "[]" };
            let wire = format!("{{\"event\":\"e\",\"json\":{json:?},\"attachments\":{attachments}}}");
            assert!(serde_json::from_str::<Packet>(&wire).is_err(), "{wire}");
        }
    }
}
