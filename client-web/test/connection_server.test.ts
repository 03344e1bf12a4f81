import { afterEach, expect, test, vi } from "vitest";

import { Connection } from "../src/tickroom/net/connection.ts";
import type { LinkState } from "../src/tickroom/net/link.ts";
import { COMPACT_EVENTS } from "../src/tickroom/protocol/message.ts";
import { PollingServer } from "./polling_server.ts";

let server: PollingServer | undefined;
let connection: Connection | undefined;
let states: LinkState[] = [];
let snapshots: number[][] = [];
let presences: number[][] = [];

vi.setConfig({ testTimeout: 30_000 });

afterEach(() => {
  connection?.close();
  server?.close();
});

/** Waits until `check` holds: tests are never about how fast. */
function soon(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 20_000, interval: 5 });
}

/** Lets everybody in, and tells these compact events to whoever asks. */
function welcome(compact: readonly string[] | undefined): (packet: string) => string[] {
  const list = compact === undefined ? "" : `,"compact":${JSON.stringify(compact)}`;
  return (packet) => {
    if (packet.startsWith("40/lobby")) {
      return [`40/lobby,{"sid":"lobby"${list}}`];
    }
    return packet.startsWith("40") ? [`40{"sid":"game"${list}}`] : [];
  };
}

async function connect(
  reply: (packet: string) => string[],
  parser: "compact" | "default" = "compact",
  refusal?: string,
): Promise<Connection> {
  states = [];
  snapshots = [];
  presences = [];
  server = new PollingServer(reply);
  server.refusal = refusal;
  const ignore = (): void => undefined;
  const listener = {
    onState: (state: LinkState) => states.push(state),
    onSeatRefused: ignore,
    onSeatLost: ignore,
    onMessage: ignore,
    onSnapshot: (bytes: Uint8Array) => snapshots.push([...bytes]),
    onPresences: (bytes: Uint8Array) => presences.push([...bytes]),
    presenceByte: () => 7,
  };
  connection = new Connection(await server.listen(), listener, ["polling"], parser);
  return connection;
}

async function seated(reply: (packet: string) => string[], parser: "compact" | "default" = "compact"): Promise<Connection> {
  const opened = await connect(reply, parser);
  await soon(() => expect(opened.state.kind).toBe("online"));
  opened.sit("token");
  await soon(() => expect(opened.canSendInput).toBe(true));
  return opened;
}

/** An Engine.IO packet of binary data, as polling carries it. */
function binary(...bytes: number[]): string {
  return `b${Buffer.from(bytes).toString("base64")}`;
}

test.each([
  ["in another order", ["snapshot", "input", "message"]],
  ["and more of them", [...COMPACT_EVENTS, "another"]],
  ["not at all", undefined],
])("a server that has the compact events %s belongs to another version, and is not tried again", async (_, compact) => {
  const opened = await connect(welcome(compact));
  await soon(() => expect(opened.state.kind).toBe("outdated"));
  expect(opened.state).toEqual({ kind: "outdated", server: compact === undefined ? "none" : JSON.stringify(compact) });
  // A try would follow a `reconnecting`.
  expect(states.map(({ kind }) => kind)).toEqual(["outdated"]);
  opened.retry();
  await soon(() => expect(server?.opened).toBe(2));
});

test("a server without any compact parser belongs to another version too, and one that refuses otherwise is tried again", async () => {
  const opened = await connect(welcome(undefined), "compact", '{"code":3,"message":"Parser unknown"}');
  await soon(() => expect(opened.state).toEqual({ kind: "outdated", server: "none" }));
  connection?.close();
  server?.close();
  const busy = await connect(welcome(undefined), "compact", '{"code":4,"message":"Forbidden"}');
  await soon(() => expect(busy.state.kind).toBe("reconnecting"));
});

test("an event of the list is one binary message in each direction", async () => {
  const opened = await seated(welcome(COMPACT_EVENTS));
  opened.sendInput(Uint8Array.of(9, 8));
  await soon(() => expect(server?.received).toContain(binary(0, 9, 8)));
  server?.send(binary(1, 5, 6, 7));
  await soon(() => expect(snapshots).toEqual([[5, 6, 7]]));
});

test("the default parser asks for no other, and sends an event as the library does", async () => {
  const opened = await seated(welcome(undefined), "default");
  opened.sendInput(Uint8Array.of(9, 8));
  await soon(() => expect(server?.received.slice(-2)).toEqual(['451-["input",{"_placeholder":true,"num":0}]', binary(9, 8)]));
  server?.send('451-["snapshot",{"_placeholder":true,"num":0}]', binary(5, 6));
  await soon(() => expect(snapshots).toEqual([[5, 6]]));
});

test.each([
  ["compact", COMPACT_EVENTS],
  ["default", undefined],
] as const)("a ping says a byte, and what its answer says of everybody is handed on, with the %s parser", async (parser, compact) => {
  const opened = await seated(welcome(compact), parser);
  await soon(() => expect(server?.received).toContain('420["ping",7]'));
  server?.send('461-0[250,3,{"_placeholder":true,"num":0}]', binary(0, 0, 6));
  await soon(() => expect(presences).toEqual([[0, 0, 6]]));
  expect(opened.serverBeat).toEqual({ tickMs: 0.25, ticksSlipped: 3 });
  // A server that tells of nobody is answer enough.
  await soon(() => expect(server?.received).toContain('421["ping",7]'));
  server?.send("431[500,3]");
  await soon(() => expect(opened.serverBeat?.tickMs).toBe(0.5));
  expect(presences).toHaveLength(1);
});

test.each([["text that is no packet", "4nonsense"], ["an event without a number", binary(77)]])(
  "%s ends the connection, is counted, and the page connects again",
  async (_, garbage) => {
    const opened = await seated(welcome(COMPACT_EVENTS));
    server?.send(garbage);
    await soon(() => expect(opened.parseErrors).toBe(1));
    await soon(() => expect(opened.state.kind).toBe("online"));
    expect(server?.opened).toBe(2);
    server?.send(garbage);
    await soon(() => expect(opened.parseErrors).toBe(2));
    // Each in a row makes the next try wait longer.
    expect(states.at(-1)).toMatchObject({ kind: "reconnecting", attempt: 2 });
  },
);

test("inputs are held back while too many wait for the network, and leave again when it takes them", async () => {
  const opened = await seated(welcome(COMPACT_EVENTS));
  await soon(() => expect(server?.received.length).toBeGreaterThan(2));
  if (server !== undefined) {
    server.answers = false;
  }
  let sent = 0;
  for (; sent < 50 && opened.canSendInput; sent += 1) {
    opened.sendInput(Uint8Array.of(sent));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(sent).toBeLessThan(20);
  opened.sendInput(Uint8Array.of(99));
  server?.answer();
  await soon(() => expect(opened.canSendInput).toBe(true));
  opened.sendInput(Uint8Array.of(100));
  await soon(() => expect(server?.received).toContain(binary(0, 100)));
  expect(server?.received).toContain(binary(0, sent - 1));
  expect(server?.received).not.toContain(binary(0, 99));
});
