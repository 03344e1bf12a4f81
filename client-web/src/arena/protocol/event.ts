/**
 * What happened in the arena that is shown once. Mirror of `shared/src/arena/event.rs`.
 *
 * ```text
 * Spawned        1 | entity u16 | x u16 | y u16
 * Fired          2 | key u16 | owner u16 | x u16 | y u16 | vx i16 | vy i16
 * Ended          3 | key u16 | x u16 | y u16 | cause u8 (0 expired, 1 wall, 2 player)
 * Hit            4 | victim u16 | attacker u16 | damage u8 | weapon u8 (0 Pulse, 1 Rail)
 * Killed         5 | victim u16 | killer u16 | weapon u8
 * RailCharging   6 | owner u16
 * RailFired      7 | owner u16 | x u16 | y u16 | x u16 | y u16 | hit u16 (65535 nobody)
 * ```
 *
 * Projectiles are no entities of a snapshot: this client hears of the start, computes the flight with the same step, and
 * hears of the end. Positions are in steps of 1/32 unit, velocities in steps of 1/16 unit a second.
 */

import { ENTITY_NONE } from "../../tickroom/protocol/message.ts";
import type { Reader } from "../../tickroom/protocol/reader.ts";
import { DecodeError, type RecordCodec } from "../../tickroom/protocol/record.ts";
import { WEAPONS, type WeaponId } from "./weapon.ts";

/** Why a projectile is gone; the index is the number on the wire. */
const END_CAUSES = ["expired", "wall", "player"] as const;

export type EndCause = (typeof END_CAUSES)[number];

export type Event = Spawned | Fired | Ended | Hit | Killed | RailCharging | RailFired;

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
  readonly weapon: WeaponId;
}

/** Somebody died. */
export interface Killed {
  readonly kind: "killed";
  readonly victim: number;
  readonly killer: number;
  readonly weapon: WeaponId;
}

/**
 * A Rail was told to charge: its shot leaves `RAIL.chargeTicks` later, in the direction in which the owner looks then. The
 * owner may die before.
 */
export interface RailCharging {
  readonly kind: "rail charging";
  readonly owner: number;
}

/** A Rail's shot, there at once. */
export interface RailFired {
  readonly kind: "rail fired";
  readonly owner: number;
  readonly from: readonly [number, number];
  /** At a wall, at its range, or in whom it met, where the shooter saw that player. */
  readonly to: readonly [number, number];
  /** Whom it met, hurt or not. */
  readonly hit: number | undefined;
}

const SPAWNED = 1;
const FIRED = 2;
const ENDED = 3;
const HIT = 4;
const KILLED = 5;
const RAIL_CHARGING = 6;
const RAIL_FIRED = 7;

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
        writer.u8(WEAPONS.indexOf(event.weapon));
        break;
      case "killed":
        writer.u8(KILLED);
        [event.victim, event.killer].forEach((number) => writer.u16(number));
        writer.u8(WEAPONS.indexOf(event.weapon));
        break;
      case "rail charging":
        writer.u8(RAIL_CHARGING);
        writer.u16(event.owner);
        break;
      case "rail fired":
        writer.u8(RAIL_FIRED);
        [event.owner, ...event.from, ...event.to, event.hit ?? ENTITY_NONE].forEach((number) => writer.u16(number));
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
        return {
          kind: "hit",
          victim: reader.u16(),
          attacker: reader.u16(),
          damage: reader.u8(),
          weapon: decodeWeapon(reader),
        };
      case KILLED:
        return { kind: "killed", victim: reader.u16(), killer: reader.u16(), weapon: decodeWeapon(reader) };
      case RAIL_CHARGING:
        return { kind: "rail charging", owner: reader.u16() };
      case RAIL_FIRED:
        return {
          kind: "rail fired",
          owner: reader.u16(),
          from: [reader.u16(), reader.u16()],
          to: [reader.u16(), reader.u16()],
          hit: entityOrNone(reader.u16()),
        };
      default:
        throw new DecodeError("unknown", `event kind ${kind}`);
    }
  },
};

function decodeWeapon(reader: Reader): WeaponId {
  const number = reader.u8();
  const weapon = WEAPONS[number];
  if (weapon === undefined) {
    throw new DecodeError("unknown", `weapon ${number}`);
  }
  return weapon;
}

function entityOrNone(entity: number): number | undefined {
  return entity === ENTITY_NONE ? undefined : entity;
}
