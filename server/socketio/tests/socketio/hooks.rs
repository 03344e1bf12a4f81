use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::header::{HeaderValue, SET_COOKIE};
use http::{HeaderMap, Response};
use socketio::{Config, Cookie, Hooks, Passage, Refusal, RequestHead, Stop};

use crate::handshakes::hooked;
use crate::poller::{Answer, POLLING, Poller, WEBSOCKET, get, upgrade};

fn plus(name: &'static str, value: &'static str) -> impl Fn(Passage) -> Ready + Send + Sync + 'static {
    move |mut passage| {
        passage.headers.append(name, HeaderValue::from_static(value));
        std::future::ready(Ok(passage))
    }
}

type Ready = std::future::Ready<Result<Passage, Stop>>;

#[tokio::test]
async fn middleware_runs_in_order_on_every_request_and_adds_headers() {
    let order = Arc::new(Mutex::new(String::new()));
    let note = |letter: char| {
        let order = order.clone();
        move |passage: Passage| {
            order.lock().unwrap().push(letter);
            std::future::ready(Ok(passage))
        }
    };
    let hooks = Hooks::default()
        .use_middleware(note('a'))
        .use_middleware(plus("foo", "bar"))
        .use_middleware(note('b'))
        .use_middleware(plus("set-cookie", "session=1"))
        .use_middleware(plus("cache-control", "public"))
        .use_middleware(note('c'));
    let config = Config {
        cookie: Some(Cookie::default()),
        ..Config::default()
    };
    let server = hooked(config, hooks).await;
    let adds = |answer: &Answer, status: u16| {
        let fits = answer.status == status && answer.head.contains("\r\nfoo: bar");
        assert!(fits && answer.head.contains("session=1"), "{answer:?}");
    };
    let open = get(&server, POLLING).await;
    adds(&open, 200);
    // Its own headers are not touched; a cookie of the middleware stands beside the server's.
    assert!(open.head.contains("cache-control: no-store") && !open.head.contains("public"));
    assert!(open.head.contains("io="), "{open:?}");
    let poller = Poller {
        addr: server.addr,
        sid: open.body[9..29].to_owned(),
    };
    adds(&poller.post("40").await, 200);
    adds(&poller.poll().await, 200);
    adds(&upgrade(&server, &poller.path("websocket")).await, 101);
    adds(&upgrade(&server, WEBSOCKET).await, 101);
    adds(&get(&server, "/socket.io/?EIO=4&transport=tcp").await, 400);
    adds(&poller.request("OPTIONS", "", b"").await, 204);
    assert_eq!(*order.lock().unwrap(), "abc".repeat(7));
}

#[tokio::test]
async fn middleware_may_end_a_request_or_fail() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let list = heard.clone();
    let hooks = Hooks::default()
        .use_middleware(plus("foo", "bar"))
        .use_middleware(|passage| async move {
            match passage.request.query.get("do") {
                Some("end") => {
                    let mut response = Response::new("closed for today".into());
                    *response.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
                    Err(Stop::from(response))
                }
                Some("switch") => {
                    let mut response = Response::new("whose is it?".into());
                    *response.status_mut() = http::StatusCode::SWITCHING_PROTOCOLS;
                    Err(Stop::from(response))
                }
                Some("fail") => Err(Stop::Error("the database is gone".to_owned())),
                Some("panic") => panic!("a test panics in middleware"),
                Some("hang") => std::future::pending().await,
                _ => Ok(passage),
            }
        })
        .on_connection_error(move |request, refusal| {
            assert!(request.query.get("do").is_some());
            list.lock().unwrap().push(refusal.clone());
        });
    let config = Config {
        hook_timeout: Duration::from_millis(50),
        ..Config::default()
    };
    let server = hooked(config, hooks).await;
    for path in [POLLING, WEBSOCKET] {
        let answer = match path {
            POLLING => get(&server, &format!("{path}&do=end")).await,
            _ => upgrade(&server, &format!("{path}&do=end")).await,
        };
        assert_eq!((answer.status, answer.body.as_str()), (503, "closed for today"));
        assert!(answer.head.contains("foo: bar"), "{answer:?}");
    }
    // Nobody would come for a stream that middleware gives away.
    for path in [POLLING, WEBSOCKET] {
        let answer = match path {
            POLLING => get(&server, &format!("{path}&do=switch")).await,
            _ => upgrade(&server, &format!("{path}&do=switch")).await,
        };
        assert_eq!((answer.status, answer.body.as_str()), (500, "internal error"));
        assert!(answer.head.contains("foo: bar"), "{answer:?}");
    }
    let cases = [
        ("fail", "the database is gone"),
        ("panic", "it panicked"),
        ("hang", "it took too long"),
    ];
    for (query, error) in cases {
        let answer = get(&server, &format!("{POLLING}&do={query}")).await;
        let body = r#"{"code":3,"message":"Bad request"}"#;
        assert_eq!((answer.status, answer.body.as_str()), (400, body), "{query}");
        assert!(answer.head.contains("foo: bar"), "{answer:?}");
        let answer = upgrade(&server, &format!("{WEBSOCKET}&do={query}")).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (400, "Bad request"),
            "{query}"
        );
        let failure = Refusal::MiddlewareFailure {
            error: error.to_owned(),
        };
        assert_eq!(
            heard.lock().unwrap().split_off(0),
            [failure.clone(), failure.clone()]
        );
        assert_eq!((failure.code(), failure.name()), (3, Some("MIDDLEWARE_FAILURE")));
    }
    assert_eq!(server.count(|stats| &stats.handler_panics), 2);
    server.until_empty().await;
}

#[tokio::test]
async fn what_middleware_leaves_is_found_by_later_hooks() {
    #[derive(Clone)]
    struct User(&'static str);
    let hooks = Hooks::default()
        .use_middleware(|mut passage| async move {
            Arc::make_mut(&mut passage.request.extensions).insert(User("ann"));
            Arc::make_mut(&mut passage.request.headers).insert("x-user", HeaderValue::from_static("ann"));
            Ok(passage)
        })
        .allow_request(|request| async move {
            let user = request.extensions.get::<User>().map(|user| user.0);
            (user == Some("ann") && request.headers["x-user"] == "ann")
                .then_some(())
                .ok_or_else(String::new)
        });
    let server = hooked(Config::default(), hooks).await;
    assert_eq!(get(&server, POLLING).await.status, 200);
    let (users, mut user) = tokio::sync::mpsc::unbounded_channel();
    server.io.of("/").on_connection(move |socket| {
        let user = socket.request().extensions.get::<User>().unwrap();
        users.send(user.0).unwrap();
    });
    server.joined().await;
    assert_eq!(user.recv().await, Some("ann"));
}

/// Also with middleware in between.
#[tokio::test]
async fn the_payload_bound_holds_behind_middleware() {
    let config = Config {
        max_payload_bytes: 5,
        ..Config::default()
    };
    let server = hooked(config, Hooks::default().use_middleware(plus("foo", "bar"))).await;
    let poller = Poller::open(&server).await;
    let answer = poller.post("4aaaaa").await;
    assert!(
        answer.status == 413 && answer.head.contains("foo: bar"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn header_hooks_see_the_first_and_every_answer_of_a_session() {
    let count = Arc::new([AtomicU64::new(0), AtomicU64::new(0)]);
    let counter = |index: usize, name: &'static str| {
        let count = count.clone();
        move |headers: &mut HeaderMap, request: &RequestHead| {
            assert!(request.url.starts_with("/socket.io/?"));
            let number = count[index].fetch_add(1, Ordering::Relaxed) + 1;
            headers.insert(name, number.into());
            headers.append(SET_COOKIE, HeaderValue::from_static("a=b"));
        }
    };
    let hooks = Hooks::default()
        .headers(counter(1, "x-every"))
        .initial_headers(counter(0, "x-first"))
        .headers(|_, _| panic!("a test panics in a header hook"));
    let server = hooked(Config::default(), hooks).await;
    let open = get(&server, POLLING).await;
    assert!(
        open.head.contains("x-first: 1") && open.head.contains("x-every: 1"),
        "{open:?}"
    );
    assert_eq!(open.head.matches("set-cookie: a=b").count(), 2, "{open:?}");
    let poller = Poller {
        addr: server.addr,
        sid: open.body[9..29].to_owned(),
    };
    let later = [
        poller.post("40").await,
        poller.poll().await,
        upgrade(&server, &poller.path("websocket")).await,
    ];
    for (answer, number) in later.iter().zip(2..) {
        assert!(answer.head.contains(&format!("x-every: {number}")), "{answer:?}");
        assert!(!answer.head.contains("x-first"), "{answer:?}");
    }
    let fresh = upgrade(&server, WEBSOCKET).await;
    assert!(
        fresh.head.contains("x-first: 2") && fresh.head.contains("x-every: 5"),
        "{fresh:?}"
    );
    let refused = get(&server, "/socket.io/?EIO=3&transport=polling").await;
    assert!(!refused.head.contains("x-every"), "{refused:?}");
}
