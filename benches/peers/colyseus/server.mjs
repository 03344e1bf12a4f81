// A room of moving players, as Colyseus' documentation builds one: schema state, a patch every 33 ms.
//
// PORT is where it listens. Each player walks where its inputs say and turns; x, y and angle change in every step, and `hp`
// of a player whose inputs carry a number is that number, so that its sender sees when it was used.

import { Room, Server } from "@colyseus/core";
import { schema, t } from "@colyseus/schema";
import { WebSocketTransport } from "@colyseus/ws-transport";

const Player = schema({ x: t.float32(), y: t.float32(), angle: t.float32(), hp: t.float32() }, "Player");
const State = schema({ players: t.map(Player) }, "State");

const SIZE = 2000;
const SPEED = 200;
const STEP_MS = 1000 / 30;

class Arena extends Room {
  maxClients = 128;
  patchRate = 33;
  wishes = new Map();

  onCreate() {
    this.setState(new State());
    this.onMessage("input", (client, input) => {
      this.wishes.set(client.sessionId, input);
      if (input.n !== undefined) this.state.players.get(client.sessionId).hp = input.n;
    });
    this.setSimulationInterval((ms) => this.step(ms / 1000), STEP_MS);
  }

  onJoin(client) {
    const player = new Player();
    player.x = Math.random() * SIZE;
    player.y = Math.random() * SIZE;
    player.angle = 0;
    player.hp = 0;
    this.state.players.set(client.sessionId, player);
  }

  onLeave(client) {
    this.state.players.delete(client.sessionId);
    this.wishes.delete(client.sessionId);
  }

  step(seconds) {
    for (const [id, player] of this.state.players) {
      const wish = this.wishes.get(id);
      if (wish === undefined) continue;
      player.x = wrapped(player.x + (wish.x / 127) * SPEED * seconds);
      player.y = wrapped(player.y + (wish.y / 127) * SPEED * seconds);
      player.angle = (wish.aim / 65536) * 2 * Math.PI;
    }
  }
}

// Nobody stands still at a wall: everybody moves in every step.
const wrapped = (place) => (place + SIZE) % SIZE;

const transport = new WebSocketTransport({});
const server = new Server({ transport, greet: false });
server.define("arena", Arena);
await server.listen(Number(process.env.PORT ?? 2567), "127.0.0.1");
console.log(`listening on 127.0.0.1:${transport.server.address().port}`);
