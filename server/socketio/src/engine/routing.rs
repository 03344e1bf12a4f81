//! Which request opens a session, which belongs to one, and which is refused.
//!
//! ```text
//! transport     without sid              with sid
//! polling       opens a session          `exchange`
//! websocket     opens a session          `upgrade`
//! ```
//!
//! The order of the checks is that of the reference, since clients see which one failed.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes};
use http::header::{
    CONNECTION, HeaderValue, ORIGIN, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION,
    SET_COOKIE, UPGRADE,
};
use http::{Method, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Body;
use hyper::upgrade::{OnUpgrade, Parts};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::config::Transport;
use super::conversation::{self, Conversation, Cork};
use super::handshake::random_id;
use super::http::{ConnectionGuard, Engine};
use super::polling::{self, Requests};
use super::refusal::Refusal;
use super::request::RequestHead;
use super::sessions::{Registration, SessionHandle};
use super::websocket::{self, Way};
use super::{exchange, upgrade};
use crate::guard::guarded_future;
use crate::outbox::{Outbox, OutboxLimits};
use crate::patience::PatientStream;
use crate::stats;
use crate::stream::Stream;

/// What comes with a request beside its head.
pub(crate) struct Arrival<B> {
    pub(crate) body: B,
    /// Becomes the stream once the answer is a switch of protocols.
    pub(crate) switch: OnUpgrade,
    pub(crate) guard: Option<ConnectionGuard>,
}

impl Engine {
    /// Answers a request that has passed the middleware.
    pub(crate) async fn route<B>(
        &self,
        head: RequestHead,
        arrival: Arrival<B>,
    ) -> Result<Response<Full<Bytes>>, Refusal>
    where
        B: Body<Data: Buf + Send> + Send,
    {
        let transport = self.transport(&head)?;
        if let Some(origin) = head.headers.get(ORIGIN).filter(|origin| origin.to_str().is_err()) {
            let origin = origin.clone();
            return Err(Refusal::InvalidOrigin { origin });
        }
        let Some(sid) = head.query.get("sid").filter(|sid| !sid.is_empty()) else {
            if head.method != Method::GET {
                let method = head.method.clone();
                return Err(Refusal::BadMethod { method });
            }
            return match transport {
                Transport::Polling => self.open_polling(head).await,
                Transport::WebSocket => self.open_websocket(head, arrival.switch, arrival.guard).await,
            };
        };
        let unknown = || Refusal::UnknownSid { sid: sid.to_owned() };
        let session = self.sessions.find(sid).ok_or_else(unknown)?;
        let over = |requests: &Requests| requests.is_over(conversation::now());
        if session.outbox.is_polling() && session.requests.as_ref().is_some_and(over) {
            return Err(unknown());
        }
        let previous = session.transport();
        if previous != transport && !self.may_move(&head, transport) {
            return Err(Refusal::TransportMismatch { transport, previous });
        }
        let protocol = head.query.get("EIO");
        if protocol != Some("4") {
            let protocol = protocol.map(str::to_owned);
            return Err(Refusal::ProtocolMismatch { protocol });
        }
        match transport {
            Transport::Polling => self.exchange(&session, &head, arrival.body).await,
            Transport::WebSocket => self.upgrade(session, &head, arrival.switch, arrival.guard),
        }
    }

    fn may_move(&self, head: &RequestHead, to: Transport) -> bool {
        to == Transport::WebSocket && head.is_upgrade() && self.config.offers_upgrade()
    }

    fn transport(&self, head: &RequestHead) -> Result<Transport, Refusal> {
        let name = head.query.get("transport");
        name.and_then(Transport::from_name)
            .filter(|transport| self.config.transports.contains(transport))
            .ok_or_else(|| Refusal::UnknownTransport {
                transport: name.map(str::to_owned),
            })
    }

    async fn exchange<B>(
        &self,
        session: &Arc<SessionHandle>,
        head: &RequestHead,
        body: B,
    ) -> Result<Response<Full<Bytes>>, Refusal>
    where
        B: Body<Data: Buf + Send> + Send,
    {
        let requests = session
            .requests
            .as_ref()
            .expect("a session that polls has been opened by polling");
        match head.method {
            Method::GET => Ok(exchange::poll(session, requests, &head.headers, &self.config).await),
            Method::POST => {
                let (config, stats) = (&self.config, &self.stats);
                Ok(exchange::post(session, requests, &head.headers, body, config, stats).await)
            }
            _ => Err(Refusal::BadRequest),
        }
    }

    async fn open_polling(&self, head: RequestHead) -> Result<Response<Full<Bytes>>, Refusal> {
        let sid = self.admit(&head).await?;
        let (requests, commands) = Requests::new();
        let registration = self.register(sid, head, Some(requests))?;
        let session = registration.handle.clone();
        session.outbox.start_polling();
        let conversation = Conversation::open(
            session.clone(),
            &*self.application,
            self.config.clone(),
            self.stats.clone(),
            &self.timers,
        );
        tokio::spawn(polling::drive(conversation, commands, registration));
        let requests = session
            .requests
            .as_ref()
            .expect("a session that opens by polling has them");
        let request = session.request.headers.clone();
        let mut response = exchange::poll(&session, requests, &request, &self.config).await;
        if let Some(cookie) = &self.config.cookie {
            response
                .headers_mut()
                .insert(SET_COOKIE, cookie.header(&session.sid));
        }
        Ok(response)
    }

    async fn open_websocket(
        &self,
        head: RequestHead,
        switch: OnUpgrade,
        guard: Option<ConnectionGuard>,
    ) -> Result<Response<Full<Bytes>>, Refusal> {
        let response = switch_protocols(&head)?;
        let sid = self.admit(&head).await?;
        let registration = self.register(sid, head, None)?;
        let application = self.application.clone();
        let (config, stats, timers) = (self.config.clone(), self.stats.clone(), self.timers.clone());
        tokio::spawn(async move {
            // In a box of its own, which is gone by the time the session is idle.
            let opening = Box::pin(async move {
                let Switched { stream, head, early } = switched(switch).await?;
                let session = registration.handle.clone();
                let (read, write) = stream.split();
                // The answer to the request and the open packet leave in one write.
                let _cork = Cork::new(session.clone());
                session.outbox.attach_behind(write, &head);
                let way = Way::Session(session.clone());
                let frames = websocket::frames(read, &early, way, &config, stats.clone());
                let conversation = Conversation::open(session, &*application, config, stats, &timers);
                Some((websocket::Driver::new(frames, conversation), registration))
            });
            if let Some((driver, registration)) = opening.await {
                driver.drive().await;
                drop(registration);
            }
            drop(guard);
        });
        Ok(response)
    }

    fn upgrade(
        &self,
        session: Arc<SessionHandle>,
        head: &RequestHead,
        switch: OnUpgrade,
        guard: Option<ConnectionGuard>,
    ) -> Result<Response<Full<Bytes>>, Refusal> {
        if head.method != Method::GET {
            return Err(Refusal::TransportHandshake);
        }
        let response = switch_protocols(head)?;
        let lane = session
            .requests
            .as_ref()
            .filter(|_| session.outbox.is_polling())
            .and_then(|requests| requests.upgrading.enter());
        let (config, stats) = (self.config.clone(), self.stats.clone());
        tokio::spawn(async move {
            let Some(switched) = switched(switch).await else {
                return;
            };
            match lane {
                Some(lane) => upgrade::attempt(switched, session, lane, guard, config, stats).await,
                None => {
                    let _guard = guard;
                    upgrade::refuse(switched, &config, stats).await;
                }
            }
        });
        Ok(response)
    }

    /// Asks the application about a handshake, and checks what it speaks. Returns the id of its session.
    async fn admit(&self, head: &RequestHead) -> Result<String, Refusal> {
        // First, so that a storm costs nothing else.
        if let Err(retry_after_s) = self.door.enter(conversation::now(), rand::random()) {
            stats::increment(&self.stats.handshakes_deferred);
            return Err(Refusal::TooMany { retry_after_s });
        }
        let patience = self.config.hook_timeout;
        if let Some(allow) = &self.hooks.allow_request {
            let asking = guarded_future(&self.stats, patience, || allow(head.clone()));
            let verdict = asking.await.unwrap_or_else(|_| Err(String::new()));
            verdict.map_err(|message| Refusal::Forbidden { message })?;
        }
        let protocol = head.query.get("EIO");
        if protocol != Some("4") {
            let protocol = protocol.map(str::to_owned);
            return Err(Refusal::UnsupportedProtocol { protocol });
        }
        if !self.application.speaks(&head.query) {
            let parser = head.query.get("parser").map(str::to_owned);
            return Err(Refusal::UnknownParser { parser });
        }
        let Some(generate) = &self.hooks.generate_id else {
            return Ok(random_id());
        };
        let generating = guarded_future(&self.stats, patience, || generate(head.clone()));
        let generated = generating.await.unwrap_or_else(|problem| Err(problem.to_owned()));
        generated
            .and_then(check_id)
            .map_err(|error| Refusal::IdGeneration { error })
    }

    fn register(
        &self,
        sid: String,
        head: RequestHead,
        requests: Option<Requests>,
    ) -> Result<Registration, Refusal> {
        let limits = OutboxLimits {
            bytes_max: self.config.outbox_bytes_max,
            packets_max: self.config.outbox_packets_max,
            policy: self.config.outbox_policy,
        };
        let text_only = head.query.get("b64").is_some_and(|value| !value.is_empty());
        self.gathering.enter(&Handle::current());
        let outbox = Outbox::new(limits, self.stats.clone())
            .gathered_with(self.gathering.clone())
            .text_only(text_only);
        let handle = SessionHandle {
            sid,
            outbox: Arc::new(outbox),
            request: head.settled(),
            requests,
        };
        self.sessions.register(handle, self.config.connections_max)
    }
}

/// An id that is not ours must pass a query, a cookie and JSON as it is.
fn check_id(id: String) -> Result<String, String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if (1..=ID_BYTES_MAX).contains(&id.len()) && id.bytes().all(fits) {
        Ok(id)
    } else {
        Err("it is not 1 to 128 of A-Z a-z 0-9 - . _ ~".to_owned())
    }
}

const ID_BYTES_MAX: usize = 128;

/// What is behind an upgraded request.
pub(super) struct Switched {
    pub(super) stream: Stream,
    /// Our answer, where it was held back: nothing else may be written before.
    pub(super) head: Vec<u8>,
    /// What was read already.
    pub(super) early: Vec<u8>,
}

impl Switched {
    /// An empty buffer would still pin what hyper has read into, so what it has read is copied.
    fn of<T>(parts: Parts<TokioIo<PatientStream<T>>>, stream: impl FnOnce(T) -> Stream) -> Self {
        let (inner, head) = parts.io.into_inner().into_parts();
        Self {
            stream: stream(inner),
            head,
            early: parts.read_buf.to_vec(),
        }
    }
}

async fn switched(switch: OnUpgrade) -> Option<Switched> {
    let upgraded = tokio::time::timeout(SWITCH_TIMEOUT, switch).await.ok()?.ok()?;
    let upgraded = match upgraded.downcast::<TokioIo<PatientStream<TcpStream>>>() {
        Ok(parts) => return Some(Switched::of(parts, Stream::Tcp)),
        Err(upgraded) => upgraded,
    };
    match upgraded.downcast::<TokioIo<PatientStream<TlsStream<TcpStream>>>>() {
        Ok(parts) => Some(Switched::of(parts, Stream::foreign)),
        // Accepted by a server of the application. It gives back itself what it has read too much.
        Err(upgraded) => Some(Switched {
            stream: Stream::foreign(TokioIo::new(upgraded)),
            head: Vec::new(),
            early: Vec::new(),
        }),
    }
}

fn switch_protocols(head: &RequestHead) -> Result<Response<Full<Bytes>>, Refusal> {
    let key = head.headers.get(SEC_WEBSOCKET_KEY);
    let version = head.headers.get(SEC_WEBSOCKET_VERSION).map(HeaderValue::as_bytes);
    let (true, Some(key), Some(b"13")) = (head.is_upgrade(), key, version) else {
        return Err(Refusal::TransportHandshake);
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

/// The switch completes as soon as our answer is written; only a peer that vanished makes it wait.
const SWITCH_TIMEOUT: Duration = Duration::from_secs(10);
