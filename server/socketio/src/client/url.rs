//! Where to connect to: what a URL says, and the handshake request that follows from it.

use http::Uri;

use super::error::ClientError;

/// A server to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// A name or an address, the latter without brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// URL of the handshake, with scheme `ws`.
    pub(super) request: String,
}

impl Endpoint {
    /// Understands `http://host:port` and `ws://host:port`; a query is passed on, a path is not allowed.
    pub(super) fn parse(url: &str, path: &str) -> Result<Self, ClientError> {
        let refuse = |problem| ClientError::Url {
            url: url.to_owned(),
            problem,
        };
        let uri: Uri = url.parse().map_err(|_| refuse("it is not a URL"))?;
        match uri.scheme_str() {
            Some("http" | "ws") => {}
            Some("https" | "wss") => return Err(ClientError::Tls),
            _ => return Err(refuse("its scheme is neither http nor ws")),
        }
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
        if !path.starts_with('/') {
            return Err(refuse("the path of the server must start with a slash"));
        }
        let path = path.trim_end_matches('/');
        let port = match authority.port() {
            Some(port) => port.as_u16(),
            // A colon without a number that fits is no port.
            None if authority.as_str().ends_with(']') || !authority.as_str().contains(':') => 80,
            None => return Err(refuse("its port is not a number up to 65535")),
        };
        let query = uri.query().map(|query| format!("&{query}")).unwrap_or_default();
        let request = format!("ws://{authority}{path}/?EIO=4&transport=websocket{query}");
        Ok(Self {
            host: host.to_owned(),
            port,
            request,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: Option<(&str, u16, &str)>) {
        let parsed = Endpoint::parse(url, "/p");
        let parsed = parsed
            .as_ref()
            .ok()
            .map(|endpoint| (endpoint.host.as_str(), endpoint.port, endpoint.request.as_str()));
        assert_eq!(parsed, expected, "{url:?}");
    }

    #[test]
    fn a_url_names_host_port_and_query() {
        const REST: &str = "/p/?EIO=4&transport=websocket";
        check("http://a:81", Some(("a", 81, &format!("ws://a:81{REST}"))));
        check("ws://a/", Some(("a", 80, &format!("ws://a{REST}"))));
        check(
            "http://127.0.0.1:1?x=y",
            Some(("127.0.0.1", 1, &format!("ws://127.0.0.1:1{REST}&x=y"))),
        );
        check("http://[::1]:5", Some(("::1", 5, &format!("ws://[::1]:5{REST}"))));
        check("http://[::1]", Some(("::1", 80, &format!("ws://[::1]{REST}"))));
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
        for url in ["https://a", "wss://a:1"] {
            assert!(
                matches!(Endpoint::parse(url, "/p"), Err(ClientError::Tls)),
                "{url}"
            );
        }
    }
}
