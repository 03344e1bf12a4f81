/** What the player must know when something is wrong, and what its button does. */

import type { ArenaSession } from "./debug/probe.ts";
import { Away } from "./ui/away.ts";
import { noticeOf, type NoticeAction, type Situation } from "./ui/notice.ts";
import { NoticeView } from "./ui/notice_view.ts";

/** What the player can want after a match has ended: another one, or to see that one. */
export interface NoticeWishes {
  playAgain(): void;
  watchAgain(): void;
}

/** How the page stands. */
export interface ShownPage {
  /** What the session is about is the picture behind the menu. */
  readonly isBehindMenu: boolean;
  readonly canDraw: boolean;
  readonly canWatchAgain: boolean;
}

export class Notices {
  private readonly view = new NoticeView((action) => this.act(action));
  private readonly away = new Away();
  readonly root = this.view.root;
  private opensSinceMs: number | undefined;

  constructor(
    private readonly session: ArenaSession,
    private readonly wishes: NoticeWishes,
  ) {}

  /** A decision is asked for: keys are for that alone. */
  get asks(): boolean {
    return this.view.asks;
  }

  /** The page is seen, or no longer. */
  look(visible: boolean, nowMs: number): void {
    this.away.look(visible, nowMs);
  }

  /** To be called in each frame too: some of it comes and goes with nothing but time. */
  show({ isBehindMenu, canDraw, canWatchAgain }: ShownPage, nowMs: number): void {
    const { session } = this;
    const purpose = session.replayName !== undefined ? "replay" : session.watches ? "watch" : "play";
    this.opensSinceMs = purpose === "replay" && session.state.kind === "joining" ? (this.opensSinceMs ?? nowMs) : undefined;
    const situation: Situation = {
      connection: session.linkState,
      // What is behind the menu is no news, whatever becomes of it.
      session: isBehindMenu ? { kind: "idle" } : session.state,
      purpose,
      holdsSeat: session.holdsSeat && !isBehindMenu,
      opensMs: this.opensSinceMs === undefined ? undefined : nowMs - this.opensSinceMs,
      closesAtMs: session.serverClosesAtMs,
      garbled: session.isGarbled(nowMs),
      awayMs: session.state.kind === "playing" ? this.away.told(nowMs) : undefined,
      canDraw,
      canWatchAgain,
    };
    this.view.show(noticeOf(situation), nowMs);
  }

  private act(action: NoticeAction): void {
    switch (action) {
      case "retry":
        this.session.retry();
        break;
      case "play":
        this.wishes.playAgain();
        break;
      case "watch again":
        this.wishes.watchAgain();
        break;
      case "play here":
        this.session.playHere();
        break;
      case "reload":
        location.reload();
        break;
      case "menu":
        this.session.leave();
        break;
    }
  }
}
