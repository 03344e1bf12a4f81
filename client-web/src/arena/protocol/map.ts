/**
 * A map of the arena: its size, its walls and what lies on its floor, as they stand in `Joined.setup`. Mirror of `shared/src/arena/map.rs`
 * and of `decode_map` in `shared/src/codec.rs`.
 */

import { readBool, readLength, readText, readU16 } from "../../tickroom/protocol/bincode.ts";
import { PICKUPS_MAX, SETUP_BYTES_MAX, WALLS_MAX } from "../../tickroom/protocol/limits.ts";
import { Reader } from "../../tickroom/protocol/reader.ts";
import { DecodeError } from "../../tickroom/protocol/record.ts";
import { POSITION_MAX } from "../sim/quantize.ts";
import { PICKUP_KINDS, type Pickup } from "./pickup.ts";

/** An axis-aligned box, whole units. */
export interface Wall {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A rectangle that nobody leaves, and what stands in it. The order of the walls is part of the rules. */
export interface ArenaMap {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly walls: readonly Wall[];
  /** Their place in this list is their number. */
  readonly pickups: readonly Pickup[];
  /** Where the two teams appear; undefined on a map that has no sides. */
  readonly homes: readonly [Wall, Wall] | undefined;
}

/** Bytes of the shortest wall and of the shortest pickup: numbers of one byte. */
const WALL_BYTES_MIN = 4;
const PICKUP_BYTES_MIN = 3;

/** Reads a map; throws `DecodeError`, also for numbers out of bounds. */
export function decodeMap(bytes: Uint8Array): ArenaMap {
  if (bytes.byteLength > SETUP_BYTES_MAX) {
    throw new DecodeError("too many", `${bytes.byteLength} map bytes`);
  }
  const reader = new Reader(bytes);
  const map: ArenaMap = {
    name: readText(reader, "map name bytes", SETUP_BYTES_MAX),
    width: readU16(reader),
    height: readU16(reader),
    walls: readWalls(reader),
    pickups: readPickups(reader),
    homes: readHomes(reader),
  };
  reader.finish();
  if (!isValid(map)) {
    throw new DecodeError("malformed", "a wall or the map itself is out of bounds");
  }
  return map;
}

function readWalls(reader: Reader): Wall[] {
  const length = readLength(reader, "walls", WALLS_MAX, WALL_BYTES_MIN);
  const walls: Wall[] = [];
  for (let index = 0; index < length; index += 1) {
    walls.push(readWall(reader));
  }
  return walls;
}

function readWall(reader: Reader): Wall {
  return { x: readU16(reader), y: readU16(reader), width: readU16(reader), height: readU16(reader) };
}

function readPickups(reader: Reader): Pickup[] {
  const length = readLength(reader, "pickups", PICKUPS_MAX, PICKUP_BYTES_MIN);
  const pickups: Pickup[] = [];
  for (let index = 0; index < length; index += 1) {
    const number = readU16(reader);
    const kind = PICKUP_KINDS[number];
    if (kind === undefined) {
      throw new DecodeError("unknown", `pickup ${number}`);
    }
    pickups.push({ kind, x: readU16(reader), y: readU16(reader) });
  }
  return pickups;
}

function readHomes(reader: Reader): readonly [Wall, Wall] | undefined {
  return readBool(reader) ? [readWall(reader), readWall(reader)] : undefined;
}

function isValid(map: ArenaMap): boolean {
  return (
    map.width <= POSITION_MAX &&
    map.height <= POSITION_MAX &&
    map.walls.every((wall) => isInside(wall, map)) &&
    map.pickups.every(({ x, y }) => x <= map.width && y <= map.height) &&
    (map.homes?.every((home) => isInside(home, map)) ?? true)
  );
}

function isInside({ x, y, width, height }: Wall, map: ArenaMap): boolean {
  return width > 0 && height > 0 && x + width <= map.width && y + height <= map.height;
}
