/**
 * A server that has lost its mind: what it serves besides Socket.IO is the real page, and under `/socket.io` it answers
 * garbage, until it is told to come to its senses. Then everything is passed on to the real server.
 */

import { createHash } from "node:crypto";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";

/** What its Socket.IO answers: bytes that are no HTTP, a page of text, a WebSocket with frames that are no packets, or the truth. */
export type Answers = "bytes" | "text" | "frames" | "truth";

export interface GarbageServer {
  readonly url: string;
  answers: Answers;
  close(): Promise<void>;
}

/** What RFC 6455 has a server append to the key of the client. */
const WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

export async function startGarbageServer(realPort: number, answers: Answers): Promise<GarbageServer> {
  const sockets = new Set<Socket>();
  const garbage: { answers: Answers } = { answers };
  const server = createServer((incoming, outgoing) => {
    if (isSocketIo(incoming) && garbage.answers !== "truth") {
      answerGarbage(garbage.answers, outgoing);
    } else {
      passOn(incoming, outgoing, realPort);
    }
  });
  server.on("upgrade", (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    if (garbage.answers === "truth") {
      passUpgradeOn(incoming, socket, head, realPort);
    } else {
      upgradeToGarbage(garbage.answers, incoming, socket);
    }
  });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(garbage, {
    url: `http://127.0.0.1:${port}`,
    close: async (): Promise<void> => {
      sockets.forEach((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

function isSocketIo({ url }: IncomingMessage): boolean {
  return url?.startsWith("/socket.io/") ?? false;
}

function answerGarbage(answers: Answers, outgoing: ServerResponse): void {
  if (answers === "bytes") {
    outgoing.socket?.end(Buffer.from([0, 255, 13, 10, 7, 200]));
    return;
  }
  outgoing.writeHead(200, { "content-type": "text/html" });
  outgoing.end("<h1>It works!</h1><script>window.hacked = true</script>");
}

function upgradeToGarbage(answers: Answers, incoming: IncomingMessage, socket: Socket): void {
  if (answers !== "frames") {
    socket.end("HTTP/1.1 200 OK\r\n\r\nno");
    return;
  }
  const key = `${incoming.headers["sec-websocket-key"] ?? ""}${WEBSOCKET_GUID}`;
  const accept = createHash("sha1").update(key).digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  // A text frame that is no packet, and a binary one.
  socket.write(Buffer.concat([Buffer.from([0x81, 5]), Buffer.from("xyzzy"), Buffer.from([0x82, 3, 9, 9, 9])]));
}

function passOn(incoming: IncomingMessage, outgoing: ServerResponse, port: number): void {
  const { method, url, headers } = incoming;
  const passed = request({ host: "127.0.0.1", port, method, path: url, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  passed.on("error", () => outgoing.destroy());
  incoming.pipe(passed);
}

function passUpgradeOn(incoming: IncomingMessage, socket: Socket, head: Buffer, port: number): void {
  const real = connect(port, "127.0.0.1", () => {
    const lines = incoming.rawHeaders.flatMap((text, index, all) => (index % 2 === 0 ? [`${text}: ${all[index + 1] ?? ""}`] : []));
    real.write(`${incoming.method ?? "GET"} ${incoming.url ?? "/"} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    real.write(head);
    real.pipe(socket);
    socket.pipe(real);
  });
  real.on("error", () => socket.destroy());
}
