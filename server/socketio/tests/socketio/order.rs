use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use futures_util::SinkExt;
use socketio::{Config, Emitted, Socket};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Client, Server, is_always_gathered, until};

const EVENTS: u64 = 100_000;

/// Sends events numbered from 0 and returns when `next_expected`, which handlers advance in order only, is there.
async fn send_numbered(client: &mut Client, event: &str, next_expected: &AtomicU64) {
    for number in 0..EVENTS {
        let text = format!(r#"42["{event}",{number}]"#);
        client.ws.feed(Message::text(text)).await.unwrap();
    }
    client.ws.flush().await.unwrap();
    until(next_expected, EVENTS).await;
}

fn expect(next_expected: &AtomicU64, number: u64) {
    assert_eq!(next_expected.swap(number + 1, Ordering::Relaxed), number);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_events_arrive_in_order_each_once() {
    let counters: [Arc<AtomicU64>; 2] = Default::default();
    let [in_place, queued] = counters.clone();
    let server = Server::start(Config::default(), move |io| {
        io.of("/").on_connection(move |socket| {
            let (in_place, queued) = (in_place.clone(), queued.clone());
            socket.on_sync("in place", move |event| {
                expect(&in_place, event.deserialize(0).unwrap())
            });
            socket.on("queued", move |event| {
                let queued = queued.clone();
                async move { expect(&queued, event.args.deserialize(0).unwrap()) }
            });
        });
    })
    .await;
    let mut client = server.joined().await;
    send_numbered(&mut client, "in place", &counters[0]).await;
    send_numbered(&mut client, "queued", &counters[1]).await;
    assert_eq!(server.count(|stats| &stats.handler_panics), 0);
    drop(client);
    server.until_empty().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn handlers_that_wait_keep_the_order_of_their_packets() {
    let counter = Arc::new(AtomicU64::new(0));
    let handled = counter.clone();
    let config = Config {
        handler_queue_packets_max: usize::MAX,
        handler_queue_bytes_max: usize::MAX,
        ..Config::default()
    };
    let server = Server::start(config, move |io| {
        io.of("/").on_connection(move |socket| {
            let handled = handled.clone();
            socket.on("waits", move |event| {
                let handled = handled.clone();
                async move {
                    let number: u64 = event.args.deserialize(0).unwrap();
                    if number.is_multiple_of(3) {
                        tokio::task::yield_now().await;
                    }
                    expect(&handled, number);
                }
            });
        });
    })
    .await;
    let mut client = server.joined().await;
    send_numbered(&mut client, "waits", &counter).await;
    assert_eq!(server.count(|stats| &stats.handler_panics), 0);
}

/// A server and the socket of its one client.
async fn pair(config: Config) -> (Server, Client, Socket) {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let server = Server::start(config, |io| {
        io.of("/")
            .on_connection(move |socket| sender.send(socket.clone()).unwrap());
    })
    .await;
    let client = server.joined().await;
    let socket = receiver.recv().await.unwrap();
    (server, client, socket)
}

/// Reads one binary event: its number is in the header, and its attachment repeats the number's last byte.
async fn read_numbered(client: &mut Client) -> (u64, Bytes) {
    let text = client.text().await;
    let number = text
        .strip_prefix(r#"451-["n","#)
        .unwrap()
        .split(',')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    (number, client.binary().await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partial_write_is_resumed_in_order() {
    let config = Config {
        outbox_bytes_max: 1 << 30,
        outbox_packets_max: 1 << 20,
        ..Config::default()
    };
    let (server, mut client, socket) = pair(config).await;
    // More than the kernel takes from a peer that does not read, in sizes that split anywhere.
    let size = |number: u64| (number * 7919 % 60_000) as usize;
    for number in 0..1000 {
        let data = Bytes::from(vec![number as u8; size(number)]);
        socket
            .emit(
                "n",
                vec![socketio::Arg::Json(number.into()), socketio::Arg::Binary(data)],
            )
            .unwrap();
    }
    assert!(socket.buffered_bytes() > 0 && !socket.writable());
    for expected in 0..1000 {
        let (number, data) = read_numbered(&mut client).await;
        assert_eq!(number, expected);
        assert_eq!(data.len(), size(number));
        assert!(data.iter().all(|byte| *byte == number as u8));
    }
    server.until(|stats| &stats.outbox_bytes, 0).await;
    assert!(socket.writable());
    drop(client);
    server.until_empty().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn emits_of_many_threads_interleave_as_whole_packets() {
    const THREADS: u64 = 4;
    const EACH: u64 = 5000;
    let config = Config {
        outbox_bytes_max: 1 << 30,
        outbox_packets_max: 1 << 20,
        ..Config::default()
    };
    let (_server, mut client, socket) = pair(config).await;
    let writers: Vec<_> = (0..THREADS)
        .map(|thread| {
            let socket = socket.clone();
            std::thread::spawn(move || {
                for number in 0..EACH {
                    let number = thread * EACH + number;
                    let data = Bytes::from(vec![number as u8; 300]);
                    socket.emit("n", (socketio::Json(number), data)).unwrap();
                }
            })
        })
        .collect();
    let mut next = [0; THREADS as usize];
    for round in 0..THREADS * EACH {
        if round % 100 == 0 {
            // The answer to a ping of the WebSocket layer passes between them, never inside one.
            let _ = client.ws.send(Message::Ping(Bytes::from_static(b"?"))).await;
        }
        let (number, data) = read_numbered(&mut client).await;
        assert!(data.len() == 300 && data.iter().all(|byte| *byte == number as u8));
        let (thread, number) = ((number / EACH) as usize, number % EACH);
        assert_eq!(next[thread], number);
        next[thread] += 1;
    }
    for writer in writers {
        writer.join().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_volatile_event_is_taken_whole_or_dropped() {
    let (server, mut client, socket) = pair(Config::default()).await;
    let (mut taken, mut dropped) = (Vec::new(), 0);
    let mut number = 0;
    while dropped < 100 {
        let data = Bytes::from(vec![number as u8; 50_000]);
        match socket
            .volatile()
            .emit("n", (socketio::Json(number), data))
            .unwrap()
        {
            Emitted::Taken => taken.push(number),
            Emitted::Dropped => dropped += 1,
            Emitted::Queued => panic!("nothing waits in front of a volatile event"),
        }
        number += 1;
    }
    assert!(!taken.is_empty());
    socket
        .emit("n", (socketio::Json(u64::MAX), Bytes::new()))
        .unwrap();
    for expected in taken {
        let (number, data) = read_numbered(&mut client).await;
        assert_eq!(number, expected);
        assert!(data.len() == 50_000 && data.iter().all(|byte| *byte == number as u8));
    }
    assert_eq!(read_numbered(&mut client).await.0, u64::MAX);
    assert_eq!(server.count(|stats| &stats.volatile_dropped), dropped);
}

#[tokio::test]
async fn corked_events_leave_together_when_the_guard_is_dropped() {
    let (_server, mut client, socket) = pair(Config::default()).await;
    let cork = socket.cork();
    for number in 0..10_u32 {
        socket.emit("n", number).unwrap();
    }
    assert!(socket.buffered_bytes() > 0 && socket.writable());
    drop(cork);
    assert!(is_always_gathered() || socket.buffered_bytes() == 0);
    for number in 0..10 {
        assert_eq!(client.text().await, format!(r#"42["n",{number}]"#));
    }
}
