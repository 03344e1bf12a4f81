//! Why a request is refused, and how the client is told.

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Method, Response, StatusCode};
use http_body_util::Full;

use super::config::Transport;

/// Why a request is refused; most are handshakes. The client is told the code and the message, the rest is for the
/// application: it may hold session ids, which are secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The transport is unknown or not offered.
    UnknownTransport {
        /// What the query says.
        transport: Option<String>,
    },
    /// There is no such session: it has ended, or lives in another process.
    UnknownSid {
        /// What the query says.
        sid: String,
    },
    /// A session is opened by GET.
    BadMethod {
        /// What was tried.
        method: Method,
    },
    /// The `Origin` header holds what no origin is made of.
    InvalidOrigin {
        /// Its bytes.
        origin: HeaderValue,
    },
    /// The session is on the other transport, or may not move there.
    TransportMismatch {
        /// What the request uses.
        transport: Transport,
        /// Where the session is.
        previous: Transport,
    },
    /// The request speaks another version than the session.
    ProtocolMismatch {
        /// What the query says.
        protocol: Option<String>,
    },
    /// A WebSocket was asked for without what its handshake needs.
    TransportHandshake,
    /// A request of a session with a method other than GET and POST.
    BadRequest,
    /// Engine middleware failed, in its words.
    MiddlewareFailure {
        /// What went wrong; not shown to the client.
        error: String,
    },
    /// No usable session id was generated.
    IdGeneration {
        /// What went wrong; not shown to the client.
        error: String,
    },
    /// The application has refused the handshake.
    Forbidden {
        /// In its words, which the client sees; empty stands for `Forbidden`.
        message: String,
    },
    /// The client asks for a parser that the server does not offer.
    UnknownParser {
        /// What the query says.
        parser: Option<String>,
    },
    /// The version of the protocol is not 4.
    UnsupportedProtocol {
        /// What the query says.
        protocol: Option<String>,
    },
    /// There are too many sessions, or the server is closing.
    Busy,
    /// Clients come faster than [`Config::handshakes_per_s_max`](crate::Config::handshakes_per_s_max) lets in.
    TooMany {
        /// After how many seconds this one shall try again.
        retry_after_s: u32,
    },
}

impl Refusal {
    /// The code on the wire.
    pub fn code(&self) -> u8 {
        match self {
            Self::UnknownTransport { .. } => 0,
            Self::UnknownSid { .. } => 1,
            Self::BadMethod { .. } => 2,
            Self::Forbidden { .. } => 4,
            Self::UnsupportedProtocol { .. } => 5,
            // No code of the protocol says that the server is busy; the status does.
            _ => 3,
        }
    }

    /// The text on the wire.
    pub fn message(&self) -> &str {
        match self {
            Self::UnknownTransport { .. } => "Transport unknown",
            Self::UnknownSid { .. } => "Session ID unknown",
            Self::BadMethod { .. } => "Bad handshake method",
            Self::Forbidden { message } if message.is_empty() => "Forbidden",
            Self::Forbidden { message } => message,
            Self::UnsupportedProtocol { .. } => "Unsupported protocol version",
            Self::UnknownParser { .. } => "Parser unknown",
            Self::Busy | Self::TooMany { .. } => "Server is busy",
            _ => "Bad request",
        }
    }

    /// What the reference calls it in `context.name`, where it has a name.
    pub fn name(&self) -> Option<&'static str> {
        match self {
            Self::InvalidOrigin { .. } => Some("INVALID_ORIGIN"),
            Self::TransportMismatch { .. } => Some("TRANSPORT_MISMATCH"),
            Self::ProtocolMismatch { .. } => Some("PROTOCOL_MISMATCH"),
            Self::TransportHandshake => Some("TRANSPORT_HANDSHAKE_ERROR"),
            Self::MiddlewareFailure { .. } => Some("MIDDLEWARE_FAILURE"),
            Self::IdGeneration { .. } => Some("ID_GENERATION_ERROR"),
            _ => None,
        }
    }

    /// A request that wanted to upgrade gets the bare message, any other the code as JSON, as the reference does.
    pub(crate) fn answer(&self, is_upgrade: bool) -> Response<Full<Bytes>> {
        let message = self.message();
        let (content_type, body) = if is_upgrade {
            ("text/html", message.to_owned())
        } else {
            (
                "application/json",
                format!(
                    r#"{{"code":{},"message":{}}}"#,
                    self.code(),
                    serde_json::Value::from(message)
                ),
            )
        };
        let mut response = Response::new(Full::from(body));
        *response.status_mut() = match self {
            Self::Forbidden { .. } if !is_upgrade => StatusCode::FORBIDDEN,
            Self::Busy | Self::TooMany { .. } => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        };
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        let retry_after_s = match self {
            Self::Busy => Some(jittered_retry_s()),
            Self::TooMany { retry_after_s } => Some(*retry_after_s),
            _ => None,
        };
        if let Some(seconds) = retry_after_s {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        if is_upgrade {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// When to try again at a server that is full: another time for each, or all come together.
pub(crate) fn jittered_retry_s() -> u32 {
    rand::random_range(3..=9)
}
