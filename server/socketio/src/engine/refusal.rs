//! Why a request is refused, and how the client is told.

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};
use http_body_util::Full;

/// Why a request is refused; most are handshakes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    UnknownTransport,
    UnknownSid,
    BadMethod,
    BadRequest,
    /// By the application, in its words.
    Forbidden(String),
    UnsupportedProtocol,
    /// There are too many sessions, or the server is closing.
    Busy,
}

impl Refusal {
    /// The code on the wire.
    fn code(&self) -> u8 {
        match self {
            Self::UnknownTransport => 0,
            Self::UnknownSid => 1,
            Self::BadMethod => 2,
            Self::BadRequest => 3,
            Self::Forbidden(_) => 4,
            Self::UnsupportedProtocol => 5,
            // No code of the protocol says this; the status does.
            Self::Busy => 3,
        }
    }

    fn message(&self) -> &str {
        match self {
            Self::UnknownTransport => "Transport unknown",
            Self::UnknownSid => "Session ID unknown",
            Self::BadMethod => "Bad handshake method",
            Self::BadRequest => "Bad request",
            Self::Forbidden(text) if text.is_empty() => "Forbidden",
            Self::Forbidden(text) => text,
            Self::UnsupportedProtocol => "Unsupported protocol version",
            Self::Busy => "Server is busy",
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
            Self::Forbidden(_) if !is_upgrade => StatusCode::FORBIDDEN,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        };
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        if *self == Self::Busy {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from_static("5"));
        }
        if is_upgrade {
            response
                .headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}
