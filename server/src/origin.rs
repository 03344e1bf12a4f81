//! Which pages may connect, and which requests come from this machine.
//!
//! A browser lets any page open a WebSocket to anywhere and only names the page's origin. Without a check, every page a
//! player visits could play on a server that is meant for one page, with that player's address.

use http::HeaderMap;
use http::header::{HOST, ORIGIN};

/// Why a handshake is refused; the peer reads it.
const REFUSED: &str = "pages of this origin may not connect; the server lists the others with --allow-origin";

/// Lets in who has no origin (no browser), the server's own pages, and the origins in `listed` (`*` is all).
pub(crate) fn check(headers: &HeaderMap, listed: &[String]) -> Result<(), String> {
    let Some(origin) = headers.get(ORIGIN) else {
        return Ok(());
    };
    let origin = origin.to_str().map_err(|_| REFUSED.to_owned())?;
    let own = host(headers).is_some_and(|host| {
        origin
            .split_once("://")
            .is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
    });
    if own
        || listed
            .iter()
            .any(|allowed| allowed == "*" || allowed.eq_ignore_ascii_case(origin))
    {
        Ok(())
    } else {
        Err(REFUSED.to_owned())
    }
}

/// True when the request names this machine as its host. A page elsewhere can make a name of its own point here, but then
/// the browser sends that name.
pub(crate) fn names_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = host(headers) else { return false };
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => host.split(':').next().unwrap_or(host),
    };
    name.eq_ignore_ascii_case("localhost")
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.to_canonical().is_loopback())
}

fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(HOST)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(rows: &[(http::HeaderName, &'static str)]) -> HeaderMap {
        rows.iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn own_pages_and_listed_ones_may_connect() {
        let listed = ["https://game.example".to_owned()];
        let check = |origin: Option<&'static str>, allowed: bool| {
            let mut rows = vec![(HOST, "play.example:3000")];
            rows.extend(origin.map(|origin| (ORIGIN, origin)));
            assert_eq!(
                super::check(&headers(&rows), &listed).is_ok(),
                allowed,
                "{origin:?}"
            );
        };
        check(None, true);
        check(Some("http://play.example:3000"), true);
        check(Some("https://PLAY.example:3000"), true);
        check(Some("https://game.example"), true);
        check(Some("https://game.example.evil.example"), false);
        check(Some("http://play.example"), false);
        check(Some("null"), false);
        check(Some(""), false);
        assert!(super::check(&headers(&[(ORIGIN, "http://a.example")]), &["*".to_owned()]).is_ok());
        assert!(super::check(&headers(&[(ORIGIN, "http://a.example")]), &[]).is_err());
    }

    #[test]
    fn only_names_of_this_machine_are_local() {
        let check = |host: &'static str, local: bool| {
            assert_eq!(names_this_machine(&headers(&[(HOST, host)])), local, "{host}");
        };
        check("localhost:3000", true);
        check("127.0.0.1:3000", true);
        check("[::1]:3000", true);
        check("[::1]", true);
        check("evil.example:3000", false);
        check("localhost.evil.example", false);
        check("192.168.0.7:3000", false);
        assert!(!names_this_machine(&HeaderMap::new()));
    }
}
