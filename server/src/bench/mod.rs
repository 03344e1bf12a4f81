//! How long one server takes: many clients that take seats and send inputs like anybody, and look at when things arrive.
//!
//! Beside `crate::bots`, which play: but for the first of each match these decode no more of a snapshot than its head, so that
//! hundreds of them fit beside a server on one machine; what they do follows from their number and the tick, so that two runs
//! ask the same.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use anyhow::Context;
use indicatif::ProgressBar;
use shared::ids::MatchId;
use shared::message::MatchChoice;
use tokio::task::JoinSet;

use crate::crowd::progress::{progress_bar, show_progress};
use crate::crowd::reading;

mod spread;

mod samples;

mod report;

mod told;

mod process;

mod client;

pub(crate) use report::Report;

use client::{Client, Who};
use process::Usage;
use samples::Samples;
use told::Told;

/// What to measure.
#[derive(Clone, Debug)]
pub(crate) struct Bench {
    /// `http://host:port`.
    pub(crate) url: String,
    pub(crate) clients: u32,
    pub(crate) matches: u32,
    pub(crate) seconds: u32,
    pub(crate) may_fire: bool,
    /// The server's process, when it is on this machine.
    pub(crate) process: Option<u32>,
}

/// Clients that connect at the same time.
const CONNECTING_MAX: usize = 16;

/// From the last seat to the first figure: inputs find their time.
const SETTLING: Duration = Duration::from_secs(1);

impl Bench {
    /// Measures it.
    pub(crate) async fn run(&self) -> anyhow::Result<Report> {
        let samples = Arc::new(Samples::new(self.matches, self.clients));
        let progress = progress_bar(self.seconds, format!("0 of {} clients seated", self.clients));
        let clients = self.seat_clients(&samples, &progress).await?;
        let start = Instant::now() + SETTLING;
        let end = start + Duration::from_secs(self.seconds.into());
        let mut playing = JoinSet::new();
        for client in clients {
            playing.spawn(client.play(end));
        }
        tokio::time::sleep_until(start.into()).await;
        let authority = reading::authority(&self.url);
        let before = reading::fetch(authority).await;
        let usage_before = self.process.map(Usage::now).transpose()?;
        samples.counting.store(true, Relaxed);
        let message = |left| {
            let snapshots = samples.snapshots.load(Relaxed);
            format!("{left} clients, {snapshots} snapshots")
        };
        show_progress(&progress, start, &mut playing, "a client failed", message).await?;
        let usage = self.process.map(Usage::now).transpose()?;
        let usage = usage
            .zip(usage_before)
            .map(|(after, before)| after.since(&before));
        let told = match (before, reading::fetch(authority).await) {
            (Ok(before), Ok(after)) => Some(Told::between(&before, &after)),
            (Err(error), _) | (_, Err(error)) => {
                tracing::debug!(%error, "the server does not tell its figures");
                None
            }
        };
        Ok(samples.report(self, told, usage))
    }

    /// The first of each match opens it, then the others follow, a few at a time.
    async fn seat_clients(
        &self,
        samples: &Arc<Samples>,
        progress: &ProgressBar,
    ) -> anyhow::Result<Vec<Client>> {
        let mut clients: Vec<Client> = Vec::new();
        let mut ids: Vec<MatchId> = Vec::new();
        for number in 0..self.matches {
            let opener = self.enter(number, MatchChoice::New, samples).await?;
            ids.push(opener.match_id().context("a client that entered is in a match")?);
            clients.push(opener);
            progress.set_message(format!("{} of {} clients seated", clients.len(), self.clients));
        }
        let rest: Vec<u32> = (self.matches..self.clients).collect();
        for few in rest.chunks(CONNECTING_MAX) {
            let entering = few.iter().map(|&number| {
                let choice = MatchChoice::Id(ids[(number % self.matches) as usize]);
                self.enter(number, choice, samples)
            });
            clients.extend(futures_util::future::try_join_all(entering).await?);
            progress.set_message(format!("{} of {} clients seated", clients.len(), self.clients));
        }
        Ok(clients)
    }

    async fn enter(
        &self,
        number: u32,
        choice: MatchChoice,
        samples: &Arc<Samples>,
    ) -> anyhow::Result<Client> {
        let who = Who {
            number,
            match_number: number % self.matches,
            // The first of each match.
            decodes: number < self.matches,
            may_fire: self.may_fire,
        };
        Client::enter(&self.url, who, choice, samples)
            .await
            .with_context(|| format!("client {} cannot enter {}", number + 1, self.url))
    }
}
