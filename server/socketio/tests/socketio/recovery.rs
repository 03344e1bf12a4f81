use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use socketio::{Config, Parser, Recovery, Socket, SocketIo};
use tokio::sync::mpsc;

use crate::harness::{Client, PATIENCE, Server};
use crate::poller::Poller;

pub(crate) fn config() -> Config {
    Config {
        recovery: Some(Recovery::default()),
        ..Config::default()
    }
}

/// A server with recovery, and the sockets of `/` as they come.
pub(crate) struct Host {
    pub(crate) server: Server,
    pub(crate) sockets: mpsc::UnboundedReceiver<Socket>,
}

impl Host {
    pub(crate) async fn start(config: Config, setup: impl FnOnce(&SocketIo)) -> Self {
        let (sender, sockets) = mpsc::unbounded_channel();
        let server = Server::start(config, |io| {
            setup(io);
            io.of("/")
                .on_connection(move |socket| sender.send(socket.clone()).unwrap());
        })
        .await;
        Self { server, sockets }
    }

    /// A client that has joined `/`.
    pub(crate) async fn joined(&mut self) -> (Session, Client, Socket) {
        let mut client = self.server.client().await;
        client.send("40").await;
        let session = Session::read(&client.text().await);
        let socket = self.sockets.recv().await.unwrap();
        assert!(!socket.recovered());
        (session, client, socket)
    }

    /// A client that asks to be the socket of `session` again, and has read nothing yet.
    pub(crate) async fn back(&self, session: &Session) -> Client {
        let mut client = self.server.client().await;
        client.send(&session.connect()).await;
        client
    }

    /// Returns when `count` sessions are kept.
    pub(crate) async fn until_away(&self, count: u64) {
        self.server.until(|stats| &stats.recovery_sessions, count).await;
    }
}

/// What a client knows of its session.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Session {
    pub(crate) sid: String,
    pub(crate) pid: String,
    pub(crate) offset: Option<String>,
}

impl Session {
    /// Reads the answer to CONNECT.
    pub(crate) fn read(answer: &str) -> Self {
        let fields: Value = serde_json::from_str(answer.strip_prefix("40").unwrap()).unwrap();
        let field = |name: &str| fields[name].as_str().unwrap_or_default().to_owned();
        let session = Self {
            sid: field("sid"),
            pid: field("pid"),
            offset: None,
        };
        assert_eq!((session.sid.len(), session.pid.len()), (20, 20), "{answer}");
        assert_ne!(session.sid, session.pid);
        session
    }

    pub(crate) fn connect(&self) -> String {
        let mut fields = json!({ "pid": self.pid, "token": "t" });
        if let Some(offset) = &self.offset {
            fields["offset"] = offset.as_str().into();
        }
        format!("40{fields}")
    }

    /// Reads an event without attachments: its name and arguments without the offset, which is noted.
    pub(crate) async fn event(&mut self, client: &mut Client) -> Vec<Value> {
        let text = client.text().await;
        self.take_offset(text.strip_prefix("42").unwrap_or_else(|| panic!("{text}")))
    }

    pub(crate) fn take_offset(&mut self, array: &str) -> Vec<Value> {
        let mut values: Vec<Value> = serde_json::from_str(array).unwrap();
        let offset = values.pop().unwrap();
        self.offset = Some(offset.as_str().unwrap().to_owned());
        values
    }
}

#[tokio::test]
async fn a_client_that_comes_back_is_the_same_socket_and_gets_what_it_missed() {
    let mut host = Host::start(config(), |_| {}).await;
    let (mut session, mut client, socket) = host.joined().await;
    let main = host.server.io.of("/");
    socket.emit("single", 1).unwrap();
    assert_eq!(session.event(&mut client).await, ["single".into(), json!(1)]);
    drop(client);
    host.until_away(1).await;
    main.emit("all", 2);
    main.to(&session.sid).emit("id", 3);
    main.to("elsewhere").emit("no", ());
    let mut client = host.back(&session).await;
    let before = session.offset.clone();
    assert_eq!(session.event(&mut client).await, ["all".into(), json!(2)]);
    assert_eq!(session.event(&mut client).await, ["id".into(), json!(3)]);
    assert_ne!(session.offset, before);
    // What was missed comes first, then the same ids.
    let again = Session::read(&client.text().await);
    assert_eq!((&again.sid, &again.pid), (&session.sid, &session.pid));
    let recovered = host.sockets.recv().await.unwrap();
    assert!(recovered.recovered() && recovered.is_connected());
    assert_eq!(recovered.id(), socket.id());
    main.emit("live", 4);
    assert_eq!(session.event(&mut client).await, ["live".into(), json!(4)]);
    assert_eq!(host.server.count(|stats| &stats.recovered), 1);
    assert_eq!(host.server.count(|stats| &stats.recovery_sessions), 0);
}

#[tokio::test]
async fn rooms_and_data_come_back_as_they_were_at_the_end() {
    let mut host = Host::start(config(), |_| {}).await;
    let (session, client, socket) = host.joined().await;
    for room in ["a", "b", "c"] {
        socket.join(room).unwrap();
    }
    socket.leave("b");
    socket.data().set("name", "ada");
    drop(client);
    host.until_away(1).await;
    // A snapshot: the old handle is nobody.
    socket.data().set("name", "eve");
    let mut client = host.back(&session).await;
    assert_eq!(Session::read(&client.text().await), session);
    let recovered = host.sockets.recv().await.unwrap();
    assert_eq!(recovered.rooms(), [session.sid.as_str(), "a", "c"]);
    assert_eq!(recovered.data().snapshot(), json!({ "name": "ada" }));
    host.server.io.of("/").to("c").emit("room", ());
    assert!(client.text().await.starts_with("42[\"room\",\""));
}

#[tokio::test]
async fn events_carry_an_offset_unless_they_are_volatile_or_ask_for_an_answer() {
    let mut host = Host::start(config(), |_| {}).await;
    let (mut session, mut client, socket) = host.joined().await;
    let main = host.server.io.of("/");
    main.emit("none", ());
    assert_eq!(session.event(&mut client).await, ["none"]);
    let mut seen = vec![session.offset.clone().unwrap()];
    socket.emit("binary", (1, Bytes::from_static(b"abc"))).unwrap();
    let text = client.text().await;
    let values = session.take_offset(text.strip_prefix("451-").unwrap());
    assert_eq!(values[1..], [json!(1), json!({ "_placeholder": true, "num": 0 })]);
    assert_eq!(client.binary().await, "abc");
    seen.push(session.offset.clone().unwrap());
    main.to(&session.sid).emit("binary", Bytes::from_static(b"def"));
    let text = client.text().await;
    session.take_offset(text.strip_prefix("451-").unwrap());
    assert_eq!(client.binary().await, "def");
    seen.push(session.offset.clone().unwrap());
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 3, "each has its own");
    crate::harness::until_writable(&socket).await;
    assert!(socket.volatile().emit("volatile", 1).is_ok());
    assert_eq!(client.text().await, r#"42["volatile",1]"#);
    main.volatile().emit("volatile", 2);
    assert_eq!(client.text().await, r#"42["volatile",2]"#);
    let ask = socket.timeout(PATIENCE).emit_with_ack("ask", ());
    let play = async {
        assert_eq!(client.text().await, r#"420["ask"]"#);
        client.send("430[]").await;
    };
    assert!(tokio::join!(ask, play).0.is_ok());
    let play = async {
        assert_eq!(client.text().await, r#"421["ask"]"#);
        client.send("431[]").await;
    };
    assert!(tokio::join!(main.emit_with_ack("ask", ()), play).0.is_ok());
    // Nor are they kept.
    assert_eq!(host.server.count(|stats| &stats.recovery_packets), 3);
}

#[tokio::test]
async fn binary_that_was_missed_comes_with_its_attachments() {
    let mut host = Host::start(config(), |_| {}).await;
    let (session, client, _) = host.joined().await;
    drop(client);
    host.until_away(1).await;
    let main = host.server.io.of("/");
    main.emit(
        "binary",
        (Bytes::from_static(b"abc"), "x", Bytes::from_static(b"def")),
    );
    let mut client = host.back(&session).await;
    let text = client.text().await;
    assert!(
        text.starts_with("452-[\"binary\",{\"_placeholder\":true,\"num\":0},\"x\","),
        "{text}"
    );
    assert_eq!(client.binary().await, "abc");
    assert_eq!(client.binary().await, "def");
    assert_eq!(Session::read(&client.text().await), session);
}

#[tokio::test]
async fn a_client_without_an_offset_has_seen_nothing() {
    let mut host = Host::start(config(), |_| {}).await;
    let (mut session, client, socket) = host.joined().await;
    let main = host.server.io.of("/");
    socket.emit("lost on the way", ()).unwrap();
    drop(client);
    host.until_away(1).await;
    main.emit("missed", ());
    let mut client = host.back(&session).await;
    assert_eq!(session.event(&mut client).await, ["lost on the way"]);
    assert_eq!(session.event(&mut client).await, ["missed"]);
    assert_eq!(Session::read(&client.text().await).sid, session.sid);
    assert!(host.sockets.recv().await.unwrap().recovered());
}

#[tokio::test]
async fn what_left_the_server_and_did_not_arrive_is_sent_again() {
    let mut host = Host::start(config(), |_| {}).await;
    let (mut session, mut client, _) = host.joined().await;
    let main = host.server.io.of("/");
    for number in 0..3 {
        main.emit("number", number);
    }
    session.event(&mut client).await;
    drop(client);
    host.until_away(1).await;
    let mut client = host.back(&session).await;
    assert_eq!(session.event(&mut client).await[1], 1);
    assert_eq!(session.event(&mut client).await[1], 2);
    Session::read(&client.text().await);
}

#[tokio::test]
async fn what_is_unknown_or_too_old_is_a_new_session() {
    let mut host = Host::start(config(), |_| {}).await;
    let (mut session, mut client, socket) = host.joined().await;
    socket.emit("event", ()).unwrap();
    session.event(&mut client).await;
    drop(client);
    host.until_away(1).await;
    let check = async |host: &mut Host, claim: &Session| {
        let mut client = host.back(claim).await;
        let fresh = Session::read(&client.text().await);
        assert!(fresh.sid != session.sid && fresh.pid != session.pid);
        assert!(!host.sockets.recv().await.unwrap().recovered());
    };
    let mut unknown = session.clone();
    unknown.pid = "abcdefghijklmnopqrst".to_owned();
    check(&mut host, &unknown).await;
    let mut stale = session.clone();
    stale.offset = Some("nonsense".to_owned());
    check(&mut host, &stale).await;
    // An attempt with a wrong offset has consumed it.
    check(&mut host, &session).await;
    assert_eq!(host.server.count(|stats| &stats.recoveries_refused), 3);
}

#[tokio::test]
async fn a_session_that_was_away_for_too_long_is_a_new_one() {
    let recovery = Recovery {
        max_disconnection_duration: Duration::from_millis(50),
        ..Recovery::default()
    };
    let config = Config {
        recovery: Some(recovery),
        ..Config::default()
    };
    let mut host = Host::start(config, |_| {}).await;
    let (session, client, _) = host.joined().await;
    drop(client);
    host.server
        .until(|stats| &stats.recovery_sessions_expired, 1)
        .await;
    let mut client = host.back(&session).await;
    assert_ne!(Session::read(&client.text().await).sid, session.sid);
}

#[tokio::test]
async fn recovery_is_off_unless_it_is_asked_for() {
    let seen = Arc::new(Mutex::new(Value::Null));
    let auth = seen.clone();
    let mut host = Host::start(Config::default(), |io| {
        io.of("/").on_connection(move |socket| {
            *auth.lock().unwrap() = socket.handshake().auth.clone();
        });
    })
    .await;
    let mut client = host.server.client().await;
    client.send("40{\"pid\":\"mine\"}").await;
    let answer = client.text().await;
    assert!(!answer.contains("pid"), "{answer}");
    let socket = host.sockets.recv().await.unwrap();
    // Then it is a word like any other.
    assert_eq!(*seen.lock().unwrap(), json!({ "pid": "mine" }));
    socket.emit("event", 1).unwrap();
    assert_eq!(client.text().await, r#"42["event",1]"#);
    drop(client);
    host.server.until_empty().await;
    for gauge in [
        host.server.count(|stats| &stats.recovery_sessions),
        host.server.count(|stats| &stats.recovery_packets),
        host.server.count(|stats| &stats.recoveries_refused),
    ] {
        assert_eq!(gauge, 0);
    }
}

#[tokio::test]
async fn a_namespace_may_opt_out() {
    let mut host = Host::start(config(), |io| {
        io.of("/game").set_recovery(false);
        io.of("/game").on_connection(|_| {});
    })
    .await;
    let (_session, mut client, _) = host.joined().await;
    client.send("40/game,").await;
    let answer = client.text().await;
    assert!(
        answer.starts_with("40/game,{\"sid\":") && !answer.contains("pid"),
        "{answer}"
    );
    host.server.io.of("/game").emit("snapshot", 1);
    assert_eq!(client.text().await, r#"42/game,["snapshot",1]"#);
    assert_eq!(host.server.count(|stats| &stats.recovery_packets), 0);
    drop(client);
    host.until_away(1).await;
}

#[tokio::test]
async fn a_connection_that_breaks_anyhow_keeps_its_session() {
    let quick = Config {
        ping_interval: Duration::from_millis(50),
        ping_timeout: Duration::from_millis(50),
        ..config()
    };
    let mut host = Host::start(quick, |_| {}).await;
    // Silence.
    let (_, client, _) = host.joined().await;
    host.until_away(1).await;
    drop(client);
    let mut host = Host::start(config(), |_| {}).await;
    // An Engine.IO close.
    let (_, mut client, _) = host.joined().await;
    client.send("1").await;
    host.until_away(1).await;
    // A WebSocket close.
    let (_, mut client, _) = host.joined().await;
    client.ws.close(None).await.unwrap();
    host.until_away(2).await;
    // A breach of Socket.IO's rules, which the reference forgives as well.
    let (_, mut client, _) = host.joined().await;
    client.send("40").await;
    host.until_away(3).await;
}

#[tokio::test]
async fn a_client_recovers_over_polling() {
    let mut host = Host::start(config(), |_| {}).await;
    let poller = Poller::open(&host.server).await;
    assert_eq!(poller.post("40").await.body, "ok");
    let mut session = Session::read(&poller.poll().await.body);
    let socket = host.sockets.recv().await.unwrap();
    socket.emit("one", ()).unwrap();
    let body = poller.poll().await.body;
    session.take_offset(body.strip_prefix("42").unwrap());
    assert_eq!(poller.post("1").await.body, "ok");
    host.until_away(1).await;
    host.server.io.of("/").emit("two", ());
    let poller = Poller::open(&host.server).await;
    assert_eq!(poller.post(&session.connect()).await.body, "ok");
    let body = poller.poll().await.body;
    let (event, answer) = body.split_once('\u{1e}').unwrap();
    assert_eq!(session.take_offset(event.strip_prefix("42").unwrap()), ["two"]);
    assert_eq!(Session::read(answer).sid, session.sid);

    // And from there to WebSocket, which breaks.
    let path = poller.path("websocket");
    let mut client = Client::open_at(host.server.addr, &path).await.unwrap();
    client.send("2probe").await;
    assert_eq!(client.text().await, "3probe");
    client.send("5").await;
    host.server.until(|stats| &stats.upgrades, 1).await;
    host.server.io.of("/").emit("three", ());
    assert_eq!(session.event(&mut client).await, ["three"]);
    drop(client);
    host.until_away(1).await;
    host.server.io.of("/").emit("four", ());
    let mut client = host.back(&session).await;
    assert_eq!(session.event(&mut client).await, ["four"]);
    assert_eq!(Session::read(&client.text().await).pid, session.pid);
}

/// What follows `name` in a msgpack map, a string of `length` below 32.
fn packed<'a>(packet: &'a [u8], name: &str, length: usize) -> &'a [u8] {
    let key = [name.as_bytes(), &[0xa0 | length as u8]].concat();
    let place = packet.windows(key.len()).position(|window| window == key);
    let from = place.unwrap_or_else(|| panic!("no {name} in {packet:?}")) + key.len();
    &packet[from..from + length]
}

#[tokio::test]
async fn a_client_recovers_with_msgpack() {
    let config = Config {
        parser: Parser::Msgpack,
        ..config()
    };
    let mut host = Host::start(config, |_| {}).await;
    let mut client = host.server.client().await;
    client.send_binary(b"\x82\xa4type\x00\xa3nsp\xa1/").await;
    let answer = client.binary().await;
    let (sid, pid) = (packed(&answer, "sid", 20), packed(&answer, "pid", 20));
    assert!(!host.sockets.recv().await.unwrap().recovered());
    drop(client);
    host.until_away(1).await;
    host.server
        .io
        .of("/")
        .emit("missed", (1, Bytes::from_static(b"abc")));
    let mut client = host.server.client().await;
    let claim = [b"\x83\xa4type\x00\xa3nsp\xa1/\xa4data\x81\xa3pid\xb4", pid].concat();
    client.send_binary(&claim).await;
    let missed = client.binary().await;
    let offset = missed.len() - 6;
    let array = [b"\xa4data\x94\xa6missed\x01\xc4\x03abc".as_slice(), b"\xa5"].concat();
    assert!(
        missed[..=offset]
            .windows(array.len())
            .any(|window| window == array),
        "{missed:?}"
    );
    let answer = client.binary().await;
    assert_eq!(
        (packed(&answer, "sid", 20), packed(&answer, "pid", 20)),
        (sid, pid)
    );
    assert!(host.sockets.recv().await.unwrap().recovered());
}

#[tokio::test]
async fn whoever_came_before_recovery_was_switched_on_sees_no_offsets() {
    let mut host = Host::start(config(), |io| io.of("/").set_recovery(false)).await;
    let mut early = host.server.joined().await;
    let main = host.server.io.of("/");
    host.sockets.recv().await.unwrap();
    main.set_recovery(true);
    let (mut session, mut client, _) = host.joined().await;
    main.emit("event", 1);
    assert_eq!(early.text().await, r#"42["event",1]"#);
    assert_eq!(session.event(&mut client).await, ["event".into(), json!(1)]);
    main.set_recovery(false);
    main.emit("event", 2);
    assert_eq!(client.text().await, r#"42["event",2]"#);
}

#[tokio::test]
async fn a_namespace_that_is_cleaned_up_waits_for_clients_that_are_away() {
    let recovery = Recovery {
        max_disconnection_duration: Duration::from_secs(5),
        ..Recovery::default()
    };
    let config = Config {
        recovery: Some(recovery),
        cleanup_empty_child_namespaces: true,
        ..Config::default()
    };
    let host = Host::start(config, |io| drop(io.of_dynamic(|name, _| name == "/match"))).await;
    let read = |answer: String| Session::read(&answer.replace("/match,", ""));
    let mut client = host.server.client().await;
    client.send("40/match,").await;
    let session = read(client.text().await);
    drop(client);
    host.until_away(1).await;
    let mut client = host.server.client().await;
    client.send(&session.connect().replace("40", "40/match,")).await;
    assert_eq!(read(client.text().await).sid, session.sid);
    drop(client);
    host.server.until(|stats| &stats.dynamic_namespaces, 0).await;
    // Who leaves for good does not keep it.
    let mut client = host.server.client().await;
    client.send("40/match,").await;
    client.text().await;
    client.send("41/match,").await;
    host.server.until(|stats| &stats.dynamic_namespaces, 0).await;
}
