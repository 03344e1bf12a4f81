use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use shared::ids::MatchId;
use shared::message::MatchEnd;
use shared::tick::TICK_NS;
use simulation::ahead::Turns;
use simulation::load::Shed;
use simulation::pulse::Pulse;
use simulation::simulation::{Flow, RunningMatch};
use simulation::stats::{ShardStats, Stats};
use simulation::timetable::{Clock, Timetable};

const TICK: Duration = Duration::from_nanos(TICK_NS);

/// A clock that the matches themselves move, as far as their ticks take.
#[derive(Clone)]
struct MadeUp(Arc<Mutex<Instant>>);

impl MadeUp {
    #[expect(
        clippy::disallowed_methods,
        reason = "an instant can be made in no other way; its value does not matter"
    )]
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    fn pass(&self, time: Duration) {
        *self.0.lock().unwrap() += time;
    }

    /// Moves on to a moment that may have passed.
    fn wait_until(&self, moment: Instant) {
        let mut now = self.0.lock().unwrap();
        *now = (*now).max(moment);
    }
}

impl Clock for MadeUp {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }
}

/// What all matches of a test share.
struct Cost {
    full_us: AtomicU64,
    thinned_us: AtomicU64,
    /// The match with this number takes ten ticks for its next one.
    held_up: AtomicU32,
    /// The match with this number panics whenever it looks ahead.
    blind: AtomicU32,
    /// Times that a match was told to look ahead.
    looks: AtomicU32,
    /// Of all of them, who are alike.
    pulse: Arc<Pulse>,
}

/// What was done with a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    Step(Instant),
    Slip,
}

/// A match whose ticks take made-up time.
struct Fake {
    id: u32,
    clock: MadeUp,
    cost: Arc<Cost>,
    thin: bool,
    ticks_left: u32,
    done: Arc<Mutex<BTreeMap<u32, Vec<Done>>>>,
}

impl Fake {
    fn note(&self, done: Done) {
        self.done.lock().unwrap().entry(self.id).or_default().push(done);
    }
}

impl RunningMatch for Fake {
    fn id(&self) -> MatchId {
        MatchId(self.id)
    }

    fn step(&mut self) -> Flow {
        self.note(Done::Step(self.clock.now()));
        let held_up = &self.cost.held_up;
        if held_up
            .compare_exchange(self.id, u32::MAX, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
        {
            self.clock.pass(10 * TICK);
        }
        let cost = if self.thin {
            &self.cost.thinned_us
        } else {
            &self.cost.full_us
        };
        self.clock
            .pass(Duration::from_micros(cost.load(Ordering::Relaxed)));
        self.ticks_left -= 1;
        if self.ticks_left == 0 {
            Flow::Finished
        } else {
            Flow::Running
        }
    }

    fn expect_next(&mut self, _: Instant) {}

    fn slip(&mut self) {
        self.note(Done::Slip);
    }

    fn pulse(&self) -> Arc<Pulse> {
        Arc::clone(&self.cost.pulse)
    }

    fn thin_snapshots(&mut self, thin: bool) {
        self.thin = thin;
    }

    fn look_ahead(&self, _: Turns) {
        self.cost.looks.fetch_add(1, Ordering::Relaxed);
        assert_ne!(
            self.cost.blind.load(Ordering::Relaxed),
            self.id,
            "a bug of a game"
        );
    }

    fn end(&mut self, _: MatchEnd) {}
}

/// A shard in made-up time with matches that are all alike.
struct Day {
    clock: MadeUp,
    cost: Arc<Cost>,
    done: Arc<Mutex<BTreeMap<u32, Vec<Done>>>>,
    stats: Arc<Stats>,
    shard: Arc<ShardStats>,
    timetable: Timetable<MadeUp>,
}

impl Day {
    fn new(matches: u32, ticks: u32, cost_us: u64) -> Self {
        let clock = MadeUp::new();
        let stats: Arc<Stats> = Arc::default();
        let shard = Arc::new(ShardStats::new(2));
        let cost = Arc::new(Cost {
            full_us: AtomicU64::new(cost_us),
            thinned_us: AtomicU64::new(cost_us),
            held_up: AtomicU32::new(u32::MAX),
            blind: AtomicU32::new(u32::MAX),
            looks: AtomicU32::new(0),
            pulse: Arc::default(),
        });
        let mut day = Self {
            timetable: Timetable::new(clock.clone(), Arc::clone(&stats), Arc::clone(&shard)),
            clock,
            cost,
            done: Arc::default(),
            stats,
            shard,
        };
        for id in 0..matches {
            day.shard.load.add(simulation::load::COST_GUESS_NS);
            day.timetable.add(Box::new(Fake {
                id,
                clock: day.clock.clone(),
                cost: Arc::clone(&day.cost),
                thin: false,
                ticks_left: ticks,
                done: Arc::clone(&day.done),
            }));
        }
        day
    }

    /// Lets time pass.
    fn run(&mut self, time: Duration) {
        let end = self.clock.now() + time;
        while let Some(deadline) = self.timetable.deadline().filter(|deadline| *deadline < end) {
            self.clock.wait_until(deadline);
            self.timetable.step_next();
        }
        self.clock.wait_until(end);
    }

    fn set_cost(&self, full_us: u64, thinned_us: u64) {
        self.cost.full_us.store(full_us, Ordering::Relaxed);
        self.cost.thinned_us.store(thinned_us, Ordering::Relaxed);
    }

    /// Takes out what was done with each match.
    fn done(&self) -> BTreeMap<u32, Vec<Done>> {
        std::mem::take(&mut *self.done.lock().unwrap())
    }
}

#[test]
fn every_match_ticks_sixty_times_a_second_at_its_own_moment_and_does_not_drift() {
    let mut day = Day::new(50, u32::MAX, 20);
    let start = day.clock.now();
    day.run(Duration::from_secs(600));
    let mut firsts = Vec::new();
    for (id, done) in day.done() {
        assert!((35_999..=36_000).contains(&done.len()), "{id}: {}", done.len());
        let Done::Step(first) = done[0] else {
            panic!("nothing slips")
        };
        for (number, done) in done.iter().enumerate() {
            let due = first + TICK * number as u32;
            // Another match may be at its tick in that moment, and one more waits for it.
            assert!(
                matches!(done, Done::Step(at) if at.duration_since(due.min(*at)) < Duration::from_micros(60)),
                "{id}: tick {number}"
            );
        }
        firsts.push(first.duration_since(start));
    }
    firsts.sort();
    firsts.dedup();
    assert_eq!(firsts.len(), 50, "no two begin together");
    assert_eq!(day.stats.slipped_ticks.value(), 0);
    assert!(day.stats.tick_lateness.max_us() < 60);
    assert!((19..=20).contains(&day.cost.pulse.beat().tick_us));
    // 50 matches of 20 µs in 16 667.
    assert!((58..=60).contains(&day.shard.load.permille()));
}

#[test]
fn a_hold_up_is_made_up_for_in_part_and_the_rest_is_dropped_for_all_who_waited() {
    let mut day = Day::new(3, u32::MAX, 10);
    day.run(Duration::from_secs(1));
    day.done();
    day.cost.held_up.store(1, Ordering::Relaxed);
    day.run(Duration::from_secs(1));
    for (id, done) in day.done() {
        let slips = done.iter().filter(|done| **done == Done::Slip).count();
        assert_eq!(slips, 1, "{id}");
        let after: Vec<_> = done.split(|done| *done == Done::Slip).nth(1).unwrap().to_vec();
        let at_once = after
            .windows(2)
            .take_while(
                |pair| matches!(pair, [Done::Step(a), Done::Step(b)] if b.duration_since(*a) < TICK / 16),
            )
            .count();
        assert_eq!(at_once, 4, "the one that is due and four more: {id}");
    }
    // Ten ticks late: five are done and five or six dropped, by each of the three.
    let slipped = day.shard.slipped_ticks.value();
    assert!((15..=18).contains(&slipped), "{slipped}");
    assert_eq!(day.stats.slipped_ticks.value(), slipped);
    assert_eq!(u64::from(day.cost.pulse.beat().ticks_slipped), slipped);
}

#[test]
fn an_overloaded_shard_leaves_out_snapshots_before_it_refuses_matches() {
    let mut day = Day::new(10, u32::MAX, 500);
    let seconds = Duration::from_secs;
    day.run(seconds(10));
    assert_eq!(day.shard.load.shed(), Shed::Nothing);
    // 15 of 16.7 ms, and 13 without every second snapshot.
    day.set_cost(1500, 1300);
    day.run(seconds(20));
    assert_eq!(day.shard.load.shed(), Shed::Snapshots, "and that is enough");
    day.set_cost(1700, 1600);
    day.run(seconds(4));
    assert_eq!(day.shard.load.shed(), Shed::Snapshots);
    day.run(seconds(3));
    assert_eq!(day.shard.load.shed(), Shed::Matches);
    day.set_cost(600, 500);
    day.run(seconds(4));
    assert_eq!(day.shard.load.shed(), Shed::Matches);
    day.run(seconds(4));
    assert_eq!(day.shard.load.shed(), Shed::Snapshots);
    day.run(seconds(6));
    assert_eq!(day.shard.load.shed(), Shed::Nothing);
    assert_eq!(day.shard.shed_changes.value(), 4);
}

#[test]
fn a_shard_whose_matches_have_ended_has_no_load_and_sheds_nothing() {
    let mut day = Day::new(10, 1200, 2000);
    day.run(Duration::from_secs(10));
    assert_eq!(day.shard.load.shed(), Shed::Matches);
    assert!(day.stats.slipped_ticks.value() > 0);
    day.run(Duration::from_secs(60));
    assert_eq!(day.shard.matches.value(), 0);
    assert_eq!(
        (day.shard.load.shed(), day.shard.load.cost_ns()),
        (Shed::Nothing, 0)
    );
}

#[test]
fn a_match_that_panics_while_it_looks_ahead_ends_nothing_but_that() {
    let mut day = Day::new(4, 100, 100);
    day.run(10 * TICK);
    let before = day.cost.looks.load(Ordering::Relaxed);
    assert!(before > 4 * 8, "each is told in each of its turns: {before}");
    day.cost.blind.store(2, Ordering::Relaxed);
    day.run(20 * TICK);
    let after = day.cost.looks.load(Ordering::Relaxed);
    assert!(after - before < 8, "one panic is enough: {}", after - before);
    assert_eq!(day.stats.matches_running.value(), 4);
    assert_eq!(day.stats.matches_crashed.value(), 0);
    let done = day.done.lock().unwrap();
    assert!(done.values().all(|done| done.len() >= 28), "all of them go on");
}
