/** As much of a Socket.IO server as tests of the connection need: one client by long-polling, which says what it is told. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const SEPARATOR = "\u001e";

const OPEN = { sid: "engine", upgrades: [], pingInterval: 60_000, pingTimeout: 60_000, maxPayload: 1_000_000 };

export class PollingServer {
  /** Packets of Engine.IO that came, `4` for a message first. */
  readonly received: string[] = [];
  /** Connections that were opened. */
  opened = 0;
  /** While false, what the client sends is taken but not answered. */
  answers = true;
  /** What a new connection is answered with instead, and status 400. */
  refusal: string | undefined;
  private readonly http = createServer((request, response) => this.serve(request, response));
  private waiting: ServerResponse | undefined;
  private unanswered: ServerResponse[] = [];
  private queue: string[] = [];

  /** `reply` gives what is said to a packet that came. */
  constructor(private readonly reply: (packet: string) => readonly string[]) {}

  listen(): Promise<string> {
    return new Promise((resolve) => {
      this.http.listen(0, "127.0.0.1", () => {
        resolve(`http://127.0.0.1:${(this.http.address() as AddressInfo).port}`);
      });
    });
  }

  close(): void {
    this.http.closeAllConnections();
    this.http.close();
  }

  send(...packets: readonly string[]): void {
    this.queue.push(...packets);
    this.flush();
  }

  /** Answers what was left unanswered, and what comes. */
  answer(): void {
    this.answers = true;
    for (const response of this.unanswered.splice(0)) {
      response.end("ok");
    }
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const isNew = !(request.url ?? "").includes("sid=");
    if (request.method === "POST") {
      void this.take(request, response);
    } else if (isNew) {
      this.opened += 1;
      this.queue = [];
      // A poll of the connection before that is not answered any more.
      this.waiting = undefined;
      if (this.refusal !== undefined) {
        response.writeHead(400).end(this.refusal);
        return;
      }
      response.end(`0${JSON.stringify(OPEN)}`);
    } else {
      this.waiting = response;
      this.flush();
    }
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    if (this.answers) {
      response.end("ok");
    } else {
      this.unanswered.push(response);
    }
    for (const packet of Buffer.concat(chunks).toString().split(SEPARATOR)) {
      this.received.push(packet);
      this.send(...this.reply(packet));
    }
  }

  private flush(): void {
    if (this.waiting !== undefined && this.queue.length > 0) {
      this.waiting.end(this.queue.splice(0).join(SEPARATOR));
      this.waiting = undefined;
    }
  }
}
