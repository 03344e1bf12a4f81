use std::net::SocketAddr;
use std::sync::Arc;

use server::Config;
use shared::message::{MatchChoice, ServerMessage};
use tests::{Received, TestClient, TestServer, without_bots};
use tokio::sync::Barrier;

#[tokio::test(flavor = "multi_thread")]
async fn the_list_shows_what_is_played() {
    let server = TestServer::start(Config {
        players_max: 4,
        ..without_bots()
    })
    .await;
    let mut ada = TestClient::connect(server.address()).await;
    assert_eq!(ada.list().await.0, []);
    let first = ada.join("Ada").await.match_id;
    let mut bob = TestClient::connect(server.address()).await;
    let token = bob.seat("Bob", MatchChoice::New).await;
    let second = bob.take(&token).await.expect("the seat is good").match_id;
    let (matches, _) = bob.list().await;
    let listed: Vec<_> = matches
        .iter()
        .map(|entry| (entry.match_id, entry.people, entry.places))
        .collect();
    assert_eq!(listed, [(first, 1, 4), (second, 1, 4)]);
    assert!(
        matches.iter().all(|entry| entry.phase == "warm-up"),
        "{matches:?}"
    );
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn matches_are_spread_over_the_shards_and_all_are_played() {
    let server = TestServer::start(Config {
        shards: 3,
        ..without_bots()
    })
    .await;
    let mut clients = Vec::new();
    for _ in 0..9 {
        let mut client = TestClient::connect(server.address()).await;
        let token = client.seat("Ada", MatchChoice::New).await;
        client.take(&token).await.expect("the seat is good");
        clients.push(client);
    }
    for client in &mut clients {
        client.snapshot().await;
    }
    for shard in 0..3 {
        let matches = server
            .metric(&format!("tickroom_shard_matches{{shard=\"{shard}\"}}"))
            .await;
        assert!(matches >= 1.0, "shard {shard}");
    }
    assert_eq!(server.metric("tickroom_shard_matches").await, 9.0);
    assert_eq!(server.metric("tickroom_shard_well").await, 3.0);
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_back_has_the_same_place() {
    let server = TestServer::start(without_bots()).await;
    let mut ada = TestClient::connect(server.address()).await;
    let token = ada.seat("Ada", MatchChoice::Any).await;
    let before = ada.take(&token).await.expect("the seat is good");
    ada.snapshot().await;
    drop(ada);
    server.metric_becomes("tickroom_seats_held", 1.0).await;

    let mut again = TestClient::connect(server.address()).await;
    let after = again.take(&token).await.expect("the seat is held");
    assert_eq!(
        (before.match_id, before.player, before.entity),
        (after.match_id, after.player, after.entity)
    );
    assert!(after.tick > before.tick);
    assert_eq!(again.snapshot().await.own_entity(), before.entity);
    server.metric_becomes("tickroom_seats_held", 0.0).await;
    assert_eq!(server.metric("tickroom_people").await, 1.0);
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_connection_takes_the_seat_and_the_other_is_told() {
    let server = TestServer::start(without_bots()).await;
    let mut old = TestClient::connect(server.address()).await;
    let token = old.seat("Ada", MatchChoice::Any).await;
    let before = old.take(&token).await.expect("the seat is good");
    let mut new = TestClient::connect(server.address()).await;
    let after = new.take(&token).await.expect("the seat is good");
    assert_eq!(before.player, after.player);

    let (messages, close) = old.until_closed().await;
    assert_eq!(messages.last(), Some(&ServerMessage::SeatTaken));
    assert_eq!(
        close.map(|(_, why)| why).as_deref(),
        Some("seat taken by another connection")
    );
    for _ in 0..5 {
        assert_eq!(new.snapshot().await.own_entity(), before.entity);
    }
    assert_eq!(server.metric("tickroom_seats_taken").await, 1.0);
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_ends_the_seat() {
    let server = TestServer::start(without_bots()).await;
    let mut ada = TestClient::connect(server.address()).await;
    let token = ada.seat("Ada", MatchChoice::Any).await;
    ada.take(&token).await.expect("the seat is good");
    ada.leave().await;
    server.metric_becomes("tickroom_people", 0.0).await;
    let mut again = TestClient::connect(server.address()).await;
    let refused = again.take(&token).await.expect_err("the seat is gone");
    assert!(refused.contains("expired"), "{refused}");
    server.shutdown().await;
}

/// Connections that take one seat at once.
const RACING: usize = 5;

/// Takes the seat and plays on; true when it still plays after half a second, false when it was told to go.
async fn keeps(server: SocketAddr, token: &str, start: &Barrier) -> bool {
    let mut client = TestClient::connect(server).await;
    start.wait().await;
    client.send_text(&format!("40{{\"token\":\"{token}\"}}")).await;
    let mut snapshots = 0;
    while snapshots < 10 {
        match client.next().await {
            Received::Snapshot(_) => snapshots += 1,
            Received::Closed(_) | Received::Disconnected => return false,
            _ => {}
        }
    }
    // Held open until all others have been judged.
    tokio::spawn(async move { client.until_closed().await });
    true
}

#[tokio::test(flavor = "multi_thread")]
async fn of_connections_that_race_for_a_seat_one_plays() {
    let server = TestServer::start(without_bots()).await;
    let mut lobby = TestClient::connect(server.address()).await;
    let token = lobby.seat("Ada", MatchChoice::Any).await;
    for round in 0..8 {
        let start = Arc::new(Barrier::new(RACING));
        let racing: Vec<_> = (0..RACING)
            .map(|_| {
                let (address, token, start) = (server.address(), token.clone(), Arc::clone(&start));
                tokio::spawn(async move { keeps(address, &token, &start).await })
            })
            .collect();
        let mut playing = 0;
        for one in racing {
            playing += u32::from(one.await.expect("the race is run"));
        }
        assert_eq!(playing, 1, "round {round}");
        assert_eq!(server.metric("tickroom_seats_taken").await, 1.0);
        assert_eq!(server.metric("tickroom_people").await, 1.0);
    }
    server.shutdown().await;
}
