/** A client that comes back in time is the same socket again, and misses nothing. */

import assert from "node:assert/strict";
import { test } from "node:test";
import parser from "socket.io-msgpack-parser";

import { arrived, connect, next, record, settled, WAYS } from "./client.mjs";
import { Server } from "./server.mjs";

const EAGER = { reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 100 };
const RECOVERY = ["recovery_ms=60000"];

const ask = (socket, ...args) => socket.timeout(20_000).emitWithAck(...args);

/** Events without their offsets, which this client hands to its listeners as a last argument. */
const withoutOffsets = (seen) =>
  seen.map((args) => {
    assert.match(args.at(-1), /^[\w-]+$/);
    return args.slice(0, -1);
  });

/** A client in room `red`, by `ends`, that has received one event and so knows where it is. */
async function settledIn(t, server, options, ends) {
  const socket = await connect(t, server, { ...EAGER, ...options });
  await arrived(socket, ends);
  await ask(socket, "join", "red");
  const told = next(socket, "told");
  socket.emit("tell-all", "red", "first");
  await told;
  return socket;
}

/** Breaks the connection of `socket`; once the server has noticed, `act`, and then the client may come back. */
async function whileAway(server, socket, act) {
  const { io } = socket;
  io.reconnection(false);
  io.engine.close();
  await server.said(/^left \/: transport close/);
  await act();
  io.reconnection(true);
  const connected = next(socket, "connect");
  socket.connect();
  await connected;
}

for (const { name, transports, ends } of WAYS) {
  test(`a client by ${name} is the same socket again, with what it has missed`, async (t) => {
    const server = await Server.start(t, RECOVERY);
    const other = await connect(t, server);
    const socket = await settledIn(t, server, { transports }, ends);
    const { id } = socket;
    socket.emit("note", { kept: [1, 2] });
    await settled(socket);
    const told = record(socket, "told");
    const shouted = record(socket, "shouted");

    await whileAway(server, socket, async () => {
      other.emit("tell", "red", "in its room");
      other.emit("tell", "blue", "in another");
      other.emit("tell-except", "red", "not in its room");
      other.emit("tell", id, "to itself alone");
      other.emit("shout", "binary", { nested: [Buffer.from("x")] });
      await settled(other);
    });

    assert.equal(socket.recovered, true);
    assert.equal(socket.id, id);
    await settled(socket);
    assert.deepEqual(withoutOffsets(told), [["in its room"], ["to itself alone"]]);
    assert.deepEqual(withoutOffsets(shouted), [["binary", { nested: [Buffer.from("x")] }]]);
    assert.deepEqual(await ask(socket, "noted"), { kept: [1, 2] });
    assert.deepEqual(await ask(socket, "join", "green"), ["green", "red"]);
    await server.said(/^back in \//);
  });
}

test("a client comes back again and again, and sees each event once", async (t) => {
  const server = await Server.start(t, RECOVERY);
  const other = await connect(t, server);
  const socket = await settledIn(t, server, {}, "websocket");
  const told = record(socket, "told");
  const expected = [];
  for (let round = 0; round < 10; round += 1) {
    await whileAway(server, socket, async () => {
      other.emit("tell", "red", `away ${round}`);
      await settled(other);
    });
    other.emit("tell", "red", `here ${round}`);
    await settled(other);
    await settled(socket);
    expected.push([`away ${round}`], [`here ${round}`]);
    assert.equal(socket.recovered, true);
  }
  assert.deepEqual(withoutOffsets(told), expected);
});

test("a client of msgpack is the same socket again", async (t) => {
  const server = await Server.start(t, [...RECOVERY, "parser=msgpack"]);
  const other = await connect(t, server, { parser });
  const socket = await settledIn(t, server, { parser }, "websocket");
  const shouted = record(socket, "shouted");
  await whileAway(server, socket, async () => {
    other.emit("shout", Buffer.from("missed"), 1);
    await settled(other);
  });
  assert.equal(socket.recovered, true);
  await settled(socket);
  assert.deepEqual(withoutOffsets(shouted), [[Buffer.from("missed"), 1]]);
});

test("a client that has said goodbye starts anew", async (t) => {
  const server = await Server.start(t, RECOVERY);
  const socket = await settledIn(t, server, {}, "websocket");
  const { id } = socket;
  socket.disconnect();
  await server.said(/^left \/: client namespace disconnect/);
  socket.connect();
  await next(socket, "connect");
  assert.equal(socket.recovered, false);
  assert.notEqual(socket.id, id);
  assert.deepEqual(await ask(socket, "join", "blue"), ["blue"]);
});

test("a client that comes too late starts anew", async (t) => {
  const server = await Server.start(t, ["recovery_ms=1"]);
  const other = await connect(t, server);
  const socket = await settledIn(t, server, {}, "websocket");
  await whileAway(server, socket, async () => {
    // Two turns of the server are longer than a millisecond on no clock that counts less.
    const until = performance.now() + 5;
    while (performance.now() < until) {
      await settled(other);
    }
  });
  assert.equal(socket.recovered, false);
  assert.deepEqual(await ask(socket, "join", "blue"), ["blue"]);
});

test("a server that was restarted knows nobody, and everybody starts anew", async (t) => {
  const server = await Server.start(t, RECOVERY);
  const socket = await settledIn(t, server, {}, "websocket");
  const ended = next(socket, "disconnect");
  await server.kill();
  await ended;
  const connected = next(socket, "connect");
  await Server.start(t, RECOVERY, server.port);
  await connected;
  assert.equal(socket.recovered, false);
  assert.deepEqual(await ask(socket, "join", "blue"), ["blue"]);
});

test("who may not come in does not come back either", async (t) => {
  const server = await Server.start(t, RECOVERY);
  const socket = await connect(t, server, { ...EAGER, auth: { token: "open sesame" } }, "/private");
  const echoed = next(socket, "echoed");
  socket.emit("echo", 1);
  await echoed;
  socket.auth = { token: "withdrawn" };
  const refused = next(socket, "connect_error");
  socket.io.engine.close();
  assert.equal((await refused)[0].message, "not authorised");
});

test("what is acknowledged or volatile carries nothing more than was sent", async (t) => {
  const server = await Server.start(t, RECOVERY);
  const socket = await connect(t, server);
  const asked = next(socket, "question");
  socket.emit("ask", "only this");
  assert.equal((await asked).length, 2);
  const flutter = next(socket, "flutter");
  socket.emit("flutter", 1, 1);
  assert.equal((await flutter).length, 2);
});
