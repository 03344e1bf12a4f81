//! Requests to the server: polls, posts, and the one that becomes a WebSocket.
//!
//! hyper speaks HTTP; its connections are driven by whoever waits for an answer, so that a client stays one task.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, HOST, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::config::ClientConfig;
use super::cookies::Jar;
use super::dial::{Dialed, Dialer};
use super::error::ClientError;
use super::url::Endpoint;
use crate::stream::Stream;

/// What all requests to one server have in common.
pub(super) struct Http {
    pub(super) endpoint: Endpoint,
    dialer: Dialer,
    headers: HeaderMap,
    // A std mutex: held for a look into a short list.
    cookies: Mutex<Jar>,
    body_bytes_max: usize,
}

/// One connection that is kept from request to request, and opened when there is none.
#[derive(Default)]
pub(super) struct Lane(Option<Box<Http1>>);

struct Http1 {
    sender: SendRequest<Full<Bytes>>,
    connection: Connection<TokioIo<Dialed>, Full<Bytes>>,
}

/// Why a request has no answer.
#[derive(Debug)]
pub(super) enum HttpError {
    /// There is no connection to the server, whatever one would say over it.
    Dial(ClientError),
    Exchange(ClientError),
}

impl HttpError {
    pub(super) fn into_inner(self) -> ClientError {
        match self {
            Self::Dial(error) | Self::Exchange(error) => error,
        }
    }
}

impl Http {
    pub(super) fn new(endpoint: Endpoint, config: &ClientConfig) -> Result<Self, ClientError> {
        Ok(Self {
            dialer: Dialer::new(&endpoint, &config.tls)?,
            headers: config.headers.clone(),
            cookies: Mutex::default(),
            body_bytes_max: config.max_payload_bytes,
            endpoint,
        })
    }

    /// Polls: the body of the answer.
    pub(super) async fn get(&self, lane: &mut Lane, target: &str) -> Result<Bytes, HttpError> {
        let request = self.request(Method::GET, target, Bytes::new())?;
        self.exchange(lane, request).await
    }

    /// Posts a payload.
    pub(super) async fn post(&self, lane: &mut Lane, target: &str, payload: Bytes) -> Result<(), HttpError> {
        let mut request = self.request(Method::POST, target, payload)?;
        request.headers_mut().insert(CONTENT_TYPE, TEXT);
        self.exchange(lane, request).await.map(drop)
    }

    /// Opens a WebSocket: its stream, and what the server sent right behind its answer.
    pub(super) async fn open_websocket(&self, target: &str) -> Result<(Stream, Bytes), HttpError> {
        let key = generate_key();
        let mut request = self.request(Method::GET, target, Bytes::new())?;
        let headers = request.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert("sec-websocket-version", HeaderValue::from_static("13"));
        let value = HeaderValue::from_str(&key).expect("a key is base64");
        headers.insert(SEC_WEBSOCKET_KEY, value);

        let Http1 {
            mut sender,
            mut connection,
        } = *self.dial().await?;
        let sent = sender.send_request(request);
        let (answer, is_over) = beside(|cx| connection.poll_without_shutdown(cx), sent).await;
        let answer = answer.map_err(exchange_error)?;
        self.lock_cookies().observe(answer.headers());
        if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
            let refusal = beside(|cx| connection.poll_without_shutdown(cx), refused(answer));
            return Err(HttpError::Exchange(refusal.await.0));
        }
        let accept = answer.headers().get(SEC_WEBSOCKET_ACCEPT);
        if accept.is_none_or(|accept| *accept != derive_accept_key(key.as_bytes())) {
            return Err(protocol("it switches to something else than a WebSocket"));
        }
        drop(answer);
        if !is_over {
            let over = poll_fn(|cx| connection.poll_without_shutdown(cx)).await;
            over.map_err(exchange_error)?;
        }
        let parts = connection.into_parts();
        Ok((parts.io.into_inner().into(), parts.read_buf))
    }

    async fn exchange(&self, lane: &mut Lane, request: Request<Full<Bytes>>) -> Result<Bytes, HttpError> {
        let mut request = Some(request);
        loop {
            // A connection that was used before may have been closed by the server meanwhile.
            let (mut http1, is_fresh) = match lane.0.take() {
                Some(http1) if !http1.sender.is_closed() => (http1, false),
                _ => (self.dial().await?, true),
            };
            let Http1 { sender, connection } = &mut *http1;
            let sent = sender.try_send_request(request.take().expect("a request is sent once or comes back"));
            let answering = async {
                let answer = sent.await.map_err(|mut error| match error.take_message() {
                    Some(request) if !is_fresh => Unanswered::NotSent(request),
                    _ => Unanswered::Failed(exchange_error(error.into_error())),
                })?;
                self.lock_cookies().observe(answer.headers());
                self.read(answer).await.map_err(Unanswered::Failed)
            };
            let (answer, is_over) = beside(|cx| pin!(&mut *connection).poll(cx), answering).await;
            match answer {
                Err(Unanswered::NotSent(unsent)) => request = Some(unsent),
                Err(Unanswered::Failed(error)) => return Err(error),
                Ok(body) => {
                    if !is_over {
                        lane.0 = Some(http1);
                    }
                    return Ok(body);
                }
            }
        }
    }

    async fn read(&self, answer: Response<Incoming>) -> Result<Bytes, HttpError> {
        if answer.status() != StatusCode::OK {
            return Err(HttpError::Exchange(refused(answer).await));
        }
        match Limited::new(answer.into_body(), self.body_bytes_max)
            .collect()
            .await
        {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(protocol("its answer is too large")),
            Err(error) => Err(HttpError::Exchange(io::Error::other(error).into())),
        }
    }

    async fn dial(&self) -> Result<Box<Http1>, HttpError> {
        let stream = self.dialer.dial().await.map_err(HttpError::Dial)?;
        let handshake = Builder::new()
            .max_buf_size(HEAD_BYTES_MAX)
            .handshake(TokioIo::new(stream));
        let (sender, connection) = handshake.await.map_err(exchange_error)?;
        Ok(Box::new(Http1 { sender, connection }))
    }

    fn request(&self, method: Method, target: &str, body: Bytes) -> Result<Request<Full<Bytes>>, HttpError> {
        let host = HeaderValue::from_str(&self.endpoint.authority);
        let (Ok(uri), Ok(host)) = (target.parse(), host) else {
            return Err(protocol("its session id is none"));
        };
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = self.headers.clone();
        let headers = request.headers_mut();
        headers.insert(HOST, host);
        self.lock_cookies().apply(headers, self.endpoint.is_secure);
        Ok(request)
    }

    fn lock_cookies(&self) -> MutexGuard<'_, Jar> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Unanswered {
    /// The connection was gone before any byte of the request left.
    NotSent(Request<Full<Bytes>>),
    Failed(HttpError),
}

/// Runs `exchange` and the connection it goes over; the latter says whether it is over.
async fn beside<T>(
    mut connection: impl FnMut(&mut Context<'_>) -> Poll<hyper::Result<()>>,
    exchange: impl Future<Output = T>,
) -> (T, bool) {
    let mut exchange = pin!(exchange);
    let mut is_over = false;
    let outcome = poll_fn(|cx| {
        is_over = is_over || connection(cx).is_ready();
        exchange.as_mut().poll(cx)
    });
    let outcome = outcome.await;
    (outcome, is_over)
}

/// What a server says instead of what it was asked for: the error body of Engine.IO, or anything.
async fn refused(answer: Response<Incoming>) -> ClientError {
    let status = answer.status().as_u16();
    let body = Limited::new(answer.into_body(), REFUSAL_BYTES_MAX)
        .collect()
        .await;
    let body = body.map(|body| body.to_bytes()).unwrap_or_default();
    let message = match serde_json::from_slice::<serde_json::Value>(&body) {
        Ok(error) => error["message"].as_str().unwrap_or_default().to_owned(),
        Err(_) => String::from_utf8_lossy(&body).into_owned(),
    };
    let message = message[..message.floor_char_boundary(MESSAGE_BYTES_MAX)].to_owned();
    ClientError::Refused { status, message }
}

fn protocol(problem: &str) -> HttpError {
    HttpError::Exchange(ClientError::Protocol(problem.to_owned()))
}

fn exchange_error(error: hyper::Error) -> HttpError {
    HttpError::Exchange(if error.is_parse() {
        ClientError::Protocol(error.to_string())
    } else {
        io::Error::other(error).into()
    })
}

const TEXT: HeaderValue = HeaderValue::from_static("text/plain;charset=UTF-8");

/// Head of an answer: more than balancers add.
const HEAD_BYTES_MAX: usize = 32 * 1024;

/// An error body that is longer is no error body.
const REFUSAL_BYTES_MAX: usize = 16 * 1024;

/// What of it is passed on.
const MESSAGE_BYTES_MAX: usize = 200;
