/** What lies between a page and its server, in the hands of a test: it can be cut, garbled, and spoken into. */

import type { Browser, BrowserContext, WebSocketRoute } from "playwright-core";

export class Wire {
  private isCut = false;
  private readonly sockets = new Set<WebSocketRoute>();
  /** Frames of the game become noise. */
  garbles = false;

  private constructor(readonly context: BrowserContext) {}

  /** A new profile whose pages have this wire. */
  static async open(browser: Browser, viewport = { width: 640, height: 360 }): Promise<Wire> {
    const wire = new Wire(await browser.newContext({ viewport }));
    await wire.context.routeWebSocket(/\/socket\.io\//, (socket) => wire.connect(socket));
    await wire.context.route(/\/socket\.io\//, (route) => (wire.isCut ? route.abort() : route.continue()));
    return wire;
  }

  /** Breaks what is there, and lets nothing through until it is mended. */
  async cut(): Promise<void> {
    this.isCut = true;
    await Promise.all([...this.sockets].map((socket) => socket.close()));
    this.sockets.clear();
  }

  mend(): void {
    this.isCut = false;
  }

  /** Says this to the page as if the server had. */
  say(frame: Uint8Array): void {
    for (const socket of this.sockets) {
      socket.send(Buffer.from(frame));
    }
  }

  private connect(socket: WebSocketRoute): void {
    if (this.isCut) {
      void socket.close();
      return;
    }
    this.sockets.add(socket);
    const server = socket.connectToServer();
    server.onMessage((frame) => {
      socket.send(this.garbles && typeof frame !== "string" ? noiseOf(frame) : frame);
    });
    server.onClose(() => {
      this.sockets.delete(socket);
      void socket.close();
    });
  }
}

/** The first byte stays: it says what kind of event the rest is. */
function noiseOf(frame: Buffer): Buffer {
  return Buffer.from(frame.map((byte, index) => (index === 0 ? byte : 255 - byte)));
}
