import { describe, expect, test } from "vitest";

import { arena } from "../src/arena/game.ts";
import { DEFAULT_BINDINGS } from "../src/arena/input/actions.ts";
import { keepsKey, watchKeys } from "../src/arena/input/watch_controls.ts";
import { Match } from "../src/tickroom/match.ts";
import { ENTITY_NONE } from "../src/tickroom/protocol/message.ts";
import { FollowCamera } from "../src/arena/watch/follow_camera.ts";
import { firstTarget, keptTarget, nextTarget } from "../src/arena/watch/targets.ts";
import { spectatedBy, withoutSpectated } from "../src/arena/watch/address.ts";
import type { Standing } from "../src/arena/ui/standings.ts";
import { DecodeError } from "../src/tickroom/protocol/record.ts";
import { toHex } from "./golden.ts";
import { keyframe } from "./snapshots.ts";

const MAP = { width: 2048, height: 1536 };
const MAP_BYTES = Uint8Array.from([0, 251, 232, 3, 251, 32, 3, 1, 251, 44, 1, 100, 60, 200, 0, 0]);

function row(entity: number, bot: boolean): Standing {
  return { rank: 1, entity, name: `${entity}`, bot, own: false, score: 0, kills: 0, deaths: 0, assists: 0, team: undefined, presence: undefined };
}

describe("whom a viewer follows", () => {
  const rows = [row(4, true), row(9, false), row(2, true)];

  test("is the best of the people, or of the bots", () => {
    expect(firstTarget(rows)).toBe(9);
    expect(firstTarget([row(4, true), row(2, true)])).toBe(4);
    expect(firstTarget([])).toBeUndefined();
  });

  test.each([
    [4, 1, 9],
    [2, 1, 4],
    [9, 1, 2],
    [4, -1, 2],
    [77, 1, 9],
    [undefined, -1, 9],
  ] as const)("%s and a step of %s give %s", (current, step, next) => {
    expect(nextTarget(rows, current, step)).toBe(next);
  });

  test("stays as long as there is somebody to stay with", () => {
    expect(keptTarget(rows, 2)).toBe(2);
    expect(keptTarget(rows, 77)).toBe(9);
    expect(keptTarget([], 2)).toBeUndefined();
  });
});

describe("the camera of a viewer", () => {
  test("comes near softly, cuts to what is far, and keeps to the map", () => {
    const camera = new FollowCamera(100, true);
    camera.follow({ x: 1000, y: 700 }, MAP, 0);
    expect(camera.at).toEqual({ x: 1000, y: 700 });
    camera.follow({ x: 1100, y: 700 }, MAP, 100);
    expect(camera.at?.x).toBeGreaterThan(1060);
    expect(camera.at?.x).toBeLessThan(1065);
    camera.follow(undefined, MAP, 200);
    expect(camera.at?.x).toBeLessThan(1065);
    camera.follow({ x: 0, y: 0 }, MAP, 300);
    expect(camera.at).toEqual({ x: 408, y: 198 });
    camera.move(-5000, 5000, MAP);
    expect(camera.at).toEqual({ x: 408, y: MAP.height - 198 });
  });

  test("drifts all the way where it does not cut", () => {
    const camera = new FollowCamera(1000, false);
    camera.follow({ x: 400, y: 300 }, MAP, 0);
    camera.follow({ x: 1600, y: 1200 }, MAP, 16);
    expect(camera.at?.x).toBeLessThan(450);
  });
});

test.each([
  ["page", []],
  ["panel", ["Tab"]],
  ["button", ["Tab"]],
  ["control", ["Tab"]],
  ["field", ["Tab", "ArrowLeft"]],
  ["text", ["Tab", "ArrowLeft", "KeyE"]],
] as const)("with the focus on a %s the keys %j keep their own meaning, and Escape leads out", (focus, kept) => {
  expect(["Tab", "ArrowLeft", "KeyE", "Escape"].filter((code) => keepsKey(code, focus))).toEqual(kept);
});

test("keys that are set go before those of whoever watches, which have a second one", () => {
  const keysOf = (wish: string, of: ReadonlyMap<string, string>): string[] => [...of].filter(([, does]) => does === wish).map(([code]) => code);
  const usual = watchKeys(DEFAULT_BINDINGS);
  expect(keysOf("up", usual.held)).toEqual(["KeyW", "ArrowUp"]);
  expect(keysOf("next", usual.acts)).toEqual(["KeyE", "PageDown"]);
  const other = watchKeys({ ...DEFAULT_BINDINGS, up: ["KeyE"], rail: [], scores: ["KeyT"], mute: ["KeyF"] });
  expect(keysOf("up", other.held)).toEqual(["KeyE"]);
  expect(keysOf("scores", other.held)).toEqual(["KeyT"]);
  expect(keysOf("next", other.acts)).toEqual(["PageDown"]);
  expect(keysOf("free", other.acts)).toEqual([]);
  expect(keysOf("leave", other.acts)).toEqual(["Escape"]);
});

describe("a match that is only watched", () => {
  function watched() {
    return new Match(arena, {
      matchId: 1,
      player: ENTITY_NONE,
      entity: ENTITY_NONE,
      tick: 0,
      tickHz: 60,
      snapshotIntervalTicks: 3,
      roster: [],
      setup: MAP_BYTES,
      scores: new Uint8Array(),
      code: undefined,
      recording: undefined,
    });
  }

  test("answers each snapshot with what is looked at, and makes no inputs", () => {
    const match = watched();
    match.receive(keyframe(600, -128, ENTITY_NONE, []), 20, 1000);
    match.advance(1500, () => {
      throw new Error("nobody steers");
    });
    expect(match.takeInputs()).toBeUndefined();
    expect(match.viewOwn(1500)).toBeUndefined();
    expect(toHex(match.takeAcknowledgement(1500) ?? new Uint8Array())).toBe("5802000000ffff");
    match.lookAt({ kind: "place", x: 1000.4, y: -99999 });
    expect(toHex(match.takeAcknowledgement(1500) ?? new Uint8Array())).toBe("5802000001e8030080");
    expect(toHex(match.hide(true, 1600) ?? new Uint8Array())).toBe("5802000081e8030080");
  });
});

describe("a recording", () => {
  const JOINED = {
    matchId: 1,
    player: ENTITY_NONE,
    entity: ENTITY_NONE,
    tick: 600,
    tickHz: 60,
    snapshotIntervalTicks: 3,
    roster: [],
    setup: MAP_BYTES,
    scores: new Uint8Array(),
    code: undefined,
    recording: undefined,
  };

  /** The tick that is drawn half a second after the last of some snapshots that came in time. */
  function drawnTick(speedQuarters: number, ticks: readonly number[], endTick: number): number {
    const times = Math.max(1, speedQuarters / 4);
    const joined = { ...JOINED, snapshotIntervalTicks: 3 * times };
    const match = new Match(arena, joined, undefined, { endTick, speedQuarters });
    const tickMs = 1000 / 60 / times;
    let nowMs = 1000;
    for (const [index, tick] of ticks.entries()) {
      nowMs += index === 0 ? 0 : (tick - (ticks[index - 1] ?? tick)) * tickMs;
      match.receive(keyframe(tick, -128, ENTITY_NONE, []), 20, nowMs);
    }
    match.advance(nowMs + 500, () => {
      throw new Error("nobody steers");
    });
    return match.drawnTick;
  }

  test("is drawn at its own speed, stands where it was paused, and does not go beyond its end", () => {
    expect(drawnTick(4, [600, 603, 606], 9999)).toBeCloseTo(606 + 30 - 4.5, 0);
    expect(drawnTick(16, [600, 612, 624], 9999)).toBeCloseTo(624 + 120 - 18, 0);
    expect(drawnTick(0, [600], 9999)).toBe(600);
    expect(drawnTick(4, [600, 603, 606], 610)).toBe(610);
  });

  test("begins anew at another moment, also an earlier one", () => {
    const match = new Match(arena, JOINED, undefined, { endTick: 9999, speedQuarters: 4 });
    match.receive(keyframe(600, -128, ENTITY_NONE, []), 20, 1000);
    match.restart({ ...JOINED, tick: 30 }, { endTick: 9999, speedQuarters: 0 });
    expect([match.era, match.latest, match.drawnTick]).toEqual([1, undefined, 30]);
    expect(toHex(match.takeAcknowledgement(1500) ?? new Uint8Array())).toBe("0000000000ffff");
    match.receive(keyframe(30, -128, ENTITY_NONE, []), 20, 1100);
    match.advance(5000, () => {
      throw new Error("nobody steers");
    });
    expect([match.latest?.tick, match.drawnTick, match.view(5000).tick]).toEqual([30, 30, 30]);
  });

  test("whose setup makes no sense changes nothing", () => {
    const match = new Match(arena, JOINED, undefined, { endTick: 9999, speedQuarters: 4 });
    expect(() => match.restart({ ...JOINED, setup: Uint8Array.of(9) }, { endTick: 1, speedQuarters: 0 })).toThrow(DecodeError);
    expect([match.era, match.playback?.endTick]).toEqual([0, 9999]);
  });
});

test.each([
  ["?spectate=12", 12],
  ["?spectate=", undefined],
  ["?spectate=-1", undefined],
  ["?spectate=9999999999", undefined],
  ["?spectate=1%3Cb%3E", undefined],
  ["", undefined],
])("the link %s names the match %s", (link, id) => {
  expect(spectatedBy(new URLSearchParams(link))).toBe(id);
});

test("the address of whoever watches no longer keeps all but the match", () => {
  const page = "https://play.example/arena/?bot=1&spectate=12&link=4g#top";
  expect(withoutSpectated(page)).toBe("https://play.example/arena/?bot=1&link=4g#top");
  expect(withoutSpectated("https://play.example/")).toBe("https://play.example/");
});
