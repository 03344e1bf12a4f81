/** Namespaces: many on one connection, who is let in, and what each hears. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { connect, manager, next, open, record, settled, WAYS } from "./client.mjs";
import { Server } from "./server.mjs";

for (const { name, transports } of WAYS) {
  test(`several namespaces share one connection by ${name}`, async (t) => {
    const server = await Server.start(t);
    const shared = manager(t, server, { transports });
    const [main, custom] = [shared.socket("/"), shared.socket("/custom", { auth: { name: "Ada" } })];
    const [auth] = await Promise.all([next(custom, "auth"), next(main, "connect")]);
    assert.deepEqual(auth, [{ name: "Ada" }]);
    assert.notEqual(main.id, custom.id);

    const inMain = record(main, "echoed");
    const inCustom = record(custom, "echoed");
    main.emit("echo", "main", Buffer.from("m"));
    custom.emit("echo", "custom", Buffer.from("c"));
    await Promise.all([settled(main), settled(custom)]);
    assert.deepEqual(inMain, [["main", Buffer.from("m")]]);
    assert.deepEqual(inCustom, [["custom", Buffer.from("c")]]);

    custom.disconnect();
    await server.said(/^left \/custom: client namespace disconnect/);
    await settled(main);
    custom.connect();
    await next(custom, "connect");
    await settled(custom);
  });
}

test("a client without a payload sends none", async (t) => {
  const server = await Server.start(t);
  const socket = open(t, server, {}, "/custom");
  assert.deepEqual(await next(socket, "auth"), [{}]);
});

test("a payload may be found out while connecting", async (t) => {
  const server = await Server.start(t);
  const auth = (give) => setTimeout(give, 20, { token: "late", nested: { list: [1, 2] } });
  const socket = open(t, server, { auth }, "/custom");
  assert.deepEqual(await next(socket, "auth"), [{ token: "late", nested: { list: [1, 2] } }]);
});

test("a namespace that does not exist is refused, and the connection lives on", async (t) => {
  const server = await Server.start(t);
  const shared = manager(t, server);
  const nowhere = shared.socket("/nowhere");
  const main = shared.socket("/");
  const [[error]] = await Promise.all([next(nowhere, "connect_error"), next(main, "connect")]);
  assert.equal(error.message, "Invalid namespace");
  assert.equal(error.data, undefined);
  await settled(main);
});

test("a refusal carries details, and the next attempt with the right token is let in", async (t) => {
  const server = await Server.start(t);
  const socket = open(t, server, { auth: { token: "guess" } }, "/private");
  const [error] = await next(socket, "connect_error");
  assert.equal(error.message, "not authorised");
  assert.deepEqual(error.data, { code: "E_TOKEN", given: { token: "guess" } });
  assert.equal(socket.active, false);

  socket.auth = { token: "open sesame" };
  socket.connect();
  await next(socket, "connect");
  assert.equal(await socket.timeout(20_000).emitWithAck("echo-ack", "inside"), "inside");
});

test("a client knows the id by which the server knows it", async (t) => {
  const server = await Server.start(t);
  const sockets = await Promise.all([1, 2, 3].map(() => connect(t, server)));
  const ids = sockets.map((socket) => socket.id);
  assert.equal(new Set(ids).size, 3);
  ids.forEach((id) => assert.match(id, /^[\w-]{20}$/));
  // A private room is named by the id: nothing else reaches a single client from outside.
  const told = next(sockets[1], "told");
  sockets[0].emit("tell", ids[1], "for you");
  assert.deepEqual(await told, ["for you"]);
  sockets.forEach((socket) => assert.notEqual(socket.id, socket.io.engine.id));
});
