//! Engine.IO packets as WebSocket carries them: a text frame is one type digit and data, a binary frame is a message.

use crate::error::DecodeError;

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
