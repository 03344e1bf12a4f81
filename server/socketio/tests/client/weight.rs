use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;

use serde_json::Value;
use socketio::client::{Client, ClientConfig, ClientSocket};
use socketio::{Config, Transport};

use crate::harness::{Server, fixture, once, patient};

/// Clients that connect at the same time.
const CONNECTING: usize = 100;

/// How many clients a process shall hold.
const COUNT: &str = "SOCKETIO_TEST_CLIENTS";

/// Set if they shall poll.
const POLLS: &str = "SOCKETIO_TEST_CLIENTS_POLL";

/// Set if a process shall serve.
const SERVE: &str = "SOCKETIO_TEST_SERVE";

/// A server in a process of its own, so that this one holds nothing but clients.
struct Other {
    process: Child,
    url: String,
}

impl Other {
    fn start() -> Self {
        let program = std::env::current_exe().unwrap();
        let mut process = Command::new(program)
            .args([
                "--ignored",
                "--exact",
                "weight::serves_another_process",
                "--nocapture",
            ])
            .env(SERVE, "")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = lines
            .map_while(Result::ok)
            .find_map(|line| line.split_once("listens at ").map(|(_, url)| url.to_owned()));
        Self {
            process,
            url: url.unwrap(),
        }
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Not a test: the server of the others. It ends when its parent does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "is told by its parent what to do"]
async fn serves_another_process() {
    if std::env::var(SERVE).is_err() {
        return;
    }
    let server = Server::start(Config::default(), fixture).await;
    println!("listens at {}", server.url);
    let wait = || std::io::stdin().lines().map_while(Result::ok).count();
    tokio::task::spawn_blocking(wait).await.unwrap();
}

/// Bytes of this process that are in memory.
fn resident_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = pages.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

async fn connect(url: &str, count: usize, config: &ClientConfig) -> Vec<(Client, ClientSocket)> {
    let mut joined = Vec::new();
    while joined.len() < count {
        let some: Vec<_> = (0..CONNECTING.min(count - joined.len()))
            .map(|_| {
                let client = Client::new(url, config.clone()).unwrap();
                let socket = client.namespace("/");
                let connecting = socket.connect();
                (client, socket, connecting)
            })
            .collect();
        for (client, socket, connecting) in some {
            patient("a client", connecting).await.unwrap();
            joined.push((client, socket));
        }
    }
    joined
}

/// Connects `count` clients, lets each talk, and ends them; bytes that one of them took.
async fn check(transport: Transport, count: usize) -> u64 {
    let other = Other::start();
    let config = ClientConfig {
        transports: vec![transport],
        upgrade: false,
        ..once()
    };
    // What is allocated once does not count.
    drop(connect(&other.url, CONNECTING, &config).await);
    let before = resident_bytes();
    let joined = connect(&other.url, count, &config).await;
    let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    assert!(tasks <= count + CONNECTING, "{tasks} tasks");
    for some in joined.chunks(CONNECTING) {
        let asking = some
            .iter()
            .map(|(_, socket)| socket.emit_with_ack("echo-ack", Value::Null));
        for answer in futures_util::future::join_all(asking).await {
            answer.unwrap();
        }
    }
    let bytes = resident_bytes().saturating_sub(before) / count as u64;
    for (client, _) in &joined {
        client.close();
    }
    for (client, _) in &joined {
        patient("the end", client.closed()).await;
        assert_eq!(client.stats().connections_open.load(Ordering::Relaxed), 0);
    }
    bytes
}

/// Not a test: the clients of the others, in a process where nothing else takes memory.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "is told by its parent what to do"]
async fn holds_clients_for_another_process() {
    let Ok(count) = std::env::var(COUNT) else { return };
    let transport = match std::env::var(POLLS).is_ok() {
        true => Transport::Polling,
        false => Transport::WebSocket,
    };
    let bytes = check(transport, count.parse().unwrap()).await;
    println!("a client takes {bytes} bytes");
}

/// Runs [`holds_clients_for_another_process`]; bytes that one client took.
fn weigh(transport: Transport, count: usize) -> u64 {
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new(program);
    command
        .args([
            "--ignored",
            "--exact",
            "weight::holds_clients_for_another_process",
            "--nocapture",
        ])
        .env(COUNT, count.to_string());
    if transport == Transport::Polling {
        command.env(POLLS, "");
    }
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let bytes = text
        .split_once("a client takes ")
        .and_then(|(_, rest)| rest.split_once(' '));
    let Some((bytes, _)) = bytes.filter(|_| output.status.success()) else {
        panic!("{text}{}", String::from_utf8_lossy(&output.stderr));
    };
    println!("{count} clients by {transport:?}: {bytes} bytes each");
    bytes.parse().unwrap()
}

#[test]
fn three_hundred_clients_in_one_process_are_light() {
    for transport in [Transport::WebSocket, Transport::Polling] {
        let bytes = weigh(transport, 300);
        assert!(bytes < 64 * 1024, "{bytes} bytes each by {transport:?}");
    }
}

#[test]
#[ignore = "takes a while, and needs 5 000 file descriptors here and in its server"]
fn five_thousand_clients_in_one_process_are_light() {
    let bytes = weigh(Transport::WebSocket, 5000);
    assert!(bytes < 16 * 1024, "{bytes} bytes each");
}
