//! The compact parser: the default one, except that an event of `/` with one binary argument and a name that both sides
//! have listed is one binary message.
//!
//! ```text
//! [place of the name in the list: 1 byte] [argument]
//! ```
//!
//! It is for games, whose every input and snapshot is such an event: no header to write, to read or to wait for. Both
//! sides are given the list when they are made; the server tells its own as `compact` in the data of each CONNECT, in
//! whatever namespace, so that a client with another list fails at once. Such an event has no acknowledgement, and takes
//! no part in connection state recovery: one with an offset is written as the default parser does.

use std::collections::HashSet;

use super::outgoing::{Body, Outgoing, RESERVED_NAMES};
use crate::error::ConfigError;

/// Events that are one byte, in the order of their numbers.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CompactEvents {
    names: Vec<String>,
    /// What the default parser writes for each of them with one binary argument.
    arrays: Vec<Vec<u8>>,
}

impl CompactEvents {
    /// Numbers `names` in their order.
    pub(crate) fn new(names: &[String]) -> Result<Self, ConfigError> {
        let problem = if names.len() > COMPACT_EVENTS_MAX {
            Some("must not be more than 256")
        } else if names.iter().collect::<HashSet<_>>().len() < names.len() {
            Some("must name each event once")
        } else if names.iter().any(|name| RESERVED_NAMES.contains(&name.as_str())) {
            Some("must not name what the protocol keeps for itself")
        } else {
            None
        };
        if let Some(problem) = problem {
            return Err(ConfigError {
                field: "compact_events",
                problem,
            });
        }
        let array = |name: &String| {
            let name = serde_json::Value::from(name.as_str());
            format!(r#"[{name},{{"_placeholder":true,"num":0}}]"#).into_bytes()
        };
        Ok(Self {
            names: names.to_vec(),
            arrays: names.iter().map(array).collect(),
        })
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// The name of event `number`.
    pub(crate) fn name(&self, number: u8) -> Option<&str> {
        self.names.get(usize::from(number)).map(String::as_str)
    }

    /// The number of an event that the default parser has written as `array` and one attachment, if it is compact.
    pub(super) fn number(&self, outgoing: &Outgoing<'_>, array: &[u8]) -> Option<u8> {
        let head = outgoing.head;
        if head.namespace != "/" || head.id.is_some() || outgoing.offset.is_some() {
            return None;
        }
        let Body::Event(_) = head.body else {
            return None;
        };
        let place = self.arrays.iter().position(|known| known == array)?;
        u8::try_from(place).ok()
    }
}

/// The number of an event is one byte.
const COMPACT_EVENTS_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use bytes::Bytes;
    use data_encoding::HEXLOWER;
    use serde::Deserialize;
    use serde_json::Value;

    use super::*;
    use crate::args::Arg;
    use crate::attachments::{DecodeLimits, Decoder};
    use crate::engine::frame::Opcode;
    use crate::error::DecodeError;
    use crate::packet::PacketLimits;
    use crate::parser::draft::with_draft;
    use crate::parser::{Codec, Decoded, DecodedArgs, Head};

    /// The packets and messages that the parser of the browser client must agree on.
    #[derive(Deserialize)]
    struct Golden {
        events: Vec<String>,
        rows: Vec<Row>,
    }

    #[derive(Deserialize)]
    struct Row {
        namespace: String,
        id: Option<u64>,
        event: String,
        args: Vec<Part>,
        messages: Vec<Part>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Part {
        Json(Value),
        Binary(String),
        Text(String),
    }

    fn golden() -> Golden {
        serde_json::from_str(include_str!("../../tests/golden/compact.json")).unwrap()
    }

    fn from_hex(text: &str) -> Bytes {
        HEXLOWER.decode(text.as_bytes()).unwrap().into()
    }

    fn decoder(events: &[String]) -> Decoder {
        let limits = DecodeLimits {
            packet: PacketLimits {
                attachments_max: 10,
                namespace_bytes_max: 16,
                objects_max: 100,
                auth_bytes_max: 1000,
            },
            json_depth_max: 8,
            attachment_bytes_max: 100,
            attachments_timeout: Duration::from_secs(1),
        };
        Decoder::new(
            Codec::Compact(Arc::new(CompactEvents::new(events).unwrap())),
            limits,
        )
    }

    #[test]
    fn packets_and_messages_are_those_of_the_browser_client() {
        let Golden { events, rows } = golden();
        let codec = Codec::Compact(Arc::new(CompactEvents::new(&events).unwrap()));
        let mut decoder = decoder(&events);
        for row in rows {
            let arg = |part: &Part| match part {
                Part::Json(value) => Arg::Json(value.clone()),
                Part::Binary(hex) => Arg::Binary(from_hex(hex)),
                Part::Text(_) => panic!("text is no argument"),
            };
            let args: Vec<Arg> = row.args.iter().map(arg).collect();
            let outgoing = Outgoing {
                head: Head {
                    body: Body::Event(&row.event),
                    namespace: &row.namespace,
                    id: row.id,
                },
                args: &args,
                offset: None,
            };
            let written = with_draft(&codec, &outgoing, |draft| {
                let messages = draft
                    .messages()
                    .map(|(opcode, parts)| (opcode, Bytes::from(parts.concat())));
                let messages: Vec<_> = messages.collect();
                assert_eq!(messages.len(), draft.count());
                messages
            });
            // A text of Socket.IO is behind the type of an Engine.IO packet.
            let expected = row.messages.iter().map(|part| match part {
                Part::Text(text) => (Opcode::Text, Bytes::from(format!("4{text}"))),
                Part::Binary(hex) => (Opcode::Binary, from_hex(hex)),
                Part::Json(_) => panic!("JSON is no message"),
            });
            assert_eq!(written.unwrap(), expected.collect::<Vec<_>>());

            let (last, first) = row.messages.split_last().unwrap();
            for message in first {
                assert_eq!(feed(&mut decoder, message), Ok(Decoded::Incomplete));
            }
            let Ok(Decoded::Event {
                namespace,
                id,
                name,
                args: decoded,
            }) = feed(&mut decoder, last)
            else {
                panic!("expected an event");
            };
            assert_eq!(
                (&*namespace, id, &*name),
                (row.namespace.as_str(), row.id, row.event.as_str())
            );
            let decoded = decoded.into_args();
            assert_eq!(decoded.len(), args.len());
            for (index, arg) in args.iter().enumerate() {
                match arg {
                    Arg::Json(value) => assert_eq!(decoded.json(index), Some(value)),
                    Arg::Binary(data) => assert_eq!(decoded.binary(index), Some(data)),
                }
            }
        }
    }

    fn feed<'a>(decoder: &'a mut Decoder, message: &'a Part) -> Result<Decoded<'a>, DecodeError> {
        match message {
            Part::Text(text) => decoder.on_text(Instant::now(), text),
            Part::Binary(hex) => decoder.on_binary(from_hex(hex)),
            Part::Json(_) => panic!("JSON is no message"),
        }
    }

    #[test]
    fn an_event_with_an_offset_is_not_compact() {
        let codec = Codec::Compact(Arc::new(CompactEvents::new(&["e".to_owned()]).unwrap()));
        let outgoing = Outgoing {
            head: Head {
                body: Body::Event("e"),
                namespace: "/",
                id: None,
            },
            args: &b"x",
            offset: Some("O"),
        };
        assert_eq!(with_draft(&codec, &outgoing, |draft| draft.count()), Ok(2));
        let ack = Outgoing {
            head: Head {
                body: Body::Ack,
                id: Some(1),
                ..outgoing.head
            },
            offset: None,
            ..outgoing
        };
        assert_eq!(with_draft(&codec, &ack, |draft| draft.count()), Ok(2));
    }

    #[test]
    fn a_message_of_no_known_event_is_refused() {
        let mut decoder = decoder(&["a".to_owned(), "b".to_owned()]);
        for message in [&b""[..], b"\x02", b"\xff\x00"] {
            let message = Bytes::from_static(message);
            assert_eq!(decoder.on_binary(message), Err(DecodeError::Compact));
        }
        let event = Decoded::Event {
            namespace: "/".into(),
            id: None,
            name: "b".into(),
            args: DecodedArgs::OneBinary(Bytes::new()),
        };
        assert_eq!(decoder.on_binary(Bytes::from_static(b"\x01")), Ok(event));
    }

    #[test]
    fn a_list_that_does_not_number_events_is_refused() {
        let names = |count: usize| (0..count).map(|number| number.to_string()).collect::<Vec<_>>();
        assert!(CompactEvents::new(&names(256)).is_ok());
        assert!(CompactEvents::new(&names(257)).is_err());
        assert!(CompactEvents::new(&["a".to_owned(), "a".to_owned()]).is_err());
        assert!(CompactEvents::new(&["connect".to_owned()]).is_err());
    }
}
