// Clients of the room, by Colyseus' own SDK: node load.mjs ADDRESS SERVER_PID CLIENTS SECONDS
//
// The first one decodes what comes and sees its own inputs used; the others count bytes, so that this process is not what is
// measured. It prints one line of JSON.

import { readFileSync, readdirSync } from "node:fs";
import { Client } from "@colyseus/sdk";

const [address, pid, clientsWord, secondsWord] = process.argv.slice(2);
const count = Number(clientsWord);
const seconds = Number(secondsWord);
const INPUTS_PER_S = 30;
const SETTLE_MS = 2000;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// The scheduler's account of all threads, milliseconds.
function serverCpuMs() {
  const threads = readdirSync(`/proc/${pid}/task`);
  const ns = threads.map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]));
  return ns.reduce((sum, one) => sum + one, 0) / 1e6;
}

function serverResidentBytes() {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) * 1024;
}

const residentBefore = serverResidentBytes();
const client = new Client(`ws://${address}`);
let counting = false;
let bytes = 0;
let patches = 0;
let disconnects = 0;
let leastPlayers = Infinity;
const latencies = [];
const sentAt = new Map();

// With the head of its WebSocket frame.
function tally(data) {
  if (!counting) return;
  const length = data.byteLength ?? data.length;
  bytes += length + (length < 126 ? 2 : 4);
  patches += 1;
}

const rooms = [];
for (let number = 0; number < count; number += 1) {
  const room = await client.joinOrCreate("arena");
  room.onLeave(() => (disconnects += 1));
  const events = room.connection.events;
  const receive = events.onmessage;
  events.onmessage =
    number === 0
      ? (event) => {
          tally(event.data);
          receive(event);
        }
      : (event) => tally(event.data);
  rooms.push(room);
}

const first = rooms[0];
first.onStateChange((state) => {
  const now = performance.now();
  const own = state.players.get(first.sessionId)?.hp;
  for (const [n, sent] of sentAt) {
    if (n > own) break;
    sentAt.delete(n);
    if (counting) latencies.push(now - sent);
  }
  if (counting) leastPlayers = Math.min(leastPlayers, state.players.size);
});

// Never along one axis alone, so that both coordinates change in every step, as those of `tickroom bench` do.
const WAYS = [[117, 49], [49, 117], [-49, 117], [-117, 49], [-117, -49], [-49, -117], [49, -117], [117, -49]];
let turn = 0;

function sendInput(number) {
  const step = Math.floor(turn / count);
  const [x, y] = WAYS[(Math.floor(step / 20) + number) % WAYS.length];
  const input = { x, y, aim: (step * 331 + number * 9973) % 65536 };
  if (number === 0) {
    input.n = step + 1;
    sentAt.set(input.n, performance.now());
  }
  rooms[number].send("input", input);
}

// The inputs of all clients are spread evenly over time.
const started = performance.now();
const pacing = setInterval(() => {
  const due = Math.floor(((performance.now() - started) / 1000) * INPUTS_PER_S * count);
  for (; turn < due; turn += 1) sendInput(turn % count);
}, 2);

await sleep(SETTLE_MS);
const residentAfter = serverResidentBytes();
const cpuBefore = serverCpuMs();
const ownBefore = process.cpuUsage();
const from = performance.now();
counting = true;
await sleep(seconds * 1000);
counting = false;
const took = (performance.now() - from) / 1000;
const cpu = serverCpuMs() - cpuBefore;
const own = process.cpuUsage(ownBefore);
clearInterval(pacing);

latencies.sort((a, b) => a - b);
const at = (quantile) => latencies[Math.floor(quantile * (latencies.length - 1))] ?? null;
console.log(
  JSON.stringify({
    clients: count,
    seconds: took,
    bytes_per_client_s: bytes / count / took,
    messages_per_client_s: patches / count / took,
    server_cpu_ms_per_client_s: cpu / count / took,
    input_to_state_ms: { p50: at(0.5), p90: at(0.9), p99: at(0.99) },
    players_least: leastPlayers,
    resident_bytes_per_client: (residentAfter - residentBefore) / count,
    load_busy: (own.user + own.system) / 1e6 / took,
    disconnects,
  }),
);
process.exit(0);
