use std::time::Duration;

use socketio::adapter::memory::Memory;
use socketio::{BroadcastError, Config, Recovery, SocketIo, contract};
use tokio::sync::mpsc;

use crate::harness::Server;
use crate::loopback::Bus;

fn config(recovers: bool) -> Config {
    Config {
        recovery: recovers.then(Recovery::default),
        ..Config::default()
    }
}

async fn check(nodes: &[SocketIo]) {
    contract::check(nodes)
        .await
        .unwrap_or_else(|violation| panic!("{violation}"));
    for node in nodes {
        node.close(Duration::from_secs(10)).await;
    }
}

fn cluster(bus: &Bus, count: usize, recovers: bool) -> Vec<SocketIo> {
    let node = |_| {
        let bus = bus.clone();
        let builder = SocketIo::builder().config(config(recovers));
        builder.adapter(move |local| bus.join(local)).build()
    };
    (0..count).map(node).collect()
}

#[tokio::test]
async fn the_adapter_in_memory_keeps_the_contract() {
    for recovers in [false, true] {
        let node = SocketIo::builder().config(config(recovers)).adapter(Memory::new);
        check(&[node.build()]).await;
    }
}

#[tokio::test]
async fn an_adapter_of_several_nodes_keeps_the_contract() {
    for count in [1, 2, 3] {
        for recovers in [false, true] {
            check(&cluster(&Bus::default(), count, recovers)).await;
        }
    }
}

#[tokio::test]
async fn a_node_that_leaves_is_not_waited_for() {
    let nodes = cluster(&Bus::default(), 3, false);
    let (asked, mut acks) = mpsc::unbounded_channel();
    for (index, node) in nodes.iter().enumerate() {
        let asked = asked.clone();
        node.of("/").on_server_side("ask", move |event| {
            let ack = event.ack.unwrap();
            if index == 1 {
                ack.send(1).unwrap();
            } else {
                asked.send(ack).unwrap();
            }
        });
    }
    let main = nodes[0].of("/");
    let asking = main.server_side_emit_with_ack("ask", (), Duration::from_secs(3600));
    let leaving = async {
        let _unanswered = acks.recv().await.unwrap();
        nodes[2].close(Duration::from_secs(10)).await;
    };
    let (answers, ()) = tokio::join!(asking, leaving);
    assert_eq!(answers.unwrap().len(), 1);
    assert_eq!(main.adapter().server_count().await, Ok(2));
}

#[tokio::test]
async fn a_node_that_reaches_no_other_serves_its_own_and_tells_whom_it_asked_in_vain() {
    let bus = Bus::default();
    let nodes = cluster(&bus, 2, false);
    let server = Server::serve(nodes[0].clone()).await;
    let mut client = server.joined().await;
    let main = nodes[0].of("/");
    nodes[1]
        .of("/")
        .on_server_side("ask", |event| event.ack.unwrap().send(()).unwrap());
    bus.cut("/");
    main.emit("event", ());
    assert_eq!(client.text().await, r#"42["event"]"#);
    let play = async {
        assert_eq!(client.text().await, r#"420["ask"]"#);
        client.send("430[7]").await;
    };
    let asked = main.timeout(Duration::from_secs(2));
    let (answers, ()) = tokio::join!(asked.emit_with_ack("ask", ()), play);
    match answers {
        Err(BroadcastError::Timeout { answers, missing: 1 }) => {
            assert_eq!(answers[0].deserialize(0), Some(7))
        }
        other => panic!("{other:?}"),
    }
    let answers = main
        .server_side_emit_with_ack("ask", (), Duration::from_millis(50))
        .await;
    let expected = BroadcastError::Timeout {
        answers: vec![],
        missing: 1,
    };
    assert_eq!(answers, Err(expected));
}
