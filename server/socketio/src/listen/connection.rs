//! One connection of the accept loop, from its first byte to its last request.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response, StatusCode, Version};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tower_service::Service;

use super::BoxError;
use crate::endpoint::Endpoint;
use crate::engine::http::ConnectionGuard;
use crate::engine::request::Secure;
use crate::patience::{PatientStream, Switching};
use crate::stats;

type ResponseBody = UnsyncBoxBody<Bytes, BoxError>;

/// What serving one connection takes beside its stream.
pub(super) struct Visit<S> {
    pub(super) peer: SocketAddr,
    pub(super) is_secure: bool,
    pub(super) guard: ConnectionGuard,
    pub(super) io: Endpoint,
    pub(super) app: S,
    /// Changes when the loop has stopped accepting.
    pub(super) stopped: watch::Receiver<()>,
}

impl<S, B> Visit<S>
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    /// Shakes hands, and serves what comes out of it.
    pub(super) async fn serve_tls(self, acceptor: TlsAcceptor, stream: TcpStream) {
        let patience = self.io.engine().config.header_read_timeout;
        match timeout(patience, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => self.serve(stream).await,
            outcome => {
                stats::increment(&self.io.engine().stats.tls_failed);
                let error = outcome.map(|result| result.err().map(|error| error.to_string()));
                tracing::debug!(?error, peer = %self.peer, "TLS handshake failed");
            }
        }
    }

    pub(super) async fn serve(self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) {
        let Self {
            peer,
            is_secure,
            guard,
            io,
            app,
            mut stopped,
        } = self;
        let header_read_timeout = io.engine().config.header_read_timeout;
        let stats = io.engine().stats.clone();
        let switching = Switching::default();
        let patience = io.engine().config.answer_stall_timeout;
        let stream = PatientStream::new(stream, patience, switching.clone(), stats);
        let service = service_fn(move |mut request: Request<Incoming>| {
            let extensions = request.extensions_mut();
            extensions.insert(peer);
            extensions.insert(guard.clone());
            if is_secure {
                extensions.insert(Secure);
            }
            let (io, app, switching) = (io.clone(), app.clone(), switching.clone());
            async move { Ok::<_, Infallible>(answer(&io, app, &switching, request).await) }
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
}

async fn answer<S, B>(
    io: &Endpoint,
    mut app: S,
    switching: &Switching,
    request: Request<Incoming>,
) -> Response<ResponseBody>
where
    S: Service<Request<Incoming>, Response = Response<B>>,
    S::Error: Into<BoxError>,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let path = request.uri().path().to_owned();
    if let Some(rest) = io.engine().claims(&path) {
        // hyper switches for nothing older, and nobody would come for what is held.
        let can_switch = request.version() == Version::HTTP_11;
        let response = io.engine().handle(rest, request).await;
        if can_switch && response.status() == StatusCode::SWITCHING_PROTOCOLS {
            switching.begin();
        }
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

/// Largest request head; browsers with many cookies send some kilobytes.
const HEAD_BYTES_MAX: usize = 32 * 1024;

/// What hyper may buffer of one connection, in each direction.
const BUFFER_BYTES_MAX: usize = 64 * 1024;
