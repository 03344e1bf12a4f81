//! Events that every chosen socket answers.

use std::time::Duration;

use bytes::Bytes;

use super::stage::{PATIENCE, Stage, equal, numbers, within};
use super::{Outcome, Rule};
use crate::broadcast_acks::BroadcastError;
use crate::selection::Selection;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "the answers of all chosen sockets of all nodes are collected",
        check: |stage| Box::pin(all(stage)),
    },
    Rule {
        name: "binary is asked and answered",
        check: |stage| Box::pin(binary(stage)),
    },
    Rule {
        name: "with nobody to ask the list is empty at once",
        check: |stage| Box::pin(nobody(stage)),
    },
    Rule {
        name: "after the timeout the answers that came are told",
        check: |stage| Box::pin(timeout(stage)),
    },
    Rule {
        name: "a socket that is disconnected is not waited for",
        check: |stage| Box::pin(leaver(stage)),
    },
    Rule {
        name: "one socket of another node answers alone",
        check: |stage| Box::pin(one(stage)),
    },
];

async fn all(stage: &mut Stage) -> Outcome {
    let node = &stage.nodes[0];
    let answers = node.timeout(PATIENCE).emit_with_ack("ask", ()).await;
    equal("answers", &answers.as_deref().map(numbers), &Ok(stage.all()))?;
    let answers = node.local().timeout(PATIENCE).emit_with_ack("ask", ()).await;
    equal("local answers", &answers.as_deref().map(numbers), &Ok(vec![0, 1]))?;
    let last = stage.guests.len() - 1;
    let without = node.except(stage.guests[0].id()).timeout(PATIENCE);
    let answers = without.emit_with_ack("ask", ()).await;
    let expected: Vec<usize> = (1..=last).collect();
    equal("other answers", &answers.as_deref().map(numbers), &Ok(expected))
}

async fn binary(stage: &mut Stage) -> Outcome {
    let data = Bytes::from_static(b"\x00\xff");
    let asked = stage.nodes[0]
        .timeout(PATIENCE)
        .emit_with_ack("binary", &data)
        .await;
    let answers = asked.map_err(|error| error.to_string())?;
    equal("answers", &answers.len(), &stage.guests.len())?;
    for answer in &answers {
        equal("answer", &answer.binary(0), &Some(&data))?;
    }
    Ok(())
}

async fn nobody(stage: &mut Stage) -> Outcome {
    let nowhere = stage.nodes[0].to("nowhere").timeout(Duration::from_secs(3600));
    let answers = within(nowhere.emit_with_ack("ask", ())).await?;
    equal("answers", &answers, &Ok(vec![]))
}

async fn timeout(stage: &mut Stage) -> Outcome {
    let last = stage.guests.len() - 1;
    let asked = stage.nodes[0].timeout(Duration::from_millis(300));
    let answers = asked.emit_with_ack("silence", ()).await;
    let missing = stage.guests.len();
    let expected = BroadcastError::Timeout {
        answers: vec![],
        missing,
    };
    equal("nobody answers", &answers, &Err(expected))?;
    stage.guests[last].client.off_all("ask");
    match asked.emit_with_ack("ask", ()).await {
        Err(BroadcastError::Timeout { answers, missing }) => {
            // A machine that is busy may make others late as well.
            let answered = numbers(&answers);
            equal("answers and missing", &(answered.len() + missing), &(last + 1))?;
            equal("the silent one answers", &answered.contains(&last), &false)
        }
        other => Err(format!("{other:?}")),
    }
}

async fn leaver(stage: &mut Stage) -> Outcome {
    let last = stage.guests.len() - 1;
    let leaver = &mut stage.guests[last];
    leaver.client.off_all("ask");
    let asked = stage.nodes[0].timeout(Duration::from_secs(3600));
    let asking = asked.emit_with_ack("ask", ());
    let leaving = async {
        leaver.hear().await?;
        leaver.client.disconnect();
        Ok(())
    };
    let (answers, left): (_, Outcome) = within(async { tokio::join!(asking, leaving) }).await?;
    left?;
    let expected: Vec<usize> = (0..last).collect();
    equal("answers", &answers.as_deref().map(numbers), &Ok(expected))
}

async fn one(stage: &mut Stage) -> Outcome {
    let last = stage.guests.len() - 1;
    let selection = stage.nodes[0].to(stage.guests[last].id());
    let found = selection
        .fetch_sockets()
        .await
        .map_err(|error| error.to_string())?;
    let remote = found.first().ok_or("a socket is not found by its id")?;
    let answer = remote.emit_with_ack("ask", (), PATIENCE).await;
    let answer = answer.map(|answer| answer.deserialize(0));
    equal("answer", &answer, &Ok(Some(last as u64)))?;
    // Nothing was asked of anybody else.
    let adapter = stage.nodes[0].adapter();
    let others = adapter.fetch_sockets(&Selection::default()).await;
    equal("sockets", &others.map(|others| others.len()), &Ok(last + 1))
}
