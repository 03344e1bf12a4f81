/**
 * What the page does with matches that it only watches: one that somebody chose to see, with its bar, keys and HUD, or the
 * one that runs behind the menu while nobody has chosen anything.
 */

import type { Point } from "../../tickroom/sim/prediction.ts";
import type { ArenaSession } from "../debug/probe.ts";
import type { Bindings } from "../input/actions.ts";
import { WatchControls, watchKeys, type WatchAction } from "../input/watch_controls.ts";
import type { Event } from "../protocol/event.ts";
import type { Scene } from "../render/scene.ts";
import type { Cue } from "../sound/ears.ts";
import type { Hud } from "../ui/hud.ts";
import { WatchBar } from "../ui/watch_bar.ts";
import { forgetSpectated } from "./address.ts";
import { Watch } from "./watch.ts";

/** How often a match behind the menu is asked for when there was none. */
const ASK_MS = 10_000;

/** What the page is to it. */
export interface WatchingPage {
  session(): ArenaSession;
  /** No dialog is open, so keys are for the match. */
  takesKeys(): boolean;
  /** Whoever looks wants nothing to move that need not. */
  isCalm(): boolean;
  sound(cue: Cue, listener: Point | undefined): void;
  /** Whoever watches wants to play in that match. */
  join(matchId: number): void;
}

export class Watching {
  readonly bar: WatchBar;
  private readonly controls: WatchControls;
  private watch: Watch | undefined;
  /** Somebody has chosen to watch; otherwise what is watched is behind the menu. */
  private chosen = false;
  private askedMs = -Infinity;
  private visible = true;

  constructor(
    window: Window,
    frame: HTMLElement,
    private readonly page: WatchingPage,
  ) {
    this.controls = new WatchControls(
      window,
      frame,
      () => this.isSpectating && page.takesKeys(),
      (action) => this.act(action),
      () => page.session().replayName !== undefined,
    );
    this.bar = new WatchBar({
      step: (step) => this.watch?.step(step),
      setFree: (free) => this.watch?.setFree(free),
      join: () => this.join(),
    });
  }

  /** From now on these keys count. */
  setKeys(bindings: Bindings): void {
    this.controls.bind(bindings);
    this.bar.setKeys(watchKeys(bindings).acts);
  }

  /** Somebody watches a match that was chosen, or is about to. */
  get isSpectating(): boolean {
    return this.chosen && this.page.session().watches;
  }

  /** What is watched is the picture behind the menu. */
  get isBehindMenu(): boolean {
    return !this.chosen && this.page.session().watches;
  }

  /** For the probe. */
  get current(): Watch | undefined {
    return this.watch;
  }

  /** Somebody wants to see this match. */
  spectate(matchId: number): void {
    this.chosen = true;
    this.page.session().watch(matchId, false);
  }

  /** Somebody wants to see this recording from a tick on. */
  replay(name: string, tick: number): void {
    this.chosen = true;
    this.page.session().watchReplay(name, tick);
  }

  /** Brings itself in line with the session. */
  update(): void {
    const session = this.page.session();
    const { match, state } = session;
    // Whoever was refused is back in the menu, and what is asked for next is only the picture behind it.
    if (this.chosen && (!session.watches || state.kind === "refused")) {
      this.chosen = false;
      forgetSpectated();
    }
    const watched = match?.watches === true ? match : undefined;
    const { manner } = this;
    if (watched === undefined) {
      this.watch = undefined;
    } else if (this.watch?.match !== watched || this.watch.manner !== manner) {
      this.watch = new Watch(watched, session.roster, manner, (cue, listener) => this.page.sound(cue, listener));
    }
    this.showBar();
  }

  /** As it is to be watched now. */
  private get manner(): Watch["manner"] {
    return this.chosen ? "viewer" : this.page.isCalm() ? "still" : "menu";
  }

  /** Nobody is shown anything behind a menu that nobody sees. */
  show(visible: boolean): void {
    this.visible = visible;
    if (!visible && this.isBehindMenu) {
      this.page.session().leave();
    } else if (visible) {
      this.askedMs = -Infinity;
      this.watch?.wake();
    }
  }

  /** Asks for a match behind the menu when there is nothing to be seen. */
  advance(nowMs: number): void {
    const session = this.page.session();
    const { kind } = session.state;
    const isFree = kind === "idle" || (kind === "refused" && session.linkState.kind === "online");
    if (this.visible && isFree && session.linkState.kind === "online" && nowMs - this.askedMs > ASK_MS) {
      this.askedMs = nowMs;
      session.watch(undefined, true);
    }
  }

  receive(event: Event, tick: number, nowMs: number): void {
    this.watch?.receive(event, tick, nowMs);
  }

  /** One frame, if a match is watched. */
  draw(scene: Scene | undefined, hud: Hud, pingMs: number | undefined, nowMs: number): void {
    if (this.watch !== undefined && this.watch.manner !== this.manner) {
      this.update();
    }
    const { watch } = this;
    if (watch === undefined) {
      return;
    }
    const spectates = watch.manner === "viewer";
    const wish = this.controls.take();
    watch.draw(scene, spectates ? hud : undefined, spectates ? wish : undefined, pingMs, nowMs);
    this.showBar();
  }

  private showBar(): void {
    const { state, replayName } = this.page.session();
    const isSeen = this.isSpectating && state.kind === "watching";
    this.bar.show(isSeen, this.watch?.followedName, this.watch?.isFree, replayName === undefined);
  }

  private act(action: WatchAction): void {
    switch (action) {
      case "next":
        this.watch?.step(1);
        break;
      case "previous":
        this.watch?.step(-1);
        break;
      case "free":
        this.watch?.setFree(!this.watch.isFree);
        break;
      case "leave":
        this.page.session().leave();
        break;
    }
  }

  private join(): void {
    const matchId = this.page.session().match?.joined.matchId;
    if (matchId !== undefined) {
      this.page.join(matchId);
    }
  }
}
