/** Who is in the match, by the entity that each steers, and how each is reached. */

import type { RosterEntry } from "./protocol/message.ts";
import type { Presence } from "./protocol/presence.ts";

export interface RosterMember extends RosterEntry {
  /** As it was told last; bots have none, nor has anybody in a recording. */
  readonly presence?: Presence;
}

export class Roster {
  private readonly entries = new Map<number, RosterMember>();

  get byEntity(): ReadonlyMap<number, RosterMember> {
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

  /** Takes in how everybody is reached, by player. */
  reach(presences: ReadonlyMap<number, Presence>): void {
    for (const [entity, entry] of this.entries) {
      const presence = presences.get(entry.player);
      if (presence !== entry.presence) {
        this.entries.set(entity, { ...entry, presence });
      }
    }
  }
}
