use hyper::body::Bytes;
use serde_json::json;
use socketio::{Config, Parser, SocketIo};
use tokio_tungstenite::tungstenite::Error;

use crate::harness::{Client, Seen, Server, fixture};

async fn open(server: &Server, query: &str) -> Result<Client, String> {
    let path = format!("/socket.io/?EIO=4&transport=websocket{query}");
    match Client::open_at(server.addr, &path).await {
        Ok(mut client) => {
            assert!(client.text().await.starts_with("0{\"sid\":\""));
            Ok(client)
        }
        Err(Error::Http(response)) => {
            assert_eq!(response.status(), 400);
            Err(String::from_utf8(response.into_body().unwrap()).unwrap())
        }
        Err(error) => panic!("{error}"),
    }
}

/// What the answer to the CONNECT of a connection with `query` begins with.
async fn check_choice(config: &Config, query: &str, expected: Result<Parser, &str>) {
    let server = Server::start(config.clone(), fixture).await;
    let parser = match (open(&server, query).await, expected) {
        (Err(refusal), expected) => return assert_eq!(Err(refusal.as_str()), expected, "{query}"),
        (Ok(mut client), Ok(Parser::Default)) => {
            client.send("40").await;
            assert!(client.text().await.starts_with("40{\"sid\":"), "{query}");
            Parser::Default
        }
        (Ok(mut client), Ok(Parser::Compact)) => {
            client.send("40").await;
            let answer = client.text().await;
            assert!(
                answer.ends_with(r#","compact":["input","snapshot"]}"#),
                "{answer}"
            );
            Parser::Compact
        }
        (Ok(mut client), _) => {
            client.send_binary(b"\x82\xa4type\x00\xa3nsp\xa1/").await;
            let answer = client.binary().await;
            assert!(
                answer.starts_with(b"\x83\xa4type\x00\xa3nsp\xa1/\xa4data\x81\xa3sid"),
                "{query}"
            );
            Parser::Msgpack
        }
    };
    assert_eq!(Ok(parser), expected, "{query}");
}

#[tokio::test]
async fn a_client_may_ask_for_a_parser_that_is_allowed() {
    let default = Config::default();
    check_choice(&default, "", Ok(Parser::Default)).await;
    check_choice(&default, "&parser=default", Ok(Parser::Default)).await;
    check_choice(&default, "&parser=msgpack", Err("Parser unknown")).await;
    check_choice(&default, "&parser=", Err("Parser unknown")).await;
    let choice = Config {
        parsers_allowed: vec![Parser::Msgpack],
        ..Config::default()
    };
    check_choice(&choice, "", Ok(Parser::Default)).await;
    check_choice(&choice, "&parser=msgpack", Ok(Parser::Msgpack)).await;
    check_choice(&choice, "&parser=yaml", Err("Parser unknown")).await;
    // Stock clients with msgpack ask for nothing.
    let msgpack = Config {
        parser: Parser::Msgpack,
        ..Config::default()
    };
    check_choice(&msgpack, "", Ok(Parser::Msgpack)).await;
    check_choice(&msgpack, "&parser=default", Err("Parser unknown")).await;
    let compact = compact();
    check_choice(&compact, "", Ok(Parser::Default)).await;
    check_choice(&compact, "&parser=compact", Ok(Parser::Compact)).await;
}

fn compact() -> Config {
    Config {
        parsers_allowed: vec![Parser::Compact],
        compact_events: vec!["input".to_owned(), "snapshot".to_owned()],
        ..Config::default()
    }
}

#[tokio::test]
async fn a_list_of_compact_events_that_makes_no_sense_is_refused() {
    let twice = Config {
        compact_events: vec!["a".to_owned(), "a".to_owned()],
        ..Config::default()
    };
    let error = SocketIo::builder().config(twice).try_build().err().unwrap();
    assert_eq!(error.to_string(), "compact_events: must name each event once");
}

#[tokio::test]
async fn listed_events_are_one_binary_message_both_ways() {
    let server = Server::start(compact(), |io| {
        io.of("/").on_connection(|socket| {
            socket.on_sync("input", |event| {
                let data = Bytes::copy_from_slice(event.binary(0).unwrap());
                event.socket().emit("snapshot", &data).unwrap();
                event.socket().emit("other", &data).unwrap();
                event.socket().volatile().emit("snapshot", (1, data)).unwrap();
            });
        });
    })
    .await;
    let mut client = open(&server, "&parser=compact").await.unwrap();
    client.send("40").await;
    assert!(client.text().await.contains("compact"));
    client.send_binary(b"\x00abc").await;
    assert_eq!(client.binary().await, b"\x01abc".as_slice());
    assert_eq!(
        client.text().await,
        r#"451-["other",{"_placeholder":true,"num":0}]"#
    );
    assert_eq!(client.binary().await, b"abc".as_slice());
    assert_eq!(
        client.text().await,
        r#"451-["snapshot",1,{"_placeholder":true,"num":0}]"#
    );
    assert_eq!(client.binary().await, b"abc".as_slice());
    // While an attachment is awaited, a binary message is that.
    client
        .send(r#"451-["input",{"_placeholder":true,"num":0}]"#)
        .await;
    client.send_binary(b"\x00abc").await;
    assert_eq!(client.binary().await, b"\x01\x00abc".as_slice());
    // A plain client of the same server sees plain events, and a broadcast is encoded for both.
    let mut plain = server.joined().await;
    server.io.of("/").emit("snapshot", b"x");
    assert_eq!(
        plain.text().await,
        r#"451-["snapshot",{"_placeholder":true,"num":0}]"#
    );
    assert_eq!(plain.binary().await, b"x".as_slice());
    assert_eq!(server.count(|stats| &stats.broadcasts_encoded), 2);
}

#[tokio::test]
async fn a_compact_event_of_no_known_number_ends_the_connection() {
    let server = Server::start(compact(), fixture).await;
    for (message, errors) in [(&b"\x02abc"[..], 1), (b"", 2)] {
        let mut client = open(&server, "&parser=compact").await.unwrap();
        client.send("40").await;
        client.text().await;
        client.send_binary(message).await;
        client.closed().await;
        server.until(|stats| &stats.parse_errors, errors).await;
    }
    // One that comes before the namespace is joined is like any event then.
    let mut client = open(&server, "&parser=compact").await.unwrap();
    client.send_binary(b"\x00abc").await;
    client.closed().await;
    assert_eq!(server.count(|stats| &stats.parse_errors), 2);
    server.until_empty().await;
}

#[tokio::test]
async fn each_client_of_a_broadcast_reads_its_own_parser_and_each_is_encoded_once() {
    let config = Config {
        parsers_allowed: vec![Parser::Msgpack],
        ..Config::default()
    };
    let server = Server::start(config, fixture).await;
    let (mut plain, mut packed) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let mut client = server.joined().await;
        assert_eq!(client.text().await, r#"42["auth",{}]"#);
        plain.push(client);
        let mut client = open(&server, "&parser=msgpack").await.unwrap();
        client.send_binary(b"\x82\xa4type\x00\xa3nsp\xa1/").await;
        client.binary().await;
        assert_eq!(
            client.binary().await,
            b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x92\xa4auth\x80".as_slice()
        );
        packed.push(client);
    }
    let data = socketio::Json(json!({"x": 1}));
    server.io.of("/").emit("tick", (data, b"abc"));
    for client in &mut plain {
        assert_eq!(
            client.text().await,
            r#"451-["tick",{"x":1},{"_placeholder":true,"num":0}]"#
        );
        assert_eq!(client.binary().await, b"abc".as_slice());
    }
    for client in &mut packed {
        let expected = b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x93\xa4tick\x81\xa1x\x01\xc4\x03abc";
        assert_eq!(client.binary().await, expected.as_slice());
    }
    assert_eq!(server.count(|stats| &stats.broadcasts_encoded), 2);
}

#[tokio::test]
async fn text_or_garbage_ends_a_connection_that_speaks_msgpack() {
    let config = Config {
        parser: Parser::Msgpack,
        ..Config::default()
    };
    let deep = vec![0x91; 900_000];
    let garbage: [&[u8]; 5] = [
        b"",
        b"\xc1",
        b"\x82\xa4type\x05\xa3nsp\xa1/",
        b"\x81\xa4type\x00",
        &deep,
    ];
    let server = Server::start(config, fixture).await;
    let mut seen = 0;
    for message in garbage.map(Some).into_iter().chain([None]) {
        let mut client = server.client().await;
        match message {
            Some(data) => client.send_binary(data).await,
            None => client.send("40").await,
        }
        assert!(
            matches!(client.next().await, Seen::Close(..)),
            "{:?}",
            message.map(<[u8]>::len)
        );
        seen += 1;
        server.until(|stats| &stats.parse_errors, seen).await;
    }
    server.until_empty().await;
}

#[tokio::test]
async fn a_refusal_tells_its_data_in_msgpack_too() {
    let config = Config {
        parser: Parser::Msgpack,
        ..Config::default()
    };
    let server = Server::start(config, |io| {
        io.of("/")
            .use_middleware(|_| async { Err(socketio::ConnectError::with_data("no", json!([1]))) });
    })
    .await;
    let mut client = server.client().await;
    client.send_binary(b"\x82\xa4type\x00\xa3nsp\xa1/").await;
    let expected = b"\x83\xa4type\x04\xa3nsp\xa1/\xa4data\x82\xa7message\xa2no\xa4data\x91\x01";
    assert_eq!(client.binary().await, expected.as_slice());
}
