/** Starts and stops the server that `TICKROOM_BIN` names. */

import { spawn, type ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";

const START_MS_MAX = 60_000;
const STOP_MS_MAX = 60_000;

/** Below those that kernels hand out to whoever wants any port, from `first` on. */
const LASTING_PORTS = { first: 20_000, count: 10_000 };
const LASTING_TRIES = 10;

export interface Server {
  readonly url: string;
  readonly port: number;
  /** SIGTERM; gives the exit code, or the signal that ended the process instead. */
  stop(): Promise<number | string>;
}

/** One player of `GET /api/matches/{id}`. */
export interface MatchPlayer {
  readonly player: number;
  readonly entity: number;
  readonly name: string;
  readonly bot: boolean;
  readonly x: number;
  readonly y: number;
}

const running = new Set<ChildProcess>();

/** Starts a server on `port` (0: a free one) with these flags and waits until it says where it listens. */
export async function startServer(port = 0, flags: readonly string[] = []): Promise<Server> {
  const binary = process.env["TICKROOM_BIN"];
  if (binary === undefined) {
    throw new Error("TICKROOM_BIN must name the server's binary, such as target/release/tickroom");
  }
  const child = spawn(binary, ["serve", "--port", String(port), ...flags], { stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  child.once("exit", () => running.delete(child));
  const url = await addressOf(child);
  return { url, port: Number(new URL(url).port), stop: () => stop(child) };
}

/** Starts a server on a port that nobody else gets while it is down, so that another one can be started there. */
export async function startLastingServer(flags: readonly string[] = [], tries = LASTING_TRIES): Promise<Server> {
  try {
    return await startServer(LASTING_PORTS.first + randomInt(LASTING_PORTS.count), flags);
  } catch (error) {
    if (tries <= 1 || !/is taken by another program/.test(String(error))) {
      throw error;
    }
    return startLastingServer(flags, tries - 1);
  }
}

/** Ends what a failed test left behind. */
export async function stopServers(): Promise<void> {
  await Promise.all([...running].map(stop));
}

/** What the server itself says of a player. */
export async function playerOnServer(server: Server, matchId: number, player: number): Promise<MatchPlayer> {
  const answer = await fetch(`${server.url}/api/matches/${matchId}`);
  if (!answer.ok) {
    throw new Error(`match ${matchId}: ${answer.status} ${await answer.text()}`);
  }
  const { players } = (await answer.json()) as { players: MatchPlayer[] };
  const found = players.find((entry) => entry.player === player);
  if (found === undefined) {
    throw new Error(`player ${player} is not in match ${matchId}`);
  }
  return found;
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`the server does not say where it listens: ${output}`));
    }, START_MS_MAX);
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const address = /http:\/\/(?:127\.0\.0\.1|0\.0\.0\.0):\d+/.exec(output);
      if (address !== null) {
        clearTimeout(timer);
        resolve(address[0].replace("0.0.0.0", "127.0.0.1"));
      }
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${output}`)));
  });
}

function stop(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => {
    const ended = (): void => resolve(child.exitCode ?? child.signalCode ?? "unknown");
    if (child.exitCode !== null || child.signalCode !== null) {
      ended();
      return;
    }
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
    child.once("exit", () => {
      clearTimeout(timer);
      ended();
    });
    child.kill("SIGTERM");
  });
}
