use std::time::Duration;

use bytes::Bytes;
use socketio::{Args, BroadcastError, Config};
use tokio::sync::oneshot;

use crate::broadcasts::Rooms;
use crate::harness::PATIENCE;

/// The answers as numbers, in order of size.
fn numbers(answers: &[Args]) -> Vec<u64> {
    let mut numbers: Vec<u64> = answers.iter().map(|args| args.deserialize(0).unwrap()).collect();
    numbers.sort_unstable();
    numbers
}

/// What an emit waits for, while the test plays the clients.
fn ask(rooms: &Rooms, timeout: Duration) -> oneshot::Receiver<Result<Vec<Args>, BroadcastError>> {
    let (sender, receiver) = oneshot::channel();
    let main = rooms.main.clone();
    tokio::spawn(async move {
        let answers = main.timeout(timeout).emit_with_ack("ask", "what").await;
        let _ = sender.send(answers);
    });
    receiver
}

async fn result(
    asked: oneshot::Receiver<Result<Vec<Args>, BroadcastError>>,
) -> Result<Vec<Args>, BroadcastError> {
    tokio::time::timeout(PATIENCE, asked).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_broadcast_with_acknowledgements_ends_when_all_clients_have_answered() {
    let mut rooms = Rooms::with(&[&[], &[], &[]]).await;
    let asked = ask(&rooms, PATIENCE);
    for (index, client) in rooms.clients.iter_mut().enumerate() {
        // All of them get the same id.
        assert_eq!(client.text().await, r#"420["ask","what"]"#);
        client.send(&format!("430[{index}]")).await;
        client.send(&format!("430[{index}]")).await;
    }
    assert_eq!(numbers(&result(asked).await.unwrap()), [0, 1, 2]);
    assert_eq!(rooms.server.count(|stats| &stats.broadcasts_encoded), 1);
    rooms.server.until(|stats| &stats.broadcasts_pending, 0).await;
}

#[tokio::test]
async fn binary_goes_both_ways_in_a_broadcast_with_acknowledgements() {
    let mut rooms = Rooms::with(&[&[]]).await;
    let main = rooms.main.clone();
    let client = &mut rooms.clients[0];
    let play = async {
        assert_eq!(
            client.text().await,
            r#"451-0["ask",{"_placeholder":true,"num":0}]"#
        );
        assert_eq!(client.binary().await, "abc");
        client.send(r#"461-0[{"_placeholder":true,"num":0}]"#).await;
        client.send_binary(b"def").await;
    };
    let (answers, ()) = tokio::join!(main.emit_with_ack("ask", Bytes::from_static(b"abc")), play);
    assert_eq!(answers.unwrap()[0].binary(0).unwrap(), "def");
}

#[tokio::test]
async fn a_broadcast_with_acknowledgements_tells_after_its_timeout_who_answered() {
    let mut rooms = Rooms::with(&[&[], &[], &[]]).await;
    let asked = ask(&rooms, Duration::from_secs(2));
    for client in &mut rooms.clients {
        assert_eq!(client.text().await, r#"420["ask","what"]"#);
    }
    rooms.clients[1].send("430[1]").await;
    match result(asked).await {
        Err(BroadcastError::Timeout { answers, missing: 2 }) => assert_eq!(numbers(&answers), [1]),
        other => panic!("{other:?}"),
    }
    // The id is free, a late answer is ignored, and the connection lives.
    assert_eq!(rooms.server.count(|stats| &stats.broadcasts_pending), 0);
    rooms.clients[0].send("430[0]").await;
    let asked = ask(&rooms, PATIENCE);
    for client in &mut rooms.clients {
        assert_eq!(client.text().await, r#"421["ask","what"]"#);
        client.send("431[7]").await;
    }
    assert_eq!(numbers(&result(asked).await.unwrap()), [7, 7, 7]);
}

#[tokio::test]
async fn a_client_that_leaves_is_not_waited_for() {
    let mut rooms = Rooms::with(&[&[], &[], &[]]).await;
    let asked = ask(&rooms, Duration::from_secs(3600));
    for client in &mut rooms.clients {
        assert_eq!(client.text().await, r#"420["ask","what"]"#);
    }
    rooms.clients[0].send("430[0]").await;
    rooms.clients[1].send("41").await;
    drop(rooms.clients.pop());
    assert_eq!(numbers(&result(asked).await.unwrap()), [0]);
    assert_eq!(rooms.server.count(|stats| &stats.broadcasts_pending), 0);
}

#[tokio::test]
async fn a_broadcast_with_acknowledgements_to_nobody_is_an_empty_list_at_once() {
    let rooms = Rooms::with(&[]).await;
    let answers = rooms.main.to("nowhere").emit_with_ack("ask", ()).await;
    assert_eq!(answers, Ok(vec![]));
}

#[tokio::test]
async fn what_cannot_be_sent_is_not_waited_for() {
    let rooms = Rooms::with(&[&[]]).await;
    let answers = rooms.main.emit_with_ack("disconnect", ()).await;
    let reserved = BroadcastError::Emit(socketio::EmitError::ReservedName);
    assert_eq!(answers, Err(reserved));
    assert_eq!(rooms.server.count(|stats| &stats.broadcasts_pending), 0);
}

#[tokio::test]
async fn no_more_broadcasts_wait_than_are_allowed() {
    let config = Config {
        pending_broadcasts_max: 1,
        ..Config::default()
    };
    let mut rooms = Rooms::with_config(config, &[&[]]).await;
    let asked = ask(&rooms, PATIENCE);
    assert_eq!(rooms.clients[0].text().await, r#"420["ask","what"]"#);
    let second = rooms.main.emit_with_ack("ask", ()).await;
    assert_eq!(second, Err(BroadcastError::TooManyPending));
    rooms.clients[0].send("430[1]").await;
    assert_eq!(numbers(&result(asked).await.unwrap()), [1]);
}

#[tokio::test]
async fn a_fetched_socket_answers_alone() {
    let mut rooms = Rooms::with(&[&["a"], &[]]).await;
    let remote = rooms.main.to("a").fetch_sockets().await.unwrap().remove(0);
    let client = &mut rooms.clients[0];
    let play = async {
        assert_eq!(client.text().await, r#"420["ask"]"#);
        client.send(r#"430["answer"]"#).await;
    };
    let (answer, ()) = tokio::join!(remote.emit_with_ack("ask", (), PATIENCE), play);
    assert_eq!(answer.unwrap().json(0).unwrap(), "answer");
    rooms.sockets[0].disconnect(false);
    let gone = remote.emit_with_ack("ask", (), PATIENCE).await;
    assert_eq!(gone, Err(BroadcastError::Disconnected));
}
