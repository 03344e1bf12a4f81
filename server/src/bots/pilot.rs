//! What a client does with what it hears, without a socket and without a clock: it keeps time, predicts itself, decides what to
//! do next, and tells what it noticed. The page does the same in `client-web/src/tickroom/match.ts`.

use std::collections::VecDeque;

use arena::bot::brain::{Brain, decide};
use arena::bot::nav::NavMap;
use arena::bot::view::View;
use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::arena::map::Map;
use shared::arena::pickup::Shelf;
use shared::arena::state::PlayerState;
use shared::arena::status::Phase;
use shared::arena::{Replica, Snapshot};
use shared::ids::EntityId;
use shared::input::{InputPacket, TickInput, VIEW_AGE_PER_TICK, VIEW_AGE_UNKNOWN};
use shared::limits::INPUTS_PER_PACKET_MAX;
use shared::replica::ApplyError;
use shared::snapshot::{Header, SLACK_UNKNOWN};
use shared::tick::{SNAPSHOT_INTERVAL_TICKS, Tick};

use super::prediction::{Own, Prediction};
use crate::timing::TICK_MS;
use crate::timing::clock::ServerClock;
use crate::timing::lead::InputLead;
use crate::timing::playout::PlayoutDelay;

/// Inputs are sent in pairs: half the messages for one tick of delay on every other input.
const TICKS_PER_PACKET: u32 = 2;

/// Sent inputs that wait for the snapshot that shows them; more than two seconds' worth means the match stands still.
const WAITING_MAX: usize = 128;

/// Snapshots that are kept to be shown: more than the longest delay.
const SHOWN_MAX: usize = 8;

/// Before the first snapshot there is no time to keep; one comes within this.
const IDLE_MS: f64 = 20.0;

/// See the head of this file.
pub(super) struct Pilot {
    brain: Brain,
    nav: Option<NavMap>,
    round_trip_ms: f64,
    clock: ServerClock,
    lead: Option<InputLead>,
    snapshot_interval_ticks: u8,
    playout: PlayoutDelay,
    replica: Replica,
    /// A snapshot could not be applied, and no keyframe has come since.
    resync: bool,
    /// What others did at the newest ticks, oldest first.
    shown: VecDeque<(Tick, Vec<(EntityId, PlayerState)>)>,
    own: Option<(EntityId, Prediction)>,
    /// What it was told of the pickups of the map.
    shelf: Shelf,
    /// Inputs up to `unsent_newest` that are not sent yet.
    unsent: Vec<Input>,
    unsent_newest: Tick,
    waiting: VecDeque<Waiting>,
    received_ms: Option<f64>,
}

/// An input that no snapshot has shown yet.
#[derive(Clone, Copy)]
struct Waiting {
    tick: Tick,
    sent_ms: f64,
    ends_message: bool,
}

/// What a snapshot told about the game and about the way.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Noticed {
    pub(super) is_keyframe: bool,
    /// Kills of others by the receiver.
    pub(super) kills: u64,
    /// How far the own player was put elsewhere, units; `None` when the prediction was right.
    pub(super) correction: Option<f32>,
    /// Messages that came too late, as the slack says.
    pub(super) messages_late: u64,
    /// For each input that this snapshot is the first to show: from its writing until now.
    pub(super) shown_after_ms: Vec<f64>,
    /// From the snapshot before until this one; `None` for the first.
    pub(super) since_last_ms: Option<f64>,
}

impl Pilot {
    /// Knows nothing yet; `round_trip_ms` is what a ping took.
    pub(super) fn new(brain: Brain, round_trip_ms: f64) -> Self {
        Self {
            brain,
            nav: None,
            round_trip_ms,
            clock: ServerClock::default(),
            lead: None,
            snapshot_interval_ticks: SNAPSHOT_INTERVAL_TICKS,
            playout: PlayoutDelay::new(f64::from(SNAPSHOT_INTERVAL_TICKS) * TICK_MS),
            replica: Replica::new(),
            resync: false,
            shown: VecDeque::new(),
            own: None,
            shelf: Shelf::default(),
            unsent: Vec::new(),
            unsent_newest: Tick(0),
            waiting: VecDeque::new(),
            received_ms: None,
        }
    }

    /// How often snapshots come, as the match says; before the first of them.
    pub(super) fn set_snapshot_interval(&mut self, ticks: u8) {
        self.snapshot_interval_ticks = ticks;
        self.playout = PlayoutDelay::new(f64::from(ticks) * TICK_MS);
    }

    /// The map that is played on from now on.
    pub(super) fn set_map(&mut self, nav: NavMap) {
        self.nav = Some(nav);
        self.shelf.fill();
    }

    /// Takes in a `snapshot` event.
    pub(super) fn receive(&mut self, bytes: &[u8], now_ms: f64) -> Result<Noticed, ApplyError> {
        let before = self.replica.tick();
        let snapshot = match self.replica.apply(bytes) {
            Ok(snapshot) => snapshot.clone(),
            Err(error) => {
                self.resync = true;
                return Err(error);
            }
        };
        self.follow_pickups(&snapshot);
        let Header { tick, slack, .. } = snapshot.header;
        let is_keyframe = snapshot.header.base_ticks.is_none();
        self.resync &= !is_keyframe;
        self.keep_time(&snapshot.header, before, now_ms);
        let mut noticed = Noticed {
            is_keyframe,
            kills: own_kills(&snapshot),
            correction: self.reconcile(&snapshot),
            since_last_ms: self.received_ms.replace(now_ms).map(|last_ms| now_ms - last_ms),
            ..Noticed::default()
        };
        self.settle(tick, slack, now_ms, &mut noticed);
        if self.shown.len() == SHOWN_MAX {
            self.shown.pop_front();
        }
        self.shown.push_back((tick, snapshot.entities));
        Ok(noticed)
    }

    /// Milliseconds until the next inputs are due.
    pub(super) fn due_in_ms(&self) -> f64 {
        self.lead
            .as_ref()
            .map_or(IDLE_MS, |lead| lead.due_in_ms(TICKS_PER_PACKET))
    }

    /// Lets time pass: decides for the ticks that are due, and gives what is to be sent. While the way `is_writable` not, inputs
    /// wait, the newest of them.
    pub(super) fn advance(&mut self, now_ms: f64, is_writable: bool) -> Option<InputPacket<Input>> {
        self.clock.advance(now_ms);
        let due = self.lead.as_mut()?.advance(now_ms)?;
        let input = self.decide(due.last, now_ms)?;
        // What happens once is done in the first tick; the others only go on.
        self.queue(due.first, input);
        for tick in due.first.0 + 1..=due.last.0 {
            self.queue(Tick(tick), input.held());
        }
        if self.unsent.len() < TICKS_PER_PACKET as usize || !is_writable {
            return None;
        }
        let inputs = std::mem::take(&mut self.unsent);
        let view_age = self.view_age(now_ms);
        let packet = InputPacket {
            resync: self.resync,
            ..InputPacket::new(self.replica.tick(), self.unsent_newest, inputs, view_age)
        };
        self.await_showing(&packet, now_ms);
        Some(packet)
    }

    /// What was taken stands in events; when a round begins anew, all lie there again.
    fn follow_pickups(&mut self, snapshot: &Snapshot) {
        for (_, event) in &snapshot.events {
            if let Event::PickedUp { pickup, back, .. } = *event {
                self.shelf.take(pickup, back);
            }
        }
        if snapshot.status.phase == Phase::Countdown {
            self.shelf.fill();
        }
    }

    fn keep_time(&mut self, header: &Header, before: Tick, now_ms: f64) {
        let (tick, slack) = (header.tick, header.slack);
        let usual = u32::from(self.snapshot_interval_ticks);
        // An overloaded server leaves snapshots out, and then the next one is as late as if it had been held up.
        let missed_ticks = match before {
            Tick(0) => 0,
            before => tick.since(before).saturating_sub(usual),
        };
        self.clock.observe(tick, now_ms, header.slipped);
        let lateness_ms = self.clock.lateness_ms(tick, now_ms) + f64::from(missed_ticks) * TICK_MS;
        self.playout.observe(lateness_ms, now_ms);
        let round_trip_ms = self.round_trip_ms;
        let lead = self
            .lead
            .get_or_insert_with(|| InputLead::new(f64::from(tick.0), round_trip_ms, now_ms));
        let slack_ticks = (slack != SLACK_UNKNOWN).then_some(f64::from(slack) / 4.0);
        let is_early = |slack| lead.begin_anew(f64::from(tick.0), round_trip_ms, slack, now_ms);
        if slack_ticks.is_some_and(is_early) {
            // What was predicted for ticks to come is not what the server will do in them.
            self.own = None;
        }
        lead.stay_ahead_of(tick, now_ms);
        if let Some(slack_ticks) = slack_ticks {
            lead.observe(slack_ticks, now_ms);
        }
    }

    fn reconcile(&mut self, snapshot: &Snapshot) -> Option<f32> {
        let tick = snapshot.header.tick;
        let told = snapshot.own.as_ref().and_then(|(own, told)| {
            let state = state_of(&snapshot.entities, *own)?;
            Some((*own, Own::of(state, told)))
        });
        let Some(((own, told), map)) = told.zip(self.nav.as_ref().map(NavMap::map)) else {
            self.own = None;
            return None;
        };
        match &mut self.own {
            Some((entity, prediction)) if *entity == own => prediction.reconcile(tick, told, map),
            _ => {
                self.own = Some((own, Prediction::new(tick, told)));
                None
            }
        }
    }

    /// Which of the sent inputs the snapshot of `tick` shows. `slack` speaks of the last message that the server has, so an
    /// input that is still on its way counts with those before it.
    fn settle(&mut self, tick: Tick, slack: i8, now_ms: f64, noticed: &mut Noticed) {
        while let Some(waiting) = self.waiting.pop_front_if(|waiting| waiting.tick <= tick) {
            if slack >= 0 {
                noticed.shown_after_ms.push(now_ms - waiting.sent_ms);
            } else if slack != SLACK_UNKNOWN && waiting.ends_message {
                // Nothing shows an input that came too late: a sample would make lateness look fast.
                noticed.messages_late += 1;
            }
        }
    }

    /// One wish for all ticks up to `due`.
    fn decide(&mut self, due: Tick, now_ms: f64) -> Option<Input> {
        let (nav, last) = (self.nav.as_ref()?, self.replica.latest()?);
        let mut entities = self.others_at(now_ms)?.1.clone();
        let own = last.own_entity();
        if let (Some((_, prediction)), Some(state)) = (&self.own, state_of(&last.entities, own)) {
            let body = prediction.own().body;
            put(&mut entities, own, PlayerState { body, ..*state });
        }
        let view = View::new(own, &entities, nav, due, last.status.phase).with_shelf(&self.shelf);
        Some(decide(&mut self.brain, &view))
    }

    /// The newest snapshot that is old enough to be shown, as the page shows others in the past; the oldest known else.
    fn others_at(&self, now_ms: f64) -> Option<&(Tick, Vec<(EntityId, PlayerState)>)> {
        let past_tick = self.clock.tick_at(now_ms)? - self.playout.ms() / TICK_MS;
        let old_enough = |shown: &&(Tick, _)| f64::from(shown.0.0) <= past_tick;
        self.shown.iter().rev().find(old_enough).or(self.shown.front())
    }

    /// How far what is shown lies behind the newest input.
    fn view_age(&self, now_ms: f64) -> u8 {
        let shown = self.others_at(now_ms).map(|shown| shown.0);
        shown.map_or(VIEW_AGE_UNKNOWN, |shown| {
            let quarters = self
                .unsent_newest
                .since(shown)
                .saturating_mul(VIEW_AGE_PER_TICK.into());
            u8::try_from(quarters).unwrap_or(VIEW_AGE_UNKNOWN)
        })
    }

    fn queue(&mut self, tick: Tick, input: Input) {
        let map: Option<&Map> = self.nav.as_ref().map(NavMap::map);
        if let (Some((_, prediction)), Some(map)) = (&mut self.own, map) {
            prediction.predict(tick, input, map);
        }
        // Inputs of one packet are for consecutive ticks, so a gap ends what waits.
        if tick != self.unsent_newest.after(1) {
            self.unsent.clear();
        }
        if self.unsent.len() == INPUTS_PER_PACKET_MAX {
            self.unsent.remove(0);
        }
        self.unsent.push(input);
        self.unsent_newest = tick;
    }

    fn await_showing(&mut self, packet: &InputPacket<Input>, now_ms: f64) {
        for (tick, _) in packet.ticked() {
            if self.waiting.len() == WAITING_MAX {
                self.waiting.pop_front();
            }
            self.waiting.push_back(Waiting {
                tick,
                sent_ms: now_ms,
                ends_message: tick == packet.newest,
            });
        }
    }
}

fn state_of(entities: &[(EntityId, PlayerState)], entity: EntityId) -> Option<&PlayerState> {
    let index = entities.binary_search_by_key(&entity, |&(id, _)| id).ok()?;
    Some(&entities[index].1)
}

/// Sets the state of an entity in a list that is in order of id.
fn put(entities: &mut Vec<(EntityId, PlayerState)>, entity: EntityId, state: PlayerState) {
    match entities.binary_search_by_key(&entity, |&(id, _)| id) {
        Ok(index) => entities[index].1 = state,
        Err(index) => entities.insert(index, (entity, state)),
    }
}

fn own_kills(snapshot: &Snapshot) -> u64 {
    let own = snapshot.own_entity();
    let is_kill = |event: &Event| matches!(*event, Event::Killed { killer, victim, .. } if killer == own && victim != own);
    snapshot.events.iter().filter(|(_, event)| is_kill(event)).count() as u64
}

#[cfg(test)]
mod tests;
