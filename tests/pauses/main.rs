//! Clients that stop for a while: they read nothing, answer nothing, and come back. What becomes of their seats, what they cost
//! meanwhile, and that nobody else notices.
//!
//! A pause takes its time, so those of 25 and 60 seconds are only made with `TICKROOM_LONG`. The allocator counts for the whole
//! process: one test at a time.

use std::time::Duration;

use server::Config;
use shared::arena::input::Input;
use shared::input::{InputPacket, VIEW_AGE_UNKNOWN};
use shared::message::{Joined, MatchChoice, ServerMessage};
use shared::tick::Tick;
use tests::{ArenaSnapshot, TestClient, TestServer, wait_for};
use tokio::sync::{Mutex, oneshot};
use tokio::task::JoinHandle;

use allocator::live_bytes;

#[global_allocator]
static ALLOCATOR: allocator::Counting = allocator::Counting;

/// Clients that pause together.
const PAUSED: usize = 4;

/// What one of them may cost the server.
const PAUSE_BYTES_MAX: usize = 64 * 1024;

static ALONE: Mutex<()> = Mutex::const_new(());

fn is_long() -> bool {
    std::env::var_os("TICKROOM_LONG").is_some()
}

/// Six places, of which bots fill what is free.
fn six_places() -> Config {
    Config {
        players_max: 6,
        fill_to: 6,
        ..Config::default()
    }
}

/// Takes a snapshot in and answers it with standing still.
async fn answer(client: &mut TestClient) -> ArenaSnapshot {
    let snapshot = client.snapshot().await;
    let tick = snapshot.header.tick;
    let packet = InputPacket::new(tick, tick.after(9), vec![Input::NEUTRAL; 3], VIEW_AGE_UNKNOWN);
    client.send_input(&packet).await;
    snapshot
}

async fn answer_many(client: &mut TestClient, count: usize) {
    for _ in 0..count {
        answer(client).await;
    }
}

/// Somebody who plays on while others pause. At the end it tells its last tick, and what it was told.
struct Witness {
    stop: oneshot::Sender<()>,
    playing: JoinHandle<(Tick, Vec<ServerMessage>)>,
}

impl Witness {
    fn start(mut client: TestClient) -> Self {
        let (stop, mut stopped) = oneshot::channel();
        let playing = tokio::spawn(async move {
            let mut last = answer(&mut client).await.header.tick;
            while stopped.try_recv().is_err() {
                let header = answer(&mut client).await.header;
                assert!(
                    header.base_ticks.is_some(),
                    "nobody else is made to start anew: {header:?}"
                );
                last = header.tick;
            }
            (last, client.told())
        });
        Self { stop, playing }
    }

    async fn end(self) -> (Tick, Vec<ServerMessage>) {
        self.stop.send(()).expect("the witness still plays");
        self.playing.await.expect("the witness saw nothing wrong")
    }
}

/// One who paused, and where it was seated.
struct Paused {
    client: TestClient,
    token: String,
    joined: Joined,
}

/// Lets four clients of six pause, then gives them back with what the witness saw.
async fn pause(server: &TestServer, seconds: u64) -> (Vec<Paused>, Tick, Vec<ServerMessage>) {
    let mut paused = Vec::new();
    for number in 0..PAUSED {
        let mut client = TestClient::connect(server.address()).await;
        let token = client.seat(&format!("P{number}"), MatchChoice::Any).await;
        let joined = client.take(&token).await.expect("a fresh seat is good");
        paused.push(Paused {
            client,
            token,
            joined,
        });
    }
    let mut eve = TestClient::connect(server.address()).await;
    eve.join("Eve").await;
    for _ in 0..40 {
        answer(&mut eve).await;
        for Paused { client, .. } in &mut paused {
            answer(client).await;
        }
    }
    let witness = Witness::start(eve);
    let before = live_bytes();
    let mut most = before;
    // The pause itself: nothing is waited for, time has to pass.
    for _ in 0..seconds * 4 {
        tokio::time::sleep(Duration::from_millis(250)).await;
        most = most.max(live_bytes());
    }
    let each = (most - before) / PAUSED;
    assert!(
        each < PAUSE_BYTES_MAX,
        "a paused client costs {each} bytes after {seconds} s"
    );
    let (end, told) = witness.end().await;
    (paused, end, told)
}

/// Goes on by the same connection, in a match that was at `end` when the pause was over.
async fn resume(mut client: TestClient, end: Tick) {
    // What was on the way when it stopped comes first, all of it old.
    let mut old = 0;
    let resumed = loop {
        let header = answer(&mut client).await.header;
        if header.base_ticks.is_none() {
            break header.tick;
        }
        assert!(header.tick <= end, "a difference after the pause: {header:?}");
        old += 1;
    };
    assert!(resumed >= end, "the keyframe is of now");
    assert!(old < 45, "two seconds at falling rates and not {old} snapshots");
    answer_many(&mut client, 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_five_seconds_the_same_connection_goes_on_with_a_keyframe() {
    let _alone = ALONE.lock().await;
    let server = TestServer::start(six_places()).await;
    let (paused, end, _) = pause(&server, 5).await;
    // At once: whoever is made to wait for the others pauses for longer.
    let resuming = paused.into_iter().map(|paused| resume(paused.client, end));
    futures_util::future::join_all(resuming).await;
    assert_eq!(
        server.metric("tickroom_clients_stalled_total").await,
        PAUSED as f64
    );
    server.metric_becomes("tickroom_clients_gone_total", 0.0).await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_ten_seconds_the_connection_is_closed_and_the_seat_is_taken_again() {
    let _alone = ALONE.lock().await;
    let server = TestServer::start(six_places()).await;
    let seconds = if is_long() { 25 } else { 14 };
    let (paused, end, told) = pause(&server, seconds).await;
    assert!(
        !told
            .iter()
            .any(|message| matches!(message, ServerMessage::PlayerLeft { .. })),
        "the seats are held: {told:?}"
    );
    for Paused {
        mut client,
        token,
        joined,
    } in paused
    {
        let (_, how) = client.until_closed().await;
        let (code, why) = how.expect("a close frame with code and text");
        assert_eq!((code, why.as_str()), (1013, "not answering"));
        let mut again = TestClient::connect(server.address()).await;
        let back = again.take(&token).await.expect("the seat is held");
        assert_eq!(
            (back.match_id, back.player, back.entity),
            (joined.match_id, joined.player, joined.entity)
        );
        let header = answer(&mut again).await.header;
        assert!(header.base_ticks.is_none() && header.tick >= end, "{header:?}");
        answer_many(&mut again, 10).await;
    }
    assert_eq!(server.metric("tickroom_clients_gone_total").await, PAUSED as f64);
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_minute_a_bot_has_the_place_and_the_client_joins_anew() {
    if !is_long() {
        return;
    }
    let _alone = ALONE.lock().await;
    let server = TestServer::start(six_places()).await;
    let (paused, _, told) = pause(&server, 60).await;
    for Paused {
        mut client,
        token,
        joined,
    } in paused
    {
        assert!(
            told.contains(&ServerMessage::PlayerLeft {
                player: joined.player
            }),
            "everybody is told: {told:?}"
        );
        client.until_closed().await;
        let mut again = TestClient::connect(server.address()).await;
        again.take(&token).await.expect_err("the seat is gone");
        let fresh = again.seat("P", MatchChoice::Id(joined.match_id)).await;
        let back = again.take(&fresh).await.expect("a fresh seat is good");
        assert_ne!(back.player, joined.player);
        answer_many(&mut again, 10).await;
    }
    let bots = told
        .iter()
        .filter(|message| matches!(message, ServerMessage::PlayerJoined(entry) if entry.bot))
        .count();
    assert_eq!(bots, PAUSED, "bots came instead: {told:?}");
    wait_for("all to be back", async || {
        server.metric("tickroom_people").await == 4.0
    })
    .await;
    server.shutdown().await;
}
