/** The official client with the compact parser of `client-web`. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { connect, next, open, WAYS } from "./client.mjs";
import { compactParser } from "./compact_parser.mjs";
import { speaks } from "./parsers.mjs";
import { Server } from "./server.mjs";

const EVENTS = ["echo", "echoed"];
const SETTINGS = [`compact_events=${EVENTS}`];

for (const { name, transports, ends } of WAYS) {
  test(`the compact parser carries everything by ${name}`, async (t) => {
    const server = await Server.start(t, ["parsers_allowed=compact", ...SETTINGS]);
    await speaks(t, server, { transports, parser: compactParser(EVENTS), query: { parser: "compact" } }, ends);
  });
}

test("a listed event is one binary message in each direction", async (t) => {
  const server = await Server.start(t, ["parser=compact", ...SETTINGS]);
  const socket = await connect(t, server, { parser: compactParser(EVENTS) });
  const messages = [];
  socket.io.engine.on("packetCreate", ({ data }) => messages.push([...data]));
  socket.io.engine.on("data", (data) => messages.push([...data]));
  const echoed = next(socket, "echoed");
  socket.emit("echo", Buffer.of(7, 8));
  assert.deepEqual(await echoed, [Buffer.of(7, 8)]);
  assert.deepEqual(messages, [
    [0, 7, 8],
    [1, 7, 8],
  ]);
});

test("a client with another list gives up, in whatever namespace", async (t) => {
  const server = await Server.start(t, ["parser=compact", ...SETTINGS]);
  for (const place of ["", "/custom"]) {
    const socket = open(t, server, { parser: compactParser(["echoed", "echo"]) }, place);
    const [reason] = await next(socket.io, "close");
    assert.equal(reason, "parse error");
    assert.equal(socket.connected, false);
  }
});

test("a compact client is no plain one", async (t) => {
  const server = await Server.start(t);
  const socket = open(t, server, { parser: compactParser(EVENTS) });
  const [reason] = await next(socket.io, "close");
  assert.equal(reason, "parse error");
});
