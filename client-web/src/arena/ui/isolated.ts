/** Names within a sentence. */

/**
 * A name between the marks of an isolate (Unicode Standard Annex 9, FSI and PDI): whatever way it is written, the words and
 * numbers around it stay in their places. Names have none of these marks themselves (`shared/src/name.rs`). Where a name has an
 * element of its own, that is a `bdi`.
 */
export function isolated(name: string): string {
  return `\u2068${name}\u2069`;
}
