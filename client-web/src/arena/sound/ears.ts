/** What is to be heard in a frame: sounds with their places, and what a caption says of them. Pure. */

import type { Point } from "../../tickroom/sim/prediction.ts";
import type { PickupKind } from "../protocol/pickup.ts";
import type { Phase } from "../protocol/status.ts";
import type { Happening } from "../sim/fight.ts";
import type { SoundName } from "./recipes.ts";

/** Something to be heard. */
export interface Cue {
  readonly sound: SoundName;
  /** Units; undefined is everywhere. */
  readonly at: Point | undefined;
  /** For who reads instead; undefined for what is not worth it. */
  readonly caption: string | undefined;
  /** The own player did it: louder. */
  readonly own: boolean;
}

/** A player as far as it is heard. */
interface Audible extends Point {
  readonly alive: boolean;
  readonly dashing: boolean;
}

/** One frame. */
export interface Heard {
  readonly own: number;
  readonly poses: ReadonlyMap<number, Audible>;
  readonly happenings: readonly Happening[];
  /** Who charges a rail. */
  readonly charging: Iterable<{ readonly owner: number }>;
  /** The own trigger has let a shot go. */
  readonly ownShot: boolean;
  readonly phase: Phase | undefined;
}

const PHASE_CAPTIONS: Readonly<Record<Phase, string>> = {
  "warm-up": "Warm-up chime",
  countdown: "Countdown",
  live: "Start signal",
  "sudden death": "Sudden death alarm",
  results: "Final fanfare",
};

const PICKUP_NAMES: Readonly<Record<PickupKind, string>> = { med: "Med", shield: "Shield", overcharge: "Overcharge" };

/** What the own player has of it. */
const PICKUP_CAPTIONS: Readonly<Record<PickupKind, string>> = {
  med: "You are healed",
  shield: "You have a shield",
  overcharge: "Overcharge, double fire rate",
};

export class Ears {
  private readonly dashing = new Set<number>();
  private charging = new Set<number>();
  private phase: Phase | undefined;

  /** Another moment of a recording is shown: its phase has not begun just now. */
  leap(): void {
    this.phase = undefined;
  }

  hear(frame: Heard): Cue[] {
    const { own, poses, ownShot } = frame;
    const cues = frame.happenings.flatMap((happening) => cuesOf(happening, own, poses));
    if (ownShot) {
      cues.push({ sound: "pulse", at: undefined, caption: undefined, own: true });
    }
    cues.push(...this.begun(frame));
    if (frame.phase !== undefined && frame.phase !== this.phase) {
      // Whoever comes in the middle of a phase hears nothing of its beginning.
      if (this.phase !== undefined) {
        cues.push({ sound: frame.phase, at: undefined, caption: PHASE_CAPTIONS[frame.phase], own: false });
      }
      this.phase = frame.phase;
    }
    return cues;
  }

  /** Dashes and charges that were not there in the frame before. */
  private begun({ own, poses, charging }: Heard): Cue[] {
    const cues: Cue[] = [];
    const hear = (sound: "dash" | "charge", entity: number, caption: string): void => {
      const isOwn = entity === own;
      cues.push({ sound, at: isOwn ? undefined : poses.get(entity), caption: isOwn ? undefined : caption, own: isOwn });
    };
    for (const [entity, { alive, dashing }] of poses) {
      if (!dashing || !alive) {
        this.dashing.delete(entity);
      } else if (!this.dashing.has(entity)) {
        this.dashing.add(entity);
        hear("dash", entity, "Dash");
      }
    }
    for (const entity of this.dashing) {
      if (!poses.has(entity)) {
        this.dashing.delete(entity);
      }
    }
    const charges = new Set<number>();
    for (const { owner } of charging) {
      charges.add(owner);
      if (!this.charging.has(owner) && (owner === own || poses.has(owner))) {
        hear("charge", owner, "Rail charging");
      }
    }
    this.charging = charges;
    return cues;
  }
}

function cuesOf(happening: Happening, own: number, poses: ReadonlyMap<number, Point>): Cue[] {
  switch (happening.kind) {
    case "spawned":
      return happening.entity === own ? [{ sound: "respawn", at: undefined, caption: "You are back", own: true }] : [];
    case "fired":
      return [{ sound: "pulse", at: poses.get(happening.owner), caption: "Pulse fire", own: happening.owner === own }];
    case "bounced":
      return [{ sound: "bounce", at: happening, caption: undefined, own: false }];
    case "stopped":
    case "burst":
      return [];
    case "beam":
      return [{ sound: "beam", at: happening.from, caption: happening.owner === own ? undefined : "Rail shot", own: happening.owner === own }];
    case "picked up": {
      const isOwn = happening.by === own;
      const caption = isOwn ? PICKUP_CAPTIONS[happening.pickup] : `${PICKUP_NAMES[happening.pickup]} taken`;
      return [{ sound: happening.pickup, at: isOwn ? undefined : happening, caption, own: isOwn }];
    }
    case "announced":
      return [{ sound: "announced", at: happening, caption: `${PICKUP_NAMES[happening.pickup]} in 5 seconds`, own: false }];
    case "hit":
      return hitCues(happening.victim, happening.attacker, own, poses);
    case "killed":
      return killCues(happening.victim, happening.killer, own, poses);
  }
}

/** A hit on the own player comes from where the attacker is. */
function hitCues(victim: number, attacker: number, own: number, poses: ReadonlyMap<number, Point>): Cue[] {
  if (victim === own) {
    return [{ sound: "hit taken", at: poses.get(attacker), caption: "You are hit", own: true }];
  }
  return attacker === own ? [{ sound: "hit dealt", at: poses.get(victim), caption: "Hit", own: true }] : [];
}

function killCues(victim: number, killer: number, own: number, poses: ReadonlyMap<number, Point>): Cue[] {
  if (victim === own) {
    return [{ sound: "death", at: undefined, caption: "You are eliminated", own: true }];
  }
  const burst: Cue = { sound: "burst", at: poses.get(victim), caption: undefined, own: false };
  return killer === own ? [burst, { sound: "kill", at: undefined, caption: "Elimination", own: true }] : [burst];
}
