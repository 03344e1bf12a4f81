use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use serde_json::Value;
use socketio::{Config, EmitError};
use tokio::sync::mpsc;

use crate::harness::{Server, check_alive, patient};

const EVENTS: u64 = 10_000;
const CLIENTS: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_events_there_and_back_keep_their_order() {
    let received = Arc::new(AtomicU64::new(0));
    let expected = received.clone();
    let server = Server::start(Config::default(), |io| {
        io.of("/").on_connection(move |socket| {
            let expected = expected.clone();
            socket.on_sync("n", move |event| {
                let number = event.binary(0).and_then(|bytes| bytes.try_into().ok());
                let number = number.map(u64::from_le_bytes).unwrap();
                // Out of order the count stops, and the test with it.
                let _ = expected.compare_exchange(number, number + 1, Ordering::Relaxed, Ordering::Relaxed);
                let _ = event.socket().emit("n", number);
            });
        });
    })
    .await;
    let (sender, mut echoes) = mpsc::unbounded_channel();
    let (_client, socket) = server
        .joined(|socket| {
            socket.on_sync("n", move |event| {
                let _ = sender.send(event.deserialize::<u64>(0).unwrap());
            });
        })
        .await;
    let emit = async {
        for number in 0..EVENTS {
            let bytes = Bytes::copy_from_slice(&number.to_le_bytes());
            while let Err(error) = socket.emit("n", bytes.clone()) {
                assert_eq!(error, EmitError::Full);
                tokio::task::yield_now().await;
            }
            if number % 64 == 0 {
                tokio::task::yield_now().await;
            }
        }
    };
    let read = async {
        for expected in 0..EVENTS {
            assert_eq!(echoes.recv().await, Some(expected));
        }
    };
    patient("all events", async { tokio::join!(emit, read) }).await;
    assert_eq!(received.load(Ordering::Relaxed), EVENTS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_clients_at_once_leave_nothing_behind() {
    let server = Arc::new(Server::fixture().await);
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let server = server.clone();
            tokio::spawn(async move {
                let (client, socket) = server.joined(|_| {}).await;
                check_alive(&socket).await;
                (client, socket)
            })
        })
        .collect();
    let mut joined = Vec::new();
    for client in clients {
        joined.push(patient("a client", client).await.unwrap());
    }
    server
        .until(|stats| &stats.sockets_connected, CLIENTS as u64)
        .await;
    for (client, socket) in &joined {
        socket.emit_with_ack("echo-ack", Value::Null).await.unwrap();
        client.close();
    }
    for (client, _) in &joined {
        patient("the end", client.closed()).await;
    }
    server.until(|stats| &stats.connections_open, 0).await;
    server.until(|stats| &stats.tcp_open, 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_threads_emit_whole_packets_over_one_connection() {
    const TASKS: u64 = 8;
    const EACH: u64 = 500;
    let (sender, mut sums) = mpsc::unbounded_channel();
    let server = Server::start(Config::default(), |io| {
        io.of("/").on_connection(move |socket| {
            let sender = sender.clone();
            socket.on_sync("pair", move |event| {
                let (first, second) = (event.binary(0).unwrap(), event.binary(1).unwrap());
                assert_eq!(first, second, "the attachments of one packet belong together");
                let _ = sender.send(first.len());
            });
        });
    })
    .await;
    let (_client, socket) = server.joined(|_| {}).await;
    for task in 0..TASKS {
        let socket = socket.clone();
        tokio::spawn(async move {
            for index in 0..EACH {
                let data = Bytes::from(vec![task as u8; (index % 300) as usize]);
                while socket.emit("pair", (data.clone(), data.clone())) == Err(EmitError::Full) {
                    tokio::task::yield_now().await;
                }
            }
        });
    }
    let read = async {
        for _ in 0..TASKS * EACH {
            sums.recv().await.unwrap();
        }
    };
    patient("all pairs", read).await;
}
