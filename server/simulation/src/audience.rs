//! Who is told what: where an event belongs, and which events stay true.

use shared::ids::EntityId;
use shared::record::Record;
use shared::tick::Tick;

/// Who is told of an event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Audience {
    /// Everybody whose interest this place is in, in units of length; everybody at all when there is none.
    pub place: Option<(f32, f32)>,
    /// Where what happens ends that reaches from `place` to somewhere else: whose interest the end or the middle is in is told
    /// as well.
    pub end: Option<(f32, f32)>,
    /// Whose clients are told wherever they are; [`EntityId::NONE`] is nobody. Of two, each has to do with the other: the
    /// cell of one is urgent to the other for a moment.
    pub also: [EntityId; 2],
}

impl Audience {
    /// Everybody.
    pub const EVERYBODY: Self = Self {
        place: None,
        end: None,
        also: [EntityId::NONE; 2],
    };

    /// Whoever has an interest in a place, in units of length.
    pub const fn near(place: (f32, f32)) -> Self {
        Self {
            place: Some(place),
            ..Self::EVERYBODY
        }
    }

    /// Whoever has an interest in a line: in one of its ends or its middle, in units of length. A line of up to the width of
    /// a view passes through few interests without any of these.
    pub const fn along(from: (f32, f32), to: (f32, f32)) -> Self {
        Self {
            end: Some(to),
            ..Self::near(from)
        }
    }

    /// And these two wherever they are; [`EntityId::NONE`] is nobody.
    pub const fn and(self, also: [EntityId; 2]) -> Self {
        Self { also, ..self }
    }

    /// Whether it is told to a client that has an interest in these places.
    pub(crate) fn concerns(&self, has_interest: impl Fn((f32, f32)) -> bool) -> bool {
        match (self.place, self.end) {
            (None, _) => true,
            (Some(place), None) => has_interest(place),
            (Some(from), Some(to)) => {
                let middle = (from.0.midpoint(to.0), from.1.midpoint(to.1));
                has_interest(from) || has_interest(middle) || has_interest(to)
            }
        }
    }
}

/// Events that hold until another event ends them, as a shot in the air does: whoever comes later is told as well.
///
/// They come in the order in which they began, and one that goes on stays the same record.
#[derive(Debug)]
pub struct Standing<E> {
    now: Tick,
    all: Vec<Stands<E>>,
}

/// One of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stands<E> {
    pub(crate) since: Tick,
    pub(crate) place: (f32, f32),
    pub(crate) event: E,
}

impl<E: Record> Standing<E> {
    /// None; the memory it grows to is used again by each snapshot.
    pub(crate) const fn new() -> Self {
        Self {
            now: Tick(0),
            all: Vec::new(),
        }
    }

    /// An event that happened so many ticks before this one, and where it matters now, in units of length.
    pub fn add(&mut self, age_ticks: u32, place: (f32, f32), event: E) {
        self.all.push(Stands {
            since: Tick(self.now.0.saturating_sub(age_ticks)),
            place,
            event,
        });
    }

    pub(crate) fn start(&mut self, now: Tick) {
        self.now = now;
        self.all.clear();
    }

    /// The oldest first.
    pub(crate) fn all(&self) -> &[Stands<E>] {
        &self.all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether it concerns clients that have an interest in what lies around each of these columns.
    fn check(audience: Audience, columns: [f32; 4], expected: [bool; 4]) {
        let found = columns.map(|column| audience.concerns(|(x, _)| (x - column).abs() < 50.0));
        assert_eq!(found, expected, "{audience:?}");
    }

    #[test]
    fn what_reaches_far_concerns_who_has_one_end_of_it_or_the_middle() {
        let columns = [0.0, 400.0, 800.0, 1200.0];
        check(Audience::EVERYBODY, columns, [true; 4]);
        check(Audience::near((0.0, 7.0)), columns, [true, false, false, false]);
        check(
            Audience::along((0.0, 7.0), (800.0, 900.0)),
            columns,
            [true, true, true, false],
        );
    }
}
