//! Where the application takes part in the HTTP side of the server.
//!
//! ```text
//!                    first request   later requests   refused
//! middleware         yes             yes              before the refusal
//! allow_request      yes
//! generate_id        yes
//! initial_headers    yes
//! headers            yes             yes
//! connection_error                                    yes
//! ```
//!
//! All are guarded: a panic is counted and refuses, and what is asynchronous has so much time as
//! [`Config::hook_timeout`](crate::Config::hook_timeout).

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Response};

use super::refusal::Refusal;
use super::request::RequestHead;
use crate::guard::guarded;
use crate::stats::Stats;

/// What the application has to say about requests.
#[derive(Clone, Default)]
pub struct Hooks {
    pub(crate) middleware: Vec<Middleware>,
    pub(crate) allow_request: Option<Ask<()>>,
    pub(crate) generate_id: Option<Ask<String>>,
    initial_headers: Vec<HeaderHook>,
    headers: Vec<HeaderHook>,
    connection_error: Vec<ErrorHook>,
}

type Middleware = Arc<dyn Fn(Passage) -> BoxFuture<'static, Result<Passage, Stop>> + Send + Sync>;
type Ask<T> = Arc<dyn Fn(RequestHead) -> BoxFuture<'static, Result<T, String>> + Send + Sync>;
type HeaderHook = Arc<dyn Fn(&mut HeaderMap, &RequestHead) + Send + Sync>;

type ErrorHook = Arc<dyn Fn(&RequestHead, &Refusal) + Send + Sync>;

/// A request on its way through the middleware.
#[derive(Debug)]
#[non_exhaustive]
pub struct Passage {
    /// The request. What is changed here is what the server goes on with; what is put into its extensions is found in
    /// the handshake of the session it opens.
    pub request: RequestHead,
    /// Headers for the answer, whatever that is: also of a refusal or of a move to WebSocket.
    pub headers: HeaderMap,
}

/// How middleware keeps a request from going on.
#[derive(Debug)]
pub enum Stop {
    /// This is the answer. A client that asked for a WebSocket gets it as well. One of the status 1xx ends no request, so it is
    /// logged as an error and the client is told 500.
    Answer(Box<Response<Bytes>>),
    /// Something went wrong, in words for [`Hooks::on_connection_error`]; the client is told `Bad request`.
    Error(String),
}

impl From<Response<Bytes>> for Stop {
    fn from(response: Response<Bytes>) -> Self {
        Self::Answer(Box::new(response))
    }
}

impl Hooks {
    /// Asks `f` about each request that wants to open a session; later requests of a session are not asked about.
    /// Refused are polling clients with status 403, code 4 and the text as message, WebSocket clients with status 400
    /// and the bare text; an empty text becomes `Forbidden`.
    ///
    /// Browsers let every page open a WebSocket: this is the place to look at the `Origin` header.
    #[must_use]
    pub fn allow_request<F>(mut self, f: impl Fn(RequestHead) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.allow_request = Some(Arc::new(move |request| f(request).boxed()));
        self
    }

    /// Sends every request under the path of the server through `f`, in the order in which middleware was added,
    /// except those for the client's files and, with CORS, preflights.
    #[must_use]
    pub fn use_middleware<F>(mut self, f: impl Fn(Passage) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Passage, Stop>> + Send + 'static,
    {
        self.middleware.push(Arc::new(move |passage| f(passage).boxed()));
        self
    }

    /// Takes session ids from `f`, e.g. to put the name of this process in front. An id is a secret which opens the
    /// session to whoever knows it: it must hold at least as much randomness as the usual 20 characters, and have 1 to
    /// 128 of `A-Z a-z 0-9 - . _ ~`. One that is something else or in use, or an error, refuses the client with code 3.
    /// Balancers that look for an id of 20 characters of `A-Z a-z 0-9 - _` want just that.
    #[must_use]
    pub fn generate_id<F>(mut self, f: impl Fn(RequestHead) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<String, String>> + Send + 'static,
    {
        self.generate_id = Some(Arc::new(move |request| f(request).boxed()));
        self
    }

    /// Lets `f` change the headers of the first answer of each session.
    #[must_use]
    pub fn initial_headers(
        mut self,
        f: impl Fn(&mut HeaderMap, &RequestHead) + Send + Sync + 'static,
    ) -> Self {
        self.initial_headers.push(Arc::new(f));
        self
    }

    /// Lets `f` change the headers of every answer within a session, the first and a move to WebSocket included.
    #[must_use]
    pub fn headers(mut self, f: impl Fn(&mut HeaderMap, &RequestHead) + Send + Sync + 'static) -> Self {
        self.headers.push(Arc::new(f));
        self
    }

    /// Tells `f` of every request that is refused, and why.
    #[must_use]
    pub fn on_connection_error(mut self, f: impl Fn(&RequestHead, &Refusal) + Send + Sync + 'static) -> Self {
        self.connection_error.push(Arc::new(f));
        self
    }

    pub(crate) fn adjust_headers(&self, stats: &Stats, headers: &mut HeaderMap, request: &RequestHead) {
        let first = request.query.get("sid").is_none_or(str::is_empty);
        let initial = self.initial_headers.iter().filter(|_| first);
        for hook in initial.chain(&self.headers) {
            guarded(stats, || hook(headers, request));
        }
    }

    pub(crate) fn tell(&self, stats: &Stats, request: &RequestHead, refusal: &Refusal) {
        for hook in &self.connection_error {
            guarded(stats, || hook(request, refusal));
        }
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks").finish_non_exhaustive()
    }
}
