/** Private matches in the menu: beginning one, and coming into one by its code. */

import { MATCH_CODE_LETTERS, matchCodeIn } from "../../tickroom/protocol/match_code.ts";
import type { MatchChoice } from "../../tickroom/protocol/message.ts";
import { element, setText } from "./element.ts";

export class PrivateMatch {
  readonly root: HTMLElement;
  private readonly code = element("input", "code");
  private readonly problem = element("p", "menu-problem code-problem");
  private readonly buttons: readonly HTMLButtonElement[];

  constructor(private readonly join: (choice: MatchChoice) => void) {
    const create = element("button", "quiet", "Private match");
    create.type = "button";
    create.title = "A match for your friends: nobody else finds it";
    create.addEventListener("click", () => this.join({ kind: "private" }));
    const enter = element("button", "quiet", "Join by code");
    this.buttons = [create, enter];
    this.code.id = "code";
    this.code.type = "text";
    this.code.placeholder = "Code";
    this.code.spellcheck = false;
    this.code.setAttribute("aria-label", "Code of a private match");
    this.code.setAttribute("autocomplete", "off");
    this.code.setAttribute("autocapitalize", "characters");
    this.code.setAttribute("aria-describedby", "code-problem");
    // Room for spaces and hyphens of whoever read it out.
    this.code.maxLength = MATCH_CODE_LETTERS * 2;
    this.problem.id = "code-problem";
    this.problem.setAttribute("aria-live", "polite");
    const form = element("form", "private", create, this.code, enter);
    form.noValidate = true;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.enter();
    });
    this.root = element("section", "private-match", form, this.problem);
    this.root.setAttribute("aria-label", "Private match");
  }

  /** While a join is under way nothing can be chosen. */
  setBusy(busy: boolean): void {
    for (const button of this.buttons) {
      button.disabled = busy;
    }
  }

  private enter(): void {
    const code = matchCodeIn(this.code.value);
    setText(this.problem, code === undefined ? CODE_PROBLEM : "");
    this.code.setAttribute("aria-invalid", String(code === undefined));
    if (code === undefined) {
      this.code.focus();
    } else {
      this.join({ kind: "code", code });
    }
  }
}

const CODE_PROBLEM = `A code has ${MATCH_CODE_LETTERS} letters, such as BCDFG-HJKMN, and no vowels.`;
