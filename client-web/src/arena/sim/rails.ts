/**
 * Rails that charge, and beams that leave: those of the own player as it is predicted, so that the server's word of the
 * same is not shown again. Pure.
 */

/** So many ticks late the server still carries out a press (`input_buffer.rs`), in the tick it has reached. */
const LATE_TICKS_MAX = 12;

/** Own beams whose word from the server may still come. */
const PREDICTED_MAX = 8;

export class Rails {
  /** By who charges, since which tick. */
  private readonly charging = new Map<number, number>();
  /** By who has fired or died, when last: a charge before that may be told later than its end. */
  private readonly ended = new Map<number, number>();
  /** The ticks of own charges and of own beams that the server has not told yet. */
  private readonly charges = new Awaited();
  private readonly beams = new Awaited();

  constructor(private readonly chargeTicks: number) {}

  /** The own rail begins to charge at `tick`, ahead of the server. */
  predictCharge(own: number, tick: number): void {
    this.charges.add(tick);
    this.charging.set(own, tick);
  }

  /** The own beam leaves at `tick`, ahead of the server. */
  predictBeam(own: number, tick: number): void {
    this.beams.add(tick);
    this.charging.delete(own);
  }

  /** Somebody charges since `tick`. */
  charge(owner: number, tick: number, isOwn: boolean): void {
    const isOver = tick <= (this.ended.get(owner) ?? -Infinity);
    if (!isOver && !(isOwn && this.charges.take(tick))) {
      this.charging.set(owner, tick);
    }
  }

  /** A beam left at `tick`. False when it was shown already. */
  fire(owner: number, tick: number, isOwn: boolean): boolean {
    if (isOwn && this.beams.take(tick)) {
      return false;
    }
    this.end(owner, tick);
    return true;
  }

  /** Who died at `tick` fires no more. */
  end(owner: number, tick: number): void {
    this.ended.set(owner, tick);
    this.charging.delete(owner);
  }

  clear(): void {
    this.charging.clear();
    this.ended.clear();
    this.charges.clear();
    this.beams.clear();
  }

  /** Who charges at the tick at which each is drawn, and how far it has got, 0 to 1. */
  *drawn(tickOf: (owner: number) => number): Iterable<{ readonly owner: number; readonly share: number }> {
    for (const [owner, since] of this.charging) {
      const ticks = tickOf(owner) - since;
      if (ticks > this.chargeTicks + LATE_TICKS_MAX) {
        this.charging.delete(owner);
      } else if (ticks >= 0) {
        yield { owner, share: Math.min(1, ticks / this.chargeTicks) };
      }
    }
  }
}

/** Ticks at which something was shown before the server told of it. */
class Awaited {
  private ticks: number[] = [];

  add(tick: number): void {
    this.ticks = [...this.ticks.slice(1 - PREDICTED_MAX), tick];
  }

  /** True when the server's word for `tick` is about one of these: of that tick, or carried out a little late. */
  take(tick: number): boolean {
    const found = this.ticks.find((shown) => shown <= tick && shown >= tick - LATE_TICKS_MAX);
    this.ticks = this.ticks.filter((shown) => shown !== found);
    return found !== undefined;
  }

  clear(): void {
    this.ticks = [];
  }
}
