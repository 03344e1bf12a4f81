/** What a newcomer has to know before the first match, in one line: the keys as they are set, or the thumbs. */

import { keyName, type Bindings } from "../input/actions.ts";
import { element } from "./element.ts";

/** A few keys and what they do. */
interface Item {
  readonly keys: readonly string[];
  readonly does: string;
}

/** Pure. */
export function hintsOf(bindings: Bindings): readonly Item[] {
  const first = (codes: readonly string[]): string[] => codes.slice(0, 1).map(keyName);
  return [
    { keys: [bindings.up, bindings.left, bindings.down, bindings.right].flatMap(first), does: "move" },
    { keys: ["Mouse", ...first(bindings.fire)], does: "aim and fire" },
    { keys: ["Right button", ...first(bindings.rail)], does: "rail" },
    { keys: first(bindings.dash), does: "dash" },
    { keys: first(bindings.scores), does: "scores" },
    { keys: ["Esc"], does: "leave" },
  ].filter(({ keys }) => keys.length > 0);
}

export class Hint {
  private readonly keys = element("p", "hint hint-keys");
  private readonly thumbs = element(
    "p",
    "hint hint-thumbs",
    "Left thumb walks, right thumb aims and fires; buttons for rail and dash.",
  );
  readonly root = element("div", "hints", this.keys, this.thumbs);

  setKeys(bindings: Bindings): void {
    this.keys.replaceChildren(...hintsOf(bindings).map(row));
  }
}

function row({ keys, does }: Item): HTMLElement {
  return element("span", "hint-item", ...keys.map((name) => element("kbd", "", name)), ` ${does}`);
}
