/**
 * A map of the arena: its size and its walls, as they stand in `Joined.setup`. Mirror of `shared/src/arena/map.rs`
 * and of `decode_map` in `shared/src/codec.rs`.
 */

import { readLength, readText, readU16 } from "../../tickroom/protocol/bincode.ts";
import { SETUP_BYTES_MAX, WALLS_MAX } from "../../tickroom/protocol/limits.ts";
import { Reader } from "../../tickroom/protocol/reader.ts";
import { DecodeError } from "../../tickroom/protocol/record.ts";
import { POSITION_MAX } from "../sim/quantize.ts";

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
}

/** Bytes of the shortest wall: four numbers of one byte. */
const WALL_BYTES_MIN = 4;

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
    walls.push({ x: readU16(reader), y: readU16(reader), width: readU16(reader), height: readU16(reader) });
  }
  return walls;
}

function isValid(map: ArenaMap): boolean {
  return (
    map.width <= POSITION_MAX &&
    map.height <= POSITION_MAX &&
    map.walls.every(
      (wall) =>
        wall.width > 0 &&
        wall.height > 0 &&
        wall.x + wall.width <= map.width &&
        wall.y + wall.height <= map.height,
    )
  );
}
