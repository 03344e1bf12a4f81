/**
 * The drawing surface: WebGL on a graphics card, otherwise a plain canvas, nothing where neither is. WebGL that is
 * computed in software is passed over: a plain canvas was measured seven times as fast there.
 */

// Shader code is made without `eval`, so that the page works under a strict content security policy.
import "pixi.js/unsafe-eval";
import { CanvasRenderer, isWebGLSupported, Ticker, WebGLRenderer } from "pixi.js";

import { VIEW_WIDTH } from "./camera.ts";
import { BACKGROUND } from "./palette.ts";

/** More pixels than this cost more than they show. */
const DEVICE_PIXEL_RATIO_MAX = 2;

/** How often the drawing library looks for what it can throw away; by itself it does so in each frame. */
const TIDY_MS = 1000;

/** How the programs that compute WebGL without a graphics card call themselves. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

export type Renderer = WebGLRenderer | CanvasRenderer;

/**
 * A renderer that fills `frame` and follows its size; undefined when this browser cannot draw. `anyWebGl` takes WebGL
 * in software too.
 */
export async function openCanvas(frame: HTMLElement, anyWebGl: boolean): Promise<Renderer | undefined> {
  const takesWebGl = isWebGLSupported() && (anyWebGl || !isSoftware());
  const attempts = takesWebGl ? [startWebGl, startCanvas] : [startCanvas];
  for (const start of attempts) {
    try {
      const renderer = await start();
      frame.append(renderer.canvas);
      tidySeldom();
      follow(renderer, frame);
      return renderer;
    } catch (error) {
      console.warn("this browser cannot draw that way", error);
    }
  }
  return undefined;
}

/** Canvas pixels (in CSS size) for one unit of the arena. */
export function pixelsPerUnit(renderer: Renderer): number {
  return renderer.screen.width / VIEW_WIDTH;
}

/** Pixels of the screen for one unit: what is painted once for later should have as many. */
export function devicePixelsPerUnit(renderer: Renderer): number {
  return pixelsPerUnit(renderer) * renderer.resolution;
}

/** Draws with this share of the pixels of the screen along each side; the picture stays as large as it is. */
export function setResolution(renderer: Renderer, share: number): void {
  const { width, height } = renderer.screen;
  renderer.resize(width, height, OPTIONS.resolution * share);
}

/** What is seen beside all that is drawn. */
export function setBackground(renderer: Renderer, color: number): void {
  renderer.background.color = color;
}

/** True when the browser offers WebGL without a graphics card. */
function isSoftware(): boolean {
  const context = document.createElement("canvas").getContext("webgl", { failIfMajorPerformanceCaveat: true });
  if (context === null) {
    return true;
  }
  const names = context.getExtension("WEBGL_debug_renderer_info");
  const name: unknown = names === null ? "" : context.getParameter(names.UNMASKED_RENDERER_WEBGL);
  context.getExtension("WEBGL_lose_context")?.loseContext();
  return typeof name === "string" && SOFTWARE.test(name);
}

const OPTIONS = {
  background: BACKGROUND,
  antialias: true,
  autoDensity: true,
  resolution: Math.min(globalThis.devicePixelRatio || 1, DEVICE_PIXEL_RATIO_MAX),
};

async function startWebGl(): Promise<Renderer> {
  const renderer = new WebGLRenderer();
  await renderer.init({ ...OPTIONS, powerPreference: "high-performance" });
  return renderer;
}

async function startCanvas(): Promise<Renderer> {
  const renderer = new CanvasRenderer();
  await renderer.init(OPTIONS);
  return renderer;
}

function tidySeldom(): void {
  Ticker.system.autoStart = false;
  Ticker.system.stop();
  setInterval(() => Ticker.system.update(), TIDY_MS);
}

function follow(renderer: Renderer, frame: HTMLElement): void {
  const fit = (): void => {
    const { clientWidth, clientHeight } = frame;
    if (clientWidth > 0 && clientHeight > 0) {
      renderer.resize(clientWidth, clientHeight);
    }
  };
  fit();
  new ResizeObserver(fit).observe(frame);
}
