import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { DEFAULT_BINDINGS } from "../src/arena/input/actions.ts";
import { RESTED } from "../src/arena/protocol/own.ts";
import { abilitiesOf, wordsOf } from "../src/arena/ui/abilities.ts";
import { hintsOf } from "../src/arena/ui/hint.ts";
import { Hud, type Readings } from "../src/arena/ui/hud.ts";
import { isolated } from "../src/arena/ui/isolated.ts";
import { KillFeed } from "../src/arena/ui/kill_feed.ts";
import { KillFeedView } from "../src/arena/ui/kill_feed_view.ts";
import type { Standing } from "../src/arena/ui/standings.ts";
import type { RosterEntry } from "../src/tickroom/protocol/message.ts";

/** As much of an element as the HUD writes to. */
class FakeElement {
  className = "";
  hidden = false;
  readonly dataset: Record<string, string> = {};
  readonly style: Record<string, unknown> = { setProperty: () => undefined };
  private content: (FakeElement | string)[] = [];

  append(...content: (FakeElement | string)[]): void {
    this.content.push(...content);
  }

  replaceChildren(...content: (FakeElement | string)[]): void {
    this.content = content;
  }

  setAttribute(): void {}

  addEventListener(): void {}

  get textContent(): string {
    return this.content.map((part) => (typeof part === "string" ? part : part.textContent)).join(" ");
  }

  set textContent(text: string) {
    this.content = [text];
  }

  /** The text of the first element of this class. */
  textOf(className: string): string | undefined {
    return this.find(className)?.textContent;
  }

  hasShown(className: string): boolean {
    return this.find(className)?.hidden === false;
  }

  find(className: string): FakeElement | undefined {
    if (this.className === className) {
      return this;
    }
    for (const part of this.content) {
      const found = typeof part === "string" ? undefined : part.find(className);
      if (found !== undefined) {
        return found;
      }
    }
    return undefined;
  }
}

const ROSTER: ReadonlyMap<number, RosterEntry> = new Map(
  ["Ada", "Bob", "Cy"].map((name, entity) => [entity, { player: entity, entity, bot: false, name }]),
);

beforeEach(() => {
  vi.stubGlobal("document", { createElement: () => new FakeElement() });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

function rootOf(view: { readonly root: HTMLElement }): FakeElement {
  return view.root as unknown as FakeElement;
}

function readings(rank: number, score: number, pingMs: number): Readings {
  const own: Standing = { rank, entity: 0, name: "Ada", bot: false, own: true, score, kills: 0, deaths: 0, assists: 0, team: undefined, presence: undefined };
  return {
    pingMs,
    tick: 0,
    tickHz: 60,
    mapName: "Map",
    status: undefined,
    own: undefined,
    abilities: undefined,
    respawnS: undefined,
    standings: [own, { ...own, entity: 1, own: false }],
    kills: [],
    streaks: new Map(),
    wantsScores: false,
    watches: false,
    again: undefined,
  };
}

test("score and rank never lag behind the scoreboard; only numbers that flicker do", () => {
  const hud = new Hud(() => undefined);
  hud.update(readings(1, 100, 30), 1000);
  hud.update(readings(2, 140, 50), 1001);
  const root = rootOf(hud);
  expect([root.textOf("own-score"), root.textOf("own-rank"), root.textOf("value")]).toEqual(["140", "2nd of 2", "2"]);
  expect(root.textContent).toMatch(/\b30\b/);
  hud.update(readings(2, 140, 50), 1300);
  expect(root.textContent).toMatch(/\b50\b/);
});

test.each([
  [false, "Victory!", "You won with 100 points.", "You"],
  [true, "\u2068Ada\u2069 wins", "", "Ada"],
])("a round is won by its player, and by nobody who watches (%s)", (watches, title, text, mvp) => {
  const hud = new Hud(() => undefined);
  const won = readings(1, 100, 30);
  const [own, other] = won.standings;
  if (own === undefined || other === undefined) {
    throw new Error("two are made");
  }
  const standings = [{ ...own, kills: 1 }, { ...other, rank: 2, score: 0, name: "Bob" }];
  hud.update({ ...won, standings, watches, status: { phase: "results", round: 0, ends: 600, teams: undefined } }, 1000);
  const root = rootOf(hud);
  expect([root.textOf("board-title"), root.textOf("board-text"), root.textOf("mvp-name")]).toEqual([title, text, mvp]);
});

test("the results lead to the round in another tab, as far as it was seen, and by a key if there is one", () => {
  vi.stubGlobal("location", { href: "https://play.example/?spectate=1" });
  const hud = new Hud(() => undefined);
  const link = (): unknown => {
    const found = rootOf(hud).find("again");
    return found?.hidden === false ? [found.textContent.trim(), (found as unknown as HTMLAnchorElement).href] : undefined;
  };
  let nowMs = 0;
  const check = (again: Readings["again"], expected: unknown): void => {
    nowMs += 1000;
    hud.update({ ...readings(1, 100, 30), again }, nowMs);
    expect(link()).toEqual(expected);
  };
  hud.setKeys(DEFAULT_BINDINGS);
  check(undefined, undefined);
  check({ name: "1-match-1", tick: 630, isBeginning: true }, ["Watch the round again V", "https://play.example/?replay=1-match-1&t=10.5"]);
  hud.setKeys({ ...DEFAULT_BINDINGS, again: [] });
  check({ name: "1-match-1", tick: 60, isBeginning: false }, ["Watch again what you saw of it", "https://play.example/?replay=1-match-1&t=1"]);
  check(undefined, undefined);
});

test("only kills that the own player has a part in are said aloud", () => {
  const hud = new Hud(() => undefined);
  const feed = new KillFeed();
  let nowMs = 0;
  const spoken = (killer: number, victim: number): string | undefined => {
    hud.announceKill(feed.add({ kind: "killed", killer, victim, weapon: "rail", streak: 1, shutdown: false }, ROSTER, 0, 0));
    nowMs += 10_000;
    hud.update(readings(1, 100, 30), nowMs);
    return rootOf(hud).textOf("spoken");
  };
  expect(spoken(1, 2)).toBe("");
  expect(spoken(0, 1)).toBe(`You eliminated ${isolated("Bob")}.`);
  expect(spoken(1, 2)).toBe(`You eliminated ${isolated("Bob")}.`);
  expect(spoken(2, 2)).toBe(`You eliminated ${isolated("Bob")}.`);
  expect(spoken(2, 0)).toBe(`${isolated("Cy")} eliminated you.`);
  expect(spoken(0, 0)).toBe("You caught your own ricochet.");
});

test("the kill feed names who died by the own shot once", () => {
  const view = new KillFeedView();
  const shown = (killer: number, victim: number): string => {
    const feed = new KillFeed();
    const weapon = killer === 1 ? "pulse" : "rail";
    view.show([{ ...feed.add({ kind: "killed", killer, victim, weapon, streak: 1, shutdown: false }, ROSTER, 0, 0), id: killer * 10 + victim }]);
    return rootOf(view).textContent;
  };
  expect(shown(1, 2)).toBe("Bob Pulse Cy");
  expect(shown(0, 2)).toBe("Ada Rail Cy");
  expect(shown(1, 1)).toBe("Bob caught their own ricochet");
  expect(shown(0, 0)).toBe("Ada caught their own ricochet");
});

test("two players of one name are not taken for one", () => {
  const roster = new Map([...ROSTER, [3, { player: 3, entity: 3, bot: false, name: "Bob" }]]);
  expect(new KillFeed().add({ kind: "killed", killer: 1, victim: 3, weapon: "pulse", streak: 1, shutdown: false }, roster, 0, 0).ricochet).toBe(false);
});

describe("rail and dash", () => {
  const own = { ...RESTED, railCooldownTicks: 33, dash: { cooldownTicks: 150, ticksLeft: 9 } };

  test("fill their rings while they cool down", () => {
    const { rail, dash } = abilitiesOf(own, true, true, 60);
    expect(rail).toEqual({ state: "cooling", share: 0.5, leftS: 0.55 });
    expect([dash.share, wordsOf(dash)]).toEqual([0, "ready in 3 s"]);
    expect(abilitiesOf(RESTED, true, true, 60)).toMatchObject({ rail: { state: "ready", share: 1 }, dash: { state: "ready" } });
  });

  test("say what the player can do now", () => {
    const words = (charge: number, alive: boolean, fires: boolean): string[] => {
      const { rail, dash } = abilitiesOf({ ...own, railChargeTicks: charge, dash: RESTED.dash }, alive, fires, 60);
      return [wordsOf(rail), wordsOf(dash)];
    };
    expect(words(5, true, true)).toEqual(["charging", "ready"]);
    expect(words(0, true, false)).toEqual(["not now", "ready"]);
    expect(words(0, false, true)).toEqual(["not now", "not now"]);
  });

  test("are shown as long as there is a player", () => {
    const hud = new Hud(() => undefined);
    const shown = (abilities: Readings["abilities"]): boolean => {
      hud.update({ ...readings(1, 0, 30), abilities }, 0);
      return rootOf(hud).hasShown("abilities");
    };
    expect([shown(undefined), shown(abilitiesOf(own, true, true, 60)), shown(undefined)]).toEqual([false, true, false]);
  });
});

describe("the keys that are named", () => {
  test("are those that are set, on the rings and in the menu", () => {
    const hud = new Hud(() => undefined);
    const named = (): (string | undefined)[] => [rootOf(hud).textOf("ability-key")];
    hud.setKeys(DEFAULT_BINDINGS);
    expect(named()).toEqual(["E"]);
    hud.setKeys({ ...DEFAULT_BINDINGS, rail: ["KeyQ", "KeyE"] });
    expect(named()).toEqual(["Q"]);
    hud.setKeys({ ...DEFAULT_BINDINGS, rail: [] });
    expect(named()).toEqual([""]);
    const words = hintsOf({ ...DEFAULT_BINDINGS, up: ["ArrowUp"], dash: [], scores: ["KeyT"] }).map(({ keys, does }) => [...keys, does].join(" "));
    expect(words).toEqual(["Up arrow A S D move", "Mouse Space aim and fire", "Right button E rail", "T scores", "Esc leave"]);
  });
});
