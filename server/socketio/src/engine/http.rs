//! What HTTP answers under the path of the server: the client's files, preflights, and what `routing` says to requests
//! that have passed the middleware.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes};
use http::header::{ALLOW, CONNECTION, HeaderValue, SET_COOKIE, USER_AGENT, VARY, X_XSS_PROTECTION};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Body;

use super::application::Application;
use super::bundle::Files;
use super::config::Config;
use super::door::Door;
use super::hooks::{Hooks, Passage, Stop};
use super::refusal::Refusal;
use super::request::RequestHead;
use super::routing::Arrival;
use super::sessions::Sessions;
use super::timers::Timers;
use crate::guard::guarded_future;
use crate::outbox::Gathering;
use crate::reason::DisconnectReason;
use crate::stats::{self, Stats};

/// The parts which all requests and sessions share.
pub(crate) struct Engine {
    pub(crate) config: Arc<Config>,
    pub(crate) stats: Arc<Stats>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) timers: Arc<Timers>,
    pub(crate) door: Door,
    pub(crate) gathering: Arc<Gathering>,
    pub(crate) application: Arc<dyn Application>,
    pub(crate) bundle: Files,
    pub(crate) hooks: Hooks,
}

/// Anything that must live as long as the connection, e.g. its place among those admitted.
#[derive(Clone)]
pub(crate) struct ConnectionGuard(
    #[expect(dead_code, reason = "held for its drop")] pub(crate) Arc<dyn Send + Sync>,
);

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

    /// The rest of `path` below our prefix, if it is ours: `/socket.io/` is, `/socket.io` and `/socket.iofoo/` are not, the former
    /// unless the configuration leaves the slash away.
    pub(crate) fn claims<'a>(&self, path: &'a str) -> Option<&'a str> {
        let rest = path.strip_prefix(self.config.path.as_str())?;
        if rest.is_empty() && !self.config.add_trailing_slash {
            return Some(rest);
        }
        rest.strip_prefix('/')
    }

    /// Answers a request whose path is ours; `rest` is what [`Engine::claims`] returned.
    pub(crate) async fn handle<B>(&self, rest: &str, request: Request<B>) -> Response<Full<Bytes>>
    where
        B: Body<Data: Buf + Send> + Send,
    {
        let Some(cors) = &self.config.cors else {
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

    async fn answer<B>(&self, rest: &str, mut request: Request<B>) -> Response<Full<Bytes>>
    where
        B: Body<Data: Buf + Send> + Send,
    {
        if let Some(file) = self.bundle.find(rest) {
            let (parts, _) = request.into_parts();
            return self.bundle.serve(file, &parts.method, &parts.headers).await;
        }
        let switch = hyper::upgrade::on(&mut request);
        let guard = request.extensions_mut().remove::<ConnectionGuard>();
        let (parts, body) = request.into_parts();
        let passage = Passage {
            request: RequestHead::new(parts),
            headers: HeaderMap::new(),
        };
        let Passage {
            request: head,
            headers,
        } = match self.pass(passage).await {
            Ok(passage) => passage,
            Err(response) => return response,
        };
        let mut response = if head.method == Method::OPTIONS {
            allowed_methods()
        } else {
            let arrival = Arrival { body, switch, guard };
            match self.route(head.clone(), arrival).await {
                Ok(mut response) => {
                    let status = response.status();
                    if status.is_success() && is_internet_explorer(&head.headers) {
                        // It takes packets for scripts that were smuggled in.
                        response
                            .headers_mut()
                            .insert(X_XSS_PROTECTION, HeaderValue::from_static("0"));
                    }
                    if status.is_success() || status == StatusCode::SWITCHING_PROTOCOLS {
                        self.hooks
                            .adjust_headers(&self.stats, response.headers_mut(), &head);
                    }
                    response
                }
                Err(refusal) => self.refuse(&head, &refusal),
            }
        };
        add_headers(response.headers_mut(), headers);
        response
    }

    /// Sends a request through the middleware; the error is the answer to one that gets no further.
    async fn pass(&self, mut passage: Passage) -> Result<Passage, Response<Full<Bytes>>> {
        for middleware in &self.hooks.middleware {
            let (head, headers) = (passage.request.clone(), passage.headers.clone());
            let passing = guarded_future(&self.stats, self.config.hook_timeout, || middleware(passage));
            let outcome = passing
                .await
                .unwrap_or_else(|problem| Err(Stop::Error(problem.to_owned())));
            let mut response = match outcome {
                Ok(passed) => {
                    passage = passed;
                    continue;
                }
                Err(Stop::Answer(response)) if response.status().is_informational() => {
                    // The stream would be that of nobody: what comes on it goes on to no handler.
                    tracing::error!(
                        status = response.status().as_u16(),
                        "middleware has answered as if the request went on elsewhere"
                    );
                    let mut response = Response::new(Full::from("internal error"));
                    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                    response
                        .headers_mut()
                        .insert(CONNECTION, HeaderValue::from_static("close"));
                    response
                }
                Err(Stop::Answer(mut response)) => {
                    if head.is_upgrade() {
                        // Nothing else comes on this connection.
                        let close = HeaderValue::from_static("close");
                        response.headers_mut().insert(CONNECTION, close);
                    }
                    response.map(Full::new)
                }
                Err(Stop::Error(error)) => self.refuse(&head, &Refusal::MiddlewareFailure { error }),
            };
            add_headers(response.headers_mut(), headers);
            return Err(response);
        }
        Ok(passage)
    }

    fn refuse(&self, head: &RequestHead, refusal: &Refusal) -> Response<Full<Bytes>> {
        stats::increment(&self.stats.handshakes_refused);
        if matches!(refusal, Refusal::Forbidden { .. }) {
            stats::increment(&self.stats.handshakes_forbidden);
        }
        self.hooks.tell(&self.stats, head, refusal);
        refusal.answer(head.is_upgrade())
    }
}

/// Adds what middleware wants to say, except where the answer says something else already.
fn add_headers(answer: &mut HeaderMap, headers: HeaderMap) {
    let mut name = None;
    let mut said = false;
    for (next, value) in headers {
        if let Some(next) = next {
            said = answer.contains_key(&next) && next != SET_COOKIE && next != VARY;
            name = Some(next);
        }
        if let Some(name) = name.as_ref().filter(|_| !said) {
            answer.append(name, value);
        }
    }
}

fn is_internet_explorer(headers: &HeaderMap) -> bool {
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    agent.is_some_and(|agent| agent.contains(";MSIE") || agent.contains("Trident/"))
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
