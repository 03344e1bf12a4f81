//! rust_socketio by every transport. Peculiarities of that client, which the tests mind: an event is either JSON or one
//! binary argument; an acknowledgement comes as an array in an array; a binary event that asks for an answer leaves as an
//! acknowledgement (its issue 422), which a server ignores; binary with a byte 0x1e is cut there; and of a long answer to a
//! poll each piece that the network hands over is taken for a payload.

use clients_rust::{PATIENCE, Server};
use futures_util::FutureExt;
use rust_socketio::asynchronous::{Client, ClientBuilder};
use rust_socketio::{Payload, TransportType};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

const WAYS: [TransportType; 3] = [
    TransportType::Polling,
    TransportType::Websocket,
    TransportType::Any,
];

/// What a client hears, in order.
struct Heard(UnboundedReceiver<(String, Payload)>);

impl Heard {
    /// Arguments of the next event, which must be `event`.
    async fn next(&mut self, event: &str) -> Payload {
        let next = timeout(PATIENCE, self.0.recv()).await;
        let (name, payload) = next
            .unwrap_or_else(|_| panic!("waited in vain for {event}"))
            .expect("the client lives");
        assert_eq!(name, event, "{payload:?}");
        payload
    }
}

/// A client that notes its events, and answers questions with what they ask.
async fn connect(server: &Server, way: TransportType, namespace: &str, auth: Value) -> (Client, Heard) {
    let (sender, receiver) = unbounded_channel();
    let note = |sender: UnboundedSender<_>, name: &'static str| {
        move |payload, _| {
            let _ = sender.send((name.to_owned(), payload));
            async {}.boxed()
        }
    };
    let others = sender.clone();
    let client = ClientBuilder::new(&server.url)
        .namespace(namespace)
        .auth(auth)
        .transport_type(way)
        .reconnect(false)
        .on("open", note(sender.clone(), "open"))
        .on("error", note(sender.clone(), "error"))
        .on("close", note(sender, "close"))
        .on_any(move |event, payload, _| {
            let _ = others.send((String::from(event), payload));
            async {}.boxed()
        })
        .connect()
        .await
        .expect("the server lets it in");
    (client, Heard(receiver))
}

async fn joined(server: &Server, way: TransportType) -> (Client, Heard) {
    let (client, mut heard) = connect(server, way, "/", json!({})).await;
    heard.next("open").await;
    (client, heard)
}

/// The answer of the server, as this client gives it.
async fn ask(client: &Client, event: &str, data: impl Into<Payload>) -> Payload {
    let (sender, mut receiver) = unbounded_channel();
    client
        .emit_with_ack(event, data, PATIENCE, move |payload, _| {
            let _ = sender.send(payload);
            async {}.boxed()
        })
        .await
        .expect("the event is sent");
    timeout(PATIENCE, receiver.recv())
        .await
        .expect("the server answers in time")
        .expect("the client lives")
}

fn text(values: Value) -> Payload {
    Payload::Text(vec![values])
}

#[tokio::test(flavor = "multi_thread")]
async fn text_and_binary_come_back_in_order() {
    let server = Server::start();
    for way in WAYS {
        let (client, mut heard) = joined(&server, way).await;
        for index in 0..50 {
            let object = json!({ "index": index, "text": "żółw 🐢", "nested": [[1.5, null, true]] });
            client.emit("echo", object.clone()).await.unwrap();
            assert_eq!(heard.next("echoed").await, text(object));
            let binary = vec![100 + index as u8; 1000];
            client.emit("echo", binary.clone()).await.unwrap();
            assert_eq!(heard.next("echoed").await, Payload::from(binary));
        }
        client.disconnect().await.unwrap();
        let reason = server.said("left /: ");
        assert!(
            ["client namespace disconnect", "transport close"].contains(&reason.as_str()),
            "{reason}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_arguments_are_spread() {
    let server = Server::start();
    for way in WAYS {
        let (client, mut heard) = joined(&server, way).await;
        let args = vec![json!("a"), json!(2), json!({ "three": [] })];
        client.emit("echo", args.clone()).await.unwrap();
        assert_eq!(heard.next("echoed").await, Payload::Text(args));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_acknowledges() {
    let server = Server::start();
    for way in WAYS {
        let (client, _heard) = joined(&server, way).await;
        let object = json!({ "question": [1, 2] });
        assert_eq!(
            ask(&client, "echo-ack", object.clone()).await,
            text(json!([object]))
        );
        assert_eq!(ask(&client, "join", json!("red")).await, text(json!([["red"]])));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_binary_question_of_this_client_is_ignored() {
    let server = Server::start();
    for way in WAYS {
        let (client, mut heard) = joined(&server, way).await;
        client
            .emit_with_ack("echo-ack", vec![1, 2, 3], PATIENCE, |_, _| {
                panic!("nobody answers what is no question")
            })
            .await
            .unwrap();
        client.emit("echo", json!("still here")).await.unwrap();
        assert_eq!(heard.next("echoed").await, text(json!("still here")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_answer_arrives_whole() {
    let server = Server::start();
    for way in [TransportType::Websocket, TransportType::Any] {
        let (client, mut heard) = joined(&server, way).await;
        let long = json!("x".repeat(500_000));
        client.emit("echo", long.clone()).await.unwrap();
        assert_eq!(heard.next("echoed").await, text(long));
        let binary = vec![7; 500_000];
        client.emit("echo", binary.clone()).await.unwrap();
        assert_eq!(heard.next("echoed").await, Payload::from(binary));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_gets_the_payload_and_a_refusal_has_details() {
    let server = Server::start();
    for way in WAYS {
        let (_client, mut heard) = connect(&server, way.clone(), "/custom", json!({ "token": "t" })).await;
        heard.next("open").await;
        assert_eq!(heard.next("auth").await, text(json!({ "token": "t" })));

        let (_client, mut heard) = connect(&server, way, "/private", json!({ "token": "guess" })).await;
        let refusal = heard.next("error").await;
        assert!(format!("{refusal:?}").contains("not authorised"), "{refusal:?}");
        assert!(format!("{refusal:?}").contains("E_TOKEN"), "{refusal:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_moves_to_websocket() {
    let server = Server::start();
    let (client, _heard) = joined(&server, TransportType::Any).await;
    let gauges = json!({ "sessions": 1, "sockets": 1, "upgrades": 1 });
    assert_eq!(ask(&client, "gauges", json!(null)).await, text(json!([gauges])));
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_and_broadcasts_reach_it() {
    let server = Server::start();
    for way in WAYS {
        let (teller, mut at_teller) = joined(&server, way.clone()).await;
        let (listener, mut at_listener) = joined(&server, way).await;
        for client in [&teller, &listener] {
            assert_eq!(ask(client, "join", json!("red")).await, text(json!([["red"]])));
        }
        teller
            .emit("tell", vec![json!("red"), json!("others")])
            .await
            .unwrap();
        teller
            .emit("tell-all", vec![json!("red"), json!("all")])
            .await
            .unwrap();
        assert_eq!(at_teller.next("told").await, text(json!("all")));
        assert_eq!(at_listener.next("told").await, text(json!("others")));
        assert_eq!(at_listener.next("told").await, text(json!("all")));
        teller.emit("shout", vec![9, 9]).await.unwrap();
        assert_eq!(at_listener.next("shouted").await, Payload::from(vec![9, 9]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_sent_away() {
    let server = Server::start();
    for way in WAYS {
        let (client, mut heard) = joined(&server, way).await;
        client.emit("go", json!(true)).await.unwrap();
        heard.next("close").await;
        assert_eq!(server.said("left /: "), "server namespace disconnect");
    }
}
