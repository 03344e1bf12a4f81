use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;
use socketio::client::{Client, ClientConfig, OfflineBuffer, WhenFull};
use socketio::{AckError, EmitError, Emitted};

use crate::harness::{OPEN, Stage, patient};
use crate::reconnecting::soon;

#[tokio::test]
async fn what_is_emitted_without_a_connection_leaves_in_order_once_there_is_one() {
    let stage = Stage::new().await;
    let client = Client::new(&stage.url, soon()).unwrap();
    let socket = client.namespace("/");
    assert_eq!(socket.emit("refused", ()), Err(EmitError::Disconnected));
    let connecting = socket.connect();
    socket.emit("first", 1).unwrap();
    socket.emit("second", vec![7_u8]).unwrap();
    // Worthless when late.
    assert_eq!(socket.volatile().emit("pose", 1), Ok(Emitted::Dropped));
    let mut fake = stage.accept(OPEN).await;
    assert_eq!(fake.text().await, "40");
    socket.emit("third", 3).unwrap();
    fake.send(r#"40{"sid":"id"}"#).await;
    connecting.await.unwrap();
    socket.emit("fourth", 4).unwrap();
    assert_eq!(fake.text().await, r#"42["first",1]"#);
    assert_eq!(
        fake.text().await,
        r#"451-["second",{"_placeholder":true,"num":0}]"#
    );
    assert_eq!(fake.binary().await, [7]);
    assert_eq!(fake.text().await, r#"42["third",3]"#);
    assert_eq!(fake.text().await, r#"42["fourth",4]"#);

    // The same between two connections, also with an acknowledgement.
    let asking = socket.clone();
    let pending = tokio::spawn(async move { asking.emit_with_ack("lost", ()).await });
    assert_eq!(fake.text().await, r#"420["lost"]"#);
    drop(fake);
    assert_eq!(
        patient("the loss", pending).await.unwrap(),
        Err(AckError::Disconnected)
    );
    let kept = socket.emit_with_ack("kept", ());
    let answer = async {
        let mut fake = stage.accept(OPEN).await;
        assert_eq!(fake.text().await, "40");
        fake.send(r#"40{"sid":"other"}"#).await;
        assert_eq!(fake.text().await, r#"421["kept"]"#);
        fake.send(r#"431["answer"]"#).await;
        fake
    };
    let (kept, _fake) = tokio::join!(kept, answer);
    assert_eq!(kept.unwrap().json(0), Some(&json!("answer")));
    assert_eq!(socket.id(), "other");
}

/// Emits `count` numbers without a connection; what was refused, and what the server sees in the end.
async fn check(offline: OfflineBuffer, count: u64, refused: &[u64], expected: &[u64]) -> Client {
    let stage = Stage::new().await;
    let config = ClientConfig { offline, ..soon() };
    let client = Client::new(&stage.url, config).unwrap();
    let socket = client.namespace("/");
    drop(socket.connect());
    let error = |number| socket.emit("n", number).err().map(|error| (number, error));
    let errors: Vec<_> = (0..count).filter_map(error).collect();
    let expected_error = match offline.packets_max {
        0 => EmitError::Disconnected,
        _ => EmitError::Full,
    };
    assert!(
        errors.iter().all(|(_, error)| *error == expected_error),
        "{errors:?}"
    );
    let found: Vec<_> = errors.iter().map(|(number, _)| *number).collect();
    assert_eq!(found, refused);
    let mut fake = stage.accept(OPEN).await;
    assert_eq!(fake.text().await, "40");
    fake.send(r#"40{"sid":"id"}"#).await;
    for number in expected {
        assert_eq!(fake.text().await, format!(r#"42["n",{number}]"#));
    }
    fake.send("2").await;
    assert_eq!(fake.text().await, "3");
    client
}

#[tokio::test]
async fn a_full_buffer_refuses_or_forgets_and_counts() {
    let refuse = OfflineBuffer {
        packets_max: 3,
        bytes_max: 1000,
        when_full: WhenFull::Refuse,
    };
    let client = check(refuse, 5, &[3, 4], &[0, 1, 2]).await;
    assert_eq!(client.stats().offline_refused.load(Ordering::Relaxed), 2);
    let drop_oldest = OfflineBuffer {
        when_full: WhenFull::DropOldest,
        ..refuse
    };
    let client = check(drop_oldest, 5, &[], &[2, 3, 4]).await;
    assert_eq!(client.stats().offline_dropped.load(Ordering::Relaxed), 2);
    let few_bytes = OfflineBuffer {
        bytes_max: 25,
        ..refuse
    };
    check(few_bytes, 3, &[2], &[0, 1]).await;
    let nothing = OfflineBuffer {
        packets_max: 0,
        ..refuse
    };
    check(nothing, 2, &[0, 1], &[]).await;
}

#[tokio::test]
async fn what_cannot_leave_after_all_is_counted_and_told() {
    let stage = Stage::new().await;
    let client = Client::new(&stage.url, soon()).unwrap();
    let socket = client.namespace("/");
    drop(socket.connect());
    // The server turns out to accept less than that.
    let too_large = socket.emit_with_ack("large", "x".repeat(2000));
    let answer = async {
        let mut fake = stage.accept(OPEN).await;
        assert_eq!(fake.text().await, "40");
        fake.send(r#"40{"sid":"id"}"#).await;
        fake
    };
    let (too_large, _fake) = tokio::join!(too_large, answer);
    assert_eq!(too_large, Err(AckError::Disconnected));
    assert_eq!(client.stats().offline_dropped.load(Ordering::Relaxed), 1);

    // The socket no longer wants to be connected.
    let client = Client::new(&stage.url, soon()).unwrap();
    let socket = client.namespace("/");
    drop(socket.connect());
    let asking = socket.clone();
    let (given_up, ()) = tokio::join!(asking.emit_with_ack("e", ()), async { socket.disconnect() });
    assert_eq!(given_up, Err(AckError::Disconnected));
    assert_eq!(client.stats().offline_dropped.load(Ordering::Relaxed), 1);
    // And patience runs out while the event is kept.
    drop(socket.connect());
    let late = socket
        .timeout(Duration::from_millis(1))
        .emit_with_ack("e", ())
        .await;
    assert_eq!(late, Err(AckError::Timeout));
}
