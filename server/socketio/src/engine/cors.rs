//! Which pages of other origins may read our answers (the fetch standard's CORS protocol).
//!
//! A browser asks for permission in two places: before requests that a form could not send it sends a preflight
//! (`OPTIONS`), and each answer must name the origin again. WebSockets know no CORS; whoever wants to keep foreign pages
//! from opening those looks at the `Origin` header of the handshake.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, HeaderName, HeaderValue, ORIGIN, VARY,
};
use http::{HeaderMap, Method};

use crate::guard::guarded;
use crate::stats::Stats;

/// What pages of other origins may do. Without one ([`Config::cors`](crate::Config::cors)) they may nothing.
#[derive(Clone, Debug)]
pub struct Cors {
    /// Which origins are let in.
    pub origins: Origins,
    /// Whether the browser may send cookies along; no. Together with [`Origins::Any`] browsers refuse every answer,
    /// which is said in the log at the start: use [`Origins::Mirror`] or name them.
    pub credentials: bool,
    /// Methods a preflight is told; GET, HEAD, PUT, PATCH, POST, DELETE as the reference, though only GET and POST
    /// lead anywhere.
    pub methods: Vec<Method>,
    /// Request headers a preflight is told; `None` permits what it asks for.
    pub allowed_headers: Option<Vec<HeaderName>>,
    /// Response headers that pages may read beside the harmless ones; none.
    pub exposed_headers: Vec<HeaderName>,
    /// How long a browser may remember the answer to a preflight; it decides itself, usually 5 s. Longer saves
    /// requests, and keeps old permissions.
    pub max_age: Option<Duration>,
}

/// A set of origins, such as `https://example.com`.
#[derive(Clone)]
pub enum Origins {
    /// Every origin, by the answer `*`, which browsers do not take for requests with cookies.
    Any,
    /// Every origin, by its name.
    Mirror,
    /// These, compared byte by byte: scheme and host in lower case, a port where it is not the scheme's own, no slash
    /// at the end.
    List(Vec<String>),
    /// Those for which it says yes. It runs on the accept path and must not block; a panic says no.
    Matching(Arc<dyn Fn(&str) -> bool + Send + Sync>),
}

impl fmt::Debug for Origins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("Any"),
            Self::Mirror => f.write_str("Mirror"),
            Self::List(list) => f.debug_tuple("List").field(list).finish(),
            Self::Matching(_) => f.write_str("Matching(..)"),
        }
    }
}

impl From<Origins> for Cors {
    fn from(origins: Origins) -> Self {
        Self {
            origins,
            credentials: false,
            methods: vec![
                Method::GET,
                Method::HEAD,
                Method::PUT,
                Method::PATCH,
                Method::POST,
                Method::DELETE,
            ],
            allowed_headers: None,
            exposed_headers: Vec::new(),
            max_age: None,
        }
    }
}

/// What is decided about one request.
pub(crate) struct Permission {
    /// Value of the header which names the origin; `None` where it is not let in.
    origin: Option<HeaderValue>,
    /// What a preflight asks for.
    asked_headers: Option<HeaderValue>,
}

impl Cors {
    /// A combination that no browser accepts.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        (self.credentials && matches!(self.origins, Origins::Any))
            .then_some("CORS for any origin with credentials: browsers will refuse every answer")
    }

    /// Looks at a request before it is answered.
    pub(crate) fn judge(&self, request: &HeaderMap, stats: &Stats) -> Permission {
        let origin = match &self.origins {
            Origins::Any => Some(HeaderValue::from_static("*")),
            others => request
                .get(ORIGIN)
                .filter(|origin| origin.to_str().is_ok_and(|origin| others.contain(origin, stats)))
                .cloned(),
        };
        Permission {
            origin,
            asked_headers: request.get(ACCESS_CONTROL_REQUEST_HEADERS).cloned(),
        }
    }

    /// Writes what every answer says, errors as well: a page that may not read them cannot tell what is wrong.
    pub(crate) fn allow(&self, permission: &Permission, answer: &mut HeaderMap) {
        if !matches!(self.origins, Origins::Any) {
            // The answer to one origin must not be kept for another.
            answer.append(VARY, HeaderValue::from_name(ORIGIN));
        }
        let Some(origin) = &permission.origin else {
            return;
        };
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        if self.credentials {
            answer.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        if !self.exposed_headers.is_empty() {
            let names = list(self.exposed_headers.iter().map(HeaderName::as_str));
            answer.insert(ACCESS_CONTROL_EXPOSE_HEADERS, names);
        }
    }

    /// Writes what a preflight is told beside that.
    pub(crate) fn allow_preflight(&self, permission: &Permission, answer: &mut HeaderMap) {
        let headers = match &self.allowed_headers {
            Some(names) => Some(list(names.iter().map(HeaderName::as_str))),
            None => {
                answer.append(VARY, HeaderValue::from_name(ACCESS_CONTROL_REQUEST_HEADERS));
                permission.asked_headers.clone()
            }
        };
        if permission.origin.is_none() {
            return;
        }
        let methods = list(self.methods.iter().map(Method::as_str));
        answer.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        if let Some(headers) = headers {
            answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, headers);
        }
        if let Some(max_age) = self.max_age {
            answer.insert(ACCESS_CONTROL_MAX_AGE, max_age.as_secs().into());
        }
    }
}

impl Origins {
    fn contain(&self, origin: &str, stats: &Stats) -> bool {
        match self {
            Self::Any | Self::Mirror => true,
            Self::List(list) => list.iter().any(|entry| entry == origin),
            Self::Matching(matches) => {
                let mut verdict = false;
                guarded(stats, || verdict = matches(origin));
                verdict
            }
        }
    }
}

fn list<'a>(words: impl Iterator<Item = &'a str>) -> HeaderValue {
    let text = words.collect::<Vec<_>>().join(",");
    HeaderValue::try_from(text).expect("names of methods and headers are tokens")
}
