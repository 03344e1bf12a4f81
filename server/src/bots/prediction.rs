//! The own player ahead of the server, as `client-web/src/tickroom/sim/prediction.ts` has it: each input is applied at once and
//! kept until the server's state for its tick comes. Equal states need nothing; otherwise the server's is taken and the inputs
//! since then are replayed. A bot draws nothing, so what is left out is the gliding to the right place.

use shared::arena;
use shared::arena::dash::Dash;
use shared::arena::input::Input;
use shared::arena::map::Map;
use shared::arena::movement::{Mover, step};
use shared::arena::state::{Body, PlayerState};
use shared::input::TickInput;
use shared::tick::Tick;

/// Ticks that are remembered, about two seconds.
const RING_TICKS: usize = 128;

/// Inputs replayed at most: a client further ahead than one second plays blind and catches up instead.
const REPLAY_TICKS_MAX: u32 = 60;

/// Ticks without an input for which the server repeats the last one; then it assumes none.
const REPEATED_TICKS_MAX: u32 = 15;

/// What is predicted of a player.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Own {
    pub(super) body: Body,
    pub(super) alive: bool,
    pub(super) dash: Dash,
}

impl Own {
    /// The predicted part of what the server says.
    pub(super) const fn of(state: &PlayerState, told: &arena::own::Own) -> Self {
        Self {
            body: state.body,
            alive: state.alive,
            dash: told.dash,
        }
    }

    fn after(self, input: Input, map: &Map) -> Self {
        if !self.alive {
            return self;
        }
        let Self { body, dash, .. } = self;
        let Mover { body, dash } = step(Mover { body, dash }, input, map);
        Self { body, dash, ..self }
    }
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    tick: Tick,
    input: Input,
    /// After the tick.
    own: Own,
}

/// See the head of this file.
#[derive(Debug)]
pub(super) struct Prediction {
    /// The entry of tick `t` is at `t % 128`.
    ring: Box<[Option<Entry>; RING_TICKS]>,
    newest: Entry,
}

impl Prediction {
    /// Begins with what the server says of `tick`.
    pub(super) fn new(tick: Tick, own: Own) -> Self {
        let newest = Entry {
            tick,
            input: Input::default(),
            own,
        };
        let mut prediction = Self {
            ring: Box::new([None; RING_TICKS]),
            newest,
        };
        prediction.keep(newest);
        prediction
    }

    /// The newest predicted state.
    pub(super) const fn own(&self) -> Own {
        self.newest.own
    }

    /// Applies the input for `tick`. Ticks left out since the last call repeat its input for as long as the server does.
    pub(super) fn predict(&mut self, tick: Tick, input: Input, map: &Map) {
        let held = self.newest;
        let gap_start = held.tick.0 + 1;
        for missed in gap_start.max(tick.0.saturating_sub(REPLAY_TICKS_MAX))..tick.0 {
            let repeats = missed - held.tick.0 <= REPEATED_TICKS_MAX;
            let repeated = if repeats {
                held.input.held()
            } else {
                Input::default()
            };
            self.advance(Tick(missed), repeated, map);
        }
        if tick > self.newest.tick {
            self.advance(tick, input, map);
        }
    }

    /// Takes in the server's state for `tick`; gives how far the newest place moved when that differed from what was predicted,
    /// units.
    pub(super) fn reconcile(&mut self, tick: Tick, own: Own, map: &Map) -> Option<f32> {
        let predicted = self.at(tick);
        if predicted.is_some_and(|predicted| predicted.own == own) {
            return None;
        }
        let before = self.newest.own.body.position();
        let inputs = self.inputs_after(tick);
        self.newest = Entry {
            tick,
            input: predicted.unwrap_or(self.newest).input,
            own,
        };
        self.keep(self.newest);
        for (tick, input) in inputs {
            self.advance(tick, input, map);
        }
        Some(before.distance(self.newest.own.body.position()))
    }

    fn advance(&mut self, tick: Tick, input: Input, map: &Map) {
        let own = self.newest.own.after(input, map);
        self.newest = Entry { tick, input, own };
        self.keep(self.newest);
    }

    fn keep(&mut self, entry: Entry) {
        self.ring[entry.tick.0 as usize % RING_TICKS] = Some(entry);
    }

    fn at(&self, tick: Tick) -> Option<Entry> {
        self.ring[tick.0 as usize % RING_TICKS].filter(|entry| entry.tick == tick)
    }

    /// The inputs for the ticks after `tick` up to the newest, at most as many as are replayed.
    fn inputs_after(&self, tick: Tick) -> Vec<(Tick, Input)> {
        let newest = self.newest.tick.0;
        let first = (tick.0 + 1).max((newest + 1).saturating_sub(REPLAY_TICKS_MAX));
        (first..=newest)
            .filter_map(|tick| self.at(Tick(tick)))
            .map(|entry| (entry.tick, entry.input))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map() -> Map {
        Map {
            name: "test".into(),
            width: 2000,
            height: 1500,
            walls: Vec::new(),
            ..Map::default()
        }
    }

    const START: Own = Own {
        body: Body {
            x: 32 * 500,
            y: 32 * 500,
            vx: 0,
            vy: 0,
        },
        alive: true,
        dash: Dash {
            cooldown_ticks: 0,
            ticks_left: 0,
        },
    };

    const RIGHT: Input = Input {
        move_x: 127,
        ..Input::NEUTRAL
    };

    /// What the server has after walking right for some ticks.
    fn walked(ticks: u32) -> Own {
        (0..ticks).fold(START, |own, _| own.after(RIGHT, &map()))
    }

    fn predicted(ticks: u32) -> Prediction {
        let mut prediction = Prediction::new(Tick(100), START);
        for tick in 1..=ticks {
            prediction.predict(Tick(100 + tick), RIGHT, &map());
        }
        prediction
    }

    #[test]
    fn what_the_server_confirms_is_no_correction() {
        let mut prediction = predicted(10);
        assert_eq!(prediction.own(), walked(10));
        for tick in [3, 6, 9] {
            assert_eq!(prediction.reconcile(Tick(100 + tick), walked(tick), &map()), None);
        }
    }

    #[test]
    fn another_state_is_taken_and_the_inputs_since_then_replayed() {
        let mut prediction = predicted(10);
        let pushed = Own {
            body: Body {
                y: START.body.y + 320,
                ..walked(4).body
            },
            ..START
        };
        assert_eq!(prediction.reconcile(Tick(104), pushed, &map()), Some(10.0));
        assert_eq!(prediction.own().body.x, walked(10).body.x);
        assert_eq!(prediction.reconcile(Tick(104), pushed, &map()), None);
    }

    #[test]
    fn a_dash_is_predicted_and_goes_on_after_a_correction() {
        let dash = Input { dash: true, ..RIGHT };
        let mut prediction = Prediction::new(Tick(100), START);
        prediction.predict(Tick(101), dash, &map());
        for tick in 102..=105 {
            prediction.predict(Tick(tick), RIGHT, &map());
        }
        let x = |own: Own| own.body.position().x;
        assert_eq!(x(prediction.own()), 575.0);
        let mut pushed = prediction.at(Tick(102)).unwrap().own;
        pushed.body.y += 32;
        assert_eq!(prediction.reconcile(Tick(102), pushed, &map()), Some(1.0));
        assert_eq!(x(prediction.own()), 575.0);
    }

    #[test]
    fn the_dead_stay_where_they_are_until_the_server_says_otherwise() {
        let dead = Own {
            alive: false,
            ..START
        };
        let mut prediction = Prediction::new(Tick(100), dead);
        prediction.predict(Tick(101), RIGHT, &map());
        assert_eq!(prediction.own(), dead);
        assert_eq!(prediction.reconcile(Tick(101), START, &map()), Some(0.0));
    }

    #[test]
    fn ticks_left_out_repeat_the_last_input_as_the_server_does() {
        let mut prediction = predicted(1);
        prediction.predict(Tick(111), RIGHT, &map());
        assert_eq!(prediction.own(), walked(11));
        let mut prediction = predicted(1);
        prediction.predict(Tick(150), Input::default(), &map());
        assert_eq!(prediction.own().body.vx, 0);
    }

    #[test]
    fn a_state_from_before_everything_known_is_taken_as_it_is() {
        let mut prediction = predicted(1);
        prediction.predict(Tick(5000), RIGHT, &map());
        assert!(prediction.reconcile(Tick(150), START, &map()).is_some());
    }
}
