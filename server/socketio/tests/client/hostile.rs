use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use socketio::client::{Client, ClientConfig, ClientError};
use socketio::{DisconnectReason, EmitError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Fake, OPEN, check_closed, check_ended, once, patient, record_end};

/// A server that sends `messages` to a joined client ends that connection with `reason`, and its socket is told.
async fn check(messages: &[Message], reason: DisconnectReason) {
    let config = ClientConfig {
        max_payload_bytes: 1000,
        attachments_timeout: Duration::from_millis(20),
        ..once()
    };
    let (mut fake, client, socket) = Fake::joined(config).await;
    let ends = record_end(&socket);
    for message in messages {
        let _ = fake.ws.send(message.clone()).await;
    }
    check_ended(ends, reason).await;
    assert_eq!(fake.text().await, "closed", "{messages:?}");
    drop(fake);
    check_closed(&client, reason).await;
}

#[tokio::test]
async fn malformed_packets_end_the_connection_with_parse_error() {
    let texts = [
        // Engine.IO
        "",
        "7",
        "é",
        "{}",
        OPEN,
        // Socket.IO
        "4",
        "47",
        "4é",
        "42",
        "42{}",
        "42[",
        "42[]",
        "42[{}]",
        r#"42["connect"]"#,
        "43[]",
        "439007199254740992[]",
        "45",
        "451-[]",
        "450-[\"a\"]",
        "4511-[\"a\"]",
        r#"451-["a",{"_placeholder":true,"num":1}]"#,
        "461-[]",
        "41{}",
        "40[]",
        "40",
        r#"40{"sid":1}"#,
        r#"40{"sid":"again"}"#,
        "44",
        "44[]",
        "44{",
        r#"44{"message":"joined already"}"#,
    ];
    for text in texts {
        check(&[Message::text(text)], DisconnectReason::ParseError).await;
    }
}

#[tokio::test]
async fn attachments_are_bounded_and_in_sequence() {
    let reason = DisconnectReason::ParseError;
    let header = Message::text(r#"452-["a",{"_placeholder":true,"num":0}]"#);
    check(&[Message::binary("x")], reason).await;
    check(&[header.clone(), Message::text(r#"42["a"]"#)], reason).await;
    check(&[header.clone(), Message::text(r#"44{"message":""}"#)], reason).await;
    let half = Message::binary(vec![0; 600]);
    check(&[header.clone(), half.clone(), half], reason).await;
    // The second attachment never comes.
    check(&[header, Message::binary("x")], reason).await;
}

#[tokio::test]
async fn what_breaks_the_transport_is_a_transport_error() {
    let reason = DisconnectReason::TransportError;
    check(&[Message::text(format!("42[\"{}\"]", "x".repeat(1000)))], reason).await;
    check(&[Message::binary(vec![0; 1001])], reason).await;
}

#[tokio::test]
async fn strange_but_harmless_packets_are_ignored() {
    let (mut fake, client, socket) = Fake::joined(once()).await;
    for text in [
        "6",
        "3",
        r#"42["unknown"]"#,
        r#"42/unjoined,["a"]"#,
        "43/unjoined,1[]",
        "431[]",
        "41/unjoined,",
        r#"40/unjoined,{"sid":"x"}"#,
        r#"44/unjoined,"no""#,
    ] {
        fake.send(text).await;
    }
    fake.ws.send(Message::Ping("x".into())).await.unwrap();
    fake.send("2").await;
    let mut said = Vec::new();
    while said.last() != Some(&Message::text("3")) {
        let message = patient("the pongs", fake.ws.next()).await;
        said.push(message.unwrap().unwrap());
    }
    assert_eq!(said, [Message::Pong("x".into()), Message::text("3")]);
    assert!(client.is_open() && socket.is_connected());
}

#[tokio::test]
async fn frames_that_no_websocket_knows_end_the_connection() {
    let frames: [&[u8]; 6] = [
        // Reserved bits, an unknown opcode, a huge length, a continuation of nothing, a fragmented ping, no UTF-8.
        &[0xf1, 0x01, b'2'],
        &[0x83, 0x00],
        &[0x82, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0x80, 0x01, b'2'],
        &[0x09, 0x00],
        &[0x81, 0x02, 0xff, 0xff],
    ];
    for frame in frames {
        let (mut fake, client) = Fake::meet(OPEN, once()).await;
        fake.ws.get_mut().write_all(frame).await.unwrap();
        assert_eq!(fake.text().await, "closed", "{frame:?}");
        drop(fake);
        check_closed(&client, DisconnectReason::TransportError).await;
    }
}

#[tokio::test]
async fn a_greeting_that_opens_no_session_is_refused() {
    for greeting in [Message::text("0{}"), Message::text("2"), Message::binary("0")] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let serve = async {
            let (stream, _) = listener.accept().await.unwrap();
            let mut ws = tokio_tungstenite::accept_async(stream).await.unwrap();
            ws.send(greeting.clone()).await.unwrap();
            ws
        };
        let client = Client::new(&url, once()).unwrap();
        let (connected, _ws) = tokio::join!(client.connect(), serve);
        assert!(matches!(connected, Err(ClientError::Protocol(_))), "{greeting}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_read_fills_a_bounded_outbox_and_loses_nothing() {
    let config = ClientConfig {
        outbox_bytes_max: 100_000,
        ..once()
    };
    let (mut fake, client, socket) = Fake::joined(config).await;
    assert_eq!(socket.emit("e", "x".repeat(100_000)), Err(EmitError::TooLarge));
    let mut sent = 0_u64;
    let full = loop {
        match socket.emit("n", (sent, "x".repeat(900))) {
            Ok(()) => sent += 1,
            Err(error) => break error,
        }
        // What the client's kernel and the server's hold is some megabytes.
        assert!(sent < 100_000, "the outbox has no bound");
    };
    assert_eq!(full, EmitError::Full);
    assert!(client.is_open());
    for index in 0..sent {
        let text = fake.text().await;
        assert!(text.starts_with(&format!("42[\"n\",{index},")), "{text}");
    }
    socket.emit("n", sent).unwrap();
    assert_eq!(fake.text().await, format!("42[\"n\",{sent}]"));
}

#[tokio::test]
async fn a_server_that_pings_and_reads_nothing_is_cut_off() {
    let config = ClientConfig {
        outbox_bytes_max: 1000,
        // More than the kernels hold, or the pings themselves would be too many.
        max_payload_bytes: 1 << 30,
        ..once()
    };
    let (mut fake, client) = Fake::meet(OPEN, config).await;
    // Pongs beyond what the kernels hold meet the headroom of the outbox.
    let flood = async { while fake.ws.feed(Message::Ping(vec![0; 125].into())).await.is_ok() {} };
    patient("the end of the flood", async {
        tokio::select! {
            () = flood => {}
            _ = client.closed() => {}
        }
    })
    .await;
    check_closed(&client, DisconnectReason::TransportError).await;
}

#[tokio::test]
async fn a_message_of_endless_fragments_is_bounded() {
    let (mut fake, client) = Fake::meet(OPEN, once()).await;
    let fragments = [&[0x01, 0x00][..], &[0x00, 0x00].repeat(10_000)].concat();
    let flood = async {
        fake.ws.get_mut().write_all(&fragments).await.unwrap();
        while fake.ws.get_mut().write_all(&fragments[2..]).await.is_ok() {}
    };
    patient("the end of the flood", async {
        tokio::select! {
            () = flood => {}
            _ = client.closed() => {}
        }
    })
    .await;
    check_closed(&client, DisconnectReason::TransportError).await;
}

#[tokio::test]
async fn a_server_that_says_goodbye_and_stays_is_left() {
    let (mut fake, client) = Fake::meet(OPEN, once()).await;
    fake.ws.send(Message::Close(None)).await.unwrap();
    assert_eq!(fake.text().await, "closed");
    check_closed(&client, DisconnectReason::TransportClose).await;
    drop(fake);
}

#[tokio::test]
async fn a_server_that_stops_in_the_middle_of_a_frame_is_dead() {
    let open = r#"0{"sid":"S","upgrades":[],"pingInterval":30,"pingTimeout":20,"maxPayload":1000}"#;
    let (mut fake, client) = Fake::meet(open, once()).await;
    fake.ws.get_mut().write_all(&[0x81, 100, b'4']).await.unwrap();
    check_closed(&client, DisconnectReason::PingTimeout).await;
    // The stream was reset or ended.
    let mut rest = Vec::new();
    let _ = patient("the end", fake.ws.get_mut().read_to_end(&mut rest)).await;
}
