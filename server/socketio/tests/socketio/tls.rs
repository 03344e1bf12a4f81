use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use socketio::listen::rustls::crypto::ring;
use socketio::listen::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use socketio::listen::rustls::{ClientConfig, RootCertStore, ServerConfig};
use socketio::{Config, DisconnectReason, Socket, SocketIo, listen};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{PATIENCE, Server, fixture, until_writable};

/// The fixture over TLS, its sockets, and a connector that trusts its certificate.
struct Secured {
    server: Server,
    sockets: mpsc::UnboundedReceiver<Socket>,
    connector: TlsConnector,
}

type Ws = WebSocketStream<TlsStream<TcpStream>>;

async fn secured(config: Config) -> Secured {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let provider = Arc::new(ring::default_provider());
    let tls = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let mut client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    client.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];

    let io = SocketIo::builder().config(config).build();
    fixture(&io);
    let (sender, sockets) = mpsc::unbounded_channel();
    io.of("/")
        .on_connection(move |socket| sender.send(socket.clone()).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async move {
        let _ = stopped.await;
    };
    tokio::spawn(listen::serve_tls(
        listener,
        tls,
        io.clone(),
        listen::NotFound,
        shutdown,
    ));
    Secured {
        server: Server::at(io, addr, stop),
        sockets,
        connector: TlsConnector::from(Arc::new(client)),
    }
}

impl Secured {
    fn addr(&self) -> SocketAddr {
        self.server.addr
    }

    async fn stream(&self) -> TlsStream<TcpStream> {
        let stream = TcpStream::connect(self.addr()).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        self.connector.connect(name, stream).await.unwrap()
    }

    async fn websocket(&self, path: &str) -> Ws {
        let url = format!("ws://localhost{path}");
        tokio_tungstenite::client_async(url, self.stream().await)
            .await
            .unwrap()
            .0
    }

    /// A client that has joined `/` and read what it is told then.
    async fn joined(&self) -> Ws {
        let mut client = self.websocket("/socket.io/?EIO=4&transport=websocket").await;
        assert!(text(&mut client).await.starts_with("0{"));
        client.send(Message::text("40")).await.unwrap();
        assert!(text(&mut client).await.starts_with("40{"));
        assert_eq!(text(&mut client).await, r#"42["auth",{}]"#);
        client
    }

    async fn request(&self, request: &str) -> String {
        let mut stream = self.stream().await;
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer).await;
        answer
    }

    async fn poll(&self, query: &str) -> String {
        let path = format!("/socket.io/?EIO=4&transport=polling{query}");
        self.request(&format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        ))
        .await
    }

    async fn post(&self, query: &str, body: &str) -> String {
        let path = format!("/socket.io/?EIO=4&transport=polling{query}");
        let length = body.len();
        self.request(&format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
        .await
    }
}

async fn next(client: &mut Ws) -> Message {
    tokio::time::timeout(PATIENCE, client.next())
        .await
        .unwrap()
        .unwrap()
        .unwrap()
}

async fn text(client: &mut Ws) -> String {
    next(client).await.into_text().unwrap().to_string()
}

#[tokio::test]
async fn messages_go_both_ways_over_tls() {
    let mut secured = secured(Config::default()).await;
    assert_eq!(
        secured.stream().await.get_ref().1.alpn_protocol(),
        Some(&b"http/1.1"[..])
    );
    let mut client = secured.joined().await;
    let socket = secured.sockets.recv().await.unwrap();
    assert!(socket.request().secure && socket.handshake().remote_addr.is_some());
    for bytes in [1, 100_000, 900_000] {
        let long = "x".repeat(bytes);
        client
            .send(Message::text(format!(r#"42["message","{long}"]"#)))
            .await
            .unwrap();
        assert_eq!(text(&mut client).await, format!(r#"42["message-back","{long}"]"#));
    }
    // From any thread, in order.
    let emitter = tokio::task::spawn_blocking(move || {
        for number in 0..2000 {
            socket.emit("n", number).unwrap();
        }
        socket
    });
    for number in 0..2000 {
        assert_eq!(text(&mut client).await, format!(r#"42["n",{number}]"#));
    }
    let socket = emitter.await.unwrap();
    client.send(Message::text("41")).await.unwrap();
    let (sender, mut reason) = mpsc::unbounded_channel();
    socket.on_disconnect(move |_, why| sender.send(why).unwrap());
    assert_eq!(
        reason.recv().await,
        Some(DisconnectReason::ClientNamespaceDisconnect)
    );
    client.send(Message::text("2")).await.unwrap();
    let Message::Close(Some(frame)) = next(&mut client).await else {
        panic!("expected a close frame");
    };
    assert_eq!(
        (u16::from(frame.code), frame.reason.as_str()),
        (1002, "transport error")
    );
    assert!(client.next().await.is_none_or(|item| item.is_err()));
    drop(client);
    secured.server.until_empty().await;
}

#[tokio::test]
async fn polling_and_the_move_go_over_tls() {
    let mut secured = secured(Config::default()).await;
    let open = secured.poll("").await;
    let at = open.find("0{\"sid\":\"").unwrap() + 9;
    let sid = format!("&sid={}", &open[at..at + 20]);
    assert!(secured.post(&sid, "40").await.ends_with("\r\n\r\nok"));
    assert!(secured.poll(&sid).await.ends_with(r#"42["auth",{}]"#));
    assert!(secured.sockets.recv().await.unwrap().request().secure);
    secured.post(&sid, r#"42["message",1]"#).await;
    let mut client = secured
        .websocket(&format!("/socket.io/?EIO=4&transport=websocket{sid}"))
        .await;
    client.send(Message::text("2probe")).await.unwrap();
    assert_eq!(text(&mut client).await, "3probe");
    client.send(Message::text("5")).await.unwrap();
    assert_eq!(text(&mut client).await, r#"42["message-back",1]"#);
    client.close(None).await.unwrap();
    while client.next().await.is_some() {}
    secured.server.until(|stats| &stats.connections_open, 0).await;
    assert_eq!(secured.server.io.stats().closed("transport close"), 1);
}

#[tokio::test]
async fn ends_over_tls_have_the_same_reasons() {
    let config = Config {
        outbox_bytes_max: 256 * 1024,
        ..Config::default()
    };
    let mut secured = secured(config).await;
    let ended = |socket: &Socket| {
        let (sender, receiver) = mpsc::unbounded_channel();
        socket.on_disconnect(move |_, why| sender.send(why).unwrap());
        receiver
    };
    // Without TLS's own goodbye.
    let client = secured.joined().await;
    let mut reason = ended(&secured.sockets.recv().await.unwrap());
    drop(client);
    assert_eq!(reason.recv().await, Some(DisconnectReason::TransportClose));
    // By a reset.
    let client = secured.joined().await;
    let mut reason = ended(&secured.sockets.recv().await.unwrap());
    client.get_ref().get_ref().0.set_zero_linger().unwrap();
    drop(client);
    assert_eq!(reason.recv().await, Some(DisconnectReason::TransportError));
    // By not reading.
    let deaf = secured.joined().await;
    let socket = secured.sockets.recv().await.unwrap();
    let mut reason = ended(&socket);
    let flood = tokio::task::spawn_blocking(move || {
        let payload = "x".repeat(10_000);
        while socket.emit("flood", &payload).is_ok() {}
    });
    flood.await.unwrap();
    assert_eq!(reason.recv().await.unwrap().as_str(), "slow consumer");
    drop(deaf);
    secured.server.until_empty().await;
}

#[tokio::test]
async fn who_does_not_shake_hands_is_sent_away() {
    let config = Config {
        header_read_timeout: Duration::from_millis(100),
        ..Config::default()
    };
    let secured = secured(config).await;
    let mut plain = TcpStream::connect(secured.addr()).await.unwrap();
    plain
        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    let mut silent = TcpStream::connect(secured.addr()).await.unwrap();
    assert_eq!(silent.read(&mut [0; 1]).await.unwrap_or(0), 0);
    let mut half = TcpStream::connect(secured.addr()).await.unwrap();
    half.write_all(&[22, 3, 1, 2, 0, 1]).await.unwrap();
    half.set_zero_linger().unwrap();
    drop(half);
    secured.server.until(|stats| &stats.tls_failed, 3).await;
    secured.server.until(|stats| &stats.tcp_open, 0).await;
    // After the handshake the head has its time as well.
    let mut stream = secured.stream().await;
    stream.write_all(b"GET / HT").await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    secured.server.until(|stats| &stats.tcp_open, 0).await;
    assert!(secured.poll("").await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn a_poll_over_tls_waits_like_any_other() {
    let mut secured = secured(Config::default()).await;
    let open = secured.poll("").await;
    let at = open.find("0{\"sid\":\"").unwrap() + 9;
    let sid = format!("&sid={}", &open[at..at + 20]);
    secured.post(&sid, "40").await;
    secured.poll(&sid).await;
    let socket = secured.sockets.recv().await.unwrap();
    let emit = async {
        until_writable(&socket).await;
        socket.emit("late", ()).unwrap();
    };
    let (answer, ()) = tokio::join!(secured.poll(&sid), emit);
    assert!(answer.ends_with(r#"42["late"]"#), "{answer}");
}
