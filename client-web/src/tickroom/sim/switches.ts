/**
 * Parts of the netcode that can be switched off while playing, for whoever wants to see what each is there for. Whoever draws
 * flips them; they act from the next input, snapshot or frame on. None of them gives an advantage.
 */

export interface Switches {
  /** The own player answers at once, instead of when the server has told what became of its input. */
  prediction: boolean;
  /** What was predicted wrongly is put right by the next snapshot. */
  reconciliation: boolean;
  /** The others are drawn between two snapshots, a little in the past, instead of where the newest has them. */
  interpolation: boolean;
  /** The server judges shots by what this client says that it draws, instead of by its own present. */
  lagCompensation: boolean;
}

/** As it is played. */
export function allOn(): Switches {
  return { prediction: true, reconciliation: true, interpolation: true, lagCompensation: true };
}
