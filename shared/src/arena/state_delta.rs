//! A player's state as the difference to an earlier one.
//!
//! ```text
//! +------+----------+----------+-----+----------------------+-------------------------------+
//! | mask | velocity | position | aim | health, flags, armor | score, kills, deaths, assists |
//! +------+----------+----------+-----+----------------------+-------------------------------+
//!   u8     bits 2-3   bits 0-1   bit 4 bit 5                  bit 6                             bit 7 is 0
//!
//! position: 0 as predicted, 1 two i4 in one byte (x low), 2 two i8, 3 the two u16 themselves; 1 and 2 count from there
//! velocity: 0 as before, 1 two i12 in three bytes that count from it (x low), 2 the two i16 themselves, 3 none
//! ```
//!
//! The prediction is exact for a player who runs straight on, as the movement does the same in each tick: it goes by a
//! thirtieth of the velocity (1/16 u/s in 1/60 s is 1/30 of 1/32 u) and rounds that to the grid. While the velocity changes
//! it takes the mean of those that the ticks had, if they grew evenly from the old one, without it, to the new one, with it:
//!
//! ```text
//! mean × 2 × ticks = v_before × (ticks − 1) + v × (ticks + 1)
//! x = x_before + ticks × floor(mean ÷ 30 + ½), wrapping at the ends of u16
//!   = x_before + ticks × floor((v_before × (ticks − 1) + v × (ticks + 1) + 30 × ticks) ÷ (60 × ticks))
//! ```

use super::state::{Body, PlayerState};
use crate::chunk::DeltaRecord;
use crate::quantize::{POSITION_STEPS_PER_UNIT, VELOCITY_STEPS_PER_UNIT};
use crate::record::{DecodeError, Reader};
use crate::tick::TICK_HZ;

const POSITION_PREDICTED: u8 = 0;
const POSITION_I4: u8 = 1;
const POSITION_I8: u8 = 2;
const POSITION_ITSELF: u8 = 3;
const POSITION_MASK: u8 = 3;

const VELOCITY_SAME: u8 = 0;
const VELOCITY_I12: u8 = 1 << 2;
const VELOCITY_ITSELF: u8 = 2 << 2;
const VELOCITY_NONE: u8 = 3 << 2;
const VELOCITY_MASK: u8 = 3 << 2;

const AIM: u8 = 1 << 4;
const CONDITION: u8 = 1 << 5;
const TALLY: u8 = 1 << 6;
const UNUSED: u8 = 1 << 7;

// What makes the prediction as short as it is.
const _: () = assert!(POSITION_STEPS_PER_UNIT == 2.0 * VELOCITY_STEPS_PER_UNIT);

impl DeltaRecord for PlayerState {
    fn encode_delta(&self, base: &Self, ticks: u32, out: &mut Vec<u8>) {
        let mask_at = out.len();
        out.push(0);
        let mut mask = encode_velocity(&self.body, &base.body, out);
        mask |= encode_position(&self.body, &base.body, ticks, out);
        if self.aim != base.aim {
            mask |= AIM;
            out.push(self.aim);
        }
        if (self.health, self.flags(), self.armor) != (base.health, base.flags(), base.armor) {
            mask |= CONDITION;
            self.encode_condition(out);
        }
        if self.tally() != base.tally() {
            mask |= TALLY;
            self.encode_tally(out);
        }
        out[mask_at] = mask;
    }

    fn decode_delta(reader: &mut Reader<'_>, base: &Self, ticks: u32) -> Result<Self, DecodeError> {
        let mask = reader.u8()?;
        if mask & UNUSED != 0 {
            return Err(DecodeError::Unknown {
                what: "player mask",
                found: mask.into(),
            });
        }
        let mut state = *base;
        (state.body.vx, state.body.vy) = decode_velocity(mask, &base.body, reader)?;
        (state.body.x, state.body.y) = decode_position(mask, &base.body, &state.body, ticks, reader)?;
        if mask & AIM != 0 {
            state.aim = reader.u8()?;
        }
        if mask & CONDITION != 0 {
            state.decode_condition(reader)?;
        }
        if mask & TALLY != 0 {
            state.decode_tally(reader)?;
        }
        Ok(state)
    }
}

/// Appends the shortest form and gives its bits of the mask.
#[inline]
fn encode_velocity(body: &Body, base: &Body, out: &mut Vec<u8>) -> u8 {
    if (body.vx, body.vy) == (base.vx, base.vy) {
        return VELOCITY_SAME;
    }
    if (body.vx, body.vy) == (0, 0) {
        return VELOCITY_NONE;
    }
    let (x, y) = (body.vx.wrapping_sub(base.vx), body.vy.wrapping_sub(base.vy));
    if is_i12(x) && is_i12(y) {
        let (x, y) = (x as u16, y as u16);
        out.extend_from_slice(&[x as u8, (x >> 8 & 0xf) as u8 | (y << 4) as u8, (y >> 4) as u8]);
        return VELOCITY_I12;
    }
    out.extend_from_slice(&body.vx.to_le_bytes());
    out.extend_from_slice(&body.vy.to_le_bytes());
    VELOCITY_ITSELF
}

fn decode_velocity(mask: u8, base: &Body, reader: &mut Reader<'_>) -> Result<(i16, i16), DecodeError> {
    match mask & VELOCITY_MASK {
        VELOCITY_SAME => Ok((base.vx, base.vy)),
        VELOCITY_NONE => Ok((0, 0)),
        VELOCITY_I12 => {
            let (low, middle, high) = (reader.u8()?, reader.u8()?, reader.u8()?);
            // Shifted up to the sign bit and back, which extends the sign.
            let x = (u16::from(low) << 4 | u16::from(middle) << 12) as i16 >> 4;
            let y = (u16::from(middle & 0xf0) | u16::from(high) << 8) as i16 >> 4;
            Ok((base.vx.wrapping_add(x), base.vy.wrapping_add(y)))
        }
        _ => Ok((reader.i16()?, reader.i16()?)),
    }
}

const fn is_i12(number: i16) -> bool {
    number >= -2048 && number <= 2047
}

/// Appends the shortest form and gives its bits of the mask.
#[inline]
fn encode_position(body: &Body, base: &Body, ticks: u32, out: &mut Vec<u8>) -> u8 {
    let (x, y) = predicted(base, body, ticks);
    let (x, y) = (body.x.wrapping_sub(x) as i16, body.y.wrapping_sub(y) as i16);
    if (x, y) == (0, 0) {
        return POSITION_PREDICTED;
    }
    if (-8..8).contains(&x) && (-8..8).contains(&y) {
        out.push((x as u8 & 0xf) | (y as u8) << 4);
        return POSITION_I4;
    }
    if let (Ok(x), Ok(y)) = (i8::try_from(x), i8::try_from(y)) {
        out.extend_from_slice(&[x as u8, y as u8]);
        return POSITION_I8;
    }
    out.extend_from_slice(&body.x.to_le_bytes());
    out.extend_from_slice(&body.y.to_le_bytes());
    POSITION_ITSELF
}

/// `body` has its velocity already.
fn decode_position(
    mask: u8,
    base: &Body,
    body: &Body,
    ticks: u32,
    reader: &mut Reader<'_>,
) -> Result<(u16, u16), DecodeError> {
    let (x, y) = predicted(base, body, ticks);
    let (by_x, by_y) = match mask & POSITION_MASK {
        POSITION_ITSELF => return Ok((reader.u16()?, reader.u16()?)),
        POSITION_I8 => (reader.i8()?, reader.i8()?),
        POSITION_I4 => {
            let byte = reader.u8()?;
            ((byte << 4) as i8 >> 4, byte as i8 >> 4)
        }
        _ => (0, 0),
    };
    Ok((
        x.wrapping_add_signed(by_x.into()),
        y.wrapping_add_signed(by_y.into()),
    ))
}

/// Where somebody at `base` is `ticks` ticks later, with the velocity of `body` by then.
fn predicted(base: &Body, body: &Body, ticks: u32) -> (u16, u16) {
    let ticks = i64::from(ticks.max(1));
    let way = |before: i16, after: i16| {
        let mean = i64::from(before) * (ticks - 1) + i64::from(after) * (ticks + 1);
        // Half a step, so that the division rounds.
        let half = i64::from(TICK_HZ / 2) * ticks;
        (ticks * (mean + half).div_euclid(i64::from(TICK_HZ) * ticks)) as u16
    };
    (
        base.x.wrapping_add(way(base.vx, body.vx)),
        base.y.wrapping_add(way(base.vy, body.vy)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arena::team::Team;

    fn state(x: u16, y: u16, vx: i16, vy: i16) -> PlayerState {
        PlayerState {
            body: Body { x, y, vx, vy },
            aim: 7,
            health: 100,
            alive: true,
            ..PlayerState::default()
        }
    }

    /// The bytes of the difference, which must give the state again.
    fn check(base: &PlayerState, now: &PlayerState, ticks: u32, bytes: &[u8]) {
        let mut out = Vec::new();
        now.encode_delta(base, ticks, &mut out);
        assert_eq!(out, bytes, "{base:?} {now:?}");
        let mut reader = Reader::new(&out);
        assert_eq!(PlayerState::decode_delta(&mut reader, base, ticks), Ok(*now));
        assert_eq!(reader.finish(), Ok(()));
    }

    #[test]
    fn whoever_runs_straight_on_costs_one_byte() {
        // 320 u/s to the right and 160 up: 170 2/3 and -85 1/3 steps in each tick, rounded in each tick.
        let running = state(1000, 2000, 5120, -2560);
        check(&running, &state(1513, 1745, 5120, -2560), 3, &[0]);
        check(&running, &state(1513, 1746, 5120, -2560), 3, &[0x01, 0x10]);
        check(&running, &state(1171, 1915, 5120, -2560), 1, &[0]);
        check(&running, &state(1000 + 200 * 171, 50_536, 5120, -2560), 200, &[0]);
        // Half a step is rounded up, whichever the direction.
        check(&state(0, 9, 15, -15), &state(3, 9, 15, -15), 3, &[0]);
        check(
            &state(65_535, 0, 1280, -16),
            &state(128, 65_533, 1280, -16),
            3,
            &[0],
        );
    }

    #[test]
    fn whoever_speeds_up_or_turns_is_where_an_even_change_leads_to() {
        // 40 u/s more in each tick: 21, 43 and 64 steps, where three times the mean of the velocities is 129.
        check(
            &state(0, 0, 0, 0),
            &state(128, 0, 1920, 0),
            3,
            &[VELOCITY_I12 | POSITION_I4, 0x80, 0x07, 0, 0x0f],
        );
        check(
            &state(9000, 0, 600, 0),
            &state(9010, 0, 0, 0),
            2,
            &[VELOCITY_NONE],
        );
    }

    #[test]
    fn each_form_is_used_as_far_as_it_reaches() {
        let base = state(1000, 1000, 0, 0);
        check(&base, &state(1007, 992, 0, 0), 3, &[0x01, 0x87]);
        check(&base, &state(992, 1007, 0, 0), 3, &[0x01, 0x78]);
        check(&base, &state(1008, 1000, 0, 0), 3, &[0x02, 8, 0]);
        check(&base, &state(1127, 872, 0, 0), 3, &[0x02, 127, 128]);
        check(&base, &state(1128, 1000, 0, 0), 3, &[0x03, 104, 4, 232, 3]);
        // 2047 are 68.2 steps a tick when they came at once.
        let far = state(1068, 932, 2047, -2048);
        check(&base, &far, 1, &[VELOCITY_I12, 0xff, 0x07, 0x80]);
        check(
            &base,
            &state(1068, 1000, 2048, 1),
            1,
            &[VELOCITY_ITSELF, 0, 8, 1, 0],
        );
        let fast = state(1000, 1000, i16::MAX, i16::MIN);
        check(
            &fast,
            &state(0, 0, i16::MIN, i16::MAX),
            255,
            &[VELOCITY_I12 | POSITION_ITSELF, 1, 0xf0, 0xff, 0, 0, 0, 0],
        );
    }

    #[test]
    fn what_changed_follows_in_its_order() {
        let base = state(5, 6, 0, 0);
        let hit = PlayerState {
            aim: 8,
            health: 86,
            ..base
        };
        check(&base, &hit, 3, &[0x30, 8, 86, 1]);
        let dead = PlayerState {
            alive: false,
            health: 0,
            score: 258,
            deaths: 3,
            ..base
        };
        check(&base, &dead, 200, &[0x60, 0, 0, 2, 1, 0, 3, 0]);
        let armored = PlayerState {
            armor: 50,
            overcharged: true,
            ..base
        };
        check(&base, &armored, 3, &[0x20, 100, 25, 50]);
        check(
            &armored,
            &PlayerState { armor: 36, ..armored },
            3,
            &[0x20, 100, 25, 36],
        );
        check(&armored, &base, 3, &[0x20, 100, 1]);
        let orange = PlayerState {
            team: Some(Team::Orange),
            ..base
        };
        check(&base, &orange, 3, &[0x20, 100, 97]);
    }

    #[test]
    fn bits_without_a_meaning_are_refused() {
        let base = state(5, 6, 0, 0);
        let decode = |bytes: &[u8]| PlayerState::decode_delta(&mut Reader::new(bytes), &base, 3);
        assert!(decode(&[0x80]).is_err() && decode(&[0x20, 1, 128]).is_err());
        assert!(decode(&[0x20, 1, 9, 0]).is_err() && decode(&[0x20, 1, 64]).is_err());
        for cut in [
            [0x01].as_slice(),
            &[0x02, 1],
            &[0x03, 1, 2, 3],
            &[0x04, 1, 2],
            &[0x40, 1, 2, 3],
        ] {
            assert_eq!(decode(cut), Err(DecodeError::TooShort), "{cut:?}");
        }
    }
}
