use std::time::Duration;

use socketio::{Args, DisconnectReason};
use tokio::sync::mpsc;

use crate::harness::{Fake, next, once, patient, record, record_end};

/// Gives the client turns: what it says is read.
async fn hear_echoes(fake: &mut Fake, socket: &socketio::client::ClientSocket) {
    for number in 0..20 {
        socket.emit("still", number).unwrap();
        assert_eq!(fake.text().await, format!(r#"42["still",{number}]"#));
    }
}

#[tokio::test]
async fn nothing_is_read_in_a_pause_and_everything_after_it() {
    let (mut fake, client, socket) = Fake::joined(once()).await;
    let mut heard: mpsc::UnboundedReceiver<Args> = record(&socket, "n");
    for _ in 0..3 {
        client.pause_reading();
        for number in 0..5 {
            fake.send(&format!(r#"42["n",{number}]"#)).await;
        }
        hear_echoes(&mut fake, &socket).await;
        assert!(heard.try_recv().is_err());
        client.resume_reading();
        for number in 0..5 {
            assert_eq!(next(&mut heard).await.json(0), Some(&number.into()));
        }
    }
}

#[tokio::test]
async fn a_pause_longer_than_the_silence_of_a_dead_server_ends_nothing() {
    let open = r#"0{"sid":"S","upgrades":[],"pingInterval":30,"pingTimeout":20,"maxPayload":1000}"#;
    let (mut fake, client) = Fake::meet(open, once()).await;
    client.pause_reading();
    fake.send("2").await;
    // Nothing is waited for: this is the time that must not count.
    tokio::time::sleep(Duration::from_millis(120)).await;
    assert!(client.is_open());
    client.resume_reading();
    assert_eq!(fake.text().await, "3");
    assert_eq!(
        patient("the silence counts again", client.closed()).await,
        DisconnectReason::PingTimeout
    );
}

#[tokio::test]
async fn an_end_during_a_pause_is_noticed_after_it_and_an_own_one_at_once() {
    let (fake, client, socket) = Fake::joined(once()).await;
    let mut ends = record_end(&socket);
    client.pause_reading();
    drop(fake);
    tokio::task::yield_now().await;
    assert!(ends.try_recv().is_err());
    client.resume_reading();
    assert_eq!(next(&mut ends).await, DisconnectReason::TransportClose);

    let (_fake, client, _socket) = Fake::joined(once()).await;
    client.pause_reading();
    client.close();
    assert_eq!(
        patient("the end", client.closed()).await,
        DisconnectReason::ForcedClose
    );
}
