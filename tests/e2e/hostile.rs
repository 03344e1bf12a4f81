use server::Config;
use shared::arena::input::Input;
use shared::codec::encode_lobby_request;
use shared::input::{InputPacket, VIEW_AGE_UNKNOWN};
use shared::limits::INPUT_BYTES_MAX;
use shared::message::{LobbyReply, LobbyRequest, MatchChoice, PROTOCOL_VERSION, Refusal};
use shared::tick::Tick;
use tests::{Received, TestClient, TestServer, without_bots};

/// One hostile client does `attack`; it must be closed with this code and text, `figure` must rise, and a player beside it
/// must not notice.
async fn check(figure: &str, close: (u16, &str), attack: impl AsyncFnOnce(&mut TestClient)) {
    let server = TestServer::start(without_bots()).await;
    let mut player = TestClient::connect(server.address()).await;
    player.join("Ada").await;
    let mut attacker = TestClient::connect(server.address()).await;
    attacker.join("Mallory").await;

    attack(&mut attacker).await;
    let (_, closed) = attacker.until_closed().await;
    let (code, text) = closed.expect("the close says why");
    assert_eq!((code, text.as_str()), close);
    assert_eq!(server.metric(figure).await, 1.0, "{figure}");

    for _ in 0..10 {
        player.snapshot().await;
    }
    server.metric_becomes("tickroom_seats_taken", 1.0).await;
    server.metric_becomes("tickroom_connections_open", 1.0).await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_that_does_not_decode_closes_its_sender() {
    check(
        "tickroom_inputs_malformed_total",
        (1008, "malformed input"),
        async |client| {
            client.emit("input", vec![1, 2, 3]).await;
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_above_its_bound_closes_its_sender() {
    check(
        "tickroom_inputs_malformed_total",
        (1008, "malformed input"),
        async |client| {
            client.emit("input", vec![0; INPUT_BYTES_MAX + 1]).await;
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_without_bytes_closes_its_sender() {
    check(
        "tickroom_inputs_malformed_total",
        (1008, "malformed input"),
        async |client| {
            client.send_text("42[\"input\",\"left\"]").await;
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_does_not_decode_closes_its_sender() {
    check(
        "tickroom_messages_malformed_total",
        (1008, "malformed message"),
        async |client| {
            client.emit_to("/lobby", "message", vec![200, 200]).await;
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_packet_closes_its_sender() {
    check(
        "tickroom_parse_errors_total",
        (1008, "parse error"),
        async |client| {
            client.send_text("42[\"input\"").await;
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oversized_payload_closes_its_sender() {
    check(
        "tickroom_payload_too_large_total",
        (1009, "payload too large"),
        async |client| {
            client.send_binary(vec![0; 2_000_000]).await;
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_stops_reading_is_closed_and_its_memory_is_bounded() {
    let server = TestServer::start(Config {
        outbox_bytes_max: 65_536,
        ..without_bots()
    })
    .await;
    let mut player = TestClient::connect(server.address()).await;
    player.join("Ada").await;
    let mut deaf = TestClient::connect(server.address()).await;
    deaf.join("Deaf").await;

    // It asks and asks, and never reads an answer: the kernel's buffers fill, then its outbox.
    let asking = tokio::spawn(async move {
        for _ in 0..2_000_000 {
            if !deaf.send_text("429[\"ping\"]").await {
                break;
            }
        }
        deaf
    });
    while server.metric("tickroom_slow_consumers_total").await < 1.0 {
        player.snapshot().await;
        assert!(server.metric("tickroom_outbox_bytes").await <= 65_536.0 + 32_768.0);
    }
    server.metric_becomes("tickroom_seats_taken", 1.0).await;
    server.metric_becomes("tickroom_outbox_bytes", 0.0).await;
    player.snapshot().await;
    asking.abort();
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_inputs_a_second_close_their_sender() {
    check(
        "tickroom_input_floods_total",
        (1008, "too many inputs"),
        async |client| {
            let mut bytes = Vec::new();
            let packet = InputPacket::new(Tick(0), Tick(1), vec![Input::default()], VIEW_AGE_UNKNOWN);
            packet.encode(&mut bytes);
            for _ in 0..1000 {
                client.emit("input", bytes.clone()).await;
            }
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ping_that_says_what_means_nothing_closes_its_sender() {
    for said in ["256", "-1", "1.5", "null", "\"12\"", "[12]", "{}", "1e300"] {
        check(
            "tickroom_inputs_malformed_total",
            (1008, "malformed input"),
            async |client| {
                client.send_text(&format!("420[\"ping\",{said}]")).await;
            },
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ping_with_bytes_closes_its_sender() {
    check(
        "tickroom_inputs_malformed_total",
        (1008, "malformed input"),
        async |client| {
            client.emit("ping", vec![12]).await;
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_pings_a_second_that_ask_for_everybody_close_their_sender() {
    check(
        "tickroom_input_floods_total",
        (1008, "too many inputs"),
        async |client| {
            for _ in 0..1000 {
                client.send_text("420[\"ping\",12]").await;
            }
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_ten_kilobytes_closes_its_sender() {
    check(
        "tickroom_messages_malformed_total",
        (1008, "malformed message"),
        async |client| {
            let request = LobbyRequest::Join {
                protocol: PROTOCOL_VERSION,
                name: "x".repeat(10_000),
                choice: MatchChoice::Any,
            };
            client
                .emit_to("/lobby", "message", encode_lobby_request(&request))
                .await;
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_with_markup_stays_text() {
    let server = TestServer::start(Config::default()).await;
    let mut client = TestClient::connect(server.address()).await;
    let name = "<img src=x onerror=1>";
    let joined = client.join(name).await;
    assert!(joined.roster.iter().any(|entry| entry.name == name));
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_events_are_ignored_and_counted() {
    let server = TestServer::start(Config::default()).await;
    let mut client = TestClient::connect(server.address()).await;
    client.join("Ada").await;
    client.send_text("42[\"dance\",1]").await;
    client.send_text("42/lobby,[\"sing\"]").await;
    server.metric_becomes("tickroom_events_unknown_total", 2.0).await;
    client.snapshot().await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn inputs_for_a_match_one_has_left_are_ignored_and_counted() {
    let server = TestServer::start(without_bots()).await;
    let mut player = TestClient::connect(server.address()).await;
    player.join("Ada").await;
    let mut gone = TestClient::connect(server.address()).await;
    gone.join("Bob").await;
    gone.leave().await;
    server.metric_becomes("tickroom_people", 1.0).await;
    let packet = InputPacket::new(Tick(0), Tick(1), vec![Input::default()], VIEW_AGE_UNKNOWN);
    for _ in 0..5 {
        gone.send_input(&packet).await;
    }
    server
        .metric_becomes("tickroom_inputs_without_match_total", 5.0)
        .await;
    player.snapshot().await;
    assert!(
        matches!(gone.ask(&LobbyRequest::List).await, LobbyReply::Matches { .. }),
        "the connection stays"
    );
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_the_lobby_is_refused_and_starts_no_matches() {
    let server = TestServer::start(Config::default()).await;
    let mut client = TestClient::connect(server.address()).await;
    let request = LobbyRequest::Join {
        protocol: PROTOCOL_VERSION,
        name: "Mallory".into(),
        choice: MatchChoice::New,
    };
    let mut refused = 0;
    for _ in 0..60 {
        if client.ask(&request).await == LobbyReply::Refused(Refusal::Busy) {
            refused += 1;
        }
    }
    assert!(refused > 0);
    assert_eq!(
        server.metric("tickroom_lobby_requests_refused_total").await,
        f64::from(refused)
    );
    assert!(server.metric("tickroom_matches_started_total").await <= 3.0);
    assert!(server.metric("tickroom_people").await <= 3.0);
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_refused_and_the_connection_stays() {
    let server = TestServer::start(Config::default()).await;
    let mut client = TestClient::connect(server.address()).await;
    for auth in [
        "",
        "{}",
        "{\"token\":7}",
        "{\"token\":\"0123456789abcdef0123456789abcdef\"}",
    ] {
        client.send_text(&format!("40{auth}")).await;
        match client.next().await {
            Received::Refused(why) => assert!(why.contains("/lobby"), "{why}"),
            other => panic!("expected a refusal, got {other:?}"),
        }
    }
    assert_eq!(server.metric("tickroom_seats_refused_total").await, 4.0);
    client.join("Ada").await;
    server.shutdown().await;
}
