//! What is known of a choice of sockets, and what can be done with it.

use serde_json::json;

use super::stage::{Stage, equal, ids_of, within};
use super::{Outcome, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "sockets are fetched from all nodes, with handshake, rooms and data",
        check: |stage| Box::pin(fetch(stage)),
    },
    Rule {
        name: "chosen sockets of all nodes join and leave rooms",
        check: |stage| Box::pin(join_and_leave(stage)),
    },
    Rule {
        name: "chosen sockets of all nodes are disconnected behind what was sent to them",
        check: |stage| Box::pin(disconnect(stage)),
    },
];

async fn fetch(stage: &mut Stage) -> Outcome {
    let last = stage.guests.len() - 1;
    let socket = &stage.guests[last].socket;
    socket.join("a").map_err(|error| error.to_string())?;
    socket.data().set("name", "ada");
    let node = &stage.nodes[0];
    let all = node.fetch_sockets().await.map_err(|error| error.to_string())?;
    equal("all", &ids_of(&all), &stage.ids(&stage.all()))?;
    let local = node
        .local()
        .fetch_sockets()
        .await
        .map_err(|error| error.to_string())?;
    equal("of the node", &ids_of(&local), &stage.ids(&[0, 1]))?;
    let others = stage.guests[0].socket.broadcast();
    let others = others.fetch_sockets().await.map_err(|error| error.to_string())?;
    equal("others", &ids_of(&others), &stage.ids(&stage.all()[1..]))?;
    let found = node
        .to("a")
        .fetch_sockets()
        .await
        .map_err(|error| error.to_string())?;
    let [found] = found.as_slice() else {
        return Err(format!("in the room: {found:?}"));
    };
    equal("id", &found.id(), &stage.guests[last].id())?;
    equal(
        "rooms",
        &found.rooms().to_vec(),
        &vec![found.id().to_owned(), "a".to_owned()],
    )?;
    equal("data", found.data(), &json!({ "name": "ada" }))?;
    let guest = found.handshake().query.get("guest").map(str::to_owned);
    equal("handshake", &guest, &Some(last.to_string()))
}

async fn join_and_leave(stage: &mut Stage) -> Outcome {
    let last = stage.guests.len() - 1;
    let node = stage.nodes[0].clone();
    node.sockets_join(["a", "b"]);
    for guest in stage.all() {
        stage.until_in(guest, &["a", "b"]).await?;
    }
    let id = stage.guests[last].id();
    node.to(id).sockets_leave("a");
    stage.until_in(last, &["b"]).await?;
    node.to("a").sockets_leave(["a", "b"]);
    for guest in 0..last {
        stage.until_in(guest, &[]).await?;
    }
    stage.until_in(last, &["b"]).await?;
    let found = node
        .to(id)
        .fetch_sockets()
        .await
        .map_err(|error| error.to_string())?;
    let remote = found.first().ok_or("a socket is not found by its id")?;
    remote.join("remote");
    stage.until_in(last, &["b", "remote"]).await?;
    remote.leave("remote");
    stage.until_in(last, &["b"]).await?;
    node.local().sockets_join("local");
    stage.until_in(0, &["local"]).await?;
    // Who is asked to join hears what is sent to the room next.
    node.except("local").sockets_join("c");
    let expected: Vec<usize> = (2..=last).collect();
    stage.check_heard(0, node.to("c"), &expected).await
}

async fn disconnect(stage: &mut Stage) -> Outcome {
    let last = stage.guests.len() - 1;
    let node = stage.nodes[0].clone();
    stage.guests[last]
        .socket
        .join("stay")
        .map_err(|error| error.to_string())?;
    node.emit("last", ());
    node.except("stay").disconnect_sockets(true);
    for guest in &mut stage.guests[..last] {
        equal("heard", &guest.hear().await?.0.as_str(), &"last")?;
        within(guest.client.client().closed()).await?;
    }
    let left = node.fetch_sockets().await.map_err(|error| error.to_string())?;
    equal("left", &ids_of(&left), &stage.ids(&[last]))?;
    node.disconnect_sockets(false);
    let gone = async {
        while stage.guests[last].client.is_connected() {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    };
    within(gone).await
}
