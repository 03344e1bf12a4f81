//! What HTTP answers under the path of the server: which request opens a session, which belongs to one, and which is
//! refused.
//!
//! ```text
//! transport     without sid              with sid
//! polling       opens a session          `exchange`
//! websocket     opens a session          `upgrade`
//! ```
//!
//! The order of the checks is that of the reference, since clients see which one failed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ALLOW, CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::application::Application;
use super::bundle::ClientBundle;
use super::config::{Config, Transport};
use super::conversation::{self, Conversation};
use super::handshake::{Query, RequestHead, random_id};
use super::polling::{self, Requests};
use super::refusal::Refusal;
use super::sessions::{Registration, SessionHandle, Sessions};
use super::websocket::{self, Way};
use super::{exchange, upgrade};
use crate::guard::guarded;
use crate::outbox::{Outbox, OutboxLimits};
use crate::patience::PatientStream;
use crate::reason::DisconnectReason;
use crate::stats::{self, Stats};
use crate::stream::Stream;

/// The parts which all requests and sessions share.
pub(crate) struct Engine {
    pub(crate) config: Arc<Config>,
    pub(crate) stats: Arc<Stats>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) application: Arc<dyn Application>,
    pub(crate) bundle: ClientBundle,
    pub(crate) allow_request: Option<AllowRequest>,
}

/// Anything that must live as long as the connection, e.g. its place among those admitted.
#[derive(Clone)]
pub(crate) struct ConnectionGuard(
    #[expect(dead_code, reason = "held for its drop")] pub(crate) Arc<dyn Send + Sync>,
);

/// The application's own check of handshakes.
pub(crate) type AllowRequest = Arc<dyn Fn(&Parts, Option<SocketAddr>) -> Result<(), String> + Send + Sync>;

impl Engine {
    /// Lets nobody in any more and asks all to go; what is left after `grace` is cut off.
    pub(crate) async fn close(&self, grace: Duration) {
        self.sessions.close_all(DisconnectReason::ServerShuttingDown);
        if tokio::time::timeout(grace, self.sessions.wait_empty())
            .await
            .is_err()
        {
            self.sessions.abort_all();
        }
    }

    /// The rest of `path` below our prefix, if it is ours: `/socket.io/` is, `/socket.io` and `/socket.iofoo/` are not.
    pub(crate) fn claims<'a>(&self, path: &'a str) -> Option<&'a str> {
        path.strip_prefix(self.config.path.as_str())?.strip_prefix('/')
    }

    /// Answers a request whose path is ours; `rest` is what [`Engine::claims`] returned.
    pub(crate) async fn handle(&self, rest: &str, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let Some(cors) = &self.config.cors else {
            if request.method() == Method::OPTIONS {
                return allowed_methods();
            }
            return self.answer(rest, request).await;
        };
        let permission = cors.judge(request.headers(), &self.stats);
        let mut response = if request.method() == Method::OPTIONS {
            let mut response = no_content();
            cors.allow_preflight(&permission, response.headers_mut());
            response
        } else {
            self.answer(rest, request).await
        };
        cors.allow(&permission, response.headers_mut());
        response
    }

    async fn answer(&self, rest: &str, request: Request<Incoming>) -> Response<Full<Bytes>> {
        if let Some(file) = self.bundle.file(rest) {
            return self.bundle.serve(file, request.method(), request.headers());
        }
        let is_upgrade = wants_websocket(request.headers());
        let outcome = self.route(request, is_upgrade).await;
        outcome.unwrap_or_else(|refusal| {
            stats::increment(&self.stats.handshakes_refused);
            if matches!(refusal, Refusal::Forbidden(_)) {
                stats::increment(&self.stats.handshakes_forbidden);
            }
            refusal.answer(is_upgrade)
        })
    }

    async fn route(
        &self,
        request: Request<Incoming>,
        is_upgrade: bool,
    ) -> Result<Response<Full<Bytes>>, Refusal> {
        let query = Query::parse(request.uri().query().unwrap_or_default());
        let transport = query
            .get("transport")
            .and_then(Transport::from_name)
            .filter(|transport| self.config.transports.contains(transport))
            .ok_or(Refusal::UnknownTransport)?;
        let session = match query.get("sid").filter(|sid| !sid.is_empty()) {
            Some(sid) => Some(self.sessions.find(sid).ok_or(Refusal::UnknownSid)?),
            None => None,
        };
        match (session, transport) {
            (Some(session), Transport::Polling) => self.exchange(&session, request).await,
            (Some(session), Transport::WebSocket) => self.upgrade(session, &query, request, is_upgrade),
            (None, _) if request.method() != Method::GET => Err(Refusal::BadMethod),
            (None, Transport::Polling) => self.open_polling(query, request).await,
            (None, Transport::WebSocket) => self.open_websocket(query, request, is_upgrade),
        }
    }

    async fn exchange(
        &self,
        session: &Arc<SessionHandle>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Refusal> {
        let requests = session
            .requests
            .as_ref()
            .filter(|_| session.outbox.is_polling())
            .ok_or(Refusal::BadRequest)?;
        if requests.is_overdue(conversation::now()) {
            return Err(Refusal::UnknownSid);
        }
        if request.method() == Method::GET {
            Ok(exchange::poll(session, requests, &self.config).await)
        } else if request.method() == Method::POST {
            Ok(exchange::post(session, requests, request, &self.config, &self.stats).await)
        } else {
            Err(Refusal::BadRequest)
        }
    }

    async fn open_polling(
        &self,
        query: Query,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Refusal> {
        let (parts, _) = request.into_parts();
        let head = self.admit(parts, query)?.0;
        let (requests, commands) = Requests::new();
        let registration = self.register(head, Some(requests)).ok_or(Refusal::Busy)?;
        let session = registration.handle.clone();
        session.outbox.start_polling();
        let conversation = Conversation::open(
            session.clone(),
            &*self.application,
            self.config.clone(),
            self.stats.clone(),
        );
        tokio::spawn(polling::drive(conversation, commands, registration));
        let requests = session
            .requests
            .as_ref()
            .expect("a session that opens by polling has them");
        Ok(exchange::poll(&session, requests, &self.config).await)
    }

    fn open_websocket(
        &self,
        query: Query,
        request: Request<Incoming>,
        is_upgrade: bool,
    ) -> Result<Response<Full<Bytes>>, Refusal> {
        let response = switch_protocols(request.headers(), is_upgrade)?;
        let (parts, _) = request.into_parts();
        let guard = parts.extensions.get::<ConnectionGuard>().cloned();
        let (head, parts) = self.admit(parts, query)?;
        let registration = self.register(head, None).ok_or(Refusal::Busy)?;
        let upgrade = hyper::upgrade::on(Request::from_parts(parts, ()));
        let application = self.application.clone();
        let (config, stats) = (self.config.clone(), self.stats.clone());
        tokio::spawn(async move {
            let _guard = guard;
            let Some((stream, early)) = upgraded(upgrade).await else {
                return;
            };
            let session = registration.handle.clone();
            let (read, write) = stream.split();
            session.outbox.attach(write);
            let way = Way::Session(session.clone());
            let frames = websocket::frames(read, early, way, &config, stats.clone()).await;
            let conversation = Conversation::open(session, &*application, config, stats);
            websocket::drive(frames, conversation).await;
            drop(registration);
        });
        Ok(response)
    }

    fn upgrade(
        &self,
        session: Arc<SessionHandle>,
        query: &Query,
        request: Request<Incoming>,
        is_upgrade: bool,
    ) -> Result<Response<Full<Bytes>>, Refusal> {
        if !is_upgrade || request.method() != Method::GET || query.get("EIO") != Some("4") {
            return Err(Refusal::BadRequest);
        }
        if !self.config.offers_upgrade() {
            return Err(Refusal::BadRequest);
        }
        let response = switch_protocols(request.headers(), is_upgrade)?;
        let guard = request.extensions().get::<ConnectionGuard>().cloned();
        let upgrade = hyper::upgrade::on(request);
        let lane = session
            .requests
            .as_ref()
            .filter(|_| session.outbox.is_polling())
            .and_then(|requests| requests.upgrading.enter());
        let (config, stats) = (self.config.clone(), self.stats.clone());
        tokio::spawn(async move {
            let Some((stream, early)) = upgraded(upgrade).await else {
                return;
            };
            match lane {
                Some(lane) => upgrade::attempt(stream, early, session, lane, guard, config, stats).await,
                None => {
                    let _guard = guard;
                    upgrade::refuse(stream, early, &config, stats).await;
                }
            }
        });
        Ok(response)
    }

    /// Asks the application about a handshake, and checks what it speaks.
    fn admit(&self, mut parts: Parts, query: Query) -> Result<(RequestHead, Parts), Refusal> {
        let remote_addr = parts.extensions.get::<SocketAddr>().copied();
        if let Some(allow) = &self.allow_request {
            let mut verdict = Err(String::new());
            guarded(&self.stats, || verdict = allow(&parts, remote_addr));
            verdict.map_err(Refusal::Forbidden)?;
        }
        if query.get("EIO") != Some("4") {
            return Err(Refusal::UnsupportedProtocol);
        }
        let head = RequestHead {
            remote_addr,
            headers: Arc::new(std::mem::take(&mut parts.headers)),
            query: Arc::new(query),
        };
        Ok((head, parts))
    }

    fn register(&self, request: RequestHead, requests: Option<Requests>) -> Option<Registration> {
        let limits = OutboxLimits {
            bytes_max: self.config.outbox_bytes_max,
            packets_max: self.config.outbox_packets_max,
        };
        let handle = SessionHandle {
            sid: random_id(),
            request,
            outbox: Outbox::new(limits, self.stats.clone()),
            requests,
        };
        self.sessions.register(handle, self.config.connections_max)
    }
}

/// The stream behind an upgraded request, and what was read of it already.
async fn upgraded(upgrade: OnUpgrade) -> Option<(Stream, Vec<u8>)> {
    let upgraded = tokio::time::timeout(SWITCH_TIMEOUT, upgrade).await.ok()?.ok()?;
    match upgraded.downcast::<TokioIo<PatientStream>>() {
        Ok(parts) => {
            let stream = Stream::Tcp(parts.io.into_inner().into_inner());
            // An empty buffer would still pin what hyper has read into.
            Some((stream, parts.read_buf.to_vec()))
        }
        // Accepted by a server of the application. It gives back itself what it has read too much.
        Err(upgraded) => Some((Stream::foreign(TokioIo::new(upgraded)), Vec::new())),
    }
}

fn switch_protocols(headers: &HeaderMap, is_upgrade: bool) -> Result<Response<Full<Bytes>>, Refusal> {
    let key = headers.get(SEC_WEBSOCKET_KEY);
    let version = headers.get(SEC_WEBSOCKET_VERSION).map(HeaderValue::as_bytes);
    let (true, Some(key), Some(b"13")) = (is_upgrade, key, version) else {
        return Err(Refusal::BadRequest);
    };
    let accept = HeaderValue::from_str(&derive_accept_key(key.as_bytes()))
        .expect("a base64 digest is a valid header value");
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    Ok(response)
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

/// Other origins are not let in, so a preflight learns only which methods there are.
fn allowed_methods() -> Response<Full<Bytes>> {
    let mut response = no_content();
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static("GET, POST, OPTIONS"));
    response
}

fn no_content() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// The switch completes as soon as our answer is written; only a peer that vanished makes it wait.
const SWITCH_TIMEOUT: Duration = Duration::from_secs(10);
