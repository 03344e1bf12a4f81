/**
 * What is on the page at each moment: the menu, a match that is played, or one that is watched. Follows the session, which it
 * only reads, and draws with each frame.
 */

import type { LinkState } from "../tickroom/net/link.ts";
import type { SessionState } from "../tickroom/session_state.ts";
import type { Point, Predicted } from "../tickroom/sim/prediction.ts";
import type { ArenaSession } from "./debug/probe.ts";
import type { Recorder } from "./debug/recorder.ts";
import type { Controls } from "./input/controls.ts";
import type { Notices } from "./notices.ts";
import { Play } from "./play.ts";
import type { Event } from "./protocol/event.ts";
import { NEUTRAL, type Input } from "./protocol/input.ts";
import { openMoment, type Moment } from "./replay/moment.ts";
import { SeenRound } from "./replay/seen_round.ts";
import type { Room } from "./room.ts";
import type { OwnPlayer } from "./sim/steering.ts";
import type { Cue } from "./sound/ears.ts";
import type { Sounds } from "./sounds.ts";
import type { Stage } from "./stage.ts";
import type { Board } from "./switchboard.ts";
import type { Hud } from "./ui/hud.ts";
import type { Menu } from "./ui/menu.ts";
import { refusalText, waitText } from "./ui/notice.ts";
import { reloadOnceFor } from "./ui/reload.ts";
import type { Watching } from "./watch/watching.ts";

/** How often the menu asks what is played. */
const LIST_MS = 4000;

/** What the page is put together of. */
export interface Parts {
  readonly session: ArenaSession;
  readonly controls: Controls;
  readonly stage: Stage;
  readonly sounds: Sounds;
  readonly menu: Menu;
  readonly hud: Hud;
  readonly watching: Watching;
  readonly notices: Notices;
  readonly room: Room;
  readonly recorder: Recorder;
  readonly board: Readonly<Board>;
}

export class Page {
  private current: Play | undefined;
  private listedMs = -Infinity;
  /** Of the recording of this name: whoever is back after a lost connection has seen what it saw before. */
  private seenRound = new SeenRound();
  private recording: string | undefined;

  constructor(private readonly parts: Parts) {}

  /** For the probe. */
  get play(): Play | undefined {
    return this.current;
  }

  get isPlaying(): boolean {
    return this.parts.session.state.kind === "playing";
  }

  /** A place to play on is asked for, or asked for again. */
  get isJoining(): boolean {
    const { session } = this.parts;
    return session.state.kind === "joining" && !session.watches;
  }

  /** The player's wish for one tick. */
  intent(nowMs: number): Input {
    return this.current?.intent(nowMs) ?? NEUTRAL;
  }

  predicted(step: Predicted<OwnPlayer, Input>): void {
    this.current?.predicted(step);
  }

  /** Something happened at this tick. */
  receive(event: Event, tick: number, nowMs: number): void {
    this.current?.receive(event, tick, this.parts.hud, nowMs);
    this.parts.watching.receive(event, tick, nowMs);
  }

  /** What of the match could be watched again now. */
  private get moment(): Moment | undefined {
    return this.parts.session.state.kind === "ended" ? this.current?.ending : this.current?.again;
  }

  /** Shows it in another tab, while the match goes on in this one. To be called when a key or a button was pressed. */
  watchAgain(): void {
    const { moment } = this;
    if (moment !== undefined) {
      openMoment(moment);
    }
  }

  /** Brings menu, HUD and notices in line with the session. */
  update(): void {
    const { session, menu, hud, room, stage, watching } = this.parts;
    const { state, match, linkState } = session;
    const otherVersion = versionOfServer(state, linkState);
    if (otherVersion !== undefined && reloadOnceFor(otherVersion)) {
      return;
    }
    watching.update();
    this.followMatch();
    // A dialog that goes gives the focus back, and the menu that comes takes it.
    this.showNotice(performance.now());
    const shows = this.current !== undefined || watching.isSpectating;
    const inMatch = match !== undefined && shows && state.kind !== "idle" && state.kind !== "refused";
    if (!inMatch && menu.root.hidden) {
      this.listedMs = -Infinity;
    }
    menu.show(!inMatch);
    menu.setLive(stage.scene !== undefined && watching.current !== undefined);
    menu.setJoining(this.isJoining, watching.isBehindMenu ? "" : waitText(state));
    if (state.kind === "refused") {
      menu.setProblem(refusalText(state), state.refusal.kind === "name invalid");
    } else if (inMatch) {
      menu.setProblem("");
    }
    hud.show(inMatch);
    room.follow(state, inMatch && !session.watches, match?.joined.code);
  }

  /** What the player must know at this moment, also when nothing but time has passed. */
  showNotice(nowMs: number): void {
    const { notices, watching, stage } = this.parts;
    notices.show({ isBehindMenu: watching.isBehindMenu, canDraw: stage.canDraw, canWatchAgain: this.moment !== undefined }, nowMs);
  }

  /** The page is seen, or no longer. */
  look(visible: boolean, nowMs: number): void {
    const { session, notices, watching } = this.parts;
    session.show(visible, nowMs);
    notices.look(visible, nowMs);
    watching.show(visible);
    if (visible) {
      this.current?.wake();
    }
  }

  /** One frame; `shownMs` is the browser's time of it. */
  draw(shownMs: number, nowMs: number): void {
    const { session, stage, hud, watching, recorder } = this.parts;
    watching.advance(nowMs);
    if (session.match === undefined || watching.isBehindMenu) {
      this.listNow(nowMs);
    }
    if (session.match === undefined) {
      stage.rest();
      return;
    }
    stage.begin(shownMs);
    const play = this.current;
    if (play === undefined) {
      watching.draw(stage.scene, hud, session.roundTripMs, nowMs);
    } else {
      recorder.note(play.draw(stage.scene, hud, session.roundTripMs, nowMs), play.told, nowMs);
    }
  }

  /** A match that is played is drawn and steered by a `Play` of its own. */
  private followMatch(): void {
    const { session, controls, sounds, board } = this.parts;
    const { match } = session;
    if (this.current?.match === match) {
      return;
    }
    if (match === undefined || match.watches) {
      this.current = undefined;
      return;
    }
    const { recording } = match.joined;
    if (recording === undefined || recording !== this.recording) {
      this.recording = recording;
      this.seenRound = new SeenRound();
    }
    const sound = (cue: Cue, listener: Point | undefined): void => sounds.play(cue, listener);
    this.current = new Play(match, session.roster, controls, sound, board, this.seenRound);
  }

  private listNow(nowMs: number): void {
    const { session } = this.parts;
    if (nowMs - this.listedMs > LIST_MS && session.linkState.kind === "online") {
      this.listedMs = nowMs;
      session.list();
    }
  }
}

/** What tells the server's version from this page's; undefined as far as they are the same. */
function versionOfServer(state: SessionState, linkState: LinkState): number | string | undefined {
  if (linkState.kind === "outdated") {
    return linkState.server;
  }
  return state.kind === "refused" && state.refusal.kind === "protocol mismatch" ? state.refusal.server : undefined;
}
