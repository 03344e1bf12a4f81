use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;
use socketio::{AckError, Args, Config, Emitted, Socket};
use tokio::sync::mpsc;

use crate::harness::{Client, PATIENCE, Server, server_with_sockets};
use crate::poller::Poller;

type Outcome = Result<Args, AckError>;

/// A server that asks each client a question and hands the outcome to the test.
async fn asking(timeout: Duration) -> (Server, Client, mpsc::UnboundedReceiver<Outcome>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let ask = move |socket: Socket| {
        let sender = sender.clone();
        async move {
            let outcome = socket.timeout(timeout).emit_with_ack("question", "why").await;
            sender.send(outcome).unwrap();
        }
    };
    let ask = Arc::new(ask);
    let server = Server::start(Config::default(), |io| {
        io.of("/").on_connection(move |socket| {
            let ask = ask.clone();
            // Asked from a handler: the answer must not queue behind the handler that waits for it.
            socket.on("ask me", move |event| ask(event.socket));
        });
    })
    .await;
    let mut client = server.joined().await;
    client.send(r#"42["ask me"]"#).await;
    assert_eq!(client.text().await, r#"420["question","why"]"#);
    (server, client, receiver)
}

#[tokio::test]
async fn a_client_answers_with_anything() {
    let (_server, mut client, mut outcomes) = asking(PATIENCE).await;
    client.send(r#"430["because",{"x":1}]"#).await;
    let args = outcomes.recv().await.unwrap().unwrap();
    assert_eq!(
        (args.json(0), args.json(1)),
        (Some(&json!("because")), Some(&json!({"x": 1})))
    );

    let (_server, mut client, mut outcomes) = asking(PATIENCE).await;
    client.send(r#"461-0[{"_placeholder":true,"num":0}]"#).await;
    client.send_binary(&[1, 2]).await;
    let args = outcomes.recv().await.unwrap().unwrap();
    assert_eq!(args.binary(0), Some(&Bytes::from_static(&[1, 2])));
}

#[tokio::test]
async fn no_answer_is_a_timeout_and_a_late_one_is_ignored() {
    let (_server, mut client, mut outcomes) = asking(Duration::from_millis(20)).await;
    assert_eq!(outcomes.recv().await.unwrap(), Err(AckError::Timeout));
    client.send(r#"430["late"]"#).await;
    client.send(r#"4399["never asked"]"#).await;
    client.send(r#"42["ask me"]"#).await;
    assert_eq!(client.text().await, r#"421["question","why"]"#);
    client.send("431[]").await;
    assert_eq!(outcomes.recv().await.unwrap(), Ok(Args::default()));
}

#[tokio::test]
async fn a_client_that_goes_answers_nothing() {
    let (server, client, mut outcomes) = asking(PATIENCE).await;
    drop(client);
    assert_eq!(outcomes.recv().await.unwrap(), Err(AckError::Disconnected));
    server.until_empty().await;
}

#[tokio::test]
async fn pending_acknowledgements_are_bounded() {
    let (sender, mut sockets) = mpsc::unbounded_channel();
    let server = Server::start(
        Config {
            pending_acks_max: 1,
            ..Config::default()
        },
        |io| {
            io.of("/")
                .on_connection(move |socket| sender.send(socket.clone()).unwrap());
        },
    )
    .await;
    let mut client = server.joined().await;
    let socket = sockets.recv().await.unwrap();
    let first = tokio::spawn({
        let socket = socket.clone();
        async move { socket.timeout(PATIENCE).emit_with_ack("first", ()).await }
    });
    assert_eq!(client.text().await, r#"420["first"]"#);
    assert_eq!(
        socket.timeout(PATIENCE).emit_with_ack("second", ()).await,
        Err(AckError::TooManyPending)
    );
    client.send("430[]").await;
    assert_eq!(first.await.unwrap(), Ok(Args::default()));
}

#[tokio::test]
async fn a_handler_in_place_may_answer_too() {
    let server = Server::start(Config::default(), |io| {
        io.of("/").on_connection(|socket| {
            socket.on_sync("sum", |mut event| {
                let sum = event.deserialize::<u32>(0).unwrap() + event.deserialize::<u32>(1).unwrap();
                let ack = event.ack().unwrap();
                assert!(event.ack().is_none());
                ack.send(sum).unwrap();
            });
        });
    })
    .await;
    let mut client = server.joined().await;
    client.send(r#"427["sum",2,3]"#).await;
    assert_eq!(client.text().await, "437[5]");
}

#[tokio::test]
async fn an_answer_is_awaited_as_long_as_the_setting_says() {
    let config = Config {
        ack_timeout: Duration::from_secs(3),
        ..Config::default()
    };
    let (server, mut sockets) = server_with_sockets(config).await;
    let _client = server.joined().await;
    let socket = sockets.recv().await.unwrap();
    tokio::time::pause();
    let start = tokio::time::Instant::now();
    assert_eq!(socket.emit_with_ack("question", ()).await, Err(AckError::Timeout));
    assert!(start.elapsed() >= Duration::from_secs(3));
    let longer = socket.timeout(Duration::from_secs(5)).compress(false);
    let start = tokio::time::Instant::now();
    assert_eq!(longer.emit_with_ack("question", ()).await, Err(AckError::Timeout));
    assert!(start.elapsed() >= Duration::from_secs(5));
}

#[tokio::test]
async fn an_acknowledgement_that_is_dropped_answers_nothing() {
    let server = Server::start(Config::default(), |io| {
        io.of("/").on_connection(|socket| {
            socket.on("ignored", |event| async move { drop(event.ack) });
        });
    })
    .await;
    let mut client = server.joined().await;
    client.send(r#"427["ignored"]"#).await;
    client.send(r#"428["unheard of"]"#).await;
    server.io.of("/").emit("end", ());
    assert_eq!(client.text().await, r#"42["end"]"#);
}

#[tokio::test]
async fn operators_leave_the_one_they_came_from_as_it_was() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let poller = Poller::joined(&server).await;
    let socket = sockets.recv().await.unwrap();
    let plain = socket.compress(true);
    let volatile = plain.volatile();
    // No poll waits.
    assert_eq!(volatile.emit("lost", ()), Ok(Emitted::Dropped));
    assert_eq!(volatile.emit_with_ack("lost", ()).await, Err(AckError::Dropped));
    assert_eq!(plain.emit("kept", ()), Ok(Emitted::Queued));
    assert_eq!(poller.poll().await.body, r#"42["kept"]"#);
    assert_eq!(server.count(|stats| &stats.volatile_dropped), 2);
}
