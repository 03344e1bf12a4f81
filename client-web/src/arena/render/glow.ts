/** Soft lights, painted once: as pictures they cost nothing where a blur filter would cost a pass each frame. */

import { Container, Rectangle, Sprite, Texture } from "pixi.js";

import type { Point } from "../../tickroom/sim/prediction.ts";

const SIZE_PX = 128;
const STREAK_WIDTH_PX = 160;
const STREAK_HEIGHT_PX = 16;
const STREAK_PARTS = 5;
const RAY_WIDTH_PX = 8;

/** A ring of light is shown larger than a light: it has to stay sharp. */
const RING_PX = 256;

let round: Texture | undefined;
let circle: Texture | undefined;
let cuts: [Cut, ...Cut[]] | undefined;
let even: Texture[] | undefined;

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

/**
 * A ring of this colour, the middle of its line at this radius, centred. Lines that are drawn as such take a call each; a picture
 * shares a batch with the lights around it.
 */
export function ring(color: number, radius: number): Sprite {
  circle ??= Texture.from(painted(RING_PX, RING_PX, paintRing));
  const sprite = new Sprite(circle);
  sprite.anchor.set(0.5);
  sprite.tint = color;
  sprite.setSize((radius * 2) / RING_SHARE);
  return sprite;
}

/** Of half the picture, where the middle of the line of a ring is. */
const RING_SHARE = 0.92;

/** A line with a faint one around it and a touch of colour within. */
function paintRing(context: CanvasRenderingContext2D): void {
  const middle = RING_PX / 2;
  const radius = middle * RING_SHARE;
  const line = (width: number, alpha: number): void => {
    context.lineWidth = width;
    context.strokeStyle = `rgb(255 255 255 / ${alpha})`;
    context.beginPath();
    context.arc(middle, middle, radius, 0, 2 * Math.PI);
    context.stroke();
  };
  context.fillStyle = "rgb(255 255 255 / 8%)";
  context.beginPath();
  context.arc(middle, middle, radius, 0, 2 * Math.PI);
  context.fill();
  line(RING_PX * 0.07, 0.25);
  line(RING_PX * 0.035, 0.9);
}

/** A line of light with soft sides that fades out; to be turned and stretched. */
export function streak(): Sprite {
  const sprite = new Sprite(cutStreak(1).near);
  sprite.anchor.set(0, 0.5);
  return sprite;
}

/** A streak in two, of which the near part has this share of its length; 1 is all of it. */
export function cutStreak(share: number): Cut {
  cuts ??= cutUp(Texture.from(paintStreak()));
  const [whole] = cuts;
  return share === 1 ? whole : (cuts[Math.max(1, Math.min(STREAK_PARTS - 1, Math.round(share * STREAK_PARTS)))] ?? whole);
}

/** Pictures of both parts, cut out of one, so that they share its place on the graphics card. */
interface Cut {
  readonly near: Texture;
  readonly far: Texture;
}

/** A line of light with soft sides and round ends, as bright at its end as at its start. */
export class Ray extends Container {
  private readonly parts = rayTextures().map((texture) => new Sprite(texture)) as [Sprite, Sprite, Sprite];

  constructor() {
    super();
    const [start, middle, end] = this.parts;
    start.anchor.set(1, 0.5);
    middle.anchor.set(0, 0.5);
    end.anchor.set(0, 0.5);
    this.addChild(start, middle, end);
  }

  /** Lets it go from one place to another, this wide. */
  stretch(from: Point, to: Point, width: number): void {
    const length = Math.max(0.5, Math.hypot(to.x - from.x, to.y - from.y));
    const [, middle, end] = this.parts;
    this.position.set(from.x, from.y);
    this.rotation = Math.atan2(to.y - from.y, to.x - from.x);
    middle.width = length;
    end.x = length;
    this.widen(width);
  }

  widen(width: number): void {
    const [start, middle, end] = this.parts;
    start.setSize(width / 2, width);
    middle.height = width;
    end.setSize(width / 2, width);
  }
}

/** Start, middle and end. */
function rayTextures(): Texture[] {
  if (even === undefined) {
    const half = STREAK_HEIGHT_PX / 2;
    const { source } = Texture.from(painted(STREAK_HEIGHT_PX, STREAK_HEIGHT_PX, paintRound));
    const side = (x: number): Texture => new Texture({ source, frame: new Rectangle(x, 0, half, STREAK_HEIGHT_PX) });
    const middle = painted(RAY_WIDTH_PX, STREAK_HEIGHT_PX, (context) => fillSoft(context, RAY_WIDTH_PX));
    even = [side(0), Texture.from(middle), side(half)];
  }
  return even;
}

/** A round light that is across its middle what a streak is across its line. */
function paintRound(context: CanvasRenderingContext2D): void {
  const middle = STREAK_HEIGHT_PX / 2;
  const light = context.createRadialGradient(middle, middle, 0, middle, middle, middle);
  light.addColorStop(0, "rgba(255, 255, 255, 1)");
  light.addColorStop(0.3, "rgba(255, 255, 255, 0.55)");
  light.addColorStop(1, "rgba(255, 255, 255, 0)");
  context.fillStyle = light;
  context.fillRect(0, 0, STREAK_HEIGHT_PX, STREAK_HEIGHT_PX);
}

/** The whole, then cut after one part, after two, and so on. */
function cutUp(whole: Texture): [Cut, ...Cut[]] {
  const { source } = whole;
  const width = STREAK_WIDTH_PX / STREAK_PARTS;
  const part = (from: number, count: number): Texture =>
    new Texture({ source, frame: new Rectangle(from * width, 0, count * width, STREAK_HEIGHT_PX) });
  const cut = Array.from({ length: STREAK_PARTS - 1 }, (_, index) => ({
    near: part(0, index + 1),
    far: part(index + 1, STREAK_PARTS - index - 1),
  }));
  return [{ near: whole, far: whole }, ...cut];
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
    fillSoft(context, STREAK_WIDTH_PX);
    context.globalCompositeOperation = "destination-in";
    const fade = context.createLinearGradient(0, 0, STREAK_WIDTH_PX, 0);
    fade.addColorStop(0, "rgba(255, 255, 255, 1)");
    fade.addColorStop(1, "rgba(255, 255, 255, 0)");
    context.fillStyle = fade;
    context.fillRect(0, 0, STREAK_WIDTH_PX, STREAK_HEIGHT_PX);
  });
}

/** Fills a line of the height of a streak, bright in its middle. */
function fillSoft(context: CanvasRenderingContext2D, width: number): void {
  const light = context.createLinearGradient(0, 0, 0, STREAK_HEIGHT_PX);
  light.addColorStop(0, "rgba(255, 255, 255, 0)");
  light.addColorStop(0.35, "rgba(255, 255, 255, 0.55)");
  light.addColorStop(0.5, "rgba(255, 255, 255, 1)");
  light.addColorStop(0.65, "rgba(255, 255, 255, 0.55)");
  light.addColorStop(1, "rgba(255, 255, 255, 0)");
  context.fillStyle = light;
  context.fillRect(0, 0, width, STREAK_HEIGHT_PX);
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
