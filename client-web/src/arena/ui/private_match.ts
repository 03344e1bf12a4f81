/** Private matches in the menu: beginning one, in a mode and on a map of one's choice, and coming into one by its code. */

import { MATCH_CODE_LETTERS, matchCodeIn } from "../../tickroom/protocol/match_code.ts";
import type { MatchChoice, Offer } from "../../tickroom/protocol/message.ts";
import { element, setText } from "./element.ts";
import { mapOptions, modeOptions, NO_OFFER, privateChoice, type Option } from "./private_choice.ts";

export class PrivateMatch {
  readonly root: HTMLElement;
  private readonly mode = element("select", "");
  private readonly map = element("select", "");
  private readonly code = element("input", "code");
  private readonly problem = element("p", "menu-problem code-problem");
  private readonly buttons: readonly HTMLButtonElement[];
  private offered = "";

  constructor(private readonly join: (choice: MatchChoice) => void) {
    const create = element("button", "quiet", "Private match");
    create.title = "A match for your friends: nobody else finds it";
    const begin = element("form", "private", labelled("Mode", this.mode), labelled("Map", this.map), create);
    begin.addEventListener("submit", (event) => {
      event.preventDefault();
      this.join(privateChoice(this.mode.value, this.map.value));
    });
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
    const form = element("form", "private", this.code, enter);
    form.noValidate = true;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.enter();
    });
    this.root = element("section", "private-match", begin, form, this.problem);
    this.root.setAttribute("aria-label", "Private match");
    this.offer(NO_OFFER);
  }

  /** What can be chosen. What was chosen stays as long as it is offered. */
  offer(offer: Offer): void {
    const offered = JSON.stringify(offer);
    // A list that is open would close when it is made anew.
    if (offered !== this.offered) {
      this.offered = offered;
      fill(this.mode, modeOptions(offer));
      fill(this.map, mapOptions(offer));
    }
  }

  /** While a join is under way nothing can be chosen. */
  setBusy(busy: boolean): void {
    for (const control of [this.mode, this.map, ...this.buttons]) {
      control.disabled = busy;
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

function labelled(text: string, control: HTMLElement): HTMLLabelElement {
  return element("label", "private-wish", element("span", "", text), control);
}

function fill(list: HTMLSelectElement, options: readonly Option[]): void {
  const chosen = list.value;
  list.replaceChildren(
    ...options.map(({ value, text }) => {
      const option = element("option", "", text);
      option.value = value;
      // A map may be named in any script.
      option.dir = "auto";
      return option;
    }),
  );
  if (options.some(({ value }) => value === chosen)) {
    list.value = chosen;
  }
}

const CODE_PROBLEM = `A code has ${MATCH_CODE_LETTERS} letters, such as BCDFG-HJKMN, and no vowels.`;
