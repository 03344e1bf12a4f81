use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::harness::{PATIENCE, Server};

/// What a request is answered with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Status line and headers in lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Writes `request` on a connection of its own and reads until the server closes it.
pub(crate) async fn exchange(addr: SocketAddr, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    // The server may answer and close before it has read everything.
    let _ = stream.write_all(request).await;
    let mut bytes = Vec::new();
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes))
        .await
        .expect("the server answers");
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.get(9..12).and_then(|digits| digits.parse().ok());
    Answer {
        status: status.unwrap_or(0),
        head: head.to_ascii_lowercase(),
        body: body.to_owned(),
    }
}

pub(crate) const POLLING: &str = "/socket.io/?EIO=4&transport=polling";
pub(crate) const WEBSOCKET: &str = "/socket.io/?EIO=4&transport=websocket";
pub(crate) const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// Asks for `path` by polling; the answer.
pub(crate) async fn get(server: &Server, path: &str) -> Answer {
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    exchange(server.addr, request.as_bytes()).await
}

/// Asks for a WebSocket; the answer up to its headers, or whole where it is none.
pub(crate) async fn upgrade(server: &Server, path: &str) -> Answer {
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n{UPGRADE}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let reading = async {
        while stream.read_buf(&mut bytes).await.unwrap() > 0 {
            if bytes.starts_with(b"HTTP/1.1 101") && bytes.windows(4).any(|window| window == b"\r\n\r\n") {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.unwrap();
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let status = std::str::from_utf8(&bytes[9..12]).unwrap().parse().unwrap();
    Answer {
        status,
        head: String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase(),
        body: match status {
            101 => String::new(),
            _ => String::from_utf8_lossy(&bytes[end + 4..]).into_owned(),
        },
    }
}

/// A client that polls. Each request has its own connection, so that any may be left hanging.
#[derive(Clone)]
pub(crate) struct Poller {
    pub(crate) addr: SocketAddr,
    pub(crate) sid: String,
}

impl Poller {
    /// Opens a session.
    pub(crate) async fn open(server: &Server) -> Self {
        let request =
            b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        let answer = exchange(server.addr, request).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let sid = answer.body.strip_prefix("0{\"sid\":\"").unwrap()[..20].to_owned();
        Self {
            addr: server.addr,
            sid,
        }
    }

    /// Opens a session, joins `/` and reads the answer and the `auth` of the fixture.
    pub(crate) async fn joined(server: &Server) -> Self {
        let poller = Self::open(server).await;
        assert_eq!(poller.post("40").await.body, "ok");
        let body = poller.poll().await.body;
        assert!(
            body.starts_with("40{\"sid\":\"") && body.ends_with("\u{1e}42[\"auth\",{}]"),
            "{body}"
        );
        poller
    }

    pub(crate) fn path(&self, transport: &str) -> String {
        format!("/socket.io/?EIO=4&transport={transport}&sid={}", self.sid)
    }

    /// The head of a request of this session.
    pub(crate) fn head(&self, method: &str, headers: &str) -> Vec<u8> {
        let path = self.path("polling");
        format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n").into_bytes()
    }

    pub(crate) async fn request(&self, method: &str, headers: &str, body: &[u8]) -> Answer {
        let headers = format!("Content-Length: {}\r\n{headers}", body.len());
        let request = [&self.head(method, &headers), body].concat();
        exchange(self.addr, &request).await
    }

    pub(crate) async fn poll(&self) -> Answer {
        exchange(self.addr, &self.head("GET", "")).await
    }

    pub(crate) async fn post(&self, body: &str) -> Answer {
        let headers = "Content-Type: text/plain;charset=UTF-8\r\n";
        self.request("POST", headers, body.as_bytes()).await
    }

    /// A poll that waits while the test goes on.
    pub(crate) fn poll_beside(&self) -> JoinHandle<Answer> {
        let poller = self.clone();
        tokio::spawn(async move { poller.poll().await })
    }

    /// Returns once requests of this session are refused as they are where there is none.
    pub(crate) async fn assert_gone(&self, why: &str) {
        let unknown = r#"{"code":1,"message":"Session ID unknown"}"#;
        let answer = self.poll().await;
        assert_eq!((answer.status, answer.body.as_str()), (400, unknown), "{why}");
        assert_eq!(self.post("3").await.status, 400, "{why}");
    }
}
