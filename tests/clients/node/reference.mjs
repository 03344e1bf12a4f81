/**
 * The reference server, for the client of the Rust crate: `server/socketio/tests/client/reference.rs` starts it with the
 * name of a parser and reads the port it prints. It ends when its standard input does.
 */

import { createServer } from "node:http";
import { Server } from "socket.io";
import * as msgpack from "socket.io-msgpack-parser";

const parser = process.argv[2] === "msgpack" ? { parser: msgpack } : {};
const http = createServer();
const io = new Server(http, { connectionStateRecovery: {}, pingInterval: 300, pingTimeout: 5_000, ...parser });

for (const name of ["/", "/custom"]) {
  io.of(name).on("connection", (socket) => {
    socket.join("lobby");
    socket.emit("auth", socket.handshake.auth);
    socket.on("echo", (...args) => socket.emit("echo", ...args));
    socket.on("echo-ack", (...args) => args.pop()(...args));
    socket.on("ask", (...args) => {
      socket.timeout(10_000).emit("question", ...args, (error, ...answer) => {
        socket.emit("answered", error === null, ...answer);
      });
    });
    socket.on("expel", () => socket.disconnect());
    // What a client misses that is gone.
    socket.on("disconnect", () => {
      for (let number = 0; number < 3; number++) {
        io.of(name).to("lobby").emit("missed", number);
      }
    });
  });
}

io.of("/forbidden").use((_socket, next) => {
  next(Object.assign(new Error("no"), { data: { code: 7 } }));
});

http.listen(0, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${http.address().port}`));
process.stdin.resume().on("end", () => process.exit());
