use std::sync::{Arc, Mutex};

use serde_json::json;
use socketio::{
    ArgsWriter, Config, ConnectError, DisconnectReason, Namespace, Recovery, RoomEvent, Socket, ToArgs,
};
use tokio::sync::{mpsc, oneshot};

use crate::harness::{PATIENCE, Seen};
use crate::recovery::{Host, Session, config};

#[tokio::test]
async fn handlers_see_neither_the_private_id_nor_the_offset() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let auth = seen.clone();
    let mut host = Host::start(config(), |io| {
        io.of("/").use_middleware(move |socket| {
            let auth = auth.clone();
            async move {
                auth.lock().unwrap().push(socket.handshake().auth.clone());
                Ok(())
            }
        });
    })
    .await;
    let (mut session, mut client, socket) = host.joined().await;
    socket.emit("event", ()).unwrap();
    session.event(&mut client).await;
    drop(client);
    host.until_away(1).await;
    let mut client = host.back(&session).await;
    assert_eq!(Session::read(&client.text().await).sid, session.sid);
    assert_eq!(*seen.lock().unwrap(), [json!({}), json!({ "token": "t" })]);
}

#[tokio::test]
async fn the_middleware_decides_before_anything_is_sent_again() {
    let (sender, mut asked) = mpsc::unbounded_channel::<(Socket, oneshot::Sender<bool>)>();
    let mut host = Host::start(config(), |io| {
        io.of("/").use_middleware(move |socket| {
            let (verdict, answer) = oneshot::channel();
            sender.send((socket, verdict)).unwrap();
            async move {
                match answer.await {
                    Ok(true) => Ok(()),
                    _ => Err(ConnectError::new("expired")),
                }
            }
        });
    })
    .await;
    let mut client = host.server.client().await;
    client.send("40").await;
    asked.recv().await.unwrap().1.send(true).unwrap();
    let mut session = Session::read(&client.text().await);
    host.sockets.recv().await.unwrap().join("a").unwrap();
    drop(client);
    host.until_away(1).await;
    let main = host.server.io.of("/");
    main.to("a").emit("first", ());

    // Refused: nothing was sent, and the session is kept for another attempt.
    let mut client = host.back(&session).await;
    let (socket, verdict) = asked.recv().await.unwrap();
    assert!(socket.recovered() && !socket.is_connected());
    assert_eq!(socket.rooms(), [session.sid.as_str(), "a"]);
    main.to("a").emit("second", ());
    assert_eq!(host.server.count(|stats| &stats.recovery_sessions), 0);
    verdict.send(false).unwrap();
    assert_eq!(client.text().await, r#"44{"message":"expired"}"#);
    host.until_away(1).await;
    assert!(socket.rooms().is_empty());

    // Gone while it is asked about: the same.
    let client = host.back(&session).await;
    let (_socket, _verdict) = asked.recv().await.unwrap();
    assert_eq!(host.server.count(|stats| &stats.recovery_sessions), 0);
    drop(client);
    host.until_away(1).await;

    // What comes while the middleware thinks is missed too, in order.
    let mut client = host.back(&session).await;
    let (_, verdict) = asked.recv().await.unwrap();
    main.to("a").emit("third", ());
    verdict.send(true).unwrap();
    for expected in ["first", "second", "third"] {
        assert_eq!(session.event(&mut client).await, [expected]);
    }
    assert_eq!(Session::read(&client.text().await).pid, session.pid);
}

#[tokio::test]
async fn the_middleware_is_skipped_only_where_that_is_asked_for() {
    let recovery = Recovery {
        skip_middleware: true,
        ..Recovery::default()
    };
    let config = Config {
        recovery: Some(recovery),
        ..Config::default()
    };
    let asked = Arc::new(Mutex::new(0));
    let count = asked.clone();
    let mut host = Host::start(config, |io| {
        io.of("/").use_middleware(move |_| {
            *count.lock().unwrap() += 1;
            async { Ok(()) }
        });
    })
    .await;
    let (session, client, _) = host.joined().await;
    drop(client);
    host.until_away(1).await;
    let mut client = host.back(&session).await;
    assert_eq!(Session::read(&client.text().await).sid, session.sid);
    assert_eq!(*asked.lock().unwrap(), 1);
    let mut unknown = session.clone();
    unknown.pid = "abcdefghijklmnopqrst".to_owned();
    let mut other = host.back(&unknown).await;
    Session::read(&other.text().await);
    assert_eq!(*asked.lock().unwrap(), 2);
}

#[tokio::test]
async fn of_two_that_claim_a_session_one_gets_it() {
    let mut host = Host::start(config(), |_| {}).await;
    let (session, client, _) = host.joined().await;
    drop(client);
    host.until_away(1).await;
    let (mut one, mut two) = tokio::join!(host.back(&session), host.back(&session));
    let ids = [Session::read(&one.text().await), Session::read(&two.text().await)];
    let recovered: Vec<bool> = vec![
        host.sockets.recv().await.unwrap().recovered(),
        host.sockets.recv().await.unwrap().recovered(),
    ];
    // Either the second took it over while the first was live, or it came too late and is new; never are both there.
    assert!(recovered[0]);
    if ids[0].sid == ids[1].sid {
        host.server.until(|stats| &stats.sockets_connected, 1).await;
    } else {
        assert!(ids.iter().any(|id| id.sid == session.sid) && !recovered[1]);
    }
    let live = host.server.io.of("/").sockets();
    assert_eq!(live.iter().filter(|socket| socket.id() == session.sid).count(), 1);
}

#[tokio::test]
async fn a_client_that_comes_back_takes_the_place_of_its_own_dead_connection() {
    let mut host = Host::start(config(), |_| {}).await;
    let (mut session, mut old, socket) = host.joined().await;
    let (told, reason) = oneshot::channel();
    let told = Mutex::new(Some(told));
    socket.on_disconnect(move |_, reason| {
        told.lock().unwrap().take().unwrap().send(reason).unwrap();
    });
    socket.join("a").unwrap();
    let main = host.server.io.of("/");
    main.to("a").emit("lost on the dead link", ());
    let mut client = host.back(&session).await;
    assert_eq!(session.event(&mut client).await, ["lost on the dead link"]);
    assert_eq!(Session::read(&client.text().await).sid, session.sid);
    assert_eq!(reason.await, Ok(DisconnectReason::ForcedServerClose));
    let recovered = host.sockets.recv().await.unwrap();
    assert!(recovered.recovered() && !socket.is_connected());
    assert_eq!(recovered.rooms(), [session.sid.as_str(), "a"]);
    assert!(matches!(old.next().await, Seen::Text(_)));
    assert_eq!(old.closed().await, Some(1000));
    assert_eq!(main.sockets_count(), 1);
    main.to(&session.sid).emit("still reached", ());
    assert_eq!(session.event(&mut client).await, ["still reached"]);
}

#[tokio::test]
async fn who_leaves_or_is_sent_away_has_no_session() {
    let mut host = Host::start(config(), |_| {}).await;
    let (left, mut client, _) = host.joined().await;
    client.send("41").await;
    host.server.until(|stats| &stats.sockets_connected, 0).await;
    let (sent_away, _client, socket) = host.joined().await;
    socket.disconnect(false);
    let (closed, _client, socket) = host.joined().await;
    socket.disconnect(true);
    let (malformed, mut client, _) = host.joined().await;
    client.send("4nonsense").await;
    host.server.until(|stats| &stats.sockets_connected, 0).await;
    for session in [left, sent_away, closed, malformed] {
        let mut client = host.back(&session).await;
        assert_ne!(Session::read(&client.text().await).sid, session.sid);
        drop(client);
    }
}

#[tokio::test]
async fn the_end_of_the_server_persists_sessions_and_then_forgets_them() {
    let mut host = Host::start(config(), |_| {}).await;
    let (_, _client, socket) = host.joined().await;
    socket.emit("event", ()).unwrap();
    assert_eq!(host.server.count(|stats| &stats.recovery_packets), 1);
    host.server.io.close(PATIENCE).await;
    for gauge in [
        host.server.count(|stats| &stats.recovery_sessions),
        host.server.count(|stats| &stats.recovery_packets),
        host.server.count(|stats| &stats.recovery_bytes),
    ] {
        assert_eq!(gauge, 0);
    }
}

#[tokio::test]
async fn who_has_missed_more_than_is_kept_starts_anew() {
    let recovery = Recovery {
        packets_max: 10,
        ..Recovery::default()
    };
    let config = Config {
        recovery: Some(recovery),
        ..Config::default()
    };
    let mut host = Host::start(config, |_| {}).await;
    let (session, client, _) = host.joined().await;
    drop(client);
    host.until_away(1).await;
    for number in 0..11 {
        host.server.io.of("/").emit("number", number);
    }
    let mut client = host.back(&session).await;
    assert_ne!(Session::read(&client.text().await).sid, session.sid);
    assert_eq!(host.server.count(|stats| &stats.recovery_packets), 10);
    assert_eq!(host.server.count(|stats| &stats.recoveries_refused), 1);
}

#[tokio::test]
async fn who_has_missed_more_than_its_outbox_may_hold_starts_anew() {
    let small = Config {
        outbox_bytes_max: 64 * 1024,
        ..config()
    };
    let mut host = Host::start(small, |_| {}).await;
    let (session, client, _) = host.joined().await;
    drop(client);
    host.until_away(1).await;
    for _ in 0..3 {
        host.server.io.of("/").emit("large", "x".repeat(20_000));
    }
    let mut client = host.back(&session).await;
    assert_ne!(Session::read(&client.text().await).sid, session.sid);
}

/// Emitters on threads of their own, a client that breaks its connection again and again: it sees each event once and in
/// the order in which everybody sees them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_doubled_or_disordered_over_many_recoveries() {
    const EVENTS: u64 = 2000;
    let mut host = Host::start(config(), |_| {}).await;
    let (mut session, mut client, _) = host.joined().await;
    let main = host.server.io.of("/");
    let emitters: Vec<_> = (0..2_u64)
        .map(|emitter| {
            let main = main.clone();
            std::thread::spawn(move || {
                for number in 0..EVENTS {
                    main.emit("number", (emitter, number));
                    if number % 50 == 0 {
                        std::thread::yield_now();
                    }
                }
            })
        })
        .collect();
    let mut next = [0; 2];
    let mut round = 0;
    while next != [EVENTS; 2] {
        let text = client.text().await;
        if let Some(array) = text.strip_prefix("42") {
            let values = session.take_offset(array);
            let emitter = values[1].as_u64().unwrap() as usize;
            assert_eq!(
                values[2].as_u64().unwrap(),
                next[emitter],
                "of {emitter} in round {round}"
            );
            next[emitter] += 1;
        } else {
            assert_eq!(Session::read(&text).sid, session.sid);
        }
        if (next[0] + next[1]) % 97 == 0 {
            round += 1;
            // Half of the time the server has not noticed when the client is back.
            if round % 2 == 0 {
                drop(client);
                client = host.back(&session).await;
            } else {
                let old = std::mem::replace(&mut client, host.back(&session).await);
                drop(old);
            }
        }
    }
    for emitter in emitters {
        emitter.join().unwrap();
    }
    assert!(round > 10);
    assert_eq!(host.server.count(|stats| &stats.recovered), round);
}

/// An argument that emits while it is written.
struct Emits(Namespace);

impl ToArgs for Emits {
    fn write_args(&self, out: &mut ArgsWriter) -> Result<(), serde_json::Error> {
        self.0.emit("by an argument", ());
        out.json(&1)
    }
}

#[tokio::test]
async fn code_of_the_application_may_emit_wherever_it_is_called() {
    let mut host = Host::start(config(), |io| {
        let main = io.of("/");
        main.on_connection(|socket| {
            let namespace = socket.clone();
            socket.on_any_outgoing(move |event| {
                if event.name() == "outer" {
                    namespace.emit("by a catch-all", ()).unwrap();
                }
            });
            socket.on_disconnecting(|socket, _| socket.to("a").emit("by one who leaves", ()));
        });
        let told = main.clone();
        main.on_room_event(move |event| {
            if matches!(event, RoomEvent::Join { room, .. } if &**room == "a") {
                told.emit("by a room", ());
            }
        });
    })
    .await;
    let main = host.server.io.of("/");
    let (mut session, mut client, socket) = host.joined().await;
    socket.join("a").unwrap();
    assert_eq!(session.event(&mut client).await, ["by a room"]);
    main.emit("argument", Emits(main.clone()));
    assert_eq!(session.event(&mut client).await, ["by an argument"]);
    assert_eq!(session.event(&mut client).await, ["argument".into(), json!(1)]);
    socket.emit("outer", ()).unwrap();
    assert_eq!(session.event(&mut client).await, ["by a catch-all"]);
    assert_eq!(session.event(&mut client).await, ["outer"]);
    let (_, other, leaver) = host.joined().await;
    leaver.join("a").unwrap();
    assert_eq!(session.event(&mut client).await, ["by a room"]);
    drop(other);
    assert_eq!(session.event(&mut client).await, ["by one who leaves"]);
    drop(client);
    host.until_away(2).await;
    let mut client = host.back(&session).await;
    // Its rooms are joined again before it enters.
    assert_eq!(session.event(&mut client).await, ["by a room"]);
    assert_eq!(Session::read(&client.text().await).sid, session.sid);
}
