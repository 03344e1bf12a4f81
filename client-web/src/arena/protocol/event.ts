/**
 * What happened in the arena that is shown once. Mirror of `shared/src/arena/event.rs`.
 *
 * ```text
 * Spawned   1 | entity u16 | x u16 | y u16
 * Fired     2 | key u16 | owner u16 | x u16 | y u16 | vx i16 | vy i16
 * Ended     3 | key u16 | x u16 | y u16 | cause u8 (0 expired, 1 wall, 2 player)
 * Hit       4 | victim u16 | attacker u16 | damage u8
 * Killed    5 | victim u16 | killer u16
 * ```
 *
 * Projectiles are no entities of a snapshot: this client hears of the start, computes the flight with the same step, and
 * hears of the end. Positions are in steps of 1/32 unit, velocities in steps of 1/16 unit a second.
 */

import { DecodeError, type RecordCodec } from "../../tickroom/protocol/record.ts";

/** Why a projectile is gone; the index is the number on the wire. */
const END_CAUSES = ["expired", "wall", "player"] as const;

export type EndCause = (typeof END_CAUSES)[number];

export type Event = Spawned | Fired | Ended | Hit | Killed;

/** A player appeared. */
export interface Spawned {
  readonly kind: "spawned";
  readonly entity: number;
  readonly x: number;
  readonly y: number;
}

/** A projectile left a weapon, with all its bounces left. */
export interface Fired {
  readonly kind: "fired";
  /** Names the projectile; reused when the number has gone round, long after its end. */
  readonly key: number;
  readonly owner: number;
  readonly x: number;
  readonly y: number;
  readonly vx: number;
  readonly vy: number;
}

/** A projectile is gone. */
export interface Ended {
  readonly kind: "ended";
  readonly key: number;
  readonly x: number;
  readonly y: number;
  readonly cause: EndCause;
}

/** Somebody lost health. */
export interface Hit {
  readonly kind: "hit";
  readonly victim: number;
  readonly attacker: number;
  readonly damage: number;
}

/** Somebody died. */
export interface Killed {
  readonly kind: "killed";
  readonly victim: number;
  readonly killer: number;
}

const SPAWNED = 1;
const FIRED = 2;
const ENDED = 3;
const HIT = 4;
const KILLED = 5;

export const eventRecord: RecordCodec<Event> = {
  encode(writer, event) {
    switch (event.kind) {
      case "spawned":
        writer.u8(SPAWNED);
        [event.entity, event.x, event.y].forEach((number) => writer.u16(number));
        break;
      case "fired":
        writer.u8(FIRED);
        [event.key, event.owner, event.x, event.y].forEach((number) => writer.u16(number));
        writer.i16(event.vx);
        writer.i16(event.vy);
        break;
      case "ended":
        writer.u8(ENDED);
        [event.key, event.x, event.y].forEach((number) => writer.u16(number));
        writer.u8(END_CAUSES.indexOf(event.cause));
        break;
      case "hit":
        writer.u8(HIT);
        [event.victim, event.attacker].forEach((number) => writer.u16(number));
        writer.u8(event.damage);
        break;
      case "killed":
        writer.u8(KILLED);
        [event.victim, event.killer].forEach((number) => writer.u16(number));
        break;
    }
  },
  decode(reader) {
    const kind = reader.u8();
    switch (kind) {
      case SPAWNED:
        return { kind: "spawned", entity: reader.u16(), x: reader.u16(), y: reader.u16() };
      case FIRED:
        return {
          kind: "fired",
          key: reader.u16(),
          owner: reader.u16(),
          x: reader.u16(),
          y: reader.u16(),
          vx: reader.i16(),
          vy: reader.i16(),
        };
      case ENDED: {
        const ended = { key: reader.u16(), x: reader.u16(), y: reader.u16() };
        const number = reader.u8();
        const cause = END_CAUSES[number];
        if (cause === undefined) {
          throw new DecodeError("unknown", `end cause ${number}`);
        }
        return { kind: "ended", ...ended, cause };
      }
      case HIT:
        return { kind: "hit", victim: reader.u16(), attacker: reader.u16(), damage: reader.u8() };
      case KILLED:
        return { kind: "killed", victim: reader.u16(), killer: reader.u16() };
      default:
        throw new DecodeError("unknown", `event kind ${kind}`);
    }
  },
};
