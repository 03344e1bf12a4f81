//! Plays a recording again, as fast as the rules go, and compares the hash of the world with the recorded one each second.
//!
//! The match is an ordinary one without clients: its joins, leaves and inputs come from the recording instead of a queue.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use shared::ids::PlayerId;
use shared::tick::Tick;

use crate::command::MatchStatus;
use crate::command_queue::command_queue;
use crate::game::{Game, Intent};
use crate::notice::{MatchSink, Notice};
use crate::places::Places;
use crate::recording::frame::{End, Frame};
use crate::recording::header::Header;
use crate::recording::read::{Frames, Read, ReadError, Summary, read};
use crate::settings::MatchSettings;
use crate::simulation::{MatchStart, Simulation};
use crate::stats::Stats;

/// Why a replay does not go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// The world is another one than that which was recorded.
    #[error("mismatch at tick {tick}: the recording has hash {recorded:016x}, the replay {found:016x}", tick = .tick.0)]
    Mismatch {
        /// The first tick whose hash differs; the one that went wrong lies in the second before it.
        tick: Tick,
        /// In the recording.
        recorded: u64,
        /// Here.
        found: u64,
    },
    /// Somebody comes who cannot come here.
    #[error("mismatch at tick {tick}: somebody joined who finds no place in the replay", tick = .0.0)]
    NoPlace(Tick),
    /// The rules panic where they did not.
    #[error("mismatch at tick {tick}: the rules panic ({text}), and they did not when it was recorded", tick = .tick.0)]
    Crash {
        /// When.
        tick: Tick,
        /// Of the panic.
        text: String,
    },
    /// The rules do not panic where they did.
    #[error("mismatch at tick {tick}: the rules panicked when it was recorded, and do not now", tick = .0.0)]
    NoCrash(Tick),
}

/// How a replay stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// There are more ticks.
    Running,
    /// Everything was compared.
    Done(Outcome),
}

/// What a replay came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The match after its last tick. After a crash, before the tick in which it happened.
    pub status: MatchStatus,
    /// Text of the panic that ended the match, as it did when it was recorded.
    pub crash: Option<String>,
}

/// A replay of any game.
pub trait RunningReplay {
    /// What the match started from.
    fn header(&self) -> &Header;

    /// What is in the recording.
    fn summary(&self) -> &Summary;

    /// The last tick that was played.
    fn tick(&self) -> Tick;

    /// Plays at most so many ticks. Not to be called again after an error or the end.
    fn advance(&mut self, ticks_max: u32) -> Result<Progress, ReplayError>;
}

/// Reads a recording of the game `G` to its end and makes a replay of it.
pub fn open<G: Game>(bytes: &[u8]) -> Result<Box<dyn RunningReplay + '_>, ReadError> {
    let recording = read::<&[u8], G>(bytes)?;
    let rerun = Rerun::start(
        &recording,
        recording.header.settings,
        Arc::new(Silence),
        Arc::default(),
    )?;
    let Read { header, summary, .. } = recording;
    Ok(Box::new(Replay {
        header,
        summary,
        rerun,
    }))
}

/// Nobody is told.
struct Silence;

impl MatchSink for Silence {
    fn snapshots_ready(&self) {}

    fn notice(&self, _: Notice) {}
}

struct Replay<B, G: Game> {
    header: Header,
    summary: Summary,
    rerun: Rerun<B, G>,
}

/// A recorded match that is being played again, tick by tick.
pub(crate) struct Rerun<B, G: Game> {
    pub(crate) simulation: Simulation<G>,
    frames: Frames<B, G>,
    /// The frame that comes next; its inputs are in `frames` already.
    next: Frame,
    /// In force until that frame.
    inputs: Vec<(PlayerId, Intent<G::Input>)>,
    tick: Tick,
}

impl<B: AsRef<[u8]> + Clone, G: Game> Rerun<B, G> {
    /// The match before its first tick. What happens in it is told to `sink` and counted in `stats`; of the settings only what
    /// clients are sent may differ from the recorded ones.
    pub(crate) fn start(
        recording: &Read<B, G>,
        settings: MatchSettings,
        sink: Arc<dyn MatchSink>,
        stats: Arc<Stats>,
    ) -> Result<Self, ReadError> {
        let header = &recording.header;
        let mut frames = recording.frames.at_start();
        let next = frames.next()?;
        let places = Arc::new(Places::new(settings.players_max, 0, Arc::clone(&stats)));
        let (_, nobody) = command_queue(Arc::clone(&stats));
        let start = MatchStart {
            id: header.match_id,
            config: recording.config.clone(),
            seed: header.seed,
            settings,
            sink,
            stats,
            recording: None,
        };
        Ok(Self {
            simulation: Simulation::<G>::new(start, nobody, places),
            frames,
            next,
            inputs: Vec::new(),
            tick: Tick(0),
        })
    }

    /// The last tick that was played.
    pub(crate) const fn tick(&self) -> Tick {
        self.tick
    }

    /// Plays the next tick; gives the outcome when it was the last. Not to be called again after an error or the end.
    pub(crate) fn step(&mut self) -> Result<Option<Outcome>, ReplayError> {
        let tick = self.tick.after(1);
        let has_frame = self.next.tick == tick;
        if has_frame {
            self.inputs.clear();
            self.inputs.extend_from_slice(self.frames.people().inputs());
        }
        let frame = has_frame.then_some(&self.next);
        let crashes = frame.is_some_and(|frame| frame.end == Some(End::Crashed));
        let before = crashes.then(|| self.simulation.status());
        // After a panic the match is not looked at again.
        let played = catch_unwind(AssertUnwindSafe(|| {
            self.simulation.replay_tick(frame, &self.inputs)
        }));
        match (played, before) {
            (Err(panic), Some(status)) => {
                let crash = Some(panic_text(panic.as_ref()).to_owned());
                return Ok(Some(Outcome { status, crash }));
            }
            (Err(panic), None) => {
                let text = panic_text(panic.as_ref()).to_owned();
                return Err(ReplayError::Crash { tick, text });
            }
            (Ok(_), Some(_)) => return Err(ReplayError::NoCrash(tick)),
            (Ok(false), None) => return Err(ReplayError::NoPlace(tick)),
            (Ok(true), None) => {}
        }
        self.tick = tick;
        // An end may come in a frame of its own, in the tick of the one before.
        while self.next.tick == tick {
            self.compare()?;
            if self.next.end.is_some() {
                let status = self.simulation.status();
                return Ok(Some(Outcome { status, crash: None }));
            }
            self.next = self.frames.next().expect("every frame has been read once");
        }
        Ok(None)
    }

    fn compare(&self) -> Result<(), ReplayError> {
        let Some(recorded) = self.next.hash else {
            return Ok(());
        };
        let (tick, found) = (self.tick, self.simulation.hash());
        if recorded == found {
            return Ok(());
        }
        Err(ReplayError::Mismatch {
            tick,
            recorded,
            found,
        })
    }
}

impl<B: AsRef<[u8]> + Clone, G: Game> RunningReplay for Replay<B, G> {
    fn header(&self) -> &Header {
        &self.header
    }

    fn summary(&self) -> &Summary {
        &self.summary
    }

    fn tick(&self) -> Tick {
        self.rerun.tick
    }

    fn advance(&mut self, ticks_max: u32) -> Result<Progress, ReplayError> {
        for _ in 0..ticks_max {
            if let Some(outcome) = self.rerun.step()? {
                return Ok(Progress::Done(outcome));
            }
        }
        Ok(Progress::Running)
    }
}

/// The text of a panic, when it has one.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text")
}
