/** A soft round light, drawn once: as a picture it costs nothing where a blur filter would cost a pass each frame. */

import { Sprite, Texture } from "pixi.js";

const SIZE_PX = 128;

let shared: Texture | undefined;

/** A light of this colour and radius in units, centred. Blended as usual, so that it shares a batch with its surroundings. */
export function glow(color: number, radius: number, alpha: number): Sprite {
  shared ??= Texture.from(paint());
  const sprite = new Sprite(shared);
  sprite.anchor.set(0.5);
  sprite.tint = color;
  sprite.alpha = alpha;
  sprite.width = radius * 2;
  sprite.height = radius * 2;
  return sprite;
}

function paint(): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = SIZE_PX;
  canvas.height = SIZE_PX;
  const context = canvas.getContext("2d");
  if (context !== null) {
    const middle = SIZE_PX / 2;
    const light = context.createRadialGradient(middle, middle, 0, middle, middle, middle);
    light.addColorStop(0, "rgba(255, 255, 255, 1)");
    light.addColorStop(0.25, "rgba(255, 255, 255, 0.5)");
    light.addColorStop(0.55, "rgba(255, 255, 255, 0.14)");
    light.addColorStop(1, "rgba(255, 255, 255, 0)");
    context.fillStyle = light;
    context.fillRect(0, 0, SIZE_PX, SIZE_PX);
  }
  return canvas;
}
