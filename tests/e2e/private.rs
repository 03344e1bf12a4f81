//! Private matches: the way in is a code, and nothing else.

use server::Config;
use shared::codec::decode_map;
use shared::match_code::MatchCode;
use shared::message::{
    LobbyReply, LobbyRequest, MatchChoice, PROTOCOL_VERSION, Refusal, ServerMessage, Wish,
};
use tests::{TestClient, TestServer, without_bots};

fn join(choice: MatchChoice) -> LobbyRequest {
    LobbyRequest::Join {
        protocol: PROTOCOL_VERSION,
        name: "Eve".into(),
        choice,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_match_is_found_by_its_code_alone() {
    let server = TestServer::start(without_bots()).await;
    let mut ada = TestClient::connect(server.address()).await;
    let token = ada.seat("Ada", MatchChoice::Private(Wish::default())).await;
    let private = ada.take(&token).await.expect("the seat is good");
    let code = private.code.expect("its creator is told the code");

    let mut eve = TestClient::connect(server.address()).await;
    assert_eq!(eve.list().await.0, []);
    let by_number = eve.ask(&join(MatchChoice::Id(private.match_id))).await;
    assert_eq!(by_number, LobbyReply::Refused(Refusal::MatchUnknown));
    let open = eve.join("Eve").await;
    assert_ne!(open.match_id, private.match_id, "nobody is placed there");
    assert_eq!(open.code, None);

    let mut bob = TestClient::connect(server.address()).await;
    let token = bob.seat("Bob", MatchChoice::Code(code)).await;
    let joined = bob.take(&token).await.expect("the seat is good");
    assert_eq!((joined.match_id, joined.code), (private.match_id, Some(code)));
    assert_eq!(joined.roster.len(), 2);

    let other = MatchCode::parse("BCDFGHJKMN").expect("it is well-formed");
    let wrong = bob.ask(&join(MatchChoice::Code(other))).await;
    assert_eq!(wrong, LobbyReply::Refused(Refusal::CodeUnknown));
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_private_match_says_so_and_each_has_a_code_of_its_own() {
    let server = TestServer::start(Config {
        players_max: 1,
        ..without_bots()
    })
    .await;
    let mut codes = Vec::new();
    for _ in 0..2 {
        let mut ada = TestClient::connect(server.address()).await;
        let token = ada.seat("Ada", MatchChoice::Private(Wish::default())).await;
        let joined = ada.take(&token).await.expect("the seat is good");
        codes.push(joined.code.expect("its creator is told the code"));
        let mut bob = TestClient::connect(server.address()).await;
        let full = bob.ask(&join(MatchChoice::Code(codes[0]))).await;
        assert_eq!(full, LobbyReply::Refused(Refusal::MatchFull));
        // Both stay.
        tokio::spawn(async move { ada.until_closed().await });
    }
    assert_ne!(codes[0], codes[1]);
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn private_matches_leave_room_for_others_and_come_at_a_bounded_rate() {
    let server = TestServer::start(Config {
        private_matches_max: 2,
        ..without_bots()
    })
    .await;
    let mut eve = TestClient::connect(server.address()).await;
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(
            match eve.ask(&join(MatchChoice::Private(Wish::default()))).await {
                LobbyReply::Refused(refusal) => Some(refusal),
                _ => None,
            },
        );
        // What a connection may ask is not renewed by going out and coming in.
        eve.leave_lobby().await;
    }
    let expected = [None, None, Some(Refusal::PrivateFull), Some(Refusal::Busy)];
    assert_eq!(answers, expected);
    assert_eq!(server.metric("tickroom_private_matches_refused_total").await, 2.0);
    let mut ada = TestClient::connect(server.address()).await;
    ada.join("Ada").await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_a_match_that_is_over_opens_nothing() {
    let server = TestServer::start(Config {
        empty_s: 0,
        ..without_bots()
    })
    .await;
    let mut ada = TestClient::connect(server.address()).await;
    let token = ada.seat("Ada", MatchChoice::Private(Wish::default())).await;
    let code = ada.take(&token).await.expect("the seat is good").code;
    let code = code.expect("its creator is told the code");
    ada.leave().await;
    server.metric_becomes("tickroom_matches_running", 0.0).await;
    let mut bob = TestClient::connect(server.address()).await;
    let stale = bob.ask(&join(MatchChoice::Code(code))).await;
    assert_eq!(stale, LobbyReply::Refused(Refusal::CodeUnknown));
    server.shutdown().await;
}

fn wish(mode: &str, map: &str) -> MatchChoice {
    let named = |name: &str| (!name.is_empty()).then(|| name.to_owned());
    MatchChoice::Private(Wish {
        mode: named(mode),
        map: named(map),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_match_is_played_as_its_creator_wished() {
    let server = TestServer::start(Config {
        warm_up_s: 0,
        countdown_s: 0,
        live_s: 1,
        sudden_death_s: 0,
        results_s: 0,
        ..without_bots()
    })
    .await;
    let mut ada = TestClient::connect(server.address()).await;
    let (_, offer) = ada.list().await;
    assert_eq!(offer.modes, ["ffa", "teams"]);
    let last = offer.maps.last().expect("there are maps").clone();
    let token = ada.seat("Ada", wish("teams", &last)).await;
    let joined = ada.take(&token).await.expect("the seat is good");
    let mut setup = joined.setup;
    // The map stays from round to round.
    for _ in 0..3 {
        assert_eq!(decode_map(&setup).expect("it is a map").name, last);
        assert!(ada.snapshot().await.status.teams.is_some());
        setup = loop {
            if let ServerMessage::Setup(setup) = ada.message().await {
                break setup;
            }
        };
    }
    // What is open is as everywhere: the mode of the server, and all maps in turn.
    let mut bob = TestClient::connect(server.address()).await;
    let token = bob.seat("Bob", wish("", "")).await;
    let first = bob.take(&token).await.expect("the seat is good").setup;
    assert_eq!(bob.snapshot().await.status.teams, None);
    let next = loop {
        if let ServerMessage::Setup(setup) = bob.message().await {
            break setup;
        }
    };
    assert_ne!(first, next);
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_that_the_server_does_not_know_is_refused_and_starts_nothing() {
    let server = TestServer::start(without_bots()).await;
    let long = "x".repeat(300);
    for (choice, expected) in [
        (wish("capture", ""), Refusal::ModeUnknown),
        (wish("ffa", "Atlantis"), Refusal::MapUnknown),
        (wish("", &long), Refusal::MapUnknown),
        (wish(&long, ""), Refusal::ModeUnknown),
    ] {
        // A connection may begin few private matches, so each has its own.
        let mut eve = TestClient::connect(server.address()).await;
        assert_eq!(eve.ask(&join(choice)).await, LobbyReply::Refused(expected));
    }
    assert_eq!(server.metric("tickroom_matches_running").await, 0.0);
    server.shutdown().await;
}
