/**
 * What everybody may see of a player at one tick. Mirror of `shared/src/arena/state.rs`.
 *
 * ```text
 * 0     1     2     3     4     5     6     7     8     9        10      11      13      14       15
 * +-----+-----+-----+-----+-----+-----+-----+-----+-----+--------+-------+-------+-------+--------+
 * |     x     |     y     |    vx     |    vy     | aim | health | flags | score | kills | deaths |
 * +-----+-----+-----+-----+-----+-----+-----+-----+-----+--------+-------+-------+-------+--------+
 *   u16, 1/32 u             i16, 1/16 u/s           u8    u8       u8      u16     u8      u8
 * ```
 *
 * Flags: bit 0 alive, bit 1 shielded.
 */

import { DecodeError, type RecordCodec } from "../../tickroom/protocol/record.ts";

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
  /** Points, kills and deaths of this round. */
  readonly score: number;
  readonly kills: number;
  readonly deaths: number;
}

const ALIVE = 1;
const SHIELDED = 2;

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

export const playerRecord: RecordCodec<PlayerState> = {
  encode(writer, state) {
    bodyRecord.encode(writer, state.body);
    writer.u8(state.aim);
    writer.u8(state.health);
    writer.u8((state.alive ? ALIVE : 0) | (state.shielded ? SHIELDED : 0));
    writer.u16(state.score);
    writer.u8(state.kills);
    writer.u8(state.deaths);
  },
  decode(reader) {
    const body = bodyRecord.decode(reader);
    const aim = reader.u8();
    const health = reader.u8();
    const flags = reader.u8();
    if ((flags & ~(ALIVE | SHIELDED)) !== 0) {
      throw new DecodeError("unknown", `player flags ${flags}`);
    }
    return {
      body,
      aim,
      health,
      alive: (flags & ALIVE) !== 0,
      shielded: (flags & SHIELDED) !== 0,
      score: reader.u16(),
      kills: reader.u8(),
      deaths: reader.u8(),
    };
  },
};

export function sameBody(a: Body, b: Body): boolean {
  return a.x === b.x && a.y === b.y && a.vx === b.vx && a.vy === b.vy;
}
