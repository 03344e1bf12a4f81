use std::sync::atomic::Ordering;

use serde_json::json;
use socketio::EventError;
use tokio::sync::mpsc;

use crate::harness::{Fake, next, once, patient};

#[tokio::test]
async fn listeners_hear_in_order_once_or_until_they_are_removed() {
    let (mut fake, _client, socket) = Fake::joined(once()).await;
    let (sender, mut heard) = mpsc::unbounded_channel::<String>();
    let note = |what: &'static str| {
        let sender = sender.clone();
        move || {
            let _ = sender.send(what.to_owned());
        }
    };
    let (any, first, in_place) = (note("any"), note("first"), note("in place"));
    socket.on_any(move |_| any());
    let first = socket.on("e", move |event| {
        assert_eq!(event.args.json(0), Some(&json!(1)));
        first();
        async {}
    });
    let once = note("once");
    socket.once("e", move |event| async move {
        tokio::task::yield_now().await;
        assert_eq!(event.socket.namespace(), "/");
        once();
    });
    socket.on_sync("e", move |_| in_place());
    let last = note("last");
    socket.on("e", move |_| {
        let last = last.clone();
        async move { last() }
    });
    fake.send(r#"42["e",1]"#).await;
    for expected in ["any", "in place", "first", "once", "last"] {
        assert_eq!(next(&mut heard).await, expected);
    }
    assert!(socket.off(first) && !socket.off(first));
    fake.send(r#"42["e",1]"#).await;
    for expected in ["any", "in place", "last"] {
        assert_eq!(next(&mut heard).await, expected);
    }
    socket.off_all("e");
    fake.send(r#"42["e",1]"#).await;
    assert_eq!(next(&mut heard).await, "any");
    socket.off_any();
    let late = note("late");
    socket.on_sync("late", move |_| late());
    fake.send(r#"42["e",1]"#).await;
    fake.send(r#"42["late"]"#).await;
    assert_eq!(next(&mut heard).await, "late");
    assert!(heard.try_recv().is_err());
}

#[tokio::test]
async fn middleware_decides_before_listeners_and_its_refusal_is_told() {
    let (mut fake, client, socket) = Fake::joined(once()).await;
    let (sender, mut heard) = mpsc::unbounded_channel::<String>();
    socket.use_middleware(|event| async move {
        match event.args.json(0) == Some(&json!("good")) {
            true => Ok(()),
            false => Err(EventError::new("not good")),
        }
    });
    let errors = sender.clone();
    socket.on_error(move |_, event, error| {
        let _ = errors.send(format!("{event}: {error}"));
    });
    socket.on_sync("e", move |event| {
        let _ = sender.send(format!("{:?}", event.json(0)));
    });
    socket.on("panics", |_| async { panic!("a handler that panics on purpose") });
    for text in [r#"42["e","bad"]"#, r#"42["e","good"]"#, r#"42["panics","good"]"#] {
        fake.send(text).await;
    }
    assert_eq!(next(&mut heard).await, "e: not good");
    assert_eq!(next(&mut heard).await, r#"Some(String("good"))"#);
    assert_eq!(next(&mut heard).await, "panics: its handler panicked");
    assert_eq!(client.stats().handler_panics.load(Ordering::Relaxed), 1);
    assert!(client.is_open());
}

#[tokio::test]
async fn an_answer_is_sent_once_and_in_its_own_session_only() {
    let (mut fake, _client, socket) = Fake::joined(once()).await;
    let (sender, mut acks) = mpsc::unbounded_channel();
    socket.on("ask", move |event| {
        let _ = sender.send(event.ack.unwrap());
        async {}
    });
    fake.send(r#"425["ask"]"#).await;
    fake.send(r#"426["ask"]"#).await;
    next(&mut acks).await.send("answer").unwrap();
    assert_eq!(fake.text().await, r#"435["answer"]"#);
    let late = next(&mut acks).await;
    socket.disconnect();
    assert_eq!(fake.text().await, "41");
    let connecting = socket.connect();
    assert_eq!(fake.text().await, "40");
    fake.send(r#"40{"sid":"again"}"#).await;
    patient("the join", connecting).await.unwrap();
    // The connection is the same, but to the server the socket is another one.
    assert_eq!(late.send("late"), Err(socketio::EmitError::Disconnected));
}
