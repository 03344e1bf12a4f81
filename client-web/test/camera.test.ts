import { expect, test } from "vitest";

import { cameraOn, isInView, VIEW_HEIGHT, VIEW_WIDTH } from "../src/arena/render/camera.ts";

const MAP = { width: 2048, height: 1536 };

test("a place is in view up to the edge of the picture and as far as it reaches beyond", () => {
  const middle = cameraOn({ x: 1000, y: 700 }, MAP);
  const seen = (right: number, down: number, reach: number): boolean =>
    isInView(middle, { x: middle.x + right, y: middle.y + down }, reach);
  const [x, y] = [VIEW_WIDTH / 2, VIEW_HEIGHT / 2];
  expect([seen(x, y, 0), seen(-x, -y, 0), seen(x + 1, 0, 0), seen(0, -y - 1, 0)]).toEqual([true, true, false, false]);
  expect([seen(x + 10, y + 10, 10), seen(x + 11, 0, 10), seen(0, y + 11, 10)]).toEqual([true, false, false]);
});
