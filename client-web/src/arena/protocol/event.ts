/**
 * What happened in the arena that is shown once. Mirror of `shared/src/arena/event.rs`.
 *
 * ```text
 * Spawned        1 | entity u16 | x u16 | y u16
 * Fired          2 | key u16 | owner u16 | x u16 | y u16 | vx i16 | vy i16
 * Ended          3 | key u16 | x u16 | y u16 | cause u8 (0 expired, 1 wall, 2 player)
 * Hit            4 | victim u16 | attacker u16 | damage u8 | weapon u8 (0 Pulse, 1 Rail)
 * Killed         5 | victim u16 | killer u16 | weapon u8 | streak u8 (bits 0 to 6), shutdown (bit 7)
 * RailCharging   6 | owner u16
 * RailFired      7 | owner u16 | x u16 | y u16 | x u16 | y u16 | hit u16 (65535 nobody)
 * PickedUp       8 | pickup u8 | by u16 | back u32 tick
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

export type Event = Spawned | Fired | Ended | Hit | Killed | RailCharging | RailFired | PickedUp;

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
  /** Kills of the killer in its present life, this one included; 0 when it does not count. */
  readonly streak: number;
  /** It ended a run of the victim that was worth more points. */
  readonly shutdown: boolean;
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

/** Somebody took what lay on the floor. It stands until it is back, so that whoever comes later knows. */
export interface PickedUp {
  readonly kind: "picked up";
  /** Its place in the list of the map. */
  readonly pickup: number;
  readonly by: number;
  /** From this tick on it lies there again, unless the round begins anew before. */
  readonly back: number;
}

const SHUTDOWN = 0x80;

const SPAWNED = 1;
const FIRED = 2;
const ENDED = 3;
const HIT = 4;
const KILLED = 5;
const RAIL_CHARGING = 6;
const RAIL_FIRED = 7;
const PICKED_UP = 8;

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
        writer.u8(event.streak | (event.shutdown ? SHUTDOWN : 0));
        break;
      case "rail charging":
        writer.u8(RAIL_CHARGING);
        writer.u16(event.owner);
        break;
      case "rail fired":
        writer.u8(RAIL_FIRED);
        [event.owner, ...event.from, ...event.to, event.hit ?? ENTITY_NONE].forEach((number) => writer.u16(number));
        break;
      case "picked up":
        writer.u8(PICKED_UP);
        writer.u8(event.pickup);
        writer.u16(event.by);
        writer.u32(event.back);
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
        return decodeKilled(reader);
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
      case PICKED_UP:
        return { kind: "picked up", pickup: reader.u8(), by: reader.u16(), back: reader.u32() };
      default:
        throw new DecodeError("unknown", `event kind ${kind}`);
    }
  },
};

function decodeKilled(reader: Reader): Killed {
  const [victim, killer] = [reader.u16(), reader.u16()];
  const weapon = decodeWeapon(reader);
  const run = reader.u8();
  return { kind: "killed", victim, killer, weapon, streak: run & ~SHUTDOWN, shutdown: (run & SHUTDOWN) !== 0 };
}

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
