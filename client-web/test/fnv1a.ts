/** FNV-1a with 32 bits over the four numbers of a body or a flight, as `shared/tests/golden/hash.rs` takes them in. */

export const OFFSET_BASIS = 0x811c_9dc5;

const PRIME = 0x0100_0193;

interface Four {
  readonly x: number;
  readonly y: number;
  readonly vx: number;
  readonly vy: number;
}

/** The hash with these added, 0 to 2³² − 1. */
export function fnv1a(hash: number, { x, y, vx, vy }: Four): number {
  return word(word(word(word(hash, x), y), vx), vy) >>> 0;
}

/** Two bytes, the low one first. */
function word(hash: number, number: number): number {
  return Math.imul(Math.imul(hash ^ (number & 0xff), PRIME) ^ ((number >> 8) & 0xff), PRIME);
}
