use std::io::Read;

use bytes::Bytes;
use socketio::{BundleFile, ClientBundle, Config, HttpCompression, Origins, SocketIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{PATIENCE, Server, server_with_sockets, until_writable};
use crate::poller::Poller;

/// Head in lower case and body of the answer.
async fn exchange(server: &Server, request: &[u8]) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer))
        .await
        .unwrap()
        .unwrap();
    let end = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap();
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    (head, answer.split_off(end + 4))
}

/// The encoding of an answer, and what it says.
fn decoded(head: &str, body: &[u8]) -> (Option<&'static str>, String) {
    let names = ["br", "gzip", "deflate"];
    let encoding = names.into_iter().find(|name| {
        head.contains(&format!("content-encoding: {name}\r\n"))
            || head.ends_with(&format!("content-encoding: {name}"))
    });
    let mut text = String::new();
    match encoding {
        Some("br") => brotli::Decompressor::new(body, 4096).read_to_string(&mut text),
        Some("gzip") => flate2::read::GzDecoder::new(body).read_to_string(&mut text),
        Some(_) => flate2::read::ZlibDecoder::new(body).read_to_string(&mut text),
        None => Read::read_to_string(&mut &body[..], &mut text),
    }
    .unwrap();
    (encoding, text)
}

async fn poll(server: &Server, poller: &Poller, accept: &str) -> (Option<&'static str>, String) {
    let request = poller.head("GET", &format!("Accept-Encoding: {accept}\r\n"));
    let (head, body) = exchange(server, &request).await;
    assert!(head.contains("content-type: text/plain; charset=utf-8"), "{head}");
    assert!(
        head.contains(&format!("content-length: {}", body.len())),
        "{head}"
    );
    decoded(&head, &body)
}

/// One poll of so many bytes, by a client that accepts this; the encoding of the answer.
async fn check(
    http_compression: Option<HttpCompression>,
    bytes: usize,
    accept: &str,
) -> Option<&'static str> {
    let config = Config {
        http_compression,
        ..Config::default()
    };
    let (server, mut sockets) = server_with_sockets(config).await;
    let poller = Poller::joined(&server).await;
    let text = "x".repeat(bytes - r#"42["m",""]"#.len());
    sockets.recv().await.unwrap().emit("m", &text).unwrap();
    let (encoding, body) = poll(&server, &poller, accept).await;
    assert_eq!(body, format!(r#"42["m","{text}"]"#));
    encoding
}

#[tokio::test]
async fn polls_from_the_threshold_on_are_compressed_as_the_client_likes() {
    let default = Some(HttpCompression::default());
    let from = |threshold_bytes| {
        Some(HttpCompression {
            threshold_bytes,
            level: 9,
        })
    };
    let cases = [
        (default, 1024, "gzip, deflate", Some("gzip")),
        (default, 1024, "deflate", Some("deflate")),
        (default, 1024, "deflate, gzip;q=0.5, br", Some("deflate")),
        (default, 1023, "gzip, deflate", None),
        (default, 1024, "br, identity", None),
        (default, 1024, "", None),
        (default, 400_000, "gzip", Some("gzip")),
        (from(0), 20, "gzip", Some("gzip")),
        (from(100), 99, "gzip", None),
        (None, 100_000, "gzip", None),
    ];
    for (config, bytes, accept, expected) in cases {
        assert_eq!(check(config, bytes, accept).await, expected, "{bytes} {accept}");
    }
    let strange = SocketIo::builder().config(Config {
        http_compression: Some(HttpCompression {
            level: 10,
            ..HttpCompression::default()
        }),
        ..Config::default()
    });
    assert_eq!(strange.try_build().err().unwrap().field, "http_compression");
}

#[tokio::test]
async fn a_packet_that_may_not_be_compressed_keeps_its_whole_answer_plain() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let poller = Poller::joined(&server).await;
    let socket = sockets.recv().await.unwrap();
    let text = "x".repeat(2000);
    for compress in [&[true, true][..], &[false], &[true, false, true], &[true]] {
        let mut expected = Vec::new();
        for compress in compress {
            socket.compress(*compress).emit("m", &text).unwrap();
            expected.push(format!(r#"42["m","{text}"]"#));
        }
        let encoding = (!compress.contains(&false)).then_some("gzip");
        let answer = poll(&server, &poller, "gzip").await;
        assert_eq!(answer, (encoding, expected.join("\u{1e}")), "{compress:?}");
    }
}

/// Engine.IO 6.6.11: a compressed answer ends its poll once, and the next one waits.
#[tokio::test]
async fn a_compressed_poll_completes_exactly_once() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let poller = Poller::joined(&server).await;
    let socket = sockets.recv().await.unwrap();
    // Compressed on the spot, and beside.
    for bytes in [2000, 200_000] {
        let text = "x".repeat(bytes);
        for _ in 0..3 {
            let waiting = {
                let request = poller.head("GET", "Accept-Encoding: gzip\r\n");
                let mut stream = TcpStream::connect(server.addr).await.unwrap();
                stream.write_all(&request).await.unwrap();
                stream
            };
            until_writable(&socket).await;
            socket.emit("m", &text).unwrap();
            let mut answer = Vec::new();
            let mut waiting = waiting;
            waiting.read_to_end(&mut answer).await.unwrap();
            let end = answer
                .windows(4)
                .position(|window| window == b"\r\n\r\n")
                .unwrap();
            let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
            let (encoding, body) = decoded(&head, &answer[end + 4..]);
            assert_eq!((encoding, body.len()), (Some("gzip"), text.len() + 10));
            assert_eq!(socket.buffered_bytes(), 0);
            assert!(!socket.writable(), "no poll waits");
        }
    }
    assert_eq!(poller.post(r#"42["message",1]"#).await.body, "ok");
    assert_eq!(poller.poll().await.body, r#"42["message-back",1]"#);
}

const FILES: [(&str, &str); 3] = [
    ("socket.io.js", "application/javascript; charset=utf-8"),
    ("socket.io.js.map", "application/json; charset=utf-8"),
    (
        "socket.io.msgpack.min.js",
        "application/javascript; charset=utf-8",
    ),
];

async fn bundled() -> (Server, String) {
    let content = "(function () { return 'a client'; })();\n".repeat(1000);
    let file = |(name, content_type): (&str, &str)| BundleFile {
        name: name.to_owned(),
        content_type: content_type.to_owned(),
        bytes: Bytes::from(content.clone()),
    };
    let bundle = ClientBundle {
        version: "4.8.4".to_owned(),
        files: FILES.into_iter().map(file).collect(),
    };
    let config = Config {
        cors: Some(Origins::Any.into()),
        ..Config::default()
    };
    let io = SocketIo::builder().config(config).client_bundle(bundle).build();
    (Server::serve(io).await, content)
}

#[tokio::test]
async fn files_of_the_client_are_compressed_as_the_client_likes() {
    let (server, content) = bundled().await;
    let cases = [
        ("gzip, deflate, br", Some("br")),
        ("br;q=0.5, gzip", Some("gzip")),
        ("deflate", Some("deflate")),
        ("identity", None),
        ("gzip, deflate, br", Some("br")),
    ];
    for (name, content_type) in FILES {
        for (accept, expected) in cases {
            for method in ["GET", "HEAD"] {
                let request = format!(
                    "{method} /socket.io/{name} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept-Encoding: {accept}\r\n\r\n"
                );
                let (head, body) = exchange(&server, request.as_bytes()).await;
                let lines = [
                    "http/1.1 200 ",
                    "etag: \"4.8.4\"",
                    "cache-control: public, max-age=0",
                    "vary: accept-encoding",
                    "access-control-allow-origin: *",
                    &format!("content-type: {content_type}"),
                ];
                for line in lines {
                    assert!(
                        head.contains(line),
                        "{method} {name} {accept}: no {line} in {head}"
                    );
                }
                if method == "HEAD" {
                    assert!(body.is_empty() && !head.contains("content-length: 0"), "{head}");
                    continue;
                }
                assert_eq!(
                    decoded(&head, &body),
                    (expected, content.clone()),
                    "{name} {accept}"
                );
                assert!(
                    expected.is_none() || body.len() < 2000,
                    "{accept}: {}",
                    body.len()
                );
            }
        }
    }
    for tag in ["\"4.8.4\"", "W/\"4.8.4\""] {
        let request = format!(
            "GET /socket.io/socket.io.js HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept-Encoding: br\r\nIf-None-Match: {tag}\r\n\r\n"
        );
        let (head, body) = exchange(&server, request.as_bytes()).await;
        assert!(head.starts_with("http/1.1 304 ") && body.is_empty(), "{head}");
        assert!(
            head.contains("etag: \"4.8.4\"") && head.contains("access-control-allow-origin: *"),
            "{head}"
        );
        assert!(!head.contains("content-encoding"), "{head}");
    }
}
