/** The last ten seconds of one figure as a line. Loaded when the network panel is opened first: it brings uPlot along. */

import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";

const HEIGHT = 84;
const SECONDS = 10;

export class NetGraph {
  private readonly plot: UPlot;
  private height: number;

  /** Draws into `target`, as wide as that is. */
  constructor(private readonly target: HTMLElement) {
    const style = getComputedStyle(target);
    const ink = style.getPropertyValue("--ink-faint").trim();
    const line = style.getPropertyValue("--line").trim();
    const own = style.getPropertyValue("--own").trim();
    const font = `${0.8 * Number.parseFloat(style.fontSize)}px ${style.fontFamily}`;
    this.height = heightOf(target);
    const axis = { stroke: ink, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
    this.plot = new UPlot(
      {
        width: target.clientWidth,
        height: this.height,
        cursor: { show: false },
        legend: { show: false },
        padding: [6, 16, 0, 0],
        scales: { x: { time: false, range: [-SECONDS, 0] }, y: { range: (_, low, high) => roomy(low, high) } },
        axes: [
          { ...axis, size: 20, values: (_, splits) => splits.map((second) => (second === 0 ? "now" : `${second} s`)) },
          { ...axis, size: 38, space: 24 },
        ],
        series: [{}, { stroke: own, width: 2, fill: `color-mix(in srgb, ${own} 14%, transparent)`, points: { show: false } }],
      },
      [[], []],
      target,
    );
  }

  /** Shows these values at these seconds, which end with 0. */
  show([seconds, values]: [number[], (number | null)[]]): void {
    const { clientWidth } = this.target;
    const height = heightOf(this.target);
    if (clientWidth > 0 && (clientWidth !== this.plot.width || height !== this.height)) {
      this.height = height;
      this.plot.setSize({ width: clientWidth, height });
    }
    this.plot.setData([seconds, values]);
  }
}

function heightOf(target: HTMLElement): number {
  return target.clientHeight > 0 ? target.clientHeight : HEIGHT;
}

/** From 0, as far as it can, so that a small change looks small. */
function roomy(low: number | null, high: number | null): [number, number] {
  const bottom = Math.min(0, low ?? 0);
  const top = Math.max(high ?? 1, bottom + 1);
  return [bottom * 1.1, top * 1.1];
}
