use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use socketio::{Config, Cookie, Hooks, SocketIo};

use crate::harness::{Client, Server, fixture};
use crate::poller::{POLLING, Poller, UPGRADE, WEBSOCKET, exchange, get, upgrade};

/// The fixture with hooks.
pub(crate) async fn hooked(config: Config, hooks: Hooks) -> Server {
    let io = SocketIo::builder().config(config).hooks(hooks).build();
    fixture(&io);
    Server::serve(io).await
}

#[tokio::test]
async fn the_cookie_comes_with_the_first_answer_of_a_polling_session() {
    let config = Config {
        cookie: Some(Cookie::default()),
        ..Config::default()
    };
    let server = hooked(config, Hooks::default()).await;
    let open = get(&server, POLLING).await;
    let sid = &open.body[9..29];
    let line = format!("set-cookie: io={sid}; path=/; httponly; samesite=lax").to_ascii_lowercase();
    assert!(open.head.contains(&line), "{open:?}");
    let poller = Poller {
        addr: server.addr,
        sid: sid.to_owned(),
    };
    for answer in [poller.post("40").await, poller.poll().await] {
        assert!(!answer.head.contains("set-cookie"), "{answer:?}");
    }
    let refused = SocketIo::builder()
        .config(Config {
            cookie: Some(Cookie {
                name: "a;b".to_owned(),
                ..Cookie::default()
            }),
            ..Config::default()
        })
        .try_build();
    assert_eq!(refused.err().unwrap().field, "cookie");
}

#[tokio::test]
async fn only_handshakes_are_asked_about() {
    let asked = Arc::new(AtomicU64::new(0));
    let counter = asked.clone();
    let hooks = Hooks::default().allow_request(move |request| {
        let number = counter.fetch_add(1, Ordering::Relaxed);
        async move {
            tokio::task::yield_now().await;
            match request.query.get("token") {
                Some("hang") => std::future::pending().await,
                Some("no") => Err(format!("no {number}")),
                _ => Ok(()),
            }
        }
    });
    let config = Config {
        hook_timeout: Duration::from_millis(50),
        ..Config::default()
    };
    let server = hooked(config, hooks).await;
    let poller = Poller::joined(&server).await;
    upgrade(&server, &poller.path("websocket")).await;
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    let answer = get(&server, &format!("{POLLING}&token=no")).await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (403, r#"{"code":4,"message":"no 1"}"#)
    );
    let answer = upgrade(&server, &format!("{WEBSOCKET}&token=no")).await;
    assert_eq!((answer.status, answer.body.as_str()), (400, "no 2"));
    let answer = get(&server, &format!("{POLLING}&token=hang")).await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (403, r#"{"code":4,"message":"Forbidden"}"#)
    );
    assert_eq!(server.count(|stats| &stats.handshakes_forbidden), 3);
}

#[tokio::test]
async fn every_refusal_is_told_with_its_context() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let list = told.clone();
    let hooks = Hooks::default()
        .on_connection_error(|_, _| panic!("a test panics in an error hook"))
        .on_connection_error(move |request, refusal| {
            let name = refusal.name().unwrap_or_default();
            let text = format!("{}|{}|{name}", refusal.code(), refusal.message());
            list.lock()
                .unwrap()
                .push((request.method.to_string(), text, format!("{refusal:?}")));
        })
        .allow_request(|request| async move {
            match request.query.get("token") {
                Some("no") => Err("no token".to_owned()),
                _ => Ok(()),
            }
        });
    let server = hooked(Config::default(), hooks).await;
    let poller = Poller::open(&server).await;
    let sid = &poller.sid;
    let (moved, _client) = {
        let poller = Poller::joined(&server).await;
        let mut client = Client::open_at(server.addr, &poller.path("websocket"))
            .await
            .unwrap();
        for text in ["2probe", "5", r#"42["message",1]"#] {
            client.send(text).await;
        }
        while client.text().await != r#"42["message-back",1]"# {}
        (poller.sid, client)
    };
    let polling = |rest: &str| format!("EIO=4&transport=polling{rest}");
    let websocket = |rest: &str| format!("EIO=4&transport=websocket{rest}");
    let query = str::to_owned;
    // The last column: code, message, name and a piece of the details.
    let cases = [
        (
            "GET",
            query("EIO=4&transport=tcp"),
            "",
            "0|Transport unknown||Some(\"tcp\")",
        ),
        ("GET", query("EIO=4"), "", "0|Transport unknown||None"),
        (
            "GET",
            query("transport=__proto__"),
            "",
            "0|Transport unknown||__proto__",
        ),
        (
            "GET",
            query("transport=constructor"),
            UPGRADE,
            "0|Transport unknown||constructor",
        ),
        (
            "GET",
            polling("&sid=__proto__"),
            "",
            "1|Session ID unknown||__proto__",
        ),
        ("GET", websocket("&sid=x"), UPGRADE, "1|Session ID unknown||\"x\""),
        ("PUT", polling(""), "", "2|Bad handshake method||PUT"),
        (
            "GET",
            polling(""),
            "Origin: \u{e9}\r\n",
            "3|Bad request|INVALID_ORIGIN|\\xc3\\xa9",
        ),
        (
            "GET",
            websocket(""),
            "",
            "3|Bad request|TRANSPORT_HANDSHAKE_ERROR|",
        ),
        (
            "GET",
            polling(&format!("&sid={moved}")),
            "",
            "3|Bad request|TRANSPORT_MISMATCH|previous: WebSocket",
        ),
        (
            "GET",
            websocket(&format!("&sid={sid}")),
            "",
            "3|Bad request|TRANSPORT_MISMATCH|previous: Polling",
        ),
        (
            "POST",
            format!("EIO=3&transport=polling&sid={sid}"),
            "",
            "3|Bad request|PROTOCOL_MISMATCH|\"3\"",
        ),
        (
            "GET",
            format!("transport=websocket&sid={sid}"),
            UPGRADE,
            "3|Bad request|PROTOCOL_MISMATCH|None",
        ),
        (
            "DELETE",
            polling(&format!("&sid={sid}")),
            "",
            "3|Bad request||BadRequest",
        ),
        ("GET", polling("&token=no"), "", "4|no token||no token"),
        ("GET", websocket("&token=no"), UPGRADE, "4|no token||no token"),
        (
            "GET",
            query("EIO=3&transport=polling"),
            "",
            "5|Unsupported protocol version||\"3\"",
        ),
        (
            "GET",
            query("transport=websocket"),
            UPGRADE,
            "5|Unsupported protocol version||None",
        ),
    ];
    for (method, query, headers, expected) in cases {
        let close = if headers == UPGRADE {
            ""
        } else {
            "Connection: close\r\n"
        };
        let request = format!("{method} /socket.io/?{query} HTTP/1.1\r\nHost: x\r\n{close}{headers}\r\n");
        let answer = exchange(server.addr, request.as_bytes()).await;
        let [code, message, name, details] = expected.split('|').collect::<Vec<_>>()[..] else {
            panic!("{expected}");
        };
        let status = if code == "4" && headers != UPGRADE {
            403
        } else {
            400
        };
        let body = match headers {
            UPGRADE => message.to_owned(),
            _ => format!(r#"{{"code":{code},"message":"{message}"}}"#),
        };
        assert_eq!((answer.status, answer.body), (status, body), "{method} {query}");
        let (asked, text, debug) = told.lock().unwrap().pop().unwrap();
        assert_eq!(
            (asked.as_str(), text),
            (method, format!("{code}|{message}|{name}")),
            "{query}"
        );
        assert!(debug.contains(details), "{query}: {debug}");
        assert!(told.lock().unwrap().is_empty(), "{query}");
    }
    // Whatever was refused, the session polls on.
    assert_eq!(poller.post("40").await.status, 200);
}

#[tokio::test]
async fn ids_may_be_the_applications_if_they_are_usable() {
    let errors = Arc::new(Mutex::new(Vec::new()));
    let list = errors.clone();
    let hooks = Hooks::default()
        .generate_id(|request| async move {
            tokio::task::yield_now().await;
            match request.query.get("id") {
                Some("nope") => Err("nope".to_owned()),
                Some("panic") => panic!("a test panics in a generator"),
                Some(id) => Ok(id.to_owned()),
                None => Ok("node-1.~_".to_owned()),
            }
        })
        .on_connection_error(move |_, refusal| {
            assert_eq!(refusal.name(), Some("ID_GENERATION_ERROR"));
            list.lock().unwrap().push(format!("{refusal:?}"));
        });
    let server = hooked(Config::default(), hooks).await;
    let open = get(&server, POLLING).await;
    assert!(open.body.starts_with(r#"0{"sid":"node-1.~_","#), "{open:?}");
    let poller = Poller {
        addr: server.addr,
        sid: "node-1.~_".to_owned(),
    };
    assert_eq!(poller.post("40").await.status, 200);
    let long = "a".repeat(129);
    let bad = [
        "nope",
        "panic",
        "",
        "a%20b",
        "a%22",
        "%c3%a9",
        "a/b",
        long.as_str(),
        "node-1.~_",
    ];
    for id in bad {
        let answer = get(&server, &format!("{POLLING}&id={id}")).await;
        let body = r#"{"code":3,"message":"Bad request"}"#;
        assert_eq!((answer.status, answer.body.as_str()), (400, body), "{id}");
        let answer = upgrade(&server, &format!("{WEBSOCKET}&id={id}")).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (400, "Bad request"),
            "{id}"
        );
    }
    let errors = errors.lock().unwrap().clone();
    assert_eq!(errors.len(), 2 * bad.len());
    assert!(
        errors[0].contains("nope") && errors[errors.len() - 1].contains("in use"),
        "{errors:?}"
    );
    // Up to the bound it is.
    let path = format!("{WEBSOCKET}&id={}", &long[1..]);
    assert_eq!(upgrade(&server, &path).await.status, 101);
}
