//! One match: a world, a schedule, and the order of work of a tick.
//!
//! A tick is a function of the commands that came before it. It does not know when it runs: the shard decides that.

use std::sync::Arc;
use std::sync::mpsc::Receiver;

use bevy_ecs::schedule::{LogLevel, Schedule, ScheduleBuildSettings, SingleThreadedExecutor};
use bevy_ecs::world::World;
use shared::ids::{EntityId, MatchId, PlayerId};
use shared::input::InputPacket;
use shared::limits::SETUP_BYTES_MAX;
use shared::message::{MatchEnd, RosterEntry};
use shared::tick::Tick;

use crate::command::{COMMANDS_PER_TICK_MAX, Command, MatchStatus, PlayerStatus, Queued};
use crate::event_log::EventLog;
use crate::game::{Events, Game, Inputs, NewSetup};
use crate::input_buffer::Source;
use crate::notice::{MatchSink, Notice};
use crate::phase::PublishedPhase;
use crate::places::Places;
use crate::replicate::{Moment, Replicator};
use crate::roster::Roster;
use crate::seat::Progress;
use crate::settings::MatchSettings;
use crate::stats::Stats;

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

    /// Tells the match that time was dropped before its next tick; its clients learn it with their next snapshot.
    fn slip(&mut self);

    /// Ends the match and tells its sink. Only the first call counts. It does not touch the world, so it may be called
    /// after a panic.
    fn end(&mut self, reason: MatchEnd);
}

/// A match of one game.
pub struct Simulation<G: Game> {
    id: MatchId,
    tick: Tick,
    world: World,
    schedule: Schedule,
    commands: Receiver<Queued<G::Input>>,
    roster: Roster<G>,
    events: EventLog<G::Event>,
    replicator: Replicator<G>,
    /// How often the clock slipped; compared for equality only, so it may wrap.
    slips: u32,
    empty_ticks: u32,
    empty_ticks_max: u32,
    places: Arc<Places>,
    phase: Arc<PublishedPhase>,
    sink: Arc<dyn MatchSink>,
    stats: Arc<Stats>,
}

impl<G: Game> Simulation<G> {
    /// Builds the world. Panics when the settings or the setup of the game break their bounds, which are bugs.
    pub(crate) fn new(
        start: MatchStart<G>,
        commands: Receiver<Queued<G::Input>>,
        places: Arc<Places>,
    ) -> Self {
        assert!(
            start.settings.is_valid(),
            "match settings keep their bounds: {:?}",
            start.settings
        );
        let setup = checked_setup(G::setup(&start.config));
        let mut world = World::new();
        world.insert_resource(Inputs::<G::Input>::default());
        world.insert_resource(Events::<G::Event>::default());
        world.insert_resource(NewSetup::default());
        let mut schedule = Schedule::default();
        // A dependency that turns on the parallel executor would change the default; a match has one thread.
        schedule.set_executor(SingleThreadedExecutor::new());
        schedule.set_build_settings(ScheduleBuildSettings {
            ambiguity_detection: LogLevel::Error,
            ..ScheduleBuildSettings::default()
        });
        G::build(&mut world, &mut schedule, &start.config, start.seed);
        let phase = Arc::new(PublishedPhase::new(G::phase(&world)));
        Self {
            id: start.id,
            tick: Tick(0),
            world,
            schedule,
            commands,
            roster: Roster::new(
                start.id,
                start.settings,
                setup,
                Arc::clone(&places),
                Arc::clone(&start.sink),
                Arc::clone(&start.stats),
            ),
            events: EventLog::new(),
            replicator: Replicator::new(),
            slips: 0,
            empty_ticks: 0,
            empty_ticks_max: start.settings.empty_ticks_max,
            places,
            phase,
            sink: start.sink,
            stats: start.stats,
        }
    }

    /// Where the phase of the match can be read while it runs.
    pub(crate) fn published_phase(&self) -> Arc<PublishedPhase> {
        Arc::clone(&self.phase)
    }

    /// Empties the queue, up to the bound of a tick.
    fn apply_commands(&mut self) {
        for queued in self.commands.try_iter().take(COMMANDS_PER_TICK_MAX) {
            let command = queued.take();
            match command {
                Command::Input { player, packet } => {
                    receive_input(&mut self.roster, &self.stats, player, &packet, self.tick.after(1));
                }
                Command::Join { request, place } => {
                    let progress = self.progress();
                    self.roster
                        .join(&mut self.world, request, place, self.tick, progress);
                }
                Command::Resume { request } => {
                    let progress = self.progress();
                    self.roster.resume(request, self.tick, progress);
                }
                Command::Inspect { reply } => {
                    let observed = self.replicator.observe(&mut self.world);
                    reply.grant(MatchStatus {
                        id: self.id,
                        tick: self.tick,
                        hash: G::hash(&self.world),
                        phase: G::phase(&self.world),
                        players: player_statuses::<G>(self.roster.entries(), observed),
                    });
                }
            }
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
        let mut missing = 0;
        let inputs = self.roster.people().iter_mut().map(|seat| {
            let (input, source) = seat.inputs.take(tick);
            missing += u64::from(source == Source::Missing);
            (seat.player, input)
        });
        self.world.resource_mut::<Inputs<G::Input>>().replace(inputs);
        self.stats.inputs_missing.add(missing);
    }

    fn collect_events(&mut self) {
        let mut events = self.world.resource_mut::<Events<G::Event>>();
        for event in events.take() {
            self.events.push(self.tick, event);
        }
    }

    /// Before the snapshots of this tick, so that no client sees a world it has no setup for.
    fn tell_new_setup(&mut self) {
        if let Some(setup) = self.world.resource_mut::<NewSetup>().take() {
            self.roster.change_setup(checked_setup(setup));
        }
    }

    fn send_snapshots(&mut self) {
        if self.roster.people().is_empty() {
            return;
        }
        let moment = Moment {
            tick: self.tick,
            events: &self.events,
            progress: self.progress(),
        };
        self.replicator
            .send(&mut self.world, &moment, self.roster.people(), &self.stats);
        self.sink.snapshots_ready();
    }

    /// A join that is on its way counts as somebody, so that it cannot be cut off by the end.
    fn flow(&mut self) -> Flow {
        if self.places.taken() > 0 {
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
        // A resume counts before the reader it replaces is looked at.
        self.apply_commands();
        self.roster.remove_leavers(&mut self.world);
        self.roster.fill(&mut self.world);
        let tick = self.tick.after(1);
        self.take_inputs(tick);
        self.schedule.run(&mut self.world);
        // Without this the world remembers every component that was ever removed.
        self.world.clear_trackers();
        self.tick = tick;
        self.collect_events();
        self.tell_new_setup();
        if tick.sends_snapshot() {
            self.phase.publish(G::phase(&self.world));
            self.send_snapshots();
        }
        self.flow()
    }

    fn slip(&mut self) {
        self.slips = self.slips.wrapping_add(1);
    }

    fn end(&mut self, reason: MatchEnd) {
        if self.places.end() {
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
    next: Tick,
) {
    let Some(seat) = roster.seat(player) else {
        stats.inputs_unseated.add(packet.inputs.len() as u64);
        return;
    };
    let received = seat.inputs.receive(packet, next);
    stats.inputs_accepted.add(received.accepted);
    stats.inputs_late.add(received.late);
    stats.inputs_early.add(received.early);
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
