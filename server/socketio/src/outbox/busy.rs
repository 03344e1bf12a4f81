//! How busy a thread is: the share of the time in which it had the processor or waited for it.
//!
//! Compared with the clock on the wall every [`WINDOW`], or somewhat later: from the end of a pause to the end of another, so
//! that whole ticks are looked at. A thread that sends a whole tick without a stop is not under pressure while it has time to
//! sleep before the next one, and a look that ended within the tick would see two bursts with one pause. To wait for the
//! processor counts, as a server that shares its machine, or whose container has a quota, has no less to do.
//!
//! Gathering itself makes time. So a thread that gathers is judged by what it would do if each message had a write of its
//! own; else it would stop, be late, and begin again, for ever.

use std::cell::RefCell;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use crate::stats::{self, Stats};

/// Whether the calling thread had hardly a pause lately. Cheap enough to ask for each message.
pub(super) fn is_busy(stats: &Stats) -> bool {
    METER.with_borrow_mut(|meter| {
        // While there is time, the clock of each sixteenth message is enough, until a look is due.
        meter.asked_count = meter.asked_count.wrapping_add(1);
        let is_exact = meter.is_busy || meter.is_due;
        if !is_exact && !meter.asked_count.is_multiple_of(16) {
            return false;
        }
        let now = Instant::now();
        let pause = now - std::mem::replace(&mut meter.asked, now);
        let elapsed = now - meter.since;
        meter.is_due = elapsed >= WINDOW;
        if is_over(elapsed, is_exact.then_some(pause)) {
            meter.look(now, elapsed);
            if meter.is_busy {
                stats::add(&stats.pressure_us, elapsed.as_micros() as u64);
            }
        }
        meter.is_busy
    })
}

/// The calling thread was spared writes that would have taken so long; less than zero where it wrote for others who were.
pub(super) fn note_saved(saved_ns: i64) {
    METER.with_borrow_mut(|meter| meter.saved_ns = meter.saved_ns.saturating_add(saved_ns));
}

/// What was seen of a thread so far.
struct Meter {
    asked_count: u8,
    asked: Instant,
    since: Instant,
    /// `None` if it could not be asked.
    awake: Option<Duration>,
    /// What gathering has saved since then.
    saved_ns: i64,
    /// It is time for a look, at the end of the next pause.
    is_due: bool,
    is_busy: bool,
}

impl Meter {
    fn look(&mut self, now: Instant, elapsed: Duration) {
        let awake = awake_time();
        let worked = match (self.awake, awake) {
            (Some(before), Some(awake)) => spared(awake.saturating_sub(before), self.saved_ns),
            _ => Duration::ZERO,
        };
        self.is_busy = is_pressure(elapsed, worked);
        (self.since, self.awake) = (now, awake);
        (self.saved_ns, self.is_due) = (0, false);
    }
}

thread_local! {
    static METER: RefCell<Meter> = RefCell::new(Meter {
        asked_count: 0,
        asked: Instant::now(),
        since: Instant::now(),
        awake: awake_time(),
        saved_ns: 0,
        is_due: false,
        is_busy: false,
    });
}

/// Whether it is time to look again, `elapsed` after the last look and `pause` after the last question.
fn is_over(elapsed: Duration, pause: Option<Duration>) -> bool {
    elapsed >= WINDOW_MAX || elapsed >= WINDOW && pause.is_some_and(|pause| pause >= PAUSE)
}

/// What a thread would have done without the gathering that saved it so much.
fn spared(worked: Duration, saved_ns: i64) -> Duration {
    let saved = Duration::from_nanos(saved_ns.unsigned_abs());
    if saved_ns < 0 {
        worked.saturating_sub(saved)
    } else {
        worked.saturating_add(saved)
    }
}

/// Whether `awake` of `elapsed` is more than a thread can do and keep its promises.
fn is_pressure(elapsed: Duration, awake: Duration) -> bool {
    awake.as_nanos() * 100 > elapsed.as_nanos() * BUSY_PERCENT
}

/// How long the thread was not asleep so far. Where the kernel keeps account nothing stands in when it cannot be read: the
/// difference of two clocks would mean nothing.
fn awake_time() -> Option<Duration> {
    static IS_KEPT: LazyLock<bool> = LazyLock::new(|| scheduled_time().is_some());
    if *IS_KEPT {
        scheduled_time()
    } else {
        Some(thread_cpu_time())
    }
}

/// What Linux keeps of a thread: nanoseconds on the processor, and in the queue before it.
#[cfg(target_os = "linux")]
fn scheduled_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    parse_scheduled(&text)
}

#[cfg(not(target_os = "linux"))]
fn scheduled_time() -> Option<Duration> {
    None
}

#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "other systems keep no such file")
)]
fn parse_scheduled(text: &str) -> Option<Duration> {
    let mut times_ns = text.split_whitespace().map(str::parse::<u64>);
    let (running_ns, waiting_ns) = (times_ns.next()?.ok()?, times_ns.next()?.ok()?);
    // A kernel that keeps no such account says zero.
    (running_ns > 0).then(|| Duration::from_nanos(running_ns.saturating_add(waiting_ns)))
}

#[cfg(unix)]
fn thread_cpu_time() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

/// Nobody is ever busy where that cannot be asked.
#[cfg(not(unix))]
fn thread_cpu_time() -> Duration {
    Duration::ZERO
}

const WINDOW: Duration = Duration::from_millis(100);
const WINDOW_MAX: Duration = Duration::from_millis(150);

/// A thread that asks nothing for so long has probably slept.
const PAUSE: Duration = Duration::from_millis(1);
const BUSY_PERCENT: u128 = 70;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pressure_is_more_than_seventy_percent() {
        let check = |elapsed_us, awake_us, expected| {
            let [elapsed, awake] = [elapsed_us, awake_us].map(Duration::from_micros);
            assert_eq!(
                is_pressure(elapsed, awake),
                expected,
                "{awake_us} of {elapsed_us}"
            );
        };
        check(50_000, 0, false);
        // A burst of 12 ms in each of two ticks.
        check(66_000, 24_000, false);
        check(50_000, 35_000, false);
        check(50_000, 35_001, true);
        check(50_000, 50_000, true);
        // Idle for long, however busy before.
        check(10_000_000, 50_000, false);
        // Clocks differ.
        check(50_000, 51_000, true);
    }

    #[test]
    fn whole_ticks_are_looked_at_as_long_as_there_are_pauses() {
        let check = |elapsed_ms, pause_us, expected| {
            let (elapsed, pause) = (Duration::from_millis(elapsed_ms), Duration::from_micros(pause_us));
            assert_eq!(
                is_over(elapsed, Some(pause)),
                expected,
                "{elapsed_ms} ms, {pause_us} us"
            );
        };
        check(99, 20_000, false);
        check(100, 1_000, true);
        check(149, 999, false);
        check(150, 0, true);
    }

    #[test]
    fn a_thread_is_judged_by_what_it_would_do_without_gathering() {
        let check = |worked_us, saved_ns, expected_us| {
            let [worked, expected] = [worked_us, expected_us].map(Duration::from_micros);
            assert_eq!(
                spared(worked, saved_ns),
                expected,
                "{worked_us} us, {saved_ns} ns"
            );
        };
        check(100, 0, 100);
        check(100, 50_000, 150);
        // It wrote for others.
        check(100, -50_000, 50);
        check(100, i64::MIN, 0);
    }

    #[test]
    fn what_the_kernel_says_of_a_thread_is_read_or_left() {
        let check = |text, expected_ns: Option<u64>| {
            assert_eq!(
                parse_scheduled(text),
                expected_ns.map(Duration::from_nanos),
                "{text:?}"
            );
        };
        check("1000 200 7\n", Some(1200));
        check("1000 0 7", Some(1000));
        check("18446744073709551615 5 7", Some(u64::MAX));
        check("0 0 0", None);
        check("1000", None);
        check("x 1 1", None);
        check("", None);
    }
}
