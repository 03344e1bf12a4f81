/** Acknowledgements: late, missing, and asked for again. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { connect, next, open, record, settled, WAYS } from "./client.mjs";
import { Server } from "./server.mjs";

test("an acknowledgement that does not come is an error in the client", async (t) => {
  const server = await Server.start(t);
  const socket = await connect(t, server);
  await assert.rejects(socket.timeout(100).emitWithAck("hold-ack"), /operation has timed out/);
  assert.deepEqual(await socket.timeout(20_000).emitWithAck("echo-ack", "still here"), "still here");
});

test("an acknowledgement of the client that does not come is an error in the server", async (t) => {
  const server = await Server.start(t);
  const socket = await connect(t, server);
  const unanswered = next(socket, "unanswered");
  const asked = next(socket, "question");
  socket.emit("ask", "anybody?");
  const acknowledge = (await asked).pop();
  assert.deepEqual(await unanswered, ["no acknowledgement in time"]);

  const again = record(socket, "answered");
  acknowledge("too late");
  acknowledge("too late");
  await settled(socket);
  assert.deepEqual(again, []);
});

test("a question is answered once, however often the client acknowledges", async (t) => {
  const server = await Server.start(t);
  const socket = await connect(t, server);
  const answered = record(socket, "answered");
  socket.on("question", (acknowledge) => {
    acknowledge("first");
    acknowledge("second");
  });
  socket.emit("ask");
  await next(socket, "answered");
  await settled(socket);
  assert.deepEqual(answered, [["first"]]);
});

test("many acknowledgements are under way at once, in both directions", async (t) => {
  const server = await Server.start(t);
  const socket = await connect(t, server);
  const asked = Array.from({ length: 200 }, (_, index) => socket.timeout(20_000).emitWithAck("echo-ack", index));
  assert.deepEqual(await Promise.all(asked), Array.from({ length: 200 }, (_, index) => index));
});

for (const { name, transports } of WAYS) {
  test(`the client repeats what was not acknowledged by ${name}, and goes on in order`, async (t) => {
    const server = await Server.start(t);
    const socket = await connect(t, server, { transports, retries: 3, ackTimeout: 200 });
    const answers = await Promise.all(["first", "second"].map((key) => socket.emitWithAck("stubborn", key)));
    assert.deepEqual(answers, [2, 2]);
  });
}

test("a client that repeats often enough gives up with an error", async (t) => {
  const server = await Server.start(t);
  const socket = await connect(t, server, { retries: 1, ackTimeout: 100 });
  await assert.rejects(socket.emitWithAck("hold-ack"), /operation has timed out/);
});

test("an event without a listener is ignored", async (t) => {
  const server = await Server.start(t);
  const socket = await connect(t, server);
  socket.emit("no such event", 1, Buffer.from("2"));
  await settled(socket);
  assert.ok(socket.connected);
});

test("a client without a server hears of it", async (t) => {
  const server = await Server.start(t);
  await server.kill();
  const socket = open(t, server);
  const [error] = await next(socket, "connect_error");
  assert.match(error.message, /websocket error/);
});
