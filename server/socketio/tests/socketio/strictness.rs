use std::time::Duration;

use serde_json::{Value, json};
use socketio::{Config, Parser};

use crate::harness::{Seen, Server, fixture};
use crate::poller::Poller;
use crate::speaker::{Data, Heard, PARSERS, Part, Speaker, packet, speaking};

/// What no client may send, behind its CONNECT: the lists of the reference's own tests, and of its advisories.
const MALFORMED: [&str; 53] = [
    // Of the reference's tests.
    r#"442["some","data""#,
    r#"42["some","data""#,
    r#"40/admin,"invalid""#,
    "40[]",
    "41/admin,{}",
    r#"42/admin,"invalid"#,
    "42/admin,{}",
    r#"42[{"toString":"foo"}]"#,
    r#"42[true,"foo"]"#,
    r#"42[null,"bar"]"#,
    r#"42["connect"]"#,
    r#"42["disconnect","123"]"#,
    "45",
    "451",
    "45a-",
    "451.23-",
    "4999",
    // Reserved names.
    r#"42["connect_error"]"#,
    r#"42["disconnecting"]"#,
    r#"42["newListener"]"#,
    r#"42["removeListener"]"#,
    r#"451-["connect",{"_placeholder":true,"num":0}]"#,
    // A name that is no name: CVE-2023-32695.
    "42[{}]",
    "42[[]]",
    r#"42[{"toString":1}]"#,
    "42[]",
    // No payload where one is due, or one of another shape.
    "4",
    "42",
    "42{}",
    "42abc[",
    "42null",
    "431",
    "431{}",
    "43[]",
    "44",
    "44[]",
    "41{}",
    // Numbers of attachments: GHSA-677m-j7p3-52f9.
    r#"450-["a"]"#,
    r#"4511-["a"]"#,
    r#"45999999999-["a"]"#,
    r#"45-1-["a"]"#,
    r#"45+1-["a"]"#,
    r#"451e1-["a"]"#,
    r#"451["a"]"#,
    // Numbers of placeholders: CVE-2022-2421.
    r#"451-["a",{"_placeholder":true,"num":"splice"}]"#,
    r#"451-["a",{"_placeholder":true,"num":-1}]"#,
    r#"451-["a",{"_placeholder":true,"num":1.5}]"#,
    r#"451-["a",{"_placeholder":true,"num":1e9}]"#,
    r#"451-["a",{"_placeholder":true,"num":1}]"#,
    r#"451-["a",{"_placeholder":true}]"#,
    r#"451-["a",[{"b":{"_placeholder":true,"num":null}}]]"#,
    // Beyond ASCII where a digit is due.
    "4é",
    "42é",
];

#[tokio::test]
async fn every_malformed_packet_ends_its_websocket_alone() {
    let server = Server::start(Config::default(), fixture).await;
    let mut bystander = server.joined().await;
    bystander.text().await;
    for (index, text) in MALFORMED.into_iter().enumerate() {
        let mut client = server.joined().await;
        client.text().await;
        client.send(text).await;
        assert!(matches!(client.next().await, Seen::Close(..)), "{text}");
        let closed = server.io.stats().closed("parse error");
        assert_eq!(closed, index as u64 + 1, "{text}");
    }
    bystander.send(r#"42["message","alive"]"#).await;
    assert_eq!(bystander.text().await, r#"42["message-back","alive"]"#);
    drop(bystander);
    server.until_empty().await;
}

#[tokio::test]
async fn every_malformed_packet_ends_its_polling_session_alone() {
    let server = Server::start(Config::default(), fixture).await;
    let bystander = Poller::joined(&server).await;
    for (index, text) in MALFORMED.into_iter().enumerate() {
        let client = Poller::joined(&server).await;
        // What follows is not read any more.
        client.post(&format!("{text}\u{1e}42[\"message\",1]")).await;
        server.until(|stats| &stats.parse_errors, index as u64 + 1).await;
        let last = client.poll().await;
        assert!(
            last.status == 400 || !last.body.contains("message-back"),
            "{text}: {last:?}"
        );
    }
    assert_eq!(bystander.post(r#"42["message","alive"]"#).await.body, "ok");
    assert_eq!(bystander.poll().await.body, r#"42["message-back","alive"]"#);
}

#[tokio::test]
async fn a_megabyte_of_digits_or_brackets_is_refused_at_once() {
    let server = Server::start(Config::default(), fixture).await;
    let digits = "1".repeat(900_000);
    let brackets = "[".repeat(900_000);
    let cases = [
        format!("42{digits}[\"message\"]"),
        format!("45{digits}-[\"message\"]"),
        format!("42/{digits},[\"message\"]"),
        format!("42/{digits}"),
        format!("42[\"message\",{brackets}"),
        format!("42[\"message\",{}{}]", "[".repeat(400_000), "]".repeat(400_000)),
        format!("42{}", "/".repeat(900_000)),
        format!("42[{digits}"),
    ];
    for (index, text) in cases.iter().enumerate() {
        let mut client = server.joined().await;
        client.text().await;
        client.send(text).await;
        client.closed().await;
        server.until(|stats| &stats.parse_errors, index as u64 + 1).await;
    }
    server.until_empty().await;
}

#[tokio::test]
async fn numbers_are_names_of_events() {
    let server = Server::start(Config::default(), |io| {
        io.of("/").on_connection(|socket| {
            socket.on("1", |event| async move {
                event.ack.unwrap().send(event.args).unwrap()
            });
        });
    })
    .await;
    let mut client = server.joined().await;
    client.send(r#"427[1,"x"]"#).await;
    assert_eq!(client.text().await, r#"437["x"]"#);
}

/// Whether a packet is heard by a server with `config`, for each parser.
async fn check_bound(config: Config, parts: Vec<Part>, parsers: &[Parser], accepted: bool) {
    for parser in parsers {
        let server = Server::start(speaking(*parser, config.clone()), fixture).await;
        let mut speaker = Speaker {
            client: server.client().await,
            parser: *parser,
        };
        speaker.send(&packet(0, "/", Data::None)).await;
        speaker.hear().await;
        speaker.hear().await;
        let asked = [vec![Part::Json("message-with-ack".into())], parts.clone()].concat();
        speaker.send(&packet(2, "/", Data::List(asked)).with_id(1)).await;
        let heard = speaker.hear().await;
        let expected = Heard::Packet(packet(3, "/", Data::List(parts.clone())).with_id(1));
        assert_eq!(heard == expected, accepted, "{parser:?}: {heard:?}");
        assert_eq!(
            server.count(|stats| &stats.parse_errors),
            u64::from(!accepted),
            "{parser:?}"
        );
    }
}

#[tokio::test]
async fn depth_is_bounded_in_every_parser() {
    let deep = |levels| (0..levels).fold(json!(1), |value, _| Value::Array(vec![value]));
    let config = Config {
        json_depth_max: 5,
        ..Config::default()
    };
    // The array of the event is the first level.
    check_bound(config.clone(), vec![Part::Json(deep(4))], &PARSERS, true).await;
    check_bound(config, vec![Part::Json(deep(5))], &PARSERS, false).await;
    check_bound(Config::default(), vec![Part::Json(deep(126))], &PARSERS, true).await;
    check_bound(Config::default(), vec![Part::Json(deep(128))], &PARSERS, false).await;
}

/// Read, an object takes a hundred times what it took on the wire.
#[tokio::test]
async fn objects_are_bounded_in_every_parser() {
    let objects = |count| vec![Part::Json(Value::Array(vec![json!({ "a": 1 }); count]))];
    check_bound(Config::default(), objects(16_384), &PARSERS, true).await;
    check_bound(Config::default(), objects(16_385), &PARSERS, false).await;
    let braces = vec![Part::Json(json!("{".repeat(100_000)))];
    check_bound(Config::default(), braces, &PARSERS, true).await;
}

/// What a CONNECT carries is kept as long as the socket.
#[tokio::test]
async fn the_payload_of_a_connect_is_bounded() {
    let server = Server::start(Config::default(), fixture).await;
    for (bytes, is_let_in) in [(16 * 1024 - 8, true), (16 * 1024, false)] {
        let mut client = server.client().await;
        client
            .send(&format!(r#"40{{"a":"{}"}}"#, "x".repeat(bytes)))
            .await;
        if is_let_in {
            assert!(client.text().await.starts_with("40{"), "{bytes}");
        } else {
            assert!(matches!(client.next().await, Seen::Close(..)), "{bytes}");
        }
    }
    assert_eq!(server.io.stats().closed("parse error"), 1);
}

#[tokio::test]
async fn attachments_are_bounded_in_number_and_bytes() {
    let with_attachments = [Parser::Default, Parser::Compact];
    let binaries = |count, bytes| vec![Part::Binary(vec![7; bytes]); count];
    check_bound(Config::default(), binaries(10, 1), &with_attachments, true).await;
    check_bound(Config::default(), binaries(11, 1), &with_attachments, false).await;
    // In msgpack they are values like others.
    check_bound(Config::default(), binaries(1000, 1), &[Parser::Msgpack], true).await;
    check_bound(Config::default(), binaries(1025, 1), &[Parser::Msgpack], false).await;
    let few = Config {
        attachments_max: 2,
        max_payload_bytes: 1000,
        attachments_timeout: Duration::from_secs(60),
        ..Config::default()
    };
    check_bound(few.clone(), binaries(2, 500), &with_attachments, true).await;
    check_bound(few.clone(), binaries(2, 501), &with_attachments, false).await;
    check_bound(few, binaries(3, 1), &with_attachments, false).await;
}
