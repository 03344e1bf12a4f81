/** Rooms, broadcasts, and events that may be dropped. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { connect, record, settled, WAYS } from "./client.mjs";
import { Server } from "./server.mjs";

/** One client for each way, so that every broadcast crosses all of them. */
async function threeClients(t) {
  const server = await Server.start(t);
  return Promise.all(WAYS.map(({ transports }) => connect(t, server, { transports })));
}

/** What each has been told by now. The order of events on a connection makes an echo the end of what came before. */
async function told(sockets, act) {
  const records = sockets.map((socket) => record(socket, "told"));
  await act();
  for (const socket of sockets) {
    await settled(socket);
  }
  return records.map((seen) => seen.flat());
}

test("rooms are joined and left", async (t) => {
  const [socket] = await threeClients(t);
  const ask = (...args) => socket.timeout(20_000).emitWithAck(...args);
  assert.deepEqual(await ask("join", "red"), ["red"]);
  assert.deepEqual(await ask("join", "blue"), ["blue", "red"]);
  assert.deepEqual(await ask("join", "blue"), ["blue", "red"]);
  assert.deepEqual(await ask("leave", "red"), ["blue"]);
  assert.deepEqual(await ask("leave", "never joined"), ["blue"]);
});

test("a room hears what is told to it, with or without the teller, and others do not", async (t) => {
  const sockets = await threeClients(t);
  const [first, second, third] = sockets;
  const ask = (socket, ...args) => socket.timeout(20_000).emitWithAck(...args);
  await ask(first, "join", "red");
  await ask(second, "join", "red");
  const seen = await told(sockets, async () => {
    first.emit("tell", "red", "others in red");
    first.emit("tell-all", "red", "all in red");
    first.emit("tell-except", "red", "all but red");
    first.emit("tell", "empty", "nobody");
    await settled(first);
    third.emit("tell", "red", "from outside");
    await settled(third);
  });
  assert.deepEqual(seen, [
    ["all in red", "from outside"],
    ["others in red", "all in red", "from outside"],
    ["all but red"],
  ]);
});

test("a broadcast with binary reaches everybody by every transport, each with data of its own", async (t) => {
  const sockets = await threeClients(t);
  const records = sockets.map((socket) => record(socket, "shouted"));
  const args = ["all", { data: [Buffer.alloc(5000, 1), { deep: Buffer.from("x") }] }, Buffer.alloc(0)];
  for (let count = 0; count < 20; count += 1) {
    sockets[0].emit("shout", ...args);
  }
  for (const socket of sockets) {
    await settled(socket);
  }
  await settled(sockets[0]);
  for (const [index, seen] of records.entries()) {
    await settled(sockets[index]);
    assert.deepEqual(seen, Array.from({ length: 20 }, () => args));
  }
});

test("a client that has left hears nothing more", async (t) => {
  const sockets = await threeClients(t);
  const [teller, leaver] = sockets;
  await leaver.timeout(20_000).emitWithAck("join", "red");
  const seen = record(leaver, "told");
  leaver.disconnect();
  teller.emit("tell", "red", "anyone?");
  await settled(teller);
  assert.deepEqual(seen, []);
});

for (const { name, transports } of WAYS) {
  test(`volatile events by ${name} come whole and in order, as many as the server says were taken`, async (t) => {
    const server = await Server.start(t);
    const socket = await connect(t, server, { transports });
    const seen = record(socket, "flutter");
    const taken = await socket.timeout(20_000).emitWithAck("flutter", 50, 3000);
    await settled(socket);
    assert.equal(seen.length, taken);
    const numbers = seen.map(([index, data]) => {
      assert.deepEqual(data, Buffer.alloc(3000, index));
      return index;
    });
    assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b));
  });
}
