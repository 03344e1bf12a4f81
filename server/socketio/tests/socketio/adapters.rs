use std::time::Duration;

use socketio::adapter::memory::Memory;
use socketio::{Config, Recovery, SocketIo, contract};
use tokio::sync::mpsc;

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

fn cluster(count: usize, recovers: bool) -> Vec<SocketIo> {
    let bus = Bus::default();
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
            check(&cluster(count, recovers)).await;
        }
    }
}

#[tokio::test]
async fn a_node_that_leaves_is_not_waited_for() {
    let nodes = cluster(3, false);
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
