//! One client and one server that play over two links in made-up time, to find out how many inputs come too late and what
//! coming in time costs.
//!
//! The client is the page's: inputs sampled each frame, sent in pairs, timed by `server::timing`. The server is the real input
//! buffer with a tick and a snapshot now and then. Nothing is random but the links, so a seed decides the outcome.

use std::collections::VecDeque;
use std::ops::RangeInclusive;

use server::link::{Conditions, Link};
use server::timing::clock::ServerClock;
use server::timing::lead::InputLead;
use shared::arena::input::Input;
use shared::input::{InputPacket, VIEW_AGE_UNKNOWN};
use shared::limits::INPUTS_PER_PACKET_MAX;
use shared::snapshot::SLACK_UNKNOWN;
use shared::tick::{TICK_NS, Tick};
use simulation::input_buffer::{Arrival, InputBuffers, Source};

/// A display with the rate of television: frames and ticks drift against each other, so no phase of the two is preferred.
const FRAME_US: u64 = 16_683;

/// Inputs of a message.
const PAIR: usize = 2;

/// TCP, WebSocket and packet around a pair of inputs.
const INPUT_MESSAGE_BYTES: usize = 80;

/// The same around a snapshot of a match of 16.
const SNAPSHOT_BYTES: usize = 300;

/// Not counted: the client finds its place.
const SETTLING_US: u64 = 20_000_000;

/// What became of the inputs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    /// Inputs that reached the server.
    pub inputs: u64,
    /// Those whose tick was over.
    pub late: u64,
    /// Ticks that the server simulated.
    pub ticks: u64,
    /// Those for which it had no input.
    pub missing: u64,
    added_us_sum: i64,
    sampled: u64,
}

impl Outcome {
    /// Share of the inputs that came too late, percent.
    pub fn late_percent(&self) -> f64 {
        self.late as f64 * 100.0 / self.inputs as f64
    }

    /// Share of the ticks that had to do without, percent.
    pub fn missing_percent(&self) -> f64 {
        self.missing as f64 * 100.0 / self.ticks as f64
    }

    /// From sampling an input to the tick that it is for, beyond the latency of the way, milliseconds; mean of all.
    pub fn added_ms(&self) -> f64 {
        self.added_us_sum as f64 / self.sampled as f64 / 1000.0
    }
}

/// The runs of a row of the table, and how long each is: together half an hour.
pub const SEEDS: RangeInclusive<u32> = 1..=3;
const RUN_S: u32 = 600;

/// Plays a run of ten minutes with each seed over two links of these conditions.
pub fn play_all(conditions: Conditions, seeds: RangeInclusive<u32>) -> Outcome {
    let runs = seeds.map(|seed| play(conditions, seed, RUN_S));
    runs.fold(Outcome::default(), |sum, run| Outcome {
        inputs: sum.inputs + run.inputs,
        late: sum.late + run.late,
        ticks: sum.ticks + run.ticks,
        missing: sum.missing + run.missing,
        added_us_sum: sum.added_us_sum + run.added_us_sum,
        sampled: sum.sampled + run.sampled,
    })
}

/// Plays for `seconds` over two links of these conditions.
fn play(conditions: Conditions, seed: u32, seconds: u32) -> Outcome {
    let mut inputs = InputBuffers::new();
    inputs.enter();
    let mut match_ = Play {
        up: Link::new(conditions, seed),
        down: Link::new(conditions, seed ^ 0x8000_0000),
        latency_us: conditions.latency_us.into(),
        server: Server {
            tick: Tick(0),
            inputs,
        },
        client: Client {
            clock: ServerClock::default(),
            lead: None,
            acked: Tick(0),
            unsent: 0,
        },
        uploads: VecDeque::new(),
        snapshots: VecDeque::new(),
        outcome: Outcome::default(),
    };
    match_.run(SETTLING_US + u64::from(seconds) * 1_000_000);
    match_.outcome
}

struct Play {
    up: Link,
    down: Link,
    latency_us: u64,
    server: Server,
    client: Client,
    /// On their way, with their time of arrival.
    uploads: VecDeque<(u64, InputPacket<Input>)>,
    snapshots: VecDeque<(u64, Report)>,
    outcome: Outcome,
}

struct Server {
    /// Simulated last.
    tick: Tick,
    /// Of the only person.
    inputs: InputBuffers<Input>,
}

struct Client {
    clock: ServerClock,
    lead: Option<InputLead>,
    acked: Tick,
    /// Inputs up to the newest that was due, which wait for their pair.
    unsent: usize,
}

/// What of a snapshot concerns time.
#[derive(Clone, Copy)]
struct Report {
    tick: Tick,
    slack: i8,
}

/// When the server simulates a tick.
const fn tick_us(tick: Tick) -> u64 {
    tick.0 as u64 * TICK_NS / 1000
}

fn ms(us: u64) -> f64 {
    us as f64 / 1000.0
}

impl Play {
    fn run(&mut self, end_us: u64) {
        let mut frame_us = 0;
        while frame_us < end_us {
            let next_tick_us = tick_us(self.server.tick.after(1));
            let snapshot_us = self.snapshots.front().map_or(u64::MAX, |&(at_us, _)| at_us);
            if snapshot_us <= frame_us.min(next_tick_us) {
                self.take_snapshot();
            } else if next_tick_us <= frame_us {
                self.simulate(next_tick_us);
            } else {
                self.draw_frame(frame_us);
                frame_us += FRAME_US;
            }
        }
    }

    fn simulate(&mut self, now_us: u64) {
        let next = self.server.tick.after(1);
        let counts = now_us > SETTLING_US;
        while let Some((at_us, packet)) = self.uploads.pop_front_if(|(at_us, _)| *at_us <= now_us) {
            let early_quarters = (now_us - at_us) * 4_000 / TICK_NS;
            let arrival = Arrival {
                next,
                // What comes with a tick is for that tick, so nothing is a whole tick early.
                early_quarters: early_quarters.min(3) as u8,
            };
            let received = self.server.inputs.receive(0, &packet, arrival);
            if counts {
                self.outcome.inputs += packet.inputs.len() as u64;
                self.outcome.late += received.late;
            }
        }
        let (_, _, source) = self.server.inputs.take(0, next);
        if counts {
            self.outcome.ticks += 1;
            self.outcome.missing += u64::from(source == Source::Missing);
        }
        self.server.tick = next;
        if next.sends_snapshot() {
            let slack = self.server.inputs.slack(0);
            let arrival_us = self.down.deliver_at(now_us, SNAPSHOT_BYTES);
            self.snapshots
                .push_back((arrival_us, Report { tick: next, slack }));
        }
    }

    fn take_snapshot(&mut self) {
        let Some((now_us, report)) = self.snapshots.pop_front() else {
            return;
        };
        let now_ms = ms(now_us);
        let client = &mut self.client;
        client.clock.observe(report.tick, now_ms, false);
        client.acked = report.tick;
        let round_trip_ms = ms(2 * self.latency_us);
        let lead = client
            .lead
            .get_or_insert_with(|| InputLead::new(f64::from(report.tick.0), round_trip_ms, now_ms));
        lead.stay_ahead_of(report.tick, now_ms);
        if report.slack != SLACK_UNKNOWN {
            lead.observe(f64::from(report.slack) / 4.0, now_ms);
        }
    }

    fn draw_frame(&mut self, now_us: u64) {
        let Some(due) = self
            .client
            .lead
            .as_mut()
            .and_then(|lead| lead.advance(ms(now_us)))
        else {
            return;
        };
        for tick in due.first.0..=due.last.0 {
            self.client.unsent += 1;
            if now_us > SETTLING_US {
                let used_us = tick_us(Tick(tick)) as i64;
                self.outcome.added_us_sum += used_us - (now_us + self.latency_us) as i64;
                self.outcome.sampled += 1;
            }
        }
        if self.client.unsent < PAIR {
            return;
        }
        let count = self.client.unsent.min(INPUTS_PER_PACKET_MAX);
        self.client.unsent = 0;
        let inputs = vec![Input::default(); count];
        let packet = InputPacket::new(self.client.acked, due.last, inputs, VIEW_AGE_UNKNOWN);
        let arrival_us = self.up.deliver_at(now_us, INPUT_MESSAGE_BYTES);
        self.uploads.push_back((arrival_us, packet));
    }
}
