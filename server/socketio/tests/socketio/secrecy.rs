//! Session ids, of Engine.IO and of recovery, let their holder speak for the client: they are in no log, however detailed.

use std::time::Duration;

use socketio::{Config, ConnectError, Recovery};

use crate::harness::{Client, Seen, Server, fixture};
use crate::log::Log;
use crate::poller::{POLLING, Poller, WEBSOCKET, get, upgrade};

/// What clients send, as packets of Engine.IO: some of it in order, most of it not.
const PACKETS: [&str; 15] = [
    r#"42["message","text"]"#,
    r#"42["unknown"]"#,
    r#"42["panic"]"#,
    r#"42["refused by middleware"]"#,
    r#"421["message-with-ack",1]"#,
    r#"431["an answer to nothing"]"#,
    r#"40/refused,{"token":1}"#,
    "40/nowhere",
    "41",
    r#"42["after the end"]"#,
    "42{}",
    "4abc",
    r#"451-["binary",{"_placeholder":true,"num":3}]"#,
    "2",
    "é",
];

/// The id in the open packet of a WebSocket.
fn sid_of(open: &str) -> String {
    open.strip_prefix("0{\"sid\":\"").unwrap()[..20].to_owned()
}

async fn websocket(server: &Server) -> (Client, String) {
    let mut client = Client::open(server.addr).await;
    let sid = sid_of(&client.text().await);
    (client, sid)
}

async fn converse_by_websocket(server: &Server) -> Vec<String> {
    let mut sids = Vec::new();
    for packet in PACKETS {
        let (mut client, sid) = websocket(server).await;
        client.send("40").await;
        client.send(packet).await;
        client.send_binary(&[1]).await;
        client.closed().await;
        sids.push(sid);
    }
    sids
}

/// Comes back with the session of a connection that broke: once rightly, then with a session that is taken and with others that
/// never were.
async fn converse_with_recovery(server: &Server) -> Vec<String> {
    let (mut client, sid) = websocket(server).await;
    client.send("40/custom,").await;
    let answer = client.text().await;
    let pid = answer.split('"').nth(7).unwrap().to_owned();
    assert_eq!(pid.len(), 20, "{answer}");
    let mut sids = vec![sid, pid.clone()];
    drop(client);
    server.until(|stats| &stats.recovery_sessions, 1).await;
    for connect in [
        format!(r#"40/custom,{{"pid":"{pid}"}}"#),
        format!(r#"40/custom,{{"pid":"{pid}","offset":"?"}}"#),
        format!(r#"40/custom,{{"pid":["{pid}"]}}"#),
        format!(r#"40/refused,{{"pid":"{pid}"}}"#),
        format!(r#"40/custom,{{"pid":"{pid}"#),
    ] {
        let (mut client, sid) = websocket(server).await;
        client.send(&connect).await;
        client.closed().await;
        sids.push(sid);
    }
    sids
}

async fn converse_by_polling(server: &Server) -> Vec<String> {
    let mut sids = Vec::new();
    for packet in PACKETS {
        let poller = Poller::joined(server).await;
        poller.post(packet).await;
        // Two at once are one too many.
        let _ = tokio::join!(poller.poll(), poller.poll());
        poller
            .request("POST", "Content-Type: application/octet-stream\r\n", &[1])
            .await;
        poller.request("PUT", "", b"").await;
        poller.poll().await;
        upgrade(server, &poller.path("websocket")).await;
        sids.push(poller.sid);
    }
    sids
}

async fn converse_while_moving(server: &Server) -> Vec<String> {
    let mut sids = Vec::new();
    for probe in ["2probe", "5", "garbage"] {
        let poller = Poller::joined(server).await;
        let path = poller.path("websocket");
        let mut client = Client::open_at(server.addr, &path).await.unwrap();
        client.send(probe).await;
        let mut second = Client::open_at(server.addr, &path).await.unwrap();
        second.closed().await;
        client.send("5").await;
        client.send("42[").await;
        client.closed().await;
        upgrade(server, &format!("{path}&EIO=3")).await;
        sids.push(poller.sid);
    }
    sids
}

#[tokio::test]
async fn no_session_id_is_ever_logged() {
    // All of the test is on this thread: its runtime has no other.
    let log = Log::of_this_thread();
    let config = Config {
        ping_interval: Duration::from_millis(100),
        ping_timeout: Duration::from_millis(100),
        upgrade_timeout: Duration::from_millis(200),
        recovery: Some(Recovery::default()),
        ..Config::default()
    };
    let server = Server::start(config, |io| {
        fixture(io);
        io.of("/").on_connection(|socket| {
            socket.on_sync("panic", |_| panic!("a handler fails"));
        });
        // The other clients here know nothing of recovery.
        io.of("/").set_recovery(false);
        io.of("/refused")
            .use_middleware(|_| async { Err(ConnectError::new("not you")) });
    })
    .await;

    let mut sids = converse_with_recovery(&server).await;
    sids.extend(converse_by_websocket(&server).await);
    sids.extend(converse_by_polling(&server).await);
    sids.extend(converse_while_moving(&server).await);
    for sid in &sids {
        get(&server, &format!("{POLLING}&sid={sid}")).await;
        upgrade(&server, &format!("{WEBSOCKET}&sid={sid}")).await;
    }
    let (mut last, sid) = websocket(&server).await;
    sids.push(sid);
    server.io.close(Duration::from_secs(10)).await;
    assert_ne!(last.next().await, Seen::End);

    let log = log.text();
    for line in [
        "malformed packet",
        "a handler panicked",
        "upgrade failed",
        "connection closed",
    ] {
        assert!(log.contains(line), "{line} is missing in {log}");
    }
    assert!(sids.len() > 30);
    for sid in sids {
        assert!(!log.contains(&sid), "{sid} stands in {log}");
    }
}
