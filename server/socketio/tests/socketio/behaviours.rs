use std::time::Duration;

use serde_json::{Value, json};
use socketio::{Config, Parser};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Seen, Server, fixture};
use crate::speaker::{COMPACT, Data, Heard, PARSERS, Packet, Part, Speaker, encode, pack, packet, speaking};

/// A step of a conversation, which every parser says in its own way.
enum Step {
    Send(Packet),
    /// Something that is no packet of the parser.
    SendBroken(Broken),
    /// The same packet; a `sid` is checked and left out.
    Hear(Packet),
    /// The next thing is a ping of the heartbeat.
    Ping,
    Closed,
}
use Step::{Closed, Hear, Ping, Send, SendBroken};

#[derive(Clone, Copy)]
enum Broken {
    Type,
    Handshake,
    Payload,
    AckId,
}

impl Broken {
    fn message(self, parser: Parser) -> Message {
        let (text, fields) = match self {
            Self::Type => ("4abc", json!({"type": 9, "nsp": "/"})),
            Self::Handshake => ("40abc", json!({"type": 0, "nsp": "/", "data": "abc"})),
            Self::Payload => ("42{}", json!({"type": 2, "nsp": "/", "data": {}})),
            Self::AckId => (
                r#"42abc["message-with-ack",1]"#,
                json!({"type": 2, "nsp": "/", "id": "abc", "data": ["message-with-ack", 1]}),
            ),
        };
        match parser {
            Parser::Msgpack => Message::binary(encode(&pack(&fields))),
            _ => Message::text(text),
        }
    }
}

/// Leads the same conversation by every parser.
async fn check(settings: &Config, steps: &[Step]) {
    for parser in PARSERS {
        let server = Server::start(speaking(parser, settings.clone()), fixture).await;
        let mut speaker = Speaker {
            client: server.client().await,
            parser,
        };
        for (index, step) in steps.iter().enumerate() {
            match step {
                Send(packet) => speaker.send(packet).await,
                SendBroken(broken) => speaker.send_raw(broken.message(parser)).await,
                Hear(expected) => {
                    let heard = without_sid(speaker.hear().await, parser);
                    assert_eq!(heard, Heard::Packet(expected.clone()), "{parser:?}, step {index}");
                }
                Ping => {
                    let heard = speaker.hear().await;
                    assert_eq!(
                        heard,
                        Heard::Other(Seen::Text("2".to_owned())),
                        "{parser:?}, step {index}"
                    );
                }
                Closed => {
                    let heard = speaker.hear().await;
                    assert!(
                        matches!(heard, Heard::Other(Seen::Close(..))),
                        "{parser:?}, step {index}: {heard:?}"
                    );
                }
            }
        }
        drop(speaker);
        server.until_empty().await;
    }
}

/// Checks and removes what is different each time in the answer to a CONNECT.
fn without_sid(mut heard: Heard, parser: Parser) -> Heard {
    if let Heard::Packet(Packet {
        kind: 0,
        data: Data::Json(Value::Object(fields)),
        ..
    }) = &mut heard
    {
        let sid = fields.remove("sid").unwrap();
        assert_eq!(sid.as_str().unwrap().len(), 20);
        let compact = (parser == Parser::Compact).then(|| json!(COMPACT));
        assert_eq!(fields.remove("compact"), compact);
    }
    heard
}

fn connect(namespace: &str, auth: Option<Value>) -> Packet {
    packet(0, namespace, auth.map_or(Data::None, Data::Json))
}

/// The answer to a CONNECT, and the event that the fixture greets with.
fn welcomed(namespace: &str, auth: Value) -> [Step; 2] {
    [
        Hear(connect(namespace, Some(json!({})))),
        Hear(event(namespace, vec![text("auth"), Part::Json(auth)])),
    ]
}

fn joined(steps: impl IntoIterator<Item = Step>) -> Vec<Step> {
    let start = [Send(connect("/", None))]
        .into_iter()
        .chain(welcomed("/", json!({})));
    start.chain(steps).collect()
}

fn event(namespace: &str, parts: Vec<Part>) -> Packet {
    packet(2, namespace, Data::List(parts))
}

fn ack(id: u64, parts: Vec<Part>) -> Packet {
    packet(3, "/", Data::List(parts)).with_id(id)
}

fn text(text: &str) -> Part {
    Part::Json(text.into())
}

fn echoes(parts: Vec<Part>) -> [Step; 2] {
    let with = |name| [vec![text(name)], parts.clone()].concat();
    [
        Send(event("/", with("message"))),
        Hear(event("/", with("message-back"))),
    ]
}

fn mixed() -> Vec<Part> {
    vec![
        Part::Json(json!(1)),
        text("2"),
        Part::Json(json!({"3": [true, null, -1.5]})),
    ]
}

fn two_binaries() -> Vec<Part> {
    vec![Part::Binary(vec![1, 2, 3]), Part::Binary(vec![4, 5, 6])]
}

#[tokio::test]
async fn every_parser_joins_namespaces() {
    let auth = || json!({"token": "123"});
    let default = Config::default();
    check(&default, &joined([])).await;
    let [answer, greeting] = welcomed("/", auth());
    check(&default, &[Send(connect("/", Some(auth()))), answer, greeting]).await;
    let [answer, greeting] = welcomed("/custom", json!({}));
    check(&default, &[Send(connect("/custom", None)), answer, greeting]).await;
    let [answer, greeting] = welcomed("/custom", auth());
    check(
        &default,
        &[Send(connect("/custom", Some(auth()))), answer, greeting],
    )
    .await;
    let refusal = packet(4, "/random", Data::Json(json!({"message": "Invalid namespace"})));
    check(&default, &[Send(connect("/random", None)), Hear(refusal)]).await;
}

#[tokio::test]
async fn every_parser_ends_what_begins_wrong() {
    check(&Config::default(), &[SendBroken(Broken::Handshake), Closed]).await;
    check(&Config::default(), &[SendBroken(Broken::Type), Closed]).await;
    let impatient = Config {
        connect_timeout: Duration::from_millis(50),
        ..Config::default()
    };
    check(&impatient, &[Closed]).await;
}

#[tokio::test]
async fn every_parser_leaves_namespaces() {
    let quick = Config {
        ping_interval: Duration::from_millis(200),
        ..Config::default()
    };
    check(&quick, &joined([Send(packet(1, "/", Data::None)), Ping])).await;
    let [answer, greeting] = welcomed("/custom", json!({}));
    let [send, hear] = echoes(vec![text("still here")]);
    let steps = joined([
        Send(connect("/custom", None)),
        answer,
        greeting,
        Send(packet(1, "/custom", Data::None)),
        send,
        hear,
    ]);
    check(&Config::default(), &steps).await;
}

#[tokio::test]
async fn every_parser_carries_events() {
    let default = Config::default();
    check(&default, &joined(echoes(mixed()))).await;
    check(&default, &joined(echoes(two_binaries()))).await;
    check(&default, &joined(echoes(vec![Part::Binary(vec![7; 300])]))).await;
    check(
        &default,
        &joined(echoes(vec![Part::Binary(Vec::new()), text("é🐢")])),
    )
    .await;
}

#[tokio::test]
async fn every_parser_carries_acknowledgements() {
    for (id, parts) in [(456, mixed()), (789, two_binaries()), (0, vec![text("x")])] {
        let asked = [vec![text("message-with-ack")], parts.clone()].concat();
        let steps = joined([Send(event("/", asked).with_id(id)), Hear(ack(id, parts))]);
        check(&Config::default(), &steps).await;
    }
}

#[tokio::test]
async fn every_parser_ends_at_what_is_no_packet() {
    for broken in [Broken::Type, Broken::Payload, Broken::AckId] {
        check(&Config::default(), &joined([SendBroken(broken), Closed])).await;
    }
    // What every parser can say and no client may.
    let reserved = event("/", vec![text("connect")]);
    check(&Config::default(), &joined([Send(reserved), Closed])).await;
    check(&Config::default(), &joined([Send(connect("/", None)), Closed])).await;
    check(
        &Config::default(),
        &[Send(event("/", vec![text("message")])), Closed],
    )
    .await;
    let no_list = packet(2, "/", Data::Json(json!("message")));
    check(&Config::default(), &joined([Send(no_list), Closed])).await;
}
