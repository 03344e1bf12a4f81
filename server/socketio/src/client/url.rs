//! Where to connect to: what a URL says, and the requests that follow from it.

use std::fmt::Write;

use http::Uri;

use super::error::ClientError;
use crate::engine::config::{Parser, Transport};

/// A server to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub(super) is_secure: bool,
    /// A name or an address, the latter without brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// As it stands in the URL, for the `Host` header.
    pub(super) authority: String,
    /// Path of all requests, and the query that the application and the parser add, with a leading `&`.
    path: String,
    query: String,
}

impl Endpoint {
    /// Understands `http`, `https`, `ws` and `wss`; a query is passed on, a path is not allowed.
    pub(super) fn parse(url: &str, path: &str, parser: Parser) -> Result<Self, ClientError> {
        let refuse = |problem| ClientError::Url {
            url: url.to_owned(),
            problem,
        };
        let uri: Uri = url.parse().map_err(|_| refuse("it is not a URL"))?;
        let is_secure = match uri.scheme_str() {
            Some("http" | "ws") => false,
            Some("https" | "wss") => true,
            _ => return Err(refuse("its scheme is none of http, https, ws and wss")),
        };
        let authority = uri.authority().ok_or_else(|| refuse("it has no host"))?;
        if authority.as_str().contains('@') {
            return Err(refuse("user names are not sent"));
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() {
            return Err(refuse("it has no host"));
        }
        if !matches!(uri.path(), "" | "/") {
            return Err(refuse(
                "it has a path; the path of the server is a setting, a namespace is joined later",
            ));
        }
        let path = format!("{}/", path.trim_end_matches('/'));
        if !path.starts_with('/') || path.parse::<Uri>().is_err() {
            return Err(refuse(
                "the path of the server must start with a slash and be one",
            ));
        }
        let port =
            match authority.port() {
                Some(port) => port.as_u16(),
                // A colon without a number that fits is no port.
                None if authority.as_str().ends_with(']') || !authority.as_str().contains(':') => {
                    if is_secure { 443 } else { 80 }
                }
                None => return Err(refuse("its port is not a number up to 65535")),
            };
        let parser = match parser {
            Parser::Default => "",
            Parser::Msgpack => "&parser=msgpack",
            Parser::Compact => "&parser=compact",
        };
        let query = uri.query().map(|query| format!("&{query}")).unwrap_or_default();
        Ok(Self {
            is_secure,
            host: host.to_owned(),
            port,
            authority: authority.to_string(),
            path,
            query: format!("{query}{parser}"),
        })
    }

    /// The target of a request, of a session if there is one.
    pub(super) fn target(&self, transport: Transport, sid: Option<&str>) -> String {
        let name = match transport {
            Transport::Polling => "polling",
            Transport::WebSocket => "websocket",
        };
        let mut target = format!("{}?EIO=4&transport={name}{}", self.path, self.query);
        if let Some(sid) = sid {
            // Writing to memory does not fail.
            let _ = write!(target, "&sid={sid}");
        }
        target
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: Option<(bool, &str, u16, &str)>) {
        let parsed = Endpoint::parse(url, "/p", Parser::Default);
        let found = parsed.as_ref().ok().map(|endpoint| {
            let host = endpoint.host.as_str();
            (
                endpoint.is_secure,
                host,
                endpoint.port,
                endpoint.authority.as_str(),
            )
        });
        assert_eq!(found, expected, "{url:?}");
    }

    #[test]
    fn a_url_names_scheme_host_and_port() {
        check("http://a:81", Some((false, "a", 81, "a:81")));
        check("ws://a/", Some((false, "a", 80, "a")));
        check("https://a", Some((true, "a", 443, "a")));
        check("wss://a:1", Some((true, "a", 1, "a:1")));
        check(
            "http://127.0.0.1:1?x=y",
            Some((false, "127.0.0.1", 1, "127.0.0.1:1")),
        );
        check("http://[::1]:5", Some((false, "::1", 5, "[::1]:5")));
        check("http://[::1]", Some((false, "::1", 80, "[::1]")));
    }

    #[test]
    fn a_request_names_transport_session_and_query() {
        let endpoint = Endpoint::parse("http://a?token=t%20x", "/p/", Parser::Msgpack).unwrap();
        assert_eq!(
            endpoint.target(Transport::WebSocket, None),
            "/p/?EIO=4&transport=websocket&token=t%20x&parser=msgpack"
        );
        assert_eq!(
            endpoint.target(Transport::Polling, Some("S")),
            "/p/?EIO=4&transport=polling&token=t%20x&parser=msgpack&sid=S"
        );
        let endpoint = Endpoint::parse("http://a", "/", Parser::Default).unwrap();
        assert_eq!(
            endpoint.target(Transport::Polling, None),
            "/?EIO=4&transport=polling"
        );
    }

    #[test]
    fn what_cannot_be_reached_is_refused() {
        for url in [
            "",
            "a",
            "a:80",
            "/",
            "ftp://a",
            "http://",
            "http://:80",
            "http://u@a",
            "http://a/b",
            "http://a:99999",
            "http://a:x",
            "http://a b",
        ] {
            check(url, None);
        }
        for path in ["", "x", "/ x"] {
            assert_eq!(
                Endpoint::parse("http://a", path, Parser::Default).is_ok(),
                path.is_empty(),
                "{path:?}"
            );
        }
    }
}
