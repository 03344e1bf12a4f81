/** Each way to the server carries everything. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { arrived, collect, connect, next, open, record, WAYS } from "./client.mjs";
import { Server } from "./server.mjs";

/** Arguments of every shape; `Buffer` is what Node's client makes of binary. */
const SHAPES = [
  { name: "no argument", args: [] },
  { name: "text", args: ["hello"] },
  { name: "text beyond ASCII, and what the wire uses itself", args: ["żółw 🐢 \u0000\u001e\u2028 \"\\ 2[] 51-"] },
  { name: "numbers", args: [0, -1, 1.5, 1e21, Number.MAX_SAFE_INTEGER, -0.000001] },
  { name: "null, booleans and nothing", args: [null, true, false, "", [], {}] },
  { name: "nesting", args: [{ a: [1, { b: { c: [[["d"]]] } }] }, [[], [[]], {}]] },
  { name: "binary", args: [Buffer.from([0, 1, 2, 253, 254, 255])] },
  { name: "empty binary", args: [Buffer.alloc(0), "between", Buffer.alloc(0)] },
  { name: "nested binary", args: [{ data: [Buffer.from("a"), { deep: Buffer.from("bc") }], text: "t" }, Buffer.from("d")] },
  { name: "ten attachments", args: Array.from({ length: 10 }, (_, index) => Buffer.alloc(index * 10, index)) },
];

for (const { name, transports, ends } of WAYS) {
  test(`events and acknowledgements of every shape arrive by ${name}`, async (t) => {
    const server = await Server.start(t);
    const socket = await connect(t, server, { transports });
    await arrived(socket, ends);
    for (const { name: shape, args } of SHAPES) {
      const echoed = next(socket, "echoed");
      socket.emit("echo", ...args);
      assert.deepEqual(await echoed, args, `event: ${shape}`);
      const answer = await new Promise((resolve) => socket.emit("echo-ack", ...args, (...back) => resolve(back)));
      assert.deepEqual(answer, args, `acknowledgement: ${shape}`);
    }
    for (const { name: shape, args } of SHAPES) {
      socket.once("question", (...asked) => asked.pop()(...asked));
      const answered = next(socket, "answered");
      socket.emit("ask", ...args);
      assert.deepEqual(await answered, args, `question: ${shape}`);
    }
  });

  test(`a thousand events come back in order by ${name}`, async (t) => {
    const server = await Server.start(t);
    const socket = await connect(t, server, { transports });
    const echoed = collect(socket, "echoed", 1000);
    for (let index = 0; index < 1000; index += 1) {
      socket.emit("echo", index, index % 10 === 0 ? Buffer.from([index % 256]) : "text");
    }
    const numbers = (await echoed).map(([index]) => index);
    assert.deepEqual(numbers, Array.from({ length: 1000 }, (_, index) => index));
    await arrived(socket, ends);
    assert.equal(socket.io.engine.transport.name, ends);
  });

  test(`what the server sends by ${name} arrives in order and whole`, async (t) => {
    const server = await Server.start(t);
    const socket = await connect(t, server, { transports });
    const burst = collect(socket, "burst", 300);
    socket.emit("burst", 300, 2000);
    (await burst).forEach(([index, data], place) => {
      assert.equal(index, place);
      assert.deepEqual(data, Buffer.alloc(2000, index % 256));
    });
  });

  test(`payloads just below the bound pass both ways by ${name}`, async (t) => {
    const server = await Server.start(t);
    const socket = await connect(t, server, { transports });
    await arrived(socket, ends);
    const text = "x".repeat(990_000);
    const binary = Buffer.alloc(ends === "polling" ? 740_000 : 990_000, 7);
    for (const args of [[text], [binary], [{ nested: binary }]]) {
      const echoed = next(socket, "echoed");
      socket.emit("echo", ...args);
      assert.deepEqual(await echoed, args);
    }
  });

  test(`a payload above the bound ends the connection by ${name}`, async (t) => {
    const server = await Server.start(t);
    const socket = await connect(t, server, { transports });
    await arrived(socket, ends);
    const ended = next(socket, "disconnect");
    socket.emit("echo", "x".repeat(1_000_001));
    assert.match((await ended)[0], /^transport (error|close)$/);
    // By polling the client says goodbye when its request was refused.
    await server.said(/^left \/: transport (error|close)/);
  });
}

test("events that a client emits before it is connected arrive first and in order", async (t) => {
  const server = await Server.start(t);
  for (const { transports } of WAYS) {
    const socket = open(t, server, { transports });
    const echoed = collect(socket, "echoed", 50);
    for (let index = 0; index < 50; index += 1) {
      socket.emit("echo", index);
    }
    assert.deepEqual((await echoed).flat(), Array.from({ length: 50 }, (_, index) => index));
  }
});

test("a client moves to WebSocket while events flow, and none is lost or doubled", async (t) => {
  const server = await Server.start(t);
  const sockets = await Promise.all(
    Array.from({ length: 10 }, () => connect(t, server, { transports: ["polling", "websocket"] })),
  );
  await Promise.all(
    sockets.map(async (socket) => {
      const echoed = record(socket, "echoed");
      let count = 0;
      while (socket.io.engine.transport.name !== "websocket" || count < 20) {
        socket.emit("echo", count);
        count += 1;
        await new Promise(setImmediate);
      }
      await socket.timeout(20_000).emitWithAck("echo-ack");
      assert.deepEqual(echoed.flat(), Array.from({ length: count }, (_, index) => index));
    }),
  );
});

test("a client whose first transport is refused takes the next", async (t) => {
  const server = await Server.start(t);
  const socket = open(t, server, { transports: ["websocket", "polling"], tryAllTransports: true });
  await next(socket, "connect");
  assert.equal(socket.io.engine.transport.name, "websocket");
});
