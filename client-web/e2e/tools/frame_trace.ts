/**
 * What frames take of the processor, out of a trace of the browser: time in which our thread ran, so that other programs on this
 * machine lengthen nothing. The part of the drawing library is told apart by marks that the page makes.
 */

import type { Browser, Page } from "playwright-core";

/** Processor time of one frame. */
export interface FrameTime {
  /** From the begin of our code to its end. */
  readonly scriptMs: number;
  /** Of that, from the clearing of the picture to the last call that draws. */
  readonly libraryMs: number;
}

const CATEGORIES = ["devtools.timeline", "blink.user_timing"];

const CLEARED = "tickroom: cleared";
const DRAWN = "tickroom: drawn";

/** As much of an event as is read; times in microseconds, those with two t of the thread. */
interface TraceEvent {
  readonly name: string;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tts?: number;
  readonly tdur?: number;
}

/** To be run in the page before anything of ours, after whatever else changes these calls. */
export function markDrawing(): void {
  const context = WebGL2RenderingContext.prototype;
  const marked = (name: "clear" | "drawArrays" | "drawElements" | "drawElementsInstanced", mark: string): void => {
    const call = context[name] as (...values: number[]) => void;
    Object.defineProperty(context, name, {
      value(this: WebGL2RenderingContext, ...values: number[]): void {
        call.apply(this, values);
        performance.mark(mark);
      },
    });
  };
  marked("clear", "tickroom: cleared");
  for (const name of ["drawArrays", "drawElements", "drawElementsInstanced"] as const) {
    marked(name, "tickroom: drawn");
  }
}

/** What the frames of the next `seconds` take. */
export async function traceFrames(browser: Browser, page: Page, seconds: number): Promise<FrameTime[]> {
  await browser.startTracing(page, { categories: CATEGORIES });
  await page.waitForTimeout(seconds * 1000);
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const events = trace.traceEvents.filter(({ ts }) => ts > 0).sort((a, b) => a.ts - b.ts);
  return framesOf(events);
}

/** Callbacks that follow one another at once are of one frame: the drawing library has one of its own. */
function framesOf(events: readonly TraceEvent[]): FrameTime[] {
  const frames: { endTs: number; scriptMs: number; libraryMs: number; clearedTts: number | undefined }[] = [];
  for (const { name, ts, dur = 0, tts = 0, tdur = 0 } of events) {
    const current = frames.at(-1);
    if (name === "FireAnimationFrame") {
      if (current !== undefined && ts < current.endTs + SAME_FRAME_US) {
        current.scriptMs += tdur / 1000;
        current.endTs = ts + dur;
      } else {
        frames.push({ endTs: ts + dur, scriptMs: tdur / 1000, libraryMs: 0, clearedTts: undefined });
      }
    } else if (name === CLEARED && current !== undefined) {
      current.clearedTts ??= tts;
    } else if (name === DRAWN && current?.clearedTts !== undefined) {
      current.libraryMs = (tts - current.clearedTts) / 1000;
    }
  }
  return frames;
}

const SAME_FRAME_US = 1000;
