/** What each frame of a page costs: calls that draw, counted at the WebGL context, and the time that our own code takes. */

import type { GamePage } from "./browser.ts";

/** One frame of the page. */
export interface FrameCost {
  readonly draws: number;
  /** From the begin of our code to its end. */
  readonly scriptMs: number;
}

interface CountingPage {
  __frameCosts: FrameCost[];
}

/** To be run in the page before anything of ours. */
export function countFrameCosts(): void {
  const costs: { draws: number; scriptMs: number }[] = [];
  Object.assign(window, { __frameCosts: costs });
  let frame = { draws: 0, scriptMs: 0 };
  let frameMs = -1;
  const context = WebGL2RenderingContext.prototype;
  for (const name of ["drawArrays", "drawElements", "drawArraysInstanced", "drawElementsInstanced", "drawRangeElements"] as const) {
    const draw = context[name] as (...values: number[]) => void;
    Object.defineProperty(context, name, {
      value(this: WebGL2RenderingContext, ...values: number[]): void {
        frame.draws += 1;
        draw.apply(this, values);
      },
    });
  }
  const next = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (callback) =>
    next((shownMs) => {
      // The drawing library has a callback of its own in the same frame.
      if (shownMs !== frameMs) {
        frameMs = shownMs;
        frame = { draws: 0, scriptMs: 0 };
        if (costs.push(frame) > 5000) {
          costs.shift();
        }
      }
      const beginMs = performance.now();
      callback(shownMs);
      frame.scriptMs += performance.now() - beginMs;
    });
}

/** What the frames since the last call cost. */
export function takeFrameCosts({ page }: GamePage): Promise<FrameCost[]> {
  return page.evaluate(() => (window as unknown as CountingPage).__frameCosts.splice(0));
}

/** The value below which this share of all lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
