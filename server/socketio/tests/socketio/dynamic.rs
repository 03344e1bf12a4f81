use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use socketio::{Config, ConnectError, NamespacePattern, Recovery, Socket, SocketIo};
use tokio::sync::mpsc;

use crate::harness::{Client, Server};

impl Client {
    /// Joins a namespace and reads the answer.
    async fn join(&mut self, name: &str) {
        self.send(&format!("40{name},")).await;
        let answer = self.text().await;
        assert!(answer.starts_with(&format!("40{name},{{\"sid\":")), "{answer}");
    }

    async fn assert_refused(&mut self, name: &str, message: &str) {
        self.send(&format!("40{name},")).await;
        assert_eq!(
            self.text().await,
            format!("44{name},{{\"message\":\"{message}\"}}")
        );
    }
}

fn cleaning() -> Config {
    Config {
        cleanup_empty_child_namespaces: true,
        ..Config::default()
    }
}

fn dynamic(name: &str, _: &serde_json::Value) -> bool {
    name.starts_with("/dynamic-")
}

#[tokio::test]
async fn a_pattern_or_a_function_decides_which_namespaces_come_to_be() {
    let server = Server::start(Config::default(), |io| {
        let pattern = NamespacePattern::parse("/match-{id}").unwrap();
        io.of_pattern(pattern.clone()).on_connection(move |socket| {
            let id = pattern.part(socket.namespace(), "id");
            socket.emit("id", id.unwrap()).unwrap();
        });
        io.of_dynamic(|name, auth| auth["key"] == *name)
            .on_connection(|socket| socket.emit("key", socket.handshake().auth.clone()).unwrap());
        io.of_dynamic_async(|name, _| async move {
            tokio::task::yield_now().await;
            name == "/later"
        })
        .on_connection(|socket| socket.emit("later", ()).unwrap());
    })
    .await;
    let mut client = server.client().await;
    client.join("/match-101").await;
    assert_eq!(client.text().await, r#"42/match-101,["id","101"]"#);
    client.send(r#"40/guild,{"key":"/guild"}"#).await;
    assert!(client.text().await.starts_with("40/guild,{"));
    assert_eq!(client.text().await, r#"42/guild,["key",{"key":"/guild"}]"#);
    client.join("/later").await;
    assert_eq!(client.text().await, r#"42/later,["later"]"#);
    for name in ["/match-", "/match-1/x", "/other"] {
        client.assert_refused(name, "Invalid namespace").await;
    }
    assert_eq!(server.count(|stats| &stats.dynamic_namespaces), 3);
    drop(client);
    server.until_empty().await;
    // They stay.
    assert_eq!(server.count(|stats| &stats.dynamic_namespaces), 3);
}

#[tokio::test]
async fn what_decides_may_panic_or_never_end() {
    let server = Server::start(Config::default(), |io| {
        io.of_dynamic(|name, _| name == "/panic" && panic!("a test panics in a decision"));
        io.of_dynamic_async(|_, _| std::future::pending());
        io.of("/").on_connection(|_| {});
    })
    .await;
    let mut client = server.client().await;
    client.assert_refused("/panic", "internal error").await;
    client.send("40/never,").await;
    client.send("40").await;
    assert!(client.text().await.starts_with("40{"));
    // Whoever asks twice, or speaks before the answer, is sent away as in front of any namespace.
    client.send("40/never,").await;
    assert!(client.closed().await.is_some());
    server.until_empty().await;
    assert_eq!(server.count(|stats| &stats.handler_panics), 1);
}

#[tokio::test]
async fn what_decides_does_not_see_private_ids() {
    let config = Config {
        recovery: Some(Recovery::default()),
        ..Config::default()
    };
    let server = Server::start(config, |io| {
        io.of_dynamic(|_, auth| *auth == serde_json::json!({"token": 1}));
    })
    .await;
    let mut client = server.client().await;
    client
        .send(r#"40/dynamic-1,{"token":1,"pid":"private","offset":"o"}"#)
        .await;
    assert!(client.text().await.starts_with("40/dynamic-1,{"));
}

#[tokio::test]
async fn children_inherit_middleware_and_listeners_also_those_added_later() {
    let (sender, mut steps) = mpsc::unbounded_channel();
    let step = move |name: &'static str| {
        let sender = sender.clone();
        move || sender.send(name).unwrap()
    };
    let (early, late, own) = (step("early"), step("late"), step("own"));
    let connected = step("connected");
    let server = Server::start(Config::default(), |io| {
        let parent = io.of_dynamic(dynamic);
        parent.use_middleware(move |_| {
            early();
            async { Ok(()) }
        });
        io.on_new_namespace(move |child| {
            let own = own.clone();
            child.use_middleware(move |_| {
                own();
                async { Ok(()) }
            });
        });
        parent.on_connection(move |_| connected());
        let late_parent = parent.clone();
        io.of("/").on_connection(move |_| {
            let late = late.clone();
            late_parent.use_middleware(move |socket: Socket| {
                late();
                async move {
                    match socket.handshake().auth.get("refuse") {
                        Some(_) => Err(ConnectError::new("refused")),
                        None => Ok(()),
                    }
                }
            });
        });
    })
    .await;
    let mut client = server.client().await;
    client.join("/dynamic-1").await;
    for expected in ["early", "own", "connected"] {
        assert_eq!(steps.recv().await, Some(expected));
    }
    let mut second = server.joined().await;
    second.join("/dynamic-1").await;
    for expected in ["early", "late", "own", "connected"] {
        assert_eq!(steps.recv().await, Some(expected));
    }
    second.send(r#"40/dynamic-2,{"refuse":1}"#).await;
    assert_eq!(second.text().await, r#"44/dynamic-2,{"message":"refused"}"#);
}

/// Issue 4136 of the reference: clients that ask for a new namespace at once are in the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_ask_at_once_get_the_same_namespace_and_wait_until_it_is_open() {
    const CLIENTS: u64 = 8;
    let created = Arc::new(AtomicU64::new(0));
    let counter = created.clone();
    let server = Server::start(Config::default(), |io| {
        io.of_dynamic(dynamic);
        let others = io.clone();
        io.on_new_namespace(move |child| {
            counter.fetch_add(1, Ordering::Relaxed);
            // All have asked before it is open; whoever came in now would miss what follows. This thread of the runtime
            // hands over what it had to do, or those who ask would wait for it.
            tokio::task::block_in_place(|| {
                while others.stats().packets_in.load(Ordering::Relaxed) < CLIENTS {
                    std::thread::yield_now();
                }
            });
            child.on_connection(|socket| socket.join("room").unwrap());
        });
    })
    .await;
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(server.client().await);
    }
    for client in &mut clients {
        client.send("40/dynamic-1,").await;
    }
    for client in &mut clients {
        assert!(client.text().await.starts_with("40/dynamic-1,{"));
    }
    assert_eq!(created.load(Ordering::Relaxed), 1);
    server.io.of("/dynamic-1").to("room").emit("all", ());
    for client in &mut clients {
        assert_eq!(client.text().await, r#"42/dynamic-1,["all"]"#);
    }
}

#[tokio::test]
async fn what_the_parent_emits_reaches_all_children() {
    let mut parent = None;
    let server = Server::start(Config::default(), |io| {
        let namespaces = io.of_dynamic(dynamic);
        namespaces.on_connection(|socket| {
            if socket.handshake().auth.get("room").is_some() {
                socket.join("room").unwrap();
            }
        });
        parent = Some(namespaces);
    })
    .await;
    let parent = parent.unwrap();
    parent.emit("nobody", ());
    let (mut first, mut second) = (server.client().await, server.client().await);
    first.join("/dynamic-1").await;
    second.send(r#"40/dynamic-2,{"room":1}"#).await;
    assert!(second.text().await.starts_with("40/dynamic-2,{"));
    parent.to("room").emit("room", 1);
    parent.except("room").volatile().emit("others", 2);
    parent.broadcast().local().compress(false).emit("all", 3);
    assert_eq!(first.text().await, r#"42/dynamic-1,["others",2]"#);
    assert_eq!(first.text().await, r#"42/dynamic-1,["all",3]"#);
    assert_eq!(second.text().await, r#"42/dynamic-2,["room",1]"#);
    assert_eq!(second.text().await, r#"42/dynamic-2,["all",3]"#);
    let names: Vec<_> = parent
        .children()
        .iter()
        .map(|child| child.name().to_owned())
        .collect();
    assert_eq!(names, ["/dynamic-1", "/dynamic-2"]);
}

#[tokio::test]
async fn new_namespaces_are_announced() {
    let (sender, mut names) = mpsc::unbounded_channel();
    let server = Server::start(Config::default(), |io| {
        io.of("/before");
        io.on_new_namespace(move |namespace| sender.send(namespace.name().to_owned()).unwrap());
        io.of_dynamic(dynamic);
        io.of("static");
        io.of("/static");
    })
    .await;
    assert_eq!(names.recv().await.unwrap(), "/static");
    let mut client = server.client().await;
    client.join("/dynamic-101").await;
    assert_eq!(names.recv().await.unwrap(), "/dynamic-101");
    assert!(names.try_recv().is_err());
}

/// Whether `/dynamic-1` is there after `act`.
async fn check_cleanup(
    name: &str,
    config: Config,
    setup: impl FnOnce(&SocketIo),
    act: impl AsyncFnOnce(&Server),
    stays: bool,
) {
    let mut parent = None;
    let server = Server::start(config, |io| {
        let namespaces = io.of_dynamic(dynamic);
        namespaces.use_middleware(|socket| async move {
            match socket.handshake().auth.get("refuse") {
                Some(_) => Err(ConnectError::new("refused")),
                None => Ok(()),
            }
        });
        parent = Some(namespaces);
        setup(io);
    })
    .await;
    act(&server).await;
    let there = || parent.as_ref().unwrap().children().len() as u64;
    server
        .until(|stats| &stats.dynamic_namespaces, u64::from(stays))
        .await;
    assert_eq!(there(), u64::from(stays), "{name}");
}

async fn refuse(client: &mut Client) {
    client.send(r#"40/dynamic-1,{"refuse":1}"#).await;
    assert_eq!(client.text().await, r#"44/dynamic-1,{"message":"refused"}"#);
}

#[tokio::test]
async fn an_empty_child_is_cleaned_up_where_that_is_wanted() {
    let nothing = |_: &SocketIo| {};
    let come_and_go = async |server: &Server| {
        let mut client = server.client().await;
        client.join("/dynamic-1").await;
        client.send("41/dynamic-1,").await;
        // It is over when the next one is answered.
        client.assert_refused("/other", "Invalid namespace").await;
    };
    check_cleanup("left", cleaning(), nothing, come_and_go, false).await;
    check_cleanup("off", Config::default(), nothing, come_and_go, true).await;
    let connection_lost = async |server: &Server| {
        let mut client = server.client().await;
        client.join("/dynamic-1").await;
    };
    check_cleanup("connection lost", cleaning(), nothing, connection_lost, false).await;
    let refused = async |server: &Server| refuse(&mut server.client().await).await;
    check_cleanup("refused", cleaning(), nothing, refused, false).await;
    check_cleanup("refused, off", Config::default(), nothing, refused, true).await;
    check_cleanup(
        "refused, but another client is there",
        cleaning(),
        nothing,
        async |server| {
            let mut client = server.client().await;
            client.join("/dynamic-1").await;
            refuse(&mut server.client().await).await;
            assert_eq!(server.count(|stats| &stats.dynamic_namespaces), 1);
            server.io.of("/dynamic-1").emit("there", ());
            assert_eq!(client.text().await, r#"42/dynamic-1,["there"]"#);
        },
        false,
    )
    .await;
    check_cleanup(
        "joined again",
        cleaning(),
        nothing,
        async |server| {
            for _ in 0..3 {
                come_and_go(server).await;
                server.until(|stats| &stats.dynamic_namespaces, 0).await;
            }
            let mut client = server.client().await;
            client.join("/dynamic-1").await;
            server.io.of("/dynamic-1").emit("again", ());
            assert_eq!(client.text().await, r#"42/dynamic-1,["again"]"#);
        },
        false,
    )
    .await;
}

#[tokio::test]
async fn a_namespace_that_is_not_dynamic_is_never_cleaned_up() {
    let server = Server::start(cleaning(), |io| {
        io.of("/static");
    })
    .await;
    for _ in 0..2 {
        let mut client = server.client().await;
        client.join("/static").await;
    }
    server.until_empty().await;
    server.client().await.join("/static").await;
}

#[tokio::test]
async fn a_name_that_the_program_makes_belongs_to_its_pattern() {
    let server = Server::start(Config::default(), |io| {
        let parent = io.of_pattern(NamespacePattern::parse("/dynamic-{n}").unwrap());
        let child = io.of("/dynamic-101");
        io.of("/other");
        assert_eq!(parent.children(), [child]);
        parent.on_connection(|socket| socket.emit("hello", ()).unwrap());
    })
    .await;
    let mut client = server.client().await;
    client.join("/dynamic-101").await;
    assert_eq!(client.text().await, r#"42/dynamic-101,["hello"]"#);
}

#[tokio::test]
async fn dynamic_namespaces_are_bounded() {
    let config = Config {
        dynamic_namespaces_max: 2,
        ..cleaning()
    };
    let server = Server::start(config, |io| drop(io.of_dynamic(dynamic))).await;
    let mut client = server.client().await;
    client.join("/dynamic-1").await;
    client.join("/dynamic-2").await;
    client.assert_refused("/dynamic-3", "Too many namespaces").await;
    assert_eq!(server.count(|stats| &stats.dynamic_namespaces_refused), 1);
    client.send("41/dynamic-1,").await;
    client.join("/dynamic-3").await;
}

/// Coming and going at once: whoever is in hears what is emitted to the namespace of that name.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_enters_a_namespace_that_is_being_cleaned_up() {
    let server = Arc::new(Server::start(cleaning(), |io| drop(io.of_dynamic(dynamic))).await);
    let visitors: Vec<_> = (0..4)
        .map(|_| {
            let server = server.clone();
            tokio::spawn(async move {
                let mut client = server.client().await;
                for _ in 0..50 {
                    client.join("/dynamic-1").await;
                    server.io.of("/dynamic-1").emit("there", ());
                    while client.text().await != r#"42/dynamic-1,["there"]"# {}
                    client.send("41/dynamic-1,").await;
                    client.send("40/end,").await;
                    while !client.text().await.starts_with("44/end") {}
                }
            })
        })
        .collect();
    for visitor in visitors {
        visitor.await.unwrap();
    }
    server.until(|stats| &stats.dynamic_namespaces, 0).await;
}
