/**
 * A player with nothing but the official client of Socket.IO, as PROTOCOL.md tells it: asks for a seat, runs to the right,
 * acknowledges what it is sent, and leaves. It prints a line of JSON for each second and at the end.
 *
 *     node stock_client.mjs http://localhost:3000 [seconds]
 */

import { Manager } from "socket.io-client";

const PROTOCOL = 4;

/** Ticks ahead of the last snapshot for which inputs are sent: more than the way takes, less than the server keeps. */
const LEAD_TICKS = 8;

/** How it is reached, before the first answer to a ping; then in steps of 4 ms. */
const NOT_MEASURED = 255;
const STEPS_MAX = 253;

const [url = "http://localhost:3000", seconds = "3"] = process.argv.slice(2);
const manager = new Manager(url, { transports: ["websocket"], autoConnect: false });
const lobby = manager.socket("/lobby").connect();
const answer = await lobby.timeout(30_000).emitWithAck("message", join("Stock"));
if (answer[0] !== 1) {
  throw new Error(`no seat: ${answer.toString("hex")}`);
}
const token = answer.subarray(2).toString();
const game = manager.socket("/", { auth: { token } });
let snapshots = 0;
let keyframes = 0;
let lastTick = 0;
let slackTicks;
let presence = NOT_MEASURED;
let people;
game.on("snapshot", (bytes) => {
  lastTick = bytes.readUInt32LE(1);
  const slack = bytes.readInt8(5);
  slackTicks = slack === -128 ? undefined : slack / 4;
  snapshots += 1;
  keyframes += (bytes[6] & 2) !== 0 ? 1 : 0;
  game.emit("input", input(lastTick, lastTick + LEAD_TICKS));
});
game.on("connect", ping);
game.on("connect_error", (error) => fail(error.message));
game.on("disconnect", (reason) => fail(reason));
game.connect();
const telling = setInterval(() => tell("playing"), 1000);
const pinging = setInterval(ping, 1000);
setTimeout(() => void leave(), Number(seconds) * 1000);

/** Says how it is reached, and is told the same of everybody who plays: three bytes each. */
function ping() {
  const sentMs = performance.now();
  game.emit("ping", presence, (tickUs, ticksSlipped, presences) => {
    presence = Math.min(STEPS_MAX, Math.round((performance.now() - sentMs) / 4));
    people = presences.length / 3;
  });
}

async function leave() {
  clearInterval(telling);
  clearInterval(pinging);
  await game.timeout(30_000).emitWithAck("leave");
  tell("left");
  game.off("disconnect");
  game.disconnect();
  lobby.disconnect();
}

function tell(what) {
  console.log(JSON.stringify({ what, snapshots, keyframes, lastTick, slackTicks, people }));
}

function fail(why) {
  console.error(why);
  process.exit(1);
}

/** Join, protocol, name, any match. */
function join(name) {
  return Buffer.from([1, PROTOCOL, name.length, ...Buffer.from(name), 0]);
}

/** Three ticks of running to the right. */
function input(acked, newest) {
  const bytes = Buffer.alloc(10 + 3 * 5);
  bytes.writeUInt32LE(acked, 0);
  bytes.writeUInt32LE(newest, 4);
  bytes[8] = 3;
  bytes[9] = 255;
  for (let tick = 0; tick < 3; tick += 1) {
    bytes.writeInt8(127, 10 + tick * 5 + 1);
  }
  return bytes;
}
