//! One match: a world, those who play in it, and the order of work of a tick.
//!
//! A tick is a function of the commands that came before it. It does not know when it runs: the shard decides that.

use std::sync::Arc;
use std::time::Instant;

use shared::ids::{EntityId, MatchId, PlayerId};
use shared::input::InputPacket;
use shared::limits::SETUP_BYTES_MAX;
use shared::message::{MatchEnd, RosterEntry};
use shared::tick::Tick;

use crate::ahead::{Turns, ask_for};
use crate::command::{
    COMMANDS_PER_TICK_MAX, Command, JoinRequest, MatchStatus, PlayerStatus, Refused, WatchRequest,
    WatchedMatch,
};
use crate::command_queue::CommandReceiver;
use crate::event_log::{EventLog, Logged};
use crate::game::{Game, Intent};
use crate::input_buffer::{Arrival, Source};
use crate::notice::{MatchSink, Notice};
use crate::phase::Published;
use crate::places::{Place, Places};
use crate::pulse::Pulse;
use crate::recording::frame::End;
use crate::recording::header::Header;
use crate::recording::recorder::Recorder;
use crate::recording::sink::Recording;
use crate::replicate::{Moment, Replicator};
use crate::roster::Roster;
use crate::scores::{Scores, write_scores};
use crate::seat::Progress;
use crate::settings::MatchSettings;
use crate::stage::Stage;
use crate::stats::Stats;
use crate::viewers::Viewers;

mod rerun;

/// What a match is made of.
pub struct MatchStart<G: Game> {
    /// Unique for the life of the process.
    pub id: MatchId,
    /// For the game.
    pub config: G::Config,
    /// Source of all randomness of the match.
    pub seed: u64,
    /// For the simulation.
    pub settings: MatchSettings,
    /// Who is told.
    pub sink: Arc<dyn MatchSink>,
    /// Where to count.
    pub stats: Arc<Stats>,
    /// Where to write down what happens; `None` for a match that is not recorded.
    pub recording: Option<Recording>,
}

/// Whether a match goes on after a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// It wants its next tick.
    Running,
    /// It asks to be ended and dropped.
    Finished,
}

/// A match of any game, as the shard sees it.
pub trait RunningMatch: Send {
    /// Its name.
    fn id(&self) -> MatchId;

    /// Simulates one tick.
    fn step(&mut self) -> Flow;

    /// Tells the match that its turn is near, so that it asks for its memory (`ahead.rs`).
    fn look_ahead(&self, _turns: Turns) {}

    /// Tells the match when the tick after those that are stepped now is due; before the first of them. One that is stepped by
    /// hand is not told.
    fn expect_next(&mut self, due: Instant);

    /// Tells the match that time was dropped before its next tick; its clients learn it with their next snapshot.
    fn slip(&mut self);

    /// Where the shard tells what the match costs; by default nobody reads it.
    fn pulse(&self) -> Arc<Pulse> {
        Arc::default()
    }

    /// From the next tick on every second snapshot is left out, or none.
    fn thin_snapshots(&mut self, thin: bool);

    /// Ends the match and tells its sink. Only the first call counts. It does not touch a world in which a panic has left
    /// a tick half done, so it may be called after one.
    fn end(&mut self, reason: MatchEnd);
}

/// A match of one game.
pub struct Simulation<G: Game> {
    id: MatchId,
    tick: Tick,
    stage: Stage<G>,
    commands: CommandReceiver<G::Input>,
    roster: Roster<G>,
    viewers: Viewers,
    events: EventLog<G::Event>,
    replicator: Replicator<G>,
    scores: Scores,
    /// How often the clock slipped; compared for equality only, so it may wrap.
    slips: u32,
    empty_ticks: u32,
    empty_ticks_max: u32,
    snapshot_interval_ticks: u32,
    places: Arc<Places>,
    published: Arc<Published>,
    next_due: Option<Instant>,
    pulse: Arc<Pulse>,
    sink: Arc<dyn MatchSink>,
    stats: Arc<Stats>,
    recorder: Recorder<Intent<G::Input>>,
    /// Every second snapshot is left out.
    thin_snapshots: bool,
    /// False between ticks, when the world is whole. A panic leaves it true.
    in_tick: bool,
}

impl<G: Game> Simulation<G> {
    /// Builds the world. Panics when the settings or the setup of the game break their bounds, which are bugs.
    pub(crate) fn new(
        mut start: MatchStart<G>,
        commands: CommandReceiver<G::Input>,
        places: Arc<Places>,
    ) -> Self {
        assert!(
            start.settings.is_valid(),
            "match settings keep their bounds: {:?}",
            start.settings
        );
        let setup = checked_setup(G::setup(&start.config));
        let stage = Stage::<G>::new(&start.config, start.seed);
        let published = Arc::new(Published::new(G::phase(&stage.world), G::map_name(&stage.world)));
        let recorder = match start.recording.take() {
            Some(recording) => Recorder::new(&header(&start), recording, Arc::clone(&start.stats)),
            None => Recorder::off(),
        };
        Self {
            id: start.id,
            tick: Tick(0),
            stage,
            commands,
            roster: Roster::new(
                start.id,
                start.settings,
                setup,
                Arc::clone(&places),
                Arc::clone(&start.sink),
                Arc::clone(&start.stats),
            ),
            viewers: Viewers::default(),
            events: EventLog::new(),
            replicator: Replicator::new(start.settings.see_all_max),
            scores: Scores::default(),
            slips: 0,
            empty_ticks: 0,
            empty_ticks_max: start.settings.empty_ticks_max,
            snapshot_interval_ticks: start.settings.snapshot_interval_ticks.into(),
            places,
            published,
            next_due: None,
            pulse: Arc::default(),
            sink: start.sink,
            stats: start.stats,
            recorder,
            thin_snapshots: false,
            in_tick: false,
        }
    }

    /// Where its phase and its map can be read while it runs.
    pub(crate) fn published(&self) -> Arc<Published> {
        Arc::clone(&self.published)
    }

    /// Empties the queue, up to the bound of a tick.
    fn apply_commands(&mut self) {
        for _ in 0..self.commands.take_over(COMMANDS_PER_TICK_MAX, self.next_due) {
            let Some(command) = self.commands.next() else {
                return;
            };
            match command {
                Command::Input {
                    player,
                    packet,
                    early_quarters,
                } => {
                    let arrival = Arrival {
                        next: self.tick.after(1),
                        early_quarters,
                    };
                    receive_input(&mut self.roster, &self.stats, player, &packet, arrival);
                }
                Command::Join { request, place } => self.join(request, place),
                Command::Resume { request } => {
                    let progress = self.progress();
                    self.roster
                        .resume(&self.stage.world, request, self.tick, progress);
                }
                Command::Watch { request } => self.watch(request),
                Command::Look { viewer, packet } => {
                    match self.viewers.receive(viewer, &packet, self.tick.after(1)) {
                        None => self.stats.looks_unseated.add(1),
                        Some(is_honest) => {
                            self.stats.resyncs.add(packet.resync.into());
                            self.stats.acks_refused.add((!is_honest).into());
                        }
                    }
                }
                // The handle of a running match lets none of them through.
                Command::Steer { .. } => {}
                Command::Inspect { reply } => reply.grant(self.status()),
            }
        }
    }

    fn join(&mut self, request: JoinRequest, place: Place) {
        let Some(player) = self.roster.next_player_id() else {
            request.reply.refuse(Refused::Full);
            return;
        };
        // Before anything is done for it, so that a panic in that can be played again.
        self.recorder.join(player, &request.name);
        self.let_in(player, request, place);
    }

    fn let_in(&mut self, player: PlayerId, request: JoinRequest, place: Place) {
        let progress = self.progress();
        self.roster
            .join(&mut self.stage, player, request, place, self.tick, progress);
    }

    fn watch(&mut self, request: WatchRequest) {
        let watched = self.roster.watched(&self.stage.world, self.tick);
        let settings = *self.roster.settings();
        self.admit(request, watched, &settings);
    }

    /// Lets somebody watch, and tells what it sees.
    fn admit(&mut self, request: WatchRequest, watched: WatchedMatch, settings: &MatchSettings) {
        let progress = self.progress();
        self.viewers.admit(
            request.viewer,
            watched.roster.first().map(|entry| entry.entity),
            request.mailbox,
            progress,
            self.tick,
            settings,
        );
        request.reply.grant(watched);
    }

    fn remove_leavers(&mut self) {
        self.viewers.remove_leavers();
        for player in self.roster.leavers() {
            self.recorder.leave(player);
            self.roster.remove(&mut self.stage, player);
        }
    }

    /// What the match looks like between two ticks.
    pub(crate) fn status(&mut self) -> MatchStatus {
        let observed = self.replicator.observe(&mut self.stage.world);
        MatchStatus {
            id: self.id,
            tick: self.tick,
            hash: G::hash(&self.stage.world),
            phase: G::phase(&self.stage.world),
            players: player_statuses::<G>(self.roster.entries(), observed),
        }
    }

    /// What a client that comes now has behind it.
    fn progress(&self) -> Progress {
        Progress {
            events: self.events.end(),
            slips: self.slips,
        }
    }

    /// Hands exactly one input for each person to the world.
    fn take_inputs(&mut self, tick: Tick) {
        let (mut missing, mut clamped) = (0, 0);
        let inputs = self
            .roster
            .take_inputs(tick)
            .map(|(player, intent, source, claims_more)| {
                missing += u64::from(source == Source::Missing);
                clamped += u64::from(source == Source::Sent && claims_more);
                (player, intent)
            });
        self.stage.inputs.replace(inputs);
        self.stats.inputs_missing.add(missing);
        self.stats.views_clamped.add(clamped);
        self.recorder.inputs(self.stage.inputs.all());
    }

    /// Runs the rules on the inputs that are there.
    fn run_rules(&mut self, tick: Tick) {
        self.stage.tick();
        self.tick = tick;
        self.collect_events();
    }

    fn end_recording(&mut self, reason: MatchEnd) {
        if !self.recorder.is_open() {
            return;
        }
        match (self.in_tick, reason) {
            (true, MatchEnd::Crashed) => self.recorder.end(self.tick.after(1), None, End::Crashed),
            // Dropped in the middle of a panic that nobody has caught.
            (true, MatchEnd::Closed | MatchEnd::Diverged) => {}
            // Between two ticks no rule has panicked, but perhaps what surrounds them.
            (false, _) => self.recorder.end(self.tick, Some(self.hash()), End::Closed),
        }
    }

    /// `Game::hash` between two ticks.
    pub(crate) fn hash(&self) -> u64 {
        G::hash(&self.stage.world)
    }

    fn collect_events(&mut self) {
        let Stage { events, world, .. } = &mut self.stage;
        if events.is_empty() {
            return;
        }
        for event in events.take() {
            self.events.push(Logged {
                tick: self.tick,
                event,
                audience: G::audience(world, &event),
            });
        }
        // Before the snapshots of this tick, so that no client sees a world it has no setup for.
        if let Some(setup) = events.take_setup() {
            self.roster.change_setup(checked_setup(setup));
            self.published.publish_map(G::map_name(world));
        }
    }

    fn send_snapshots(&mut self) {
        if self.roster.people().is_empty() && self.viewers.count() == 0 {
            return;
        }
        self.stats.acks_refused.add(self.roster.listen());
        self.tell_scores();
        let moment = Moment {
            tick: self.tick,
            events: &self.events,
            progress: self.progress(),
        };
        let gone = self.replicator.send(
            &mut self.stage.world,
            &moment,
            self.roster.people(),
            self.viewers.all(),
            &self.stats,
        );
        for client in gone {
            self.sink.notice(Notice::Gone(client));
        }
        self.sink.snapshots_ready();
    }

    /// Before the snapshots of this tick: a phase does not begin with the scores of the one before.
    fn tell_scores(&mut self) {
        let (world, is_divided) = (&self.stage.world, self.replicator.is_divided());
        let due = self.scores.due(self.tick, G::phase(world), is_divided, |out| {
            write_scores::<G>(world, out)
        });
        if let Some(scores) = due {
            self.sink.notice(Notice::Scores(scores));
        }
    }

    /// A join that is on its way counts as somebody, so that it cannot be cut off by the end; and so does whoever watches.
    fn flow(&mut self) -> Flow {
        // Everybody who plays has a place, so most matches need not look at what others write.
        let is_played = !self.roster.people().is_empty() || self.places.taken() > 0;
        // One that nobody can join any more is not kept for those who watch.
        if is_played || self.places.viewers() > 0 && !self.places.is_closed() {
            self.empty_ticks = 0;
            return Flow::Running;
        }
        self.empty_ticks += 1;
        if self.empty_ticks < self.empty_ticks_max {
            Flow::Running
        } else {
            Flow::Finished
        }
    }
}

impl<G: Game> RunningMatch for Simulation<G> {
    fn id(&self) -> MatchId {
        self.id
    }

    fn step(&mut self) -> Flow {
        self.in_tick = true;
        // A resume counts before the reader it replaces is looked at.
        self.apply_commands();
        let tick = self.tick.after(1);
        let interval = self.snapshot_interval_ticks;
        // Whoever has left gets no more snapshots; until the next one is due it may as well stand there. To look for that takes
        // something of every mailbox into the cache, which no other tick needs.
        if tick.0.is_multiple_of(interval) {
            self.remove_leavers();
        }
        self.roster.fill(&mut self.stage);
        self.take_inputs(tick);
        self.run_rules(tick);
        self.in_tick = false;
        self.recorder.finish_tick(tick, || G::hash(&self.stage.world));
        if tick.0.is_multiple_of(interval) {
            self.published.publish_phase(G::phase(&self.stage.world));
            if self.thin_snapshots && !tick.0.is_multiple_of(2 * interval) {
                let clients = self.roster.people().len() + self.viewers.count();
                self.stats.snapshots_shed.add(clients as u64);
            } else {
                self.send_snapshots();
            }
        }
        self.flow()
    }

    fn look_ahead(&self, turns: Turns) {
        match turns {
            Turns::Two => {
                ask_for(&self.commands);
                ask_for(&self.roster);
                ask_for(&self.tick);
                ask_for(&self.next_due);
                ask_for(&self.in_tick);
                ask_for(&self.recorder);
            }
            Turns::One => {
                self.commands.look_ahead();
                self.roster.look_ahead(self.tick.after(1));
            }
        }
        self.stage.look_ahead(turns);
    }

    fn expect_next(&mut self, due: Instant) {
        self.next_due = Some(due);
    }

    fn slip(&mut self) {
        self.slips = self.slips.wrapping_add(1);
    }

    fn pulse(&self) -> Arc<Pulse> {
        Arc::clone(&self.pulse)
    }

    fn thin_snapshots(&mut self, thin: bool) {
        self.thin_snapshots = thin;
    }

    fn end(&mut self, reason: MatchEnd) {
        if self.places.end() {
            self.end_recording(reason);
            self.sink.notice(Notice::Ended(reason));
        }
    }
}

impl<G: Game> Drop for Simulation<G> {
    /// A match that no shard took, or that was handed to one which stops, is told to be over like any other.
    fn drop(&mut self) {
        self.end(MatchEnd::Closed);
    }
}

/// What a recording of this match starts with.
fn header<G: Game>(start: &MatchStart<G>) -> Header {
    let mut config = Vec::new();
    G::encode_config(&start.config, &mut config);
    Header {
        rules: G::RULES_VERSION,
        game: G::NAME.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        match_id: start.id,
        seed: start.seed,
        settings: start.settings,
        config,
    }
}

/// Panics when a game breaks the bound: its clients would refuse the message.
fn checked_setup(setup: Vec<u8>) -> Vec<u8> {
    assert!(
        setup.len() <= SETUP_BYTES_MAX,
        "the setup of a game keeps its bound"
    );
    setup
}

fn receive_input<G: Game>(
    roster: &mut Roster<G>,
    stats: &Stats,
    player: PlayerId,
    packet: &InputPacket<G::Input>,
    arrival: Arrival,
) {
    let Some((received, is_honest)) = roster.receive(player, packet, arrival) else {
        stats.inputs_unseated.add(packet.inputs.len() as u64);
        return;
    };
    stats.resyncs.add(u64::from(packet.resync));
    stats.acks_refused.add(u64::from(!is_honest));
    stats.inputs_accepted.add(received.accepted);
    stats.inputs_late.add(received.late);
    stats.inputs_late_actions.add(received.late_actions);
    stats.inputs_early.add(received.early);
    stats.inputs_duplicate.add(received.duplicates);
}

/// Puts together who is there and where they are; `observed` is in ascending order of id.
fn player_statuses<G: Game>(
    roster: Vec<RosterEntry>,
    observed: &[(EntityId, G::State)],
) -> Vec<PlayerStatus> {
    let status = |entry: RosterEntry| {
        let index = observed
            .binary_search_by_key(&entry.entity, |&(entity, _)| entity)
            .ok();
        let state = index.map(|index| &observed[index].1);
        let position = state.map(G::position);
        PlayerStatus {
            player: entry.player,
            entity: entry.entity,
            name: entry.name,
            bot: entry.bot,
            x: position.map(|(x, _)| x),
            y: position.map(|(_, y)| y),
            score: state.map_or(0, G::score),
        }
    };
    roster.into_iter().map(status).collect()
}
