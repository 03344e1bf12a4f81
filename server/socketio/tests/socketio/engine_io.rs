use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use socketio::engine_io::{Application, Client, EngineIo, Message, Session};
use socketio::{Config, DisconnectReason, EmitError, Transport};
use tokio::sync::{mpsc, oneshot};

use crate::harness::{self, PATIENCE, Seen, until};
use crate::poller::exchange;

/// Echoes what it hears and reports sessions and their ends.
struct Echo {
    sessions: mpsc::UnboundedSender<Session>,
    ends: mpsc::UnboundedSender<DisconnectReason>,
}

struct EchoClient {
    session: Session,
    ends: mpsc::UnboundedSender<DisconnectReason>,
}

impl Application for Echo {
    fn open(&self, session: Session) -> Box<dyn Client> {
        assert_ne!(
            session.request().query.get("panic"),
            Some("open"),
            "a test panics"
        );
        self.sessions.send(session.clone()).unwrap();
        Box::new(EchoClient {
            session,
            ends: self.ends.clone(),
        })
    }
}

impl Client for EchoClient {
    fn on_message(&mut self, message: Message<'_>) {
        match message {
            Message::Text("panic") => panic!("a test panics"),
            Message::Text("close") => self.session.close(),
            message => self.session.send(message).unwrap(),
        }
    }

    fn on_close(&mut self, reason: DisconnectReason) {
        assert_eq!(
            self.session.send(Message::Text("x")),
            Err(EmitError::Disconnected)
        );
        let _ = self.ends.send(reason);
    }
}

struct Server {
    io: EngineIo,
    addr: SocketAddr,
    sessions: mpsc::UnboundedReceiver<Session>,
    ends: mpsc::UnboundedReceiver<DisconnectReason>,
    _stop: oneshot::Sender<()>,
}

async fn echo(config: Config) -> Server {
    let ((sessions, opened), (ends, ended)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
    let config = Config {
        path: "/engine.io".to_owned(),
        ..config
    };
    let io = EngineIo::builder(Echo { sessions, ends }).config(config).build();
    let (addr, stop) = harness::serve(io.clone()).await;
    Server {
        io,
        addr,
        sessions: opened,
        ends: ended,
        _stop: stop,
    }
}

impl Server {
    async fn client(&self, query: &str) -> harness::Client {
        let path = format!("/engine.io/?EIO=4&transport=websocket{query}");
        let mut client = harness::Client::open_at(self.addr, &path).await.unwrap();
        assert!(client.text().await.starts_with("0{\"sid\":\""));
        client
    }

    async fn request(&self, method: &str, query: &str, body: &str) -> (u16, String) {
        let request = format!(
            "{method} /engine.io/?EIO=4&transport=polling{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = exchange(self.addr, request.as_bytes()).await;
        (answer.status, answer.body)
    }
}

#[tokio::test]
async fn every_message_is_echoed_as_what_it_is() {
    let mut server = echo(Config::default()).await;
    let mut client = server.client("&a=b").await;
    let session = server.sessions.recv().await.unwrap();
    assert_eq!(session.transport(), Transport::WebSocket);
    assert_eq!(session.request().query.get("a"), Some("b"));
    assert!(session.request().headers.contains_key("host") && session.request().remote_addr.is_some());
    for text in ["4hello", "4", "4\u{e9}", "40"] {
        client.send(text).await;
        assert_eq!(client.text().await, text);
    }
    for data in [&[1, 2, 3, 4][..], &[], &[0; 70_000]] {
        client.send_binary(data).await;
        assert_eq!(client.binary().await, data);
    }

    let (_, open) = server.request("GET", "", "").await;
    let sid = &open[9..29];
    let polling = server.sessions.recv().await.unwrap();
    assert_eq!(polling.transport(), Transport::Polling);
    assert_eq!(polling.id(), sid);
    let sid = format!("&sid={sid}");
    let payload = "4a\u{1e}bAQIDBA==\u{1e}4\u{20ac}";
    assert_eq!(
        server.request("POST", &sid, payload).await,
        (200, "ok".to_owned())
    );
    assert!(polling.buffered_bytes() > 0 && !polling.writable());
    assert_eq!(server.request("GET", &sid, "").await, (200, payload.to_owned()));
    let path = format!("/engine.io/?EIO=4&transport=websocket{sid}");
    let mut client = harness::Client::open_at(server.addr, &path).await.unwrap();
    client.send("2probe").await;
    assert_eq!(client.text().await, "3probe");
    client.send("5").await;
    client.send("4hello").await;
    assert_eq!(client.text().await, "4hello");
    assert_eq!(polling.transport(), Transport::WebSocket);
}

#[tokio::test]
async fn the_application_hears_of_each_end_once() {
    let mut server = echo(Config::default()).await;
    let cases = [
        ("1", Seen::close(1000, "transport close"), "transport close"),
        ("4close", Seen::close(1000, "forced close"), "forced close"),
        ("x", Seen::close(1008, "parse error"), "parse error"),
        ("2", Seen::close(1002, "transport error"), "transport error"),
    ];
    for (say, seen, reason) in cases {
        let mut client = server.client("").await;
        client.send(say).await;
        assert_eq!(client.next().await, seen, "{say}");
        assert_eq!(server.ends.recv().await.unwrap().as_str(), reason, "{say}");
    }
    let mut client = server.client("").await;
    client.send("4panic").await;
    client.send("4alive").await;
    assert_eq!(client.text().await, "4alive");
    server.io.close(PATIENCE).await;
    assert_eq!(
        server.ends.recv().await,
        Some(DisconnectReason::ServerShuttingDown)
    );
    assert!(server.ends.try_recv().is_err());
    assert_eq!(server.io.stats().handler_panics.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn an_application_that_panics_at_the_door_lets_nobody_in() {
    let mut server = echo(Config::default()).await;
    let mut client = server.client("&panic=open").await;
    assert_eq!(client.next().await, Seen::close(1000, "forced close"));
    until(&server.io.stats().connections_open, 0).await;
    assert!(server.sessions.try_recv().is_err() && server.ends.try_recv().is_err());
}

#[tokio::test]
async fn only_heartbeats_are_sent_unasked() {
    let config = Config {
        ping_interval: Duration::from_millis(30),
        ping_timeout: Duration::from_millis(100),
        connect_timeout: Duration::from_millis(10),
        ..Config::default()
    };
    let mut server = echo(config).await;
    let mut client = server.client("").await;
    for _ in 0..3 {
        assert_eq!(client.text().await, "2");
        client.send("3").await;
    }
    assert_eq!(client.text().await, "2");
    assert_eq!(client.next().await, Seen::close(1001, "ping timeout"));
    assert_eq!(server.ends.recv().await, Some(DisconnectReason::PingTimeout));
}

/// `b64=1` in the first request of a session.
#[tokio::test]
async fn a_client_that_takes_only_text_gets_binary_spelled_out() {
    let mut server = echo(Config::default()).await;
    let mut client = server.client("&b64=1").await;
    client.send("bAQIDBA==").await;
    assert_eq!(client.text().await, "bAQIDBA==");
    client.send_binary(&[1, 2, 3, 4]).await;
    assert_eq!(client.text().await, "bAQIDBA==");
    client.send("4text").await;
    assert_eq!(client.text().await, "4text");
    client.ws.close(None).await.unwrap();
    assert_eq!(server.ends.recv().await, Some(DisconnectReason::TransportClose));

    let mut client = server.client("&b64=").await;
    client.send("bAQIDBA==").await;
    assert_eq!(client.binary().await, [1, 2, 3, 4][..]);

    let (_, open) = server.request("GET", "&b64=1", "").await;
    let sid = format!("&b64=1&sid={}", &open[9..29]);
    server.request("POST", &sid, "bAQIDBA==").await;
    assert_eq!(server.request("GET", &sid, "").await.1, "bAQIDBA==");
    server.request("POST", &sid, "bBQYH").await;
    let path = format!("/engine.io/?EIO=4&transport=websocket{sid}");
    let mut client = harness::Client::open_at(server.addr, &path).await.unwrap();
    client.send("5").await;
    assert_eq!(client.text().await, "bBQYH");
}

#[tokio::test]
async fn the_slash_behind_the_path_may_be_left_away() {
    let config = Config {
        add_trailing_slash: false,
        ..Config::default()
    };
    let server = echo(config).await;
    let cases = [
        ("/engine.io?EIO=4&transport=polling", 200, "0{"),
        ("/engine.io/?EIO=4&transport=polling", 200, "0{"),
        ("/engine.io", 400, "{"),
        ("/engine.iofoo?EIO=4&transport=polling", 200, "app "),
        ("/engine.iofoo/?EIO=4&transport=polling", 200, "app "),
    ];
    for (path, status, start) in cases {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let answer = exchange(server.addr, request.as_bytes()).await;
        assert!(
            answer.status == status && answer.body.starts_with(start),
            "{path}: {answer:?}"
        );
    }
    let path = "/engine.io?EIO=4&transport=websocket";
    let mut client = harness::Client::open_at(server.addr, path).await.unwrap();
    assert!(client.text().await.starts_with("0{"));
}

#[tokio::test]
async fn internet_explorer_is_told_not_to_look_for_smuggled_scripts() {
    let server = echo(Config::default()).await;
    let agents = [
        (
            "Mozilla/4.0 (compatible;MSIE 8.0; Windows NT 6.0; Trident/4.0)",
            true,
        ),
        (
            "Mozilla/5.0 (Windows NT 6.3; Trident/7.0; rv:11.0) like Gecko",
            true,
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0)", false),
    ];
    for (agent, told) in agents {
        let request = format!(
            "GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nConnection: close\r\nUser-Agent: {agent}\r\n\r\n"
        );
        let answer = exchange(server.addr, request.as_bytes()).await;
        assert_eq!(answer.head.contains("x-xss-protection: 0"), told, "{agent}");
    }
}
