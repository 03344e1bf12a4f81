use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use socketio::DisconnectReason;
use socketio::client::{Client, ClientConfig, ClientError};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::harness::{Fake, OPEN, Server, check_alive, check_closed, join, once, patient, record_end};

async fn refused(url: &str, config: ClientConfig) -> ClientError {
    let client = match Client::new(url, config) {
        Ok(client) => client,
        Err(error) => return error,
    };
    let refused = patient("a refusal", client.connect()).await;
    assert!(!client.is_open());
    refused.expect_err("a refusal")
}

/// What a client says of a server that answers its request with `bytes`.
async fn answered(bytes: &'static [u8]) -> ClientError {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.write_all(bytes).await;
        let _ = stream.shutdown().await;
        stream
    };
    let (error, _stream) = tokio::join!(refused(&url, once()), answer);
    error
}

#[tokio::test]
async fn what_is_no_server_of_ours_is_told_apart() {
    let config = once;
    assert!(matches!(
        refused("localhost", config()).await,
        ClientError::Url { .. }
    ));
    let no_transport = ClientConfig {
        transports: Vec::new(),
        ..config()
    };
    assert!(matches!(
        refused("http://localhost", no_transport).await,
        ClientError::Config(_)
    ));

    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let error = refused(&url, config()).await;
    assert!(matches!(error, ClientError::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused));

    let server = Server::fixture().await;
    let elsewhere = ClientConfig {
        path: "/elsewhere".to_owned(),
        ..config()
    };
    let error = refused(&server.url, elsewhere).await;
    assert!(
        matches!(error, ClientError::Refused { status: 404, .. }),
        "{error}"
    );

    let error = answered(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n").await;
    assert!(
        matches!(error, ClientError::Refused { status: 503, .. }),
        "{error}"
    );
    for garbage in [&b"SSH-2.0-x\r\n"[..], b"", b"HTTP/1.1 101 Ok\r\n\r\n"] {
        let error = answered(garbage).await;
        assert!(
            matches!(error, ClientError::Protocol(_) | ClientError::Io(_)),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let config = ClientConfig {
        connect_timeout: Duration::from_millis(20),
        ..once()
    };
    assert!(matches!(refused(&url, config).await, ClientError::Timeout));
}

#[tokio::test]
async fn several_namespaces_share_a_connection() {
    let server = Server::fixture().await;
    let (client, main) = server.joined(|_| {}).await;
    let custom = join(&client, "/custom", Value::Null, |_| {}).await.unwrap();
    assert_ne!(main.id(), custom.id());
    check_alive(&main).await;
    check_alive(&custom).await;
    server.until(|stats| &stats.sockets_connected, 2).await;
    server.until(|stats| &stats.connections_open, 1).await;

    // A namespace has one socket, and connecting it twice is connecting it once.
    let same = join(&client, "custom", Value::Null, |_| {}).await.unwrap();
    assert_eq!((same.id(), same.namespace()), (custom.id(), "/custom"));
    custom.disconnect();
    assert!(!custom.is_connected());
    server.until(|stats| &stats.sockets_connected, 1).await;
    check_alive(&main).await;
    let again = join(&client, "/custom", Value::Null, |_| {}).await.unwrap();
    check_alive(&again).await;
}

#[tokio::test]
async fn a_refused_namespace_leaves_the_connection_open() {
    let server = Server::fixture().await;
    let client = server.client().await;
    let mut ends = None;
    let refused = join(&client, "/nowhere", Value::Null, |socket| {
        ends = Some(record_end(socket))
    })
    .await;
    match refused {
        Err(ClientError::ConnectRefused { message, data }) => {
            assert_eq!((message.as_str(), data), ("Invalid namespace", Value::Null));
        }
        other => panic!("refused otherwise: {:?}", other.err()),
    }
    // It never was connected, so its end is no disconnect.
    assert!(ends.unwrap().try_recv().is_err());
    assert!(matches!(
        join(&client, "a,b", Value::Null, |_| {}).await,
        Err(ClientError::Namespace)
    ));
    assert!(matches!(
        join(&client, "/", json!(1), |_| {}).await,
        Err(ClientError::Auth)
    ));
    check_alive(&join(&client, "/", Value::Null, |_| {}).await.unwrap()).await;
}

#[tokio::test]
async fn a_refusal_carries_what_the_middleware_says() {
    for (packet, expected) in [
        (
            r#"44/n,{"message":"no","data":{"code":7}}"#,
            ("no", json!({"code": 7})),
        ),
        (r#"44/n,{"message":"no"}"#, ("no", Value::Null)),
        (r#"44/n,"no""#, ("no", Value::Null)),
        ("44/n,{}", ("", Value::Null)),
    ] {
        let (mut fake, client) = Fake::meet(OPEN, once()).await;
        let refuse = async {
            assert_eq!(fake.text().await, r#"40/n,{"a":1}"#);
            fake.send(packet).await;
        };
        let (joined, ()) = tokio::join!(join(&client, "/n", json!({"a": 1}), |_| {}), refuse);
        match joined {
            Err(ClientError::ConnectRefused { message, data }) => {
                assert_eq!((message.as_str(), data), expected, "{packet}");
            }
            other => panic!("{packet}: {:?}", other.err()),
        }
    }
}

#[tokio::test]
async fn a_join_that_is_given_up_leaves_when_the_server_has_answered() {
    let (mut fake, client) = Fake::meet(OPEN, once()).await;
    let socket = client.namespace("/n");
    let given_up = socket.connect();
    assert_eq!(fake.text().await, "40/n,");
    socket.disconnect();
    let reason = DisconnectReason::ClientNamespaceDisconnect;
    assert!(matches!(given_up.await, Err(ClientError::Disconnected(found)) if found == reason));
    fake.send(r#"40/n,{"sid":"id"}"#).await;
    assert_eq!(fake.text().await, "41/n,");
    assert!(!socket.is_connected());

    // A refused one has nothing to leave.
    drop(socket.connect());
    assert_eq!(fake.text().await, "40/n,");
    socket.disconnect();
    fake.send(r#"44/n,{"message":"no"}"#).await;
    fake.send("2").await;
    assert_eq!(fake.text().await, "3");
}

#[tokio::test]
async fn a_join_that_is_wanted_again_begins_anew_behind_the_answer() {
    for answer in [r#"40/n,{"sid":"id"}"#, r#"44/n,{"message":"no"}"#] {
        let (mut fake, client) = Fake::meet(OPEN, once()).await;
        let socket = client.namespace("/n");
        drop(socket.connect());
        assert_eq!(fake.text().await, "40/n,");
        socket.disconnect();
        socket.auth(json!({"second": true}));
        let second = socket.connect();
        fake.send(answer).await;
        if answer.starts_with("40") {
            assert_eq!(fake.text().await, "41/n,");
        }
        assert_eq!(fake.text().await, r#"40/n,{"second":true}"#);
        fake.send(r#"40/n,{"sid":"second"}"#).await;
        patient("the second join", second).await.unwrap();
        assert_eq!(socket.id(), "second");
    }
}

#[tokio::test]
async fn authentication_is_asked_for_at_each_join() {
    let (mut fake, client) = Fake::meet(OPEN, once()).await;
    let socket = client.namespace("/n");
    let asked = Arc::new(AtomicU64::new(0));
    let count = asked.clone();
    socket.auth_with(move || {
        let number = count.fetch_add(1, Ordering::Relaxed);
        async move {
            tokio::task::yield_now().await;
            json!({ "number": number })
        }
    });
    for number in 0..2 {
        let connecting = socket.connect();
        assert_eq!(fake.text().await, format!(r#"40/n,{{"number":{number}}}"#));
        fake.send(r#"40/n,{"sid":"id"}"#).await;
        patient("a join", connecting).await.unwrap();
        socket.disconnect();
        assert_eq!(fake.text().await, "41/n,");
    }
    socket.auth_with(|| async { panic!("a function that panics on purpose") });
    assert!(matches!(
        patient("a refusal", socket.connect()).await,
        Err(ClientError::Auth)
    ));
    socket.auth_with(|| async { json!("no object") });
    assert!(matches!(
        patient("a refusal", socket.connect()).await,
        Err(ClientError::Auth)
    ));
    assert!(!socket.is_active() && client.is_open());
}

#[tokio::test]
async fn a_server_that_does_not_answer_a_join_is_given_up() {
    let config = ClientConfig {
        connect_timeout: Duration::from_millis(200),
        ..once()
    };
    let (mut fake, client) = Fake::meet(OPEN, config).await;
    let socket = client.namespace("/n");
    assert!(matches!(socket.connect().await, Err(ClientError::Timeout)));
    assert!(!socket.is_active() && client.is_open());
    assert_eq!(fake.text().await, "40/n,");
}

#[tokio::test]
async fn a_join_ends_with_its_connection() {
    let (mut fake, client) = Fake::meet(OPEN, once()).await;
    let close = async {
        assert_eq!(fake.text().await, "40");
        fake.send("1").await;
    };
    let (joined, ()) = tokio::join!(join(&client, "/", Value::Null, |_| {}), close);
    let reason = DisconnectReason::TransportClose;
    assert!(matches!(joined, Err(ClientError::Disconnected(found)) if found == reason));
    check_closed(&client, reason).await;
}
