//! How busy a thread is: the share of the time in which it had the processor.
//!
//! Its own clock of CPU time against the clock on the wall, compared every [`WINDOW`]. The window is longer than the pause
//! between two ticks of a game, because a thread that sends a whole tick without a stop is not under pressure while it has
//! time to sleep before the next one.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use crate::stats::{self, Stats};

/// Whether the calling thread had hardly a pause lately. Cheap enough to ask for each message.
pub(super) fn is_busy(stats: &Stats) -> bool {
    METER.with_borrow_mut(|meter| {
        // While there is time, the clock of each sixteenth message is enough.
        meter.asked_count = meter.asked_count.wrapping_add(1);
        if !meter.is_busy && !meter.asked_count.is_multiple_of(16) {
            return false;
        }
        let now = Instant::now();
        if now - meter.since >= WINDOW {
            let (elapsed, cpu) = (now - meter.since, thread_cpu_time());
            meter.is_busy = is_pressure(elapsed, cpu.saturating_sub(meter.cpu));
            if meter.is_busy {
                stats::add(&stats.pressure_us, elapsed.as_micros() as u64);
            }
            (meter.since, meter.cpu) = (now, cpu);
        }
        meter.is_busy
    })
}

/// What was seen of a thread so far.
struct Meter {
    asked_count: u8,
    since: Instant,
    cpu: Duration,
    is_busy: bool,
}

thread_local! {
    static METER: RefCell<Meter> = RefCell::new(Meter {
        asked_count: 0,
        since: Instant::now(),
        cpu: thread_cpu_time(),
        is_busy: false,
    });
}

/// Whether `cpu` of `elapsed` is more than a thread can do and keep its promises.
fn is_pressure(elapsed: Duration, cpu: Duration) -> bool {
    cpu.as_nanos() * 100 > elapsed.as_nanos() * BUSY_PERCENT
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

const WINDOW: Duration = Duration::from_millis(50);
const BUSY_PERCENT: u128 = 70;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pressure_is_more_than_seventy_percent() {
        let check = |elapsed_us, cpu_us, expected| {
            let [elapsed, cpu] = [elapsed_us, cpu_us].map(Duration::from_micros);
            assert_eq!(is_pressure(elapsed, cpu), expected, "{cpu_us} of {elapsed_us}");
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
}
