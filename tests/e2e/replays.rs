use std::fs;
use std::path::PathBuf;

use server::Config;
use shared::message::{
    LobbyReply, LobbyRequest, MatchChoice, MatchEnd, PROTOCOL_VERSION, Refusal, ServerMessage, Wish,
};
use shared::steer::Speed;
use shared::tick::Tick;
use tests::{ArenaSnapshot, PollingClient, TestClient, TestServer};

/// A directory of its own for each test, gone afterwards.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tickroom-e2e-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("the temporary folder is writable");
        Self(path)
    }

    /// Rounds of seconds, bots, and a match that ends with its last player.
    fn config(&self) -> Config {
        Config {
            record_dir: Some(self.0.clone()),
            fill_to: 4,
            empty_s: 0,
            warm_up_s: 0,
            countdown_s: 0,
            live_s: 1,
            sudden_death_s: 0,
            results_s: 0,
            ..Config::default()
        }
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.0).expect("it is there");
        entries
            .map(|entry| entry.expect("it can be read").path())
            .collect()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // It may be in use by a test that failed.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn open(name: &str) -> LobbyRequest {
    LobbyRequest::Replay {
        protocol: PROTOCOL_VERSION,
        name: name.to_owned(),
        tick: Tick(0),
    }
}

/// Plays until so many snapshots have come, and leaves; the recording is written then. Gives what was seen.
async fn play(server: &TestServer, snapshots: usize, choice: MatchChoice) -> Vec<ArenaSnapshot> {
    let mut ada = TestClient::connect(server.address()).await;
    let token = ada.seat("Ada", choice).await;
    ada.take(&token).await.expect("a fresh seat is good");
    let mut seen = Vec::new();
    for _ in 0..snapshots {
        seen.push(ada.snapshot().await);
    }
    ada.leave().await;
    server
        .metric_becomes("tickroom_recordings_written_total", 1.0)
        .await;
    seen
}

async fn names(client: &mut TestClient) -> Vec<String> {
    match client.ask(&LobbyRequest::Replays).await {
        LobbyReply::Replays(replays) => replays.into_iter().map(|replay| replay.name).collect(),
        other => panic!("expected recordings, got {other:?}"),
    }
}

/// Records a match; gives its name and what its player saw.
async fn recorded(server: &TestServer, snapshots: usize) -> (String, Vec<ArenaSnapshot>) {
    let seen = play(server, snapshots, MatchChoice::Any).await;
    let mut client = TestClient::connect(server.address()).await;
    (names(&mut client).await.remove(0), seen)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_moment_of_a_recording_is_what_its_player_saw_whichever_way_it_is_reached() {
    let scratch = Scratch::new("moments");
    let server = TestServer::start(scratch.config()).await;
    let (name, seen) = recorded(&server, 60).await;
    let mut viewer = TestClient::connect(server.address()).await;
    let first = viewer.watch_replay(&name, seen[30].header.tick).await;
    assert_eq!(first.watching.tick, seen[30].header.tick);
    assert!(first.end_tick >= seen[59].header.tick);
    for index in [59, 3, 30, 29, 31, 0, 58] {
        let live = &seen[index];
        let at = viewer.steer(Speed::PAUSED, Some(live.header.tick)).await;
        assert_eq!((at.watching.tick, at.speed_quarters), (live.header.tick, 0));
        let shown = viewer.snapshot().await;
        assert_eq!(shown.header.tick, live.header.tick);
        assert_eq!((&shown.entities, shown.status), (&live.entities, live.status));
        let people = at.watching.roster.iter().filter(|entry| !entry.bot);
        assert_eq!(
            people.map(|entry| entry.name.as_str()).collect::<Vec<_>>(),
            ["Ada"]
        );
    }
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_goes_on_at_its_speed_and_tells_who_comes() {
    let scratch = Scratch::new("speed");
    let server = TestServer::start(scratch.config()).await;
    let (name, _) = recorded(&server, 60).await;
    let mut viewer = TestClient::connect(server.address()).await;
    assert!(
        viewer
            .watch_replay(&name, Tick(0))
            .await
            .watching
            .roster
            .is_empty()
    );
    for _ in 0..3 {
        viewer.snapshot().await;
    }
    let told = viewer.told();
    let joins = told
        .iter()
        .filter(|message| matches!(message, ServerMessage::PlayerJoined(_)));
    assert!(joins.count() >= 4, "{told:?}");
    for (quarters, interval) in [(4, 3), (8, 6), (16, 12), (1, 3)] {
        let speed = Speed::parse(quarters).expect("there is this speed");
        let at = viewer.steer(speed, Some(Tick(24))).await;
        assert_eq!(
            (at.watching.snapshot_interval_ticks, at.speed_quarters),
            (interval, quarters)
        );
        assert_eq!(viewer.snapshot().await.header.tick, Tick(24));
        let next = viewer.snapshot().await.header.tick.0;
        assert!(next > 24 && next.is_multiple_of(interval.into()), "{next}");
    }
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_shown_to_its_viewer_alone_and_ends_when_that_leaves() {
    let scratch = Scratch::new("limits");
    let server = TestServer::start(Config {
        replays_max: 1,
        ..scratch.config()
    })
    .await;
    let (name, _) = recorded(&server, 5).await;
    let mut viewer = TestClient::connect(server.address()).await;
    viewer.watch_replay(&name, Tick(0)).await;
    assert_eq!(server.metric("tickroom_replays_open").await, 1.0);
    assert_eq!(
        server.metric("tickroom_matches_running").await,
        0.0,
        "it is none of the matches"
    );
    let mut late = TestClient::connect(server.address()).await;
    assert_eq!(
        late.ask(&open(&name)).await,
        LobbyReply::Refused(Refusal::ReplaysFull)
    );
    viewer.leave().await;
    server.metric_becomes("tickroom_replays_open", 0.0).await;
    late.watch_replay(&name, Tick(u32::MAX)).await;
    assert_eq!(server.metric("tickroom_replays_refused_total").await, 1.0);
    server.shutdown().await;
    let (told, _) = late.until_closed().await;
    assert!(
        !told.contains(&ServerMessage::MatchEnded {
            reason: MatchEnd::Diverged
        }),
        "{told:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_opens_another_recording_ends_the_one_before() {
    let scratch = Scratch::new("another");
    let server = TestServer::start(Config {
        replays_max: 1,
        ..scratch.config()
    })
    .await;
    let (name, _) = recorded(&server, 5).await;
    let mut lobby = TestClient::connect(server.address()).await;
    let LobbyReply::Seat { token } = lobby.ask(&open(&name)).await else {
        panic!("it is free");
    };
    let mut viewer = TestClient::connect(server.address()).await;
    viewer.send_text(&format!("40{{\"token\":\"{token}\"}}")).await;
    viewer.replaying().await;
    let another = lobby.ask(&open(&name)).await;
    assert!(matches!(another, LobbyReply::Seat { .. }), "{another:?}");
    let ended = ServerMessage::MatchEnded {
        reason: MatchEnd::Closed,
    };
    while viewer.message().await != ended {}
    assert_eq!(server.metric("tickroom_replays_open").await, 1.0);
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_match_that_goes_on_can_be_watched_by_the_name_its_players_are_told_and_a_private_one_when_it_is_over()
 {
    let scratch = Scratch::new("unfinished");
    let server = TestServer::start(scratch.config()).await;
    let mut players = Vec::new();
    for choice in [MatchChoice::Any, MatchChoice::Private(Wish::default())] {
        let mut ada = TestClient::connect(server.address()).await;
        let token = ada.seat("Ada", choice.clone()).await;
        let joined = ada.take(&token).await.expect("a fresh seat is good");
        let name = joined.recording.expect("it is recorded");
        assert_eq!(name.contains("private"), joined.code.is_some(), "{name}");
        let mut seen = Vec::new();
        let path = scratch.0.join(&name).with_extension("part");
        while !fs::metadata(&path).is_ok_and(|file| file.len() > 0) || seen.len() < 20 {
            seen.push(ada.snapshot().await);
        }
        let mut viewer = TestClient::connect(server.address()).await;
        let moment = seen[5].header.tick;
        if joined.code.is_some() {
            let refused = LobbyReply::Refused(Refusal::ReplayUnknown);
            assert_eq!(viewer.ask(&open(&name)).await, refused, "it is still played");
            ada.leave().await;
            tests::wait_for("the recording to be whole", async || !path.exists()).await;
        }
        let first = viewer.watch_replay(&name, moment).await;
        assert!(first.end_tick >= Tick(60), "{:?}", first.end_tick);
        let shown = viewer.snapshot().await;
        assert_eq!(
            (shown.header.tick, shown.entities),
            (moment, seen[5].entities.clone())
        );
        assert!(
            !names(&mut viewer).await.contains(&name),
            "it is no whole one yet, or private"
        );
        // The first ends with the server, so that it goes on while the other is watched.
        players.push(ada);
    }
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_sent_as_often_as_this_server_sends_matches() {
    let scratch = Scratch::new("rate");
    let server = TestServer::start(scratch.config()).await;
    let (name, _) = recorded(&server, 5).await;
    server.shutdown().await;
    let server = TestServer::start(Config {
        snapshot_hz: 30,
        ..scratch.config()
    })
    .await;
    let mut viewer = TestClient::connect(server.address()).await;
    let first = viewer.watch_replay(&name, Tick(0)).await;
    assert_eq!(first.watching.snapshot_interval_ticks, 2);
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_back_sees_the_recording_where_it_was() {
    let scratch = Scratch::new("resume");
    let server = TestServer::start(scratch.config()).await;
    let (name, seen) = recorded(&server, 30).await;
    let mut viewer = TestClient::connect(server.address()).await;
    let LobbyReply::Seat { token } = viewer.ask(&open(&name)).await else {
        panic!("it is free");
    };
    viewer.send_text(&format!("40{{\"token\":\"{token}\"}}")).await;
    viewer.replaying().await;
    let moment = viewer.steer(Speed::PAUSED, Some(seen[20].header.tick)).await;
    drop(viewer);
    server.metric_becomes("tickroom_seats_held", 1.0).await;
    let mut again = TestClient::connect(server.address()).await;
    again.send_text(&format!("40{{\"token\":\"{token}\"}}")).await;
    assert_eq!(again.replaying().await, moment);
    assert_eq!(again.snapshot().await.entities, seen[20].entities);
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_is_paused_before_the_first_poll_is_seen_all_the_same() {
    let scratch = Scratch::new("polling");
    let server = TestServer::start(scratch.config()).await;
    let (name, _) = recorded(&server, 30).await;
    let mut lobby = TestClient::connect(server.address()).await;
    let LobbyReply::Seat { token } = lobby.ask(&open(&name)).await else {
        panic!("it is free");
    };
    let viewer = PollingClient::connect(server.address()).await;
    viewer.send(&format!("40{{\"token\":\"{token}\"}}")).await;
    let held = async || server.metric("tickroom_snapshots_held_total").await > 0.0;
    tests::wait_for("a snapshot that finds no poll", held).await;
    // Paused at tick 30, in the base64 of a payload.
    let steer = "451-[\"steer\",{\"_placeholder\":true,\"num\":0}]\u{1e}bAB4AAAA=";
    viewer.send(steer).await;
    let mut seen = viewer.poll().await;
    while !seen.contains("[\"snapshot\"") {
        seen = viewer.poll().await;
        assert_ne!(seen, "2", "nothing but a heartbeat has come for long");
    }
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_shown_is_refused_with_its_reason_and_not_listed() {
    let scratch = Scratch::new("refusals");
    let server = TestServer::start(scratch.config()).await;
    let (name, _) = recorded(&server, 5).await;
    let path = scratch.0.join(&name).with_extension("replay");
    let good = fs::read(&path).expect("it was written");
    let write = |name: &str, bytes: &[u8]| {
        fs::write(scratch.0.join(name), bytes).expect("it is writable");
    };
    let mut damaged = good.clone();
    *damaged.last_mut().expect("it has bytes") ^= 1;
    let mut other_rules = good.clone();
    other_rules[6] ^= 1;
    write("9-damaged-1.replay", &damaged);
    write("9-rules-1.replay", &other_rules);
    write("9-foreign-1.replay", b"something else");
    write("9-part-1.part", &good);
    write("9 odd.replay", &good);
    #[cfg(unix)]
    std::os::unix::fs::symlink(&path, scratch.0.join("9-link-1.replay")).expect("it is writable");
    let mut client = TestClient::connect(server.address()).await;
    for (name, refusal) in [
        ("9-damaged-1", Refusal::ReplayUnreadable),
        ("9-foreign-1", Refusal::ReplayUnreadable),
        ("9-rules-1", Refusal::ReplayOutdated),
        ("9-link-1", Refusal::ReplayUnknown),
    ] {
        assert_eq!(
            client.ask(&open(name)).await,
            LobbyReply::Refused(refusal),
            "{name}"
        );
    }
    let mut client = TestClient::connect(server.address()).await;
    for name in ["none", "", "../secret", "9-part-1.part", "9 odd"] {
        let refused = LobbyReply::Refused(Refusal::ReplayUnknown);
        assert_eq!(client.ask(&open(name)).await, refused, "{name}");
    }
    // The list may be a second old.
    tests::wait_for("a list without them", async || {
        let mut client = TestClient::connect(server.address()).await;
        names(&mut client).await == [name.as_str()]
    })
    .await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_recordings_says_so() {
    let scratch = Scratch::new("off");
    let without_directory = Config {
        record_dir: None,
        ..scratch.config()
    };
    let without_places = Config {
        replays_max: 0,
        ..scratch.config()
    };
    for config in [without_directory, without_places] {
        let server = TestServer::start(config).await;
        let mut client = TestClient::connect(server.address()).await;
        for request in [LobbyRequest::Replays, open("a")] {
            let reply = client.ask(&request).await;
            assert_eq!(reply, LobbyReply::Refused(Refusal::ReplaysOff));
        }
        assert_eq!(client.join("Ada").await.recording, None);
        server.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_match_is_in_no_list_and_can_be_watched_by_its_whole_name_alone() {
    let scratch = Scratch::new("private");
    let server = TestServer::start(scratch.config()).await;
    play(&server, 5, MatchChoice::Private(Wish::default())).await;
    let mut client = TestClient::connect(server.address()).await;
    assert!(names(&mut client).await.is_empty());
    let name = scratch.files().remove(0);
    let name = name
        .file_stem()
        .and_then(|stem| stem.to_str())
        .expect("it is text");
    let guess = name.rsplit_once('-').expect("it ends in a code").0;
    assert_eq!(
        client.ask(&open(guess)).await,
        LobbyReply::Refused(Refusal::ReplayUnknown)
    );
    client.watch_replay(name, Tick(0)).await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_viewers_are_closed_and_floods_are_refused() {
    let scratch = Scratch::new("hostile");
    let server = TestServer::start(scratch.config()).await;
    let (name, _) = recorded(&server, 5).await;
    let reason = async |client: &mut TestClient| {
        let (_, how) = client.until_closed().await;
        how.map(|(_, reason)| reason)
    };
    for bytes in [vec![], vec![3, 0, 0, 0, 0], vec![4; 6], vec![255; 200]] {
        let mut viewer = TestClient::connect(server.address()).await;
        viewer.watch_replay(&name, Tick(0)).await;
        viewer.emit("steer", bytes).await;
        assert_eq!(reason(&mut viewer).await.as_deref(), Some("malformed input"));
    }
    let mut flood = TestClient::connect(server.address()).await;
    flood.watch_replay(&name, Tick(0)).await;
    for _ in 0..60 {
        flood.emit("steer", vec![16, 0, 0, 0, 0]).await;
    }
    assert_eq!(reason(&mut flood).await.as_deref(), Some("too many inputs"));
    assert_eq!(
        server.metric("tickroom_input_floods_total").await,
        1.0,
        "a flood is one"
    );
    let mut player = TestClient::connect(server.address()).await;
    player.join("Ada").await;
    player.emit("steer", vec![4, 0, 0, 0, 0]).await;
    assert_eq!(reason(&mut player).await.as_deref(), Some("malformed input"));
    let mut spectator = TestClient::connect(server.address()).await;
    spectator.watch(None).await;
    spectator.emit("steer", vec![4, 0, 0, 0, 0]).await;
    assert_eq!(reason(&mut spectator).await.as_deref(), Some("malformed input"));
    let mut greedy = TestClient::connect(server.address()).await;
    let mut refused = 0;
    for _ in 0..10 {
        let reply = greedy.ask(&open(&name)).await;
        refused += usize::from(reply == LobbyReply::Refused(Refusal::Busy));
    }
    assert!(refused >= 3, "{refused}");
    server.shutdown().await;
}
