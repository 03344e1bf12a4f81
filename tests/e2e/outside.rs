use server::Config;
use tests::{TestClient, TestServer, get};

async fn check(server: &TestServer, path: &str, code: u16, part: &str) {
    let (found, body) = get(server.address(), path).await;
    assert_eq!(found, code, "{path}: {body}");
    assert!(body.contains(part), "{path}: {body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_answers_over_http() {
    let server = TestServer::start(Config::default()).await;
    check(&server, "/healthz", 200, "\"status\":\"ok\"").await;
    check(&server, "/api/matches", 200, "\"matches\":[]").await;
    check(&server, "/api/matches/1", 404, "no such match").await;
    check(&server, "/api/matches/one", 400, "whole number").await;
    check(&server, "/no/such/page", 404, "the game is at /").await;
    check(&server, "/", 200, "<title>").await;
    check(&server, "/metrics", 200, "tickroom_matches_running 0").await;
    let mut client = TestClient::connect(server.address()).await;
    let joined = client.join("Ada").await;
    check(&server, "/api/matches", 200, "\"people\":1").await;
    check(
        &server,
        &format!("/api/matches/{}", joined.match_id),
        200,
        "\"name\":\"Ada\"",
    )
    .await;
    check(&server, "/metrics", 200, "tickroom_matches_running 1").await;
    check(&server, "/metrics", 200, "tickroom_tick_us_bucket{le=\"+Inf\"}").await;
    check(
        &server,
        "/metrics",
        200,
        "tickroom_tick_late_us_bucket{le=\"+Inf\"}",
    )
    .await;
    check(&server, "/metrics", 200, "tickroom_shard_shed{shard=\"0\"} 0").await;
    check(&server, "/admin", 200, "<title>").await;
    for part in [
        "\"name\":\"Tickroom\"",
        "\"matches_count\":1",
        "\"people\":1",
        "\"viewers\":0",
        "\"health\":\"well\"",
    ] {
        check(&server, "/api/overview", 200, part).await;
    }
    server.shutdown().await;
}
