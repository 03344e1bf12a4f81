/** Starts and stops `server/socketio/examples/acceptance.rs`, and reads what it says. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../../../", import.meta.url);
const BINARY =
  process.env.SOCKETIO_ACCEPTANCE ?? fileURLToPath(new URL("target/debug/examples/acceptance", ROOT));

const PATIENCE_MS = 20_000;

export class Server {
  #child;
  #lines = [];
  #waiting = new Set();

  /** A running server; it ends with the test `t`. `settings` are words such as `ping_interval_ms=300`. */
  static async start(t, settings = [], port = 0) {
    const server = new Server(settings, port);
    t.after(() => server.kill());
    const line = await server.said(/^listening on (\S+)/);
    server.url = line[1];
    server.port = Number(new URL(server.url).port);
    return server;
  }

  constructor(settings, port) {
    this.#child = spawn(BINARY, [`127.0.0.1:${port}`, ...settings], { stdio: ["ignore", "pipe", "inherit"] });
    this.#child.on("error", (error) => this.#tell(`cannot run ${BINARY}: ${error.message}`));
    createInterface(this.#child.stdout).on("line", (line) => this.#tell(line));
  }

  #tell(line) {
    this.#lines.push(line);
    this.#waiting.forEach((look) => look());
  }

  /** The match of the first line that fits and was not asked for before; waits for it. */
  said(pattern) {
    return eventually(`the server says ${pattern}`, (resolve) => {
      const look = () => {
        const index = this.#lines.findIndex((line) => pattern.test(line));
        if (index >= 0) {
          this.#waiting.delete(look);
          resolve(pattern.exec(this.#lines.splice(index, 1)[0]));
        }
      };
      this.#waiting.add(look);
      look();
    }).catch((error) => {
      throw new Error(`${error.message}; it said: ${this.#lines.join(" | ")}`);
    });
  }

  /** Ends it in good order. */
  async stop() {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    const [code] = await ended;
    if (code !== 0) {
      throw new Error(`the server ended with ${code}`);
    }
  }

  /** Ends it as a crash would: the kernel closes its streams. */
  async kill() {
    if (this.#child.exitCode === null && this.#child.signalCode === null && this.#child.pid !== undefined) {
      const ended = once(this.#child, "exit");
      this.#child.kill("SIGKILL");
      await ended;
    }
  }
}

/** A promise that fails with `what` when it takes too long. */
export function eventually(what, start) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`waited in vain: ${what}`)), PATIENCE_MS);
    const settle = (action) => (value) => {
      clearTimeout(timer);
      action(value);
    };
    start(settle(resolve), settle(reject));
  });
}
