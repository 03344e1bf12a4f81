/** What a page looks like, in pixels. */

import type { GamePage } from "./browser.ts";

/** The share of a page's pixels that are of exactly this colour, `#rrggbb`. */
export async function shareOf({ page }: GamePage, color: string): Promise<number> {
  const png = (await page.screenshot()).toString("base64");
  // The browser itself reads the picture: nothing else here can.
  return page.evaluate(async ([base64, wanted]) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const context = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
    context?.drawImage(picture, 0, 0);
    const pixels = context?.getImageData(0, 0, picture.width, picture.height).data ?? [];
    let count = 0;
    for (let at = 0; at + 2 < pixels.length; at += 4) {
      const value = ((pixels[at] ?? 0) << 16) | ((pixels[at + 1] ?? 0) << 8) | (pixels[at + 2] ?? 0);
      count += value === wanted ? 1 : 0;
    }
    return (count * 4) / pixels.length;
  }, [png, Number.parseInt(color.slice(1), 16)] as const);
}
