//! The accept loop: hyper over TCP or TLS, with the timers and bounds that a public port needs.
//!
//! Requests below the path of the server go to Socket.IO, all others to the application's service.

mod connection;

use std::convert::Infallible;
use std::error::Error;
use std::future::{Ready, ready};
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
/// The TLS library, in the version whose configuration [`serve_tls`] takes.
pub use tokio_rustls::rustls;
use tower_service::Service;

use self::connection::Visit;
use crate::endpoint::Endpoint;
use crate::engine::http::ConnectionGuard;
use crate::engine::refusal::jittered_retry_s;
use crate::stats;

type BoxError = Box<dyn Error + Send + Sync>;

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
    accept(listener, Door::Plain, io.into(), app, shutdown).await
}

/// The same over TLS. Certificates and versions are the business of `tls`; where it names no protocol, `http/1.1` is
/// agreed on, the only one that is spoken here. A handshake has so much time as
/// [`Config::header_read_timeout`](crate::Config::header_read_timeout).
///
/// Streams are written by the task of their connection, since encryption takes its time. Whoever has a proxy that ends
/// TLS serves plainly behind it.
///
/// # Errors
/// Never for what a peer does; only when the listener itself cannot be used.
pub async fn serve_tls<S, B>(
    listener: TcpListener,
    mut tls: rustls::ServerConfig,
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
    if tls.alpn_protocols.is_empty() {
        tls.alpn_protocols.push(b"http/1.1".to_vec());
    }
    let door = Door::Tls(TlsAcceptor::from(Arc::new(tls)));
    accept(listener, door, io.into(), app, shutdown).await
}

/// What a connection says first.
#[derive(Clone)]
enum Door {
    Plain,
    Tls(TlsAcceptor),
}

async fn accept<S, B>(
    listener: TcpListener,
    door: Door,
    io: Endpoint,
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
            Ok((stream, peer)) => {
                tune(&stream, io.engine().config.notsent_lowat_bytes);
                let Some(place) = Place::take(&io) else {
                    stats::increment(&io.engine().stats.tcp_refused);
                    turn_away(stream, &farewells);
                    continue;
                };
                let visit = Visit {
                    peer,
                    is_secure: matches!(door, Door::Tls(_)),
                    guard: ConnectionGuard(Arc::new(place)),
                    io: io.clone(),
                    app: app.clone(),
                    stopped: stopped.clone(),
                };
                match &door {
                    Door::Plain => drop(tokio::spawn(visit.serve(stream))),
                    Door::Tls(acceptor) => drop(tokio::spawn(visit.serve_tls(acceptor.clone(), stream))),
                }
            }
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
        let _ = stream.write_all(busy().as_bytes()).await;
        let _ = stream.shutdown().await;
        // Closing with unread bytes would reset the stream before the answer is read.
        let mut scratch = [0; 1024];
        while matches!(stream.read(&mut scratch).await, Ok(count) if count > 0) {}
    }));
}

fn busy() -> String {
    let seconds = jittered_retry_s();
    format!(
        "HTTP/1.1 503 Service Unavailable\r\nretry-after: {seconds}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    )
}

const FAREWELL_TIME: Duration = Duration::from_secs(1);
const FAREWELLS_MAX: usize = 64;
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
