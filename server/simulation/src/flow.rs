//! How fast one client is served, judged by what it acknowledges. In ticks, without a clock: of a recording that is shown at
//! another speed more or fewer of them make a second.
//!
//! On a stream nothing is lost, so an acknowledgement repairs nothing: it says how much is still on the way. That is known
//! here even where the kernel lies about it, as behind a proxy.
//!
//! | state | enter | what is sent | leave |
//! |---|---|---|---|
//! | healthy | – | each snapshot | – |
//! | congested, twice | too much in flight, or the last one was not taken | every second, far cells left out | a second without either: one step towards healthy; half a second with one of them: four times |
//! | congested, four times | as above | every fourth | as above |
//! | stalled | something is in flight and nothing was acknowledged for 2 s | nothing | an acknowledgement: everything anew |
//! | gone | the same for 10 s | nothing, and the gateway is told once | a new connection |
//!
//! Too much is in flight when the last snapshot that was taken is further ahead of the last acknowledged one than three
//! intervals and than the shortest round trip with 150 ms on top. When everything was acknowledged and nothing sent for a
//! while, what comes next counts from there.
//!
//! A client whose page is not seen asks for two snapshots a second. A client that could not apply a snapshot asks for
//! everything anew; it gets that at most four times a second, and asks again until it has it. The same holds for one that is
//! seen again, however often it hides.
//!
//! Whoever acknowledges what was not taken yet, or less than before, is not believed. To acknowledge too early within what
//! was taken only hides one's own congestion, and then the mailbox still bounds what waits.

use shared::steer::Speed;
use shared::tick::{TICK_HZ, Tick};

const SECOND: u32 = TICK_HZ as u32;

/// Snapshots in flight that are never too many.
const FREE_INTERVALS: u32 = 3;

/// On top of the shortest round trip: 150 ms of jitter are no congestion.
const JITTER_TICKS: u32 = SECOND * 150 / 1000;

/// How long a rate is tried before it is halved again: the last effect is seen after a round trip.
const WORSE_AFTER_TICKS: u32 = SECOND / 2;

/// How long a rate must go well before it is doubled.
const BETTER_AFTER_TICKS: u32 = SECOND;

const STALLED_AFTER_TICKS: u32 = 2 * SECOND;

/// By then a client that is still there does better to come back on a new connection.
const GONE_AFTER_TICKS: u32 = 10 * SECOND;

/// Two a second are enough for a page that nobody sees.
const HIDDEN_INTERVAL_TICKS: u32 = SECOND / 2;

/// Between two keyframes that a client asks for.
const KEYFRAME_GAP_TICKS: u32 = SECOND / 4;

/// How often the full rate is halved at most: 20, 10, 5 a second where 20 is usual.
const HALVINGS_MAX: u8 = 2;

/// Over how long the shortest round trip is taken: two halves, of which the older is forgotten.
const ROUND_TRIP_HALF_TICKS: u32 = 5 * SECOND / 2;

/// How a client keeps up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It keeps up.
    Healthy,
    /// It does not; the rate is halved this often, 1 to [`HALVINGS_MAX`].
    Congested(u8),
    /// It does not answer.
    Stalled,
    /// It has not answered for so long that its connection is given up.
    Gone,
}

/// What to do for a client at a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Nothing.
    Wait,
    /// A snapshot.
    Send {
        /// The client must forget what it has.
        keyframe: bool,
        /// What lies beyond its view can wait.
        far: bool,
    },
}

/// What has happened to a client in [`Flow::observe`], to be told or counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Its rate was halved.
    Congested,
    /// It does not answer.
    Stalled,
    /// It is given up.
    Gone,
}

/// One client.
#[derive(Debug)]
pub(crate) struct Flow {
    /// From one snapshot to the next at the full rate.
    full_interval_ticks: u32,
    /// Ticks of the match in four ticks of time.
    quarters: u32,
    state: State,
    /// Newest snapshot that the client has acknowledged; before the first one, when it came.
    acked: Tick,
    has_acked: bool,
    /// Newest snapshot that was taken.
    taken: Tick,
    /// First snapshot that was taken when nothing was in flight.
    in_flight_from: Tick,
    /// Since when something is in flight and no acknowledgement came.
    unanswered_since: Option<Tick>,
    /// When the rate was last changed.
    rate_since: Tick,
    /// When the client last did not keep up.
    late_at: Tick,
    is_hidden: bool,
    /// Until one is taken.
    wants_keyframe: bool,
    /// Until a snapshot is made: that one does not wait for the turn of its rate.
    hurries: bool,
    last_keyframe: Option<Tick>,
    round_trip: RoundTrip,
}

impl Flow {
    /// A client that comes at `now` to a match with a snapshot every `full_interval_ticks`.
    pub(crate) fn new(now: Tick, full_interval_ticks: u32) -> Self {
        Self {
            full_interval_ticks,
            quarters: Speed::QUARTERS_PER_TICK.into(),
            state: State::Healthy,
            acked: now,
            has_acked: false,
            taken: now,
            in_flight_from: now,
            unanswered_since: None,
            rate_since: now,
            late_at: now,
            is_hidden: false,
            wants_keyframe: true,
            hurries: true,
            last_keyframe: None,
            round_trip: RoundTrip::new(now),
        }
    }

    /// The match runs at this speed. One that is paused has no time.
    pub(crate) fn run_at(&mut self, speed: Speed) {
        if speed != Speed::PAUSED {
            self.quarters = speed.quarters().into();
        }
    }

    /// Ticks of the match in a time that is given in ticks of real time.
    const fn in_match(&self, ticks: u32) -> u32 {
        ticks * self.quarters / Speed::QUARTERS_PER_TICK as u32
    }

    /// Nothing is sent until it answers.
    pub(crate) const fn is_stalled(&self) -> bool {
        matches!(self.state, State::Stalled | State::Gone)
    }

    #[cfg(test)]
    pub(crate) const fn state(&self) -> State {
        self.state
    }

    /// Takes an acknowledgement in; `handed_over` is the newest snapshot that the client can have. False when it is a lie.
    pub(crate) fn acknowledge(&mut self, acked: Tick, handed_over: Tick, now: Tick) -> bool {
        if acked == self.acked || (acked == Tick(0) && !self.has_acked) {
            return true;
        }
        if acked < self.acked || acked > handed_over {
            return false;
        }
        self.acked = acked;
        self.has_acked = true;
        self.round_trip.add(now.since(acked), now);
        self.unanswered_since = (acked < handed_over).then_some(now);
        if self.state == State::Stalled {
            self.state = State::Healthy;
            self.want_keyframe();
        }
        true
    }

    /// Whether anybody sees the client's page. One that is seen again is behind and gets a keyframe, if it has had none of late.
    pub(crate) fn hide(&mut self, hidden: bool, now: Tick) {
        if self.is_hidden && !hidden {
            self.resync(now);
        }
        self.is_hidden = hidden;
    }

    /// The client could not apply a snapshot. What it asks before the last keyframe can have reached it asks for nothing new.
    pub(crate) fn resync(&mut self, now: Tick) {
        let gap = self
            .in_match(KEYFRAME_GAP_TICKS)
            .max(self.round_trip.shortest().unwrap_or(0) + self.full_interval_ticks);
        if self.last_keyframe.is_none_or(|last| now.since(last) >= gap) {
            self.want_keyframe();
        }
    }

    /// Judges how the client keeps up. To be called before each snapshot; `taken` is the last one that was taken and
    /// `superseded` whether one was not.
    pub(crate) fn observe(&mut self, taken: Tick, superseded: bool, now: Tick) -> Option<Change> {
        self.note_taken(taken, now);
        let unanswered_ticks = self.unanswered_since.map_or(0, |since| now.since(since));
        match self.state {
            State::Gone => None,
            State::Stalled if unanswered_ticks < self.in_match(GONE_AFTER_TICKS) => None,
            State::Stalled => self.enter(State::Gone, Change::Gone),
            _ if unanswered_ticks >= self.in_match(STALLED_AFTER_TICKS) => {
                self.enter(State::Stalled, Change::Stalled)
            }
            _ => self.adapt(superseded || self.in_flight() > self.in_flight_max(), now),
        }
    }

    /// What the client gets at a tick with a snapshot, after [`observe`](Self::observe).
    pub(crate) const fn turn(&self, now: Tick) -> Turn {
        let halvings = match self.state {
            State::Healthy => 0,
            State::Congested(halvings) => halvings,
            State::Stalled | State::Gone => return Turn::Wait,
        };
        // By the number of the tick and not by the last snapshot, so that all clients of one rate have the same base.
        if !self.hurries && !now.0.is_multiple_of(self.interval_ticks()) {
            return Turn::Wait;
        }
        Turn::Send {
            keyframe: self.wants_keyframe,
            far: halvings == 0,
        }
    }

    /// A keyframe was taken.
    pub(crate) const fn keyframe_taken(&mut self) {
        self.wants_keyframe = false;
    }

    /// A snapshot was made at this tick.
    pub(crate) const fn made(&mut self, is_keyframe: bool, now: Tick) {
        if is_keyframe {
            self.last_keyframe = Some(now);
        }
        self.hurries = false;
    }

    /// The next snapshot does not wait for the turn of its rate.
    pub(crate) const fn hurry(&mut self) {
        self.hurries = true;
    }

    /// Whether the next snapshot waits for no turn.
    pub(crate) const fn hurries(&self) -> bool {
        self.hurries
    }

    /// The shortest time from a snapshot to its acknowledgement of late; `None` before the first.
    pub(crate) fn round_trip_ticks(&self) -> Option<u32> {
        self.round_trip.shortest()
    }

    /// The next snapshot has everything in it, and hurries.
    pub(crate) const fn want_keyframe(&mut self) {
        self.wants_keyframe = true;
        self.hurries = true;
    }

    const fn enter(&mut self, state: State, change: Change) -> Option<Change> {
        self.state = state;
        Some(change)
    }

    fn adapt(&mut self, too_fast: bool, now: Tick) -> Option<Change> {
        let halvings = match self.state {
            State::Congested(halvings) => halvings,
            _ => 0,
        };
        if too_fast {
            self.late_at = now;
            let had_its_effect =
                halvings == 0 || now.since(self.rate_since) >= self.in_match(WORSE_AFTER_TICKS);
            if halvings == HALVINGS_MAX || !had_its_effect {
                return None;
            }
            self.rate_since = now;
            return self.enter(State::Congested(halvings + 1), Change::Congested);
        }
        if halvings > 0 && now.since(self.rate_since.max(self.late_at)) >= self.in_match(BETTER_AFTER_TICKS) {
            self.rate_since = now;
            self.state = match halvings {
                1 => State::Healthy,
                more => State::Congested(more - 1),
            };
        }
        None
    }

    const fn interval_ticks(&self) -> u32 {
        let interval = match self.state {
            State::Congested(halvings) => self.full_interval_ticks << halvings,
            _ => self.full_interval_ticks,
        };
        let hidden = self
            .in_match(HIDDEN_INTERVAL_TICKS)
            .next_multiple_of(self.full_interval_ticks);
        if self.is_hidden && interval < hidden {
            hidden
        } else {
            interval
        }
    }

    fn note_taken(&mut self, taken: Tick, now: Tick) {
        if taken > self.acked && self.unanswered_since.is_none() {
            self.unanswered_since = Some(now);
        }
        if taken > self.taken {
            if self.taken <= self.acked {
                self.in_flight_from = taken;
            }
            self.taken = taken;
        }
    }

    fn in_flight(&self) -> u32 {
        self.taken.since(self.acked.max(self.in_flight_from))
    }

    fn in_flight_max(&self) -> u32 {
        let round_trip = self.round_trip.shortest().unwrap_or(0) + self.in_match(JITTER_TICKS);
        round_trip.max(FREE_INTERVALS * self.interval_ticks())
    }
}

/// The shortest time from a snapshot to its acknowledgement in the last seconds. It holds the client's own delay as well.
#[derive(Debug)]
struct RoundTrip {
    since: Tick,
    /// Of the time before `since` and of that after it.
    shortest: [Option<u32>; 2],
}

impl RoundTrip {
    const fn new(now: Tick) -> Self {
        Self {
            since: now,
            shortest: [None; 2],
        }
    }

    fn add(&mut self, ticks: u32, now: Tick) {
        if now.since(self.since) >= ROUND_TRIP_HALF_TICKS {
            self.since = now;
            self.shortest = [self.shortest[1], None];
        }
        let shortest = self.shortest[1].map_or(ticks, |shortest| shortest.min(ticks));
        self.shortest[1] = Some(shortest);
    }

    fn shortest(&self) -> Option<u32> {
        self.shortest.into_iter().flatten().min()
    }
}

#[cfg(test)]
mod tests;
