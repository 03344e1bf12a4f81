import { createServer, type AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Connection } from "../src/tickroom/net/connection.ts";
import type { LinkState } from "../src/tickroom/net/link.ts";
import { GIVE_UP_MS } from "../src/tickroom/net/retry.ts";

/** Made-up time passes in steps of this; in between, real refusals of the network come in. */
const STEP_MS = 100;

let connection: Connection | undefined;
let states: LinkState[] = [];

beforeEach(() => {
  states = [];
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
});

afterEach(() => {
  connection?.close();
  vi.useRealTimers();
});

/** An address where nobody listens. */
function nowhere(): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(`http://127.0.0.1:${port}`));
    });
  });
}

function connect(url: string): Connection {
  const ignore = (): void => undefined;
  connection = new Connection(url, {
    onState: (state) => states.push(state),
    onSeatRefused: ignore,
    onSeatLost: ignore,
    onMessage: ignore,
    onSnapshot: ignore,
    onPresences: ignore,
    presenceByte: () => 0,
  });
  return connection;
}

/** Lets time pass until the connection is in this state. */
async function passUntil(kind: LinkState["kind"], opened: Connection): Promise<void> {
  for (let step = 0; step < 5000 && opened.state.kind !== kind; step += 1) {
    await vi.advanceTimersByTimeAsync(STEP_MS);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(opened.state.kind).toBe(kind);
}

test("tries again and again for a minute, then leaves it to the player", async () => {
  const opened = connect(await nowhere());
  expect(opened.state.kind).toBe("connecting");
  await passUntil("gone", opened);
  const attempts = states.flatMap((state) => (state.kind === "reconnecting" ? [state.attempt] : []));
  expect(attempts[0]).toBe(1);
  expect(Math.max(...attempts)).toBeGreaterThan(8);
  expect(performance.now()).toBeGreaterThan(GIVE_UP_MS);

  opened.retry();
  expect(opened.state.kind).toBe("connecting");
  await passUntil("reconnecting", opened);
  expect(states.at(-1)).toMatchObject({ kind: "reconnecting", attempt: 1 });
});

test("tries at once when it is told to, and not twice", async () => {
  const opened = connect(await nowhere());
  await passUntil("reconnecting", opened);
  const before = states.length;
  opened.retry();
  opened.retry();
  expect(states.length).toBe(before + 1);
  expect(states.at(-1)).toMatchObject({ kind: "reconnecting", retryAtMs: performance.now() });
});

test("drops inputs and answers questions with nothing while it is not connected", async () => {
  const opened = connect(await nowhere());
  expect(opened.canSendInput).toBe(false);
  opened.sendInput(new Uint8Array(3));
  const answers: unknown[] = [];
  opened.ask(new Uint8Array(3), (answer) => answers.push(answer));
  expect(answers).toEqual([undefined]);
});

test("rests when it is told to, until it is told to connect again", async () => {
  const opened = connect(await nowhere());
  await passUntil("reconnecting", opened);
  opened.rest();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(opened.state.kind).toBe("resting");
  opened.retry();
  expect(opened.state.kind).toBe("connecting");
  await passUntil("reconnecting", opened);
});
