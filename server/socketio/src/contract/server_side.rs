//! Events between nodes.

use std::time::Duration;

use tokio::sync::mpsc;

use super::stage::{PATIENCE, Stage, equal, numbers, within};
use super::{Outcome, Rule};
use crate::broadcast_acks::BroadcastError;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "nodes are counted",
        check: |stage| Box::pin(count(stage)),
    },
    Rule {
        name: "an event between servers reaches all other nodes and not its own",
        check: |stage| Box::pin(emit(stage)),
    },
    Rule {
        name: "every other node answers an event between servers",
        check: |stage| Box::pin(answers(stage)),
    },
    Rule {
        name: "a node that does not answer is told, with the answers of others",
        check: |stage| Box::pin(silence(stage)),
    },
];

async fn count(stage: &mut Stage) -> Outcome {
    for node in &stage.nodes {
        equal(
            "nodes",
            &node.adapter().server_count().await,
            &Ok(stage.nodes.len()),
        )?;
    }
    Ok(())
}

async fn emit(stage: &mut Stage) -> Outcome {
    let (sender, mut heard) = mpsc::unbounded_channel();
    for (index, node) in stage.nodes.iter().enumerate() {
        let sender = sender.clone();
        node.on_server_side("event", move |event| {
            let _ = sender.send((index, event.args.deserialize::<u64>(0), event.ack.is_some()));
        });
    }
    for (from, node) in stage.nodes.iter().enumerate() {
        node.server_side_emit("event", 7)
            .map_err(|error| error.to_string())?;
        let mut seen = Vec::new();
        for _ in 1..stage.nodes.len() {
            let (index, number, asked) = within(heard.recv()).await?.ok_or("no node hears")?;
            equal("argument", &(number, asked), &(Some(7), false))?;
            seen.push(index);
        }
        seen.sort_unstable();
        let others: Vec<usize> = (0..stage.nodes.len()).filter(|index| *index != from).collect();
        equal("nodes that hear it", &seen, &others)?;
    }
    equal("heard behind all", &heard.try_recv().ok(), &None)
}

async fn answers(stage: &mut Stage) -> Outcome {
    for (index, node) in stage.nodes.iter().enumerate() {
        node.on_server_side("ask", move |event| {
            if let Some(ack) = event.ack {
                let _ = ack.send(index as u64);
            }
        });
    }
    let answers = stage.nodes[0]
        .server_side_emit_with_ack("ask", (), PATIENCE)
        .await;
    let others: Vec<usize> = (1..stage.nodes.len()).collect();
    equal("answers", &answers.as_deref().map(numbers), &Ok(others))
}

async fn silence(stage: &mut Stage) -> Outcome {
    let Some(last) = stage.nodes.len().checked_sub(1).filter(|last| *last > 0) else {
        return Ok(());
    };
    for (index, node) in stage.nodes.iter().enumerate() {
        node.on_server_side("ask", move |event| {
            if index != last
                && let Some(ack) = event.ack
            {
                let _ = ack.send(index as u64);
            }
        });
    }
    let timeout = Duration::from_millis(500);
    match stage.nodes[0].server_side_emit_with_ack("ask", (), timeout).await {
        Err(BroadcastError::Timeout { answers, missing }) => {
            // A machine that is busy may make others late as well.
            let answered = numbers(&answers);
            equal("answers and missing", &(answered.len() + missing), &last)?;
            equal("the silent one answers", &answered.contains(&last), &false)
        }
        other => Err(format!("{other:?}")),
    }
}
