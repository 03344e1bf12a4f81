/** Reads an `input` event, as a server does; see `tickroom/protocol/input.ts`. */

import { arena } from "../src/arena/game.ts";
import type { Input } from "../src/arena/protocol/input.ts";
import type { InputPacket } from "../src/tickroom/protocol/input.ts";
import { Reader } from "../src/tickroom/protocol/reader.ts";

export function readPacket(bytes: Uint8Array | undefined): InputPacket<Input> {
  const reader = new Reader(bytes ?? new Uint8Array());
  const acked = reader.u32();
  const newest = reader.u32();
  const meta = reader.u8();
  const viewAge = reader.u8();
  const inputs = Array.from({ length: meta & 31 }, () => arena.input.decode(reader));
  reader.finish();
  return { acked, newest, inputs, viewAge, hidden: (meta & 128) !== 0, resync: (meta & 64) !== 0 };
}
