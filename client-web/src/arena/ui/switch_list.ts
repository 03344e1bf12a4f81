/** The switches of the network panel: what each does, and the source that runs. */

import { SWITCH_ROWS, type Board, type SwitchRow } from "../switchboard.ts";
import { element, pressButton } from "./element.ts";
import { SourceView } from "./source_view.ts";

export class SwitchList {
  readonly root = element("ul", "net-switches");

  /** `board` is what is flipped. */
  constructor(board: Board) {
    this.root.append(...SWITCH_ROWS.map((row) => switchRow(row, board)));
  }
}

function switchRow({ key, label, sentence, sources }: SwitchRow, board: Board): HTMLElement {
  const text = element("p", "net-sentence", sentence);
  text.id = `net-${key}`;
  const flip = (): void => {
    board[key] = !board[key];
    show();
  };
  const button = pressButton("net-switch", flip, label);
  const show = (): void => button.setAttribute("aria-checked", String(board[key]));
  button.setAttribute("role", "switch");
  button.setAttribute("aria-describedby", text.id);
  show();
  return element("li", "net-row", button, text, new SourceView(key, label, sources).root);
}
