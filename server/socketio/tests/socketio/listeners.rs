use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;
use socketio::{Config, EmitError, EventError, Recovery, Socket};
use tokio::sync::{Notify, mpsc};

use crate::harness::{Client, PATIENCE, Seen, Server};

/// What listeners write down.
#[derive(Clone)]
struct Log(mpsc::UnboundedSender<String>);

impl Log {
    fn note(&self, line: impl Into<String>) {
        // The test may have ended.
        let _ = self.0.send(line.into());
    }

    /// A listener in order which notes `line`.
    fn on(&self, socket: &Socket, event: &str, line: &'static str) -> socketio::ListenerId {
        let log = self.clone();
        socket.on(event, move |_| {
            let log = log.clone();
            async move {
                tokio::task::yield_now().await;
                log.note(line);
            }
        })
    }
}

/// A server, its one client, and what the listeners that `setup` adds write down.
async fn scene(
    config: Config,
    setup: impl Fn(&Socket, &Log) + Send + Sync + 'static,
) -> (Server, Client, mpsc::UnboundedReceiver<String>) {
    let (sender, lines) = mpsc::unbounded_channel();
    let log = Log(sender);
    let server = Server::start(config, |io| {
        io.of("/").on_connection(move |socket| setup(socket, &log));
    })
    .await;
    let client = server.joined().await;
    (server, client, lines)
}

/// What is written down when a client sends `events`, up to the event `end`.
async fn check(
    name: &str,
    setup: impl Fn(&Socket, &Log) + Send + Sync + 'static,
    events: &[&str],
    expected: &[&str],
) {
    let (server, mut client, mut lines) = scene(Config::default(), move |socket, log| {
        setup(socket, log);
        log.on(socket, "end", "end");
    })
    .await;
    for event in events.iter().chain(&[r#"["end"]"#]) {
        client.send(&format!("42{event}")).await;
    }
    let mut written = Vec::new();
    loop {
        let line = tokio::time::timeout(PATIENCE, lines.recv())
            .await
            .expect(name)
            .unwrap();
        if line == "end" {
            break;
        }
        written.push(line);
    }
    assert_eq!(written, expected, "{name}");
    drop(client);
    server.until_empty().await;
}

#[tokio::test]
async fn several_listeners_hear_an_event_in_the_order_they_were_added() {
    check(
        "in order, each when the one before has finished",
        |socket, log| {
            for line in ["first", "second", "third"] {
                log.on(socket, "a", line);
            }
        },
        &[r#"["a"]"#, r#"["b"]"#, r#"["a"]"#],
        &["first", "second", "third", "first", "second", "third"],
    )
    .await;
    check(
        "in place before those that wait",
        |socket, log| {
            log.on(socket, "a", "waits");
            let log = log.clone();
            socket.on_sync("a", move |_| log.note("in place"));
        },
        &[r#"["a"]"#],
        &["in place", "waits"],
    )
    .await;
}

#[tokio::test]
async fn a_listener_can_be_removed_or_listen_once() {
    check(
        "by its handle",
        |socket, log| {
            let first = log.on(socket, "a", "first");
            log.on(socket, "a", "second");
            assert!(socket.off(first) && !socket.off(first));
        },
        &[r#"["a"]"#],
        &["second"],
    )
    .await;
    check(
        "all of an event",
        |socket, log| {
            log.on(socket, "a", "first");
            log.on(socket, "a", "second");
            log.on(socket, "b", "other");
            socket.off_all("a");
        },
        &[r#"["a"]"#, r#"["b"]"#],
        &["other"],
    )
    .await;
    check(
        "once, among others",
        |socket, log| {
            log.on(socket, "a", "first");
            let once = log.clone();
            socket.once("a", move |_| async move { once.note("once") });
            log.on(socket, "a", "last");
        },
        &[r#"["a"]"#, r#"["a"]"#],
        &["first", "once", "last", "first", "last"],
    )
    .await;
    check(
        "by itself, while the event still reaches the others",
        |socket, log| {
            let (itself, own) = (log.clone(), Arc::new(std::sync::Mutex::new(None)));
            let id = own.clone();
            let added = socket.on_sync("a", move |event| {
                itself.note("itself");
                event.socket().off(id.lock().unwrap().take().unwrap());
            });
            *own.lock().unwrap() = Some(added);
            log.on(socket, "a", "other");
        },
        &[r#"["a"]"#, r#"["a"]"#],
        &["itself", "other", "other"],
    )
    .await;
}

#[tokio::test]
async fn all_listeners_share_arguments_and_the_first_answers() {
    let (_server, mut client, mut lines) = scene(Config::default(), |socket, log| {
        for place in 0..3 {
            let log = log.clone();
            socket.on("sum", move |event| {
                let log = log.clone();
                async move {
                    assert_eq!(event.args.json(0), Some(&json!({"deep": [1]})));
                    assert_eq!(event.args.binary(1), Some(&Bytes::from_static(b"xy")));
                    let answer = event.ack.unwrap().send(place);
                    log.note(format!("{place}: {answer:?}"));
                }
            });
        }
    })
    .await;
    client
        .send(r#"451-7["sum",{"deep":[1]},{"_placeholder":true,"num":0}]"#)
        .await;
    client.send_binary(b"xy").await;
    assert_eq!(client.text().await, "437[0]");
    assert_eq!(lines.recv().await.unwrap(), "0: Ok(())");
    for place in 1..3 {
        let refused: Result<(), _> = Err(EmitError::AlreadyAcknowledged);
        assert_eq!(lines.recv().await.unwrap(), format!("{place}: {refused:?}"));
    }
}

#[tokio::test]
async fn concurrent_handlers_do_not_wait_for_each_other() {
    let (_server, mut client, mut lines) = scene(Config::default(), |socket, log| {
        let (gate, log) = (Arc::new(Notify::new()), log.clone());
        socket.on_concurrent("job", move |event| {
            let (gate, log) = (gate.clone(), log.clone());
            async move {
                match event.args.json(0).and_then(|job| job.as_str()) {
                    Some("open") => gate.notify_one(),
                    _ => gate.notified().await,
                }
                log.note(event.args.json(0).unwrap().to_string());
            }
        });
    })
    .await;
    client.send(r#"42["job","wait"]"#).await;
    client.send(r#"42["job","open"]"#).await;
    assert_eq!(lines.recv().await.unwrap(), r#""open""#);
    assert_eq!(lines.recv().await.unwrap(), r#""wait""#);
}

#[tokio::test]
async fn concurrent_handlers_are_bounded_like_the_queue() {
    let config = Config {
        handler_queue_packets_max: 3,
        ..Config::default()
    };
    let (server, mut client, _) = scene(config, |socket, _| {
        socket.on_concurrent("stuck", |_| std::future::pending());
        socket.on_concurrent("quick", |_| async {});
    })
    .await;
    for _ in 0..100 {
        client.send(r#"42["quick"]"#).await;
    }
    for _ in 0..4 {
        client.send(r#"42["stuck"]"#).await;
    }
    assert_eq!(client.next().await, Seen::close(1008, "handler backlog"));
    assert_eq!(server.count(|stats| &stats.handler_backlogs), 1);
}

#[tokio::test]
async fn a_panic_is_isolated_and_reported_with_its_event() {
    let (server, mut client, mut lines) = scene(Config::default(), |socket, log| {
        let errors = log.clone();
        socket.on_error(move |_, event, error| errors.note(format!("{event}: {error}")));
        socket.on_sync("in place", |_| panic!("a test panics in place"));
        socket.on("in order", |_| async { panic!("a test panics in order") });
        socket.on_concurrent("beside", |_| async { panic!("a test panics beside") });
        for event in ["in place", "in order", "beside"] {
            log.on(socket, event, "the next listener");
        }
    })
    .await;
    for event in ["in place", "in order", "beside"] {
        client.send(&format!("42[\"{event}\"]")).await;
        assert_eq!(
            lines.recv().await.unwrap(),
            format!("{event}: its handler panicked")
        );
        assert_eq!(lines.recv().await.unwrap(), "the next listener");
    }
    assert_eq!(server.count(|stats| &stats.handler_panics), 3);
}

#[tokio::test]
async fn catch_alls_hear_every_event_before_its_listeners() {
    let note_any = |log: &Log, place: &'static str| {
        let log = log.clone();
        move |event: socketio::EventRef<'_>| {
            log.note(format!("{place} {} {}", event.name(), event.args().len()))
        }
    };
    check(
        "in order, prepended first, also without a listener",
        move |socket, log| {
            log.on(socket, "a", "listener");
            socket.on_any(note_any(log, "any"));
            socket.prepend_any(note_any(log, "first"));
            let removed = socket.on_any(note_any(log, "removed"));
            assert!(socket.off(removed));
            let end = log.clone();
            socket.on_sync("stop", move |event| {
                event.socket().off_any();
                end.note("stop");
            });
        },
        &[r#"["a",1,2]"#, r#"["b"]"#, r#"["stop"]"#, r#"["a"]"#],
        &[
            "first a 2",
            "any a 2",
            "listener",
            "first b 0",
            "any b 0",
            "first stop 0",
            "any stop 0",
            "stop",
            "listener",
        ],
    )
    .await;
}

#[tokio::test]
async fn middleware_of_a_socket_is_asked_in_order_before_listeners() {
    let ask = |log: &Log, line: &'static str| {
        let log = log.clone();
        move |event: socketio::Event| {
            let log = log.clone();
            async move {
                tokio::task::yield_now().await;
                log.note(format!("{line} {}", event.name));
                match event.args.json(0) {
                    Some(refused) if refused == line => Err(EventError::with_data("no", json!(7))),
                    Some(panic) if panic == "panic" => panic!("a test panics in middleware"),
                    _ => Ok(()),
                }
            }
        }
    };
    check(
        "a refusal drops the event, tells the error handlers, and keeps the connection",
        move |socket, log| {
            for line in ["first", "second"] {
                socket.use_middleware(ask(log, line));
            }
            let errors = log.clone();
            socket.on_error(move |_, event, error| errors.note(format!("{event}: {error:?}")));
            log.on(socket, "a", "listener");
            let in_place = log.clone();
            socket.on_sync("a", move |_| in_place.note("in place"));
            let quiet = log.clone();
            socket.on("end", move |_| {
                let quiet = quiet.clone();
                async move { quiet.note("end") }
            });
        },
        &[
            r#"["a"]"#,
            r#"["a","first"]"#,
            r#"["a","second"]"#,
            r#"["a","panic"]"#,
        ],
        &[
            "first a",
            "second a",
            "in place",
            "listener",
            "first a",
            r#"a: Refused { message: "no", data: Some(Number(7)) }"#,
            "first a",
            "second a",
            r#"a: Refused { message: "no", data: Some(Number(7)) }"#,
            "first a",
            "a: Panicked",
            "first end",
            "second end",
        ],
    )
    .await;
}

#[tokio::test]
async fn acknowledgements_do_not_queue_behind_middleware() {
    let (_server, mut client, mut lines) = scene(Config::default(), |socket, log| {
        let log = log.clone();
        socket.use_middleware(move |event| {
            let log = log.clone();
            async move {
                let answer = event.socket.timeout(PATIENCE).emit_with_ack("really", ()).await;
                log.note(format!("{:?}", answer.unwrap().json(0)));
                Ok(())
            }
        });
        socket.on("question", |event| async move {
            let _ = event.ack.unwrap().send("answer");
        });
    })
    .await;
    client.send(r#"427["question"]"#).await;
    assert_eq!(client.text().await, r#"420["really"]"#);
    client.send("430[true]").await;
    assert_eq!(lines.recv().await.unwrap(), "Some(Bool(true))");
    assert_eq!(client.text().await, r#"437["answer"]"#);
}

#[tokio::test]
async fn events_behind_a_disconnect_are_heard_by_nobody() {
    let (server, mut client, mut lines) = scene(Config::default(), |socket, log| {
        let any = log.clone();
        socket.on_any(move |event| any.note(event.name()));
        socket.use_middleware(|event| async move {
            event.socket.disconnect(false);
            Ok(())
        });
        log.on(socket, "leave", "heard");
        let closing = log.clone();
        socket.on_disconnect(move |_, reason| closing.note(reason.as_str()));
    })
    .await;
    client.send(r#"42["leave"]"#).await;
    client.send(r#"42["late"]"#).await;
    assert_eq!(client.text().await, "41");
    assert_eq!(lines.recv().await.unwrap(), "leave");
    assert_eq!(lines.recv().await.unwrap(), "server namespace disconnect");
    drop(client);
    server.until_empty().await;
    let rest = tokio::time::timeout(Duration::ZERO, lines.recv()).await;
    assert!(matches!(rest, Err(_) | Ok(None)), "{rest:?}");
}

/// Events that are kept for recovery.
#[tokio::test]
async fn outgoing_catch_alls_may_emit_to_others_while_events_are_kept() {
    let config = Config {
        recovery: Some(Recovery::default()),
        ..Config::default()
    };
    let (server, mut client, mut lines) = scene(config, |socket, log| {
        let (log, all) = (log.clone(), socket.broadcast());
        socket.on_any_outgoing(move |event| {
            log.note(format!("{} {}", event.name(), event.args().len()));
            all.emit("seen", ());
        });
    })
    .await;
    server.io.of("/").emit("event", 1);
    assert!(client.text().await.starts_with(r#"42["event",1,""#));
    assert_eq!(lines.recv().await.unwrap(), "event 1");
}

#[tokio::test]
async fn outgoing_catch_alls_hear_what_is_sent_to_their_socket() {
    let (sender, mut sockets) = mpsc::unbounded_channel();
    let (server, mut client, mut lines) = scene(Config::default(), move |socket, log| {
        let watch = |place: &'static str| {
            let log = log.clone();
            move |event: socketio::EventRef<'_>| {
                let binary = event.binary(1).map(<[u8]>::to_vec);
                log.note(format!("{place} {} {:?} {binary:?}", event.name(), event.json(0)));
            }
        };
        if sender.is_closed() {
            return;
        }
        socket.on_any_outgoing(watch("any"));
        socket.prepend_any_outgoing(watch("first"));
        let removed = socket.on_any_outgoing(watch("removed"));
        assert!(socket.off(removed));
        socket.on("question", |event| async move {
            event.ack.unwrap().send("answers are no events").unwrap();
        });
        sender.send(socket.clone()).unwrap();
    })
    .await;
    let socket = sockets.recv().await.unwrap();
    drop(sockets);
    let mut unwatched = server.joined().await;
    let all = server.io.of("/");

    socket.emit("alone", 1).unwrap();
    assert_eq!(client.text().await, r#"42["alone",1]"#);
    all.emit("all", (2, Bytes::from_static(b"xy")));
    for client in [&mut client, &mut unwatched] {
        assert_eq!(
            client.text().await,
            r#"451-["all",2,{"_placeholder":true,"num":0}]"#
        );
        assert_eq!(client.binary().await, b"xy"[..]);
    }
    // A room it is not in, and an answer.
    all.to("room").emit("room", ());
    client.send(r#"420["question"]"#).await;
    assert_eq!(client.text().await, r#"430["answers are no events"]"#);
    let question = socket.emit_with_ack("question", 3);
    let answered = async {
        assert_eq!(client.text().await, r#"420["question",3]"#);
        client.send("430[]").await;
    };
    tokio::join!(question, answered).0.unwrap();
    for expected in [
        "alone Some(Number(1)) None",
        "all Some(Number(2)) Some([120, 121])",
        "question Some(Number(3)) None",
    ] {
        for place in ["first", "any"] {
            assert_eq!(lines.recv().await.unwrap(), format!("{place} {expected}"));
        }
    }
    socket.off_any_outgoing();
    socket.emit("quiet", ()).unwrap();
    all.emit("quiet", ());
    assert_eq!(client.text().await, r#"42["quiet"]"#);
    assert!(lines.try_recv().is_err());
}
