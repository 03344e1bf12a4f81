/** The buttons of somebody who watches: whom to follow, the free camera, and a way into the match. */

import { keyName } from "../input/actions.ts";
import type { WatchAction } from "../input/watch_controls.ts";
import { element, pressButton, setText } from "./element.ts";

/** What the buttons do. */
export interface WatchBarActions {
  step(step: 1 | -1): void;
  setFree(free: boolean): void;
  join(): void;
}

export class WatchBar {
  readonly root: HTMLElement;
  private readonly who = element("span", "watch-name");
  private readonly previous: HTMLButtonElement;
  private readonly next: HTMLButtonElement;
  private readonly free: HTMLButtonElement;
  private readonly join: HTMLButtonElement;
  private isFree = false;

  constructor(actions: WatchBarActions) {
    this.free = pressButton("watch-button", () => actions.setFree(!this.isFree), "Free camera");
    this.who.setAttribute("aria-live", "polite");
    this.previous = pressButton("watch-button", () => actions.step(-1), "‹");
    this.previous.setAttribute("aria-label", "Previous player");
    this.next = pressButton("watch-button", () => actions.step(1), "›");
    this.next.setAttribute("aria-label", "Next player");
    this.join = pressButton("watch-button watch-join", () => actions.join(), "Join");
    this.root = element("div", "watch-bar", this.previous, this.who, this.next, this.free, this.join);
    this.root.setAttribute("role", "toolbar");
    this.root.setAttribute("aria-label", "Watching");
    this.root.hidden = true;
  }

  /** Names the keys that do the same. */
  setKeys(acts: ReadonlyMap<string, WatchAction>): void {
    const named = [[this.previous, "previous"], [this.next, "next"], [this.free, "free"]] as const;
    for (const [made, does] of named) {
      const codes = [...acts].filter(([, action]) => action === does).map(([code]) => keyName(code));
      made.title = codes.length === 0 ? "" : `Key ${codes.join(" or ")}`;
    }
  }

  /** `name` is that of the player who is followed; undefined when there is none. Nobody can join what is over. */
  show(visible: boolean, name?: string, isFree = false, canJoin = true): void {
    this.root.hidden = !visible;
    this.join.hidden = !canJoin;
    this.isFree = isFree;
    this.free.setAttribute("aria-pressed", String(isFree));
    setText(this.who, isFree ? "Free camera" : (name ?? "Nobody is here"));
  }
}
