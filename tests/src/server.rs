//! A server in this process, and the questions tests ask it over HTTP.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use server::{Config, RunningServer, start};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long a condition may take before a test gives up. Long, because machines are slow and it costs nothing when
/// all is well.
const PATIENCE: Duration = Duration::from_secs(30);

/// The default settings, but only people in the matches.
pub fn without_bots() -> Config {
    Config {
        fill_to: 0,
        ..Config::default()
    }
}

/// A running server on a free port.
pub struct TestServer {
    server: RunningServer,
}

impl TestServer {
    /// Starts with these settings, except for the port.
    pub async fn start(config: Config) -> Self {
        let server = start(Config { port: 0, ..config })
            .await
            .expect("the server starts");
        Self { server }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Lets the players end what they are at, as the settings have it.
    pub async fn drain(&self) {
        self.server.drain().await;
    }

    /// Stops it in good order.
    pub async fn shutdown(self) {
        self.server.shutdown().await;
    }

    /// The sum of a figure of `/metrics` over all its labels, or of the one line that starts with `figure`.
    pub async fn metric(&self, figure: &str) -> f64 {
        let values = self.values(figure).await;
        assert!(!values.is_empty(), "there is no figure {figure}");
        values.iter().sum()
    }

    async fn metric_or_zero(&self, figure: &str) -> f64 {
        self.values(figure).await.iter().sum()
    }

    async fn values(&self, figure: &str) -> Vec<f64> {
        let (_, text) = get(self.address(), "/metrics").await;
        let lines = text.lines().filter(|line| {
            let rest = line.strip_prefix(figure);
            rest.is_some_and(|rest| rest.starts_with(['{', ' ']))
        });
        lines
            .filter_map(|line| line.rsplit(' ').next()?.parse().ok())
            .collect()
    }

    /// Waits until a figure has this value. A labelled figure that nothing has counted yet is not there, which is 0.
    pub async fn metric_becomes(&self, figure: &str, value: f64) {
        wait_for(figure, async || self.metric_or_zero(figure).await == value).await;
    }

    /// `/api/matches/{id}`.
    pub async fn match_status(&self, id: u32) -> Value {
        let (code, text) = get(self.address(), &format!("/api/matches/{id}")).await;
        assert_eq!(code, 200, "{text}");
        serde_json::from_str(&text).expect("the answer is JSON")
    }
}

/// Asks again and again until the condition holds; panics with `what` when it never does.
pub async fn wait_for(what: &str, condition: impl AsyncFn() -> bool) {
    let asking = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(
        tokio::time::timeout(PATIENCE, asking).await.is_ok(),
        "waited in vain for {what}"
    );
}

/// Status code and body of a GET request.
pub async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("the server reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("the server answers");
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    let code = head
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .expect("an answer has a code");
    (code, body.to_owned())
}
