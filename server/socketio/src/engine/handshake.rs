//! What a client says when it knocks, and the open packet it is answered with.

use super::config::Config;

/// Query parameters of the handshake request, percent-decoded, in order of appearance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(Box<[(String, String)]>);

impl Query {
    pub(crate) fn parse(query: &str) -> Self {
        let pairs = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .take(PAIRS_MAX)
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (percent_decode(name), percent_decode(value))
            });
        Self(pairs.collect())
    }

    pub(crate) fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        Self(pairs.into())
    }

    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// All pairs in order of appearance.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// `0{"sid":…}`: exactly the five keys of the protocol. `upgrades` tells a polling client whether it may move to
/// WebSocket; one that is there has nothing better to move to.
pub(crate) fn open_packet(sid: &str, upgrades: bool, config: &Config) -> String {
    let upgrades = if upgrades { r#"["websocket"]"# } else { "[]" };
    format!(
        r#"0{{"sid":"{sid}","upgrades":{upgrades},"pingInterval":{},"pingTimeout":{},"maxPayload":{}}}"#,
        config.ping_interval.as_millis(),
        config.ping_timeout.as_millis(),
        config.max_payload_bytes,
    )
}

/// A fresh random id: 15 bytes as 20 characters of base64url. A Socket.IO id never equals the session id of
/// its connection, since other players see the former and the latter lets its holder speak for the client.
pub(crate) fn random_id() -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let random: [u8; 15] = rand::random();
    let mut id = String::with_capacity(20);
    for group in random.chunks_exact(3) {
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for shift in [18, 12, 6, 0] {
            id.push(char::from(ALPHABET[(bits >> shift) as usize & 63]));
        }
    }
    id
}

/// Decodes `%41` and `+`; what is no valid escape stays as it is, and what is no UTF-8 is replaced.
fn percent_decode(text: &str) -> String {
    if !text.bytes().any(|byte| byte == b'%' || byte == b'+') {
        return text.to_owned();
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escape = tail.get(..2).filter(|_| *first == b'%').and_then(|digits| {
            let high = char::from(digits[0]).to_digit(16)?;
            let low = char::from(digits[1]).to_digit(16)?;
            u8::try_from(high * 16 + low).ok()
        });
        match escape {
            Some(byte) => {
                decoded.push(byte);
                rest = &tail[2..];
            }
            None => {
                decoded.push(if *first == b'+' { b' ' } else { *first });
                rest = tail;
            }
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// More parameters than any client sends; what follows is ignored.
const PAIRS_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_query_is_decoded_without_ever_failing() {
        let cases: [(&str, &str, Option<&str>); 8] = [
            ("EIO=4&transport=websocket", "transport", Some("websocket")),
            ("EIO=4&EIO=5", "EIO", Some("4")),
            ("a%20b=c%2Bd+e", "a b", Some("c+d e")),
            ("x=%", "x", Some("%")),
            ("x=%4", "x", Some("%4")),
            ("x=%zz", "x", Some("%zz")),
            ("x=%ff", "x", Some("\u{fffd}")),
            ("", "x", None),
        ];
        for (query, name, expected) in cases {
            assert_eq!(Query::parse(query).get(name), expected, "{query:?}");
        }
    }

    #[test]
    fn ids_are_twenty_characters_that_urls_carry() {
        let (first, second) = (random_id(), random_id());
        assert_ne!(first, second);
        assert_eq!(first.len(), 20);
        assert!(
            first
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        );
    }

    #[test]
    fn the_open_packet_has_the_five_keys_of_the_protocol() {
        let expected =
            r#"0{"sid":"S","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
        assert_eq!(open_packet("S", false, &Config::default()), expected);
        let expected = expected.replace("[]", r#"["websocket"]"#);
        assert_eq!(open_packet("S", true, &Config::default()), expected);
    }

    #[test]
    fn every_bit_of_an_id_is_random() {
        const COUNT: usize = 4096;
        let mut ones = [0_usize; 120];
        let mut seen = HashSet::new();
        for _ in 0..COUNT {
            let id = random_id();
            let bytes = data_encoding::BASE64URL_NOPAD
                .decode(id.as_bytes())
                .expect("an id is base64url");
            for (index, count) in ones.iter_mut().enumerate() {
                *count += usize::from(bytes[index / 8] >> (index % 8) & 1);
            }
            assert!(seen.insert(id), "an id comes once");
        }
        // Fair coins are out of these bounds once in some ten million runs of this test.
        let bounds = COUNT / 2 - 200..COUNT / 2 + 200;
        assert!(ones.iter().all(|count| bounds.contains(count)), "{ones:?}");
    }
}
