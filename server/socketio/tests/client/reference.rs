use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use bytes::Bytes;
use serde_json::json;
use socketio::client::{Client, ClientConfig, ClientError, ClientSocket};
use socketio::{DisconnectReason, Parser, Transport};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

use crate::harness::{Proxy, next, once, patient, record, record_end};
use crate::reconnecting::soon;

/// The server of the reference, in Node.
struct Reference {
    /// Killed when it is dropped.
    _process: Child,
    addr: SocketAddr,
}

impl Reference {
    async fn start(parser: Parser) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/clients/node");
        let mut process = Command::new("node")
            .arg("reference.mjs")
            .arg(match parser {
                Parser::Msgpack => "msgpack",
                _ => "default",
            })
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = patient("the reference listens", lines.next_line()).await;
        let line = line.unwrap().expect("npm has installed socket.io");
        let addr = line
            .strip_prefix("listening on http://")
            .unwrap()
            .parse()
            .unwrap();
        Self {
            _process: process,
            addr,
        }
    }

    fn url(&self) -> String {
        format!("http://{}", self.addr)
    }
}

fn by(transport: Transport, parser: Parser, upgrade: bool) -> ClientConfig {
    ClientConfig {
        transports: vec![transport, Transport::WebSocket],
        parser,
        upgrade,
        ..once()
    }
}

/// Text and binary, events and acknowledgements, both ways.
async fn converse(socket: &ClientSocket) {
    socket.auth(json!({"token": 1}));
    let (mut greetings, mut echoes) = (record(socket, "auth"), record(socket, "echo"));
    let mut answers = record(socket, "answered");
    socket.on("question", |event| async move {
        event.ack.unwrap().send(event.args).unwrap();
    });
    patient("the join", socket.connect()).await.unwrap();
    assert_eq!(next(&mut greetings).await.json(0), Some(&json!({"token": 1})));
    let bytes = Bytes::from_static(&[0, 1, 255]);
    let large = Bytes::from(vec![7; 300_000]);
    for data in [bytes, large] {
        socket
            .emit("echo", ("é", data.clone(), json!({"a": [1, null]})))
            .unwrap();
        let echo = next(&mut echoes).await;
        assert_eq!(
            (echo.json(0), echo.binary(1), echo.json(2)),
            (Some(&json!("é")), Some(&data), Some(&json!({"a": [1, null]})))
        );
        let answer = socket.emit_with_ack("echo-ack", (1, data.clone())).await;
        assert_eq!(answer.unwrap().binary(1), Some(&data));
        socket.emit("ask", (data.clone(), "x")).unwrap();
        let answer = next(&mut answers).await;
        assert_eq!(
            (answer.json(0), answer.binary(1), answer.json(2)),
            (Some(&json!(true)), Some(&data), Some(&json!("x")))
        );
    }
}

#[tokio::test]
#[ignore = "needs Node and what npm installs in tests/clients/node"]
async fn the_reference_server_understands_the_client_by_every_transport_and_parser() {
    for parser in [Parser::Default, Parser::Msgpack] {
        let reference = Reference::start(parser).await;
        for (transport, upgrade) in [
            (Transport::WebSocket, false),
            (Transport::Polling, false),
            (Transport::Polling, true),
        ] {
            let client = Client::new(&reference.url(), by(transport, parser, upgrade)).unwrap();
            converse(&client.namespace("/")).await;
            if upgrade {
                patient("the move", async {
                    while client.transport() != Some(Transport::WebSocket) {
                        tokio::task::yield_now().await;
                    }
                })
                .await;
            }
            let custom = client.namespace("/custom");
            converse(&custom).await;
            for (name, expected) in [
                ("/forbidden", ("no", json!({"code": 7}))),
                ("/unknown", ("Invalid namespace", json!(null))),
            ] {
                match client.namespace(name).connect().await {
                    Err(ClientError::ConnectRefused { message, data }) => {
                        assert_eq!((message.as_str(), data), expected);
                    }
                    other => panic!("{other:?}"),
                }
            }
            let mut ends = record_end(&custom);
            custom.emit("expel", ()).unwrap();
            assert_eq!(next(&mut ends).await, DisconnectReason::ServerNamespaceDisconnect);
            client.close();
            assert_eq!(
                patient("the end", client.closed()).await,
                DisconnectReason::ForcedClose
            );
        }
    }
}

#[tokio::test]
#[ignore = "needs Node and what npm installs in tests/clients/node"]
async fn the_reference_server_recovers_the_client_with_what_it_has_missed() {
    for parser in [Parser::Default, Parser::Msgpack] {
        let reference = Reference::start(parser).await;
        let proxy = Proxy::before_addr(reference.addr).await;
        let config = ClientConfig { parser, ..soon() };
        let client = Client::new(&proxy.url, config).unwrap();
        let socket = client.namespace("/");
        let (mut greetings, mut missed) = (record(&socket, "auth"), record(&socket, "missed"));
        let (sender, mut connects) = mpsc::unbounded_channel();
        socket.on_connect(move |socket| {
            let _ = sender.send((socket.id(), socket.recovered()));
        });
        socket.connect().await.unwrap();
        let (id, _) = next(&mut connects).await;
        // It carries the offset from which the server goes on.
        next(&mut greetings).await;
        for _ in 0..3 {
            proxy.cut();
            assert_eq!(next(&mut connects).await, (id.clone(), true));
            for number in 0..3 {
                assert_eq!(next(&mut missed).await.json(0), Some(&json!(number)));
            }
        }
        socket.disconnect();
        socket.connect().await.unwrap();
        let (other, recovered) = next(&mut connects).await;
        assert!(other != id && !recovered);
    }
}
