use bytes::Bytes;
use socketio::{Arg, Config, EmitError, Emitted, Json, OutboxPolicy, Socket};

use crate::harness::{Server, server_with_sockets, until, until_writable};
use crate::poller::Poller;

/// A server whose clients may have 10 packets or 10 000 bytes waiting.
fn config(policy: OutboxPolicy) -> Config {
    Config {
        outbox_packets_max: 10,
        outbox_bytes_max: 10_000,
        outbox_policy: policy,
        ..Config::default()
    }
}

/// A client that does not poll, so that whatever is emitted waits.
async fn waiting(config: Config) -> (Server, Poller, Socket) {
    let (server, mut sockets) = server_with_sockets(config).await;
    let poller = Poller::joined(&server).await;
    let socket = sockets.recv().await.unwrap();
    (server, poller, socket)
}

/// The names of the events a poll is answered with.
async fn polled(poller: &Poller) -> Vec<String> {
    let body = poller.poll().await.body;
    body.split('\u{1e}')
        .filter_map(|packet| packet.split('"').nth(1).map(str::to_owned))
        .collect()
}

#[tokio::test]
async fn a_full_outbox_ends_the_connection_of_a_slow_consumer() {
    let (server, poller, socket) = waiting(config(OutboxPolicy::Disconnect)).await;
    for _ in 0..10 {
        assert_eq!(socket.emit("e", ()), Ok(()));
    }
    assert_eq!((socket.buffered_packets(), socket.buffered_bytes()), (10, 90));
    assert_eq!(socket.emit("e", ()), Err(EmitError::Disconnected));
    server.until_empty().await;
    poller.assert_gone("slow consumer").await;
    assert_eq!(server.io.stats().closed("slow consumer"), 1);
    assert_eq!(server.count(|stats| &stats.slow_consumers), 1);
}

#[tokio::test]
async fn volatile_events_wait_and_go_first_when_their_policy_says_so() {
    let (server, poller, socket) = waiting(config(OutboxPolicy::DropVolatileFirst)).await;
    for number in 0..4 {
        let name = format!("v{number}");
        assert_eq!(socket.volatile().emit(&name, ()), Ok(Emitted::Queued));
        socket.emit(&format!("e{number}"), ()).unwrap();
    }
    // With its attachment it counts as two packets, and is dropped as a whole.
    let binary = socket.volatile().emit("binary", Bytes::from_static(b"abc"));
    assert_eq!((binary, socket.buffered_packets()), (Ok(Emitted::Queued), 10));
    // Newer ones push out older ones.
    assert_eq!(socket.volatile().emit("v4", ()), Ok(Emitted::Queued));
    for number in 4..8 {
        socket.emit(&format!("e{number}"), ()).unwrap();
    }
    assert_eq!(server.count(|stats| &stats.volatile_evicted), 5);
    assert_eq!(
        polled(&poller).await,
        ["e0", "e1", "e2", "e3", "v4", "e4", "e5", "e6", "e7"]
    );

    // Too large for what is left without them.
    for _ in 0..9 {
        socket.emit("e", ()).unwrap();
    }
    let large = Bytes::from(vec![0; 9800]);
    assert_eq!(socket.volatile().emit("large", large), Ok(Emitted::Dropped));
    assert_eq!(server.count(|stats| &stats.volatile_dropped), 1);
    socket.emit("e", ()).unwrap();
    assert_eq!(socket.emit("e", ()), Err(EmitError::Disconnected));
    assert_eq!(server.count(|stats| &stats.slow_consumers), 1);
}

#[tokio::test]
async fn an_event_takes_the_place_of_the_one_with_its_key_that_waits() {
    let (server, poller, socket) = waiting(config(OutboxPolicy::CoalesceLatest)).await;
    socket.latest("a").emit("a0", ()).unwrap();
    socket.latest("b").emit("b0", ()).unwrap();
    socket.emit("e", ()).unwrap();
    for number in 1..100 {
        let everybody = server.io.of("/").broadcast().latest("a");
        everybody.emit(&format!("a{number}"), Bytes::from_static(b"abc"));
        socket.latest("b").emit(&format!("b{number}"), ()).unwrap();
    }
    assert_eq!(socket.buffered_packets(), 4);
    assert_eq!(server.count(|stats| &stats.coalesced), 198);
    let body = poller.poll().await.body;
    assert_eq!(
        body,
        "451-[\"a99\",{\"_placeholder\":true,\"num\":0}]\u{1e}bYWJj\u{1e}42[\"b99\"]\u{1e}42[\"e\"]"
    );
    // Nothing waits, so the key finds nothing.
    socket.latest("a").emit("a100", ()).unwrap();
    assert_eq!(polled(&poller).await, ["a100"]);
    // One that no longer fits in its place is one too many.
    for _ in 0..9 {
        socket.emit("e", ()).unwrap();
    }
    socket.latest("a").emit("a", ()).unwrap();
    let outcome = socket.latest("a").emit("a", Bytes::from_static(b"abc"));
    assert_eq!(outcome, Err(EmitError::Disconnected));
}

#[tokio::test]
async fn under_other_policies_a_key_means_nothing_and_volatile_events_do_not_wait() {
    for policy in [OutboxPolicy::Disconnect, OutboxPolicy::Await] {
        let (server, poller, socket) = waiting(config(policy)).await;
        assert_eq!(socket.latest("a").emit("a0", ()), Ok(Emitted::Queued));
        assert_eq!(socket.latest("a").emit("a1", ()), Ok(Emitted::Queued));
        assert_eq!(socket.volatile().emit("v", ()), Ok(Emitted::Dropped));
        assert_eq!(polled(&poller).await, ["a0", "a1"]);
        assert_eq!(server.count(|stats| &stats.coalesced), 0);
        assert_eq!(server.count(|stats| &stats.volatile_dropped), 1);
    }
}

#[tokio::test]
async fn a_full_outbox_refuses_when_its_policy_says_so() {
    let (server, poller, socket) = waiting(config(OutboxPolicy::Await)).await;
    for number in 0..10 {
        socket.emit(&format!("e{number}"), ()).unwrap();
    }
    assert_eq!(socket.emit("e", ()), Err(EmitError::Full));
    server.io.of("/").emit("everybody", ());
    assert_eq!(server.count(|stats| &stats.outbox_refused), 2);
    // Answers of the protocol have room of their own.
    assert_eq!(poller.post("40/custom,").await.body, "ok");
    let waiting = {
        let socket = socket.clone();
        tokio::spawn(async move {
            for number in 10..30 {
                socket.emit_when_room(&format!("e{number}"), ()).await?;
            }
            Ok::<_, EmitError>(())
        })
    };
    let mut seen = Vec::new();
    while seen.last().is_none_or(|name| name != "e29") {
        seen.extend(
            polled(&poller)
                .await
                .into_iter()
                .filter(|name| name.starts_with('e')),
        );
    }
    waiting.await.unwrap().unwrap();
    assert_eq!(
        seen,
        (0..30).map(|number| format!("e{number}")).collect::<Vec<_>>()
    );
    socket.drained().await.unwrap();
    assert!(socket.is_connected());
    assert_eq!(server.count(|stats| &stats.slow_consumers), 0);
}

#[tokio::test]
async fn whoever_waits_hears_of_the_end() {
    let (server, poller, socket) = waiting(config(OutboxPolicy::Await)).await;
    while socket.emit("e", ()).is_ok() {}
    let room = {
        let socket = socket.clone();
        tokio::spawn(async move { socket.emit_when_room("late", ()).await })
    };
    let drained = {
        let socket = socket.clone();
        tokio::spawn(async move { socket.drained().await })
    };
    tokio::task::yield_now().await;
    assert!(!room.is_finished() && !drained.is_finished());
    assert_eq!(poller.post("1").await.body, "ok");
    assert_eq!(room.await.unwrap(), Err(EmitError::Disconnected));
    assert_eq!(drained.await.unwrap(), Err(EmitError::Disconnected));
    server.until_empty().await;
}

#[tokio::test]
async fn what_is_larger_than_the_outbox_is_refused_under_each_policy() {
    for policy in [
        OutboxPolicy::Disconnect,
        OutboxPolicy::DropVolatileFirst,
        OutboxPolicy::CoalesceLatest,
        OutboxPolicy::Await,
    ] {
        let (_server, poller, socket) = waiting(config(policy)).await;
        let large = Bytes::from(vec![0; 10_000]);
        assert_eq!(socket.emit("large", large.clone()), Err(EmitError::TooLarge));
        assert_eq!(
            socket.volatile().emit("large", large.clone()).is_ok(),
            policy != OutboxPolicy::DropVolatileFirst
        );
        let many = vec![Arg::Binary(Bytes::new()); 10];
        assert_eq!(socket.emit("many", many), Err(EmitError::TooLarge));
        assert_eq!(
            socket.emit_when_room("large", large).await,
            Err(EmitError::TooLarge)
        );
        socket.emit("e", ()).unwrap();
        assert_eq!(polled(&poller).await, ["e"]);
    }
}

#[tokio::test]
async fn a_policy_is_set_for_one_client() {
    let (server, mut sockets) = server_with_sockets(config(OutboxPolicy::Disconnect)).await;
    let _poller = Poller::joined(&server).await;
    let socket = sockets.recv().await.unwrap();
    let other = Poller::joined(&server).await;
    socket.set_outbox_policy(OutboxPolicy::Await);
    for _ in 0..11 {
        server.io.of("/").emit("e", ());
    }
    assert!(socket.is_connected());
    other.assert_gone("slow consumer").await;
}

#[tokio::test]
async fn what_has_begun_to_leave_is_neither_dropped_nor_replaced() {
    let policies = [
        (OutboxPolicy::DropVolatileFirst, false),
        (OutboxPolicy::CoalesceLatest, true),
    ];
    for (policy, has_key) in policies {
        let (server, mut sockets) = server_with_sockets(Config {
            outbox_packets_max: 10,
            outbox_policy: policy,
            ..Config::default()
        })
        .await;
        let mut client = server.joined().await;
        assert!(client.text().await.starts_with("42[\"auth\""));
        let socket = sockets.recv().await.unwrap();
        let emit = |number: u64| {
            let args = (Json(number), Bytes::from(vec![number as u8; 100_000]));
            match has_key {
                true => socket.latest("key").emit("n", args),
                false => socket.volatile().emit("n", args),
            }
            .unwrap()
        };
        // More than the kernel takes, so that one event is taken in part.
        let mut taken = Vec::new();
        for number in 0..200 {
            match emit(number) {
                Emitted::Taken => taken.push(number),
                emitted => assert_eq!(emitted, Emitted::Queued),
            }
        }
        assert!(!socket.writable());
        socket.emit("last", ()).unwrap();
        let mut seen = Vec::new();
        loop {
            let text = client.text().await;
            if text.starts_with("42[\"last\"") {
                break;
            }
            let number: u64 = text["451-[\"n\",".len()..]
                .split(',')
                .next()
                .unwrap()
                .parse()
                .unwrap();
            let data = client.binary().await;
            assert!(data.len() == 100_000 && data.iter().all(|byte| *byte == number as u8));
            seen.push(number);
        }
        assert_eq!(seen[..taken.len()], taken, "{policy:?}");
        assert!(seen.is_sorted());
        assert_eq!(seen.last(), Some(&199));
        let left = if has_key { 1 } else { 4 };
        assert!(seen.len() <= taken.len() + left, "{policy:?} {seen:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emit_that_waits_for_room_is_paced_by_its_client() {
    let (server, mut sockets) = server_with_sockets(config(OutboxPolicy::Await)).await;
    let mut client = server.joined().await;
    assert!(client.text().await.starts_with("42[\"auth\""));
    let socket = sockets.recv().await.unwrap();
    let emitting = {
        let socket = socket.clone();
        tokio::spawn(async move {
            for number in 0..5000_u64 {
                let data = Bytes::from(vec![number as u8; 1000]);
                socket.emit_when_room("n", (Json(number), data)).await.unwrap();
                assert!(socket.buffered_bytes() <= 10_000);
            }
            socket.drained().await.unwrap();
        })
    };
    for number in 0..5000_u64 {
        assert!(client.text().await.starts_with(&format!("451-[\"n\",{number},")));
        assert_eq!(client.binary().await, vec![number as u8; 1000]);
    }
    emitting.await.unwrap();
    until_writable(&socket).await;
    until(&server.io.stats().outbox_bytes, 0).await;
}
