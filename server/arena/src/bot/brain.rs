//! How a bot decides: it walks to the nearest opponent, and when it sees one it strafes, aims ahead of it and fires. It sees
//! whom a person in its place would have in the picture, in the middle of it, with no wall between. Now and then it charges
//! its Rail, and aims at the opponent itself until the beam leaves; when it is hit it may dash. What lies on the floor is an
//! errand (`errand.rs`): it walks there, and fights on meanwhile.
//!
//! What costs much (looking for walls between, searching a way) is done in a thought every few ticks, at times that differ
//! from bot to bot; in the ticks between it only aims and steers. What it remembers is plain data, and all chance comes
//! from its own generator.

use rand::RngExt;
use rand_pcg::Pcg32;
use shared::arena::dash::DASH_COOLDOWN_TICKS;
use shared::arena::input::Input;
use shared::arena::movement::RADIUS;
use shared::arena::state::{Body, PlayerState};
use shared::arena::weapon::{PULSE, RAIL};
use shared::ids::EntityId;
use shared::quantize::velocity_from_grid;
use shared::tick::{TICK_HZ, Tick};
use simulation::state_hash::StateHash;

use crate::bot::angle::angle_of;
use crate::bot::errand::{errand, place};
use crate::bot::level::Level;
use crate::bot::sight::{Point, distance, is_clear, is_in_picture};
use crate::bot::view::View;
use crate::map::is_free;
use crate::picture::VIEW_HEIGHT;

/// What one bot remembers.
#[derive(Clone, Debug)]
pub struct Brain {
    level: Level,
    rng: Pcg32,
    /// When it looks around again.
    think_at: Tick,
    /// Whom it fights, and since when it sees them.
    target: Option<(EntityId, Tick)>,
    /// The number of the pickup that it walks to.
    errand: Option<usize>,
    /// The way to go while it sees nobody, the last corner first.
    path: Vec<Point>,
    /// When it looks for a new way at the latest.
    path_until: Tick,
    /// Where it was in the last tick; a leap from there means that it was put elsewhere.
    was_at: Point,
    aim: u16,
    /// How far off it aims, steps of 1/65536 turn, until when.
    error: i32,
    error_until: Tick,
    /// Which way round it circles its target, until when.
    clockwise: bool,
    strafe_until: Tick,
    /// When it wants to charge its Rail again.
    rail_at: Tick,
    /// Until when it aims with it.
    rail_until: Tick,
    /// When it may dash again.
    dash_at: Tick,
    /// Health and armor that it had in the last tick; less now means that it was hit. 0 in a new life.
    was_healthy: u16,
}

/// Ticks between two thoughts at least; chance adds less than twice as many: 5 to 14.
const THINK_TICKS: u32 = 5;

/// Ticks that a way is followed at least; chance adds less than twice as many: 90 to 269. Opponents move on meanwhile, but a
/// search costs as much as hundreds of ticks of everything else.
const PATH_TICKS: u32 = 90;

/// One way in so many leads to a random place instead of the nearest opponent, so that not all end up in one crowd.
const DETOUR: u32 = 4;

/// Another target must be this much nearer before a bot turns away from the one it fights.
const LOYALTY: f32 = 0.7;

/// The distance it fights at, units.
const NEAR: f32 = 180.0;
const FAR: f32 = 380.0;

/// The same upwards and downwards, where the picture ends sooner: so far before its edge that nobody is out of it at a step.
const FAR_HIGH: f32 = VIEW_HEIGHT / 2.0 - 60.0;

/// From this distance on the Rail is worth its charge, units: nearer, a shot is there as soon.
const RAIL_NEAR: f32 = 220.0;

/// How far before a wall it turns, units.
const TURN_AHEAD: f32 = 40.0;

/// A corner of its way is reached within this, units.
const CORNER: f32 = 24.0;

/// It stands on what it fetches, units.
const ARRIVED: f32 = 4.0;

/// More than a player can move in the time between two looks, units.
const LEAP: f32 = 100.0;

/// Ticks between two changes of the aim error, and of the way round, at least; chance adds less than twice as many.
const ERROR_TICKS: u32 = 12;
const STRAFE_TICKS: u32 = 24;

const STICK_FULL: f32 = 127.0;

/// Generator stream of all brains; they differ by their seed.
const STREAM: u64 = 77;

impl Brain {
    /// One that has seen nothing yet. Bots of one match have different seeds, or they all do the same.
    pub fn new(level: Level, seed: u64) -> Self {
        Self {
            level,
            rng: Pcg32::new(seed, STREAM),
            think_at: Tick(0),
            target: None,
            errand: None,
            path: Vec::new(),
            path_until: Tick(0),
            was_at: (0.0, 0.0),
            aim: 0,
            error: 0,
            error_until: Tick(0),
            clockwise: true,
            strafe_until: Tick(0),
            rail_at: Tick(0),
            rail_until: Tick(0),
            dash_at: Tick(0),
            was_healthy: 0,
        }
    }

    /// Adds everything that influences what it will do.
    pub fn add_to(&self, hash: &mut StateHash) {
        hash.number(self.rng.clone().random());
        let (target, noticed) = self.target.unwrap_or((EntityId::NONE, Tick(0)));
        for number in [
            u64::from(target.0),
            self.errand.map_or(0, |index| index as u64 + 1),
            noticed.0.into(),
            self.think_at.0.into(),
            self.path_until.0.into(),
            self.error_until.0.into(),
            self.strafe_until.0.into(),
            self.rail_at.0.into(),
            self.rail_until.0.into(),
            self.dash_at.0.into(),
            self.was_healthy.into(),
            self.aim.into(),
            self.error as u64,
            self.clockwise.into(),
        ] {
            hash.number(number);
        }
        for &(x, y) in self.path.iter().chain([&self.was_at]) {
            hash.number(x.to_bits().into());
            hash.number(y.to_bits().into());
        }
    }

    /// It is somewhere else, or nowhere. Where nobody says so, as over the network, a leap does.
    pub(crate) fn forget(&mut self) {
        (self.target, self.errand) = (None, None);
        self.was_healthy = 0;
        self.path.clear();
    }

    fn errand_place(&self, view: &View<'_>) -> Option<Point> {
        view.nav.map().pickups.get(self.errand?).map(place)
    }

    /// A tick at least `ticks` after `now` and before three times that.
    fn some_time_after(&mut self, now: Tick, ticks: u32) -> Tick {
        now.after(ticks + self.rng.random_range(0..2 * ticks))
    }
}

/// What the bot wants in the tick of the view. To be asked for each tick once, in order; a tick left out does no harm.
pub fn decide(brain: &mut Brain, view: &View<'_>) -> Input {
    let Some(own) = view.state(view.own).filter(|own| own.alive) else {
        brain.forget();
        return Input {
            aim: brain.aim,
            ..Input::default()
        };
    };
    let at = point(&own.body);
    if distance(at, brain.was_at) > LEAP {
        brain.forget();
    }
    brain.was_at = at;
    if view.tick >= brain.think_at || has_lost(brain, view, at) {
        brain.think_at = brain.some_time_after(view.tick, THINK_TICKS);
        think(brain, view, own, at);
    }
    let dash = dashes(brain, view, own);
    let target = brain
        .target
        .and_then(|(id, since)| Some((view.state(id)?, since)));
    let input = match target {
        Some((target, since)) if target.alive => fight(brain, view, at, target, since),
        _ => travel(brain, view, at),
    };
    Input { dash, ..input }
}

/// True when whom it fights has left the picture: a thought cannot wait then, since until the next one it would fire at what nobody
/// in its place could see.
fn has_lost(brain: &Brain, view: &View<'_>, at: Point) -> bool {
    let target = brain.target.and_then(|(id, _)| view.state(id));
    target.is_some_and(|target| !is_in_picture(at, point(&target.body)))
}

/// Now and then, when it was hit: it goes on as before, but fast.
fn dashes(brain: &mut Brain, view: &View<'_>, own: &PlayerState) -> bool {
    let healthy = u16::from(own.health) + u16::from(own.armor);
    let was_hit = healthy < std::mem::replace(&mut brain.was_healthy, healthy);
    if !was_hit || view.tick < brain.dash_at {
        return false;
    }
    let dashes = brain.rng.random_ratio(brain.level.skill().dashes_of_8, 8);
    if dashes {
        brain.dash_at = view.tick.after(DASH_COOLDOWN_TICKS.into());
    }
    dashes
}

/// Looks around, and for a way when nobody is in sight.
fn think(brain: &mut Brain, view: &View<'_>, own: &PlayerState, at: Point) {
    let seen = visible_target(brain, view, at);
    // The way from before the fight leads to where somebody was then.
    let lost = seen.is_none() && brain.target.is_some();
    match (seen, brain.target) {
        (Some(seen), Some((known, _))) if seen == known => {}
        (seen, _) => brain.target = seen.map(|seen| (seen, view.tick)),
    }
    let errand = errand(view, own, at, &brain.level.skill(), seen.is_some());
    let is_new = errand != std::mem::replace(&mut brain.errand, errand);
    if is_new {
        brain.path.clear();
    }
    let wanders = errand.is_none() && seen.is_none() && (lost || brain.path.is_empty());
    if is_new || wanders || (seen.is_none() && view.tick >= brain.path_until) {
        brain.path_until = brain.some_time_after(view.tick, PATH_TICKS);
        let goal = brain.errand_place(view).unwrap_or_else(|| goal(brain, view, at));
        view.nav.find_path(at, goal, &mut brain.path);
    }
}

/// The nearest opponent in sight who can be hurt; one already fought counts as nearer.
fn visible_target(brain: &Brain, view: &View<'_>, at: Point) -> Option<EntityId> {
    let mut best = None;
    let mut best_distance = f32::INFINITY;
    for (id, state) in view.enemies().filter(|(_, state)| !state.shielded) {
        let place = point(&state.body);
        let loyalty = if brain.target.is_some_and(|(known, _)| known == id) {
            LOYALTY
        } else {
            1.0
        };
        let away = distance(at, place) * loyalty;
        if away < best_distance && is_in_picture(at, place) && is_clear(view.nav.map(), at, place) {
            (best, best_distance) = (Some(id), away);
        }
    }
    best
}

/// Where to go: mostly to the nearest opponent.
fn goal(brain: &mut Brain, view: &View<'_>, at: Point) -> Point {
    let mut best = None;
    let mut best_distance = f32::INFINITY;
    for (_, state) in view.enemies() {
        let place = point(&state.body);
        let away = distance(at, place);
        if away < best_distance {
            (best, best_distance) = (Some(place), away);
        }
    }
    let detour = brain.rng.random_ratio(1, DETOUR);
    best.filter(|_| !detour)
        .or_else(|| view.nav.place(brain.rng.random_range(0..view.nav.place_count())))
        .unwrap_or(at)
}

/// The next place on its way: a corner, and at the end of the way what it fetches.
fn next_place(brain: &mut Brain, view: &View<'_>, at: Point) -> Option<Point> {
    while brain
        .path
        .last()
        .is_some_and(|&corner| distance(at, corner) < CORNER)
    {
        brain.path.pop();
    }
    brain.path.last().copied().or_else(|| brain.errand_place(view))
}

fn travel(brain: &mut Brain, view: &View<'_>, at: Point) -> Input {
    let place = next_place(brain, view, at);
    let Some(place) = place.filter(|&place| distance(at, place) > ARRIVED) else {
        return Input {
            aim: brain.aim,
            ..Input::default()
        };
    };
    let (right, down) = (place.0 - at.0, place.1 - at.1);
    brain.aim = angle_of(right, down);
    let (move_x, move_y) = stick(right, down);
    Input {
        move_x,
        move_y,
        aim: brain.aim,
        ..Input::NEUTRAL
    }
}

fn fight(brain: &mut Brain, view: &View<'_>, at: Point, target: &PlayerState, since: Tick) -> Input {
    let skill = brain.level.skill();
    if view.tick >= brain.error_until {
        brain.error_until = brain.some_time_after(view.tick, ERROR_TICKS);
        brain.error = normal(&mut brain.rng) * skill.aim_error_steps / NORMAL_DEVIATION;
    }
    let reacts = view.tick.since(since) >= skill.reaction_ticks;
    let fires = reacts && !target.shielded && view.phase.weapons_fire();
    let rail = fires && charges(brain, view, distance(at, point(&target.body)));
    // A beam is there at once. The aim counts in the tick in which it leaves.
    let beams = view.tick <= brain.rail_until;
    let ahead = if beams {
        point(&target.body)
    } else {
        meeting_point(at, &target.body)
    };
    let exact = angle_of(ahead.0 - at.0, ahead.1 - at.1);
    brain.aim = exact.wrapping_add(brain.error as u16);
    let errand = brain.errand.and_then(|_| next_place(brain, view, at));
    let (move_x, move_y) = match errand {
        Some(place) => stick(place.0 - at.0, place.1 - at.1),
        None => circle(brain, view, at, point(&target.body)),
    };
    Input {
        fire: fires && !beams,
        rail,
        move_x,
        move_y,
        aim: brain.aim,
        ..Input::NEUTRAL
    }
}

/// When its time has come, and the target is far enough away.
fn charges(brain: &mut Brain, view: &View<'_>, away: f32) -> bool {
    if view.tick < brain.rail_at || away < RAIL_NEAR {
        return false;
    }
    brain.rail_at = brain.some_time_after(view.tick, brain.level.skill().rail_ticks);
    brain.rail_until = view.tick.after(RAIL.charge_ticks.into());
    true
}

/// Where a shot fired now would meet somebody who goes on as before. Two rounds are enough, since shots are three times
/// as fast as players.
fn meeting_point(at: Point, body: &Body) -> Point {
    let start = point(body);
    let (vx, vy) = (velocity_from_grid(body.vx), velocity_from_grid(body.vy));
    let mut meeting = start;
    for _ in 0..2 {
        let flight_s = (distance(at, meeting) - RADIUS) / PULSE.speed + 1.0 / f32::from(TICK_HZ);
        meeting = (start.0 + vx * flight_s, start.1 + vy * flight_s);
    }
    meeting
}

/// The stick that keeps a distance and goes round the target, the other way round where a wall is.
fn circle(brain: &mut Brain, view: &View<'_>, at: Point, target: Point) -> (i8, i8) {
    if view.tick >= brain.strafe_until {
        brain.strafe_until = brain.some_time_after(view.tick, STRAFE_TICKS);
        brain.clockwise = brain.rng.random();
    }
    let away = distance(at, target).max(1.0);
    let (right, down) = ((target.0 - at.0) / away, (target.1 - at.1) / away);
    let approach = if away > FAR || (target.1 - at.1).abs() > FAR_HIGH {
        0.8
    } else if away < NEAR {
        -0.8
    } else {
        0.0
    };
    for _ in 0..2 {
        let round = if brain.clockwise { 1.0 } else { -1.0 };
        let (x, y) = (right * approach - down * round, down * approach + right * round);
        let length = (x * x + y * y).sqrt();
        let (ahead_x, ahead_y) = (x / length * TURN_AHEAD, y / length * TURN_AHEAD);
        if is_free(view.nav.map(), at.0 + ahead_x, at.1 + ahead_y, RADIUS - 1.0) {
            return stick(x, y);
        }
        brain.clockwise = !brain.clockwise;
    }
    // Walls on both sides: towards the target, where the line of sight says that it is free.
    stick(right, down)
}

/// Full stick in a direction; none without one.
fn stick(right: f32, down: f32) -> (i8, i8) {
    let length = (right * right + down * down).sqrt();
    if length <= 0.0 {
        return (0, 0);
    }
    (
        (right / length * STICK_FULL) as i8,
        (down / length * STICK_FULL) as i8,
    )
}

fn point(body: &Body) -> Point {
    let position = body.position();
    (position.x, position.y)
}

/// Standard deviation of [`normal`]: the sum of four even distributions over 2¹³ numbers, 2 · 2¹³ ÷ √12.
const NORMAL_DEVIATION: i32 = 4730;

/// Close to a normal distribution around 0, in whole numbers: 13 bits each, so that a product with an angle fits.
fn normal(rng: &mut Pcg32) -> i32 {
    (0..4).map(|_| rng.random_range(-4096..4096)).sum()
}

#[cfg(test)]
mod tests;
