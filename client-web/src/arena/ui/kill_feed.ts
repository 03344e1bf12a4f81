/** The last kills, as they stand in the corner. Pure: time comes in as an argument. */

import type { RosterEntry } from "../../tickroom/protocol/message.ts";
import type { Killed } from "../protocol/event.ts";
import { weaponName } from "../protocol/weapon.ts";
import { isolated } from "./isolated.ts";

const LINES_MAX = 5;
const LIFE_MS = 6000;

export interface KillLine {
  /** Tells lines apart. */
  readonly id: number;
  readonly killer: string;
  readonly victim: string;
  /** The name of what did it. */
  readonly weapon: string;
  /** The victim's own shot came back off a wall. Names do not tell: two players may have the same. */
  readonly ricochet: boolean;
  /** How the own player has to do with it. */
  readonly role: "killer" | "victim" | "both" | "none";
  readonly atMs: number;
}

export class KillFeed {
  private lines: KillLine[] = [];
  private nextId = 0;

  /** Names are taken now: whoever leaves afterwards keeps its line. */
  add(killed: Killed, roster: ReadonlyMap<number, RosterEntry>, own: number | undefined, nowMs: number): KillLine {
    const line: KillLine = {
      id: this.nextId,
      killer: nameOf(killed.killer, roster),
      victim: nameOf(killed.victim, roster),
      weapon: weaponName(killed.weapon),
      ricochet: killed.killer === killed.victim,
      role: roleOf(killed, own),
      atMs: nowMs,
    };
    this.nextId += 1;
    this.lines = [...this.lines, line].slice(-LINES_MAX);
    return line;
  }

  /** What still stands, the oldest first. */
  visible(nowMs: number): readonly KillLine[] {
    if (nowMs - (this.lines[0]?.atMs ?? nowMs) >= LIFE_MS) {
      this.lines = this.lines.filter((line) => nowMs - line.atMs < LIFE_MS);
    }
    return this.lines;
  }

  clear(): void {
    this.lines = [];
  }
}

/**
 * A line as a sentence, for who listens. Nothing about others: the kills of sixteen players would drown everything else.
 */
export function sentenceOf({ killer, victim, role }: KillLine): string | undefined {
  switch (role) {
    case "both":
      return "You caught your own ricochet.";
    case "killer":
      return `You eliminated ${isolated(victim)}.`;
    case "victim":
      return `${isolated(killer)} eliminated you.`;
    case "none":
      return undefined;
  }
}

function nameOf(entity: number, roster: ReadonlyMap<number, RosterEntry>): string {
  return roster.get(entity)?.name ?? "somebody";
}

function roleOf({ killer, victim }: Killed, own: number | undefined): KillLine["role"] {
  if (killer === own) {
    return victim === own ? "both" : "killer";
  }
  return victim === own ? "victim" : "none";
}
