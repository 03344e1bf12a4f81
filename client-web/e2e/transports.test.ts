/** Every way to the server: by polling, by WebSocket, by upgrade; and coming back to the same seat. */

import { afterEach, expect, test } from "vitest";

import { NodeClient } from "./node_client.ts";
import { until } from "./poll.ts";
import { startServer, stopServers } from "./server.ts";

let clients: NodeClient[] = [];

afterEach(async () => {
  clients.forEach((client) => client.close());
  clients = [];
  await stopServers();
});

function connect(...how: ConstructorParameters<typeof NodeClient>): NodeClient {
  const client = new NodeClient(...how);
  clients.push(client);
  return client;
}

const WAYS = [
  { name: "polling", transports: ["polling"], ends: "polling" },
  { name: "websocket", transports: ["websocket"], ends: "websocket" },
  { name: "upgrade", transports: ["polling", "websocket"], ends: "websocket" },
] as const;

test.each(WAYS)("the official client plays by $name", async ({ transports, ends }) => {
  const server = await startServer();
  const client = connect(server.url, [...transports]);
  client.sit(await client.seat("Node"));
  const joined = await client.joined();
  await client.walk(joined.entity);
  await until(`it plays by ${ends}`, () => (client.transport === ends ? true : undefined));
  const before = client.snapshots.length;
  await until("twenty more snapshots have come", () => (client.snapshots.length >= before + 20 ? true : undefined));
  const ticks = client.snapshots.map((snapshot) => snapshot.tick);
  expect(ticks).toEqual([...new Set(ticks)].sort((a, b) => a - b));
  expect(client.farewells).toEqual([]);
});

test.each(["websocket", "polling"] as const)("the official client plays by %s with the compact parser", async (by) => {
  const server = await startServer();
  const client = connect(server.url, [by], false, "compact");
  client.sit(await client.seat("Node"));
  const joined = await client.joined();
  await client.walk(joined.entity);
  await until("twenty snapshots have come", () => (client.snapshots.length >= 20 ? true : undefined));
  expect(client.farewells).toEqual([]);
});

test.each(["websocket", "polling"] as const)("a client that lost its %s connection takes the same player", async (by) => {
  const server = await startServer();
  const client = connect(server.url, [by], true);
  client.sit(await client.seat("Node"));
  const first = await client.joined();
  await client.walk(first.entity);
  client.manager.engine.close();
  const again = await client.joined(2);
  expect([again.matchId, again.player, again.entity]).toEqual([first.matchId, first.player, first.entity]);
  expect(again.tick).toBeGreaterThan(first.tick);
  await client.walk(again.entity);
});

test("a second connection with the same token ousts the first, which is told", async () => {
  const server = await startServer();
  const first = connect(server.url);
  const token = await first.seat("Node");
  first.sit(token);
  const joined = await first.joined();
  await until("the first gets snapshots", () => first.snapshots[0]);

  const second = connect(server.url);
  second.sit(token);
  const taken = await second.joined();
  expect([taken.matchId, taken.player]).toEqual([joined.matchId, joined.player]);
  await until("the first is closed", () => first.farewells[0]);
  expect(first.messages.at(-1)).toEqual({ kind: "seat taken" });
  await second.walk(taken.entity);
  expect(second.farewells).toEqual([]);
});
