/**
 * A panel to see what the network does, and to try what a bad one feels like (key N): figures and their last ten seconds, the
 * parts of the netcode to switch off, and a link that can be made worse.
 */

import type { Conditions } from "../../tickroom/net/conditioner.ts";
import type { Board } from "../switchboard.ts";
import { element } from "./element.ts";
import { FigureTiles } from "./figure_tiles.ts";
import { LinkControls } from "./link_controls.ts";
import { NetHistory, type NetFigures } from "./net_figures.ts";
import { SwitchList } from "./switch_list.ts";

/** What the panel says of itself, for tests. */
export interface PanelState {
  readonly open: boolean;
  /** Of the graph. */
  readonly points: number;
}

export class NetPanel {
  readonly root = element("aside", "net-panel");
  private readonly history = new NetHistory();
  private readonly figures = new FigureTiles(this.history);

  /** `link` is what is made slow, `board` what is switched. */
  constructor(link: { conditions: Conditions }, board: Board) {
    this.root.setAttribute("aria-label", "Network");
    this.root.tabIndex = -1;
    this.root.append(
      element("h2", "net-title", "Network"),
      this.figures.root,
      section("Switches", new SwitchList(board).root, true),
      section("Link", new LinkControls(link).root, false),
    );
    this.root.hidden = true;
  }

  get state(): PanelState {
    return { open: !this.root.hidden, points: this.figures.points };
  }

  toggle(): void {
    this.root.hidden = !this.root.hidden;
    if (!this.root.hidden) {
      // The next Tab goes into the panel; what steers the player still does.
      this.root.focus();
      void this.figures.load();
    }
  }

  /** To be called in each frame. It takes note also while nobody looks, so that whoever opens it sees what has been. */
  tick(nowMs: number, figures: () => NetFigures): void {
    this.history.note(nowMs, figures);
    if (!this.root.hidden) {
      this.figures.show(nowMs);
    }
  }
}

/** One of the parts of which one is open at a time: there is no room for more beside the game. */
function section(title: string, content: HTMLElement, open: boolean): HTMLElement {
  const details = element("details", "net-section", element("summary", "", title), content);
  details.name = "net";
  details.open = open;
  return details;
}
