//! What a server says when it opens a session.

use std::fmt::Write;
use std::time::Duration;

use serde::Deserialize;

use crate::engine::packet::{self, PacketType};

/// What counts of the open packet: `0{"sid":…,"upgrades":[…],"pingInterval":ms,"pingTimeout":ms,"maxPayload":bytes}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Open {
    /// Session id, escaped for a query.
    pub(super) sid: String,
    /// Whether a session that polls may move to WebSocket.
    pub(super) offers_websocket: bool,
    /// Longest time between two pings; a server that is silent for longer is dead.
    pub(super) silence_max: Duration,
    /// Largest message the server accepts, in bytes.
    pub(super) payload_bytes_max: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    #[serde(default)]
    sid: String,
    #[serde(default)]
    upgrades: Vec<String>,
    ping_interval: u64,
    ping_timeout: u64,
    /// Servers before version 4 of the protocol was revised do not tell.
    max_payload: Option<usize>,
}

impl Open {
    /// Understands the first text of a server; `None` if it is no open packet.
    pub(super) fn decode(text: &str) -> Option<Self> {
        let Ok((PacketType::Open, json)) = packet::decode(text) else {
            return None;
        };
        let fields: Fields = serde_json::from_str(json).ok()?;
        if fields.sid.len() > SID_BYTES_MAX {
            return None;
        }
        let silence_ms = fields.ping_interval.saturating_add(fields.ping_timeout);
        Some(Self {
            sid: escape(&fields.sid),
            offers_websocket: fields.upgrades.iter().any(|name| name == "websocket"),
            silence_max: Duration::from_millis(silence_ms.min(SILENCE_MS_MAX)),
            payload_bytes_max: fields.max_payload.unwrap_or(usize::MAX),
        })
    }
}

/// Escapes what means something in a query, or is not allowed there.
fn escape(sid: &str) -> String {
    let mut escaped = String::with_capacity(sid.len());
    for byte in sid.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing to memory does not fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

/// No server that pings waits longer than a day, and a larger number must not overflow the clock.
const SILENCE_MS_MAX: u64 = 24 * 60 * 60 * 1000;

/// Ids of the reference have 20 characters; an application may make its own.
const SID_BYTES_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(&str, bool, u64, usize)>) {
        let expected = expected.map(|(sid, offers_websocket, silence_ms, payload_bytes_max)| Open {
            sid: sid.to_owned(),
            offers_websocket,
            silence_max: Duration::from_millis(silence_ms),
            payload_bytes_max,
        });
        assert_eq!(Open::decode(text), expected, "{text}");
    }

    #[test]
    fn an_open_packet_tells_session_heartbeat_and_payload_bound() {
        check(
            r#"0{"sid":"S_-1","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":100}"#,
            Some(("S_-1", false, 500, 100)),
        );
        check(
            r#"0{"sid":"a b&c\r\n","upgrades":["x","websocket"],"pingInterval":1,"pingTimeout":18446744073709551615}"#,
            Some(("a%20b%26c%0D%0A", true, SILENCE_MS_MAX, usize::MAX)),
        );
        let long = format!(
            r#"0{{"sid":"{}","pingInterval":1,"pingTimeout":1}}"#,
            "s".repeat(SID_BYTES_MAX + 1)
        );
        for text in [
            "",
            "0",
            "0{}",
            "0[]",
            "é",
            "2",
            r#"0{"pingInterval":-1,"pingTimeout":1}"#,
            r#"0{"sid":7,"pingInterval":1,"pingTimeout":1}"#,
            r#"4{"pingInterval":1,"pingTimeout":1}"#,
            &long,
        ] {
            check(text, None);
        }
    }
}
