import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { arena } from "../src/arena/game.ts";
import { NEUTRAL } from "../src/arena/protocol/input.ts";
import type { LinkState } from "../src/tickroom/net/link.ts";
import { ENTITY_NONE } from "../src/tickroom/protocol/message.ts";
import { Session } from "../src/tickroom/session.ts";
import { FakeLink } from "./fake_link.ts";
import { golden, fromHex } from "./golden.ts";
import { readPacket } from "./packet.ts";
import { bytesOf, keyframe } from "./snapshots.ts";

const ROWS = golden<{ kind: string; bytes: string; value?: unknown }>("codec.json").rows;

/** The bytes of the golden vector whose value has this text in it. */
function vector(kind: string, text: string): Uint8Array {
  const row = ROWS.find((found) => found.kind === kind && JSON.stringify(found.value ?? "").includes(text));
  return fromHex(row?.bytes ?? "");
}

const SEAT = vector("lobby_reply", "Seat");
const TOKEN = "0123456789abcdef0123456789abcdef";
const MATCHES = vector("lobby_reply", "sudden death");
const JOINED = vector("server_message", '"code":null');
const PRIVATE = vector("server_message", "BCDFGHJKMN");
const SEAT_TAKEN = vector("server_message", "SeatTaken");
const ENDED = vector("server_message", "Closed");
const WATCHING = vector("server_message", '{"Watching');
const REPLAYING = vector("server_message", "Replaying");
const SEEKING = vector("server_message", "Seeking");
const REPLAYS = vector("lobby_reply", "1764201600000");
const SETUP = vector("server_message", "Setup");
const SCORES = vector("server_message", '"Scores":[0');

const ONLINE: LinkState = { kind: "online" };
const LOST: LinkState = { kind: "reconnecting", attempt: 1, retryAtMs: 0, lostMs: 0 };

let link: FakeLink;
let tokens: (string | undefined)[];
let matches: number[];
let replays: (string[] | undefined)[];

beforeEach(() => {
  vi.useFakeTimers();
  tokens = [];
  matches = [];
  replays = [];
});

afterEach(() => {
  vi.useRealTimers();
});

function open() {
  return new Session(
    arena,
    () => NEUTRAL,
    {
      onChange: () => undefined,
      onEvent: () => undefined,
      onPredicted: () => undefined,
      onMatches: (listed) => matches.push(...listed.map((entry) => entry.matchId)),
      onReplays: (listed) => replays.push(listed?.map((entry) => entry.name)),
      onToken: (token) => tokens.push(token),
    },
    (listener) => (link = new FakeLink(listener)),
  );
}

/** A session that plays. */
function playing(joined = JOINED) {
  const session = open();
  link.become(ONLINE);
  session.play("Ada");
  link.answer(SEAT);
  link.listener.onMessage(joined);
  expect(session.state.kind).toBe("playing");
  link.takeLog();
  return session;
}

describe("the way to a seat", () => {
  test("leads over the lobby, as soon as there is a connection", () => {
    const session = open();
    session.play("Ada", { kind: "id", matchId: 7 });
    expect(link.takeLog()).toEqual([]);
    link.become(ONLINE);
    expect(link.takeLog()).toEqual(["join 7"]);
    link.answer(SEAT);
    expect(link.takeLog()).toEqual(["sit 0123"]);
    expect(tokens).toEqual([undefined, TOKEN]);
    link.listener.onMessage(JOINED);
    expect(session.state.kind).toBe("playing");
    expect([...session.roster.values()].map((entry) => entry.name)).toContain("Ada");
  });

  test("is tried again while the server is busy, silent or answers nonsense", () => {
    const session = open();
    link.become(ONLINE);
    session.play("Ada");
    for (const answer of [vector("lobby_reply", "Busy"), undefined, Uint8Array.of(99)]) {
      expect(link.takeLog()).toEqual(["join 0"]);
      link.answer(answer);
      vi.advanceTimersByTime(1000);
    }
    expect([session.state.kind, session.decodeErrors]).toEqual(["joining", 1]);
  });

  test("tells why it takes long, until there is an answer, no connection, or nobody who waits", () => {
    const session = open();
    link.become(ONLINE);
    session.play("Ada");
    expect(session.state).toEqual({ kind: "joining" });
    for (const [answer, server] of [
      [vector("lobby_reply", "Busy"), "busy"],
      [undefined, "silent"],
      [vector("lobby_reply", "Busy"), "busy"],
    ] as const) {
      link.answer(answer);
      expect(session.state).toEqual({ kind: "joining", server });
      vi.advanceTimersByTime(1000);
      expect(session.state).toEqual({ kind: "joining", server });
    }
    link.become(LOST);
    expect(session.state).toEqual({ kind: "joining" });
    link.become(ONLINE);
    link.answer(vector("lobby_reply", "Busy"));
    link.answer(undefined);
    session.leave();
    link.takeLog();
    vi.advanceTimersByTime(60_000);
    expect([session.state, link.takeLog()]).toEqual([{ kind: "idle" }, []]);
    session.play("Ada");
    link.answer(vector("lobby_reply", "Busy"));
    vi.advanceTimersByTime(1000);
    link.answer(SEAT);
    expect(session.state).toEqual({ kind: "joining" });
  });

  test("can be left while there is no connection, and is not taken when it is back", () => {
    const session = open();
    link.become(ONLINE);
    session.play("Ada");
    link.become(LOST);
    session.leave();
    link.takeLog();
    link.become(ONLINE);
    expect([session.state.kind, link.takeLog()]).toEqual(["idle", []]);
  });

  test("is not taken by the answer to what was asked before and left", () => {
    const session = open();
    link.become(ONLINE);
    session.play("Ada", { kind: "id", matchId: 7 });
    session.leave();
    session.play("Ada");
    link.takeLog();
    link.answer(SEAT);
    expect([session.state.kind, link.takeLog()]).toEqual(["joining", []]);
    link.answer(SEAT);
    expect(link.takeLog()).toEqual(["sit 0123"]);
  });

  test("ends with the reason of the server", () => {
    const session = open();
    link.become(ONLINE);
    session.play("Ada", { kind: "id", matchId: 7 });
    link.answer(vector("lobby_reply", "MatchFull"));
    expect(session.state).toEqual({ kind: "refused", refusal: { kind: "match full" } });
  });

  test("is taken once more when the welcome does not come", () => {
    open().play("Ada");
    link.become(ONLINE);
    link.answer(SEAT);
    link.takeLog();
    vi.advanceTimersByTime(5000);
    expect(link.takeLog()).toEqual(["sit 0123"]);
  });
});

describe("a seat", () => {
  test("is taken again by its token when the connection is back", () => {
    const session = playing();
    link.become(LOST);
    expect([session.state.kind, session.match === undefined]).toEqual(["joining", false]);
    link.become(ONLINE);
    expect(link.takeLog()).toEqual(["sit 0123"]);
    link.listener.onMessage(JOINED);
    expect(session.state.kind).toBe("playing");
  });

  test("that has expired is replaced by another, in any match", () => {
    const session = playing();
    link.become(LOST);
    link.become(ONLINE);
    link.takeLog();
    link.listener.onSeatRefused();
    expect(link.takeLog()).toEqual(["join 0"]);
    link.answer(SEAT);
    link.listener.onMessage(JOINED);
    expect(session.state.kind).toBe("playing");
  });

  test("of a private match that has expired is replaced by another there, or by the answer that it is over", () => {
    const session = playing(PRIVATE);
    link.become(LOST);
    link.become(ONLINE);
    link.takeLog();
    link.listener.onSeatRefused();
    expect(link.takeLog()).toEqual(["join N"]);
    link.answer(vector("lobby_reply", "CodeUnknown"));
    expect(session.state).toEqual({ kind: "refused", refusal: { kind: "code unknown" } });
  });

  test("that another tab took is left alone, until the player wants it back", () => {
    const session = playing();
    link.listener.onMessage(SEAT_TAKEN);
    expect(session.state.kind).toBe("seat taken");
    expect(link.takeLog()).toEqual(["rest"]);
    session.retry();
    vi.advanceTimersByTime(60_000);
    expect(link.takeLog()).toEqual([]);
    session.playHere();
    link.become(ONLINE);
    expect(link.takeLog()).toEqual(["retry", "sit 0123"]);
  });

  test("that another tab took can be left for the menu, from where another one is asked for", () => {
    const session = playing();
    link.listener.onMessage(SEAT_TAKEN);
    session.leave();
    expect([session.state.kind, link.takeLog()]).toEqual(["idle", ["rest", "leave", "retry"]]);
    session.play("Ada");
    link.become(ONLINE);
    expect([session.state.kind, link.takeLog()]).toEqual(["joining", ["join 0"]]);
  });

  test.each<[LinkState, string[]]>([
    [LOST, ["retry"]],
    [{ kind: "gone" }, ["retry"]],
    [ONLINE, []],
    [{ kind: "outdated", server: "[]" }, []],
  ])("without a connection (%o) is asked for at once when the page is seen again", (state, expected) => {
    const session = playing();
    session.show(false, 0);
    link.become(state);
    link.takeLog();
    session.show(true, 1000);
    expect(link.takeLog()).toEqual(expected);
  });

  test("that the server took us off is taken again", () => {
    const session = playing();
    link.listener.onSeatLost();
    vi.advanceTimersByTime(1000);
    expect([session.state.kind, ...link.takeLog()]).toEqual(["joining", "sit 0123"]);
  });

  test("is given back when the player leaves", () => {
    const session = playing();
    session.leave();
    expect([session.state.kind, session.match, tokens.at(-1)]).toEqual(["idle", undefined, undefined]);
    expect(link.takeLog()).toEqual(["leave"]);
    link.become(LOST);
    link.become(ONLINE);
    expect(link.takeLog()).toEqual([]);
  });

  test("from before a reload is taken again, and forgotten without a word when it has expired", () => {
    const session = open();
    session.resume("Ada", TOKEN);
    link.become(ONLINE);
    expect(link.takeLog()).toEqual(["sit 0123"]);
    link.listener.onSeatRefused();
    expect([session.state.kind, tokens.at(-1)]).toEqual(["idle", undefined]);
    vi.advanceTimersByTime(60_000);
    expect(link.takeLog()).toEqual([]);
  });
});

describe("inputs", () => {
  test("that the network does not take wait, and then the newest leave in one packet", () => {
    const session = playing();
    const nowMs = performance.now();
    link.listener.onSnapshot(keyframe(600, -128, 4, []));
    for (let frame = 1; frame <= 200; frame += 1) {
      session.advance(nowMs + frame * 16);
    }
    expect(link.sent).toEqual([]);
    link.canSendInput = true;
    session.advance(nowMs + 200 * 16 + 1);
    const [packet, ...others] = link.sent.map(readPacket);
    expect(others).toEqual([]);
    expect(packet?.inputs).toHaveLength(16);
    expect(packet?.newest).toBeGreaterThan(780);
    expect(session.match?.counters.inputsShed).toBeGreaterThan(150);
  });

  test("of a hidden page are answers to snapshots, and its end asks for a keyframe", () => {
    const session = playing();
    link.canSendInput = true;
    link.listener.onSnapshot(keyframe(600, -128, 4, []));
    session.show(false, performance.now());
    session.advance(performance.now() + 1000);
    vi.advanceTimersByTime(500);
    link.listener.onSnapshot(keyframe(630, -128, 4, []));
    session.show(true, performance.now());
    session.show(true, performance.now());
    expect(link.sent.map(readPacket)).toMatchObject([
      { acked: 600, hidden: true, resync: false },
      { acked: 630, hidden: true, resync: false },
      { acked: 630, hidden: false, resync: true },
    ]);
  });

  test("of a match that begins while the page is hidden are such answers too", () => {
    const session = open();
    session.show(false, performance.now());
    link.become(ONLINE);
    session.play("Ada");
    link.answer(SEAT);
    link.listener.onMessage(JOINED);
    link.listener.onSnapshot(keyframe(600, -128, 4, []));
    expect(link.sent.map(readPacket)).toMatchObject([{ acked: 600, hidden: true }]);
  });
});

describe("snapshots", () => {
  test("that make no sense are counted and ask for a keyframe; those out of step only ask", () => {
    const session = playing();
    link.canSendInput = true;
    link.listener.onSnapshot(keyframe(600, -128, 4, []));
    link.listener.onSnapshot(Uint8Array.of(1, 2, 3));
    link.listener.onSnapshot(bytesOf({ tick: 700, baseTicks: 3 }));
    expect(session.decodeErrors).toBe(1);
    session.advance(performance.now() + 100);
    expect(link.sent.map(readPacket).at(-1)).toMatchObject({ resync: true });
  });

  test("that come at once after the page was held up are drawn without what it would have guessed between them", () => {
    const session = playing();
    // Somebody runs to the right at full speed, and back from tick 699 on.
    const xAt = (tick: number): number => 100 + (99 - Math.abs(699 - tick)) * (320 / 60);
    const tell = (tick: number): void => {
      const body = { x: 32 * xAt(tick), y: 3200, vx: tick < 699 ? 16 * 320 : -16 * 320, vy: 0 };
      link.listener.onSnapshot(keyframe(tick, -128, 4, [[9, body]]));
    };
    const offBy = (): number => {
      session.advance(performance.now());
      const view = session.match?.view(performance.now());
      return Math.abs((view?.others.get(9)?.x ?? NaN) - xAt(Math.max(600, view?.pastTick ?? NaN)));
    };
    for (let tick = 600; tick < 699; tick += 3) {
      tell(tick);
      for (let frame = 0; frame < 3; frame += 1) {
        expect(offBy()).toBeLessThan(1);
        vi.advanceTimersByTime(1000 / 60);
      }
    }
    vi.advanceTimersByTime(200);
    [699, 702, 705, 708, 711].forEach(tell);
    expect(offBy()).toBeLessThan(1);
  });
});

describe("a session", () => {
  test("hears the end of its match and can play again", () => {
    const session = playing();
    link.listener.onMessage(ENDED);
    expect(session.state).toEqual({ kind: "ended", reason: "closed" });
    link.takeLog();
    session.play("Ada");
    expect(link.takeLog()).toEqual(["join 0"]);
  });

  test("takes over the map of the next round", () => {
    const session = playing();
    const before = session.match?.setup;
    link.listener.onMessage(SETUP);
    expect(session.match?.setup).not.toBe(before);
    expect(session.match?.setup.name).toBe("Cross");
  });

  test("knows how everybody stands from its beginning, and what is told later", () => {
    const session = playing();
    expect(session.match?.scores.get(300)).toEqual({ score: 1240, kills: 12, deaths: 7, assists: 1, team: "blue" });
    link.listener.onMessage(Uint8Array.of(7, 8, 1, 0, 100, 0, 1, 0, 3, 0));
    expect([...(session.match?.scores ?? [])]).toEqual([[1, { score: 100, kills: 1, deaths: 0, assists: 3, team: undefined }]]);
    link.listener.onMessage(Uint8Array.of(7, 1, 1));
    expect([session.decodeErrors, session.match?.scores.size]).toEqual([1, 1]);
    link.listener.onMessage(SCORES);
    expect(session.match?.scores.size).toBe(3);
  });

  test("knows how everybody is reached, and says how it is itself", () => {
    const session = playing();
    const presences = (): unknown[] => [...session.roster.values()].map(({ name, presence }) => [name, presence]);
    const unknown = [["Ada", undefined], ["Bot 1", undefined], ["日本語 é", undefined]];
    expect([presences(), link.listener.presenceByte()]).toEqual([unknown, 255]);
    link.roundTripMs = 23;
    link.listener.onPresences(Uint8Array.of(0, 0, 254, 251, 0, 50, 252, 0, 9));
    // Its own it has measured itself; 252 is nobody here.
    const told = [["Ada", "away"], ["Bot 1", undefined], ["日本語 é", 23]];
    expect([presences(), link.listener.presenceByte()]).toEqual([told, 6]);
    link.listener.onPresences(Uint8Array.of(0, 0));
    expect([presences(), session.decodeErrors]).toEqual([told, 1]);
    session.show(false, 0);
    expect(link.listener.presenceByte()).toBe(254);
    link.listener.onPresences(new Uint8Array());
    expect(presences()).toEqual([["Ada", undefined], ["Bot 1", undefined], ["日本語 é", 23]]);
  });

  test("lists what is played", () => {
    const session = open();
    session.list();
    link.answer(MATCHES);
    session.list();
    link.answer(undefined);
    expect(matches).toEqual([1, 70_000]);
  });
});

describe("whoever only watches", () => {
  function watching(quiet: boolean) {
    const session = open();
    link.become(ONLINE);
    session.watch(undefined, quiet);
    link.answer(SEAT);
    link.listener.onMessage(WATCHING);
    expect([session.state.kind, session.watches, session.match?.watches]).toEqual(["watching", true, true]);
    link.takeLog();
    return session;
  }

  test("has a seat that is not remembered, and answers snapshots with looks", () => {
    const session = watching(false);
    expect(tokens).toEqual([]);
    expect([...session.roster.values()].map((entry) => entry.name)).toContain("Ada");
    link.canSendInput = true;
    link.listener.onSnapshot(keyframe(600, -128, ENTITY_NONE, []));
    session.advance(performance.now() + 1000);
    expect([link.looks.length, link.sent.length]).toEqual([1, 0]);
  });

  test("comes back to the seat, and asks for another when it has expired", () => {
    const session = watching(false);
    link.become(LOST);
    link.become(ONLINE);
    expect(link.takeLog()).toEqual(["sit 0123"]);
    link.listener.onSeatRefused();
    expect(link.takeLog()).toEqual(["join 0"]);
    link.answer(SEAT);
    link.listener.onMessage(WATCHING);
    expect(session.state.kind).toBe("watching");
  });

  test("plays in another seat, and is not taken back by the answer to what was asked before", () => {
    const session = open();
    link.become(ONLINE);
    session.watch(7, false);
    session.play("Ada");
    link.takeLog();
    link.answer(SEAT);
    expect(link.takeLog()).toEqual([]);
    link.answer(SEAT);
    expect(link.takeLog()).toEqual(["sit 0123"]);
    link.listener.onMessage(WATCHING);
    expect(session.state.kind).toBe("joining");
    link.listener.onMessage(JOINED);
    expect([session.state.kind, session.watches]).toEqual(["playing", false]);
  });

  test.each([
    [true, "idle"],
    [false, "refused"],
  ])("is told of a refusal unless it is quiet (%s)", (quiet, kind) => {
    const session = open();
    link.become(ONLINE);
    session.watch(7, quiet);
    link.answer(vector("lobby_reply", "ViewersFull"));
    expect(session.state.kind).toBe(kind);
  });

  test.each([
    [true, "idle"],
    [false, "ended"],
  ])("is told of the end of the match unless it is quiet (%s)", (quiet, kind) => {
    const session = watching(quiet);
    link.listener.onMessage(ENDED);
    expect(session.state.kind).toBe(kind);
  });
});

describe("whoever watches a recording", () => {
  function replaying() {
    const session = open();
    link.become(ONLINE);
    session.watchReplay("a", 600);
    link.answer(SEAT);
    link.listener.onMessage(REPLAYING);
    expect([session.state.kind, session.replayName]).toEqual(["watching", "a"]);
    link.takeLog();
    return session;
  }

  test("sees it from its moment, as fast as it is shown", () => {
    const { match } = replaying();
    expect(match?.joined.tick).toBe(123_456_789);
    expect(match?.playback).toEqual({ endTick: 123_999_999, speedQuarters: 16 });
    expect(match?.watches).toBe(true);
  });

  test("waits for a far moment, to which the server plays it first, and asks once more only much later", () => {
    const session = open();
    link.become(ONLINE);
    session.watchReplay("a", 60_000);
    link.answer(SEAT);
    link.takeLog();
    vi.advanceTimersByTime(59_999);
    expect([session.state.kind, link.takeLog()]).toEqual(["joining", []]);
    vi.advanceTimersByTime(1);
    expect(link.takeLog()).toEqual(["sit 0123"]);
    link.listener.onMessage(REPLAYING);
    expect(session.state.kind).toBe("watching");
  });

  test("steers it, and the match begins anew where it goes on", () => {
    const session = replaying();
    const { match } = session;
    link.listener.onSnapshot(keyframe(600, -128, ENTITY_NONE, []));
    expect(match?.latest?.tick).toBe(600);
    session.steer({ quarters: 8, to: 70_000 });
    expect(link.steers.map((bytes) => [...bytes])).toEqual([[8, 112, 17, 1, 0]]);
    link.listener.onMessage(SEEKING);
    expect(session.seekingTick).toBe(70_000);
    link.listener.onMessage(REPLAYING);
    expect([session.seekingTick, session.match === match, match?.era, match?.latest]).toEqual([undefined, true, 1, undefined]);
    link.listener.onSnapshot(keyframe(90, -128, ENTITY_NONE, []));
    expect(match?.latest?.tick).toBe(90);
  });

  test("goes on where it was when the seat has expired, and begins another recording where that is asked for", () => {
    const session = replaying();
    link.listener.onSnapshot(keyframe(90, -128, ENTITY_NONE, []));
    link.become(LOST);
    link.become(ONLINE);
    link.listener.onSeatRefused();
    // The last byte of the request is the tick.
    expect(link.takeLog()).toEqual(["sit 0123", "join Z"]);
    link.answer(SEAT);
    link.listener.onMessage(REPLAYING);
    expect(session.state.kind).toBe("watching");
    link.takeLog();
    session.watchReplay("b", 65);
    expect(link.takeLog()).toEqual(["join A"]);
  });

  test("is told of a refusal", () => {
    const session = open();
    link.become(ONLINE);
    session.watchReplay("a", 0);
    link.answer(vector("lobby_reply", "ReplayOutdated"));
    expect(session.state).toEqual({ kind: "refused", refusal: { kind: "replay outdated" } });
  });

  test("is told what there is to watch, and where there is nothing", () => {
    const session = open();
    link.become(ONLINE);
    session.listReplays();
    link.answer(REPLAYS);
    session.listReplays();
    link.answer(vector("lobby_reply", "ReplaysOff"));
    session.listReplays();
    link.answer(undefined);
    expect(replays).toEqual([["1764201600000-match-1", "a"], undefined]);
  });

  test("steers nothing while it watches a match", () => {
    const session = open();
    link.become(ONLINE);
    session.watch(7, false);
    link.answer(SEAT);
    link.listener.onMessage(WATCHING);
    session.steer({ quarters: 4, to: 0 });
    expect(link.steers).toEqual([]);
  });
});
