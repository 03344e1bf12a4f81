//! Headless matches: bots over real sockets, against a server in this process or anywhere else.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use anyhow::Context;
use arena::bot::level::Level;
use indicatif::{ProgressBar, ProgressStyle};
use shared::ids::MatchId;
use shared::message::MatchChoice;
use tokio::task::JoinSet;

mod clock;

mod figures;

mod player;

mod tick_times;

pub(crate) use figures::Report;

use figures::{Figures, Plan};
use player::Player;

/// What to play.
pub(crate) struct Tournament {
    /// `http://host:port`.
    pub(crate) url: String,
    pub(crate) players: u32,
    pub(crate) matches: u32,
    pub(crate) seconds: u32,
    pub(crate) level: Level,
    pub(crate) seed: u64,
}

/// How often the progress is drawn.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(250);

/// Players that connect at the same time.
const CONNECTING_MAX: usize = 16;

impl Tournament {
    /// Plays it.
    pub(crate) async fn play(&self) -> anyhow::Result<Report> {
        let figures = Arc::new(Figures::new());
        let progress = progress_bar(self.players, self.seconds);
        let players = self.seat_players(&figures, &progress).await?;
        let authority = authority(&self.url);
        let before = tick_times::fetch(authority).await;
        let end = Instant::now() + Duration::from_secs(self.seconds.into());
        figures.playing.store(true, Relaxed);
        let mut playing = JoinSet::new();
        for player in players {
            playing.spawn(player.play(end));
        }
        show_progress(&progress, &figures, self.seconds, &mut playing).await?;
        let tick_us = match (before, tick_times::fetch(authority).await) {
            (Ok(before), Ok(after)) => tick_times::percentiles(&before, &after),
            (Err(error), _) | (_, Err(error)) => {
                tracing::debug!(%error, "the server does not tell its tick times");
                None
            }
        };
        let plan = Plan {
            players: self.players,
            matches: self.matches,
            seconds: self.seconds,
        };
        Ok(figures.report(&plan, tick_us))
    }

    /// The first of each match opens it, then the others follow, a few at a time.
    async fn seat_players(
        &self,
        figures: &Arc<Figures>,
        progress: &ProgressBar,
    ) -> anyhow::Result<Vec<Player>> {
        let mut players = Vec::new();
        let mut ids: Vec<MatchId> = Vec::new();
        for number in 0..self.matches.min(self.players) {
            let opener = self.enter(number, MatchChoice::New, figures).await?;
            ids.push(opener.match_id().context("a bot that entered is in a match")?);
            players.push(opener);
            progress.set_message(format!("{} of {} players seated", players.len(), self.players));
        }
        let rest: Vec<u32> = (self.matches..self.players).collect();
        for few in rest.chunks(CONNECTING_MAX) {
            let entering = few.iter().map(|&number| {
                let choice = MatchChoice::Id(ids[number as usize % ids.len()]);
                self.enter(number, choice, figures)
            });
            players.extend(futures_util::future::try_join_all(entering).await?);
            progress.set_message(format!("{} of {} players seated", players.len(), self.players));
        }
        Ok(players)
    }

    async fn enter(
        &self,
        number: u32,
        choice: MatchChoice,
        figures: &Arc<Figures>,
    ) -> anyhow::Result<Player> {
        let name = format!("Bot {}", number + 1);
        Player::enter(
            &self.url,
            &name,
            choice,
            self.level,
            self.seed.wrapping_add(number.into()),
            figures,
        )
        .await
        .with_context(|| format!("player {} cannot enter {}", number + 1, self.url))
    }
}

/// host:port of `http://host:port/…`.
fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

fn progress_bar(players: u32, seconds: u32) -> ProgressBar {
    let bar = ProgressBar::new(seconds.into());
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} s  {msg}");
    bar.set_style(style.expect("the template is right"));
    bar.set_message(format!("0 of {players} players seated"));
    bar
}

async fn show_progress(
    progress: &ProgressBar,
    figures: &Figures,
    seconds: u32,
    playing: &mut JoinSet<()>,
) -> anyhow::Result<()> {
    let started = Instant::now();
    let mut interval = tokio::time::interval(PROGRESS_INTERVAL);
    loop {
        tokio::select! {
            ended = playing.join_next() => match ended {
                None => break,
                Some(ended) => ended.context("a bot failed")?,
            },
            _ = interval.tick() => {
                progress.set_position(started.elapsed().as_secs().min(seconds.into()));
                progress.set_message(format!(
                    "{} playing, {} snapshots, {} kills",
                    playing.len(),
                    figures.snapshots_received.load(Relaxed),
                    figures.kills.load(Relaxed),
                ));
            }
        }
    }
    progress.finish_and_clear();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authority_is_what_stands_between_scheme_and_path() {
        assert_eq!(authority("http://localhost:3000"), "localhost:3000");
        assert_eq!(authority("http://[::1]:80/x"), "[::1]:80");
    }
}
