//! A recording that somebody watches: its match is simulated again, from the moment and at the speed that its viewer wishes,
//! and shown by ordinary snapshots.
//!
//! To a shard it is a match like any other, which nobody can join:
//!
//! | state | a step of the shard | is left |
//! |---|---|---|
//! | seeking | plays its share of [`SEEK_TICKS`] and shows nothing | at the moment that was wished for: the viewer is let in anew |
//! | showing | plays what is due at the speed | when the viewer steers to another moment |
//! | unseen | nothing | when somebody takes the last snapshot, or answers at last |
//! | still | nothing: it is paused or at its end | when the viewer steers |
//!
//! Each wish brings a mailbox of its own, and what was in the last one is void: so nothing of the moment before reaches the
//! client behind the greeting of the new one. A moment that lies back is reached from the beginning, since the world of a game
//! cannot be copied; to simulate a minute takes some tens of milliseconds. It ends when nobody has a place to watch from, and when
//! it has stood still for long.
//!
//! What a socket does not take is tried again with the next snapshot, and so is what a client could not apply. Where no snapshot
//! follows for a while, or ever, both are done by the step.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use bytes::Bytes;
use shared::ids::MatchId;
use shared::limits::PLAYERS_MAX;
use shared::message::MatchEnd;
use shared::steer::{Speed, Steer};
use shared::tick::{SNAPSHOT_INTERVAL_TICKS, TICK_HZ, Tick};

use crate::command::{COMMANDS_PER_TICK_MAX, Command, Refused, ReplayMoment, WatchRequest};
use crate::command_queue::CommandReceiver;
use crate::game::Game;
use crate::notice::{MatchSink, Notice};
use crate::phase::Published;
use crate::places::Places;
use crate::pulse::Pulse;
use crate::rate::Rate;
use crate::recording::frame::End;
use crate::recording::read::{Read, ReadError, Summary, read};
use crate::replay::{ReplayError, Rerun};
use crate::settings::MatchSettings;
use crate::simulation::{Flow, RunningMatch};
use crate::stats::Stats;

/// Ticks that all recordings of a shard together play in one step of it on their way to other moments: for one alone that is four
/// minutes of a match each second. More get there sooner and hold up those that are shown for longer.
const SEEK_TICKS: u32 = 240;

/// Steps of the shard from one beginning to the next, a third of a second: to make a match costs more than some ticks of it, and
/// who drags a slider back wishes for many moments and means the last.
const BEGIN_STEPS: u32 = 20;

/// Steps of the shard from one word about the way to the next: four a second.
const TELL_STEPS: u32 = 15;

/// Steps of the shard for which a viewer may leave a snapshot untaken before the picture waits: half a second.
const UNSEEN_STEPS_MAX: u32 = 30;

/// Steps of the shard for which a viewer may leave the picture that waits unanswered before its connection is given up. A match
/// in motion waits for as long.
const GIVE_UP_STEPS: u32 = 8 * TICK_HZ as u32;

/// Steps of the shard from one try to write a snapshot to the next: as many a second as snapshots of a match.
const RETRY_STEPS: u32 = SNAPSHOT_INTERVAL_TICKS as u32;

/// Steps of the shard before what stands still is shown anew to a client that asks for it: four times a second at most.
const ANEW_STEPS: u32 = 15;

/// Steps of the shard after which a recording that stands still ends, unless its viewer steers: ten minutes. Longer lets whoever has
/// forgotten a page hold a place for longer.
const IDLE_STEPS_MAX: u32 = 10 * 60 * TICK_HZ as u32;

/// See the head of this file.
pub(crate) struct Playback<G: Game> {
    id: MatchId,
    recording: Read<Bytes, G>,
    rerun: Rerun<Bytes, G>,
    commands: CommandReceiver<G::Input>,
    /// Where it is going; `None` when it is there.
    goal: Option<Tick>,
    /// Somebody has come to see it. Before that nothing is played.
    is_wanted: bool,
    /// Steps since anybody steered or saw it move.
    idle_steps: u32,
    /// Steps since the viewer was told how far it is.
    untold_steps: u32,
    /// Counts it among those on their way.
    underway: Option<Underway>,
    /// Whether this turn of the shard can play on the way to the goal: a shard that is late makes several steps in a turn.
    may_seek: bool,
    /// A shard says when its turns begin; nobody who steps by hand does.
    is_on_shard: bool,
    /// Steps until it can begin again.
    begins_in_steps: u32,
    /// The last tick that is shown.
    end_tick: Tick,
    speed: Speed,
    /// Steps since the viewer took the last snapshot.
    unseen_steps: u32,
    /// Steps since a snapshot was made.
    quiet_steps: u32,
    /// The client could not apply what it has of the moment that stands still.
    is_lost: bool,
    /// Quarters of a tick that are due and do not make one yet.
    due_quarters: u8,
    /// Who wants to see it for the first time or again, and who has steered, until they are let in: in this order.
    watches: Option<WatchRequest>,
    steers: Option<WatchRequest>,
    rate: Rate,
    thin_snapshots: bool,
    places: Arc<Places>,
    published: Arc<Published>,
    pulse: Arc<Pulse>,
    gate: Arc<Gate>,
    stats: Arc<Stats>,
}

impl<G: Game> Playback<G> {
    /// Reads the recording and makes the match, before its first tick. `places` has one for a viewer.
    pub(crate) fn open(
        bytes: Bytes,
        from: Tick,
        commands: CommandReceiver<G::Input>,
        places: Arc<Places>,
        sink: Arc<dyn MatchSink>,
        stats: Arc<Stats>,
        rate: Rate,
    ) -> Result<Self, ReadError> {
        let recording = read::<Bytes, G>(bytes)?;
        let gate = Arc::new(Gate {
            sink,
            is_open: AtomicBool::new(false),
        });
        let rerun = begin(&recording, &gate, &stats)?;
        let end_tick = last_shown(&recording.summary);
        Ok(Self {
            id: recording.header.match_id,
            published: rerun.simulation.published(),
            recording,
            rerun,
            commands,
            goal: Some(from.min(end_tick)),
            is_wanted: false,
            idle_steps: 0,
            untold_steps: 0,
            underway: None,
            may_seek: true,
            is_on_shard: false,
            begins_in_steps: 0,
            end_tick,
            speed: Speed::REAL,
            unseen_steps: 0,
            quiet_steps: 0,
            is_lost: false,
            due_quarters: 0,
            watches: None,
            steers: None,
            rate,
            thin_snapshots: false,
            places,
            pulse: Arc::default(),
            gate,
            stats,
        })
    }

    /// Where its phase and its map can be read.
    pub(crate) fn published(&self) -> Arc<Published> {
        Arc::clone(&self.published)
    }

    fn apply_commands(&mut self) {
        for _ in 0..self.commands.take_over(COMMANDS_PER_TICK_MAX, None) {
            let Some(command) = self.commands.next() else {
                return;
            };
            match command {
                Command::Watch { request } => {
                    self.is_wanted = true;
                    self.watches = Some(request);
                }
                Command::Steer { request, steer } => {
                    self.is_wanted = true;
                    self.idle_steps = 0;
                    self.steers = Some(request);
                    self.steer(steer);
                }
                Command::Look { viewer, packet } => {
                    self.is_lost |= packet.resync && self.stands_still();
                    self.rerun.simulation.receive_look(viewer, &packet);
                }
                Command::Inspect { reply } => reply.grant(self.rerun.simulation.status()),
                Command::Join { request, .. } => request.reply.refuse(Refused::Full),
                Command::Resume { request } => request.reply.refuse(Refused::Ended),
                Command::Input { .. } => {}
            }
        }
    }

    fn steer(&mut self, Steer { speed, to }: Steer) {
        self.speed = speed;
        self.due_quarters = 0;
        if let Some(to) = to {
            self.goal = Some(to.min(self.end_tick));
            // Also before the old match ends, of which nobody shall hear.
            self.gate.close();
        }
    }

    /// Plays on towards the goal.
    fn seek(&mut self, goal: Tick) -> Result<(), ReplayError> {
        if goal < self.rerun.tick() {
            if self.begins_in_steps > 0 {
                return Ok(());
            }
            self.begins_in_steps = BEGIN_STEPS;
            self.rerun = begin(&self.recording, &self.gate, &self.stats)
                .expect("a recording that was played once can be played again");
        }
        self.underway.get_or_insert_with(|| Underway::new(&self.stats));
        if !std::mem::replace(&mut self.may_seek, !self.is_on_shard) {
            return Ok(());
        }
        let share = SEEK_TICKS
            / u32::try_from(self.stats.replays_seeking.value())
                .unwrap_or(SEEK_TICKS)
                .max(1);
        for _ in 0..share.max(1) {
            if self.rerun.tick() >= goal {
                break;
            }
            self.play_tick()?;
        }
        if self.rerun.tick() >= goal {
            self.goal = None;
            self.underway = None;
            self.untold_steps = 0;
            return Ok(());
        }
        self.untold_steps += 1;
        if self.untold_steps.is_multiple_of(TELL_STEPS) {
            self.gate.sink.notice(Notice::Seeking(self.rerun.tick()));
        }
        Ok(())
    }

    /// Lets in who waits, at the tick that is played now.
    fn let_in(&mut self) {
        let moment = ReplayMoment {
            end_tick: self.end_tick,
            speed: self.speed,
        };
        let requests = [self.watches.take(), self.steers.take()];
        for request in requests.into_iter().flatten() {
            self.unseen_steps = 0;
            let rate = self.rate.at(self.speed);
            self.rerun.simulation.show_to(request, rate, moment);
            self.gate.open();
            self.show();
        }
    }

    fn show(&mut self) {
        self.quiet_steps = 0;
        self.is_lost = false;
        self.rerun.simulation.show();
    }

    fn stands_still(&self) -> bool {
        self.speed == Speed::PAUSED || self.rerun.tick() >= self.end_tick
    }

    /// Does what the next snapshot would do, when that is far.
    fn try_again(&mut self) {
        self.quiet_steps = self.quiet_steps.wrapping_add(1);
        let stands_still = self.stands_still();
        let simulation = &mut self.rerun.simulation;
        let is_asked = self.is_lost || simulation.is_awaited();
        if is_asked && stands_still && self.quiet_steps >= ANEW_STEPS {
            simulation.start_anew();
            self.show();
        } else if self.quiet_steps.is_multiple_of(RETRY_STEPS) && simulation.is_waiting() {
            self.gate.snapshots_ready();
        }
    }

    /// Whether the picture goes on: it waits for a viewer whose connection is broken.
    fn is_seen(&mut self) -> bool {
        let simulation = &mut self.rerun.simulation;
        if !simulation.is_watched() {
            return false;
        }
        if simulation.is_behind() {
            self.unseen_steps += 1;
            if self.unseen_steps.is_multiple_of(GIVE_UP_STEPS) {
                simulation.give_up();
            }
        } else {
            if self.unseen_steps > UNSEEN_STEPS_MAX {
                simulation.slip();
            }
            self.unseen_steps = 0;
        }
        self.unseen_steps <= UNSEEN_STEPS_MAX
    }

    /// Plays what is due at the speed, as long as somebody sees it.
    fn go_on(&mut self) -> Result<(), ReplayError> {
        if self.speed == Speed::PAUSED || !self.is_seen() {
            return Ok(());
        }
        self.due_quarters += self.speed.quarters();
        while self.due_quarters >= Speed::QUARTERS_PER_TICK && self.rerun.tick() < self.end_tick {
            self.due_quarters -= Speed::QUARTERS_PER_TICK;
            self.idle_steps = 0;
            self.play_tick()?;
            let every = u32::from(self.rate.at(self.speed).interval_ticks) << u32::from(self.thin_snapshots);
            let is_last = self.rerun.tick() == self.end_tick;
            if is_last {
                self.rerun.simulation.hurry();
            }
            if is_last || self.rerun.tick().0.is_multiple_of(every) {
                self.show();
            }
        }
        self.due_quarters %= Speed::QUARTERS_PER_TICK;
        Ok(())
    }

    fn play_tick(&mut self) -> Result<(), ReplayError> {
        self.stats.replayed_ticks.add(1);
        self.rerun.step().map(drop)
    }

    fn step_on(&mut self) -> Result<(), ReplayError> {
        self.apply_commands();
        self.begins_in_steps = self.begins_in_steps.saturating_sub(1);
        self.idle_steps += 1;
        if let Some(goal) = self.goal.filter(|_| self.is_wanted) {
            self.seek(goal)?;
        }
        if self.goal.is_some() {
            return Ok(());
        }
        if self.watches.is_some() || self.steers.is_some() {
            // Whoever has steered to a moment sees that one before anything more is played.
            self.let_in();
            return Ok(());
        }
        self.go_on()?;
        self.try_again();
        Ok(())
    }
}

impl<G: Game> RunningMatch for Playback<G> {
    fn id(&self) -> MatchId {
        self.id
    }

    fn step(&mut self) -> Flow {
        if self.places.viewers() == 0 || self.idle_steps >= IDLE_STEPS_MAX {
            return Flow::Finished;
        }
        match self.step_on() {
            Ok(()) => Flow::Running,
            Err(error) => {
                tracing::warn!(match_id = %self.id, %error, "a recording is another match when it is played again");
                self.stats.replays_diverged.add(1);
                self.end(MatchEnd::Diverged);
                Flow::Finished
            }
        }
    }

    fn expect_next(&mut self, _: Instant) {
        self.is_on_shard = true;
        self.may_seek = true;
    }

    fn slip(&mut self) {
        self.rerun.simulation.slip();
    }

    fn pulse(&self) -> Arc<Pulse> {
        Arc::clone(&self.pulse)
    }

    fn thin_snapshots(&mut self, thin: bool) {
        self.thin_snapshots = thin;
    }

    fn end(&mut self, reason: MatchEnd) {
        if self.places.end() {
            self.gate.close();
            self.gate.sink.notice(Notice::Ended(reason));
        }
    }
}

impl<G: Game> Drop for Playback<G> {
    fn drop(&mut self) {
        self.end(MatchEnd::Closed);
    }
}

/// The match before its first tick. Whoever watches sees all of it.
fn begin<G: Game>(
    recording: &Read<Bytes, G>,
    gate: &Arc<Gate>,
    stats: &Arc<Stats>,
) -> Result<Rerun<Bytes, G>, ReadError> {
    let settings = MatchSettings {
        see_all_max: PLAYERS_MAX,
        ..recording.header.settings
    };
    let sink = Arc::clone(gate) as Arc<dyn MatchSink>;
    Rerun::start(recording, settings, sink, Arc::clone(stats))
}

/// A tick in which the rules panicked cannot be shown.
fn last_shown(summary: &Summary) -> Tick {
    match summary.end {
        End::Crashed => Tick(summary.end_tick.0.saturating_sub(1)),
        End::Closed | End::Cut => summary.end_tick,
    }
}

/// One of the recordings that are on their way to a moment.
struct Underway(Arc<Stats>);

impl Underway {
    fn new(stats: &Arc<Stats>) -> Self {
        stats.replays_seeking.rise();
        Self(Arc::clone(stats))
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        self.0.replays_seeking.fall();
    }
}

/// Lets through what the match tells while it is shown. Its end is no news: that of the playback is.
struct Gate {
    sink: Arc<dyn MatchSink>,
    is_open: AtomicBool,
}

impl Gate {
    fn open(&self) {
        self.is_open.store(true, Ordering::Relaxed);
    }

    fn close(&self) {
        self.is_open.store(false, Ordering::Relaxed);
    }
}

impl MatchSink for Gate {
    fn snapshots_ready(&self) {
        if self.is_open.load(Ordering::Relaxed) {
            self.sink.snapshots_ready();
        }
    }

    fn notice(&self, notice: Notice) {
        if self.is_open.load(Ordering::Relaxed) && !matches!(notice, Notice::Ended(_)) {
            self.sink.notice(notice);
        }
    }
}
