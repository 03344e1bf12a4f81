use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use socketio::client::{Client, ClientConfig, ClientError, Tls};
use socketio::{Config, Transport};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::harness::{Server, check_alive, fixture, once};

/// Our server behind TLS, with a certificate for `localhost` that it has made itself; its port and certificate.
async fn secure(server: &Server) -> (u16, String) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let addr = server.addr;
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // A client that trusts nobody goes away in the middle.
                let Ok(mut near) = acceptor.accept(stream).await else {
                    return;
                };
                let mut far = TcpStream::connect(addr).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    (port, cert.pem())
}

async fn connect(url: &str, tls: Tls, transport: Transport) -> Result<Client, ClientError> {
    let config = ClientConfig {
        tls,
        transports: vec![transport],
        ..once()
    };
    let client = Client::new(url, config)?;
    client.connect().await?;
    let socket = client.namespace("/");
    socket.connect().await?;
    check_alive(&socket).await;
    let large = vec![7_u8; 200_000];
    let echo = socket.emit_with_ack("echo-ack", large.clone()).await;
    assert_eq!(echo.unwrap().binary(0).unwrap(), &large);
    Ok(client)
}

#[tokio::test]
async fn a_server_that_vouches_for_itself_is_refused_unless_it_is_trusted() {
    let server = Server::start(Config::default(), fixture).await;
    let (port, pem) = secure(&server).await;
    for (scheme, transport) in [("https", Transport::Polling), ("wss", Transport::WebSocket)] {
        let url = format!("{scheme}://localhost:{port}");
        let refused = connect(&url, Tls::default(), transport).await;
        assert!(matches!(refused, Err(ClientError::Tls(_))), "{refused:?}");

        let trusted = Tls::with_roots(pem.as_bytes()).unwrap();
        let client = connect(&url, trusted.clone(), transport).await.unwrap();
        assert_eq!(client.transport(), Some(transport));
        client.close();
        client.closed().await;

        // Trusted, but for another name.
        let other = format!("{scheme}://127.0.0.1:{port}");
        let refused = connect(&other, trusted, transport).await;
        assert!(matches!(refused, Err(ClientError::Tls(_))), "{refused:?}");
        connect(&other, Tls::danger_accept_invalid_certs(), transport)
            .await
            .unwrap();
    }
    server.until(|stats| &stats.connections_open, 0).await;
}

#[tokio::test]
async fn what_does_not_speak_tls_is_told_apart() {
    let server = Server::start(Config::default(), fixture).await;
    let refused = connect(
        &format!("https://{}", server.addr),
        Tls::default(),
        Transport::WebSocket,
    )
    .await;
    assert!(matches!(refused, Err(ClientError::Tls(_))), "{refused:?}");
    for pem in [
        "",
        "no certificate",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        assert!(
            matches!(Tls::with_roots(pem.as_bytes()), Err(ClientError::Tls(_))),
            "{pem:?}"
        );
    }
}
