use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use socketio::{Config, ConnectError, Hooks, Socket, SocketIo};
use tokio::sync::{Notify, mpsc};
use tokio_tungstenite::tungstenite::Error;

use crate::harness::{Client, Seen, Server, fixture, until};

/// What a client hears that says `say`, from a server whose middleware is set up by `setup`. Answers with a socket id
/// are only compared up to it.
async fn check(setup: impl FnOnce(&SocketIo), say: &[&str], hear: &[&str]) {
    let server = Server::start(Config::default(), |io| {
        fixture(io);
        setup(io);
    })
    .await;
    let mut client = server.client().await;
    for text in say {
        client.send(text).await;
    }
    for expected in hear {
        let heard = client.text().await;
        assert!(heard.starts_with(expected), "{say:?}: {heard} is not {expected}");
    }
    drop(client);
    server.until_empty().await;
}

async fn refuse(_: Socket) -> Result<(), ConnectError> {
    Err(ConnectError::new("no \"entry\""))
}

#[tokio::test]
async fn the_first_refusal_is_the_answer_and_the_connection_stays() {
    let unasked = |_: Socket| async { panic!("a test expects not to be asked") };
    check(
        |io| {
            io.of("/custom").use_middleware(|_| async { Ok(()) });
            io.of("/custom").use_middleware(refuse);
            io.of("/custom").use_middleware(unasked);
        },
        &["40/custom,", "40", r#"42["message",1]"#],
        &[
            r#"44/custom,{"message":"no \"entry\""}"#,
            "40{",
            r#"42["auth",{}]"#,
            r#"42["message-back",1]"#,
        ],
    )
    .await;
    check(
        |io| {
            io.of("/").use_middleware(|socket| async move {
                let Some(token) = socket.handshake().auth.get("token") else {
                    return Err(ConnectError::with_data("no seat", serde_json::json!({"code": 7})));
                };
                assert_eq!(token, "t");
                Ok(())
            });
        },
        &["40", r#"40{"token":"t"}"#],
        &[r#"44{"message":"no seat","data":{"code":7}}"#, r#"40{"sid":""#],
    )
    .await;
    check(
        |io| {
            io.of("/")
                .use_middleware(|_| async { panic!("a test panics in middleware") })
        },
        &["40", "40/custom,"],
        &[r#"44{"message":"internal error"}"#, "40/custom,{"],
    )
    .await;
}

#[tokio::test]
async fn middleware_runs_in_order_before_the_connection() {
    let (sender, mut steps) = mpsc::unbounded_channel();
    let server = Server::start(Config::default(), |io| {
        for step in 1..=3 {
            let sender = sender.clone();
            io.of("/").use_middleware(move |socket| {
                let sender = sender.clone();
                async move {
                    tokio::task::yield_now().await;
                    assert!(!socket.is_connected() && socket.emit("early", ()).is_err());
                    assert_eq!(socket.join("lobby"), Ok(()));
                    if step == 1 {
                        socket.on_sync("early", |event| drop(event.socket().emit("late", ())));
                    }
                    sender.send(step).unwrap();
                    Ok(())
                }
            });
        }
        io.of("/").on_connection(move |socket| {
            assert!(socket.is_connected());
            assert_eq!(socket.rooms()[1..], ["lobby"]);
            sender.send(4).unwrap();
        });
    })
    .await;
    let mut client = server.joined().await;
    for step in 1..=4 {
        assert_eq!(steps.recv().await, Some(step));
    }
    client.send(r#"42["early"]"#).await;
    assert_eq!(client.text().await, r#"42["late"]"#);
    server.io.of("/").to("lobby").emit("all", ());
    assert_eq!(client.text().await, r#"42["all"]"#);
}

/// A server whose middleware joins a room and waits for `gate`; `ended` counts the disconnect handlers it has set.
async fn gated(
    config: Config,
) -> (
    Server,
    Arc<Notify>,
    mpsc::UnboundedReceiver<Socket>,
    Arc<AtomicU64>,
) {
    let (sender, asked) = mpsc::unbounded_channel();
    let (gate, ended) = (Arc::new(Notify::new()), Arc::new(AtomicU64::new(0)));
    let (opened, counter) = (gate.clone(), ended.clone());
    let server = Server::start(config, |io| {
        fixture(io);
        io.of("/").use_middleware(move |socket| {
            let (sender, gate, counter) = (sender.clone(), opened.clone(), counter.clone());
            async move {
                socket.join("waiting").unwrap();
                socket.on_disconnect(move |_, _| {
                    counter.fetch_add(1, Ordering::Relaxed);
                });
                sender.send(socket).unwrap();
                gate.notified().await;
                Ok(())
            }
        });
    })
    .await;
    (server, gate, asked, ended)
}

#[tokio::test]
async fn a_client_that_leaves_while_it_is_asked_about_never_joins() {
    let (server, gate, mut asked, ended) = gated(Config::default()).await;
    let mut client = server.client().await;
    client.send("40").await;
    let socket = asked.recv().await.unwrap();
    server.io.of("/").to("waiting").emit("nobody", ());
    drop(client);
    server.until_empty().await;
    gate.notify_one();
    assert!(!socket.is_connected() && socket.rooms().is_empty() && socket.join("x").is_err());
    assert_eq!(server.io.of("/").sockets_count(), 0);
    until(&ended, 1).await;
}

#[tokio::test]
async fn middleware_at_work_is_dropped_when_its_client_leaves() {
    let held = Arc::new(());
    let holds = held.clone();
    let (sender, mut asked) = mpsc::unbounded_channel();
    let server = Server::start(Config::default(), |io| {
        io.of("/").use_middleware(move |_| {
            let (holds, sender) = (holds.clone(), sender.clone());
            async move {
                sender.send(()).unwrap();
                std::future::pending::<()>().await;
                drop(holds);
                Ok(())
            }
        });
    })
    .await;
    let mut client = server.client().await;
    client.send("40").await;
    asked.recv().await.unwrap();
    assert_eq!(Arc::strong_count(&held), 3);
    drop(client);
    server.until_empty().await;
    assert_eq!(Arc::strong_count(&held), 2);
}

#[tokio::test]
async fn a_refused_socket_leaves_its_rooms() {
    let (server, gate, mut asked, ended) = gated(Config::default()).await;
    server.io.of("/").use_middleware(refuse);
    let mut client = server.client().await;
    client.send("40").await;
    let socket = asked.recv().await.unwrap();
    assert_eq!(socket.rooms().len(), 2);
    gate.notify_one();
    assert!(client.text().await.starts_with("44{"));
    assert!(socket.rooms().is_empty() && socket.emit("x", ()).is_err());
    assert_eq!(ended.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn what_comes_before_the_answer_ends_the_connection() {
    for early in [r#"42["message",1]"#, "40", "41", "430[]", "44{}"] {
        let (server, _gate, mut asked, ended) = gated(Config::default()).await;
        let mut client = server.client().await;
        client.send("40").await;
        asked.recv().await.unwrap();
        client.send(early).await;
        assert_eq!(
            client.next().await,
            Seen::close(1000, "forced server close"),
            "{early}"
        );
        server.until_empty().await;
        until(&ended, 1).await;
    }
}

#[tokio::test]
async fn middleware_that_never_ends_holds_nobody_longer_than_the_connect_timeout() {
    let config = Config {
        connect_timeout: Duration::from_millis(30),
        ..Config::default()
    };
    let (server, _gate, _asked, ended) = gated(config).await;
    let mut client = server.client().await;
    client.send("40").await;
    assert!(matches!(client.next().await, Seen::Close(..)));
    server.until_empty().await;
    until(&ended, 1).await;
    assert_eq!(server.count(|stats| &stats.connect_timeouts), 1);
}

#[tokio::test]
async fn those_who_are_asked_about_count_as_namespaces() {
    let config = Config {
        namespaces_max: 1,
        ..Config::default()
    };
    let (server, _gate, mut asked, _) = gated(config).await;
    let mut client = server.client().await;
    client.send("40").await;
    asked.recv().await.unwrap();
    client.send("40/custom,").await;
    assert!(matches!(client.next().await, Seen::Close(..)));
}

#[tokio::test]
async fn the_application_may_refuse_handshakes() {
    let hooks = Hooks::default().allow_request(|request| async move {
        assert!(request.remote_addr.is_some());
        match request.query.get("token") {
            Some("good") => Ok(()),
            Some("panic") => panic!("a test panics in a check"),
            Some(_) => Err("bad \"token\"".to_owned()),
            None => Err(String::new()),
        }
    });
    let server = Server::serve(SocketIo::builder().hooks(hooks).build()).await;
    let cases = [
        ("&token=bad", "bad \"token\""),
        ("", "Forbidden"),
        ("&token=panic", "Forbidden"),
    ];
    for (query, text) in cases {
        let path = format!("/socket.io/?EIO=4&transport=websocket{query}");
        match Client::open_at(server.addr, &path).await {
            Err(Error::Http(response)) => {
                assert_eq!(response.status(), 400, "{query}");
                assert_eq!(
                    response.body().as_deref().unwrap_or_default(),
                    text.as_bytes(),
                    "{query}"
                );
            }
            other => panic!("{query}: {:?}", other.map(|_| "let in")),
        }
    }
    let path = "/socket.io/?EIO=4&transport=websocket&token=good";
    let mut client = Client::open_at(server.addr, path).await.unwrap();
    assert!(client.text().await.starts_with("0{"));
    assert_eq!(server.count(|stats| &stats.handshakes_forbidden), 3);
    assert_eq!(server.count(|stats| &stats.handshakes_refused), 3);
    assert_eq!(server.count(|stats| &stats.handler_panics), 1);
}
