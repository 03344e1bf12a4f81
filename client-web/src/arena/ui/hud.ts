/** The numbers at the edge of the picture while playing. */

import { element, setText } from "./element.ts";

/** Often enough to follow, seldom enough to read. */
const UPDATE_MS = 250;

/** What the HUD shows. */
export interface Readings {
  readonly pingMs: number | undefined;
  readonly tick: number;
  readonly players: number;
  readonly mapName: string;
}

export class Hud {
  readonly root: HTMLElement;
  private readonly ping = element("span", "value");
  private readonly tick = element("span", "value");
  private readonly players = element("span", "value");
  private readonly place = element("p", "place");
  private updatedMs = -Infinity;

  constructor() {
    this.root = element(
      "section",
      "hud",
      this.place,
      element(
        "dl",
        "readings",
        reading("Players", this.players, ""),
        reading("Ping", this.ping, "ms"),
        reading("Tick", this.tick, ""),
      ),
    );
    this.root.setAttribute("aria-label", "Match");
    this.root.hidden = true;
  }

  show(visible: boolean): void {
    this.root.hidden = !visible;
  }

  update(readings: Readings, nowMs: number): void {
    if (nowMs - this.updatedMs < UPDATE_MS) {
      return;
    }
    this.updatedMs = nowMs;
    setText(this.ping, readings.pingMs === undefined ? "–" : readings.pingMs.toFixed(0));
    this.ping.dataset["grade"] = gradeOf(readings.pingMs);
    setText(this.tick, String(Math.floor(readings.tick)));
    setText(this.players, String(readings.players));
    setText(this.place, readings.mapName);
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
