/** What a client of any parser must be able to do. */

import assert from "node:assert/strict";

import { arrived, collect, connect, next, open } from "./client.mjs";

/** Arguments of every shape, and what the other side makes of those that JSON has no type for. */
const SHAPES = [
  { name: "no argument", args: [] },
  { name: "text beyond ASCII", args: ["żółw 🐢 \u0000\u001e\u2028 \"\\ 2[] 51-", "x".repeat(70_000)] },
  { name: "numbers", args: [0, -1, 127, 128, -33, 65_536, -70_000, 1.5, 2 ** 40, -(2 ** 40), Number.MAX_SAFE_INTEGER] },
  { name: "null, booleans and nothing", args: [null, true, false, "", [], {}] },
  { name: "nesting", args: [{ a: [1, { b: { c: [[["d"]]] } }] }, [[], [[]], {}]] },
  { name: "many", args: [Array.from({ length: 70_000 }, (_, index) => index % 300)] },
  { name: "undefined", args: ["a", undefined, { left: undefined, right: 1 }], back: ["a", null, { right: 1 }] },
  { name: "a date", args: [new Date(1_700_000_000_123)], back: ["2023-11-14T22:13:20.123Z"] },
  { name: "one binary", args: [Buffer.from([0, 1, 2, 253, 254, 255])] },
  { name: "empty binary", args: [Buffer.alloc(0)] },
  { name: "large binary", args: [Buffer.alloc(70_000, 7)] },
  { name: "nested binary", args: [{ data: [Buffer.from("a"), { deep: Buffer.from("bc") }], text: "t" }, Buffer.from("d")] },
  { name: "typed arrays", args: [Uint8Array.of(1, 2), new Uint8Array([3]).buffer], back: [Buffer.of(1, 2), Buffer.of(3)] },
];

/** A client with `options`, which name its parser, by transports that end as `ends`. */
export async function speaks(t, server, options, ends) {
  const socket = await connect(t, server, options);
  await arrived(socket, ends);
  await carriesEveryShape(socket);
  await isAskedAndAsks(socket);
  await keepsOrder(socket);
  await hearsTheOthers(t, server, socket, options);
  await isRefusedWithDetails(t, server, options);
  await leaves(server, socket);
}

async function carriesEveryShape(socket) {
  for (const { name, args, back = args } of SHAPES) {
    const echoed = next(socket, "echoed");
    socket.emit("echo", ...args);
    assert.deepEqual(await echoed, back, `event: ${name}`);
    const answer = await new Promise((resolve) => socket.emit("echo-ack", ...args, (...values) => resolve(values)));
    assert.deepEqual(answer, back, `acknowledgement: ${name}`);
  }
}

async function isAskedAndAsks(socket) {
  socket.once("question", (first, second, acknowledge) => acknowledge(second, first));
  const answered = next(socket, "answered");
  socket.emit("ask", Buffer.from("a"), { b: Buffer.from("c") });
  assert.deepEqual(await answered, [{ b: Buffer.from("c") }, Buffer.from("a")]);
}

async function keepsOrder(socket) {
  const echoed = collect(socket, "echoed", 300);
  for (let index = 0; index < 300; index += 1) {
    socket.emit("echo", ...(index % 3 === 0 ? [Buffer.of(index % 256)] : [index, "text"]));
  }
  const expected = Array.from({ length: 300 }, (_, index) => (index % 3 === 0 ? [Buffer.of(index % 256)] : [index, "text"]));
  assert.deepEqual(await echoed, expected);
}

async function hearsTheOthers(t, server, socket, options) {
  const other = await connect(t, server, options, "/custom");
  assert.equal(other.nsp, "/custom");
  const third = await connect(t, server, options);
  const heard = [socket, third].map((hearer) => next(hearer, "shouted"));
  third.emit("shout", "all", Buffer.from("x"));
  const expected = ["all", Buffer.from("x")];
  assert.deepEqual(await Promise.all(heard), [expected, expected]);
}

async function isRefusedWithDetails(t, server, options) {
  const stranger = open(t, server, { ...options, auth: { token: "wrong" } }, "/private");
  const [error] = await next(stranger, "connect_error");
  assert.equal(error.message, "not authorised");
  assert.deepEqual(error.data, { code: "E_TOKEN", given: { token: "wrong" } });
  const unknown = open(t, server, options, "/nowhere");
  assert.equal((await next(unknown, "connect_error"))[0].message, "Invalid namespace");
}

async function leaves(server, socket) {
  const disconnected = next(socket, "disconnect");
  socket.emit("go", false);
  assert.deepEqual((await disconnected)[0], "io server disconnect");
  await server.said(/^left \/: server namespace disconnect/);
}
