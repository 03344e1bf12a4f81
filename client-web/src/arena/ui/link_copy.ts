/** A button that puts a link into the clipboard, and where that is not allowed a field from which it can be taken by hand. */

import { element, pressButton, setText } from "./element.ts";

const COPY = "Copy link";

/** How long the button says what became of the copy. */
const SAID_MS = 2000;

export class LinkCopy {
  readonly button: HTMLButtonElement;
  /** Hidden as long as nobody needs it. */
  readonly field: HTMLInputElement;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `label` names the field; `link` is asked at each press. */
  constructor(
    classes: { readonly button: string; readonly field: string },
    label: string,
    private readonly link: () => string,
    private readonly onCopied: () => void = () => undefined,
  ) {
    this.button = pressButton(classes.button, () => void this.copy(), COPY);
    this.button.setAttribute("aria-live", "polite");
    this.field = element("input", classes.field);
    this.field.type = "text";
    this.field.readOnly = true;
    this.field.hidden = true;
    this.field.setAttribute("aria-label", label);
  }

  private async copy(): Promise<void> {
    const link = this.link();
    if (await copied(link)) {
      this.say("Copied");
      this.onCopied();
      return;
    }
    // Pages that came over plain HTTP from another machine may not write to the clipboard.
    this.field.value = link;
    this.field.hidden = false;
    this.field.focus();
    this.field.select();
    this.say("Press Ctrl+C");
  }

  private say(text: string): void {
    setText(this.button, text);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => setText(this.button, COPY), SAID_MS);
  }
}

/** Puts a text into the clipboard; false where that is not allowed. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // There is no clipboard, or it is not allowed.
    return false;
  }
}
