/** What the players of a private match hand to others: its code, and a link that leads into it. */

import { element, setText } from "./element.ts";
import { LinkCopy } from "./link_copy.ts";

/** A code in two halves, as it is easier to read out. */
export function spelled(code: string): string {
  return `${code.slice(0, code.length / 2)}-${code.slice(code.length / 2)}`;
}

export class Invite {
  readonly root: HTMLElement;
  private readonly code = element("span", "invite-code");
  private link = "";
  private readonly copy = new LinkCopy(
    { button: "quiet", field: "invite-link" },
    "Link to this match",
    () => this.link,
    () => this.copy.button.blur(),
  );

  constructor() {
    const { button, field } = this.copy;
    this.root = element("section", "invite", element("span", "", "Private match ", this.code), button, field);
    this.root.setAttribute("aria-label", "Invite");
    this.show(undefined);
  }

  /** Shows the way into a private match, or nothing. */
  show(invitation: { readonly code: string; readonly link: string } | undefined): void {
    this.root.hidden = invitation === undefined;
    setText(this.code, invitation === undefined ? "" : spelled(invitation.code));
    const link = invitation?.link ?? "";
    if (this.link !== link) {
      this.link = link;
      this.copy.field.hidden = true;
    }
  }
}
