/**
 * The grid of the wire: positions at 1/32 unit in a `u16`, velocities at 1/16 unit a second in an `i16`. Mirror of
 * `shared/src/quantize.rs`, bit for bit: `Math.fround` after every operation makes it 32-bit arithmetic.
 */

const { floor, fround } = Math;

const U16_MAX = 0xffff;
const I16_MIN = -0x8000;
const I16_MAX = 0x7fff;

export const POSITION_STEPS_PER_UNIT = 32;
export const VELOCITY_STEPS_PER_UNIT = 16;

/** Largest coordinate, units: a map ends below it. */
export const POSITION_MAX = U16_MAX / POSITION_STEPS_PER_UNIT;

/** The nearest grid step to a coordinate in units, halves upwards, held at the ends of `u16`. */
export function positionToGrid(units: number): number {
  const step = floor(fround(fround(units * POSITION_STEPS_PER_UNIT) + 0.5));
  if (step >= U16_MAX) {
    return U16_MAX;
  }
  return step > 0 ? step : 0;
}

/** The coordinate of a grid step, in units; exact. */
export function positionFromGrid(step: number): number {
  return step / POSITION_STEPS_PER_UNIT;
}

/** The nearest grid step to a velocity in units a second, halves upwards, held at the ends of `i16`. */
export function velocityToGrid(unitsPerS: number): number {
  const step = floor(fround(fround(unitsPerS * VELOCITY_STEPS_PER_UNIT) + 0.5));
  if (step >= I16_MAX) {
    return I16_MAX;
  }
  // Adding 0 turns a negative zero into the one zero that integers have.
  return step > I16_MIN ? step + 0 : I16_MIN;
}

/** The velocity of a grid step, in units a second; exact. */
export function velocityFromGrid(step: number): number {
  return step / VELOCITY_STEPS_PER_UNIT;
}
