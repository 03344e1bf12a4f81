/** Who ended a connection, in the words that both sides use. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { arrived, connect, manager, next, settled, WAYS } from "./client.mjs";
import { Server } from "./server.mjs";

for (const { name, transports, ends } of WAYS) {
  test(`a client that says goodbye by ${name} leaves its namespace`, async (t) => {
    const server = await Server.start(t);
    const socket = await connect(t, server, { transports });
    const ended = next(socket, "disconnect");
    socket.disconnect();
    assert.deepEqual((await ended)[0], "io client disconnect");
    await server.said(/^left \/: client namespace disconnect/);
  });

  test(`a client whose connection is closed under it by ${name} leaves with its transport`, async (t) => {
    const server = await Server.start(t);
    const socket = await connect(t, server, { transports });
    const ended = next(socket, "disconnect");
    socket.io.engine.close();
    assert.deepEqual((await ended)[0], "forced close");
    await server.said(/^left \/: transport close/);
  });

  test(`a client that the server sends away by ${name} hears so`, async (t) => {
    const server = await Server.start(t);
    const shared = manager(t, server, { transports });
    const [main, custom] = [shared.socket("/"), shared.socket("/custom")];
    await Promise.all([next(main, "connect"), next(custom, "connect")]);
    const ended = next(main, "disconnect");
    main.emit("go", false);
    assert.equal((await ended)[0], "io server disconnect");
    await server.said(/^left \/: server namespace disconnect/);
    await settled(custom);
  });

  test(`a client whose connection the server closes by ${name} loses all namespaces`, async (t) => {
    const server = await Server.start(t);
    const shared = manager(t, server, { transports });
    const [main, custom] = [shared.socket("/"), shared.socket("/custom")];
    await Promise.all([next(main, "connect"), next(custom, "connect")]);
    const ended = Promise.all([next(main, "disconnect"), next(custom, "disconnect")]);
    main.emit("go", true);
    for (const [reason] of await ended) {
      assert.equal(reason, "io server disconnect");
    }
    await server.said(/^left \/: server namespace disconnect/);
    await server.said(/^left \/custom: server namespace disconnect/);
  });

  test(`a server that shuts down tells its clients by ${name} as a broken transport, so that they come back`, async (t) => {
    const server = await Server.start(t);
    const socket = await connect(t, server, { transports });
    const ended = next(socket, "disconnect");
    await server.stop();
    assert.match((await ended)[0], /^transport (close|error)$/);
    await server.said(/^left \/: server shutting down/);
    await server.said(/^closed/);
  });

  test(`a server that is killed is a broken transport to its clients by ${name}`, async (t) => {
    const server = await Server.start(t);
    const socket = await connect(t, server, { transports });
    // A client that loses its server while it moves notices no earlier than by its ping timeout.
    await arrived(socket, ends);
    const ended = next(socket, "disconnect");
    await server.kill();
    assert.match((await ended)[0], /^transport (close|error)$/);
  });

  test(`heartbeats keep an idle client by ${name}`, async (t) => {
    const server = await Server.start(t, ["ping_interval_ms=50", "ping_timeout_ms=2000"]);
    const socket = await connect(t, server, { transports });
    for (let count = 0; count < 5; count += 1) {
      await next(socket.io, "ping");
    }
    await settled(socket);
  });
}

test("a client that does not answer pings is dropped, and hears so", async (t) => {
  const server = await Server.start(t, ["ping_interval_ms=50", "ping_timeout_ms=100"]);
  const socket = await connect(t, server);
  socket.io.engine.transport.send = () => {};
  const ended = next(socket, "disconnect");
  await server.said(/^left \/: ping timeout/);
  assert.equal((await ended)[0], "transport close");
});

test("a client that sends what no client may send is dropped", async (t) => {
  const server = await Server.start(t);
  for (const packet of ["4abc", '42["connect"]', "42{}", "451-[]", "49", '451-["a",{"_placeholder":true,"num":7}]']) {
    const socket = await connect(t, server);
    const ended = next(socket, "disconnect");
    // Below the parser, since no client of this maker sends this.
    socket.io.engine.transport.ws.send(packet);
    if (packet.startsWith("451")) {
      socket.io.engine.transport.ws.send(Buffer.from([1]));
    }
    await server.said(/^left \/: parse error/);
    assert.match((await ended)[0], /^transport (close|error)$/);
  }
});

test("nothing is left of clients that are gone", async (t) => {
  const server = await Server.start(t);
  const observer = await connect(t, server);
  const others = await Promise.all(
    Array.from({ length: 12 }, (_, index) => connect(t, server, { transports: WAYS[index % 3].transports })),
  );
  others.forEach((socket, index) => (index % 2 === 0 ? socket.disconnect() : socket.io.engine.close()));
  let gauges;
  do {
    gauges = await observer.timeout(20_000).emitWithAck("gauges");
  } while (gauges.sessions > 1 || gauges.sockets > 1);
  assert.deepEqual([gauges.sessions, gauges.sockets], [1, 1]);
});
