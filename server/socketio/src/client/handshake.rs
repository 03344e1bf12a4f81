//! What a server says when it opens a session.

use std::time::Duration;

use serde::Deserialize;

use crate::engine::packet::{self, PacketType};

/// What counts of the open packet: `0{"sid":…,"upgrades":[],"pingInterval":ms,"pingTimeout":ms,"maxPayload":bytes}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Open {
    /// Longest time between two pings; a server that is silent for longer is dead.
    pub(super) silence_max: Duration,
    /// Largest message the server accepts, in bytes.
    pub(super) payload_bytes_max: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
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
        let silence_ms = fields.ping_interval.saturating_add(fields.ping_timeout);
        Some(Self {
            silence_max: Duration::from_millis(silence_ms.min(SILENCE_MS_MAX)),
            payload_bytes_max: fields.max_payload.unwrap_or(usize::MAX),
        })
    }
}

/// No server that pings waits longer than a day, and a larger number must not overflow the clock.
const SILENCE_MS_MAX: u64 = 24 * 60 * 60 * 1000;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(u64, usize)>) {
        let expected = expected.map(|(silence_ms, payload_bytes_max)| Open {
            silence_max: Duration::from_millis(silence_ms),
            payload_bytes_max,
        });
        assert_eq!(Open::decode(text), expected, "{text}");
    }

    #[test]
    fn an_open_packet_tells_the_heartbeat_and_the_payload_bound() {
        check(
            r#"0{"sid":"S","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":100}"#,
            Some((500, 100)),
        );
        check(
            r#"0{"pingInterval":1,"pingTimeout":18446744073709551615}"#,
            Some((SILENCE_MS_MAX, usize::MAX)),
        );
        for text in [
            "",
            "0",
            "0{}",
            "0[]",
            "é",
            "2",
            r#"0{"pingInterval":-1,"pingTimeout":1}"#,
            r#"4{"pingInterval":1,"pingTimeout":1}"#,
        ] {
            check(text, None);
        }
    }
}
