//! Some of the bots stop for a while, as a client whose machine sleeps: they read nothing and say nothing. What becomes of
//! them is counted, and what they cost the server meanwhile; how the others fare is in the figures of the run.

use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::memory::own_resident_bytes;

/// From the first figure to the pause: the others' figures have a part before it.
pub(super) const PAUSE_AFTER: Duration = Duration::from_secs(3);

/// Who pauses, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pause {
    /// The first so many bots; since bots are dealt out in turns, they are spread over the matches.
    pub(crate) players: u32,
    pub(crate) seconds: u32,
}

/// What a run does after it has begun to count.
#[derive(Clone, Copy, Debug)]
pub(super) struct Course {
    pub(super) pause: Option<Span>,
    pub(super) end: Instant,
}

/// From when until when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) begin: Instant,
    pub(super) end: Instant,
}

impl Course {
    /// Of a run of so many seconds that begins now.
    pub(super) fn from(now: Instant, seconds: u32, pause: Option<Pause>) -> Self {
        Self {
            pause: pause.map(|pause| Span {
                begin: now + PAUSE_AFTER,
                end: now + PAUSE_AFTER + Duration::from_secs(pause.seconds.into()),
            }),
            end: now + Duration::from_secs(seconds.into()),
        }
    }
}

/// Before the moment in question, so that what happens in it is not measured with it.
const JUST_BEFORE: Duration = Duration::from_millis(100);

/// Measures by how many bytes this process is larger at the end of the pause than before it; `None` where the system does not
/// say. With the server in process that is what it keeps for those who pause, and anything else that grew meanwhile.
pub(super) fn watch_memory(span: Span) -> JoinHandle<Option<i64>> {
    tokio::spawn(async move {
        tokio::time::sleep_until((span.begin - JUST_BEFORE).into()).await;
        let before = own_resident_bytes();
        tokio::time::sleep_until((span.end - JUST_BEFORE).into()).await;
        Some(own_resident_bytes()?.cast_signed() - before?.cast_signed())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_begins_three_seconds_into_the_run_and_ends_before_it() {
        let now = Instant::now();
        let pause = Pause {
            players: 2,
            seconds: 5,
        };
        let course = Course::from(now, 10, Some(pause));
        let span = course.pause.expect("there is a pause");
        assert_eq!(span.begin - now, Duration::from_secs(3));
        assert_eq!(span.end - span.begin, Duration::from_secs(5));
        assert_eq!(course.end - now, Duration::from_secs(10));
        assert!(Course::from(now, 10, None).pause.is_none());
    }
}
