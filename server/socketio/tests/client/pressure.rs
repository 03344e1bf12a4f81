use std::sync::atomic::Ordering;

use futures_util::{FutureExt, StreamExt};
use serde_json::json;
use socketio::client::{Client, ClientConfig, OfflineBuffer};
use socketio::{AckError, EmitError, Emitted, Transport};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Fake, OPEN, Server, Stage, check_alive, next, once, patient};
use crate::reconnecting::soon;

#[tokio::test]
async fn who_waits_for_room_loses_nothing_and_floods_nobody() {
    const EVENTS: u64 = 20_000;
    let config = ClientConfig {
        outbox_bytes_max: 50_000,
        ..once()
    };
    let (mut fake, client, socket) = Fake::joined(config).await;
    assert!(socket.writable() && socket.buffered_bytes() == 0);
    let emit = async {
        for number in 0..EVENTS {
            let room = socket.emit_when_room("n", (number, "x".repeat(900)));
            patient("room", room).await.unwrap();
            assert!(socket.buffered_bytes() <= 50_000);
        }
        patient("everything to leave", socket.drained()).await.unwrap();
    };
    let read = async {
        for number in 0..EVENTS {
            let text = fake.text().await;
            assert!(text.starts_with(&format!(r#"42["n",{number},"#)), "{text:.40}");
        }
        fake
    };
    let ((), fake) = tokio::join!(emit, read);
    assert_eq!(socket.buffered_bytes(), 0);
    // A server that no longer reads fills it again, and takes those with it who wait when it goes.
    while socket.emit("n", "x".repeat(900)).is_ok() {}
    assert!(!socket.writable() && socket.buffered_bytes() > 0);
    assert_eq!(socket.volatile().emit("n", 1), Ok(Emitted::Dropped));
    assert_eq!(
        socket.volatile().emit_with_ack("n", 1).await,
        Err(AckError::Dropped)
    );
    assert_eq!(client.stats().volatile_dropped.load(Ordering::Relaxed), 2);
    let waiting = tokio::join!(
        patient("the end", socket.emit_when_room("n", "x".repeat(900))),
        patient("the end", socket.drained()),
        async { drop(fake) }
    );
    assert_eq!(waiting.0, Err(EmitError::Disconnected));
    assert_eq!(waiting.1, Err(EmitError::Disconnected));
    assert!(!socket.writable());
}

#[tokio::test]
async fn room_is_awaited_over_polling_and_without_a_connection_too() {
    let server = Server::fixture().await;
    let config = ClientConfig {
        transports: vec![Transport::Polling],
        outbox_bytes_max: 20_000,
        ..once()
    };
    let client = Client::new(&server.url, config).unwrap();
    let socket = client.namespace("/");
    socket.connect().await.unwrap();
    for number in 0..300 {
        let room = socket.emit_when_room("silence", (number, "x".repeat(900)));
        patient("room", room).await.unwrap();
    }
    patient("everything to leave", socket.drained()).await.unwrap();
    check_alive(&socket).await;

    let stage = Stage::new().await;
    let config = ClientConfig {
        offline: OfflineBuffer {
            packets_max: 2,
            ..OfflineBuffer::default()
        },
        ..soon()
    };
    let client = Client::new(&stage.url, config).unwrap();
    let socket = client.namespace("/");
    assert_eq!(socket.emit_when_room("n", 0).await, Err(EmitError::Disconnected));
    assert_eq!(socket.drained().await, Err(EmitError::Disconnected));
    drop(socket.connect());
    socket.emit("n", 0).unwrap();
    socket.emit("n", 1).unwrap();
    assert!(socket.buffered_bytes() > 0 && !socket.writable());
    assert!(socket.drained().now_or_never().is_none());
    let waits = socket.emit_when_room("n", 2);
    let serve = async {
        let mut fake = stage.accept(OPEN).await;
        assert_eq!(fake.text().await, "40");
        fake.send(r#"40{"sid":"id"}"#).await;
        for number in 0..3 {
            assert_eq!(fake.text().await, format!(r#"42["n",{number}]"#));
        }
        fake
    };
    let (waited, mut fake) = tokio::join!(patient("room", waits), serve);
    waited.unwrap();
    patient("everything to leave", socket.drained()).await.unwrap();
    assert_eq!(socket.volatile().emit("now", ()), Ok(Emitted::Taken));
    let message = patient("it", fake.ws.next()).await;
    assert_eq!(message.unwrap().unwrap(), Message::text(r#"42["now"]"#));
}

#[tokio::test]
async fn catch_alls_see_what_is_sent() {
    let (mut fake, _client, socket) = Fake::joined(once()).await;
    let (sender, mut seen) = mpsc::unbounded_channel();
    let second = sender.clone();
    socket.on_any_outgoing(move |event| {
        let _ = sender.send(format!("{} {:?}", event.name(), event.args().len()));
    });
    let first = socket.prepend_any_outgoing(move |event| {
        let _ = second.send(format!("first {:?}", event.json(0)));
    });
    socket.emit("a", (1, vec![7_u8])).unwrap();
    assert_eq!(next(&mut seen).await, "first Some(Number(1))");
    assert_eq!(next(&mut seen).await, "a 2");
    assert!(socket.off(first));
    socket.emit("b", ()).unwrap();
    assert_eq!(next(&mut seen).await, "b 0");
    socket.off_any_outgoing();
    socket.emit("c", ()).unwrap();
    assert!(seen.try_recv().is_err());
    assert!(fake.text().await.starts_with("451-"));
}

#[tokio::test]
async fn typed_listeners_are_given_types_and_answer_with_them() {
    let (mut fake, client, socket) = Fake::joined(once()).await;
    let (sender, mut heard) = mpsc::unbounded_channel();
    socket.on_typed("said", move |_, (name, number): (String, u8)| {
        let _ = sender.send((name, number));
        async {}
    });
    socket.on_request("double", |_, number: u32| async move { number * 2 });
    fake.send(r#"42["said","Ada",7]"#).await;
    assert_eq!(next(&mut heard).await, ("Ada".to_owned(), 7));
    fake.send(r#"42["said","Ada",700]"#).await;
    fake.send(r#"423["double",21]"#).await;
    assert_eq!(fake.text().await, "433[42]");
    assert_eq!(client.stats().arguments_refused.load(Ordering::Relaxed), 1);
    let answer = async {
        assert_eq!(fake.text().await, r#"420["ask"]"#);
        fake.send(r#"430[{"a":1}]"#).await;
    };
    let (answered, ()) = tokio::join!(socket.emit_with_ack("ask", ()), answer);
    assert_eq!(answered.unwrap().json(0), Some(&json!({"a": 1})));
}
