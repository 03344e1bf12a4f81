//! What is known of a client from its first words. It travels between nodes.

use std::net::SocketAddr;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::engine::handshake::Query;

/// What the client said when it connected.
#[derive(Clone, Debug)]
pub struct Handshake {
    /// Payload of its CONNECT: a JSON object, empty if it sent none.
    pub auth: Value,
    /// Its address, as far as the accept loop knows it.
    pub remote_addr: Option<SocketAddr>,
    /// Headers of the request that opened the connection.
    pub headers: Arc<HeaderMap>,
    /// Query of that request.
    pub query: Arc<Query>,
}

/// The same in types that travel.
#[derive(Serialize, Deserialize)]
struct Fields {
    auth: Value,
    remote_addr: Option<SocketAddr>,
    headers: Vec<(String, Vec<u8>)>,
    query: Vec<(String, String)>,
}

impl Serialize for Handshake {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let headers = self.headers.iter();
        let fields = Fields {
            auth: self.auth.clone(),
            remote_addr: self.remote_addr,
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
            remote_addr: fields.remote_addr,
            headers: Arc::new(headers),
            query: Arc::new(Query::from_pairs(fields.query)),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_handshake_travels_and_says_the_same() {
        let mut headers = HeaderMap::new();
        headers.append("cookie", HeaderValue::from_static("a=1"));
        headers.append("cookie", HeaderValue::from_bytes(b"b=\xff").unwrap());
        let handshake = Handshake {
            auth: json!({ "token": "t" }),
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
    }
}
