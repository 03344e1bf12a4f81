/** What the official client in Node is told: by the lobby, on its seat, and at the end. */

import { afterEach, expect, test } from "vitest";

import { arena } from "../src/arena/game.ts";
import { PROTOCOL_VERSION } from "../src/tickroom/protocol/message.ts";
import { decodePresences } from "../src/tickroom/protocol/presence.ts";
import { NodeClient } from "./node_client.ts";
import { until } from "./poll.ts";
import { startServer, stopServers } from "./server.ts";

const ANSWER_MS_MAX = 90_000;

let clients: NodeClient[] = [];

afterEach(async () => {
  clients.forEach((client) => client.close());
  clients = [];
  await stopServers();
});

function connect(url: string): NodeClient {
  const client = new NodeClient(url);
  clients.push(client);
  return client;
}

test("joins, gets snapshots that decode, walks, and is answered when it pings", async () => {
  const server = await startServer();
  const client = connect(server.url);
  client.sit(await client.seat("Node"));
  const joined = await client.joined();
  expect(arena.decodeSetup(joined.setup).walls.length).toBeGreaterThan(0);
  expect(joined.roster.find((entry) => entry.player === joined.player)).toMatchObject({ name: "Node", bot: false });
  const answer = await new Promise<unknown[]>((resolve) => client.game.emit("ping", (...told: unknown[]) => resolve(told)));
  expect(answer, "what a tick costs, and how many were dropped").toEqual([expect.any(Number), expect.any(Number)]);
  const [, , told] = await new Promise<unknown[]>((resolve) => client.game.emit("ping", 6, (...all: unknown[]) => resolve(all)));
  expect([...decodePresences(told as Uint8Array)], "how everybody is reached").toEqual([[joined.player, 24]]);
  await client.walk(joined.entity);
  await until("twenty snapshots have come", () => (client.snapshots.length >= 20 ? true : undefined));
  expect(client.snapshots.every((snapshot) => snapshot.own?.entity === joined.entity)).toBe(true);
  const ticks = client.snapshots.map((snapshot) => snapshot.tick);
  expect(ticks).toEqual([...new Set(ticks)].sort((a, b) => a - b));
  await until("the server says how early inputs come", () =>
    client.snapshots.at(-1)?.slackTicks === undefined ? undefined : true,
  );
});

test("is told why it gets no seat, and what is played", async () => {
  const server = await startServer();
  const client = connect(server.url);
  const refusal = async (...join: Parameters<NodeClient["join"]>) => {
    const reply = await client.join(...join);
    return reply.kind === "refused" ? reply.refusal : reply;
  };
  expect(await client.ask({ kind: "list" })).toMatchObject({ kind: "matches", matches: [], offer: { modes: ["ffa", "teams"] } });
  const early = await refusal("Early", { kind: "any" }, PROTOCOL_VERSION + 1);
  expect(early).toEqual({ kind: "protocol mismatch", server: PROTOCOL_VERSION });
  expect(await refusal(" ")).toEqual({ kind: "name invalid" });
  expect(await refusal("Node", { kind: "id", matchId: 4711 })).toEqual({ kind: "match unknown" });
  client.sit(await client.seat("Node"));
  const { matchId } = await client.joined();
  const list = await client.ask({ kind: "list" });
  expect(list).toMatchObject({ kind: "matches", matches: [{ matchId, people: 1 }] });
});

test("without the token of a seat is not let into the game", async () => {
  const server = await startServer();
  for (const token of ["", "0123456789abcdef0123456789abcdef", "x".repeat(5000)]) {
    const client = connect(server.url);
    client.sit(token);
    expect(await until("it is refused", () => client.farewells[0])).toMatch(/^refused: .*lobby/);
  }
});

test("leaves, and its token opens nothing any more", async () => {
  const server = await startServer();
  const client = connect(server.url);
  const token = await client.seat("Node");
  client.sit(token);
  await client.joined();
  await client.game.timeout(ANSWER_MS_MAX).emitWithAck("leave");
  const late = connect(server.url);
  late.sit(token);
  expect(await until("it is refused", () => late.farewells[0])).toMatch(/^refused: /);
});

test("is told before the server closes the connection", async () => {
  const server = await startServer();
  const client = connect(server.url);
  client.sit(await client.seat("Node"));
  await client.joined();
  expect(await server.stop()).toBe(0);
  await until("the connection is closed", () => client.farewells[0]);
  expect(client.messages.at(-1)).toEqual({ kind: "server closing", inS: 0 });
});
