import { expect, test } from "vitest";

import { arena } from "../src/arena/game.ts";
import { decodeMap } from "../src/arena/protocol/map.ts";
import { decodeScores } from "../src/arena/protocol/scores.ts";
import { decodeLobbyReply, decodeServer } from "../src/tickroom/protocol/codec.ts";
import { decodePresences } from "../src/tickroom/protocol/presence.ts";
import { decoded, DecodeError } from "../src/tickroom/protocol/record.ts";
import { Replica } from "../src/tickroom/protocol/replica.ts";
import { fromHex, golden } from "./golden.ts";
import { Xorshift32 } from "./random.ts";

const DECODERS: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  lobby_reply: decodeLobbyReply,
  server_message: decodeServer,
  map: decodeMap,
  scores: decodeScores,
  presences: decodePresences,
  snapshot: (bytes) => new Replica(arena).take(bytes),
};

const GOOD = golden<{ kind: string; bytes: string }>("codec.json").rows;

/** `decoded` lets everything but a `DecodeError` through, and that would fail the test. */
function check(bytes: Uint8Array): number {
  return Object.values(DECODERS).filter((decode) => decoded(() => decode(bytes)) instanceof DecodeError).length;
}

test("random bytes give a DecodeError or a value and nothing else", () => {
  const random = new Xorshift32(20_261_120);
  let refused = 0;
  for (let round = 0; round < 8000; round += 1) {
    const bytes = Uint8Array.from({ length: random.below(80) }, () => random.next() & 0xff);
    refused += check(bytes);
  }
  expect(refused).toBeGreaterThan(16_000);
});

test("good bytes with some of them changed, cut off or repeated give a DecodeError or a value", () => {
  const random = new Xorshift32(7);
  for (const row of GOOD) {
    const good = fromHex(row.bytes);
    for (let round = 0; round < 150; round += 1) {
      const bytes = round % 3 === 0 ? good.slice(0, random.below(good.length + 1)) : good.slice();
      for (let change = random.below(4); change > 0 && bytes.length > 0; change -= 1) {
        bytes[random.below(bytes.length)] = random.next() & 0xff;
      }
      check(round % 5 === 0 ? Uint8Array.from([...bytes, ...bytes]) : bytes);
    }
  }
});

test("a claimed length is refused before anything is made of it", () => {
  const claims = ["00fc70110100000000003c03fcffffffff", "03000000fcffffff7f", "0000fd00000000ffffffff"];
  for (const claim of claims) {
    expect(() => decodeServer(fromHex(claim)), claim).toThrow(DecodeError);
  }
  for (const claim of ["00fcffffffff", "00fb0101", "01fcffffff7f"]) {
    expect(() => decodeLobbyReply(fromHex(claim)), claim).toThrow(DecodeError);
  }
  expect(() => decodeMap(fromHex("fcffffffff"))).toThrow(DecodeError);
  expect(() => decodeServer(new Uint8Array(40_000))).toThrow(DecodeError);
});

test("a map whose walls stick out is refused", () => {
  // Name "", 100 × 100, one wall of 10 × 10 at (95, 0).
  expect(() => decodeMap(Uint8Array.from([0, 100, 100, 1, 95, 0, 10, 10, 0, 0]))).toThrow(DecodeError);
  expect(decodeMap(Uint8Array.from([0, 100, 100, 1, 90, 0, 10, 10, 0, 0])).walls).toHaveLength(1);
});
