/** Percentiles out of histograms. Pure. */

/** What lies between two histograms of the same buckets: the newer one alone when the server has started anew. */
export function since(before: readonly number[] | undefined, now: readonly number[]): number[] {
  const difference = now.map((count, index) => count - (before?.[index] ?? 0));
  return difference.some((count) => count < 0) ? [...now] : difference;
}

/**
 * The upper end of the bucket in which the share `share` of all is reached, µs. `Infinity` beyond the last end, undefined when
 * nothing was counted.
 */
export function percentileUs(buckets: readonly number[], endsUs: readonly number[], share: number): number | undefined {
  const total = buckets.reduce((sum, count) => sum + count, 0);
  if (total === 0) {
    return undefined;
  }
  let below = 0;
  for (const [index, count] of buckets.entries()) {
    below += count;
    if (below >= total * share) {
      return endsUs[index] ?? Infinity;
    }
  }
  return Infinity;
}

/** In words: a histogram knows no more than the bucket. */
export function timeText(us: number | undefined): string {
  if (us === undefined) {
    return "–";
  }
  if (us === Infinity) {
    return "> 16.7 ms";
  }
  return us < 1000 ? `≤ ${us} µs` : `≤ ${(us / 1000).toFixed(us % 1000 === 0 ? 0 : 1)} ms`;
}

export function uptimeText(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  if (days > 0) {
    return `${days} d ${hours} h`;
  }
  if (hours > 0) {
    return `${hours} h ${minutes} min`;
  }
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

export function memoryText(bytes: number | null): string {
  return bytes === null ? "–" : `${(bytes / 1024 / 1024).toFixed(0)} MB`;
}
