//! The accept loop: hyper over plain TCP, with the timers and bounds that a public port needs.
//!
//! Requests below the path of the server go to Socket.IO, all others to the application's service.

use std::convert::Infallible;
use std::error::Error;
use std::future::{Ready, poll_fn, ready};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower_service::Service;

use crate::endpoint::Endpoint;
use crate::engine::http::ConnectionGuard;
use crate::patience::PatientStream;
use crate::stats;

type BoxError = Box<dyn Error + Send + Sync>;
type ResponseBody = UnsyncBoxBody<Bytes, BoxError>;

/// Accepts connections until `shutdown` completes. Requests that are not Socket.IO's go to `app`, e.g. an axum
/// `Router`; they find the peer's `SocketAddr` in their extensions.
///
/// It returns when it has stopped accepting: requests in flight are finished in the background, and sessions live on
/// until [`SocketIo::close`](crate::SocketIo::close).
///
/// # Errors
/// Never for what a peer does; only when the listener itself cannot be used.
pub async fn serve<S, B>(
    listener: TcpListener,
    io: impl Into<Endpoint>,
    app: S,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()>
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let io = io.into();
    listener.local_addr()?;
    // Dropping the sender tells connections without a session to finish.
    let (_stopping, stopped) = watch::channel(());
    let farewells = Arc::new(Semaphore::new(FAREWELLS_MAX));
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => return Ok(()),
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => admit(stream, peer, &io, &app, &stopped, &farewells),
            Err(error) => {
                // Usually too many open files; a pause lets some be closed instead of spinning.
                tracing::warn!(%error, "cannot accept");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// An application without routes of its own: every path is unknown.
#[derive(Clone, Copy, Debug, Default)]
pub struct NotFound;

impl<B> Service<Request<B>> for NotFound {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _request: Request<B>) -> Self::Future {
        let mut response = Response::new(Full::from("not found"));
        *response.status_mut() = StatusCode::NOT_FOUND;
        ready(Ok(response))
    }
}

/// One of the connections that count against the maximum.
struct Place(Endpoint);

impl Place {
    fn take(io: &Endpoint) -> Option<Self> {
        let open = io.engine().stats.tcp_open.fetch_add(1, Ordering::Relaxed) + 1;
        let place = Self(io.clone());
        // Too many: dropping the place gives it back.
        (open <= io.engine().config.connections_max as u64).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        stats::decrement(&self.0.engine().stats.tcp_open);
    }
}

fn admit<S, B>(
    stream: TcpStream,
    peer: SocketAddr,
    io: &Endpoint,
    app: &S,
    stopped: &watch::Receiver<()>,
    farewells: &Arc<Semaphore>,
) where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    tune(&stream, io.engine().config.notsent_lowat_bytes);
    match Place::take(io) {
        Some(place) => {
            let guard = ConnectionGuard(Arc::new(place));
            tokio::spawn(serve_connection(
                stream,
                peer,
                guard,
                io.clone(),
                app.clone(),
                stopped.clone(),
            ));
        }
        None => {
            stats::increment(&io.engine().stats.tcp_refused);
            turn_away(stream, farewells);
        }
    }
}

async fn serve_connection<S, B>(
    stream: TcpStream,
    peer: SocketAddr,
    guard: ConnectionGuard,
    io: Endpoint,
    app: S,
    mut stopped: watch::Receiver<()>,
) where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let header_read_timeout = io.engine().config.header_read_timeout;
    let stats = io.engine().stats.clone();
    let stream = PatientStream::new(stream, io.engine().config.answer_stall_timeout, stats);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(guard.clone());
        let (io, app) = (io.clone(), app.clone());
        async move { Ok::<_, Infallible>(answer(&io, app, request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header_read_timeout)
        .max_header_size(HEAD_BYTES_MAX)
        .max_buf_size(BUFFER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, %peer, "connection failed");
    }
}

async fn answer<S, B>(io: &Endpoint, mut app: S, request: Request<Incoming>) -> Response<ResponseBody>
where
    S: Service<Request<Incoming>, Response = Response<B>>,
    S::Error: Into<BoxError>,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let path = request.uri().path().to_owned();
    if let Some(rest) = io.engine().claims(&path) {
        let response = io.engine().handle(rest, request).await;
        return response.map(|body| body.map_err(BoxError::from).boxed_unsync());
    }
    let ready = poll_fn(|cx| app.poll_ready(cx))
        .await
        .map_err(Into::<BoxError>::into);
    let outcome = match ready {
        Ok(()) => app.call(request).await.map_err(Into::into),
        Err(error) => Err(error),
    };
    match outcome {
        Ok(response) => response.map(|body| body.map_err(Into::into).boxed_unsync()),
        Err(error) => {
            tracing::error!(%error, "the application's service failed");
            let body = Full::from("internal error")
                .map_err(BoxError::from)
                .boxed_unsync();
            let mut response = Response::new(body);
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        }
    }
}

/// Options that only make a connection faster; a platform without them serves all the same.
fn tune(stream: &TcpStream, notsent_lowat_bytes: u32) {
    let _ = stream.set_nodelay(true);
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = SockRef::from(stream).set_tcp_notsent_lowat(notsent_lowat_bytes);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = (SockRef::from(stream), notsent_lowat_bytes);
}

/// Says 503 to a connection above the maximum, while few are told at once; the others are just closed.
fn turn_away(mut stream: TcpStream, farewells: &Arc<Semaphore>) {
    let Ok(permit) = farewells.clone().try_acquire_owned() else {
        return;
    };
    tokio::spawn(tokio::time::timeout(FAREWELL_TIME, async move {
        let _permit = permit;
        let _ = stream.write_all(BUSY).await;
        let _ = stream.shutdown().await;
        // Closing with unread bytes would reset the stream before the answer is read.
        let mut scratch = [0; 1024];
        while matches!(stream.read(&mut scratch).await, Ok(count) if count > 0) {}
    }));
}

const BUSY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
const FAREWELL_TIME: Duration = Duration::from_secs(1);
const FAREWELLS_MAX: usize = 64;
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Largest request head; browsers with many cookies send some kilobytes.
const HEAD_BYTES_MAX: usize = 32 * 1024;

/// What hyper may buffer of one connection, in each direction.
const BUFFER_BYTES_MAX: usize = 64 * 1024;
