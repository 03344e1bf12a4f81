/** What the player must know when something is wrong, and what its button does. */

import type { ArenaSession } from "./debug/probe.ts";
import { Away } from "./ui/away.ts";
import { noticeOf, type NoticeAction } from "./ui/notice.ts";
import { NoticeView } from "./ui/notice_view.ts";

export class Notices {
  private readonly view = new NoticeView((action) => this.act(action));
  private readonly away = new Away();
  readonly root = this.view.root;
  private opensSinceMs: number | undefined;

  /** `playAgain` is called when the player wants another match after one that has ended. */
  constructor(
    private readonly session: ArenaSession,
    private readonly playAgain: () => void,
  ) {}

  /** The page is seen, or no longer. */
  look(visible: boolean, nowMs: number): void {
    this.away.look(visible, nowMs);
  }

  /** To be called in each frame too: some of it comes and goes with nothing but time. */
  show(isBehindMenu: boolean, canDraw: boolean, nowMs: number): void {
    const { session } = this;
    const isRecording = session.replayName !== undefined;
    this.opensSinceMs = isRecording && session.state.kind === "joining" ? (this.opensSinceMs ?? nowMs) : undefined;
    const situation = {
      connection: session.linkState,
      // What is behind the menu is no news, whatever becomes of it.
      session: isBehindMenu ? ({ kind: "idle" } as const) : session.state,
      isRecording,
      opensMs: this.opensSinceMs === undefined ? undefined : nowMs - this.opensSinceMs,
      closesAtMs: session.serverClosesAtMs,
      garbled: session.isGarbled(nowMs),
      awayMs: session.state.kind === "playing" ? this.away.told(nowMs) : undefined,
      canDraw,
    };
    this.view.show(noticeOf(situation), nowMs);
  }

  private act(action: NoticeAction): void {
    switch (action) {
      case "retry":
        this.session.retry();
        break;
      case "play":
        this.playAgain();
        break;
      case "play here":
        this.session.playHere();
        break;
      case "reload":
        location.reload();
        break;
    }
  }
}
