use server::Config;
use shared::message::{
    LobbyReply, LobbyRequest, MatchChoice, MatchEnd, PROTOCOL_VERSION, Refusal, ServerMessage,
};
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
        let closing = ServerMessage::ServerClosing { in_s: 0 };
        assert!(messages.contains(&closing), "{messages:?}");
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

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_drains_is_played_on_until_the_last_player_has_left() {
    let server = TestServer::start(Config {
        drain_s: 3600,
        ..without_bots()
    })
    .await;
    let mut ada = TestClient::connect(server.address()).await;
    ada.join("Ada").await;
    let ((), ()) = tokio::join!(
        async {
            let told = ada.message().await;
            assert_eq!(told, ServerMessage::ServerClosing { in_s: 3600 });
            ada.snapshot().await;
            ada.snapshot().await;
            let mut late = TestClient::connect(server.address()).await;
            let request = LobbyRequest::Join {
                protocol: PROTOCOL_VERSION,
                name: "Late".into(),
                choice: MatchChoice::Any,
            };
            let refused = LobbyReply::Refused(Refusal::ServerClosing);
            assert_eq!(late.ask(&request).await, refused);
            ada.leave().await;
        },
        server.drain()
    );
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_players_does_not_wait() {
    let server = TestServer::start(Config {
        drain_s: 3600,
        ..without_bots()
    })
    .await;
    server.drain().await;
    server.shutdown().await;
}
