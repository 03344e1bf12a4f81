/** Shows a notice, with a countdown to the next try, and hands its buttons on. */

import { element, setText } from "./element.ts";
import type { Notice, NoticeAction, NoticeButton } from "./notice.ts";

const MENU: NoticeButton = { label: "Menu", does: "menu" };

export class NoticeView {
  private readonly banner: Card;
  private readonly dialog: Card;
  private readonly bar: HTMLElement;
  private readonly modal: HTMLDialogElement;
  readonly root: HTMLElement;

  constructor(private readonly act: (action: NoticeAction) => void) {
    this.banner = new Card(act);
    // The region stays in the page, so that screen readers notice when its text changes.
    this.banner.words.setAttribute("role", "status");
    this.banner.words.setAttribute("aria-live", "assertive");
    this.bar = element("section", "notice", this.banner.root);
    this.bar.dataset["form"] = "none";
    this.dialog = new Card(act);
    this.dialog.title.id = "notice-title";
    this.dialog.text.id = "notice-text";
    this.modal = element("dialog", "notice", this.dialog.root);
    this.modal.dataset["form"] = "dialog";
    this.modal.setAttribute("aria-labelledby", this.dialog.title.id);
    this.modal.setAttribute("aria-describedby", this.dialog.text.id);
    // Esc. A browser lets a dialog refuse it only once in a row, and closes it then.
    this.modal.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.escape();
    });
    // Told a little later: by then it may be open again, about something else.
    this.modal.addEventListener("close", () => {
      if (!this.modal.open) {
        this.escape();
      }
    });
    this.root = element("div", "notices", this.bar, this.modal);
  }

  /** A dialog is shown, which takes the keyboard. */
  get asks(): boolean {
    return this.dialog.notice !== undefined;
  }

  /** Shows this notice, or none. Asked with each frame, and nearly always there is none. */
  show(notice: Notice | undefined, nowMs: number): void {
    const form = notice?.form ?? "none";
    const bar = form === "banner" ? "banner" : "none";
    // Writing the same anew would cost a style each time.
    if (this.bar.dataset["form"] !== bar) {
      this.bar.dataset["form"] = bar;
    }
    this.banner.show(form === "banner" ? notice : undefined, nowMs);
    const isNew = this.dialog.show(form === "dialog" ? notice : undefined, nowMs);
    if (this.asks && !this.modal.open) {
      // Over everything, also over the settings; what it stands before gets the focus back afterwards.
      this.modal.showModal();
    } else if (this.asks && isNew) {
      this.dialog.focus();
    } else if (!this.asks && this.modal.open) {
      this.modal.close();
    }
  }

  /** Leads to the menu, if there is a way. */
  private escape(): void {
    if (this.dialog.notice?.menu === true) {
      this.act("menu");
    }
  }
}

/** What is said, and the buttons. */
class Card {
  readonly title = element("h2", "notice-title");
  readonly text = element("p", "notice-text");
  private readonly countdown = element("p", "notice-countdown");
  readonly words = element("div", "notice-words", this.title, this.text, this.countdown);
  private readonly button: NoticeButtonView;
  private readonly other: NoticeButtonView;
  private readonly menu: NoticeButtonView;
  readonly root: HTMLElement;
  private shown: Notice | undefined;

  constructor(act: (action: NoticeAction) => void) {
    this.countdown.setAttribute("aria-hidden", "true");
    // A heading without words is a stumbling block for screen readers.
    this.title.hidden = true;
    this.button = new NoticeButtonView("notice-button", act);
    this.other = new NoticeButtonView("notice-button notice-other", act);
    this.menu = new NoticeButtonView("notice-button notice-other", act);
    this.root = element("div", "notice-card", this.words, this.button.root, this.other.root, this.menu.root);
  }

  get notice(): Notice | undefined {
    return this.shown;
  }

  focus(): void {
    this.button.root.focus();
  }

  /** True when it is about something else than before. */
  show(notice: Notice | undefined, nowMs: number): boolean {
    const { shown } = this;
    if (notice === undefined && shown === undefined) {
      return false;
    }
    this.shown = notice;
    setText(this.title, notice?.title ?? "");
    this.title.hidden = notice === undefined;
    setText(this.text, notice?.text ?? "");
    setText(this.countdown, notice === undefined ? "" : countdownOf(notice, nowMs));
    this.button.show(notice?.action);
    this.other.show(notice?.other);
    this.menu.show(notice?.menu === true ? MENU : undefined);
    return notice?.title !== shown?.title;
  }
}

class NoticeButtonView {
  readonly root: HTMLButtonElement;
  private button: NoticeButton | undefined;

  constructor(className: string, act: (action: NoticeAction) => void) {
    this.root = element("button", className);
    this.root.type = "button";
    this.root.hidden = true;
    this.root.addEventListener("click", () => {
      if (this.button !== undefined) {
        act(this.button.does);
      }
    });
  }

  show(button: NoticeButton | undefined): void {
    this.button = button;
    setText(this.root, button?.label ?? "");
    this.root.hidden = button === undefined;
  }
}

/** What is counted down at this moment, in words. */
export function countdownOf({ untilMs, heldUntilMs, closesAtMs }: Notice, nowMs: number): string {
  const left = (ms: number): number => Math.ceil((ms - nowMs) / 1000);
  const words: string[] = [];
  if (closesAtMs !== undefined) {
    words.push(left(closesAtMs) > 0 ? `Closing in ${left(closesAtMs)} s.` : "Closing now.");
  }
  if (heldUntilMs !== undefined) {
    words.push(left(heldUntilMs) > 0 ? `Your place is held for ${left(heldUntilMs)} s.` : "Your place was given up; you get another.");
  }
  if (untilMs !== undefined) {
    words.push(left(untilMs) > 0 ? `Next try in ${left(untilMs)} s` : "Trying…");
  }
  return words.join(" ");
}
