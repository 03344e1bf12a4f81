use bytes::Bytes;
use socketio::{BundleFile, ClientBundle, Config, SocketIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Client, PATIENCE, Server, fixture};

const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

async fn bundled() -> Server {
    let file = |name: &str, content: &'static [u8]| BundleFile {
        name: name.to_owned(),
        content_type: "application/javascript; charset=utf-8".to_owned(),
        bytes: Bytes::from_static(content),
    };
    let files = vec![file("socket.io.js", b"plain"), file("socket.io.min.js", b"min")];
    let bundle = ClientBundle {
        version: "4.8.4".to_owned(),
        files,
    };
    Server::serve(SocketIo::builder().client_bundle(bundle).build()).await
}

/// Sends one request and returns head and body of the answer, the head in lower case.
async fn request(server: &Server, method: &str, path: &str, headers: &str) -> (String, String) {
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    let close = if headers.contains("Upgrade") {
        ""
    } else {
        "Connection: close\r\n"
    };
    let request = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{close}{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer))
        .await
        .unwrap()
        .unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_ascii_lowercase(), body.to_owned())
}

async fn check(server: &Server, method: &str, path: &str, headers: &str, status: u16, expected: &str) {
    let (head, body) = request(server, method, path, headers).await;
    assert!(
        head.starts_with(&format!("http/1.1 {status} ")),
        "{method} {path}: {head}"
    );
    assert_eq!(body, expected, "{method} {path}");
}

#[tokio::test]
async fn a_refusal_names_its_code() {
    let server = Server::start(Config::default(), fixture).await;
    let unknown = r#"{"code":0,"message":"Transport unknown"}"#;
    let cases = [
        ("GET", "?EIO=4", "", unknown),
        ("GET", "?EIO=4&transport=constructor", "", unknown),
        ("GET", "?EIO=4&transport=__proto__", "", unknown),
        (
            "GET",
            "?EIO=4&transport=websocket&sid=x",
            "",
            r#"{"code":1,"message":"Session ID unknown"}"#,
        ),
        (
            "PUT",
            "?EIO=4&transport=websocket",
            "",
            r#"{"code":2,"message":"Bad handshake method"}"#,
        ),
        (
            "GET",
            "?EIO=4&transport=websocket",
            "",
            r#"{"code":3,"message":"Bad request"}"#,
        ),
        (
            "GET",
            "?EIO=3&transport=websocket",
            UPGRADE,
            "Unsupported protocol version",
        ),
        (
            "GET",
            "?transport=websocket",
            UPGRADE,
            "Unsupported protocol version",
        ),
        ("GET", "?EIO=4&transport=tcp", UPGRADE, "Transport unknown"),
        (
            "GET",
            "?EIO=4&transport=websocket&sid=__proto__",
            UPGRADE,
            "Session ID unknown",
        ),
    ];
    for (method, query, headers, expected) in cases {
        check(
            &server,
            method,
            &format!("/socket.io/{query}"),
            headers,
            400,
            expected,
        )
        .await;
    }
    assert_eq!(
        server.count(|stats| &stats.handshakes_refused),
        cases.len() as u64
    );
    assert!(
        Client::open_at(server.addr, "/socket.io/?EIO=5&transport=websocket")
            .await
            .is_err()
    );
    server.until_empty().await;
}

#[tokio::test]
async fn other_paths_belong_to_the_application() {
    let server = Server::start(Config::default(), fixture).await;
    for path in ["/", "/socket.io", "/socket.iofoo/", "/x/socket.io/"] {
        check(&server, "GET", path, "", 200, &format!("app {path} true")).await;
    }
}

#[tokio::test]
async fn the_bundle_is_exactly_the_files_given() {
    let server = bundled().await;
    check(&server, "GET", "/socket.io/socket.io.js", "", 200, "plain").await;
    check(&server, "GET", "/socket.io/socket.io.min.js?v=1", "", 200, "min").await;
    check(&server, "HEAD", "/socket.io/socket.io.js", "", 200, "").await;
    let unknown = r#"{"code":0,"message":"Transport unknown"}"#;
    for name in [
        "socket.io.js.map",
        "../Cargo.toml",
        "SOCKET.IO.JS",
        "socket.io.js/",
    ] {
        check(&server, "GET", &format!("/socket.io/{name}"), "", 400, unknown).await;
    }
    for tag in ["\"4.8.4\"", "W/\"4.8.4\"", "\"1\", \"4.8.4\""] {
        let header = format!("If-None-Match: {tag}\r\n");
        check(&server, "GET", "/socket.io/socket.io.js", &header, 304, "").await;
    }
    check(
        &server,
        "GET",
        "/socket.io/socket.io.js",
        "If-None-Match: \"4.8.3\"\r\n",
        200,
        "plain",
    )
    .await;
    let (head, _) = request(&server, "GET", "/socket.io/socket.io.js", "").await;
    for line in [
        "etag: \"4.8.4\"",
        "cache-control: public, max-age=0",
        "content-type: application/javascript; charset=utf-8",
    ] {
        assert!(head.contains(line), "{head}");
    }
    assert!(!head.contains("access-control"), "{head}");
}

#[tokio::test]
async fn odd_heads_do_not_hurt() {
    let server = Server::start(Config::default(), fixture).await;
    let long = format!("Sec-WebSocket-Protocol: {}\r\n", "a,".repeat(40_000));
    let many = "X: y\r\n".repeat(3000);
    for headers in [long, many] {
        let (head, _) = request(&server, "GET", "/socket.io/?EIO=4&transport=websocket", &headers).await;
        assert!(head.starts_with("http/1.1 431 "), "{head}");
    }
    drop(server.joined().await);
    server.until_empty().await;
}

#[tokio::test]
async fn a_peer_that_does_not_read_its_answer_is_given_up() {
    let file = BundleFile {
        name: "socket.io.js".to_owned(),
        content_type: "application/javascript; charset=utf-8".to_owned(),
        // More than the kernel's buffers hold, so that the answer cannot leave without the peer.
        bytes: Bytes::from(vec![b'x'; 64 * 1024 * 1024]),
    };
    let bundle = ClientBundle {
        version: "4.8.4".to_owned(),
        files: vec![file],
    };
    let config = Config {
        answer_stall_timeout: std::time::Duration::from_millis(200),
        ..Config::default()
    };
    let server = Server::serve(SocketIo::builder().config(config).client_bundle(bundle).build()).await;
    let mut deaf = TcpStream::connect(server.addr).await.unwrap();
    deaf.write_all(b"GET /socket.io/socket.io.js HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    server.until(|stats| &stats.answers_stalled, 1).await;
    server.until(|stats| &stats.tcp_open, 0).await;
    drop(deaf);
}
