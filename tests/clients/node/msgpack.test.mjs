/** The official client with its msgpack parser. */

import assert from "node:assert/strict";
import { test } from "node:test";
import parser from "socket.io-msgpack-parser";

import { connect, next, open, WAYS } from "./client.mjs";
import { speaks } from "./parsers.mjs";
import { Server } from "./server.mjs";

for (const { name, transports, ends } of WAYS) {
  test(`msgpack carries everything by ${name}, where it is the server's own parser`, async (t) => {
    const server = await Server.start(t, ["parser=msgpack"]);
    await speaks(t, server, { transports, parser }, ends);
  });
}

test("a client may ask for msgpack beside others that do not", async (t) => {
  const server = await Server.start(t, ["parsers_allowed=msgpack"]);
  const plain = await connect(t, server);
  const packed = await connect(t, server, { parser, query: { parser: "msgpack" } });
  const heard = [plain, packed].map((socket) => next(socket, "shouted"));
  packed.emit("shout", { data: Buffer.from("x") });
  const expected = [{ data: Buffer.from("x") }];
  assert.deepEqual(await Promise.all(heard), [expected, expected]);
});

test("a parser that the server does not offer is refused at the handshake", async (t) => {
  const server = await Server.start(t);
  const socket = open(t, server, { parser, transports: ["polling"], query: { parser: "msgpack" } });
  const [error] = await next(socket, "connect_error");
  assert.equal(error.context.status, 400);
  const answer = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling&parser=msgpack`);
  assert.deepEqual(await answer.json(), { code: 3, message: "Parser unknown" });
});

test("a client that speaks another parser than the server is sent away", async (t) => {
  const server = await Server.start(t, ["parser=msgpack"]);
  const socket = open(t, server);
  await next(socket.io, "close");
  assert.equal(socket.connected, false);
});
