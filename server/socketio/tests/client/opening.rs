use std::io;
use std::time::Duration;

use futures_util::FutureExt;
use serde_json::{Value, json};
use socketio::DisconnectReason;
use socketio::client::{Client, ClientConfig, ClientError};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::harness::{Fake, OPEN, Server, check_alive, check_closed, patient, record_end};

async fn refused(url: &str, config: ClientConfig) -> ClientError {
    patient("a refusal", Client::connect(url, config))
        .await
        .expect_err("a refusal")
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
    let (error, _stream) = tokio::join!(refused(&url, ClientConfig::default()), answer);
    error
}

#[tokio::test]
async fn what_is_no_server_of_ours_is_told_apart() {
    let config = ClientConfig::default;
    assert!(matches!(
        refused("localhost", config()).await,
        ClientError::Url { .. }
    ));
    assert!(matches!(
        refused("https://localhost", config()).await,
        ClientError::Tls
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
    assert!(matches!(error, ClientError::Refused { status: 404 }), "{error}");

    let error = answered(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n").await;
    assert!(matches!(error, ClientError::Refused { status: 503 }), "{error}");
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
        ..ClientConfig::default()
    };
    assert!(matches!(refused(&url, config).await, ClientError::Timeout));
}

#[tokio::test]
async fn several_namespaces_share_a_connection() {
    let server = Server::fixture().await;
    let (client, main) = server.joined(|_| {}).await;
    let custom = client.join("/custom", Value::Null, |_| {}).await.unwrap();
    assert_ne!(main.id(), custom.id());
    check_alive(&main).await;
    check_alive(&custom).await;
    server.until(|stats| &stats.sockets_connected, 2).await;
    server.until(|stats| &stats.connections_open, 1).await;

    let again = client.join("custom", Value::Null, |_| {}).await;
    assert!(matches!(again, Err(ClientError::AlreadyJoined)));
    custom.disconnect();
    assert!(!custom.is_connected());
    server.until(|stats| &stats.sockets_connected, 1).await;
    check_alive(&main).await;
    let again = client.join("/custom", Value::Null, |_| {}).await.unwrap();
    check_alive(&again).await;
}

#[tokio::test]
async fn a_refused_namespace_leaves_the_connection_open() {
    let server = Server::fixture().await;
    let client = server.client().await;
    let mut ends = None;
    let refused = client
        .join("/nowhere", Value::Null, |socket| ends = Some(record_end(socket)))
        .await;
    match refused {
        Err(ClientError::ConnectRefused { message, data }) => {
            assert_eq!((message.as_str(), data), ("Invalid namespace", Value::Null));
        }
        other => panic!("refused otherwise: {:?}", other.err()),
    }
    // It never was connected, so its end is no disconnect.
    assert_eq!(
        patient("the handler is dropped", ends.unwrap().recv()).await,
        None
    );
    assert!(matches!(
        client.join("a,b", Value::Null, |_| {}).await,
        Err(ClientError::Namespace)
    ));
    assert!(matches!(
        client.join("/", json!(1), |_| {}).await,
        Err(ClientError::Auth)
    ));
    check_alive(&client.join("/", Value::Null, |_| {}).await.unwrap()).await;
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
        let (mut fake, client) = Fake::meet(OPEN, ClientConfig::default()).await;
        let refuse = async {
            assert_eq!(fake.text().await, r#"40/n,{"a":1}"#);
            fake.send(packet).await;
        };
        let (joined, ()) = tokio::join!(client.join("/n", json!({"a": 1}), |_| {}), refuse);
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
    let (mut fake, client) = Fake::meet(OPEN, ClientConfig::default()).await;
    assert!(client.join("/n", Value::Null, |_| {}).now_or_never().is_none());
    assert_eq!(fake.text().await, "40/n,");
    assert!(matches!(
        client.join("/n", Value::Null, |_| {}).await,
        Err(ClientError::AlreadyJoined)
    ));
    fake.send(r#"40/n,{"sid":"id"}"#).await;
    assert_eq!(fake.text().await, "41/n,");

    // A refused one has nothing to leave.
    assert!(client.join("/n", Value::Null, |_| {}).now_or_never().is_none());
    assert_eq!(fake.text().await, "40/n,");
    fake.send(r#"44/n,{"message":"no"}"#).await;
    fake.send("2").await;
    assert_eq!(fake.text().await, "3");
    assert!(client.join("/n", Value::Null, |_| {}).now_or_never().is_none());
    assert_eq!(fake.text().await, "40/n,");
}

#[tokio::test]
async fn a_join_ends_with_its_connection() {
    let (mut fake, client) = Fake::meet(OPEN, ClientConfig::default()).await;
    let close = async {
        assert_eq!(fake.text().await, "40");
        fake.send("1").await;
    };
    let (joined, ()) = tokio::join!(client.join("/", Value::Null, |_| {}), close);
    let reason = DisconnectReason::TransportClose;
    assert!(matches!(joined, Err(ClientError::Disconnected(found)) if found == reason));
    check_closed(&client, reason).await;
    let joined = client.join("/", Value::Null, |_| {}).await;
    assert!(matches!(joined, Err(ClientError::Disconnected(found)) if found == reason));

    let (_fake, client) = Fake::meet(OPEN, ClientConfig::default()).await;
    let joined = client.join("/", Value::Null, |socket| socket.disconnect()).await;
    let reason = DisconnectReason::ClientNamespaceDisconnect;
    assert!(matches!(joined, Err(ClientError::Disconnected(found)) if found == reason));
    assert!(client.is_open());
}
