/**
 * Lets something flash, but never so often in a second that it harms eyes that light sets off. Pure.
 *
 * WCAG 2.3.1 allows three flashes in any second, or more if they are small: flashes at one moment may take 0.006 steradians, a
 * quarter of any 10° of what the eye sees. Its own measure, 10° are 341 × 256 pixels where a screen has 1024 × 768, makes that a
 * circle of 78 units of our picture; on a screen of 24 inches, 60 cm away and filled by it, one of 47 units. So:
 *
 * ```text
 * what                                          radius, units   how often
 * end of a player, rings of light               56 and more     one moment in 340 ms, of all in the picture
 * body that was hit                             16              each one once in 340 ms
 * muzzle, impact, end of a beam                 26, 30, 40      as often as shots are
 * ```
 *
 * A shot of each 117 ms, or 58 with an overcharge, flashes more often than three times a second, so the small ones rely on their
 * area. A light fades from its middle on: what changes by a tenth of the brightest white, which is what counts as a flash, is a
 * seventh of its circle, and more than a dozen impacts would have to be in the same 10° at the same moment. Who wants none of them has
 * less motion in the settings.
 */

/** This stays below three flashes a second. */
export const FLASH_GAP_MS = 340;

/** Flashes of this radius or more, in units, are large. */
export const LARGE_UNITS = 45;

/** Of one thing. */
export class FlashLimit {
  private lastMs = -Infinity;

  /** True when a flash may begin now; those of one moment are one. */
  admits(nowMs: number): boolean {
    if (nowMs !== this.lastMs && nowMs - this.lastMs < FLASH_GAP_MS) {
      return false;
    }
    this.lastMs = nowMs;
    return true;
  }
}

/** Of all lights of a picture. The large ones share a limit wherever they are: the eye may be on any of them. */
export class LightLimit {
  private readonly large = new FlashLimit();

  /** True when a light of this radius, units, may flash now. */
  admits(radius: number, nowMs: number): boolean {
    return radius < LARGE_UNITS || this.large.admits(nowMs);
  }
}
