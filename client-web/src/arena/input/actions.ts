/**
 * What keys can be set to, which keys they are set to, and how that changes. Keys go by their place on the keyboard
 * (`KeyboardEvent.code`) and not by their letter. Pure.
 */

/** A row of the settings: what it is called, and its keys when nobody has chosen others. */
interface ActionRow {
  readonly name: string;
  readonly keys: readonly string[];
}

export const ACTIONS = {
  up: { name: "Up", keys: ["KeyW", "ArrowUp"] },
  left: { name: "Left", keys: ["KeyA", "ArrowLeft"] },
  down: { name: "Down", keys: ["KeyS", "ArrowDown"] },
  right: { name: "Right", keys: ["KeyD", "ArrowRight"] },
  fire: { name: "Fire", keys: ["Space"] },
  rail: { name: "Charge the rail", keys: ["KeyE"] },
  dash: { name: "Dash", keys: ["ShiftLeft", "ShiftRight"] },
  scores: { name: "Scores", keys: ["Tab"] },
  // Two, so that one is left to whoever has set the other to something else.
  again: { name: "Watch the round again", keys: ["KeyV", "KeyB"] },
  mute: { name: "Mute", keys: ["KeyM"] },
  panel: { name: "Network panel", keys: ["KeyN"] },
  settings: { name: "Settings", keys: ["KeyO"] },
} as const satisfies Readonly<Record<string, ActionRow>>;

export type Action = keyof typeof ACTIONS;

/** These are for the page and work in menus too. */
export type PageAction = "again" | "mute" | "panel" | "settings";

const PAGE_ACTIONS: ReadonlySet<Action> = new Set<PageAction>(["again", "mute", "panel", "settings"]);

export const ALL_ACTIONS = Object.keys(ACTIONS) as readonly Action[];

/** No action has more keys than this. */
export const KEYS_PER_ACTION = 2;

export type Bindings = Readonly<Record<Action, readonly string[]>>;

export const DEFAULT_BINDINGS: Bindings = bindingsBy((action) => ACTIONS[action].keys);

export function isPageAction(action: Action): action is PageAction {
  return PAGE_ACTIONS.has(action);
}

/** What each key does. */
export function actionsByKey(bindings: Bindings): ReadonlyMap<string, Action> {
  return new Map(ALL_ACTIONS.flatMap((action) => bindings[action].map((code) => [code, action] as const)));
}

/** What came of setting a key. */
export interface Rebound {
  readonly bindings: Bindings;
  /** For the player, as a sentence; undefined when nothing else is touched. */
  readonly conflict: string | undefined;
}

/** Sets the key in place `slot` of an action. A key has one action: whoever had it loses it, and that is told. */
export function rebind(bindings: Bindings, action: Action, slot: number, code: string): Rebound {
  const problem = keyProblem(code);
  if (problem !== undefined) {
    return { bindings, conflict: problem };
  }
  const loser = actionsByKey(bindings).get(code);
  const changed = bindingsBy((other) => {
    const kept = bindings[other].filter((key) => key !== code);
    return other === action ? placed(bindings[action], slot, code) : kept;
  });
  if (loser === undefined || loser === action) {
    return { bindings: changed, conflict: undefined };
  }
  const rest = changed[loser].length === 0 ? `, which has no key now` : "";
  return { bindings: changed, conflict: `${keyName(code)} was set to “${ACTIONS[loser].name}”${rest}.` };
}

/** Why a key cannot be set; undefined when it can. */
export function keyProblem(code: string): string | undefined {
  if (code === "Escape") {
    return "Esc leaves the match and cannot be set to anything else.";
  }
  return /^(Control|Alt|Meta|OS|F\d|ContextMenu|$)/.test(code)
    ? `${keyName(code)} belongs to the browser; choose another key.`
    : undefined;
}

/** A key as it is printed on many keyboards. Of two with the same name the right one is told by its side. */
export function keyName(code: string): string {
  const side = /^(Shift|Control|Alt|Meta)(Left|Right)$/.exec(code);
  if (side !== null) {
    return side[2] === "Left" ? (side[1] ?? "") : `Right ${side[1]}`;
  }
  const plain = code.replace(/^(Key|Digit)/, "").replace(/^Arrow(.*)/, "$1 arrow").replace(/^Numpad(.+)/, "Numpad $1");
  return plain === "" ? "This key" : plain;
}

/**
 * Takes what was remembered, or made by another version: what is not understood, or is new since then, has its usual keys as far as
 * nobody has set them to something else.
 */
export function bindingsFrom(remembered: unknown): Bindings {
  if (typeof remembered !== "object" || remembered === null) {
    return DEFAULT_BINDINGS;
  }
  const given = remembered as Readonly<Record<string, unknown>>;
  const taken = new Set<string>();
  const take = (wanted: readonly unknown[]): readonly string[] => {
    const free = wanted.filter(isKey).filter((code, index, all) => all.indexOf(code) === index && !taken.has(code));
    const kept = free.slice(0, KEYS_PER_ACTION);
    kept.forEach((code) => taken.add(code));
    return kept;
  };
  const chosen = new Map(
    ALL_ACTIONS.flatMap((action) => {
      const keys = given[action];
      return Array.isArray(keys) ? [[action, take(keys)] as const] : [];
    }),
  );
  return bindingsBy((action) => chosen.get(action) ?? take(ACTIONS[action].keys));
}

function isKey(code: unknown): code is string {
  return typeof code === "string" && code.length <= 32 && keyProblem(code) === undefined;
}

function placed(keys: readonly string[], slot: number, code: string): readonly string[] {
  const others = keys.map((key, index) => (index === slot ? code : key)).filter((key, index) => key !== code || index === slot);
  return others.includes(code) ? others : [...others, code].slice(-KEYS_PER_ACTION);
}

function bindingsBy(keysOf: (action: Action) => readonly string[]): Bindings {
  return Object.fromEntries(ALL_ACTIONS.map((action) => [action, keysOf(action)])) as Record<Action, readonly string[]>;
}
