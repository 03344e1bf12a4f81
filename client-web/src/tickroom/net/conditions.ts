/** The links that can be played over, and which one the address of the page asks for. The rows are those of `server/src/link.rs`. */

import type { Conditions } from "./conditioner.ts";

const QUEUE_BYTES = 64 * 1024;

/** Nothing in between. */
export const DIRECT: Conditions = row(0, 0, 0, 0, 0);

/** By name, from best to worst. */
export const PRESETS: Readonly<Record<string, Conditions>> = {
  fibre: row(5, 1, 0, 0, 12_500_000),
  wifi: row(20, 4, 0, 0, 2_500_000),
  "4g": row(40, 12, 0, 0, 625_000),
  lossy: row(40, 5, 5000, 160, 277_000),
  train: row(60, 20, 10_000, 200, 110_000),
};

/** Longest latency and jitter that are taken from an address, milliseconds. */
const WISH_MS_MAX = 2000;

/**
 * By `?link=` (a preset), `?latency=` and `?jitter=` (milliseconds, each way); undefined when the address says nothing of
 * it. What cannot be read counts as not said.
 */
export function conditionsOf(query: URLSearchParams): Conditions | undefined {
  const name = query.get("link") ?? "";
  const preset = Object.hasOwn(PRESETS, name) ? PRESETS[name] : undefined;
  const latencyUs = wishUs(query.get("latency"));
  const jitterUs = wishUs(query.get("jitter"));
  if (preset === undefined && latencyUs === undefined && jitterUs === undefined) {
    return undefined;
  }
  const base = preset ?? DIRECT;
  return { ...base, latencyUs: latencyUs ?? base.latencyUs, jitterUs: jitterUs ?? base.jitterUs };
}

function wishUs(text: string | null): number | undefined {
  const ms = text === null || text.trim() === "" ? Number.NaN : Number(text);
  return ms >= 0 && ms <= WISH_MS_MAX ? Math.round(ms * 1000) : undefined;
}

function row(latencyMs: number, jitterMs: number, lossPpm: number, stallMs: number, bytesPerS: number): Conditions {
  return {
    latencyUs: latencyMs * 1000,
    jitterUs: jitterMs * 1000,
    lossPpm,
    stallUs: stallMs * 1000,
    bytesPerS,
    queueBytes: QUEUE_BYTES,
  };
}
