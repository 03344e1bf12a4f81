//! Headless matches: bots over real sockets, against a server in this process or anywhere else.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use anyhow::Context;
use arena::bot::level::Level;
use indicatif::ProgressBar;
use shared::ids::MatchId;
use shared::message::MatchChoice;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::crowd::progress::{progress_bar, show_progress};
use crate::crowd::reading;
use crate::link::Preset;

mod prediction;

mod pilot;

mod report;

mod server_metrics;

mod figures;

mod way;

mod pause;

mod player;

mod rounds;

pub(crate) use pause::Pause;
pub(crate) use report::Report;
pub(crate) use rounds::Comparison;

use figures::Figures;
use pause::{Course, watch_memory};
use player::{Entrance, Player};
use report::Plan;
use server_metrics::Between;
use way::Conditioned;

/// What to play.
pub(crate) struct Tournament {
    /// `http://host:port`.
    pub(crate) url: String,
    pub(crate) players: u32,
    pub(crate) matches: u32,
    pub(crate) seconds: u32,
    pub(crate) level: Level,
    pub(crate) seed: u64,
    /// What lies between each bot and the server, beside what is there anyway.
    pub(crate) link: Option<Preset>,
    pub(crate) link_seed: u32,
    /// Some stop for a while.
    pub(crate) pause: Option<Pause>,
    /// Those whose figures are not the others': as many as pause, and as many as would in a round to compare with.
    pub(crate) apart: u32,
    /// The server runs in this process.
    pub(crate) in_process: bool,
}

/// Players that connect at the same time.
const CONNECTING_MAX: usize = 16;

/// From the last seat to the first figure: the clocks of the inputs begin far ahead and find their place in seconds.
const SETTLING: Duration = Duration::from_secs(5);

/// The bots that play, and what tells them when to stop.
struct Playing {
    bots: JoinSet<()>,
    ids: Vec<MatchId>,
    course: watch::Sender<Option<Course>>,
}

impl Tournament {
    /// Plays it.
    pub(crate) async fn play(&self) -> anyhow::Result<Report> {
        let figures = Arc::new(Figures::new());
        let progress = progress_bar(self.seconds, format!("0 of {} players seated", self.players));
        let mut playing = self.seat_players(&figures, &progress).await?;
        tokio::time::sleep(SETTLING).await;
        let authority = reading::authority(&self.url);
        let before = reading::fetch(authority).await;
        let course = Course::from(Instant::now(), self.seconds, self.pause);
        let memory = course.pause.filter(|_| self.in_process).map(watch_memory);
        figures.playing.store(true, Relaxed);
        playing.course.send_replace(Some(course));
        let message = |left| {
            format!(
                "{left} playing, {} snapshots, {} kills",
                figures.snapshots_received.load(Relaxed),
                figures.kills.load(Relaxed),
            )
        };
        show_progress(
            &progress,
            Instant::now(),
            &mut playing.bots,
            "a bot failed",
            message,
        )
        .await?;
        let server = match (before, reading::fetch(authority).await) {
            (Ok(before), Ok(after)) => Between::readings(&before, &after, figures.inputs_sent.load(Relaxed)),
            (Err(error), _) | (_, Err(error)) => {
                tracing::debug!(%error, "the server does not tell what it does");
                Between::default()
            }
        };
        let grown_bytes = match memory {
            Some(watching) => watching.await?,
            None => None,
        };
        let plan = Plan {
            players: self.players,
            matches: self.matches,
            seconds: self.seconds,
            link: self.link.map(Preset::name),
            pause: self.pause,
        };
        Ok(Report::new(&plan, &figures, &server, grown_bytes))
    }

    /// The first of each match opens it, then the others follow, a few at a time. Each plays as soon as it sits: a client that
    /// is silent is taken for one that is gone.
    async fn seat_players(&self, figures: &Arc<Figures>, progress: &ProgressBar) -> anyhow::Result<Playing> {
        let mut playing = Playing {
            bots: JoinSet::new(),
            ids: Vec::new(),
            course: watch::Sender::new(None),
        };
        for number in 0..self.matches.min(self.players) {
            let opener = self.enter(number, MatchChoice::New, figures).await?;
            let id = opener.match_id().context("a bot that entered is in a match")?;
            playing.ids.push(id);
            playing.bots.spawn(opener.play(playing.course.subscribe()));
            progress.set_message(format!(
                "{} of {} players seated",
                playing.bots.len(),
                self.players
            ));
        }
        let rest: Vec<u32> = (self.matches..self.players).collect();
        for few in rest.chunks(CONNECTING_MAX) {
            let ids = &playing.ids;
            let entering = few.iter().map(|&number| {
                let choice = MatchChoice::Id(ids[number as usize % ids.len()]);
                self.enter(number, choice, figures)
            });
            for player in futures_util::future::try_join_all(entering).await? {
                playing.bots.spawn(player.play(playing.course.subscribe()));
            }
            progress.set_message(format!(
                "{} of {} players seated",
                playing.bots.len(),
                self.players
            ));
        }
        Ok(playing)
    }

    async fn enter(
        &self,
        number: u32,
        choice: MatchChoice,
        figures: &Arc<Figures>,
    ) -> anyhow::Result<Player> {
        let link = self.link.map(|preset| Conditioned {
            conditions: preset.conditions(),
            // Each bot has two directions.
            seed: self.link_seed.wrapping_add(number.wrapping_mul(2)),
        });
        let entrance = Entrance {
            url: self.url.as_str().into(),
            name: format!("Bot {}", number + 1),
            level: self.level,
            seed: self.seed.wrapping_add(number.into()),
            link,
            figures: Arc::clone(figures),
            pauses: self.pause.is_some_and(|pause| number < pause.players),
            apart: number < self.apart,
        };
        entrance
            .enter(choice)
            .await
            .with_context(|| format!("player {} cannot enter {}", number + 1, self.url))
    }
}
