//! Events to a choice of sockets.

use bytes::Bytes;

use super::stage::{Stage, equal};
use super::{Outcome, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "an event reaches every socket of every node once",
        check: |stage| Box::pin(everybody(stage)),
    },
    Rule {
        name: "an event to rooms reaches who is in one of them, on whatever node, once",
        check: |stage| Box::pin(rooms(stage)),
    },
    Rule {
        name: "who is in an excepted room does not hear an event, whatever other room it is in",
        check: |stage| Box::pin(except(stage)),
    },
    Rule {
        name: "a socket that broadcasts does not hear itself",
        check: |stage| Box::pin(without_self(stage)),
    },
    Rule {
        name: "a local event stays on its node",
        check: |stage| Box::pin(local(stage)),
    },
    Rule {
        name: "arguments arrive as they were, binary too",
        check: |stage| Box::pin(arguments(stage)),
    },
    Rule {
        name: "events of one node arrive in order",
        check: |stage| Box::pin(order(stage)),
    },
];

async fn everybody(stage: &mut Stage) -> Outcome {
    for node in 0..stage.nodes.len() {
        let (selection, all) = (stage.nodes[node].broadcast(), stage.all());
        stage.check_heard(node, selection, &all).await?;
    }
    Ok(())
}

async fn rooms(stage: &mut Stage) -> Outcome {
    let last = stage.guests.len() - 1;
    for (guest, rooms) in [(0, vec!["a", "b"]), (last, vec!["b"])] {
        for room in rooms {
            stage.guests[guest]
                .socket
                .join(room)
                .map_err(|error| error.to_string())?;
        }
    }
    let node = stage.nodes[0].clone();
    stage.check_heard(0, node.to("b"), &[0, last]).await?;
    stage.check_heard(0, node.to(["a", "b"]), &[0, last]).await?;
    stage.check_heard(0, node.to("nowhere"), &[]).await?;
    let id = stage.guests[last].id().to_owned();
    stage.check_heard(0, node.to(&id), &[last]).await?;
    stage.check_heard(0, node.to(&id).to("a"), &[0, last]).await
}

async fn except(stage: &mut Stage) -> Outcome {
    let last = stage.guests.len() - 1;
    for guest in stage.all() {
        stage.guests[guest]
            .socket
            .join("all")
            .map_err(|error| error.to_string())?;
    }
    stage.guests[last]
        .socket
        .join("a")
        .map_err(|error| error.to_string())?;
    let node = stage.nodes[0].clone();
    let others: Vec<usize> = (0..last).collect();
    stage.check_heard(0, node.except("a"), &others).await?;
    stage.check_heard(0, node.to("all").except("a"), &others).await?;
    stage.check_heard(0, node.to("a").except("a"), &[]).await?;
    let id = stage.guests[0].id().to_owned();
    stage
        .check_heard(0, node.to("all").except([id.as_str(), "a"]), &others[1..])
        .await
}

async fn without_self(stage: &mut Stage) -> Outcome {
    let others: Vec<usize> = (1..stage.guests.len()).collect();
    let selection = stage.guests[0].socket.broadcast();
    stage.check_heard(0, selection, &others).await
}

async fn local(stage: &mut Stage) -> Outcome {
    for node in 0..stage.nodes.len() {
        let selection = stage.nodes[node].local();
        stage
            .check_heard(node, selection, &[2 * node, 2 * node + 1])
            .await?;
    }
    Ok(())
}

async fn arguments(stage: &mut Stage) -> Outcome {
    let data = Bytes::from_static(b"\x00\xff");
    stage.nodes[0].emit("event", ("text", &data, [1.5, 2.0], data.slice(1..)));
    for guest in &mut stage.guests {
        let (_, args) = guest.hear().await?;
        equal("text", &args.deserialize(0), &Some("text"))?;
        equal("binary", &args.binary(1), &Some(&data))?;
        equal("numbers", &args.deserialize(2), &Some(vec![1.5, 2.0]))?;
        equal("second binary", &args.binary(3), &Some(&data.slice(1..)))?;
    }
    Ok(())
}

async fn order(stage: &mut Stage) -> Outcome {
    for number in 0..100_u64 {
        stage.nodes[0].emit("event", number);
    }
    for guest in &mut stage.guests {
        for number in 0..100 {
            equal("number", &guest.hear().await?.1.deserialize(0), &Some(number))?;
        }
    }
    Ok(())
}
