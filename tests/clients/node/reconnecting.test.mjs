/** A client that comes back by itself. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { arrived, connect, next, settled, WAYS } from "./client.mjs";
import { Server } from "./server.mjs";

const EAGER = { reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 100 };

for (const { name, transports, ends } of WAYS) {
  for (const manner of ["stop", "kill"]) {
    test(`a client by ${name} comes back after a restart (${manner}), and sends what waited`, async (t) => {
      const server = await Server.start(t);
      const socket = await connect(t, server, { ...EAGER, transports });
      await arrived(socket, ends);
      const { id } = socket;
      const ended = next(socket, "disconnect");
      await server[manner]();
      await ended;
      const echoed = next(socket, "echoed");
      socket.emit("echo", "waited");
      const connected = next(socket, "connect");
      const again = await Server.start(t, [], server.port);
      await connected;
      assert.deepEqual(await echoed, ["waited"]);
      assert.notEqual(socket.id, id);
      await again.said(/^joined \//);
    });
  }

  test(`a client by ${name} whose connection breaks is in no room when it is back`, async (t) => {
    const server = await Server.start(t);
    const socket = await connect(t, server, { ...EAGER, transports });
    await socket.timeout(20_000).emitWithAck("join", "red");
    const connected = next(socket, "connect");
    socket.io.engine.close();
    await connected;
    assert.deepEqual(await socket.timeout(20_000).emitWithAck("join", "blue"), ["blue"]);
    await settled(socket);
  });
}

test("a client that the server has sent away does not come back by itself", async (t) => {
  const server = await Server.start(t);
  const socket = await connect(t, server, EAGER);
  const ended = next(socket, "disconnect");
  socket.emit("go", false);
  assert.equal((await ended)[0], "io server disconnect");
  assert.equal(socket.active, false);
});

test("what is to be acknowledged is repeated after a restart", async (t) => {
  const server = await Server.start(t);
  const socket = await connect(t, server, { ...EAGER, retries: 10, ackTimeout: 300 });
  const ended = next(socket, "disconnect");
  await server.kill();
  await ended;
  const answer = socket.emitWithAck("echo-ack", "kept");
  await Server.start(t, [], server.port);
  assert.equal(await answer, "kept");
});
