use shared::message::{MatchEnd, ServerMessage};
use tests::{TestClient, TestServer, without_bots};

#[tokio::test(flavor = "multi_thread")]
async fn players_are_told_before_their_connections_close() {
    let server = TestServer::start(without_bots()).await;
    let mut player = TestClient::connect(server.address()).await;
    player.join("Ada").await;
    let mut visitor = TestClient::connect(server.address()).await;
    visitor.join("Bob").await;
    let address = server.address();
    let (_, told, seen) = tokio::join!(server.shutdown(), player.until_closed(), visitor.until_closed());
    for (messages, close) in [told, seen] {
        assert!(messages.contains(&ServerMessage::ServerClosing), "{messages:?}");
        assert!(!messages.contains(&ServerMessage::MatchEnded {
            reason: MatchEnd::Crashed
        }));
        assert_eq!(close.map(|(_, why)| why).as_deref(), Some("server shutting down"));
    }
    assert!(
        tokio::net::TcpStream::connect(address).await.is_err(),
        "nobody listens any more"
    );
}
