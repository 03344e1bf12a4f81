/** Shows a notice, with a countdown to the next try, and hands its button on. */

import { element, setText } from "./element.ts";
import type { Notice, NoticeAction } from "./notice.ts";

export class NoticeView {
  readonly root = element("section", "notice");
  private readonly title = element("h2", "notice-title");
  private readonly text = element("p", "notice-text");
  private readonly countdown = element("p", "notice-countdown");
  private readonly button = element("button", "notice-button");
  private notice: Notice | undefined;

  constructor(private readonly act: (action: NoticeAction) => void) {
    const words = element("div", "notice-words", this.title, this.text, this.countdown);
    // The region stays in the page, so that screen readers notice when its text changes.
    words.setAttribute("role", "status");
    words.setAttribute("aria-live", "assertive");
    this.countdown.setAttribute("aria-hidden", "true");
    this.button.type = "button";
    this.button.addEventListener("click", () => {
      if (this.notice?.action !== undefined) {
        this.act(this.notice.action.does);
      }
    });
    this.root.append(element("div", "notice-card", words, this.button));
    this.show(undefined, 0);
  }

  /** Shows this notice, or none. */
  show(notice: Notice | undefined, nowMs: number): void {
    const appears = notice?.title !== this.notice?.title;
    this.notice = notice;
    this.root.dataset["form"] = notice?.form ?? "none";
    setText(this.title, notice?.title ?? "");
    // A heading without words is a stumbling block for screen readers.
    this.title.hidden = notice === undefined;
    setText(this.text, notice?.text ?? "");
    setText(this.button, notice?.action?.label ?? "");
    this.button.hidden = notice?.action === undefined;
    if (appears && notice?.form === "dialog") {
      this.button.focus();
    }
    this.tick(nowMs);
  }

  /** Lets the countdown go on. */
  tick(nowMs: number): void {
    const untilMs = this.notice?.untilMs;
    if (untilMs === undefined) {
      setText(this.countdown, "");
      return;
    }
    const seconds = Math.ceil((untilMs - nowMs) / 1000);
    setText(this.countdown, seconds > 0 ? `Next try in ${seconds} s` : "Trying…");
  }
}
