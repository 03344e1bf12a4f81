use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use serde_json::{Value, json};
use socketio::client::ClientConfig;
use socketio::{AckError, Arg, Args, Config, EmitError};
use tokio::sync::mpsc;

use crate::harness::{Fake, Server, check_alive, fixture, join, next, once, patient, record};

/// `args` survive as an event there and back, as an acknowledgement of the server, and as one of the client.
async fn check(args: Vec<Arg>) {
    let server = Server::fixture().await;
    for namespace in ["/", "/custom"] {
        let client = server.client().await;
        let mut echoes = None;
        let mut answers = None;
        let register = |socket: &socketio::client::ClientSocket| {
            echoes = Some(record(socket, "echo"));
            answers = Some(record(socket, "answered"));
            socket.on_sync("question", |mut event| {
                let args = event.args();
                let ack = event.ack().unwrap();
                assert!(event.ack().is_none());
                ack.send(args).unwrap();
            });
        };
        let socket = join(&client, namespace, Value::Null, register).await.unwrap();
        socket.emit("echo", args.clone()).unwrap();
        assert_args(&next(&mut echoes.unwrap()).await, &args);
        let answer = socket.emit_with_ack("echo-ack", args.clone()).await;
        assert_args(&answer.unwrap(), &args);
        socket.emit("ask", args.clone()).unwrap();
        assert_args(&next(&mut answers.unwrap()).await, &args);
    }
}

fn assert_args(received: &Args, sent: &[Arg]) {
    assert_eq!(received.len(), sent.len(), "{sent:?}");
    for (index, arg) in sent.iter().enumerate() {
        match arg {
            Arg::Json(value) => assert_eq!(received.json(index), Some(value)),
            Arg::Binary(data) => assert_eq!(received.binary(index), Some(data)),
        }
    }
}

fn text(value: Value) -> Arg {
    Arg::Json(value)
}

fn binary(bytes: usize) -> Arg {
    Arg::Binary((0..bytes).map(|index| index as u8).collect::<Vec<_>>().into())
}

#[tokio::test]
async fn text_survives_both_ways() {
    check(vec![]).await;
    check(vec![text(json!("é\u{1e}\"\\"))]).await;
    check(vec![
        text(json!(1.5)),
        text(json!(null)),
        text(json!({"a": [true, {"b": "c"}]})),
    ])
    .await;
    check(vec![text(json!("x".repeat(100_000)))]).await;
}

#[tokio::test]
async fn binary_survives_both_ways() {
    check(vec![binary(0)]).await;
    check(vec![binary(5)]).await;
    check(vec![
        text(json!("a")),
        binary(200),
        text(json!([])),
        binary(70_000),
    ])
    .await;
    check(vec![binary(3); 10]).await;
}

#[tokio::test]
async fn the_first_event_of_the_server_finds_its_listener() {
    let server = Server::fixture().await;
    let client = server.client().await;
    let mut greetings = None;
    let register = |socket: &socketio::client::ClientSocket| greetings = Some(record(socket, "auth"));
    let socket = join(&client, "custom", json!({"token": 1}), register)
        .await
        .unwrap();
    assert_eq!(socket.namespace(), "/custom");
    assert_eq!(socket.id().len(), 20);
    let greeting = next(&mut greetings.unwrap()).await;
    assert_eq!(greeting.json(0), Some(&json!({"token": 1})));
}

#[tokio::test]
async fn a_listener_emits_without_holding_its_socket() {
    let server = Server::fixture().await;
    let (sender, mut echoes) = mpsc::unbounded_channel();
    let (_client, _socket) = server
        .joined(|socket| {
            socket.on_sync("auth", |event| {
                event.socket().emit("echo", Bytes::from_static(b"hi")).unwrap()
            });
            socket.on_sync("echo", move |event| {
                assert_eq!(event.name(), "echo");
                let _ = sender.send(event.binary(0).unwrap().to_vec());
            });
        })
        .await;
    assert_eq!(next(&mut echoes).await, b"hi");
}

#[tokio::test]
async fn a_missing_answer_is_a_timeout_and_a_late_one_is_ignored() {
    let (mut fake, client, socket) = Fake::joined(once()).await;
    let lost = socket
        .timeout(Duration::from_millis(1))
        .emit_with_ack("e", ())
        .await;
    assert_eq!(lost, Err(AckError::Timeout));
    assert_eq!(fake.text().await, r#"420["e"]"#);
    let answer = async {
        assert_eq!(fake.text().await, r#"421["e"]"#);
        for text in [r#"430["late"]"#, r#"4399["unknown"]"#, r#"431["there"]"#] {
            fake.send(text).await;
        }
    };
    let (found, ()) = tokio::join!(socket.emit_with_ack("e", ()), answer);
    assert_eq!(found.unwrap().json(0), Some(&json!("there")));
    assert!(client.is_open());
}

#[tokio::test]
async fn answers_are_awaited_in_bounds() {
    let config = ClientConfig {
        pending_acks_max: 2,
        ..once()
    };
    let (_fake, client, socket) = Fake::joined(config).await;
    let ask = || socket.emit_with_ack("e", ());
    let (mut first, mut second) = (Box::pin(ask()), Box::pin(ask()));
    assert!((&mut first).now_or_never().is_none());
    assert!((&mut second).now_or_never().is_none());
    assert_eq!(ask().await, Err(AckError::TooManyPending));
    client.close();
    assert_eq!(patient("the end", first).await, Err(AckError::Disconnected));
    assert_eq!(patient("the end", second).await, Err(AckError::Disconnected));
    assert_eq!(ask().await, Err(AckError::Disconnected));
}

#[tokio::test]
async fn a_listener_that_panics_ends_alone() {
    let server = Server::fixture().await;
    let (_client, socket) = server
        .joined(|socket| {
            socket.on_sync("auth", |_| panic!("a listener that panics on purpose"));
        })
        .await;
    check_alive(&socket).await;
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_and_harms_nothing() {
    let config = Config {
        max_payload_bytes: 1000,
        ..Config::default()
    };
    let server = Server::start(config, fixture).await;
    let (_client, socket) = server
        .joined(|socket| assert_eq!(socket.emit("e", ()), Err(EmitError::Disconnected)))
        .await;
    assert_eq!(socket.emit("disconnect", ()), Err(EmitError::ReservedName));
    assert_eq!(socket.emit("e", "x".repeat(1000)), Err(EmitError::TooLarge));
    assert_eq!(socket.emit("e", vec![0_u8; 1001]), Err(EmitError::TooLarge));
    assert_eq!(
        socket.emit("e", vec![binary(1); 11]),
        Err(EmitError::TooManyAttachments)
    );
    let keys = socketio::Json(std::collections::HashMap::from([((1, 2), 3)]));
    assert!(matches!(socket.emit("e", keys), Err(EmitError::Encode(_))));
    socket.emit("silence", vec![0_u8; 1000]).unwrap();
    check_alive(&socket).await;
}
