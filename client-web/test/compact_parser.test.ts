import { readFileSync } from "node:fs";
import type { Packet } from "socket.io-parser";
import { expect, test } from "vitest";

import { compactParser } from "../src/tickroom/net/compact_parser.ts";
import { fromHex, toHex } from "./golden.ts";

interface Part {
  readonly json?: unknown;
  readonly binary?: string;
  readonly text?: string;
}

interface Row {
  readonly why: string;
  readonly namespace: string;
  readonly id: number | null;
  readonly event: string;
  readonly args: readonly Part[];
  readonly messages: readonly Part[];
}

/** What the parser of the server is held against too. */
const GOLDEN = JSON.parse(
  readFileSync(new URL("../../server/socketio/tests/golden/compact.json", import.meta.url), "utf8"),
) as { readonly events: readonly string[]; readonly rows: readonly Row[] };

const EVENT = 2;

function arrayBuffer(hex: string): ArrayBuffer {
  return Uint8Array.from(fromHex(hex)).buffer;
}

/** Packets that a decoder for `events` makes of messages. */
function decode(messages: readonly unknown[], events = GOLDEN.events): Packet[] {
  const decoder = new (compactParser(events).Decoder)();
  const packets: Packet[] = [];
  decoder.on("decoded", (packet) => packets.push(packet));
  messages.forEach((message) => decoder.add(message));
  return packets;
}

test.each(GOLDEN.rows)("$why", ({ namespace, id, event, args, messages }) => {
  const data = [event, ...args.map(({ json, binary }) => (binary === undefined ? json : arrayBuffer(binary)))];
  const packet = { type: EVENT, nsp: namespace, data, ...(id === null ? {} : { id }) };

  const written = new (compactParser(GOLDEN.events).Encoder)().encode({ ...packet, data: [...data] }) as unknown[];
  const parts = written.map((message): Part => {
    if (typeof message === "string") {
      return { text: message };
    }
    return { binary: toHex(message instanceof ArrayBuffer ? new Uint8Array(message) : (message as Uint8Array)) };
  });
  expect(parts).toEqual(messages);

  const received = messages.map(({ text, binary }) => text ?? arrayBuffer(binary ?? ""));
  const [decoded, ...others] = decode(received);
  expect(others).toEqual([]);
  expect(decoded).toMatchObject(packet);
});

test("every kind of bytes is compact, and only the part that is looked at", () => {
  const bytes = Uint8Array.of(9, 1, 2, 9).subarray(1, 3);
  const view = new DataView(bytes.buffer, 1, 2);
  for (const argument of [bytes, view, Buffer.from([1, 2]), Uint8Array.of(1, 2).buffer]) {
    const encoder = new (compactParser(["a"]).Encoder)();
    const [message] = encoder.encode({ type: EVENT, nsp: "/", data: ["a", argument] }) as Uint8Array[];
    expect([...(message ?? [])]).toEqual([0, 1, 2]);
  }
});

test("in Node the argument is a Buffer, as any binary is", () => {
  const [packet] = decode([Buffer.from([1, 7, 8])]);
  expect(packet?.data).toEqual(["snapshot", Buffer.from([7, 8])]);
});

test("a number of no event is an error", () => {
  expect(() => decode([arrayBuffer("03")])).toThrow("no compact event has this number");
  expect(() => decode([new ArrayBuffer(0)])).toThrow("no compact event has this number");
});

test("what is left of a broken connection is forgotten", () => {
  const decoder = new (compactParser(["a"]).Decoder)();
  const packets: Packet[] = [];
  decoder.on("decoded", (packet) => packets.push(packet));
  decoder.add('52-["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
  decoder.add(arrayBuffer("00"));
  decoder.destroy();
  decoder.add(arrayBuffer("0007"));
  expect(packets).toMatchObject([{ data: ["a", arrayBuffer("07")] }]);
});

test("a server with other events is told from one with the same", () => {
  expect(decode(['0{"sid":"S","compact":["a","b"]}'], ["a", "b"])).toHaveLength(1);
  expect(decode(['0/n,{"sid":"S","compact":["a","b"]}'], ["a", "b"])).toHaveLength(1);
  for (const data of ['{"sid":"S","compact":["b","a"]}', '{"sid":"S","compact":["a"]}', '{"sid":"S"}']) {
    expect(() => decode([`0${data}`], ["a", "b"])).toThrow("the server's compact events are");
  }
});
