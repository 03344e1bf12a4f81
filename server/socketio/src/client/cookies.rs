//! Cookies of one server, as far as sticky sessions need them: a balancer sets one with the first answer and finds the
//! same process by it again.
//!
//! All requests of a client go to one host and one path, so domains and paths are not told apart. The jar is bounded;
//! what does not fit is not kept.

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

/// What a server has asked to be told again.
#[derive(Debug, Default)]
pub(super) struct Jar(Vec<Cookie>);

#[derive(Debug)]
struct Cookie {
    name: String,
    value: String,
    secure: bool,
}

impl Jar {
    /// Keeps what the headers of an answer set, and forgets what they take back.
    pub(super) fn observe(&mut self, headers: &HeaderMap) {
        for header in headers.get_all(SET_COOKIE) {
            let Some((cookie, is_expired)) = header.to_str().ok().and_then(parse) else {
                continue;
            };
            self.0.retain(|kept| kept.name != cookie.name);
            if !is_expired && self.0.len() < COOKIES_MAX {
                self.0.push(cookie);
            }
        }
    }

    /// Adds what is kept to the headers of a request, behind a cookie that the application sends itself.
    pub(super) fn apply(&self, headers: &mut HeaderMap, is_secure: bool) {
        let own = headers.get(COOKIE).and_then(|value| value.to_str().ok());
        let kept = self.0.iter().filter(|cookie| is_secure || !cookie.secure);
        let pairs: Vec<String> = own
            .map(str::to_owned)
            .into_iter()
            .chain(kept.map(|cookie| format!("{}={}", cookie.name, cookie.value)))
            .collect();
        if let Ok(value) = HeaderValue::from_str(&pairs.join("; "))
            && !pairs.is_empty()
        {
            headers.insert(COOKIE, value);
        }
    }
}

/// `name=value; attribute; attribute=value`, and whether it takes the cookie back.
fn parse(header: &str) -> Option<(Cookie, bool)> {
    let mut parts = header.split(';').map(str::trim);
    let (name, value) = parts.next()?.split_once('=')?;
    if name.is_empty() || name.len() + value.len() > COOKIE_BYTES_MAX {
        return None;
    }
    let (mut secure, mut is_expired) = (false, false);
    for attribute in parts {
        let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        if key.eq_ignore_ascii_case("secure") {
            secure = true;
        } else if key.eq_ignore_ascii_case("max-age") {
            is_expired = value.parse::<i64>().is_ok_and(|seconds| seconds <= 0);
        }
    }
    let cookie = Cookie {
        name: name.to_owned(),
        value: value.to_owned(),
        secure,
    };
    Some((cookie, is_expired))
}

/// Balancers set one or two.
const COOKIES_MAX: usize = 32;

/// What browsers keep as well.
const COOKIE_BYTES_MAX: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(jar: &Jar, own: Option<&str>, is_secure: bool) -> Option<String> {
        let mut headers = HeaderMap::new();
        if let Some(own) = own {
            headers.insert(COOKIE, HeaderValue::from_str(own).unwrap());
        }
        jar.apply(&mut headers, is_secure);
        headers
            .get(COOKIE)
            .map(|value| value.to_str().unwrap().to_owned())
    }

    fn answer(cookies: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(SET_COOKIE, HeaderValue::from_str(cookie).unwrap());
        }
        headers
    }

    #[test]
    fn cookies_are_sent_again_until_they_are_taken_back() {
        let mut jar = Jar::default();
        assert_eq!(sent(&jar, None, true), None);
        assert_eq!(sent(&jar, Some("own=1"), true), Some("own=1".to_owned()));
        jar.observe(&answer(&[
            "io=abc; Path=/; HttpOnly; SameSite=Lax",
            "node=n1; Secure",
        ]));
        assert_eq!(sent(&jar, None, true), Some("io=abc; node=n1".to_owned()));
        assert_eq!(sent(&jar, Some("own=1"), false), Some("own=1; io=abc".to_owned()));
        jar.observe(&answer(&["io=def; max-age=100", "node=; Max-Age=0"]));
        assert_eq!(sent(&jar, None, true), Some("io=def".to_owned()));
    }

    #[test]
    fn what_is_no_cookie_or_too_much_is_not_kept() {
        let mut jar = Jar::default();
        let long = format!("a={}", "x".repeat(COOKIE_BYTES_MAX));
        jar.observe(&answer(&["", "=x", "no pair", &long]));
        assert_eq!(sent(&jar, None, true), None);
        for number in 0..100 {
            jar.observe(&answer(&[&format!("c{number}=x")]));
        }
        assert_eq!(jar.0.len(), COOKIES_MAX);
    }
}
