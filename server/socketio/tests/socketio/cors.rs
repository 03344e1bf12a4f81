use std::sync::Arc;
use std::time::Duration;

use http::header::HeaderName;
use http::{HeaderMap, HeaderValue, Method};
use socketio::{BundleFile, ClientBundle, Config, Cors, Origins, SocketIo};

use crate::harness::Server;
use crate::log::Log;
use crate::poller::exchange;

/// What of an answer concerns CORS, and its status.
async fn ask(server: &Server, method: &str, path: &str, headers: &str) -> (u16, HeaderMap) {
    let request = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
    let answer = exchange(server.addr, request.as_bytes()).await;
    let mut found = HeaderMap::new();
    for line in answer.head.lines().skip(1) {
        let (name, value) = line.split_once(": ").unwrap();
        if name.starts_with("access-control") || name == "vary" {
            found.append(
                HeaderName::try_from(name).unwrap(),
                HeaderValue::try_from(value).unwrap(),
            );
        }
    }
    (answer.status, found)
}

fn expected(lines: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers
}

async fn server(cors: Cors) -> Server {
    let config = Config {
        cors: Some(cors),
        ..Config::default()
    };
    let file = BundleFile {
        name: "socket.io.js".to_owned(),
        content_type: "application/javascript".to_owned(),
        bytes: "x".into(),
    };
    let bundle = ClientBundle {
        version: "1".to_owned(),
        files: vec![file],
    };
    Server::serve(SocketIo::builder().config(config).client_bundle(bundle).build()).await
}

const OPEN: &str = "/socket.io/?EIO=4&transport=polling";
const GOOD: &str = "Origin: https://good.example\r\n";
const BAD: &str = "Origin: https://bad.example\r\n";

#[tokio::test]
async fn a_preflight_is_told_what_is_configured() {
    let cors = Cors {
        credentials: true,
        methods: vec![Method::GET, Method::PUT, Method::POST],
        allowed_headers: Some(vec![HeaderName::from_static("my-header")]),
        exposed_headers: vec![HeaderName::from_static("my-exposed-header")],
        max_age: Some(Duration::from_secs(123)),
        ..Origins::List(vec!["https://good.example".to_owned()]).into()
    };
    let server = server(cors).await;
    let (status, headers) = ask(&server, "OPTIONS", OPEN, GOOD).await;
    assert_eq!(status, 204);
    let told = [
        ("access-control-allow-origin", "https://good.example"),
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-methods", "get,put,post"),
        ("access-control-allow-headers", "my-header"),
        ("access-control-expose-headers", "my-exposed-header"),
        ("access-control-max-age", "123"),
        ("vary", "origin"),
    ];
    assert_eq!(headers, expected(&told));
    for other in [
        BAD,
        "",
        "Origin: HTTPS://GOOD.EXAMPLE\r\n",
        "Origin: null\r\n",
        "Origin: \u{e9}\r\n",
    ] {
        let (status, headers) = ask(&server, "OPTIONS", OPEN, other).await;
        assert_eq!(
            (status, headers),
            (204, expected(&[("vary", "origin")])),
            "{other}"
        );
    }
}

#[tokio::test]
async fn a_preflight_is_told_the_defaults_of_the_reference() {
    let cors = Cors {
        credentials: true,
        ..Origins::Mirror.into()
    };
    let server = server(cors).await;
    let asks = format!("{GOOD}Access-Control-Request-Headers: x-one, x-two\r\n");
    let (status, headers) = ask(&server, "OPTIONS", OPEN, &asks).await;
    assert_eq!(status, 204);
    let told = [
        ("access-control-allow-origin", "https://good.example"),
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-methods", "get,head,put,patch,post,delete"),
        ("access-control-allow-headers", "x-one, x-two"),
        ("vary", "access-control-request-headers"),
        ("vary", "origin"),
    ];
    assert_eq!(headers, expected(&told));
}

#[tokio::test]
async fn every_answer_names_the_origin() {
    let origins = Origins::Matching(Arc::new(|origin| {
        assert!(!origin.contains("panic"), "a test panics");
        origin.ends_with("good.example")
    }));
    let server = server(origins.into()).await;
    let upgrade = format!(
        "{GOOD}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    );
    let cases = [
        ("GET", OPEN, GOOD, 200),
        ("GET", "/socket.io/?EIO=3&transport=polling", GOOD, 400),
        ("GET", "/socket.io/?EIO=4&transport=tcp", GOOD, 400),
        ("POST", "/socket.io/?EIO=4&transport=polling&sid=x", GOOD, 400),
        ("DELETE", OPEN, GOOD, 400),
        ("GET", "/socket.io/socket.io.js", GOOD, 200),
        ("PUT", "/socket.io/socket.io.js", GOOD, 405),
        ("GET", "/socket.io/?EIO=3&transport=websocket", &upgrade, 400),
    ];
    let told = [
        ("vary", "origin"),
        ("access-control-allow-origin", "https://good.example"),
    ];
    for (method, path, headers, status) in cases {
        let answer = ask(&server, method, path, headers).await;
        let mut headers = expected(&told);
        if path.ends_with(".js") && status == 200 {
            headers = expected(&[&[("vary", "accept-encoding")], &told[..]].concat());
        }
        assert_eq!(answer, (status, headers), "{method} {path}");
    }
    for headers in [BAD, "", "Origin: https://panic.good.example\r\n"] {
        let answer = ask(&server, "GET", OPEN, headers).await;
        assert_eq!(answer, (200, expected(&told[..1])), "{headers}");
    }
    let anybody = self::server(Origins::Any.into()).await;
    for headers in [GOOD, BAD, ""] {
        let answer = ask(&anybody, "GET", OPEN, headers).await;
        let told = [("access-control-allow-origin", "*")];
        assert_eq!(answer, (200, expected(&told)), "{headers}");
    }
}

/// CVE-2020-28481: nobody is let in who was not named.
#[tokio::test]
async fn without_configuration_no_origin_is_let_in() {
    let server = Server::start(Config::default(), |_| {}).await;
    for (method, status) in [("GET", 200), ("OPTIONS", 204)] {
        assert_eq!(ask(&server, method, OPEN, GOOD).await, (status, HeaderMap::new()));
    }
}

/// What is logged while `run` runs on this thread.
fn logged(run: impl FnOnce()) -> String {
    let log = Log::of_this_thread();
    run();
    log.text()
}

#[test]
fn what_no_browser_accepts_is_warned_of_at_the_start() {
    let build = |origins: Origins| {
        let cors = Some(Cors {
            credentials: true,
            ..origins.into()
        });
        let config = Config {
            cors,
            ..Config::default()
        };
        logged(|| drop(SocketIo::builder().config(config).build()))
    };
    let log = build(Origins::Any);
    assert!(
        log.contains("WARN") && log.contains("browsers will refuse"),
        "{log}"
    );
    assert_eq!(build(Origins::Mirror), "");
}
