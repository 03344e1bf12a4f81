/** The buttons of somebody who watches: whom to follow, the free camera, and a way into the match. */

import { element, setText } from "./element.ts";

/** What the buttons do. */
export interface WatchBarActions {
  step(step: 1 | -1): void;
  setFree(free: boolean): void;
  join(): void;
}

export class WatchBar {
  readonly root: HTMLElement;
  private readonly who = element("span", "watch-name");
  private readonly free: HTMLButtonElement;
  private readonly join: HTMLButtonElement;
  private isFree = false;

  constructor(actions: WatchBarActions) {
    this.free = button("Free camera", "F", () => actions.setFree(!this.isFree));
    this.who.setAttribute("aria-live", "polite");
    const previous = button("‹", "Q", () => actions.step(-1));
    previous.setAttribute("aria-label", "Previous player");
    const next = button("›", "E", () => actions.step(1));
    next.setAttribute("aria-label", "Next player");
    this.join = button("Join", undefined, () => actions.join());
    this.join.classList.add("watch-join");
    this.root = element("div", "watch-bar", previous, this.who, next, this.free, this.join);
    this.root.setAttribute("role", "toolbar");
    this.root.setAttribute("aria-label", "Watching");
    this.root.hidden = true;
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

function button(label: string, key: string | undefined, act: () => void): HTMLButtonElement {
  const made = element("button", "watch-button", label);
  made.type = "button";
  if (key !== undefined) {
    made.title = `Key ${key}`;
  }
  made.addEventListener("click", act);
  return made;
}
