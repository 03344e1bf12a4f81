/**
 * Keys become a wish to move and actions: WASD and the arrows, by their place on the keyboard and not by their letter, the
 * space bar fires, Shift dashes, E charges the rail. Keys do not count while somebody types, and all are let go when the
 * page loses the focus.
 */

const FULL = 127;

type Wish = "up" | "down" | "left" | "right" | "fire" | "rail" | "dash" | "scores";

const KEYS: Readonly<Record<string, Wish>> = {
  KeyW: "up",
  ArrowUp: "up",
  KeyS: "down",
  ArrowDown: "down",
  KeyA: "left",
  ArrowLeft: "left",
  KeyD: "right",
  ArrowRight: "right",
  Space: "fire",
  KeyE: "rail",
  ShiftLeft: "dash",
  ShiftRight: "dash",
  Tab: "scores",
};

/** What the keys say. */
export interface Keys {
  /** −127 to 127, as in `Input`. */
  readonly moveX: number;
  readonly moveY: number;
  readonly fire: boolean;
  /** Pressed since the last call: these happen once. */
  readonly rail: boolean;
  readonly dash: boolean;
}

export class Keyboard {
  private readonly held = new Set<string>();
  private readonly pressed = new Set<Wish>();

  /** Listens until the page is closed. Only while `plays()` are Space and Tab ours: a menu needs them. */
  constructor(
    page: Window,
    private readonly plays: () => boolean,
  ) {
    page.addEventListener("keydown", (event) => this.press(event));
    page.addEventListener("keyup", (event) => this.held.delete(event.code));
    page.addEventListener("blur", () => this.letGo());
    page.document.addEventListener("visibilitychange", () => this.letGo());
  }

  /** The wish of this moment. A press of the trigger that has ended already counts once. */
  take(): Keys {
    const wishes = new Set([...this.held].map((code) => KEYS[code]));
    const keys = {
      moveX: axis(wishes.has("left"), wishes.has("right")),
      moveY: axis(wishes.has("up"), wishes.has("down")),
      fire: wishes.has("fire") || this.pressed.has("fire"),
      rail: this.pressed.has("rail"),
      dash: this.pressed.has("dash"),
    };
    this.pressed.clear();
    return keys;
  }

  /** The player wants to see the scoreboard. */
  get wantsScores(): boolean {
    return this.held.has("Tab");
  }

  private press(event: KeyboardEvent): void {
    const wish = event.ctrlKey || event.metaKey || event.altKey ? undefined : KEYS[event.code];
    const needsPlay = wish === "fire" || wish === "scores";
    if (wish === undefined || isTyping(event.target) || (needsPlay && !this.plays())) {
      return;
    }
    // Arrows would scroll the page, Tab would leave it.
    event.preventDefault();
    this.held.add(event.code);
    if (!event.repeat) {
      this.pressed.add(wish);
    }
  }

  private letGo(): void {
    this.held.clear();
    this.pressed.clear();
  }
}

function axis(negative: boolean, positive: boolean): number {
  if (negative === positive) {
    return 0;
  }
  return positive ? FULL : -FULL;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}
