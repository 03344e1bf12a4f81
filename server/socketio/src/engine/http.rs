//! What HTTP answers under the path of the server: handshakes, refusals, and the client bundle.
//!
//! A transport is one arm of [`Engine::handle`]. The order of the checks is that of the reference, since clients
//! see which one failed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH, SEC_WEBSOCKET_ACCEPT,
    SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::application::Application;
use super::config::Config;
use super::handshake::{Query, RequestHead, random_id};
use super::sessions::{SessionHandle, Sessions};
use super::websocket;
use crate::guard::guarded;
use crate::outbox::{Outbox, OutboxLimits};
use crate::stats::{self, Stats};

/// The files of a Socket.IO client which the server offers beside itself, as `/socket.io/<name>`.
#[derive(Clone, Debug, Default)]
pub struct ClientBundle {
    /// Version of the client; it is the entity tag of every file.
    pub version: String,
    /// The files. Nothing else is served, whatever the name in the request.
    pub files: Vec<BundleFile>,
}

/// One file of a [`ClientBundle`].
#[derive(Clone, Debug)]
pub struct BundleFile {
    /// Name below the path, e.g. `socket.io.min.js`.
    pub name: String,
    /// Value of the `Content-Type` header.
    pub content_type: String,
    /// Content.
    pub bytes: Bytes,
}

/// The parts which all requests and sessions share.
pub(crate) struct Engine {
    pub(crate) config: Arc<Config>,
    pub(crate) stats: Arc<Stats>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) bundle: ClientBundle,
    pub(crate) allow_request: Option<AllowRequest>,
}

/// Anything that must live as long as the connection, e.g. its place among those admitted.
#[derive(Clone)]
pub(crate) struct ConnectionGuard(
    #[expect(dead_code, reason = "held for its drop")] pub(crate) Arc<dyn Send + Sync>,
);

/// The application's own check of handshakes.
pub(crate) type AllowRequest =
    Arc<dyn Fn(&http::request::Parts, Option<SocketAddr>) -> Result<(), String> + Send + Sync>;

/// Why a handshake is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Refusal {
    UnknownTransport,
    UnknownSid,
    BadMethod,
    BadRequest,
    /// By the application, in its words.
    Forbidden(String),
    UnsupportedProtocol,
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
        }
    }
}

impl Engine {
    /// The rest of `path` below our prefix, if it is ours: `/socket.io/` is, `/socket.io` and `/socket.iofoo/` are not.
    pub(crate) fn claims<'a>(&self, path: &'a str) -> Option<&'a str> {
        path.strip_prefix(self.config.path.as_str())?.strip_prefix('/')
    }

    /// Answers a request whose path is ours; `rest` is what [`Engine::claims`] returned.
    pub(crate) fn handle<A: Application>(
        &self,
        application: &Arc<A>,
        rest: &str,
        request: Request<Incoming>,
    ) -> Response<Full<Bytes>> {
        if let Some(file) = self.bundle.files.iter().find(|file| file.name == rest) {
            return self.serve_file(file, request.method(), request.headers());
        }
        let query = Query::parse(request.uri().query().unwrap_or_default());
        let is_upgrade = wants_websocket(request.headers());
        let outcome = match query.get("transport") {
            Some("websocket") => self.open_websocket(application, query, is_upgrade, request),
            _ => Err(Refusal::UnknownTransport),
        };
        outcome.unwrap_or_else(|refusal| {
            stats::increment(&self.stats.handshakes_refused);
            if matches!(refusal, Refusal::Forbidden(_)) {
                stats::increment(&self.stats.handshakes_forbidden);
            }
            refuse(&refusal, is_upgrade)
        })
    }

    fn open_websocket<A: Application>(
        &self,
        application: &Arc<A>,
        query: Query,
        is_upgrade: bool,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Refusal> {
        if query.get("sid").is_some_and(|sid| !sid.is_empty()) {
            return Err(Refusal::UnknownSid);
        }
        if request.method() != Method::GET {
            return Err(Refusal::BadMethod);
        }
        let key = request.headers().get(SEC_WEBSOCKET_KEY);
        let version = request.headers().get(SEC_WEBSOCKET_VERSION);
        let (true, Some(key), Some(b"13")) = (is_upgrade, key, version.map(HeaderValue::as_bytes)) else {
            return Err(Refusal::BadRequest);
        };
        let accept = HeaderValue::from_str(&derive_accept_key(key.as_bytes()))
            .expect("a base64 digest is a valid header value");
        let (mut parts, _) = request.into_parts();
        self.check_allowed(&parts)?;
        if query.get("EIO") != Some("4") {
            return Err(Refusal::UnsupportedProtocol);
        }
        let head = RequestHead {
            remote_addr: parts.extensions.get::<SocketAddr>().copied(),
            headers: Arc::new(std::mem::take(&mut parts.headers)),
            query: Arc::new(query),
        };
        let guard = parts.extensions.get::<ConnectionGuard>().cloned();
        let upgrade = hyper::upgrade::on(Request::from_parts(parts, ()));
        self.spawn_driver(application.clone(), head, upgrade, guard);

        let mut response = Response::new(Full::default());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
        Ok(response)
    }

    fn check_allowed(&self, parts: &http::request::Parts) -> Result<(), Refusal> {
        let Some(allow) = &self.allow_request else {
            return Ok(());
        };
        let peer = parts.extensions.get::<SocketAddr>().copied();
        let mut verdict = Err(String::new());
        guarded(&self.stats, || verdict = allow(parts, peer));
        verdict.map_err(Refusal::Forbidden)
    }

    fn spawn_driver<A: Application>(
        &self,
        application: Arc<A>,
        head: RequestHead,
        upgrade: OnUpgrade,
        guard: Option<ConnectionGuard>,
    ) {
        let config = self.config.clone();
        let stats = self.stats.clone();
        let sessions = self.sessions.clone();
        tokio::spawn(async move {
            let _guard = guard;
            let Ok(Ok(upgraded)) = tokio::time::timeout(UPGRADE_TIMEOUT, upgrade).await else {
                return;
            };
            let Ok(parts) = upgraded.downcast::<TokioIo<TcpStream>>() else {
                tracing::warn!("upgraded a stream that the accept loop of this crate did not accept");
                return;
            };
            let stream = parts.io.into_inner();
            // An empty buffer would still pin what hyper has read into.
            let early = parts.read_buf.to_vec();
            drop(parts.read_buf);
            let limits = OutboxLimits {
                bytes_max: config.outbox_bytes_max,
                packets_max: config.outbox_packets_max,
            };
            let outbox = Outbox::new(limits, stats.clone());
            let handle = SessionHandle {
                sid: random_id(),
                request: head,
                outbox,
            };
            if let Some(registration) = sessions.register(handle) {
                websocket::drive(stream, early, registration, application, config, stats).await;
            }
        });
    }

    fn serve_file(&self, file: &BundleFile, method: &Method, headers: &HeaderMap) -> Response<Full<Bytes>> {
        if method != Method::GET && method != Method::HEAD {
            let mut response = Response::new(Full::default());
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            return response;
        }
        let tag = format!("\"{}\"", self.bundle.version);
        let matches = headers
            .get(IF_NONE_MATCH)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| {
                value
                    .split(',')
                    .map(str::trim)
                    .any(|entry| entry.strip_prefix("W/").unwrap_or(entry) == tag)
            });
        let body = if matches { Bytes::new() } else { file.bytes.clone() };
        let mut response = Response::new(Full::new(body));
        if matches {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=0"));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            headers.insert(ETAG, tag);
        }
        if let Ok(content_type) = HeaderValue::from_str(&file.content_type)
            && !matches
        {
            headers.insert(CONTENT_TYPE, content_type);
        }
        response
    }
}

fn wants_websocket(headers: &HeaderMap) -> bool {
    let names = |name, token: &str| {
        headers
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

/// A request that wanted to upgrade gets the bare message, any other the code as JSON, as the reference does.
fn refuse(refusal: &Refusal, is_upgrade: bool) -> Response<Full<Bytes>> {
    let message = refusal.message();
    let (content_type, body) = if is_upgrade {
        ("text/html", message.to_owned())
    } else {
        (
            "application/json",
            format!(
                r#"{{"code":{},"message":{}}}"#,
                refusal.code(),
                serde_json::Value::from(message)
            ),
        )
    };
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = match refusal {
        Refusal::Forbidden(_) if !is_upgrade => StatusCode::FORBIDDEN,
        _ => StatusCode::BAD_REQUEST,
    };
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if is_upgrade {
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The upgrade completes as soon as our answer is written; only a peer that vanished makes it wait.
const UPGRADE_TIMEOUT: Duration = Duration::from_secs(10);
