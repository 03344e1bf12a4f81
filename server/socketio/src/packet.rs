//! The textual part of a Socket.IO packet, taken apart without looking into its JSON.
//!
//! ```text
//! <type> [<attachments> "-"] ["/" <namespace> ","] [<acknowledgement id>] [<JSON>]
//!   5         1-                 /admin,                  12               ["input",{…}]
//! ```

use crate::error::DecodeError;

/// Type of a Socket.IO packet; the digit is its place in this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PacketType {
    Connect,
    Disconnect,
    Event,
    Ack,
    ConnectError,
    BinaryEvent,
    BinaryAck,
}

impl PacketType {
    fn from_digit(digit: u8) -> Option<Self> {
        Some(match digit {
            b'0' => Self::Connect,
            b'1' => Self::Disconnect,
            b'2' => Self::Event,
            b'3' => Self::Ack,
            b'4' => Self::ConnectError,
            b'5' => Self::BinaryEvent,
            b'6' => Self::BinaryAck,
            _ => return None,
        })
    }
}

/// A packet whose payload is still text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packet<'a> {
    pub(crate) kind: PacketType,
    /// Number of binary frames that follow; at least 1 for the binary types, 0 for the others.
    pub(crate) attachments: usize,
    /// Starts with a slash.
    pub(crate) namespace: &'a str,
    /// Below 2^53, so that JavaScript holds it exactly.
    pub(crate) id: Option<u64>,
    /// JSON, not yet checked; empty when there is none.
    pub(crate) payload: &'a str,
}

/// Bounds that hold before any JSON is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PacketLimits {
    pub(crate) attachments_max: usize,
    pub(crate) namespace_bytes_max: usize,
    /// Objects in the payload: read, each takes some hundred bytes, however few it took on the wire.
    pub(crate) objects_max: usize,
    /// Payload of a CONNECT, which is kept as long as the socket.
    pub(crate) auth_bytes_max: usize,
}

/// Takes the text of a packet apart, in time linear in its length and without allocating.
pub(crate) fn decode(text: &str, limits: PacketLimits) -> Result<Packet<'_>, DecodeError> {
    let kind = text
        .bytes()
        .next()
        .and_then(PacketType::from_digit)
        .ok_or(DecodeError::UnknownType)?;
    let mut rest = &text[1..];
    let mut attachments = 0;
    if matches!(kind, PacketType::BinaryEvent | PacketType::BinaryAck) {
        let (digits, tail) = split_digits(rest);
        rest = tail.strip_prefix('-').ok_or(DecodeError::Attachments)?;
        attachments = parse_number(digits).ok_or(DecodeError::Attachments)? as usize;
        if attachments < 1 || attachments > limits.attachments_max {
            return Err(DecodeError::Attachments);
        }
    }
    let mut namespace = "/";
    if rest.starts_with('/') {
        // Looking no further than the longest name keeps a megabyte of slashes cheap.
        let end = rest
            .bytes()
            .take(limits.namespace_bytes_max + 1)
            .position(|byte| byte == b',');
        match end {
            Some(end) => (namespace, rest) = (&rest[..end], &rest[end + 1..]),
            None if rest.len() <= limits.namespace_bytes_max => (namespace, rest) = (rest, ""),
            None => return Err(DecodeError::Namespace),
        }
    }
    let (digits, payload) = split_digits(rest);
    let id = if digits.is_empty() {
        None
    } else {
        Some(parse_number(digits).ok_or(DecodeError::AckId)?)
    };
    Ok(Packet {
        kind,
        attachments,
        namespace,
        id,
        payload,
    })
}

fn split_digits(text: &str) -> (&str, &str) {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    text.split_at(count)
}

fn parse_number(digits: &str) -> Option<u64> {
    if digits.len() > NUMBER_DIGITS_MAX {
        return None;
    }
    digits.parse().ok().filter(|number| *number <= NUMBER_MAX)
}

/// The largest integer which JavaScript counts to without gaps.
pub(crate) const NUMBER_MAX: u64 = (1 << 53) - 1;

/// Digits of [`NUMBER_MAX`].
const NUMBER_DIGITS_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: PacketLimits = PacketLimits {
        attachments_max: 10,
        namespace_bytes_max: 16,
        objects_max: 100,
        auth_bytes_max: 1000,
    };

    fn check(text: &str, expected: Result<(PacketType, usize, &str, Option<u64>, &str), DecodeError>) {
        let decoded = decode(text, LIMITS).map(|packet| {
            (
                packet.kind,
                packet.attachments,
                packet.namespace,
                packet.id,
                packet.payload,
            )
        });
        assert_eq!(decoded, expected, "{text:?}");
    }

    #[test]
    fn the_parts_of_a_packet_are_found() {
        check("0", Ok((PacketType::Connect, 0, "/", None, "")));
        check("0/admin,{}", Ok((PacketType::Connect, 0, "/admin", None, "{}")));
        check("0/admin", Ok((PacketType::Connect, 0, "/admin", None, "")));
        check("1/a?b=c,", Ok((PacketType::Disconnect, 0, "/a?b=c", None, "")));
        check("2[\"a\"]", Ok((PacketType::Event, 0, "/", None, "[\"a\"]")));
        check("212[\"a\"]", Ok((PacketType::Event, 0, "/", Some(12), "[\"a\"]")));
        check("3/b,7[]", Ok((PacketType::Ack, 0, "/b", Some(7), "[]")));
        check(
            "51-[\"a\"]",
            Ok((PacketType::BinaryEvent, 1, "/", None, "[\"a\"]")),
        );
        check("610-/b,7[]", Ok((PacketType::BinaryAck, 10, "/b", Some(7), "[]")));
        check("2é", Ok((PacketType::Event, 0, "/", None, "é")));
    }

    #[test]
    fn what_breaks_the_rules_is_refused() {
        for text in ["", "7", "8[]", "999", "a", "é", " 2"] {
            check(text, Err(DecodeError::UnknownType));
        }
        for text in [
            "5",
            "51",
            "5a-",
            "5-",
            "50-[]",
            "511-[]",
            "51.23-",
            "5999999999999999999999-",
            "5+1-",
        ] {
            check(text, Err(DecodeError::Attachments));
        }
        check("2/0123456789abcdef,[]", Err(DecodeError::Namespace));
        check("29007199254740992[]", Err(DecodeError::AckId));
        check(&format!("2{}", "1".repeat(1_000_000)), Err(DecodeError::AckId));
        check(
            &format!("5{}", "1".repeat(1_000_000)),
            Err(DecodeError::Attachments),
        );
        check(
            &format!("2{}", "/".repeat(1_000_000)),
            Err(DecodeError::Namespace),
        );
    }
}
