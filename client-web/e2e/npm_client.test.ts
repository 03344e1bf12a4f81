/** The official client of Socket.IO in Node, without anything of ours but the bytes. */

import { io, type Socket } from "socket.io-client";
import { afterEach, expect, test } from "vitest";

import { arena } from "../src/arena/game.ts";
import type { Event } from "../src/arena/protocol/event.ts";
import type { Body } from "../src/arena/protocol/state.ts";
import { decodeServer, encodeClient } from "../src/tickroom/protocol/codec.ts";
import { encodeInputPacket } from "../src/tickroom/protocol/input.ts";
import { PROTOCOL_VERSION, type ServerMessage } from "../src/tickroom/protocol/message.ts";
import { decodeSnapshot, type Snapshot } from "../src/tickroom/protocol/snapshot.ts";
import { until } from "./poll.ts";
import { startServer, stopServers } from "./server.ts";

const ANSWER_MS_MAX = 10_000;

/** Ticks ahead of the last snapshot that an input is for: more than the way takes, less than the server keeps. */
const LEAD_TICKS = 8;

let socket: Socket | undefined;

afterEach(async () => {
  socket?.disconnect();
  await stopServers();
});

function connect(url: string): Socket {
  socket = io(url, { transports: ["websocket"], forceNew: true, reconnection: false });
  return socket;
}

async function ask(client: Socket, message: Parameters<typeof encodeClient>[0]): Promise<ServerMessage> {
  const answer: unknown = await client
    .timeout(ANSWER_MS_MAX)
    .emitWithAck("message", Buffer.from(encodeClient(message)));
  expect(answer).toBeInstanceOf(Uint8Array);
  return decodeServer(answer as Uint8Array);
}

async function join(client: Socket, name: string): Promise<ServerMessage> {
  return ask(client, { kind: "join", protocol: PROTOCOL_VERSION, name });
}

test("joins, gets snapshots that decode, walks, and is answered when it pings", async () => {
  const server = await startServer();
  const client = connect(server.url);
  const snapshots: Snapshot<Body, Event>[] = [];
  let walks = false;
  client.on("snapshot", (bytes: Buffer) => {
    const snapshot = decodeSnapshot(bytes, arena.state, arena.event);
    snapshots.push(snapshot);
    if (walks) {
      const inputs = Array.from({ length: 3 }, () => ({ moveX: 127, moveY: snapshots.length % 80 < 40 ? 127 : -127 }));
      const packet = { acked: snapshot.tick, newest: snapshot.tick + LEAD_TICKS, inputs };
      client.emit("input", Buffer.from(encodeInputPacket(packet, arena.input)));
    }
  });

  const answer = await join(client, "Node");
  if (answer.kind !== "joined") {
    throw new Error(`not joined: ${JSON.stringify(answer)}`);
  }
  expect(arena.decodeSetup(answer.setup).walls.length).toBeGreaterThan(0);
  expect(answer.roster.find((entry) => entry.player === answer.player)).toMatchObject({ name: "Node", bot: false });
  const own = () => snapshots.at(-1)?.entities.get(answer.entity);
  const start = await until("the own entity is seen", own);
  await client.timeout(ANSWER_MS_MAX).emitWithAck("ping");

  walks = true;
  await until("the own entity moves", () => {
    const now = own();
    return now !== undefined && Math.hypot(now.x - start.x, now.y - start.y) > 32 * 40 ? true : undefined;
  });
  await until("twenty snapshots have come", () => (snapshots.length >= 20 ? true : undefined));
  expect(snapshots.every((snapshot) => snapshot.own === answer.entity)).toBe(true);
  const ticks = snapshots.map((snapshot) => snapshot.tick);
  expect(ticks).toEqual([...new Set(ticks)].sort((a, b) => a - b));
  await until("the server says how early inputs come", () =>
    snapshots.at(-1)?.slackTicks === undefined ? undefined : true,
  );
});

test("is told why when it cannot join, and can leave and come back", async () => {
  const server = await startServer();
  const client = connect(server.url);
  const early = await ask(client, { kind: "join", protocol: PROTOCOL_VERSION + 1, name: "Early" });
  expect(early).toEqual({ kind: "refused", refusal: { kind: "protocol mismatch", server: PROTOCOL_VERSION } });
  expect(await join(client, " ")).toEqual({ kind: "refused", refusal: { kind: "name invalid" } });
  expect((await join(client, "Node")).kind).toBe("joined");
  expect(await join(client, "Node")).toEqual({ kind: "refused", refusal: { kind: "already joined" } });
  expect(await ask(client, { kind: "leave" })).toEqual({ kind: "left" });
  expect((await join(client, "Node")).kind).toBe("joined");
});

test("is told before the server closes the connection", async () => {
  const server = await startServer();
  const client = connect(server.url);
  const heard: string[] = [];
  client.on("message", (bytes: Buffer) => heard.push(decodeServer(bytes).kind));
  client.on("disconnect", (reason) => heard.push(`disconnect: ${reason}`));
  await join(client, "Node");
  expect(await server.stop()).toBe(0);
  await until("the connection is closed", () => (client.connected ? undefined : true));
  expect(heard).toContain("server closing");
  expect(heard.at(-1)).toMatch(/^disconnect: /);
});
