//! The cookie that carries a session id, for balancers which send the requests of a session to the same process by it.

use std::time::{Duration, SystemTime};

use http::HeaderValue;

/// A cookie with the session id, set by the answer that opens a session by polling. Nothing in this crate reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    /// Its name; `io`.
    pub name: String,
    /// Paths it is sent to; `/`. `None` leaves it to the browser, which takes the folder of the request.
    pub path: Option<String>,
    /// Hosts it is sent to; only the one that set it.
    pub domain: Option<String>,
    /// How long the browser keeps it, in whole seconds; as long as it runs.
    pub max_age: Option<Duration>,
    /// Until when it keeps it; the same. `max_age` wins over it.
    pub expires: Option<SystemTime>,
    /// Whether it is sent over TLS only; no. [`SameSite::None`] needs it.
    pub secure: bool,
    /// Whether it is kept from scripts; yes: the session id is a secret.
    pub http_only: bool,
    /// Whether it is sent with requests that other sites cause; `Lax`. `None` says nothing.
    pub same_site: Option<SameSite>,
}

/// Which requests of other sites a cookie is sent with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// No request.
    Strict,
    /// Links that are followed.
    Lax,
    /// Every request, if the cookie is secure: what a page of another site needs to poll here.
    None,
}

impl Default for Cookie {
    fn default() -> Self {
        Self {
            name: "io".to_owned(),
            path: Some("/".to_owned()),
            domain: None,
            max_age: None,
            expires: None,
            secure: false,
            http_only: true,
            same_site: Some(SameSite::Lax),
        }
    }
}

impl Cookie {
    /// Whether all parts may stand in a header.
    pub(crate) fn is_valid(&self) -> bool {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        let is_part = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b';';
        let mut parts = self.path.iter().chain(&self.domain);
        !self.name.is_empty()
            && self.name.bytes().all(is_token)
            && parts.all(|part| part.bytes().all(is_part))
            // What the date of a header can say.
            && self.expires.is_none_or(|expires| {
                expires >= SystemTime::UNIX_EPOCH && expires < SystemTime::UNIX_EPOCH + FOUR_DIGIT_YEARS
            })
    }

    pub(crate) fn header(&self, sid: &str) -> HeaderValue {
        let mut text = format!("{}={sid}", self.name);
        if let Some(max_age) = self.max_age {
            text += &format!("; Max-Age={}", max_age.as_secs());
        }
        if let Some(domain) = &self.domain {
            text += &format!("; Domain={domain}");
        }
        if let Some(path) = &self.path {
            text += &format!("; Path={path}");
        }
        if let Some(expires) = self.expires {
            text += &format!("; Expires={}", httpdate::fmt_http_date(expires));
        }
        if self.http_only {
            text += "; HttpOnly";
        }
        if self.secure {
            text += "; Secure";
        }
        text += match self.same_site {
            Some(SameSite::Strict) => "; SameSite=Strict",
            Some(SameSite::Lax) => "; SameSite=Lax",
            Some(SameSite::None) => "; SameSite=None",
            None => "",
        };
        let mut value =
            HeaderValue::try_from(text).expect("a valid configuration has only visible characters");
        value.set_sensitive(true);
        value
    }
}

/// From 1970 to before 10 000, in seconds.
const FOUR_DIGIT_YEARS: Duration = Duration::from_secs(253_402_300_800);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_written_as_the_reference_does() {
        let cases = [
            (Cookie::default(), "io=SID; Path=/; HttpOnly; SameSite=Lax"),
            (
                Cookie {
                    name: "woot".to_owned(),
                    ..Cookie::default()
                },
                "woot=SID; Path=/; HttpOnly; SameSite=Lax",
            ),
            (
                Cookie {
                    path: Some("/custom".to_owned()),
                    ..Cookie::default()
                },
                "io=SID; Path=/custom; HttpOnly; SameSite=Lax",
            ),
            (
                Cookie {
                    path: None,
                    ..Cookie::default()
                },
                "io=SID; HttpOnly; SameSite=Lax",
            ),
            (
                Cookie {
                    http_only: false,
                    same_site: Some(SameSite::Strict),
                    ..Cookie::default()
                },
                "io=SID; Path=/; SameSite=Strict",
            ),
            (
                Cookie {
                    domain: Some("game.example".to_owned()),
                    max_age: Some(Duration::from_millis(86_400_999)),
                    expires: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777)),
                    secure: true,
                    same_site: Some(SameSite::None),
                    ..Cookie::default()
                },
                "io=SID; Max-Age=86400; Domain=game.example; Path=/; Expires=Sun, 06 Nov 1994 08:49:37 GMT; \
                 HttpOnly; Secure; SameSite=None",
            ),
            (
                Cookie {
                    same_site: None,
                    ..Cookie::default()
                },
                "io=SID; Path=/; HttpOnly",
            ),
        ];
        for (cookie, expected) in cases {
            assert!(cookie.is_valid());
            assert_eq!(cookie.header("SID"), expected);
        }
    }

    #[test]
    fn what_would_break_the_header_is_refused() {
        let name = |name: &str| Cookie {
            name: name.to_owned(),
            ..Cookie::default()
        };
        let path = |path: &str| Cookie {
            path: Some(path.to_owned()),
            ..Cookie::default()
        };
        let expires = |expires| Cookie {
            expires: Some(expires),
            ..Cookie::default()
        };
        let bad = [
            name(""),
            name("a b"),
            name("a=b"),
            name("\u{e9}"),
            path("/; Secure"),
            path("/\r\nX: y"),
            expires(SystemTime::UNIX_EPOCH - Duration::from_secs(1)),
            expires(SystemTime::UNIX_EPOCH + FOUR_DIGIT_YEARS),
        ];
        for cookie in bad {
            assert!(!cookie.is_valid(), "{cookie:?}");
        }
    }
}
