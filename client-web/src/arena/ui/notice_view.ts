/** Shows a notice, with a countdown to the next try, and hands its button on. */

import { element, setText } from "./element.ts";
import type { Notice, NoticeAction, NoticeButton } from "./notice.ts";

export class NoticeView {
  readonly root = element("section", "notice");
  private readonly title = element("h2", "notice-title");
  private readonly text = element("p", "notice-text");
  private readonly countdown = element("p", "notice-countdown");
  private readonly button = element("button", "notice-button");
  private readonly other = element("button", "notice-button notice-other");
  private notice: Notice | undefined;

  constructor(private readonly act: (action: NoticeAction) => void) {
    const words = element("div", "notice-words", this.title, this.text, this.countdown);
    // The region stays in the page, so that screen readers notice when its text changes.
    words.setAttribute("role", "status");
    words.setAttribute("aria-live", "assertive");
    this.countdown.setAttribute("aria-hidden", "true");
    this.button.type = "button";
    this.button.addEventListener("click", () => this.press(this.notice?.action));
    this.other.type = "button";
    this.other.addEventListener("click", () => this.press(this.notice?.other));
    this.root.append(element("div", "notice-card", words, this.button, this.other));
    this.show(undefined, 0);
  }

  /** Shows this notice, or none. */
  show(notice: Notice | undefined, nowMs: number): void {
    // Asked with each frame, and nearly always there is none.
    if (notice === undefined && this.notice === undefined && this.root.dataset["form"] === "none") {
      return;
    }
    const appears = notice?.title !== this.notice?.title;
    this.notice = notice;
    const form = notice?.form ?? "none";
    // Asked with each frame; writing the same anew would cost a style each time.
    if (this.root.dataset["form"] !== form) {
      this.root.dataset["form"] = form;
    }
    setText(this.title, notice?.title ?? "");
    // A heading without words is a stumbling block for screen readers.
    this.title.hidden = notice === undefined;
    setText(this.text, notice?.text ?? "");
    setText(this.button, notice?.action?.label ?? "");
    this.button.hidden = notice?.action === undefined;
    setText(this.other, notice?.other?.label ?? "");
    this.other.hidden = notice?.other === undefined;
    if (appears && notice?.form === "dialog") {
      this.button.focus();
    }
    this.tick(nowMs);
  }

  private press(pressed: NoticeButton | undefined): void {
    if (pressed !== undefined) {
      this.act(pressed.does);
    }
  }

  /** Lets the countdown go on. */
  tick(nowMs: number): void {
    setText(this.countdown, this.notice === undefined ? "" : countdownOf(this.notice, nowMs));
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
