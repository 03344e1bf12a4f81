/** Lets a player flash, but never so often in a second that it harms eyes that light sets off. Pure. */

/** Three flashes a second are the bound of WCAG 2.3.1; this stays below it. */
export const FLASH_GAP_MS = 340;

export class FlashLimit {
  private lastMs = -Infinity;

  /** True when a flash may begin now. */
  admits(nowMs: number): boolean {
    if (nowMs - this.lastMs < FLASH_GAP_MS) {
      return false;
    }
    this.lastMs = nowMs;
    return true;
  }
}
