//! What is known of a client from its first words. It travels between nodes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use http::header::ORIGIN;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::engine::handshake::Query;
use crate::engine::request::RequestHead;

/// What the client said when it connected, and when.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Handshake {
    /// Payload of its CONNECT: a JSON object, empty if it sent none.
    pub auth: Value,
    /// When it asked for the namespace, by the clock of this node.
    pub time: SystemTime,
    /// Its address, as far as the accept loop knows it.
    pub remote_addr: Option<SocketAddr>,
    /// Headers of the request that opened the connection.
    pub headers: Arc<HeaderMap>,
    /// Path and query of that request as they were sent.
    pub url: Arc<str>,
    /// The query, decoded.
    pub query: Arc<Query>,
    /// Whether a page of another site may have sent that request: it has an `Origin`, as those of the same site also
    /// may have. The reference counts as this does.
    pub xdomain: bool,
    /// Whether it came over TLS that ends in this process.
    pub secure: bool,
}

impl Handshake {
    pub(crate) fn new(request: &RequestHead, auth: Value, time: SystemTime) -> Self {
        Self {
            auth,
            time,
            remote_addr: request.remote_addr,
            headers: request.headers.clone(),
            url: request.url.clone(),
            query: request.query.clone(),
            xdomain: request.headers.contains_key(ORIGIN),
            secure: request.secure,
        }
    }

    /// The same as [`Handshake::time`] in milliseconds since 1970, as JavaScript counts.
    pub fn issued_ms(&self) -> u64 {
        let since = self.time.duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }
}

/// The same in types that travel.
#[derive(Serialize, Deserialize)]
struct Fields {
    auth: Value,
    time: SystemTime,
    remote_addr: Option<SocketAddr>,
    headers: Vec<(String, Vec<u8>)>,
    url: String,
    query: Vec<(String, String)>,
    xdomain: bool,
    secure: bool,
}

impl Serialize for Handshake {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let headers = self.headers.iter();
        let fields = Fields {
            auth: self.auth.clone(),
            time: self.time,
            remote_addr: self.remote_addr,
            url: self.url.to_string(),
            xdomain: self.xdomain,
            secure: self.secure,
            headers: headers
                .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
                .collect(),
            query: self
                .query
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        };
        fields.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Handshake {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Fields::deserialize(deserializer)?;
        let mut headers = HeaderMap::new();
        for (name, value) in &fields.headers {
            let name = HeaderName::try_from(name).map_err(serde::de::Error::custom)?;
            let value = HeaderValue::from_bytes(value).map_err(serde::de::Error::custom)?;
            headers.append(name, value);
        }
        Ok(Self {
            auth: fields.auth,
            time: fields.time,
            remote_addr: fields.remote_addr,
            url: fields.url.into(),
            xdomain: fields.xdomain,
            secure: fields.secure,
            headers: Arc::new(headers),
            query: Arc::new(Query::from_pairs(fields.query)),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use std::time::Duration;

    use super::*;

    #[test]
    fn a_handshake_travels_and_says_the_same() {
        let mut headers = HeaderMap::new();
        headers.append("cookie", HeaderValue::from_static("a=1"));
        headers.append("cookie", HeaderValue::from_bytes(b"b=\xff").unwrap());
        let handshake = Handshake {
            auth: json!({ "token": "t" }),
            time: UNIX_EPOCH + Duration::from_millis(1_234),
            url: "/socket.io/?EIO=4&x=1&x=2".into(),
            xdomain: true,
            secure: false,
            remote_addr: Some(([127, 0, 0, 1], 9).into()),
            headers: Arc::new(headers),
            query: Arc::new(Query::parse("EIO=4&x=1&x=2")),
        };
        let wire = serde_json::to_string(&handshake).unwrap();
        let received: Handshake = serde_json::from_str(&wire).unwrap();
        assert_eq!(received.auth, handshake.auth);
        assert_eq!(received.remote_addr, handshake.remote_addr);
        assert_eq!(received.headers, handshake.headers);
        assert_eq!(received.query, handshake.query);
        assert_eq!((received.issued_ms(), &*received.url), (1_234, &*handshake.url));
        assert!(received.xdomain && !received.secure);
    }
}
