//! Which tick the next input is for: far enough ahead of the server that inputs come in time, and no further.
//!
//! The server reports with each snapshot how early the last inputs came (slack). The clock of the inputs runs a little faster
//! or slower until all but two of a hundred reports of the last ten seconds would have been half a tick early or more, and a little
//! earlier still the more they differ. What was reported at another distance counts as if it had been at the present one.
//!
//! So the clock keeps the distance that the way needs, whatever shape its delays have: a mean and a deviation would keep more on
//! a steady way, where the reports differ only because they are whole ticks, and still not tell how far the tail reaches.

use std::collections::VecDeque;

use shared::tick::Tick;

use super::TICK_MS;

/// How early nearly all inputs should come: half a tick is what the server's clock may be off and nobody feels.
const MARGIN_MS: f64 = TICK_MS / 2.0;

/// The share of reports that may say less. A smaller one would chase stalls, which no lead makes up for.
const LOW_SHARE: f64 = 0.02;

/// The distance from the mean to the low ones counts so many times: ten seconds are a sample, and where reports differ the next ones
/// reach further down than the last ones did. On a steady way it adds nothing.
const SPREAD_FACTOR: f64 = 1.3;

/// Ten seconds of snapshots at 20 Hz: the share is four of them, so one bad moment moves nothing.
const REPORTS: usize = 200;

/// Until there are so many, the reports are taken to spread by a tick at least.
const REPORTS_FEW: usize = 40;

/// Inputs are never aimed earlier than this, however unsteady the way is: it is added to the player's delay.
const TARGET_MS_MAX: f64 = 100.0;

/// The correction in a second, per second of error, and its limits: nobody sees 5 % faster or 3 % slower.
const GAIN_PER_S: f64 = 0.6;
const RATE_UP_MAX: f64 = 0.05;
const RATE_DOWN_MAX: f64 = 0.03;

/// Below this the clock runs evenly.
const DEAD_BAND_MS: f64 = 2.0;

/// Above this it jumps.
const SNAP_MS: f64 = 250.0;

/// After a jump the reports still speak of inputs sent before it.
const SETTLE_MS: f64 = 500.0;

/// A report of so much says "that or more"; of how much more, only the round trip tells.
const REPORT_TICKS_MAX: f64 = 31.75;

/// Inputs made at once after the client was held up; earlier ones would come too late anyway.
const TICKS_AT_ONCE_MAX: u32 = 15;

/// Ticks ahead beyond the round trip to begin with: the pair, the usual deviation, and one to be safe.
const FIRST_LEAD_TICKS: f64 = 4.0;

/// The ticks for which inputs are due now: `first..=last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueTicks {
    /// The oldest.
    pub first: Tick,
    /// The newest.
    pub last: Tick,
}

/// See the head of this file.
#[derive(Clone, Debug)]
pub struct InputLead {
    /// The tick of the input clock, with its fraction.
    position: f64,
    issued: Tick,
    /// Slack less `shift_ms`, oldest first; invariant: never more than [`REPORTS`].
    reports_ms: VecDeque<f64>,
    /// The same in ascending order, and their sum.
    sorted_ms: Vec<f64>,
    sum_ms: f64,
    /// How far the clock has moved against real time since the start, so that old reports can be compared with new ones.
    shift_ms: f64,
    settled_ms: f64,
    advanced_ms: f64,
}

impl InputLead {
    /// Begins `round_trip_ms` ahead of `server_tick`, the estimate of the server's clock.
    pub fn new(server_tick: f64, round_trip_ms: f64, now_ms: f64) -> Self {
        let position = server_tick + round_trip_ms / TICK_MS + FIRST_LEAD_TICKS;
        Self {
            position,
            issued: Tick(position as u32),
            reports_ms: VecDeque::with_capacity(REPORTS),
            sorted_ms: Vec::with_capacity(REPORTS),
            sum_ms: 0.0,
            shift_ms: 0.0,
            settled_ms: f64::NEG_INFINITY,
            advanced_ms: now_ms,
        }
    }

    /// How early inputs should come on the mean, milliseconds.
    pub fn target_ms(&self) -> f64 {
        let spread_ms = self.mean_ms() - self.low_ms();
        let is_sure = self.reports_ms.len() >= REPORTS_FEW;
        let spread_ms = if is_sure {
            spread_ms
        } else {
            spread_ms.max(TICK_MS)
        };
        (MARGIN_MS + spread_ms * SPREAD_FACTOR).min(TARGET_MS_MAX)
    }

    /// Speed of the clock against real time.
    pub fn rate(&self) -> f64 {
        let error_ms = self.error_ms();
        if error_ms.abs() < DEAD_BAND_MS {
            return 1.0;
        }
        1.0 + (GAIN_PER_S * error_ms / 1000.0).clamp(-RATE_DOWN_MAX, RATE_UP_MAX)
    }

    /// Takes in a report of the server: `slack_ticks` early, negative for late.
    pub fn observe(&mut self, slack_ticks: f64, now_ms: f64) {
        if now_ms < self.settled_ms {
            return;
        }
        self.keep(slack_ticks * TICK_MS - self.shift_ms);
        let error_ms = self.error_ms();
        if error_ms.abs() > SNAP_MS {
            self.position += error_ms / TICK_MS;
            self.shift_ms += error_ms;
            self.settled_ms = now_ms + SETTLE_MS;
        }
    }

    /// Begins anew when inputs come far too early, which no way makes them: the server has dropped time, or the clock of this
    /// machine has leapt, and the server may have thrown them away. True when it did: then ticks are due that were due before.
    pub fn begin_anew(
        &mut self,
        server_tick: f64,
        round_trip_ms: f64,
        slack_ticks: f64,
        now_ms: f64,
    ) -> bool {
        let early_ms = slack_ticks * TICK_MS - self.target_ms();
        if early_ms <= SNAP_MS || now_ms < self.settled_ms {
            return false;
        }
        self.pass(now_ms);
        self.position -= early_ms / TICK_MS;
        if slack_ticks >= REPORT_TICKS_MAX {
            let first = server_tick + round_trip_ms / TICK_MS + FIRST_LEAD_TICKS;
            self.position = self.position.min(first);
        }
        self.issued = self.issued.min(Tick(self.position as u32));
        self.forget_reports(now_ms);
        true
    }

    /// The server has reached `tick`: an input for it or before would be for the past.
    pub fn stay_ahead_of(&mut self, tick: Tick, now_ms: f64) {
        self.pass(now_ms);
        let next = f64::from(tick.0) + 1.0;
        if self.position < next {
            self.position = next + self.target_ms() / TICK_MS;
            self.forget_reports(now_ms);
        }
    }

    /// Lets time pass; gives the ticks whose inputs are due, `None` when none is.
    pub fn advance(&mut self, now_ms: f64) -> Option<DueTicks> {
        self.pass(now_ms);
        // A tick is far below 2³²; a negative position is no tick yet.
        let last = Tick(self.position as u32);
        if last <= self.issued {
            return None;
        }
        let first = self
            .issued
            .after(1)
            .max(Tick((last.0 + 1).saturating_sub(TICKS_AT_ONCE_MAX)));
        self.issued = last;
        Some(DueTicks { first, last })
    }

    /// Milliseconds until so many ticks are due, if the clock keeps its speed; 0 when they are.
    pub fn due_in_ms(&self, ticks: u32) -> f64 {
        let missing = f64::from(self.issued.0) + f64::from(ticks) - self.position;
        (missing * TICK_MS / self.rate()).max(0.0)
    }

    fn pass(&mut self, now_ms: f64) {
        let elapsed_ms = (now_ms - self.advanced_ms).max(0.0);
        let rate = self.rate();
        self.advanced_ms = now_ms;
        self.position += elapsed_ms / TICK_MS * rate;
        self.shift_ms += elapsed_ms * (rate - 1.0);
    }

    fn forget_reports(&mut self, now_ms: f64) {
        self.reports_ms.clear();
        self.sorted_ms.clear();
        self.sum_ms = 0.0;
        self.settled_ms = now_ms + SETTLE_MS;
    }

    fn keep(&mut self, report_ms: f64) {
        if self.reports_ms.len() == REPORTS {
            let oldest_ms = self.reports_ms.pop_front().expect("a full ring has an oldest");
            let rank = self.rank_of(oldest_ms);
            self.sorted_ms.remove(rank);
            self.sum_ms -= oldest_ms;
        }
        self.reports_ms.push_back(report_ms);
        let rank = self.rank_of(report_ms);
        self.sorted_ms.insert(rank, report_ms);
        self.sum_ms += report_ms;
    }

    /// How many reports are smaller.
    fn rank_of(&self, report_ms: f64) -> usize {
        self.sorted_ms
            .partition_point(|known_ms| known_ms.total_cmp(&report_ms).is_lt())
    }

    /// Of the reports, without the shift; 0 when there are none.
    fn mean_ms(&self) -> f64 {
        self.sum_ms / self.reports_ms.len().max(1) as f64
    }

    /// What all but a small share of the reports exceed, without the shift; 0 when there are none.
    fn low_ms(&self) -> f64 {
        let rank = (self.sorted_ms.len() as f64 * LOW_SHARE) as usize;
        self.sorted_ms.get(rank).copied().unwrap_or(0.0)
    }

    /// Positive: inputs come later than they should, the clock must run faster.
    fn error_ms(&self) -> f64 {
        if self.reports_ms.is_empty() {
            return 0.0;
        }
        self.target_ms() - self.mean_ms() - self.shift_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::{Conditions, Link};

    /// Lets a client and a server run against each other; gives the slack of the inputs of the last seconds in ticks, and the
    /// share of those that were late.
    fn slack_after(seconds: u32, conditions: Conditions, first_error_ticks: f64) -> (f64, f64) {
        let round_trip_ms = f64::from(conditions.latency_us) / 500.0;
        let mut lead = InputLead::new(first_error_ticks, round_trip_ms, 0.0);
        let (mut up, mut down) = (Link::new(conditions, 3), Link::new(conditions, 4));
        let mut reports: Vec<(u64, f64)> = Vec::new();
        let mut slack = Vec::new();
        let mut sent = 0;
        for now_us in (0..u64::from(seconds) * 1_000_000).step_by(8000) {
            let now_ms = now_us as f64 / 1000.0;
            while reports.first().is_some_and(|&(at_us, _)| at_us <= now_us) {
                lead.observe(reports.remove(0).1, now_ms);
            }
            let Some(due) = lead.advance(now_ms) else {
                continue;
            };
            for tick in due.first.0..=due.last.0 {
                sent += 1;
                if sent % 2 == 1 {
                    continue;
                }
                // Inputs go in pairs; the slack is that of the older one.
                let arrived_us = up.deliver_at(now_us, 60);
                let slack_ticks = f64::from(tick) - 1.0 - arrived_us as f64 / 1000.0 / TICK_MS;
                let reported = (slack_ticks * 4.0).floor() / 4.0;
                reports.push((down.deliver_at(arrived_us, 200), reported));
                if now_us > u64::from(seconds - 5) * 1_000_000 {
                    slack.push(slack_ticks);
                }
            }
        }
        let late = slack.iter().filter(|&&ticks| ticks < 0.0).count() as f64;
        let count = slack.len() as f64;
        (slack.iter().sum::<f64>() / count, late / count)
    }

    const fn steady(latency_us: u32) -> Conditions {
        Conditions {
            latency_us,
            jitter_us: 0,
            loss_ppm: 0,
            stall_us: 0,
            bytes_per_s: 0,
            queue_bytes: 0,
        }
    }

    #[test]
    fn it_gives_each_tick_once_and_in_order() {
        let mut lead = InputLead::new(100.0, 50.0, 0.0);
        let mut ticks = Vec::new();
        for now_ms in (0..1000).step_by(7) {
            if let Some(due) = lead.advance(now_ms.into()) {
                ticks.extend(due.first.0..=due.last.0);
            }
        }
        assert!(ticks.len() > 55);
        assert!(ticks.windows(2).all(|pair| pair[1] == pair[0] + 1), "{ticks:?}");
    }

    #[test]
    fn it_settles_where_inputs_come_in_time_on_a_steady_way_and_not_much_earlier() {
        let (mean, late) = slack_after(20, steady(40_000), 0.0);
        assert_eq!(late, 0.0);
        assert!((0.5..3.0).contains(&mean), "{mean}");
    }

    #[test]
    fn it_keeps_more_distance_when_the_way_is_unsteady() {
        let unsteady = Conditions {
            jitter_us: 12_000,
            ..steady(40_000)
        };
        let (mean, late) = slack_after(40, unsteady, 0.0);
        assert!(late < 0.1, "{late}");
        assert!(mean < 5.0, "{mean}");
    }

    #[test]
    fn it_finds_its_place_from_a_wrong_first_guess_both_ways() {
        for first_error_ticks in [-30.0, -5.0, 10.0, 30.0] {
            // The made-up server begins at 0, and there is no tick before.
            let (mean, _) = slack_after(40, steady(30_000), first_error_ticks);
            assert!((0.3..3.5).contains(&mean), "{mean} from {first_error_ticks}");
        }
    }

    #[test]
    fn it_runs_at_most_5_percent_faster_and_3_slower_and_evenly_within_2_ms() {
        let rate_after = |slack_ticks: Option<f64>| {
            let mut lead = InputLead::new(0.0, 0.0, 0.0);
            lead.observe(slack_ticks.unwrap_or(lead.target_ms() / TICK_MS), 0.0);
            lead.rate()
        };
        assert_eq!(InputLead::new(0.0, 0.0, 0.0).rate(), 1.0);
        assert_eq!(rate_after(Some(-10.0)), 1.05);
        assert_eq!(rate_after(Some(12.0)), 0.97);
        assert_eq!(rate_after(None), 1.0);
    }

    #[test]
    fn it_jumps_when_it_is_more_than_250_ms_off_and_only_once() {
        let mut lead = InputLead::new(100.0, 0.0, 0.0);
        lead.advance(0.0);
        lead.observe(-31.0, 0.0);
        assert!(lead.advance(1.0).expect("it jumped").last > Tick(130));
        // Reports that were under way still speak of the time before.
        lead.observe(-31.0, 50.0);
        assert!(lead.advance(51.0).is_none_or(|due| due.last < Tick(145)));
    }

    #[test]
    fn it_begins_anew_when_inputs_come_far_too_early_and_its_ticks_are_due_again() {
        for (slack_ticks, tick_after) in [(20.0, Some(81)), (31.75, Some(70)), (10.0, None)] {
            let mut lead = InputLead::new(96.0, 0.0, 0.0);
            assert_eq!(lead.issued, Tick(100));
            let began = lead.begin_anew(69.0, 0.0, slack_ticks, 0.0);
            assert_eq!(began, tick_after.is_some());
            assert_eq!(lead.issued, Tick(tick_after.unwrap_or(100)));
            // What is on its way still speaks of the time before.
            assert!(!lead.begin_anew(69.0, 0.0, slack_ticks, 50.0));
        }
    }

    #[test]
    fn it_is_not_moved_by_a_few_bad_reports_of_two_hundred_and_by_no_more_than_those() {
        let mut lead = InputLead::new(100.0, 0.0, 0.0);
        for _ in 0..200 {
            lead.observe(0.5, 0.0);
        }
        assert_eq!(lead.rate(), 1.0);
        for _ in 0..4 {
            lead.observe(-6.0, 0.0);
            assert_eq!(lead.rate(), 1.0);
        }
        lead.observe(-6.0, 0.0);
        assert_eq!(lead.rate(), 1.05);
    }

    #[test]
    fn it_makes_at_most_15_inputs_at_once_after_it_was_held_up() {
        let mut lead = InputLead::new(100.0, 0.0, 0.0);
        let due = lead.advance(60_000.0).expect("a minute passed");
        assert_eq!(due.last.since(due.first) + 1, 15);
        assert!(due.last > Tick(3600));
    }

    #[test]
    fn it_stays_ahead_of_the_server() {
        let mut lead = InputLead::new(100.0, 0.0, 0.0);
        lead.stay_ahead_of(Tick(500), 0.0);
        assert!(lead.advance(1.0).expect("it jumped").last > Tick(500));
    }

    #[test]
    fn it_tells_when_the_next_inputs_are_due() {
        let mut lead = InputLead::new(100.0, 0.0, 0.0);
        let due_in_ms = lead.due_in_ms(2);
        assert!((due_in_ms - 2.0 * TICK_MS).abs() < 1e-9, "{due_in_ms}");
        assert_eq!(
            lead.advance(due_in_ms - 0.01).expect("one is due").last,
            Tick(105)
        );
        assert_eq!(
            lead.advance(due_in_ms + 0.01).expect("two are due").last,
            Tick(106)
        );
    }

    #[test]
    fn it_never_aims_further_than_100_ms() {
        let mut lead = InputLead::new(0.0, 0.0, 0.0);
        for report in 0..200 {
            lead.observe(if report % 2 == 0 { 12.0 } else { -12.0 }, report.into());
        }
        assert_eq!(lead.target_ms(), 100.0);
    }
}
