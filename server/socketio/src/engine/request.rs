//! The HTTP request of a client, as hooks see it and sessions keep it.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONNECTION, HeaderName, HeaderValue, UPGRADE};
use http::request::Parts;
use http::{Extensions, HeaderMap, Method};

use super::handshake::Query;

/// The head of a request under the path of the server. Cheap to clone. Its `url` and `query` may hold a session id,
/// which is a secret; `Debug` shows neither.
#[derive(Clone)]
#[non_exhaustive]
pub struct RequestHead {
    /// Method of the request.
    pub method: Method,
    /// Path and query as they were sent.
    pub url: Arc<str>,
    /// Headers of the request.
    pub headers: Arc<HeaderMap>,
    /// The query, decoded.
    pub query: Arc<Query>,
    /// The client's address, as far as the accept loop knows it.
    pub remote_addr: Option<SocketAddr>,
    /// Whether it came over TLS that ends in this process.
    pub secure: bool,
    /// What layers in front of the server and engine middleware have left for the application, by type.
    pub extensions: Arc<Extensions>,
}

/// In the extensions of a request that came over TLS.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Secure;

impl RequestHead {
    pub(crate) fn new(mut parts: Parts) -> Self {
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        let url = parts.uri.path_and_query().map_or("/", |url| url.as_str());
        // What has a field of its own is nothing that others have left.
        let remote_addr = parts.extensions.remove::<SocketAddr>();
        let secure = parts.extensions.remove::<Secure>().is_some();
        if parts.extensions.is_empty() {
            parts.extensions = Extensions::new();
        }
        Self {
            method: parts.method,
            url: url.into(),
            headers: Arc::new(parts.headers),
            query: Arc::new(query),
            remote_addr,
            secure,
            extensions: Arc::new(parts.extensions),
        }
    }

    /// Whether the client asks for a WebSocket.
    pub(crate) fn is_upgrade(&self) -> bool {
        let names = |name, token: &str| {
            self.headers
                .get_all(name)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .any(|value| {
                    value
                        .split(',')
                        .any(|part| part.trim().eq_ignore_ascii_case(token))
                })
        };
        names(CONNECTION, "upgrade") && names(UPGRADE, "websocket")
    }

    /// The same with headers in memory of their own: those of hyper keep its whole read buffer alive, which is too much
    /// for as long as a session lasts.
    pub(crate) fn settled(mut self) -> Self {
        self.headers = Arc::new(compact(&self.headers));
        self
    }
}

impl fmt::Debug for RequestHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHead")
            .field("method", &self.method)
            .field("remote_addr", &self.remote_addr)
            .finish_non_exhaustive()
    }
}

fn compact(headers: &HeaderMap) -> HeaderMap {
    let bytes = headers.values().map(HeaderValue::len).sum();
    let mut values = Vec::with_capacity(bytes);
    for value in headers.values() {
        values.extend_from_slice(value.as_bytes());
    }
    let values = Bytes::from(values);
    let mut compacted = HeaderMap::with_capacity(headers.keys_len());
    let mut start = 0;
    for (name, value) in headers {
        let end = start + value.len();
        let value = HeaderValue::from_maybe_shared(values.slice(start..end)).expect("it was a value before");
        start = end;
        let name = HeaderName::from_bytes(name.as_str().as_bytes()).expect("it was a name before");
        compacted.append(name, value);
    }
    compacted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(lines: &[(&'static str, &'static str)]) -> RequestHead {
        let mut request = http::Request::builder().uri("/socket.io/?EIO=4&sid=secret");
        for (name, value) in lines {
            request = request.header(*name, *value);
        }
        RequestHead::new(request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn an_upgrade_is_told_by_tokens_whatever_their_case() {
        let cases: [(&[(&str, &str)], bool); 6] = [
            (&[("connection", "Upgrade"), ("upgrade", "websocket")], true),
            (
                &[
                    ("connection", "keep-alive"),
                    ("connection", "x, upgrade"),
                    ("upgrade", "h2c, WebSocket"),
                ],
                true,
            ),
            (&[("connection", "upgraded"), ("upgrade", "websocket")], false),
            (&[("connection", "upgrade"), ("upgrade", "h2c")], false),
            (&[("upgrade", "websocket")], false),
            (&[], false),
        ];
        for (lines, expected) in cases {
            assert_eq!(head(lines).is_upgrade(), expected, "{lines:?}");
        }
    }

    #[test]
    fn settling_copies_everything() {
        let lines = [
            ("x-one", "1"),
            ("x-two", ""),
            ("x-one", "\u{e9}"),
            ("cookie", "a=b"),
        ];
        let before = head(&lines);
        let after = before.clone().settled();
        assert_eq!(before.headers, after.headers);
        assert_eq!(after.headers.get_all("x-one").iter().count(), 2);
    }

    #[test]
    fn a_session_id_is_not_shown() {
        let head = head(&[]);
        assert_eq!(&*head.url, "/socket.io/?EIO=4&sid=secret");
        assert!(!format!("{head:?}").contains("secret"));
    }
}
