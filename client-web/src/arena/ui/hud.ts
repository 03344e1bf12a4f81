/** Everything around the picture while playing. Reads what it is given and keeps nothing of it but what is shown. */

import type { Bindings } from "../input/actions.ts";
import type { Status } from "../protocol/status.ts";
import type { Again } from "../replay/moment.ts";
import { AbilitiesView, type Abilities } from "./abilities.ts";
import { AgainLink } from "./again_link.ts";
import { Announcer } from "./announcer.ts";
import { CalloutView } from "./callout_view.ts";
import { element, setText } from "./element.ts";
import { sentenceOf, type KillLine } from "./kill_feed.ts";
import { KillFeedView } from "./kill_feed_view.ts";
import { Leaders } from "./leaders.ts";
import { Minimap, type MinimapView } from "./minimap.ts";
import { mvpOf, type Mvp } from "./mvp.ts";
import { announcementOf, clockOf, type Clock } from "./phase.ts";
import { Scoreboard, TEAM_MARKS } from "./scoreboard.ts";
import { ordinal, resultOf, type Standing } from "./standings.ts";
import type { Callout } from "./streaks.ts";
import { isLow, Vitals, type Vitality } from "./vitals.ts";

/** Snapshots come this often, and nobody reads faster: what is around the picture follows it no more often. */
const SHOWN_MS = 45;

/** Numbers that flicker change as seldom as this, so that they can be read; what the scoreboard shows too never lags. */
const READINGS_MS = 250;

/** What the HUD shows. */
export interface Readings {
  readonly pingMs: number | undefined;
  readonly tick: number;
  readonly tickHz: number;
  readonly mapName: string;
  readonly status: Status | undefined;
  readonly own: Vitality | undefined;
  readonly abilities: Abilities | undefined;
  /** Seconds until the own player appears again. */
  readonly respawnS: number | undefined;
  readonly standings: readonly Standing[];
  readonly kills: readonly KillLine[];
  /** The longest run of kills of each in this round. */
  readonly streaks: ReadonlyMap<number, number>;
  readonly wantsScores: boolean;
  /** Whoever looks plays nobody; `own` is whom the camera follows. */
  readonly watches: boolean;
  /** The round that is over, if it was recorded. */
  readonly again: Again | undefined;
}

export class Hud {
  readonly root: HTMLElement;
  private readonly ping = element("span", "value");
  private readonly tick = element("span", "value");
  private readonly players = element("span", "value");
  private readonly place = element("p", "place");
  private readonly score = element("p", "own-score");
  private readonly rank = element("p", "own-rank");
  private readonly phase = element("span", "phase");
  private readonly time = element("span", "time");
  private readonly blue = element("span", "team-score", "");
  private readonly orange = element("span", "team-score", "");
  private readonly teams = element("div", "team-scores", this.blue, this.orange);
  private readonly clock = element("div", "clock", this.phase, this.time, this.teams);
  private readonly big = element("p", "big");
  private readonly small = element("p", "small");
  private readonly vitals = new Vitals();
  private readonly abilities = new AbilitiesView();
  private readonly feed = new KillFeedView();
  private readonly leaders = new Leaders();
  private readonly minimap = new Minimap();
  private readonly callout = new CalloutView();
  private readonly board = new Scoreboard();
  private readonly boardTitle = element("h2", "board-title");
  private readonly boardText = element("p", "board-text");
  private readonly mvp = element("p", "mvp");
  private readonly again = new AgainLink();
  private readonly boardCard: HTMLElement;
  private readonly spoken = element("div", "spoken");
  private readonly announcer = new Announcer(this.spoken);
  private shownMvp = "";
  private spokenPhase = "";
  private shownMs = -Infinity;
  private shownScores = false;
  private mappedMs = -Infinity;
  private updatedMs = -Infinity;

  /** `leave` is called when the player wants to give the place back. */
  constructor(leave: () => void) {
    const leaveButton = element("button", "leave", "Leave");
    leaveButton.type = "button";
    leaveButton.addEventListener("click", leave);
    const readings = element(
      "dl",
      "readings",
      reading("Players", this.players, ""),
      reading("Ping", this.ping, "ms"),
      reading("Tick", this.tick, ""),
    );
    this.boardCard = element("section", "board", this.boardTitle, this.boardText, this.mvp, this.again.root, this.board.root);
    this.boardCard.setAttribute("aria-label", "Scores");
    this.spoken.setAttribute("aria-live", "polite");
    this.big.setAttribute("aria-hidden", "true");
    this.root = element(
      "section",
      "hud",
      element("div", "hud-left", this.score, this.rank, this.place, this.minimap.root),
      this.clock,
      element("div", "hud-right", readings, this.leaders.root, this.feed.root),
      this.callout.root,
      element("div", "middle", this.big, this.small),
      this.vitals.root,
      this.abilities.root,
      leaveButton,
      this.boardCard,
      this.spoken,
    );
    this.root.setAttribute("aria-label", "Match");
    this.root.hidden = true;
    this.teams.hidden = true;
    this.teams.setAttribute("aria-label", "Team scores");
    this.teams.setAttribute("role", "group");
    this.blue.dataset["team"] = "blue";
    this.orange.dataset["team"] = "orange";
    this.boardCard.hidden = true;
  }

  show(visible: boolean): void {
    this.root.hidden = !visible;
  }

  /** Says it to who listens, if the own player has a part in it. */
  announceKill(line: KillLine): void {
    const sentence = sentenceOf(line);
    if (sentence !== undefined) {
      this.announcer.say(sentence, false);
    }
  }

  /** Calls out what the own player has just done. */
  callOut(callout: Callout, nowMs: number): void {
    this.callout.show(callout, nowMs);
    this.announcer.say(`${callout.text}.`, false);
  }

  /** The keys that are named in the HUD. */
  setKeys(bindings: Bindings): void {
    this.abilities.setKeys(bindings);
    this.again.setKeys(bindings);
  }

  /** Whether it is time for `update`; until then nobody need gather what it shows. The player's wish is heeded at once. */
  isDue(wantsScores: boolean, nowMs: number): boolean {
    return nowMs - this.shownMs >= SHOWN_MS || wantsScores !== this.shownScores;
  }

  /** Whether it is time for `showMap`: in other frames than `update` as long as there are enough, so that none has to do both. */
  isMapDue(nowMs: number): boolean {
    const isBusy = nowMs === this.shownMs;
    return nowMs - this.mappedMs >= (isBusy ? 2 : 1) * SHOWN_MS;
  }

  showMap(view: MinimapView, nowMs: number): void {
    this.mappedMs = nowMs;
    this.minimap.show(view);
  }

  update(readings: Readings, nowMs: number): void {
    this.shownMs = nowMs;
    this.shownScores = readings.wantsScores;
    const { status, own } = readings;
    const clock = status === undefined ? undefined : clockOf(status, readings.tick, readings.tickHz);
    this.showClock(clock);
    this.showTeams(status?.teams);
    if (status !== undefined && status.phase !== this.spokenPhase) {
      this.spokenPhase = status.phase;
      this.root.dataset["phase"] = status.phase;
      this.announcer.say(announcementOf(status.phase), true);
    }
    this.announcer.tick(nowMs);
    this.vitals.root.hidden = own === undefined;
    if (own !== undefined) {
      this.vitals.show(own);
    }
    this.abilities.root.hidden = readings.abilities === undefined;
    if (readings.abilities !== undefined) {
      this.abilities.show(readings.abilities);
    }
    this.root.dataset["low"] = String(own !== undefined && isLow(own));
    this.showMiddle(readings, clock);
    this.showBoard(readings);
    this.showOwnPlace(readings);
    this.leaders.show(readings.standings);
    this.feed.show(readings.kills);
    this.callout.tick(nowMs);
    if (nowMs - this.updatedMs >= READINGS_MS) {
      this.updatedMs = nowMs;
      this.showReadings(readings);
    }
  }

  /** Both teams beside the clock, each with its shape. */
  private showTeams(teams: readonly [number, number] | undefined): void {
    this.teams.hidden = teams === undefined;
    if (teams !== undefined) {
      setText(this.blue, `${TEAM_MARKS.blue} ${teams[0]}`);
      setText(this.orange, `${teams[1]} ${TEAM_MARKS.orange}`);
    }
  }

  private showClock(clock: Clock | undefined): void {
    setText(this.phase, clock?.label ?? "");
    setText(this.time, clock?.time ?? "");
    this.clock.dataset["urgent"] = String(clock?.urgent ?? false);
  }

  private showMiddle({ respawnS, status, wantsScores }: Readings, clock: Clock | undefined): void {
    const big = clock?.big ?? "";
    if (this.big.textContent !== big) {
      this.big.textContent = big;
      // Starts the animation anew for each digit.
      this.big.style.animation = "none";
      void this.big.offsetWidth;
      this.big.style.animation = "";
    }
    const waits = respawnS !== undefined && !wantsScores && status?.phase !== "results";
    setText(this.small, waits ? `Back in ${respawnS}` : "");
  }

  private showBoard({ standings, status, streaks, wantsScores, again, watches }: Readings): void {
    const isOver = status?.phase === "results";
    this.boardCard.hidden = !isOver && !wantsScores;
    this.again.show(again);
    this.boardCard.dataset["form"] = isOver ? "results" : "scores";
    if (this.boardCard.hidden) {
      return;
    }
    // Whoever only watches has won nothing, whomever the camera follows.
    const placed = watches ? standings.map((row) => ({ ...row, own: false })) : standings;
    const { title, text } = isOver ? resultOf(placed, status?.teams) : { title: "Scores", text: "" };
    setText(this.boardTitle, title);
    setText(this.boardText, text);
    this.showMvp(isOver ? mvpOf(placed, streaks) : undefined);
    this.board.show(standings, status?.teams);
  }

  private showMvp(mvp: Mvp | undefined): void {
    const text = mvp === undefined ? "" : `${mvp.name} ${mvp.text}`;
    if (text === this.shownMvp) {
      return;
    }
    this.shownMvp = text;
    const parts = mvp === undefined ? [] : [
      element("span", "mvp-word", "MVP"),
      element("bdi", "mvp-name", mvp.own ? "You" : mvp.name),
      element("span", "mvp-text", mvp.text),
    ];
    this.mvp.replaceChildren(...parts);
  }

  private showOwnPlace({ standings }: Readings): void {
    const own = standings.find((row) => row.own);
    setText(this.score, own === undefined ? "" : String(own.score));
    setText(this.rank, own === undefined ? "Watching" : `${ordinal(own.rank)} of ${standings.length}`);
  }

  private showReadings({ pingMs, tick, standings, mapName }: Readings): void {
    setText(this.ping, pingMs === undefined ? "–" : pingMs.toFixed(0));
    this.ping.dataset["grade"] = gradeOf(pingMs);
    setText(this.tick, String(Math.floor(tick)));
    setText(this.players, String(standings.length));
    setText(this.place, mapName);
  }
}

function reading(name: string, value: HTMLElement, unit: string): HTMLElement {
  return element("div", "reading", element("dt", "", name), element("dd", "", value, element("span", "unit", unit)));
}

function gradeOf(pingMs: number | undefined): string {
  if (pingMs === undefined) {
    return "none";
  }
  if (pingMs < 80) {
    return "good";
  }
  return pingMs < 160 ? "fair" : "poor";
}
