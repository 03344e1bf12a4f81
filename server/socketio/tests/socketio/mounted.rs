use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::map_request;
use axum::routing::get;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use socketio::{Config, Cookie, DisconnectReason, SocketIo, Transport};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tower_service::Service;

use crate::harness::{Client, PATIENCE, Seen, Server, fixture, until_writable};
use crate::poller::{POLLING, Poller, exchange, get as ask};

/// The fixture beside a route of an application, on axum's own server.
async fn beside_axum(config: Config) -> Server {
    let io = SocketIo::builder().config(config).build();
    fixture(&io);
    let with_address = |ConnectInfo(peer): ConnectInfo<SocketAddr>, mut request: Request| async move {
        request.extensions_mut().insert(peer);
        request
    };
    let app = Router::new()
        .route("/", get(|| async { "home" }))
        .layer(io.layer())
        .layer(map_request(with_address))
        .into_make_service_with_connect_info::<SocketAddr>();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = axum::serve(listener, app).with_graceful_shutdown(async move {
        let _ = stopped.await;
    });
    tokio::spawn(async move { serving.await.unwrap() });
    Server::at(io, addr, stop)
}

/// Alone on plain hyper.
async fn alone(config: Config) -> Server {
    let io = SocketIo::builder().config(config).build();
    fixture(&io);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let (stop, mut stopped) = oneshot::channel::<()>();
    let service = io.clone().into_service();
    tokio::spawn(async move {
        loop {
            let stream = tokio::select! {
                accepted = listener.accept() => accepted.unwrap().0,
                _ = &mut stopped => return,
            };
            let service = TowerToHyperService::new(service.clone());
            let http = hyper::server::conn::http1::Builder::new();
            let connection = http.serve_connection(TokioIo::new(stream), service);
            tokio::spawn(connection.with_upgrades());
        }
    });
    Server::at(io, addr, stop)
}

/// One conversation by every way in.
async fn check(server: &Server) {
    let event = r#"42["message",1]"#;
    let echo = r#"42["message-back",1]"#;
    let binary = r#"451-["message",{"_placeholder":true,"num":0}]"#;
    let mut client = server.joined().await;
    assert_eq!(client.text().await, r#"42["auth",{}]"#);
    client.send(event).await;
    assert_eq!(client.text().await, echo);
    client.send(binary).await;
    client.send_binary(&[7; 100_000]).await;
    assert_eq!(client.text().await, binary.replace("message", "message-back"));
    assert_eq!(client.binary().await, [7; 100_000][..]);

    let poller = Poller::joined(server).await;
    assert_eq!(poller.post(event).await.body, "ok");
    assert_eq!(poller.poll().await.body, echo);
    let waiting = poller.poll_beside();
    let mut moved = Client::open_at(server.addr, &poller.path("websocket"))
        .await
        .unwrap();
    moved.send("2probe").await;
    assert_eq!(moved.text().await, "3probe");
    assert_eq!(waiting.await.unwrap().body, "6");
    moved.send("5").await;
    moved.send(event).await;
    assert_eq!(moved.text().await, echo);

    client.send("1").await;
    assert_eq!(client.next().await, Seen::close(1000, "transport close"));
    drop(moved);
    server.until(|stats| &stats.connections_open, 0).await;
    server.until(|stats| &stats.outbox_bytes, 0).await;
}

#[tokio::test]
async fn a_server_is_a_layer_of_a_router_on_its_own_server() {
    let server = beside_axum(Config::default()).await;
    check(&server).await;
    assert_eq!(ask(&server, "/").await.body, "home");
    assert_eq!(ask(&server, "/socket.io").await.status, 404);
    assert_eq!(ask(&server, "/elsewhere").await.status, 404);
}

#[tokio::test]
async fn a_server_stands_alone_on_plain_hyper() {
    let server = alone(Config::default()).await;
    check(&server).await;
    let answer = ask(&server, "/").await;
    assert_eq!((answer.status, answer.body.as_str()), (404, "not found"));
}

#[tokio::test]
async fn what_the_router_knows_of_a_client_is_known() {
    let config = Config {
        cookie: Some(Cookie::default()),
        ..Config::default()
    };
    let server = beside_axum(config).await;
    let (sender, mut sockets) = mpsc::unbounded_channel();
    server
        .io
        .of("/")
        .on_connection(move |socket| sender.send(socket.clone()).unwrap());
    let poller = Poller::joined(&server).await;
    let socket = sockets.recv().await.unwrap();
    assert!(socket.handshake().remote_addr.unwrap().ip().is_loopback());
    assert_eq!(socket.transport(), Transport::Polling);
    assert!(!socket.request().secure);
    assert!(ask(&server, POLLING).await.head.contains("set-cookie: io="));
    // A poll that its client drops is noticed there as well.
    let (sender, mut reason) = mpsc::unbounded_channel();
    socket.on_disconnect(move |_, why| sender.send(why).unwrap());
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    stream.write_all(&poller.head("GET", "")).await.unwrap();
    until_writable(&socket).await;
    drop(stream);
    assert_eq!(reason.recv().await, Some(DisconnectReason::TransportError));
}

#[tokio::test]
async fn bounds_hold_on_servers_of_others() {
    let config = Config {
        max_payload_bytes: 1000,
        outbox_bytes_max: 64 * 1024,
        ping_interval: Duration::from_millis(200),
        ping_timeout: Duration::from_millis(200),
        ..Config::default()
    };
    let server = beside_axum(config).await;
    let poller = Poller::open(&server).await;
    let head = poller.head("POST", "Transfer-Encoding: chunked\r\n");
    let chunk = [b"3e9\r\n", "x".repeat(1001).as_bytes(), b"\r\n"].concat();
    let answer = exchange(server.addr, &[&head[..], &chunk].concat()).await;
    assert_eq!(answer.status, 413);
    let mut client = server.client().await;
    client.send(&format!("4{}", "x".repeat(1000))).await;
    assert_eq!(client.next().await, Seen::close(1009, "payload too large"));
    let mut silent = server.client().await;
    assert_eq!(silent.text().await, "2");
    assert_eq!(silent.next().await, Seen::close(1001, "ping timeout"));
    server.until(|stats| &stats.connections_open, 0).await;
    server.io.close(PATIENCE).await;
    assert_eq!(ask(&server, POLLING).await.status, 503);
}

/// The layer asks the service behind it whether it is ready, as tower wants it.
#[tokio::test]
async fn a_service_that_is_not_ready_is_waited_for() {
    let io = SocketIo::builder().build();
    let mut service = io.into_service();
    let ready = std::future::poll_fn(|cx| Service::<http::Request<String>>::poll_ready(&mut service, cx));
    ready.await.unwrap();
    let request = http::Request::builder()
        .uri("/socket.io/?EIO=4&transport=polling")
        .body(String::new())
        .unwrap();
    let response = service.call(request).await.unwrap();
    assert_eq!(response.status(), 200);
}
