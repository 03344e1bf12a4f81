use bytes::Bytes;
use socketio::{Config, Emitted, Socket};

use crate::harness::{Server, on_its_way, server_with_sockets, until_writable};
use crate::poller::Poller;

/// A polling client whose poll waits, its socket, and what the poll will be answered with.
async fn polled(
    server: &Server,
    sockets: &mut tokio::sync::mpsc::UnboundedReceiver<Socket>,
) -> (Poller, Socket, tokio::task::JoinHandle<crate::poller::Answer>) {
    let poller = Poller::joined(server).await;
    let socket = sockets.recv().await.unwrap();
    let poll = poller.poll_beside();
    until_writable(&socket).await;
    (poller, socket, poll)
}

#[tokio::test]
async fn a_volatile_event_goes_to_a_poll_that_waits() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let (_, socket, poll) = polled(&server, &mut sockets).await;
    assert_eq!(socket.volatile().emit("v", 1), Ok(Emitted::Taken));
    assert_eq!(poll.await.unwrap().body, r#"42["v",1]"#);
}

#[tokio::test]
async fn a_volatile_event_between_polls_is_dropped() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let poller = Poller::joined(&server).await;
    let socket = sockets.recv().await.unwrap();
    assert_eq!(socket.volatile().emit("v", 1), Ok(Emitted::Dropped));
    socket.emit("regular", 2).unwrap();
    assert_eq!(poller.poll().await.body, r#"42["regular",2]"#);
    assert_eq!(server.count(|stats| &stats.volatile_dropped), 1);
}

#[tokio::test]
async fn only_one_of_consecutive_volatile_events_is_polled_whole() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let binary = (socketio::Json("b"), Bytes::from_static(b"abc"));
    let frames = "451-[\"v\",\"b\",{\"_placeholder\":true,\"num\":0}]\u{1e}bYWJj";

    let (_, socket, poll) = polled(&server, &mut sockets).await;
    assert_eq!(socket.volatile().emit("v", binary.clone()), Ok(Emitted::Taken));
    assert_eq!(socket.volatile().emit("v", binary.clone()), Ok(Emitted::Dropped));
    assert_eq!(poll.await.unwrap().body, frames);

    let (_, _socket, poll) = polled(&server, &mut sockets).await;
    let broadcast = server.io.of("/").broadcast().volatile();
    broadcast.emit("v", binary.clone());
    broadcast.emit("v", binary);
    assert_eq!(poll.await.unwrap().body, frames);
}

#[tokio::test]
async fn a_volatile_event_does_not_follow_a_regular_one_into_a_poll() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let (_, socket, poll) = polled(&server, &mut sockets).await;
    let cork = socket.cork();
    socket.emit("regular", 1).unwrap();
    assert_eq!(socket.volatile().emit("v", 2), Ok(Emitted::Dropped));
    socket.emit("regular", 3).unwrap();
    drop(cork);
    assert_eq!(
        poll.await.unwrap().body,
        "42[\"regular\",1]\u{1e}42[\"regular\",3]"
    );
}

#[tokio::test]
async fn regular_events_follow_a_volatile_one_over_websocket_in_order() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let mut client = server.joined().await;
    assert!(client.text().await.starts_with("42[\"auth\""));
    let socket = sockets.recv().await.unwrap();
    assert_eq!(socket.volatile().emit("v", 1), Ok(on_its_way()));
    socket.emit("regular", 2).unwrap();
    {
        let _cork = socket.cork();
        socket.emit("regular", 3).unwrap();
        // The client is ready, so it leaves with the others.
        assert_eq!(socket.volatile().emit("v", 4), Ok(Emitted::Queued));
        socket.emit("regular", 5).unwrap();
    }
    for expected in [
        r#"42["v",1]"#,
        r#"42["regular",2]"#,
        r#"42["regular",3]"#,
        r#"42["v",4]"#,
        r#"42["regular",5]"#,
    ] {
        assert_eq!(client.text().await, expected);
    }
}

#[tokio::test]
async fn a_volatile_event_never_overtakes_what_waits() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let mut client = server.joined().await;
    assert!(client.text().await.starts_with("42[\"auth\""));
    let socket = sockets.recv().await.unwrap();
    let mut sent = 0;
    while socket.writable() {
        socket
            .emit("n", (socketio::Json(sent), Bytes::from(vec![0; 50_000])))
            .unwrap();
        sent += 1;
    }
    let late = (socketio::Json(0), Bytes::from(vec![0; 50_000]));
    assert_eq!(socket.volatile().emit("late", late), Ok(Emitted::Dropped));
    socket.emit("last", ()).unwrap();
    for number in 0..sent {
        assert!(client.text().await.starts_with(&format!("451-[\"n\",{number},")));
        assert_eq!(client.binary().await.len(), 50_000);
    }
    assert_eq!(client.text().await, r#"42["last"]"#);
    until_writable(&socket).await;
    assert_eq!(socket.volatile().emit("v", 1), Ok(on_its_way()));
    assert_eq!(client.text().await, r#"42["v",1]"#);
}
