/**
 * The parser that the server calls compact: Socket.IO's own, except that an event of `/` with one binary argument and a
 * name that both sides have listed is one binary message, the place of the name in the list and the argument.
 *
 *     const events = ["input", "snapshot"];
 *     const socket = io(url, { parser: compactParser(events), query: { parser: "compact" } });
 *
 * The server's setting `compact_events` has the same names in the same order; it tells them in the answer to each
 * CONNECT. A server with other ones, or with another parser, ends the connection with `parse error`.
 */

import { Decoder, Encoder, PacketType, type Packet } from "socket.io-parser";

/** What the option `parser` of a client takes. */
export interface Parser {
  readonly Encoder: new () => Encoder;
  readonly Decoder: new () => Decoder;
}

/** The server has other compact events: it belongs to another version of this page. */
export class CompactMismatch extends Error {
  override readonly name = "CompactMismatch";

  /** `found`: the server's list as it came, in JSON. */
  constructor(readonly found: string) {
    super(`the server's compact events are ${found}`);
  }
}

/** The parser for these events, at most 256. */
export function compactParser(events: readonly string[]): Parser {
  const names = [...events];
  return {
    Encoder: class extends CompactEncoder {
      constructor() {
        super(names);
      }
    },
    Decoder: class extends CompactDecoder {
      constructor() {
        super(names);
      }
    },
  };
}

class CompactEncoder extends Encoder {
  constructor(private readonly names: readonly string[]) {
    super();
  }

  override encode(packet: Packet): unknown[] {
    const compact = this.compact(packet);
    return compact === undefined ? super.encode(packet) : [compact];
  }

  private compact(packet: Packet): Uint8Array | undefined {
    if (packet.type !== PacketType.EVENT || packet.nsp !== "/" || packet.id !== undefined) {
      return undefined;
    }
    const values = packet.data as readonly unknown[];
    const [name, argument] = values;
    const bytes = bytesOf(argument);
    const index = typeof name === "string" ? this.names.indexOf(name) : -1;
    if (values.length !== 2 || bytes === undefined || index < 0) {
      return undefined;
    }
    const message = new Uint8Array(1 + bytes.length);
    message[0] = index;
    message.set(bytes, 1);
    return message;
  }
}

class CompactDecoder extends Decoder {
  /** Attachments that are still to come; until then a binary message is one of them. */
  private awaited = 0;

  constructor(private readonly names: readonly string[]) {
    super();
    // Before the client, so that a packet which is refused here never reaches it.
    this.on("decoded", (packet) => this.check(packet));
  }

  override add(message: unknown): void {
    if (typeof message === "string") {
      super.add(message);
      this.awaited = /^[56]/.test(message) ? Number.parseInt(message.slice(1), 10) : 0;
    } else if (this.awaited > 0) {
      this.awaited -= 1;
      super.add(message);
    } else {
      this.emitReserved("decoded", this.expand(message));
    }
  }

  override destroy(): void {
    this.awaited = 0;
    super.destroy();
  }

  private expand(message: unknown): Packet {
    const bytes = bytesOf(message);
    const name = bytes?.[0] === undefined ? undefined : this.names[bytes[0]];
    if (bytes === undefined || name === undefined) {
      throw new Error("no compact event has this number");
    }
    // As any binary: an ArrayBuffer in a browser, a Buffer in Node.
    const argument = message instanceof ArrayBuffer ? message.slice(1) : bytes.subarray(1);
    return { type: PacketType.EVENT, nsp: "/", data: [name, argument] };
  }

  /** The answer to a CONNECT tells the server's list. */
  private check(packet: Packet): void {
    if (packet.type !== PacketType.CONNECT) {
      return;
    }
    const { compact } = (packet.data ?? {}) as { readonly compact?: unknown };
    const found = JSON.stringify(compact) ?? "none";
    if (found !== JSON.stringify(this.names)) {
      throw new CompactMismatch(found);
    }
  }
}

function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) {
    return value;
  }
  if (value instanceof ArrayBuffer) {
    return new Uint8Array(value);
  }
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  return undefined;
}
