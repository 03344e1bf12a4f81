/** Soft lights, painted once: as pictures they cost nothing where a blur filter would cost a pass each frame. */

import { Sprite, Texture } from "pixi.js";

const SIZE_PX = 128;
const STREAK_WIDTH_PX = 64;
const STREAK_HEIGHT_PX = 16;

let round: Texture | undefined;
let long: Texture | undefined;

/** A light of this colour and radius in units, centred. Blended as usual, so that it shares a batch with its surroundings. */
export function glow(color: number, radius: number, alpha: number): Sprite {
  round ??= Texture.from(paintGlow());
  const sprite = new Sprite(round);
  sprite.anchor.set(0.5);
  sprite.tint = color;
  sprite.alpha = alpha;
  sprite.width = radius * 2;
  sprite.height = radius * 2;
  return sprite;
}

/** A line of light with soft sides, to be turned and stretched. It begins at its position. */
export function streak(): Sprite {
  long ??= Texture.from(paintStreak());
  const sprite = new Sprite(long);
  sprite.anchor.set(0, 0.5);
  return sprite;
}

function paintGlow(): HTMLCanvasElement {
  return painted(SIZE_PX, SIZE_PX, (context) => {
    const middle = SIZE_PX / 2;
    const light = context.createRadialGradient(middle, middle, 0, middle, middle, middle);
    light.addColorStop(0, "rgba(255, 255, 255, 1)");
    light.addColorStop(0.25, "rgba(255, 255, 255, 0.5)");
    light.addColorStop(0.55, "rgba(255, 255, 255, 0.14)");
    light.addColorStop(1, "rgba(255, 255, 255, 0)");
    context.fillStyle = light;
    context.fillRect(0, 0, SIZE_PX, SIZE_PX);
  });
}

function paintStreak(): HTMLCanvasElement {
  return painted(STREAK_WIDTH_PX, STREAK_HEIGHT_PX, (context) => {
    const light = context.createLinearGradient(0, 0, 0, STREAK_HEIGHT_PX);
    light.addColorStop(0, "rgba(255, 255, 255, 0)");
    light.addColorStop(0.35, "rgba(255, 255, 255, 0.55)");
    light.addColorStop(0.5, "rgba(255, 255, 255, 1)");
    light.addColorStop(0.65, "rgba(255, 255, 255, 0.55)");
    light.addColorStop(1, "rgba(255, 255, 255, 0)");
    context.fillStyle = light;
    context.fillRect(0, 0, STREAK_WIDTH_PX, STREAK_HEIGHT_PX);
  });
}

function painted(width: number, height: number, paint: (context: CanvasRenderingContext2D) => void): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (context !== null) {
    paint(context);
  }
  return canvas;
}
