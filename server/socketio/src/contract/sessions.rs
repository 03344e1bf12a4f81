//! Sessions of clients that are away, and what they miss.

use std::time::Duration;

use serde_json::json;
use tokio::sync::oneshot;

use super::stage::{PATIENCE, Stage, equal, within};
use super::{Outcome, Rule};
use crate::adapter::{Enter, Pid, Restored, SessionRecord};
use crate::namespace::Namespace;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "a session is restored on any node, once",
        check: |stage| Box::pin(restore(stage)),
    },
    Rule {
        name: "a session that is unknown, or whose offset is, is not restored",
        check: |stage| Box::pin(unknown(stage)),
    },
    Rule {
        name: "what was sent to its rooms is missed, and nothing else",
        check: |stage| Box::pin(missed(stage)),
    },
    Rule {
        name: "what is sent between restoring and resuming is missed as well",
        check: |stage| Box::pin(between(stage)),
    },
    Rule {
        name: "a session that is kept again misses what it would have missed",
        check: |stage| Box::pin(again(stage)),
    },
    Rule {
        name: "a client that comes back to any node is the same socket, and its old one is gone",
        check: |stage| Box::pin(takeover(stage)),
    },
];

/// A session that leaves a node now, having seen everything.
fn leave(node: &Namespace, pid: &str, rooms: &[&str]) -> Option<SessionRecord> {
    Some(SessionRecord {
        pid: Pid::new(pid),
        id: "id".to_owned(),
        rooms: std::iter::once(&"id")
            .chain(rooms)
            .map(ToString::to_string)
            .collect(),
        data: json!({ "name": "ada" }),
        sent: None,
        position: node.adapter().position()?,
    })
}

async fn restore_on(node: &Namespace, pid: &str) -> Result<Option<Restored>, String> {
    within(node.adapter().restore_session(Pid::new(pid), None)).await
}

/// Names of all that a session has missed, once it is let in.
async fn resume_on(node: &Namespace, restored: Restored) -> Result<Vec<String>, String> {
    let (sender, names) = oneshot::channel();
    let enter: Enter = Box::new(move |missed| {
        let names = missed.iter().map(|missed| missed.packet.event().to_owned());
        let _ = sender.send(names.collect());
    });
    if !within(node.adapter().resume_session(restored, enter)).await? {
        return Err("a session that was restored cannot go on".to_owned());
    }
    names.await.map_err(|_| "nobody enters".to_owned())
}

/// The events that a session has missed on its way from the first node to the last.
async fn check_missed(stage: &Stage, pid: &str, expected: &[&str]) -> Outcome {
    let last = stage.nodes.last().expect("there is a node");
    let restored = restore_on(last, pid).await?.ok_or("the session is gone")?;
    equal("missed", &resume_on(last, restored).await?, &owned(expected))
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

async fn restore(stage: &mut Stage) -> Outcome {
    let Some(record) = leave(&stage.nodes[0], "pid", &["a"]) else {
        return Ok(());
    };
    stage.nodes[0].adapter().persist_session(record.clone(), PATIENCE);
    let last = stage.nodes.last().expect("there is a node");
    let restored = restore_on(last, "pid").await?.ok_or("the session is gone")?;
    equal("record", &restored.record, &record)?;
    if restored.remaining > PATIENCE || restored.remaining < PATIENCE / 2 {
        return Err(format!("{:?} remain", restored.remaining));
    }
    drop(restored);
    for node in &stage.nodes {
        if restore_on(node, "pid").await?.is_some() {
            return Err("it is restored twice".to_owned());
        }
    }
    Ok(())
}

async fn unknown(stage: &mut Stage) -> Outcome {
    let node = &stage.nodes[0];
    let Some(record) = leave(node, "pid", &[]) else {
        return Ok(());
    };
    if restore_on(node, "unknown").await?.is_some() {
        return Err("an unknown session is restored".to_owned());
    }
    node.adapter().persist_session(record.clone(), PATIENCE);
    let offset = Some("nonsense".to_owned());
    let restored = within(node.adapter().restore_session(Pid::new("pid"), offset)).await?;
    if restored.is_some() {
        return Err("a session with an unknown offset is restored".to_owned());
    }
    node.adapter().persist_session(record, Duration::from_millis(1));
    tokio::time::sleep(Duration::from_millis(20)).await;
    if restore_on(node, "pid").await?.is_some() {
        return Err("a session is restored behind its end".to_owned());
    }
    Ok(())
}

async fn missed(stage: &mut Stage) -> Outcome {
    let node = stage.nodes[0].clone();
    node.emit("before", ());
    for guest in &mut stage.guests {
        guest.hear().await?;
    }
    let Some(record) = leave(&node, "pid", &["a"]) else {
        return Ok(());
    };
    node.adapter().persist_session(record, PATIENCE);
    node.emit("all", ());
    node.to("a").emit("room", ());
    node.to("id").emit("id", ());
    node.to("b").emit("other room", ());
    node.except("a").emit("except", ());
    node.to("a").except("b").emit("except other", ());
    node.volatile().emit("volatile", ());
    let asked = node.timeout(PATIENCE).emit_with_ack("ask", ()).await;
    asked.map_err(|error| error.to_string())?;
    check_missed(stage, "pid", &["all", "room", "id", "except other"]).await
}

async fn between(stage: &mut Stage) -> Outcome {
    let node = stage.nodes[0].clone();
    let Some(record) = leave(&node, "pid", &["a"]) else {
        return Ok(());
    };
    node.adapter().persist_session(record, PATIENCE);
    node.to("a").emit("before", ());
    let last = stage.nodes.last().expect("there is a node");
    let restored = restore_on(last, "pid").await?.ok_or("the session is gone")?;
    node.to("a").emit("between", ());
    node.to("b").emit("other", ());
    equal(
        "missed",
        &resume_on(last, restored).await?,
        &owned(&["before", "between"]),
    )
}

async fn again(stage: &mut Stage) -> Outcome {
    let node = stage.nodes[0].clone();
    let Some(record) = leave(&node, "pid", &["a"]) else {
        return Ok(());
    };
    node.adapter().persist_session(record, PATIENCE);
    node.to("a").emit("one", ());
    let last = stage.nodes.last().expect("there is a node");
    let restored = restore_on(last, "pid").await?.ok_or("the session is gone")?;
    node.to("a").emit("two", ());
    last.adapter()
        .persist_session(restored.record, restored.remaining);
    drop(restored.claim);
    node.to("a").emit("three", ());
    check_missed(stage, "pid", &["one", "two", "three"]).await
}

async fn takeover(stage: &mut Stage) -> Outcome {
    let Some(pid) = stage.guests[0].socket.private_id() else {
        return Ok(());
    };
    let auth = json!({ "pid": pid.expose() });
    let old = stage.guests[0].socket.clone();
    old.join("a").map_err(|error| error.to_string())?;
    for node in (0..stage.nodes.len()).rev() {
        let back = stage.invite(node, 0, Some(auth.clone())).await?;
        equal("id", &back.id(), &old.id())?;
        equal("recovered", &back.socket.recovered(), &true)?;
        equal("rooms", &back.socket.rooms(), &owned(&[old.id(), "a"]))?;
        equal("the old one is connected", &old.is_connected(), &false)?;
        let all = stage.nodes[0]
            .fetch_sockets()
            .await
            .map_err(|error| error.to_string())?;
        equal("sockets", &all.len(), &stage.guests.len())?;
        stage.guests[0] = back;
        // Behind what it may have missed.
        let live = format!("live on {node}");
        stage.nodes[0].to("a").emit(&live, ());
        while stage.guests[0].hear().await?.0 != live {}
    }
    Ok(())
}
