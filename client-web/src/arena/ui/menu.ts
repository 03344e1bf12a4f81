/** The first thing a player sees: a name, one big button, and what is played for whoever wants to choose. */

import { NAME_CHARS_MAX } from "../../tickroom/protocol/limits.ts";
import type { MatchChoice, MatchEntry, Offer } from "../../tickroom/protocol/message.ts";
import type { Bindings } from "../input/actions.ts";
import { element, pressButton, setText } from "./element.ts";
import { Hint } from "./hint.ts";
import { spelled } from "./invite.ts";
import { MatchList } from "./match_list.ts";
import { nameProblem, rememberedName, rememberName, suggestName } from "./player_name.ts";
import { PrivateMatch } from "./private_match.ts";

export class Menu {
  readonly root: HTMLElement;
  private readonly name: HTMLInputElement;
  private readonly problem = element("p", "menu-problem");
  private readonly wait = element("p", "menu-wait");
  private readonly button = element("button", "play", "Play");
  private readonly cancel: HTMLButtonElement;
  private readonly hint = new Hint();
  private readonly invited = element("p", "invited");
  private readonly matches: MatchList;
  private readonly privateMatch: PrivateMatch;
  private invitation: string | undefined;
  private joining = false;

  /** `play` is called with a name that the server will take, `refresh` when the list should be asked for anew, `watch` with a match
   * that somebody only wants to see, and `leave` when a join is to be given up. */
  constructor(
    private readonly play: (name: string, choice: MatchChoice) => void,
    refresh: () => void,
    watch: (matchId: number) => void,
    leave: () => void,
  ) {
    this.matches = new MatchList({ join: (choice) => this.choose(choice), watch, refresh });
    this.privateMatch = new PrivateMatch((choice) => this.choose(choice));
    this.name = nameField();
    this.invited.hidden = true;
    this.problem.id = "name-problem";
    this.problem.setAttribute("role", "alert");
    this.wait.setAttribute("aria-live", "polite");
    this.cancel = pressButton("cancel", leave, "Cancel");
    this.cancel.title = "Key Esc";
    this.cancel.hidden = true;
    const label = element("label", "menu-label", "Your name");
    label.htmlFor = this.name.id;
    const dice = element("button", "dice", "Suggest");
    dice.type = "button";
    dice.title = "Suggest another name";
    dice.addEventListener("click", () => this.suggest());
    const form = element(
      "form",
      "menu-form",
      this.invited,
      label,
      element("div", "menu-row", this.name, dice),
      element("div", "menu-said", this.problem, this.wait),
      element("div", "menu-play", this.button, this.cancel),
    );
    form.noValidate = true;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.press();
    });
    this.root = element(
      "section",
      "menu",
      element("h1", "logo", "Tickroom"),
      element("p", "tagline", "One arena. Everybody in it. Right now."),
      form,
      this.matches.root,
      this.privateMatch.root,
      this.hint.root,
    );
    this.root.setAttribute("aria-label", "Menu");
  }

  /** Shows or hides the menu; the name field gets the focus when it appears. */
  show(visible: boolean): void {
    if (this.root.hidden === !visible) {
      return;
    }
    this.root.hidden = !visible;
    if (visible) {
      this.focus();
    } else {
      this.name.blur();
    }
  }

  focus(): void {
    this.name.focus();
    this.name.select();
  }

  /** The keys that are named below. */
  setKeys(bindings: Bindings): void {
    this.hint.setKeys(bindings);
  }

  /** Whether a match is to be seen behind the menu. */
  setLive(live: boolean): void {
    this.root.dataset["live"] = String(live);
  }

  showMatches(matches: readonly MatchEntry[], offer: Offer, pingMs: number | undefined): void {
    this.matches.show(matches, pingMs);
    this.privateMatch.offer(offer);
  }

  /** The big button leads into the private match with this code; undefined: into any match. */
  invite(code: string | undefined): void {
    this.invitation = code;
    this.invited.hidden = code === undefined;
    setText(this.invited, code === undefined ? "" : `You are invited to the private match ${spelled(code)}.`);
    this.nameButton();
  }

  /** Joins where the big button leads, under the name in the field. */
  press(): void {
    this.choose(this.invitation === undefined ? { kind: "any" } : { kind: "code", code: this.invitation });
  }

  /** While a join is under way the button says so, and another one gives it up; `wait` is why it takes long. */
  setJoining(joining: boolean, wait: string): void {
    setText(this.wait, wait);
    if (joining === this.joining) {
      return;
    }
    this.joining = joining;
    this.matches.setBusy(joining);
    this.privateMatch.setBusy(joining);
    this.button.disabled = joining;
    this.nameButton();
    const { activeElement } = document;
    const isLost = activeElement === document.body || activeElement === this.cancel;
    this.cancel.hidden = !joining;
    // What was pressed could not keep the focus.
    if (!joining && isLost && !this.root.hidden) {
      this.button.focus();
    }
  }

  /** There is a name to play under. */
  get hasName(): boolean {
    return nameProblem(this.name.value.trim()) === undefined;
  }

  /** Says why it did not work, and whether that is about the name; an empty text takes that back. */
  setProblem(text: string, isOfName = false): void {
    setText(this.problem, text);
    this.name.setAttribute("aria-invalid", String(isOfName && text !== ""));
  }

  private nameButton(): void {
    const rests = this.invitation === undefined ? "Play" : "Join private match";
    setText(this.button, this.joining ? "Joining…" : rests);
  }

  /** As if this match had been chosen from the list. */
  chooseMatch(matchId: number): void {
    this.choose({ kind: "id", matchId });
  }

  private choose(choice: MatchChoice): void {
    const name = this.name.value.trim();
    const problem = nameProblem(name);
    this.setProblem(problem ?? "", true);
    if (problem !== undefined) {
      this.name.focus();
      return;
    }
    rememberName(name);
    this.play(name, choice);
  }

  private suggest(): void {
    this.name.value = suggestName(Math.random);
    this.setProblem("");
    this.focus();
  }
}

function nameField(): HTMLInputElement {
  const field = element("input", "name");
  field.id = "name";
  field.type = "text";
  field.setAttribute("autocomplete", "nickname");
  field.spellcheck = false;
  // In UTF-16 units, so it never cuts off what the check would allow; the check itself counts characters.
  field.maxLength = NAME_CHARS_MAX * 2;
  field.value = rememberedName() ?? suggestName(Math.random);
  field.setAttribute("aria-describedby", "name-problem");
  return field;
}
