/**
 * The own trigger, ahead of the server: when a shot will leave, so that its flash is seen at once. Mirror of `Weapon` in
 * the server's crate `arena`. Pure.
 */

import { PULSE } from "../protocol/weapon.ts";

export class Trigger {
  private cooldownTicks = 0;

  /** One tick later; true when a shot leaves. */
  pull(held: boolean): boolean {
    this.cooldownTicks = Math.max(0, this.cooldownTicks - 1);
    const fires = held && this.cooldownTicks === 0;
    if (fires) {
      this.cooldownTicks = PULSE.cooldownTicks;
    }
    return fires;
  }
}
