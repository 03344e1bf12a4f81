use server::Config;
use shared::ids::PlayerId;
use shared::message::MatchChoice;
use shared::presence::Presence;
use tests::{TestClient, TestServer, without_bots};

/// Pings until everybody is told of like this, in any order.
async fn becomes(client: &mut TestClient, own: Presence, expected: &[(PlayerId, Presence)]) {
    let mut expected = expected.to_vec();
    expected.sort_unstable_by_key(|&(player, _)| player);
    while client.ping(own).await != expected {
        client.snapshot().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_of_a_match_hear_how_each_of_them_is_reached_and_so_does_who_watches() {
    let server = TestServer::start(Config {
        fill_to: 4,
        ..without_bots()
    })
    .await;
    let mut ada = TestClient::connect(server.address()).await;
    let ada_is = ada.join("Ada").await.player;
    let mut eve = TestClient::connect(server.address()).await;
    let eve_is = eve.join("Eve").await.player;
    let (near, far) = (Presence::measured(24), Presence::measured(180));
    // Neither the bots nor who has not said anything are made up.
    assert_eq!(
        ada.ping(near).await,
        [(ada_is, near), (eve_is, Presence::UNMEASURED)]
    );
    assert_eq!(eve.ping(far).await, [(ada_is, near), (eve_is, far)]);
    assert_eq!(ada.ping(Presence::AWAY).await[1], (eve_is, far));
    let mut viewer = TestClient::connect(server.address()).await;
    viewer.watch(None).await;
    let told = viewer.ping(Presence::measured(500)).await;
    assert_eq!(told, [(ada_is, Presence::AWAY), (eve_is, far)]);
    assert_eq!(eve.ping(far).await, told, "nobody is told of a viewer");
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lost_the_connection_is_away_until_the_seat_is_taken_again_and_who_left_is_told_of_no_more() {
    let server = TestServer::start(without_bots()).await;
    let mut ada = TestClient::connect(server.address()).await;
    let ada_is = ada.join("Ada").await.player;
    let mut eve = TestClient::connect(server.address()).await;
    let token = eve.seat("Eve", MatchChoice::Any).await;
    let eve_is = eve.take(&token).await.expect("a fresh seat is good").player;
    let near = Presence::measured(24);
    eve.ping(near).await;
    becomes(&mut ada, near, &[(ada_is, near), (eve_is, near)]).await;
    drop(eve);
    becomes(&mut ada, near, &[(ada_is, near), (eve_is, Presence::AWAY)]).await;
    let mut again = TestClient::connect(server.address()).await;
    again.take(&token).await.expect("the seat is held");
    assert_eq!(ada.ping(near).await[1], (eve_is, Presence::UNMEASURED));
    again.ping(near).await;
    becomes(&mut ada, near, &[(ada_is, near), (eve_is, near)]).await;
    again.leave().await;
    becomes(&mut ada, near, &[(ada_is, near)]).await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_match_is_told_nothing() {
    let server = TestServer::start(without_bots()).await;
    let mut ada = TestClient::connect(server.address()).await;
    ada.join("Ada").await;
    let mut eve = TestClient::connect(server.address()).await;
    let token = eve.seat("Eve", MatchChoice::New).await;
    let eve_is = eve.take(&token).await.expect("a fresh seat is good").player;
    ada.ping(Presence::measured(24)).await;
    let far = Presence::measured(180);
    assert_eq!(eve.ping(far).await, [(eve_is, far)]);
    server.shutdown().await;
}
