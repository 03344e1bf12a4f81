/** What the page does with recordings: the list in the menu, the controls while one is watched, and the address of it. */

import type { ReplayEntry } from "../../tickroom/protocol/message.ts";
import type { ArenaSession } from "../debug/probe.ts";
import { focusOf } from "../input/focus.ts";
import { linkToMoment, showReplay } from "./moment.ts";
import { ReplayBar } from "./replay_bar.ts";
import { replayAction } from "./replay_keys.ts";
import { ReplayList } from "./replay_list.ts";
import { Steering } from "./steering.ts";

/** How often the menu asks what can be watched while the list is open. */
const ASK_MS = 10_000;

/** What the page is to it. */
export interface ReplayingPage {
  session(): ArenaSession;
  /** No dialog is open, so keys are for the recording. */
  takesKeys(): boolean;
  /** Somebody wants to see this recording from a tick on. */
  watch(name: string, tick: number): void;
}

export class Replaying {
  readonly bar: ReplayBar;
  readonly list: ReplayList;
  private steering = new Steering({ endTick: 0, speedQuarters: 0 });
  /** The match that `steering` is about. */
  private steered: ArenaSession["match"];
  private shownName: string | undefined;
  private askedMs = -Infinity;
  /** The server shows no recordings; another one may. */
  private isOff = false;

  constructor(
    window: Window,
    private readonly page: ReplayingPage,
  ) {
    this.bar = new ReplayBar({
      toggle: () => this.steering.toggle(),
      seek: (tick) => this.steering.seek(tick),
      setSpeed: (quarters) => this.steering.setSpeed(quarters),
      link: () => linkToMoment(location.href, this.shownName ?? "", this.steering.shown.tick),
    });
    this.list = new ReplayList(
      (name) => page.watch(name, 0),
      () => (this.askedMs = -Infinity),
    );
    window.addEventListener("keydown", (event) => this.press(event));
  }

  /** A recording is being watched. */
  get isOpen(): boolean {
    const { match, state } = this.page.session();
    return state.kind === "watching" && match?.playback !== undefined;
  }

  /** For the probe. */
  get shown(): Steering["shown"] | undefined {
    return this.isOpen ? this.steering.shown : undefined;
  }

  showList(replays: readonly ReplayEntry[] | undefined): void {
    this.isOff = replays === undefined;
    this.list.show(replays, Date.now() / 1000);
  }

  /** One frame. */
  advance(nowMs: number): void {
    const session = this.page.session();
    const { match } = session;
    this.followAddress(session);
    if (!this.isOpen || match?.playback === undefined) {
      this.bar.hide();
      this.askNow(session, nowMs);
      return;
    }
    if (this.steered !== match) {
      this.steered = match;
      this.steering = new Steering(match.playback);
    }
    const { playback, era, joined, drawnTick } = match;
    const { seekingTick } = session;
    const steer = this.steering.advance({ playback, era, beganTick: joined.tick, drawnTick, seekingTick }, nowMs);
    if (steer !== undefined) {
      session.steer(steer);
    }
    const { shown } = this.steering;
    this.bar.show(shown, shown.waits ? seekingTick : undefined);
  }

  /** The address is that of the recording as long as it is there. */
  private followAddress({ replayName, state }: ArenaSession): void {
    const name = state.kind === "refused" ? undefined : replayName;
    if (name !== this.shownName) {
      this.shownName = name;
      showReplay(name);
    }
  }

  /** Once, to know whether there are any, and again while somebody looks. */
  private askNow(session: ArenaSession, nowMs: number): void {
    const isOnline = session.linkState.kind === "online";
    this.isOff = this.isOff && isOnline;
    const wants = this.list.root.hidden ? !this.isOff : this.list.root.open;
    if (wants && isOnline && session.state.kind !== "playing" && nowMs - this.askedMs > ASK_MS) {
      this.askedMs = nowMs;
      session.listReplays();
    }
  }

  private press(event: KeyboardEvent): void {
    if (!this.isOpen || !this.page.takesKeys() || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const action = replayAction(event.code, event.target === this.bar.slider ? "slider" : focusOf(event.target));
    if (action !== undefined && !(event.repeat && action.kind === "toggle")) {
      event.preventDefault();
      this.steering.act(action);
    }
  }
}
