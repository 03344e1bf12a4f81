//! Engine.IO packets: one type digit and data. A binary message has no type: it is a binary frame, or where only text
//! passes `b` and base64.

use bytes::Bytes;
use data_encoding::BASE64;

use crate::error::DecodeError;

/// A packet that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Incoming<'a> {
    Text(PacketType, &'a str),
    Binary(Bytes),
}

/// Decodes a packet that came as text.
pub(crate) fn decode_incoming(text: &str) -> Result<Incoming<'_>, DecodeError> {
    match text.strip_prefix('b') {
        // The decoder would also take several base64 texts behind one another.
        Some(base64) if base64.trim_end_matches('=').contains('=') => Err(DecodeError::Payload),
        Some(base64) => BASE64
            .decode(base64.as_bytes())
            .map(|data| Incoming::Binary(data.into()))
            .map_err(|_| DecodeError::Payload),
        None => decode(text).map(|(kind, data)| Incoming::Text(kind, data)),
    }
}

/// Type of an Engine.IO packet; the digit is its place in this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PacketType {
    Open,
    Close,
    Ping,
    Pong,
    Message,
    Upgrade,
    Noop,
}

/// Splits the text of one frame into type and data.
pub(crate) fn decode(text: &str) -> Result<(PacketType, &str), DecodeError> {
    let kind = match text.as_bytes().first() {
        Some(b'0') => PacketType::Open,
        Some(b'1') => PacketType::Close,
        Some(b'2') => PacketType::Ping,
        Some(b'3') => PacketType::Pong,
        Some(b'4') => PacketType::Message,
        Some(b'5') => PacketType::Upgrade,
        Some(b'6') => PacketType::Noop,
        _ => return Err(DecodeError::UnknownType),
    };
    Ok((kind, &text[1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_may_come_as_base64() {
        let cases: [(&str, Option<&[u8]>); 8] = [
            ("bAQIDBA==", Some(&[1, 2, 3, 4])),
            ("b", Some(&[])),
            ("bAQ", None),
            ("bAQ=?", None),
            ("b\u{e9}", None),
            ("bAB==", None),
            ("bAQIDBA==AQID", None),
            ("bAQ===", None),
        ];
        for (text, expected) in cases {
            let expected = expected.map(|data| Incoming::Binary(Bytes::from_static(data)));
            assert_eq!(decode_incoming(text).ok(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_text_frame_is_a_digit_and_data_or_nothing() {
        let cases: [(&str, Option<(PacketType, &str)>); 11] = [
            ("0", Some((PacketType::Open, ""))),
            ("2probe", Some((PacketType::Ping, "probe"))),
            ("42[\"é\"]", Some((PacketType::Message, "2[\"é\"]"))),
            ("6", Some((PacketType::Noop, ""))),
            ("", None),
            ("7", None),
            ("a123", None),
            ("{", None),
            ("{}", None),
            ("éabcd", None),
            ("\u{1e}", None),
        ];
        for (text, expected) in cases {
            assert_eq!(decode(text).ok(), expected, "{text:?}");
        }
    }
}
