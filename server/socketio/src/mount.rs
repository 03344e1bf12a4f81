//! Socket.IO as a tower service: beside the routes of an application, on any server that hyper drives.
//!
//! [`listen::serve`](crate::listen::serve) is the better place where there is a choice. It bounds how long heads and
//! answers may take, counts connections, and lets whoever emits write to the stream; a server of the application keeps
//! its streams to itself, so that there the task of each connection writes. Everything else is the same.

use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use futures_util::future::{BoxFuture, Either as EitherFuture, MapOk};
use futures_util::{FutureExt, TryFutureExt};
use http::{Request, Response};
use http_body_util::{Either, Full};
use hyper::body::Body;
use tower_layer::Layer;
use tower_service::Service;

use crate::endpoint::Endpoint;

/// Puts a server in front of a service: requests below its path are its own, all others go on. Made by
/// [`SocketIo::layer`](crate::SocketIo::layer).
///
/// The client's address is the `SocketAddr` in the extensions of the request, if somebody has put it there.
#[derive(Clone)]
pub struct MountLayer(Endpoint);

/// A service behind a server. Made by [`MountLayer`], or alone by [`SocketIo::into_service`](crate::SocketIo::into_service).
#[derive(Clone)]
pub struct Mounted<S> {
    endpoint: Endpoint,
    inner: S,
}

impl MountLayer {
    pub(crate) fn new(endpoint: impl Into<Endpoint>) -> Self {
        Self(endpoint.into())
    }
}

impl<S> Layer<S> for MountLayer {
    type Service = Mounted<S>;

    fn layer(&self, inner: S) -> Mounted<S> {
        Mounted {
            endpoint: self.0.clone(),
            inner,
        }
    }
}

impl<S, B, A> Service<Request<B>> for Mounted<S>
where
    S: Service<Request<B>, Response = Response<A>>,
    B: Body<Data: Buf + Send> + Send + 'static,
    A: Body<Data = Bytes>,
{
    type Response = Response<Either<Full<Bytes>, A>>;
    type Error = S::Error;
    type Future = EitherFuture<
        BoxFuture<'static, Result<Self::Response, S::Error>>,
        MapOk<S::Future, fn(Response<A>) -> Self::Response>,
    >;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let Some(rest) = self.endpoint.engine().claims(request.uri().path()) else {
            let pass: fn(Response<A>) -> Self::Response = |response| response.map(Either::Right);
            return EitherFuture::Right(self.inner.call(request).map_ok(pass));
        };
        let (rest, endpoint) = (rest.to_owned(), self.endpoint.clone());
        let answering = async move {
            let response = endpoint.engine().handle(&rest, request).await;
            Ok(response.map(Either::Left))
        };
        EitherFuture::Left(answering.boxed())
    }
}
