// socket.io as its documentation shows it. The environment is that of the example `room_broadcast`.

import { createServer } from "node:http";
import { Server } from "socket.io";

const setting = (name, fallback) => Number(process.env[name] ?? fallback);

const port = setting("PORT", 3000);
const rateHz = setting("RATE", 30);
const sizeBytes = setting("SIZE", 300);
const echo = setting("ECHO", 0) === 1;
const pingInterval = setting("PING_INTERVAL_MS", 25_000);

const http = createServer();
const io = new Server(http, { pingInterval, serveClient: false });

// How many sockets are in each room; there is no room without one.
const rooms = new Map();

io.on("connection", (socket) => {
  socket.on("join", (room, answer) => {
    socket.join(room);
    rooms.set(room, (rooms.get(room) ?? 0) + 1);
    socket.on("disconnect", () => {
      const left = rooms.get(room) - 1;
      if (left === 0) rooms.delete(room);
      else rooms.set(room, left);
    });
    answer("ok");
  });
  socket.on("input", (data) => {
    if (echo) socket.emit("echo", data);
  });
});

const nanosecondsPerTick = 1e9 / rateHz;
const start = process.hrtime.bigint();
const elapsed = () => Number(process.hrtime.bigint() - start);

// Ticks are counted from the start, so that the rate does not drift; those that are over before their turn are skipped.
function wait(tick) {
  const ms = (tick * nanosecondsPerTick - elapsed()) / 1e6;
  const next = () => broadcast(tick);
  // A timer of 0 ms is one of 1 ms.
  if (ms <= 0) setImmediate(next);
  else setTimeout(next, Math.min(ms, 2 ** 31 - 1));
}

function broadcast(tick) {
  if (elapsed() < tick * nanosecondsPerTick) {
    wait(tick);
    return;
  }
  for (const room of rooms.keys()) {
    const snap = Buffer.alloc(sizeBytes);
    snap.writeBigUInt64LE(process.hrtime.bigint());
    io.to(room).emit("snap", snap);
  }
  wait(Math.max(Math.floor(elapsed() / nanosecondsPerTick), tick) + 1);
}

http.listen(port, "127.0.0.1", () => {
  console.log(`listening on 127.0.0.1:${http.address().port}`);
  wait(1);
});
