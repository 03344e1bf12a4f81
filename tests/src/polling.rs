//! A client over HTTP polling, spoken by hand, for what only that transport does: between two polls nothing can leave.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A session, at first in no namespace.
pub struct PollingClient {
    address: SocketAddr,
    path: String,
}

impl PollingClient {
    /// Opens a session.
    pub async fn connect(address: SocketAddr) -> Self {
        let path = "/socket.io/?EIO=4&transport=polling".to_owned();
        let open = exchange(address, &path, None).await;
        let (_, rest) = open.split_once("\"sid\":\"").expect("an open packet has an id");
        let (id, _) = rest.split_once('"').expect("the id ends");
        let path = format!("{path}&sid={id}");
        Self { address, path }
    }

    /// Sends a payload.
    pub async fn send(&self, payload: &str) {
        let answer = exchange(self.address, &self.path, Some(payload)).await;
        assert_eq!(answer, "ok");
    }

    /// The next payload that comes.
    pub async fn poll(&self) -> String {
        exchange(self.address, &self.path, None).await
    }
}

async fn exchange(address: SocketAddr, path: &str, body: Option<&str>) -> String {
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    let head = format!("{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    let request = match body {
        None => format!("GET {head}\r\n"),
        Some(body) => format!("POST {head}Content-Length: {}\r\n\r\n{body}", body.len()),
    };
    stream
        .write_all(request.as_bytes())
        .await
        .expect("the server reads");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .await
        .expect("it answers in text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
    body.to_owned()
}
