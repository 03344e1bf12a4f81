import { expect, test } from "vitest";

import { Reader } from "../src/tickroom/protocol/reader.ts";
import { Writer } from "../src/tickroom/protocol/writer.ts";

test("what is written is read back, also across the growing of the buffer", () => {
  for (let before = 0; before < 70; before += 1) {
    const writer = new Writer();
    for (let index = 0; index < before; index += 1) {
      writer.u8(index);
    }
    writer.u8(200);
    writer.i8(-2);
    writer.u16(60_000);
    writer.i16(-30_000);
    writer.u32(4_000_000_000);
    writer.append(Uint8Array.from({ length: 300 }, (_, index) => index));
    const reader = new Reader(writer.finish());
    expect([...reader.take(before)]).toEqual(Array.from({ length: before }, (_, index) => index));
    expect([reader.u8(), reader.i8(), reader.u16(), reader.i16(), reader.u32()]).toEqual([
      200, -2, 60_000, -30_000, 4_000_000_000,
    ]);
    expect([...reader.take(300)].at(-1)).toBe(299 & 0xff);
    reader.finish();
  }
});
