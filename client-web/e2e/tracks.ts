/**
 * What a page drew of somebody, frame by frame, against where the server had it. A busy machine makes long frames and late
 * snapshots: a frame is judged by how long it took and by what was known in it, and what is wrong tells both. Pure.
 */

import { BLEND_BACK_MS, EXTRAPOLATE_MS_MAX, SNAP_UNITS as GUESS_SNAP_UNITS } from "../src/tickroom/sim/interpolation.ts";
import { ERROR_HALF_LIFE_MS, SNAP_UNITS as CORRECTION_SNAP_UNITS } from "../src/tickroom/sim/prediction.ts";

const TICK_MS = 1000 / 60;

/** The fastest that a player goes, units a second. */
const SPEED_MAX = 320;

/** The clock of what is drawn runs a little faster at times; and rounding. */
const SPEED_TOLERANCE = 1.3;
const ROUNDING_UNITS = 6;

/** At a corner, with some snapshots left out around it, what lies between two of them is off by so much at most. */
const CORNER_UNITS = 32;

export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface Timed {
  readonly tick: number;
  readonly place: Place;
}

/** Somebody in one frame. */
export interface Drawn extends Timed {
  readonly atMs: number;
  /** The newest tick that the page knew of. */
  readonly toldTick: number;
}

/** How an error goes away: the share of it that a frame of so long takes back, and for how long it is there at most. */
export interface Glide {
  readonly share: (frameMs: number) => number;
  readonly lastsMs: number;
  readonly snapUnits: number;
}

/** Of others, when the snapshot comes that was guessed. */
export const GUESS: Glide = {
  share: (frameMs) => Math.min(1, frameMs / BLEND_BACK_MS),
  lastsMs: BLEND_BACK_MS,
  snapUnits: GUESS_SNAP_UNITS,
};

/** Of the own player, when the server corrects it: what is left of an error is off as well. */
export const CORRECTION: Glide = {
  share: (frameMs) => 1 - 0.5 ** (frameMs / ERROR_HALF_LIFE_MS),
  lastsMs: 0,
  snapUnits: CORRECTION_SNAP_UNITS,
};

/** What is wrong with a frame, and everything that it is judged by. */
export interface Wrong {
  readonly atMs: number;
  /** Since the frame before. */
  readonly frameMs: number;
  readonly frameTicks: number;
  /** How far beyond the newest snapshot it was before, and is; negative when it is not. */
  readonly guessedTicks: readonly [number, number];
  /** How far off the truth it was before, and is. */
  readonly offUnits: readonly [number, number];
  readonly isUnits: number;
  readonly allowedUnits: number;
}

export function distance(a: Place, b: Place): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** Units that are walked in a track. */
export function wayOf(track: readonly Timed[]): number {
  return track.slice(1).reduce((way, { place }, index) => way + distance(place, track[index]?.place ?? place), 0);
}

/** Where a track is at a tick, between two of its ticks; undefined outside. */
export function placeAt(track: readonly Timed[], tick: number): Place | undefined {
  const index = track.findIndex((told) => told.tick >= tick);
  const [before, after] = [track[index - 1], track[index]];
  if (before === undefined || after === undefined) {
    return undefined;
  }
  const share = after.tick === before.tick ? 1 : (tick - before.tick) / (after.tick - before.tick);
  const between = (a: number, b: number): number => a + (b - a) * share;
  return { x: between(before.place.x, after.place.x), y: between(before.place.y, after.place.y) };
}

/** How far each frame is off; where the truth is not known, not at all. */
export function offsOf(track: readonly Drawn[], real: readonly Timed[]): number[] {
  return track.map(({ tick, place }) => distance(placeAt(real, tick) ?? place, place));
}

/** The frames that show neither a guess nor what is left of one. */
export function surelyKnown(track: readonly Drawn[]): boolean[] {
  return track.map((_, index) => glidedFrom(track, index + 1, GUESS).every((from) => guessedMs(track[from]) === 0));
}

/**
 * The steps from one frame to the next in which somebody went further than a player can in that time and than the glide takes
 * back of what was off before.
 */
export function jumpsOf(track: readonly Drawn[], real: readonly Timed[], glide: Glide): Wrong[] {
  const offs = offsOf(track, real);
  return track.flatMap((frame, index) => {
    const before = track[index - 1];
    if (before === undefined) {
      return [];
    }
    const frameMs = frame.atMs - before.atMs;
    const ms = Math.max(frameMs, Math.abs(frame.tick - before.tick) * TICK_MS);
    const off = Math.max(...glidedFrom(track, index, glide).map((from) => offs[from] ?? 0));
    const taken = off > glide.snapUnits ? off : off * glide.share(frameMs);
    const allowedUnits = (SPEED_MAX * SPEED_TOLERANCE * ms) / 1000 + ROUNDING_UNITS + taken;
    return wrong(track, offs, index, distance(frame.place, before.place), allowedUnits);
  });
}

/** The frames that are further off than a guess can be: somebody turned at once, and was guessed to go on. */
export function lostIn(track: readonly Drawn[], real: readonly Timed[]): Wrong[] {
  const offs = offsOf(track, real);
  return track.flatMap((_, index) => {
    const guesses = glidedFrom(track, index + 1, GUESS).map((from) => guessedMs(track[from]));
    const guessMs = Math.max(...guesses);
    const walkedMs = guessMs + Math.min(guessMs, EXTRAPOLATE_MS_MAX);
    return wrong(track, offs, index, offs[index] ?? 0, (SPEED_MAX * walkedMs) / 1000 + CORNER_UNITS);
  });
}

/** How far a frame goes beyond what was known. */
function guessedMs(frame: Drawn | undefined): number {
  return frame === undefined ? 0 : Math.max(0, frame.tick - frame.toldTick) * TICK_MS;
}

/** The frames before `index` whose error may still be gliding back in it: that of the last one, and of those not long before. */
function glidedFrom(track: readonly Drawn[], index: number, { lastsMs }: Glide): number[] {
  const sinceMs = (track[index - 1]?.atMs ?? 0) - lastsMs;
  let first = index - 1;
  // The glide begins at the latest with the frame after the error.
  while (first > 0 && (track[first]?.atMs ?? -Infinity) >= sinceMs) {
    first -= 1;
  }
  return Array.from({ length: index - Math.max(0, first) }, (_, from) => Math.max(0, first) + from);
}

function wrong(track: readonly Drawn[], offs: readonly number[], index: number, isUnits: number, allowedUnits: number): Wrong[] {
  const [before, frame] = [track[Math.max(0, index - 1)], track[index]];
  if (isUnits <= allowedUnits || before === undefined || frame === undefined) {
    return [];
  }
  return [
    {
      atMs: rounded(frame.atMs),
      frameMs: rounded(frame.atMs - before.atMs),
      frameTicks: rounded(frame.tick - before.tick),
      guessedTicks: [rounded(before.tick - before.toldTick), rounded(frame.tick - frame.toldTick)],
      offUnits: [rounded(offs[Math.max(0, index - 1)] ?? 0), rounded(offs[index] ?? 0)],
      isUnits: rounded(isUnits),
      allowedUnits: rounded(allowedUnits),
    },
  ];
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
