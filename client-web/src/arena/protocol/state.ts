/**
 * What everybody may see of a player at one tick. Mirror of `shared/src/arena/state.rs`.
 *
 * ```text
 * 0     2     4     6     8     9        10      11      . and one byte further when there is armor
 * +-----+-----+-----+-----+-----+--------+-------+-------+-------+-------+--------+---------+
 * |  x  |  y  | vx  | vy  | aim | health | flags | armor | score | kills | deaths | assists |
 * +-----+-----+-----+-----+-----+--------+-------+-------+-------+-------+--------+---------+
 *   u16, 1/32 u i16, 1/16 u/s u8  u8       u8      u8      u16     u8      u8       u8
 * ```
 *
 * Flags: bit 0 alive, bit 1 shielded, bit 2 dashing, bit 3 armor, bit 4 overcharged, bit 5 in a team, bit 6 that of the
 * second. Without bit 3 there is no byte for armor.
 *
 * The difference to an earlier state:
 *
 * ```text
 * +------+----------+----------+-----+----------------------+-------------------------------+
 * | mask | velocity | position | aim | health, flags, armor | score, kills, deaths, assists |
 * +------+----------+----------+-----+----------------------+-------------------------------+
 *   u8     0 to 4     0 to 4     bit 4 bit 5                  bit 6
 *
 * bits 2-3 velocity: 0 as before   1 two differences of 12 bits   2 itself          3 none at all
 * bits 0-1 position: 0 as expected 1 off by two nibbles, x low    2 off by two i8   3 itself
 * ```
 *
 * The expected position is the one before, moved in each tick by the same whole number of steps: those of the mean velocity
 * of the ticks, if it changed evenly. So whoever runs straight on, rounded in each tick, is exactly there.
 */

import type { DeltaCodec } from "../../tickroom/protocol/chunk.ts";
import type { Reader } from "../../tickroom/protocol/reader.ts";
import { DecodeError, type RecordCodec } from "../../tickroom/protocol/record.ts";
import type { Team } from "./team.ts";

/** Health of a player who has just appeared. */
export const HEALTH_MAX = 100;

/** The moving part of a player, whole numbers on the grid of `sim/quantize.ts`. */
export interface Body {
  readonly x: number;
  readonly y: number;
  readonly vx: number;
  readonly vy: number;
}

/** A player as others see it. */
export interface PlayerState {
  /** Where it is and where it goes. While dead, where it died. */
  readonly body: Body;
  /** Where it looks, steps of 1/256 turn: the high byte of the input's aim. */
  readonly aim: number;
  /** 0 to `HEALTH_MAX`; 0 while dead. */
  readonly health: number;
  /** False from a death to the next spawn. */
  readonly alive: boolean;
  /** Nothing hurts; after a spawn, until the shield wears off or the player fires. */
  readonly shielded: boolean;
  /** Nothing hurts either: shots go through. */
  readonly dashing: boolean;
  /** What damage takes before health; 0 for most. */
  readonly armor: number;
  /** Its pulse fires twice as fast. */
  readonly overcharged: boolean;
  /** Where everybody fights for themselves, undefined. */
  readonly team: Team | undefined;
  /** Points, kills, deaths and assists of this round. */
  readonly score: number;
  readonly kills: number;
  readonly deaths: number;
  readonly assists: number;
}

/** Health, flags and armor, which are told together. */
type Condition = Pick<PlayerState, "health" | "alive" | "shielded" | "dashing" | "armor" | "overcharged" | "team">;

type Tally = Pick<PlayerState, "score" | "kills" | "deaths" | "assists">;

const ALIVE = 1;
const SHIELDED = 2;
const DASHING = 4;
const ARMOR = 8;
const OVERCHARGED = 16;
const TEAM = 32;
const ORANGE = 64;
const UNUSED = 128;

export const bodyRecord: RecordCodec<Body> = {
  encode(writer, body) {
    writer.u16(body.x);
    writer.u16(body.y);
    writer.i16(body.vx);
    writer.i16(body.vy);
  },
  decode(reader) {
    return { x: reader.u16(), y: reader.u16(), vx: reader.i16(), vy: reader.i16() };
  },
};

export const playerRecord: DeltaCodec<PlayerState> = {
  encode(writer, state) {
    bodyRecord.encode(writer, state.body);
    writer.u8(state.aim);
    writer.u8(state.health);
    writer.u8(flagsOf(state));
    if (state.armor > 0) {
      writer.u8(state.armor);
    }
    writer.u16(state.score);
    writer.u8(state.kills);
    writer.u8(state.deaths);
    writer.u8(state.assists);
  },
  decode(reader) {
    const body = bodyRecord.decode(reader);
    const aim = reader.u8();
    return { body, aim, ...readCondition(reader), ...readTally(reader) };
  },
  decodeDelta(reader, base, ticks) {
    const mask = reader.u8();
    if ((mask & MASK_RESERVED) !== 0) {
      throw new DecodeError("unknown", `player mask ${mask}`);
    }
    const velocity = readVelocity(reader, mask, base.body);
    const body = { ...readPosition(reader, mask, base.body, velocity, ticks), ...velocity };
    const aim = (mask & MASK_AIM) === 0 ? base.aim : reader.u8();
    const condition = (mask & MASK_CONDITION) === 0 ? {} : readCondition(reader);
    const tally = (mask & MASK_TALLY) === 0 ? {} : readTally(reader);
    return { ...base, body, aim, ...condition, ...tally };
  },
};

const MASK_AIM = 1 << 4;
const MASK_CONDITION = 1 << 5;
const MASK_TALLY = 1 << 6;
const MASK_RESERVED = 1 << 7;

const TICKS_PER_SECOND = 60;

function flagsOf({ alive, shielded, dashing, armor, overcharged, team }: Condition): number {
  const flag = (bit: number, set: boolean): number => (set ? bit : 0);
  return (
    flag(ALIVE, alive) |
    flag(SHIELDED, shielded) |
    flag(DASHING, dashing) |
    flag(ARMOR, armor > 0) |
    flag(OVERCHARGED, overcharged) |
    flag(TEAM, team !== undefined) |
    flag(ORANGE, team === "orange")
  );
}

function readCondition(reader: Reader): Condition {
  const health = reader.u8();
  const flags = reader.u8();
  if ((flags & UNUSED) !== 0 || (flags & (TEAM | ORANGE)) === ORANGE) {
    throw new DecodeError("unknown", `player flags ${flags}`);
  }
  const armor = (flags & ARMOR) === 0 ? 0 : reader.u8();
  if ((flags & ARMOR) !== 0 && armor === 0) {
    throw new DecodeError("unknown", "armor of nothing");
  }
  return {
    health,
    armor,
    alive: (flags & ALIVE) !== 0,
    shielded: (flags & SHIELDED) !== 0,
    dashing: (flags & DASHING) !== 0,
    overcharged: (flags & OVERCHARGED) !== 0,
    team: (flags & TEAM) === 0 ? undefined : (flags & ORANGE) === 0 ? "blue" : "orange",
  };
}

function readTally(reader: Reader): Tally {
  return { score: reader.u16(), kills: reader.u8(), deaths: reader.u8(), assists: reader.u8() };
}

function readVelocity(reader: Reader, mask: number, base: Body): Pick<Body, "vx" | "vy"> {
  switch ((mask >> 2) & 3) {
    case 0:
      return { vx: base.vx, vy: base.vy };
    case 1: {
      const packed = reader.u8() | (reader.u8() << 8) | (reader.u8() << 16);
      return { vx: asI16(base.vx + ((packed << 20) >> 20)), vy: asI16(base.vy + ((packed << 8) >> 20)) };
    }
    case 2:
      return { vx: reader.i16(), vy: reader.i16() };
    default:
      return { vx: 0, vy: 0 };
  }
}

function readPosition(
  reader: Reader,
  mask: number,
  base: Body,
  velocity: Pick<Body, "vx" | "vy">,
  ticks: number,
): Pick<Body, "x" | "y"> {
  const kind = mask & 3;
  if (kind === 3) {
    return { x: reader.u16(), y: reader.u16() };
  }
  let [offX, offY] = [0, 0];
  if (kind === 1) {
    const nibbles = reader.u8();
    [offX, offY] = [(nibbles << 28) >> 28, (nibbles << 24) >> 28];
  } else if (kind === 2) {
    [offX, offY] = [reader.i8(), reader.i8()];
  }
  return {
    x: asU16(base.x + movedSteps(base.vx, velocity.vx, ticks) + offX),
    y: asU16(base.y + movedSteps(base.vy, velocity.vy, ticks) + offY),
  };
}

/**
 * Steps of the position grid in so many ticks that began after one velocity and ended with another. Twice their mean times
 * `ticks` is `mean` here, and a velocity of 30 steps is one step of the position a tick.
 */
function movedSteps(before: number, after: number, ticks: number): number {
  const mean = before * (ticks - 1) + after * (ticks + 1);
  const half = (TICKS_PER_SECOND / 2) * ticks;
  return ticks * Math.floor((mean + half) / (TICKS_PER_SECOND * ticks));
}

function asU16(value: number): number {
  return value & 0xffff;
}

function asI16(value: number): number {
  return (value << 16) >> 16;
}

export function sameBody(a: Body, b: Body): boolean {
  return a.x === b.x && a.y === b.y && a.vx === b.vx && a.vy === b.vy;
}
