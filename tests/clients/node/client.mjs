/** Clients of the tests, each of a connection of its own, and ways to wait for what they see. */

import { io, Manager } from "socket.io-client";

import { eventually } from "./server.mjs";

/** Every way to a server: how the client starts, and how it is connected in the end. */
export const WAYS = [
  { name: "polling", transports: ["polling"], ends: "polling" },
  { name: "WebSocket", transports: ["websocket"], ends: "websocket" },
  { name: "upgrade", transports: ["polling", "websocket"], ends: "websocket" },
];

/** A socket that closes with the test `t`; `place` is a namespace. */
export function open(t, server, options = {}, place = "") {
  const socket = io(server.url + place, { forceNew: true, reconnection: false, transports: ["websocket"], ...options });
  t.after(() => socket.disconnect());
  return socket;
}

/** The same, and it is connected. */
export async function connect(t, server, options = {}, place = "") {
  const socket = open(t, server, options, place);
  await next(socket, "connect");
  return socket;
}

/** One connection for several namespaces. */
export function manager(t, server, options = {}) {
  const shared = new Manager(server.url, { reconnection: false, transports: ["websocket"], ...options });
  t.after(() => shared._close());
  return shared;
}

/** Arguments of the next event. */
export function next(emitter, event) {
  return eventually(`event ${event}`, (resolve) => emitter.once(event, (...args) => resolve(args)));
}

/** Arguments of the next `count` events. */
export function collect(emitter, event, count) {
  const seen = [];
  return eventually(`${count} events ${event}`, (resolve) => {
    const listener = (...args) => {
      seen.push(args);
      if (seen.length === count) {
        emitter.off(event, listener);
        resolve(seen);
      }
    };
    emitter.on(event, listener);
  });
}

/** Notes every event from now on. */
export function record(socket, event) {
  const seen = [];
  socket.on(event, (...args) => seen.push(args));
  return seen;
}

/** What the server did before it answered this is done: an echo has come back. */
export async function settled(socket) {
  await socket.timeout(20_000).emitWithAck("echo-ack");
}

/** When the connection of `socket` is by `transport`. */
export function arrived(socket, transport) {
  const { engine } = socket.io;
  return engine.transport.name === transport ? undefined : next(engine, "upgrade");
}
