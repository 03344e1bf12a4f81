use std::time::Duration;

use socketio::Config;

use crate::harness::{Client, Seen, Server, fixture};

enum Step {
    Send(&'static str),
    SendBinary(&'static [u8]),
    /// A text; the id in `{"sid":"…"}` reads `S`.
    Text(&'static str),
    Binary(&'static [u8]),
    /// The server closes the connection.
    Closed,
}
use Step::{Binary, Closed, Send, SendBinary, Text};

async fn check(name: &str, steps: &[Step]) {
    let server = Server::start(Config::default(), fixture).await;
    let mut client = server.client().await;
    for (index, step) in steps.iter().enumerate() {
        match step {
            Send(text) => client.send(text).await,
            SendBinary(data) => client.send_binary(data).await,
            Text(expected) => {
                assert_eq!(
                    without_sid(&client.text().await),
                    *expected,
                    "{name}, step {index}"
                );
            }
            Binary(expected) => assert_eq!(client.binary().await, *expected, "{name}, step {index}"),
            Closed => assert!(
                matches!(client.next().await, Seen::Close(..)),
                "{name}, step {index}"
            ),
        }
    }
    drop(client);
    server.until_empty().await;
}

fn without_sid(text: &str) -> String {
    match text.split_once("\"sid\":\"") {
        Some((head, tail)) => {
            let (sid, rest) = tail.split_at(20);
            assert!(
                sid.bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
            );
            format!("{head}\"sid\":\"S{rest}")
        }
        None => text.to_owned(),
    }
}

const JOIN: [Step; 3] = [Send("40"), Text(r#"40{"sid":"S"}"#), Text(r#"42["auth",{}]"#)];

fn joined(steps: impl IntoIterator<Item = Step>) -> Vec<Step> {
    JOIN.into_iter().chain(steps).collect()
}

#[tokio::test]
async fn namespaces_are_joined_and_left() {
    check("main", &JOIN).await;
    check(
        "main with payload",
        &[
            Send(r#"40{"token":"123"}"#),
            Text(r#"40{"sid":"S"}"#),
            Text(r#"42["auth",{"token":"123"}]"#),
        ],
    )
    .await;
    check(
        "custom with payload",
        &[
            Send(r#"40/custom,{"token":"abc"}"#),
            Text(r#"40/custom,{"sid":"S"}"#),
            Text(r#"42/custom,["auth",{"token":"abc"}]"#),
        ],
    )
    .await;
    check(
        "unknown namespace leaves the connection open",
        &[
            Send("40/random"),
            Text(r#"44/random,{"message":"Invalid namespace"}"#),
            Send("40"),
            Text(r#"40{"sid":"S"}"#),
        ],
    )
    .await;
    check(
        "leaving one namespace keeps the other",
        &joined([
            Send("40/custom"),
            Text(r#"40/custom,{"sid":"S"}"#),
            Text(r#"42/custom,["auth",{}]"#),
            Send("41/custom,"),
            Send(r#"42["message","still here"]"#),
            Text(r#"42["message-back","still here"]"#),
            Send("40/custom"),
            Text(r#"40/custom,{"sid":"S"}"#),
        ]),
    )
    .await;
}

#[tokio::test]
async fn events_and_acknowledgements_pass_unchanged() {
    check(
        "text",
        &joined([
            Send(r#"42["message",1,"2",{"3":[true,null]}]"#),
            Text(r#"42["message-back",1,"2",{"3":[true,null]}]"#),
        ]),
    )
    .await;
    let header: &'static str =
        r#"452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#;
    check(
        "two attachments",
        &joined([
            Send(header),
            SendBinary(&[1, 2, 3]),
            SendBinary(&[4, 5, 6]),
            Text(r#"452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#),
            Binary(&[1, 2, 3]),
            Binary(&[4, 5, 6]),
        ]),
    )
    .await;
    check(
        "nested attachment, and none at all",
        &joined([
            Send(r#"451-["message",{"deep":[{"_placeholder":true,"num":0}]},7]"#),
            SendBinary(&[]),
            Text(r#"451-["message-back",{"deep":[{"_placeholder":true,"num":0}]},7]"#),
            Binary(&[]),
        ]),
    )
    .await;
    check(
        "text ack",
        &joined([
            Send(r#"42456["message-with-ack",1,"2"]"#),
            Text(r#"43456[1,"2"]"#),
        ]),
    )
    .await;
    check(
        "binary ack",
        &joined([
            Send(
                r#"452-789["message-with-ack",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#,
            ),
            SendBinary(&[1]),
            SendBinary(&[2]),
            Text(r#"462-789[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#),
            Binary(&[1]),
            Binary(&[2]),
        ]),
    )
    .await;
    check(
        "the same header again and again",
        &joined([
            Send(r#"451-["message",{"_placeholder":true,"num":0}]"#),
            SendBinary(b"one"),
            Text(r#"451-["message-back",{"_placeholder":true,"num":0}]"#),
            Binary(b"one"),
            Send(r#"451-["message",{"_placeholder":true,"num":0}]"#),
            SendBinary(b"two"),
            Text(r#"451-["message-back",{"_placeholder":true,"num":0}]"#),
            Binary(b"two"),
        ]),
    )
    .await;
    check(
        "an event nobody listens to",
        &joined([
            Send(r#"42["nobody"]"#),
            Send(r#"42["message",1]"#),
            Text(r#"42["message-back",1]"#),
        ]),
    )
    .await;
}

#[tokio::test]
async fn packets_out_of_place_close_the_connection() {
    check("event before connect", &[Send(r#"42["message"]"#), Closed]).await;
    check(
        "event for a namespace not joined",
        &joined([Send(r#"42/custom,["message"]"#), Closed]),
    )
    .await;
    check("second connect", &joined([Send("40"), Closed])).await;
    check(
        "connect error from a client",
        &joined([Send(r#"44{"message":"x"}"#), Closed]),
    )
    .await;
    check("ping from a client", &joined([Send("2"), Closed])).await;
    check("close packet", &joined([Send("1"), Closed])).await;
    check(
        "stray pong is ignored",
        &joined([Send("3"), Send(r#"42["message"]"#), Text(r#"42["message-back"]"#)]),
    )
    .await;
}

#[tokio::test]
async fn messages_that_make_no_packet_close_that_peer_alone_and_are_counted() {
    let server = Server::start(Config::default(), fixture).await;
    let mut bystander = server.joined().await;
    bystander.text().await;
    let header = r#"451-["message",{"_placeholder":true,"num":0}]"#;
    let cases = [
        vec!["b:binary without a header"],
        vec![header, r#"42["message"]"#],
        // Not even Engine.IO.
        vec!["abc"],
        vec!["a123"],
        vec!["{"],
        vec!["{}"],
        vec![""],
    ];
    for (index, messages) in cases.iter().enumerate() {
        let mut client = server.joined().await;
        client.text().await;
        for message in messages {
            match message.strip_prefix("b:") {
                Some(data) => client.send_binary(data.as_bytes()).await,
                None => client.send(message).await,
            }
        }
        assert!(matches!(client.next().await, Seen::Close(..)), "{messages:?}");
        assert_eq!(
            server.count(|stats| &stats.parse_errors),
            index as u64 + 1,
            "{messages:?}"
        );
        assert_eq!(
            server.io.stats().closed("parse error"),
            index as u64 + 1,
            "{messages:?}"
        );
    }
    bystander.send(r#"42["message","alive"]"#).await;
    assert_eq!(bystander.text().await, r#"42["message-back","alive"]"#);
    drop(bystander);
    server.until_empty().await;
}

#[tokio::test]
async fn heartbeats_keep_a_connection_and_their_lack_ends_it() {
    let config = Config {
        ping_interval: Duration::from_millis(40),
        ping_timeout: Duration::from_millis(500),
        ..Config::default()
    };
    let server = Server::start(config, fixture).await;
    let mut client = Client::open(server.addr).await;
    assert!(
        client
            .text()
            .await
            .contains(r#""pingInterval":40,"pingTimeout":500"#)
    );
    for _ in 0..3 {
        assert_eq!(client.text().await, "2");
        client.send("3").await;
    }
    assert_eq!(client.text().await, "2");
    assert!(matches!(client.next().await, Seen::Close(..)));
    server.until_empty().await;
    assert_eq!(server.io.stats().closed("ping timeout"), 1);
}

#[tokio::test]
async fn a_binary_message_may_come_as_base64_in_a_text_frame() {
    let server = Server::start(Config::default(), fixture).await;
    let mut client = server.joined().await;
    client.text().await;
    client
        .send(r#"451-["message",{"_placeholder":true,"num":0}]"#)
        .await;
    client.send("bAQID").await;
    assert_eq!(
        client.text().await,
        r#"451-["message-back",{"_placeholder":true,"num":0}]"#
    );
    assert_eq!(client.binary().await, [1, 2, 3][..]);
    client.send("b?").await;
    assert_eq!(client.next().await, Seen::close(1008, "parse error"));
}
