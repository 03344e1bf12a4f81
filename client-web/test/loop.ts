/** An arena server in a few lines and a way with a delay, in made-up time: what a `Match` plays against in tests. */

import { arena } from "../src/arena/game.ts";
import type { Event } from "../src/arena/protocol/event.ts";
import { NEUTRAL, type Input } from "../src/arena/protocol/input.ts";
import type { ArenaMap } from "../src/arena/protocol/map.ts";
import type { Own } from "../src/arena/protocol/own.ts";
import type { Scores } from "../src/arena/protocol/scores.ts";
import type { Body, PlayerState } from "../src/arena/protocol/state.ts";
import type { Status } from "../src/arena/protocol/status.ts";
import { steer, type OwnPlayer } from "../src/arena/sim/steering.ts";
import { Match } from "../src/tickroom/match.ts";
import { allOn } from "../src/tickroom/sim/switches.ts";
import { Reader } from "../src/tickroom/protocol/reader.ts";
import { bytesOf, FRESH, healthy, LIVE } from "./snapshots.ts";

export const TICK_MS = 1000 / 60;

const INTERVAL_TICKS = 3;
const HELD_TICKS_MAX = 15;
const INPUT_AHEAD_TICKS_MAX = 64;
const OWN = 4;

/** The name "", 1000 × 800 units, one wall of 60 × 200 at (300, 100), nothing on its floor and no homes. */
const MAP_BYTES = Uint8Array.from([0, 251, 232, 3, 251, 32, 3, 1, 251, 44, 1, 100, 60, 200, 0, 0]);
const MAP: ArenaMap = arena.decodeSetup(MAP_BYTES);

interface Flying {
  readonly atMs: number;
  readonly bytes: Uint8Array;
}

/** One player walking on a server, and somebody else on a straight line. */
export class Loop {
  readonly match: ReturnType<typeof newMatch>;
  player: OwnPlayer = { state: healthy({ x: 32 * 200, y: 32 * 150, vx: 0, vy: 0 }), own: FRESH };
  inputsLate = 0;
  /** Inputs for ticks too far ahead, which the server drops. */
  inputsEarly = 0;
  /** What the last packet said, quarters of a tick. */
  viewAge = 255;
  /** Ticks from one snapshot to the next. */
  intervalTicks = INTERVAL_TICKS;
  private readonly inputs = new Map<number, Input>();
  private held = NEUTRAL;
  private heldTicks = 0;
  private tick = 0;
  private toldTick: number | undefined;
  private slackQuarters = -128;
  private nowMs = 0;
  private nextTickMs = 0;
  private slipped = false;
  private upArrivedMs = 0;
  private downArrivedMs = 0;
  private up: Flying[] = [];
  private down: Flying[] = [];

  /** `delayMs` is asked for the delay of each message; order is kept, as on a stream. */
  constructor(
    private readonly delayMs: () => number,
    switches = allOn(),
  ) {
    this.match = newMatch(switches);
  }

  /** Lets time pass in frames of `frameMs`. */
  run(ms: number, frameMs: number, intent: (nowMs: number) => Input, drawn?: (nowMs: number) => void): void {
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      this.nowMs += frameMs;
      this.serve();
      for (const bytes of arrived(this.down, this.nowMs)) {
        this.match.receive(bytes, 2 * this.delayMs(), this.nowMs);
      }
      this.match.advance(this.nowMs, () => intent(this.nowMs));
      const bytes = this.match.takeInputs();
      if (bytes !== undefined) {
        this.upArrivedMs = Math.max(this.upArrivedMs, this.nowMs + this.delayMs());
        this.up.push({ atMs: this.upArrivedMs, bytes });
      }
      drawn?.(this.nowMs);
    }
  }

  /** The server stands still for so long and gives the time up; or the clock of the page leaps, and it says nothing. */
  stall(ms: number, says: boolean): void {
    this.nextTickMs += ms;
    this.slipped = says;
  }

  private serve(): void {
    while (this.nextTickMs <= this.nowMs) {
      for (const bytes of arrived(this.up, this.nextTickMs)) {
        this.take(bytes);
      }
      this.step();
      if (this.tick % this.intervalTicks === 0) {
        this.downArrivedMs = Math.max(this.downArrivedMs, this.nextTickMs + this.delayMs());
        this.down.push({ atMs: this.downArrivedMs, bytes: this.snapshot() });
      }
      this.nextTickMs += TICK_MS;
    }
  }

  private take(bytes: Uint8Array): void {
    const reader = new Reader(bytes);
    reader.u32();
    const newest = reader.u32();
    const count = reader.u8() & 31;
    this.viewAge = reader.u8();
    for (let tick = newest - count + 1; tick <= newest; tick += 1) {
      const input = arena.input.decode(reader);
      if (tick > this.tick + INPUT_AHEAD_TICKS_MAX) {
        this.inputsEarly += 1;
      } else if (tick > this.tick) {
        this.inputs.set(tick, input);
      } else {
        this.inputsLate += 1;
      }
    }
    const slackTicks = newest - count + 1 - (this.tick + 1);
    this.slackQuarters = Math.max(-127, Math.min(127, slackTicks * 4));
  }

  private step(): void {
    this.tick += 1;
    const input = this.inputs.get(this.tick);
    this.inputs.delete(this.tick);
    this.heldTicks = input === undefined ? this.heldTicks + 1 : 0;
    this.held = input ?? (this.heldTicks > HELD_TICKS_MAX ? NEUTRAL : this.held);
    this.player = steer(this.player, this.held, MAP, true);
  }

  private snapshot(): Uint8Array {
    const { tick, slackQuarters, player, toldTick } = this;
    const walker = healthy({ x: 32 * 100 + tick * 32, y: 32 * 700, vx: 16 * 60, vy: 0 });
    const chunks = [
      { id: OWN, full: player.state },
      { id: 9, full: walker },
    ];
    const { slipped } = this;
    this.toldTick = tick;
    this.slipped = false;
    return bytesOf({
      tick,
      slipped,
      baseTicks: toldTick === undefined ? 0 : tick - toldTick,
      slackQuarters,
      own: { entity: OWN, record: player.own },
      ...(toldTick === undefined ? { status: LIVE } : {}),
      blocks: [{ cell: 0, mode: toldTick === undefined ? "full" : "changed", chunks }],
    });
  }

  get body(): Body {
    return this.player.state.body;
  }
}

export function newMatch(
  switches = allOn(),
): Match<ArenaMap, Scores, Status, PlayerState, Own, Input, Event, ReturnType<typeof arena.pose>> {
  return new Match(arena, {
    matchId: 1,
    player: 0,
    entity: OWN,
    tick: 0,
    tickHz: 60,
    code: undefined,
    recording: undefined,
    snapshotIntervalTicks: INTERVAL_TICKS,
    roster: [],
    setup: MAP_BYTES,
    scores: new Uint8Array(),
  }, switches);
}

function arrived(flying: Flying[], nowMs: number): Uint8Array[] {
  const bytes: Uint8Array[] = [];
  while ((flying[0]?.atMs ?? Infinity) <= nowMs) {
    bytes.push(flying.shift()?.bytes ?? new Uint8Array());
  }
  return bytes;
}
