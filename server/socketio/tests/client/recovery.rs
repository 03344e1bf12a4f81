use serde_json::json;
use socketio::client::{Client, ClientConfig};
use socketio::{Config, DisconnectReason, Parser, Recovery, Transport};
use tokio::sync::mpsc;

use crate::harness::{Fake, OPEN, Proxy, Server, Stage, fixture, next, patient, record, record_end};
use crate::reconnecting::soon;

/// A client with one socket that has recovery, and its server.
async fn recoverable() -> (Stage, Fake, Client) {
    let stage = Stage::new().await;
    let client = Client::new(&stage.url, soon()).unwrap();
    let socket = client.namespace("/");
    socket.auth(json!({"token": 1}));
    let connecting = socket.connect();
    let mut fake = stage.accept(OPEN).await;
    assert_eq!(fake.text().await, r#"40{"token":1}"#);
    fake.send(r#"40{"sid":"S","pid":"P"}"#).await;
    patient("the join", connecting).await.unwrap();
    assert!(!socket.recovered());
    (stage, fake, client)
}

#[tokio::test]
async fn a_session_goes_on_from_the_last_offset() {
    let (stage, mut fake, client) = recoverable().await;
    let socket = client.namespace("/");
    let mut events = record(&socket, "e");
    let mut ends = record_end(&socket);
    let (sender, mut connects) = mpsc::unbounded_channel();
    socket.on_connect(move |socket| {
        let _ = sender.send((socket.id(), socket.recovered()));
    });
    fake.send(r#"42["e",1,"O1"]"#).await;
    // An event with an acknowledgement carries no offset.
    fake.send(r#"427["e","not an offset"]"#).await;
    fake.send(r#"451-["e",{"_placeholder":true,"num":0},"O2"]"#).await;
    fake.send_binary(&[7]).await;
    // As in the reference, the offset is an argument behind the others.
    assert_eq!(next(&mut events).await.json(1), Some(&json!("O1")));
    next(&mut events).await;
    assert_eq!(next(&mut events).await.binary(0).unwrap(), &[7][..]);
    drop(fake);
    assert_eq!(next(&mut ends).await, DisconnectReason::TransportClose);

    let mut fake = stage.accept(OPEN).await;
    assert_eq!(fake.text().await, r#"40{"offset":"O2","pid":"P","token":1}"#);
    // What was missed comes before the answer.
    fake.send(r#"42["e",3,"O3"]"#).await;
    assert_eq!(next(&mut events).await.json(0), Some(&json!(3)));
    assert!(!socket.is_connected());
    fake.send(r#"40{"sid":"S","pid":"P"}"#).await;
    assert_eq!(next(&mut connects).await, ("S".to_owned(), true));
    assert!(socket.recovered());
    // Lost again, it goes on from the new offset.
    drop(fake);
    let mut fake = stage.accept(OPEN).await;
    assert_eq!(fake.text().await, r#"40{"offset":"O3","pid":"P","token":1}"#);
    // The server has forgotten.
    fake.send(r#"40{"sid":"T","pid":"Q"}"#).await;
    assert_eq!(next(&mut connects).await, ("T".to_owned(), false));
    drop(fake);
    let mut fake = stage.accept(OPEN).await;
    assert_eq!(fake.text().await, r#"40{"pid":"Q","token":1}"#);
}

#[tokio::test]
async fn a_clean_end_recovers_nothing() {
    let (_stage, mut fake, client) = recoverable().await;
    let socket = client.namespace("/");
    socket.disconnect();
    assert_eq!(fake.text().await, "41");
    drop(socket.connect());
    assert_eq!(fake.text().await, r#"40{"token":1}"#);
    fake.send(r#"40{"sid":"S","pid":"P"}"#).await;
    fake.send("41").await;
    let mut ends = record_end(&socket);
    if socket.is_active() {
        assert_eq!(next(&mut ends).await, DisconnectReason::ServerNamespaceDisconnect);
    }
    drop(socket.connect());
    assert_eq!(fake.text().await, r#"40{"token":1}"#);
}

#[tokio::test]
async fn without_recovery_events_before_the_answer_are_not_heard() {
    let stage = Stage::new().await;
    let client = Client::new(&stage.url, soon()).unwrap();
    let socket = client.namespace("/");
    let mut events = record(&socket, "e");
    drop(socket.connect());
    let mut fake = stage.accept(OPEN).await;
    assert_eq!(fake.text().await, "40");
    fake.send(r#"42["e","early"]"#).await;
    fake.send(r#"40{"sid":"S"}"#).await;
    fake.send(r#"42["e","in time"]"#).await;
    assert_eq!(next(&mut events).await.json(0), Some(&json!("in time")));
}

/// A client of our server is cut off, misses events, and comes back as the same socket with all of them.
async fn check(transport: Transport, parser: Parser) {
    let config = Config {
        recovery: Some(Recovery::default()),
        parsers_allowed: vec![Parser::Msgpack, Parser::Compact],
        ..Config::default()
    };
    let (sender, mut theirs) = mpsc::unbounded_channel();
    let server = Server::start(config, |io| {
        fixture(io);
        io.of("/").on_connection(move |socket| {
            let _ = socket.join("lobby");
            let _ = sender.send(socket.clone());
        });
    })
    .await;
    let proxy = Proxy::before(&server).await;
    let config = ClientConfig {
        transports: vec![transport],
        parser,
        upgrade: false,
        ..soon()
    };
    let client = Client::new(&proxy.url, config).unwrap();
    let socket = client.namespace("/");
    let (mut events, mut ends) = (record(&socket, "n"), record_end(&socket));
    let (sender, mut connects) = mpsc::unbounded_channel();
    socket.on_connect(move |socket| {
        let _ = sender.send((socket.id(), socket.recovered()));
    });
    socket.connect().await.unwrap();
    let (id, _) = next(&mut connects).await;
    let lobby = || server.io.of("/").to("lobby");
    lobby().emit("n", 0);
    assert_eq!(next(&mut events).await.json(0), Some(&json!(0)));
    for round in 0..3 {
        // A server sees a connection break over which it waits to answer a poll, but no other.
        let socket_there = next(&mut theirs).await;
        patient("a poll", async {
            while !socket_there.writable() {
                tokio::task::yield_now().await;
            }
        })
        .await;
        // Nothing lets the client back in before it has missed something.
        proxy.hold(true);
        proxy.cut();
        next(&mut ends).await;
        server.until(|stats| &stats.sockets_connected, 0).await;
        for number in 0..3 {
            lobby().emit("n", round * 10 + number);
        }
        socket.emit("echo", "emitted meanwhile").unwrap();
        proxy.hold(false);
        assert_eq!(next(&mut connects).await, (id.clone(), true));
        for number in 0..3 {
            assert_eq!(next(&mut events).await.json(0), Some(&json!(round * 10 + number)));
        }
        lobby().emit("n", 99);
        assert_eq!(next(&mut events).await.json(0), Some(&json!(99)));
    }
    assert!(events.try_recv().is_err());
    let answer = socket.emit_with_ack("echo-ack", "still there").await;
    assert_eq!(answer.unwrap().json(0), Some(&json!("still there")));
    // Who leaves comes back as somebody else.
    socket.disconnect();
    socket.connect().await.unwrap();
    let (other, recovered) = next(&mut connects).await;
    assert!(other != id && !recovered);
}

#[tokio::test]
async fn our_server_recovers_our_client_by_every_transport_and_parser() {
    check(Transport::WebSocket, Parser::Default).await;
    check(Transport::WebSocket, Parser::Msgpack).await;
    check(Transport::Polling, Parser::Default).await;
}
