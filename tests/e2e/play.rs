use server::Config;
use shared::arena::input::Input;
use shared::arena::state::Body;
use shared::codec;
use shared::ids::{EntityId, MatchId};
use shared::input::{InputPacket, VIEW_AGE_UNKNOWN};
use shared::message::{
    Joined, LobbyReply, LobbyRequest, MatchChoice, PROTOCOL_VERSION, Refusal, ServerMessage,
};
use shared::tick::Tick;
use tests::{TestClient, TestServer, wait_for, without_bots};

const RIGHT: Input = Input {
    move_x: 127,
    ..Input::NEUTRAL
};

fn two_places() -> Config {
    Config {
        players_max: 2,
        ..without_bots()
    }
}

/// Sends inputs for the next ticks after each snapshot; gives the own body in each of them.
async fn walk(client: &mut TestClient, entity: EntityId, input: Input, snapshots: usize) -> Vec<Body> {
    let mut states = Vec::new();
    while states.len() < snapshots {
        let snapshot = client.snapshot().await;
        let tick = snapshot.header.tick;
        let body = snapshot
            .entities
            .iter()
            .find(|(id, _)| *id == entity)
            .expect("the own entity is in the snapshot")
            .1
            .body;
        states.push(body);
        let packet = InputPacket::new(tick, tick.after(9), vec![input; 9], VIEW_AGE_UNKNOWN);
        client.send_input(&packet).await;
    }
    states
}

#[tokio::test(flavor = "multi_thread")]
async fn a_player_walks_and_another_sees_it() {
    let server = TestServer::start(two_places()).await;
    let mut ada = TestClient::connect(server.address()).await;
    let mut bob = TestClient::connect(server.address()).await;
    let in_ada = ada.join("Ada").await;
    let in_bob = bob.join("Bob").await;
    assert_eq!(in_ada.match_id, in_bob.match_id);

    let before = server.match_status(in_ada.match_id.0).await;
    let states = walk(&mut ada, in_ada.entity, RIGHT, 20).await;
    assert_ne!(
        states.first(),
        states.last(),
        "the snapshot shows the own player in another place"
    );

    let after = server.match_status(in_ada.match_id.0).await;
    let place = |status: &serde_json::Value| {
        let players = status["players"].as_array().expect("a list").clone();
        let ada = players
            .into_iter()
            .find(|player| player["name"] == "Ada")
            .expect("Ada plays");
        (ada["x"].as_f64(), ada["y"].as_f64())
    };
    assert_ne!(place(&before), place(&after), "the server's own position moved");

    let mut seen = Vec::new();
    for _ in 0..30 {
        let snapshot = bob.snapshot().await;
        seen.extend(
            snapshot
                .entities
                .iter()
                .filter(|(id, _)| *id == in_ada.entity)
                .map(|(_, state)| state.body.x),
        );
    }
    seen.dedup();
    assert!(seen.len() > 3, "the other one sees the steps: {seen:?}");
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_come_in_order_three_ticks_apart() {
    let server = TestServer::start(two_places()).await;
    let mut client = TestClient::connect(server.address()).await;
    let joined = client.join("Ada").await;
    let mut last: Option<Tick> = None;
    for _ in 0..20 {
        let snapshot = client.snapshot().await;
        assert_eq!(snapshot.own_entity(), joined.entity);
        let header = snapshot.header;
        if let Some(last) = last {
            assert!(
                header.tick > last && header.tick.since(last).is_multiple_of(3),
                "{last:?} {header:?}"
            );
        }
        last = Some(header.tick);
    }
    server.shutdown().await;
}

fn names(joined: &Joined) -> Vec<&str> {
    joined.roster.iter().map(|entry| entry.name.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_knows_who_plays() {
    let server = TestServer::start(two_places()).await;
    let mut ada = TestClient::connect(server.address()).await;
    let joined = ada.join("Ada").await;
    assert_eq!(names(&joined), ["Ada"]);
    assert!(codec::decode_map(&joined.setup).is_ok_and(|map| !map.walls.is_empty()));

    let mut bob = TestClient::connect(server.address()).await;
    let bob_joined = bob.join("<b>Bob</b>").await;
    assert_eq!(names(&bob_joined), ["Ada", "<b>Bob</b>"]);
    match ada.message().await {
        ServerMessage::PlayerJoined(entry) => assert_eq!(entry.name, "<b>Bob</b>"),
        other => panic!("expected Bob, got {other:?}"),
    }

    bob.leave().await;
    assert_eq!(
        ada.message().await,
        ServerMessage::PlayerLeft {
            player: bob_joined.player
        }
    );
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_join_at_once_all_know_each_other() {
    let server = TestServer::start(Config {
        players_max: 16,
        ..without_bots()
    })
    .await;
    let mut clients = Vec::new();
    for _ in 0..8 {
        clients.push(TestClient::connect(server.address()).await);
    }
    let joining = clients.into_iter().enumerate().map(|(index, mut client)| {
        tokio::spawn(async move {
            let joined = client.join(&format!("Player {index}")).await;
            (client, joined.roster.len())
        })
    });
    let joining: Vec<_> = joining.collect();
    let mut joined = Vec::new();
    for task in joining {
        joined.push(task.await.expect("joining works"));
    }
    for (mut client, mut known) in joined {
        while known < 8 {
            match client.message().await {
                ServerMessage::PlayerJoined(_) => known += 1,
                other => panic!("expected another player, got {other:?}"),
            }
        }
        assert_eq!(known, 8);
    }
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bots_fill_a_match_and_wander() {
    let server = TestServer::start(Config {
        fill_to: 5,
        ..Config::default()
    })
    .await;
    let mut client = TestClient::connect(server.address()).await;
    let joined = client.join("Ada").await;
    wait_for("four bots", async || {
        let status = server.match_status(joined.match_id.0).await;
        let players = status["players"].as_array().expect("a list");
        players.iter().filter(|player| player["bot"] == true).count() == 4
    })
    .await;
    let first = client.snapshot().await;
    let mut last = client.snapshot().await;
    for _ in 0..40 {
        last = client.snapshot().await;
    }
    let moved = last
        .entities
        .iter()
        .filter(|entity| !first.entities.contains(entity))
        .count();
    assert!(moved >= 4, "{moved} of {} moved", last.entities.len());
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_match_makes_room_in_a_new_one_and_a_full_server_says_so() {
    let server = TestServer::start(Config {
        matches_max: 2,
        ..two_places()
    })
    .await;
    let mut clients = Vec::new();
    let mut matches = Vec::new();
    for name in ["Ada", "Bob", "Cleo", "Dan"] {
        let mut client = TestClient::connect(server.address()).await;
        matches.push(client.join(name).await.match_id);
        clients.push(client);
    }
    assert_eq!((matches[0], matches[2]), (matches[1], matches[3]));
    assert_ne!(matches[0], matches[2]);
    let mut late = TestClient::connect(server.address()).await;
    assert_eq!(
        late.ask(&join("Eve")).await,
        LobbyReply::Refused(Refusal::ServerFull)
    );
    clients.pop().expect("there are four").leave().await;
    wait_for("a free place", async || {
        let mut probe = TestClient::connect(server.address()).await;
        matches!(probe.ask(&join("Eve")).await, LobbyReply::Seat { .. })
    })
    .await;
    server.shutdown().await;
}

fn join(name: &str) -> LobbyRequest {
    join_where(name, MatchChoice::Any)
}

fn join_where(name: &str, choice: MatchChoice) -> LobbyRequest {
    LobbyRequest::Join {
        protocol: PROTOCOL_VERSION,
        name: name.into(),
        choice,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seat_that_cannot_be_given_is_refused_with_the_reason() {
    let server = TestServer::start(two_places()).await;
    let mut client = TestClient::connect(server.address()).await;
    let other_version = LobbyRequest::Join {
        protocol: 999,
        name: "Ada".into(),
        choice: MatchChoice::Any,
    };
    let check = async |client: &mut TestClient, request: &LobbyRequest, refusal| {
        assert_eq!(client.ask(request).await, LobbyReply::Refused(refusal));
    };
    check(
        &mut client,
        &other_version,
        Refusal::ProtocolMismatch {
            server: PROTOCOL_VERSION,
        },
    )
    .await;
    check(&mut client, &join("   "), Refusal::NameInvalid).await;
    check(&mut client, &join(&"x".repeat(25)), Refusal::NameInvalid).await;
    check(
        &mut client,
        &join_where("Ada", MatchChoice::Id(MatchId(77))),
        Refusal::MatchUnknown,
    )
    .await;
    let id = client.join("Ada").await.match_id;
    let mut bob = TestClient::connect(server.address()).await;
    bob.seat("Bob", MatchChoice::Id(id)).await;
    check(
        &mut bob,
        &join_where("Bob", MatchChoice::Id(id)),
        Refusal::MatchFull,
    )
    .await;
    assert!(server.metric("tickroom_joins_refused_total").await >= 5.0);
    server.shutdown().await;
}
