/** The way from the results of a round to its recording: a link into another tab, as the match goes on in this one. */

import { keyName, type Bindings } from "../input/actions.ts";
import { linkToMoment, type Again } from "../replay/moment.ts";
import { element, givesKeysBack, setText } from "./element.ts";

export class AgainLink {
  private readonly label = element("span", "");
  private readonly key = element("kbd", "again-key");
  readonly root = element("a", "again", this.label, this.key);
  private shown: Again | undefined;

  constructor() {
    this.root.target = "_blank";
    // The other tab knows nothing of the seat in this one.
    this.root.rel = "noopener";
    this.root.title = "Opens in a new tab";
    this.root.hidden = true;
    givesKeysBack(this.root);
  }

  setKeys({ again: [key] }: Bindings): void {
    this.key.hidden = key === undefined;
    setText(this.key, key === undefined ? "" : keyName(key));
  }

  /** Leads there; undefined leads nowhere. */
  show(again: Again | undefined): void {
    this.root.hidden = again === undefined;
    if (again === undefined || (again.name === this.shown?.name && again.tick === this.shown.tick)) {
      return;
    }
    this.shown = again;
    this.root.href = linkToMoment(location.href, again.name, again.tick);
    setText(this.label, again.isBeginning ? "Watch the round again" : "Watch again what you saw of it");
  }
}
