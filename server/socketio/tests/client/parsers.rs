use bytes::Bytes;
use serde_json::json;
use socketio::client::{Client, ClientConfig, ClientError};
use socketio::{Config, Parser, Transport};

use crate::harness::{Fake, OPEN, Server, fixture, next, once, record};

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn speaking(parser: Parser, transport: Transport) -> ClientConfig {
    ClientConfig {
        parser,
        compact_events: names(&["echo", "other"]),
        transports: vec![transport, Transport::WebSocket],
        ..once()
    }
}

#[tokio::test]
async fn every_parser_carries_events_and_answers_by_every_transport() {
    let config = Config {
        parsers_allowed: vec![Parser::Msgpack, Parser::Compact],
        compact_events: names(&["echo", "other"]),
        ..Config::default()
    };
    let server = Server::start(config, fixture).await;
    for parser in [Parser::Default, Parser::Msgpack, Parser::Compact] {
        // Polling first moves to WebSocket in the middle.
        for transport in [Transport::WebSocket, Transport::Polling] {
            let client = Client::new(&server.url, speaking(parser, transport)).unwrap();
            for namespace in ["/", "/custom"] {
                let socket = client.namespace(namespace);
                socket.auth(json!({"token": [1, null]}));
                let (mut echoes, mut greetings) = (record(&socket, "echo"), record(&socket, "auth"));
                socket.connect().await.unwrap();
                assert_eq!(
                    next(&mut greetings).await.json(0),
                    Some(&json!({"token": [1, null]}))
                );
                let bytes = Bytes::from_static(&[0, 1, 255]);
                for _ in 0..3 {
                    socket.emit("echo", bytes.clone()).unwrap();
                    assert_eq!(next(&mut echoes).await.binary(0), Some(&bytes));
                    socket
                        .emit("echo", ("é", bytes.clone(), json!({"a": [1.5]})))
                        .unwrap();
                    let echo = next(&mut echoes).await;
                    assert_eq!((echo.json(0), echo.binary(1)), (Some(&json!("é")), Some(&bytes)));
                    assert_eq!(echo.json(2), Some(&json!({"a": [1.5]})));
                    let answer = socket.emit_with_ack("echo-ack", bytes.clone()).await;
                    assert_eq!(answer.unwrap().binary(0), Some(&bytes));
                }
                socket.disconnect();
            }
            let refused = client.namespace("/nowhere").connect().await;
            assert!(
                matches!(refused, Err(ClientError::ConnectRefused { .. })),
                "{parser:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_server_with_other_compact_events_is_left() {
    for theirs in ["", r#","compact":["other","echo"]"#, r#","compact":7"#] {
        let (mut fake, client) = Fake::meet(OPEN, speaking(Parser::Compact, Transport::WebSocket)).await;
        let socket = client.namespace("/");
        let connecting = socket.connect();
        assert_eq!(fake.text().await, "40");
        fake.send(&format!(r#"40{{"sid":"S"{theirs}}}"#)).await;
        assert!(
            matches!(connecting.await, Err(ClientError::CompactEvents)),
            "{theirs}"
        );
        assert_eq!(fake.text().await, "41");
        assert!(client.is_open() && !socket.is_active());
    }
    let twice = ClientConfig {
        compact_events: names(&["a", "a"]),
        ..speaking(Parser::Compact, Transport::WebSocket)
    };
    assert!(matches!(
        Client::new("http://localhost", twice),
        Err(ClientError::Config(_))
    ));
}
