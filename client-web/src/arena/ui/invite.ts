/** What the players of a private match hand to others: its code, and a link that leads into it. */

import { element, setText } from "./element.ts";

const COPY = "Copy link";

/** How long the button says what became of the copy. */
const SAID_MS = 2000;

/** A code in two halves, as it is easier to read out. */
export function spelled(code: string): string {
  return `${code.slice(0, code.length / 2)}-${code.slice(code.length / 2)}`;
}

export class Invite {
  readonly root: HTMLElement;
  private readonly code = element("span", "invite-code");
  private readonly link = element("input", "invite-link");
  private readonly button = element("button", "quiet", COPY);
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.button.type = "button";
    this.button.addEventListener("click", () => void this.copy());
    this.button.setAttribute("aria-live", "polite");
    this.link.type = "text";
    this.link.readOnly = true;
    this.link.hidden = true;
    this.link.setAttribute("aria-label", "Link to this match");
    this.root = element("section", "invite", element("span", "", "Private match ", this.code), this.button, this.link);
    this.root.setAttribute("aria-label", "Invite");
    this.show(undefined);
  }

  /** Shows the way into a private match, or nothing. */
  show(invitation: { readonly code: string; readonly link: string } | undefined): void {
    this.root.hidden = invitation === undefined;
    setText(this.code, invitation === undefined ? "" : spelled(invitation.code));
    if (this.link.value !== (invitation?.link ?? "")) {
      this.link.value = invitation?.link ?? "";
      this.link.hidden = true;
    }
  }

  private async copy(): Promise<void> {
    if (await copied(this.link.value)) {
      this.say("Copied");
      this.button.blur();
      return;
    }
    // Pages that came over plain HTTP from another machine may not write to the clipboard.
    this.link.hidden = false;
    this.link.focus();
    this.link.select();
    this.say("Press Ctrl+C");
  }

  private say(text: string): void {
    setText(this.button, text);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => setText(this.button, COPY), SAID_MS);
  }
}

/** Puts a text into the clipboard; false where that is not allowed. */
export async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // There is no clipboard, or it is not allowed.
    return false;
  }
}
