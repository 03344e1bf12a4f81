use server::Config;
use shared::arena::input::Input;
use shared::ids::MatchId;
use shared::input::{InputPacket, VIEW_AGE_UNKNOWN};
use shared::look::Look;
use shared::message::{LobbyReply, LobbyRequest, PROTOCOL_VERSION, Refusal};
use shared::tick::Tick;
use tests::{TestClient, TestServer, without_bots};

const fn watch(protocol: u16, match_id: Option<MatchId>) -> LobbyRequest {
    LobbyRequest::Watch { protocol, match_id }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_watches_sees_the_match_and_is_not_in_it() {
    let server = TestServer::start(without_bots()).await;
    let mut ada = TestClient::connect(server.address()).await;
    let joined = ada.join("Ada").await;
    let mut viewer = TestClient::connect(server.address()).await;
    let watching = viewer.watch(None).await;
    assert_eq!(
        (watching.match_id, watching.roster),
        (joined.match_id, joined.roster)
    );
    viewer.look(Look::Follow(joined.entity));
    let seen = viewer.snapshot().await;
    assert_eq!(seen.own, None);
    assert_eq!(seen.entities.len(), 1);
    assert_eq!(server.metric("tickroom_people").await, 1.0);
    assert_eq!(server.metric("tickroom_viewers").await, 1.0);
    viewer.leave().await;
    server.metric_becomes("tickroom_viewers", 0.0).await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_comes_back_to_its_seat() {
    let server = TestServer::start(without_bots()).await;
    let mut viewer = TestClient::connect(server.address()).await;
    let LobbyReply::Seat { token } = viewer.ask(&watch(PROTOCOL_VERSION, None)).await else {
        panic!("a match starts for whoever looks");
    };
    let before = viewer.take_view(&token).await.expect("a fresh seat is good");
    viewer.snapshot().await;
    drop(viewer);
    server.metric_becomes("tickroom_seats_held", 1.0).await;
    let mut again = TestClient::connect(server.address()).await;
    let after = again.take_view(&token).await.expect("the seat is held");
    assert_eq!(after.match_id, before.match_id);
    again.snapshot().await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_watch_is_told_why() {
    let server = TestServer::start(Config {
        viewers_max: 1,
        ..without_bots()
    })
    .await;
    let mut viewer = TestClient::connect(server.address()).await;
    let id = viewer.watch(None).await.match_id;
    let mut late = TestClient::connect(server.address()).await;
    for (request, refusal) in [
        (watch(PROTOCOL_VERSION, Some(id)), Refusal::ViewersFull),
        (watch(PROTOCOL_VERSION, None), Refusal::ViewersFull),
        (watch(PROTOCOL_VERSION, Some(MatchId(99))), Refusal::MatchUnknown),
        (
            watch(PROTOCOL_VERSION - 1, None),
            Refusal::ProtocolMismatch {
                server: PROTOCOL_VERSION,
            },
        ),
    ] {
        assert_eq!(late.ask(&request).await, LobbyReply::Refused(refusal));
    }
    assert_eq!(server.metric("tickroom_viewers_refused_total").await, 2.0);
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_keeps_no_match_warm_has_nothing_to_show() {
    let server = TestServer::start(Config {
        warm_match: false,
        ..without_bots()
    })
    .await;
    let mut viewer = TestClient::connect(server.address()).await;
    let reply = viewer.ask(&watch(PROTOCOL_VERSION, None)).await;
    assert_eq!(reply, LobbyReply::Refused(Refusal::MatchUnknown));
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_that_sends_inputs_and_a_player_that_sends_looks_are_closed() {
    let server = TestServer::start(without_bots()).await;
    let mut player = TestClient::connect(server.address()).await;
    player.join("Ada").await;
    let mut viewer = TestClient::connect(server.address()).await;
    viewer.watch(None).await;
    player.emit("look", vec![0; 7]).await;
    let packet = InputPacket::new(Tick(0), Tick(1), vec![Input::default()], VIEW_AGE_UNKNOWN);
    viewer.send_input(&packet).await;
    for client in [&mut player, &mut viewer] {
        let (_, how) = client.until_closed().await;
        assert_eq!(how.map(|(_, reason)| reason).as_deref(), Some("malformed input"));
    }
    server.shutdown().await;
}
