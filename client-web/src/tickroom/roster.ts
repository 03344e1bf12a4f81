/** Who is in the match, by the entity that each steers. */

import type { RosterEntry } from "./protocol/message.ts";

export class Roster {
  private readonly entries = new Map<number, RosterEntry>();

  get byEntity(): ReadonlyMap<number, RosterEntry> {
    return this.entries;
  }

  /** Another match, with these. */
  reset(entries: readonly RosterEntry[]): void {
    this.entries.clear();
    for (const entry of entries) {
      this.add(entry);
    }
  }

  add(entry: RosterEntry): void {
    this.entries.set(entry.entity, entry);
  }

  remove(player: number): void {
    for (const [entity, entry] of this.entries) {
      if (entry.player === player) {
        this.entries.delete(entity);
      }
    }
  }
}
