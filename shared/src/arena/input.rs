//! What a player of the arena wants to do in one tick.
//!
//! ```text
//! 0         1        2        3       5
//! +---------+--------+--------+-------+
//! | buttons | move_x | move_y |  aim  |
//! +---------+--------+--------+-------+
//!   u8          i8 each: -127 full      u16: 65536 steps a turn, 0 right, 16384 down
//!               left/up … 127 full right/down
//! buttons: bit 0 fire, bit 1 rail, bit 2 dash
//! ```
//!
//! Other bits of `buttons` are refused, so that they can get a meaning later.

use crate::input::TickInput;
use crate::record::{DecodeError, Reader, Record};

/// Wish of one tick. The default is neutral.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Input {
    /// The trigger is held.
    pub fire: bool,
    /// The rail is told to charge: an action, set in the tick in which the button goes down and in no other.
    pub rail: bool,
    /// A dash begins: an action as well. It goes where the player walks, or looks when it stands.
    pub dash: bool,
    /// Right is positive. −128 counts as a little more than −127 and is shortened by the step like any wish longer
    /// than 1.
    pub move_x: i8,
    /// Down is positive, as on the screen.
    pub move_y: i8,
    /// Where the player looks and shoots: steps of 1/65536 turn, 0 right, 16384 down.
    pub aim: u16,
}

impl Input {
    /// No wish; the same as the default.
    pub const NEUTRAL: Self = Self {
        fire: false,
        rail: false,
        dash: false,
        move_x: 0,
        move_y: 0,
        aim: 0,
    };
}

const FIRE: u8 = 1;
const RAIL: u8 = 2;
const DASH: u8 = 4;

impl Record for Input {
    fn encode(&self, out: &mut Vec<u8>) {
        let fire = if self.fire { FIRE } else { 0 };
        let rail = if self.rail { RAIL } else { 0 };
        let dash = if self.dash { DASH } else { 0 };
        out.push(fire | rail | dash);
        out.push(self.move_x as u8);
        out.push(self.move_y as u8);
        out.extend_from_slice(&self.aim.to_le_bytes());
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let buttons = reader.u8()?;
        if buttons & !(FIRE | RAIL | DASH) != 0 {
            return Err(DecodeError::Unknown {
                what: "buttons",
                found: buttons.into(),
            });
        }
        Ok(Self {
            fire: buttons & FIRE != 0,
            rail: buttons & RAIL != 0,
            dash: buttons & DASH != 0,
            move_x: reader.i8()?,
            move_y: reader.i8()?,
            aim: reader.u16()?,
        })
    }
}

impl TickInput for Input {
    fn held(self) -> Self {
        Self {
            rail: false,
            dash: false,
            ..self
        }
    }

    fn actions(self) -> Option<Self> {
        let Self { fire, rail, dash, .. } = self;
        (fire || rail || dash).then_some(self)
    }

    /// A late shot goes where it was aimed, a late dash where it was to go. The rail is aimed when it leaves, so pressing it
    /// late says nothing of the aim.
    fn with_actions(self, late: Self) -> Self {
        let dashes_late = late.dash && !self.dash;
        let fires_late = late.fire && !self.fire;
        let way = if dashes_late { late } else { self };
        let look = if dashes_late || fires_late { late } else { self };
        Self {
            fire: self.fire || late.fire,
            rail: self.rail || late.rail,
            dash: self.dash || late.dash,
            move_x: way.move_x,
            move_y: way.move_y,
            aim: look.aim,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WALK: Input = Input {
        move_x: 100,
        move_y: -5,
        aim: 7,
        ..Input::NEUTRAL
    };

    const LATE: Input = Input {
        move_x: 0,
        move_y: 9,
        aim: 70,
        ..WALK
    };

    #[test]
    fn a_repeated_input_presses_nothing() {
        let all = Input {
            fire: true,
            rail: true,
            dash: true,
            ..WALK
        };
        assert_eq!(all.held(), Input { fire: true, ..WALK });
        assert_eq!(all.held().held(), all.held());
    }

    #[test]
    fn neutral_is_the_default() {
        assert_eq!(Input::default(), Input::NEUTRAL);
    }

    #[test]
    fn walking_is_no_action() {
        assert_eq!(WALK.actions(), None);
        for (fire, rail, dash) in [(true, false, false), (false, true, false), (false, false, true)] {
            let input = Input {
                fire,
                rail,
                dash,
                ..WALK
            };
            assert_eq!(input.actions(), Some(input));
        }
    }

    fn check(now: Input, late: Input, expected: Input) {
        assert_eq!(now.with_actions(late), expected, "{now:?} {late:?}");
    }

    #[test]
    fn a_late_action_brings_its_direction_and_no_more() {
        let (fire, rail, dash) = (true, true, true);
        check(WALK, Input { rail, ..LATE }, Input { rail, ..WALK });
        check(
            WALK,
            Input { fire, ..LATE },
            Input {
                fire,
                aim: 70,
                ..WALK
            },
        );
        check(WALK, Input { dash, ..LATE }, Input { dash, ..LATE });
        check(
            Input { fire, ..WALK },
            Input { fire, rail, ..LATE },
            Input { fire, rail, ..WALK },
        );
        check(
            Input { dash, ..WALK },
            Input { dash, ..LATE },
            Input { dash, ..WALK },
        );
    }
}
