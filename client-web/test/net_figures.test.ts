import { expect, test } from "vitest";

import { FIGURES, NetHistory, readingOf, type NetFigures } from "../src/arena/ui/net_figures.ts";
import { noCounts } from "../src/tickroom/counters.ts";

const TIMING = { delayMs: 80, jitterMs: 12, slackTicks: 2.25, leadRate: 1.05 };

/** By label, what is read of the newest moment. */
function readings(history: NetHistory): Record<string, string> {
  return Object.fromEntries(FIGURES.map((figure, index) => [figure.label, readingOf(figure, history.newest(index))]));
}

function figures(counters: Partial<ReturnType<typeof noCounts>>): NetFigures {
  return { roundTripMs: 150.4, timing: TIMING, counters: { ...noCounts(), ...counters }, server: { tickMs: 0.123, ticksSlipped: 4 } };
}

test("rates are those of the last second", () => {
  const history = new NetHistory();
  for (let ms = 0; ms <= 3000; ms += 100) {
    const seconds = ms / 1000;
    history.note(ms, () =>
      figures({
        snapshots: seconds * 20,
        snapshotBytes: seconds * 20 * 130,
        corrections: seconds * 3,
        correctionUnits: seconds * 2 * 4.5,
        snaps: seconds,
      }),
    );
  }
  expect(readings(history)).toEqual({
    Ping: "150",
    Jitter: "12",
    Slack: "2.3",
    Dilation: "5.0",
    Delay: "80",
    Snapshots: "20",
    Size: "130",
    Received: "2.60",
    Corrections: "3.0",
    Corrected: "4.5",
    "Server tick": "0.12",
    Slipped: "4",
  });
});

test("without a match there is nothing, a new match counts anew, and nothing is minus nothing", () => {
  const history = new NetHistory();
  const nothing: NetFigures = { roundTripMs: undefined, timing: undefined, counters: undefined, server: undefined };
  history.note(0, () => nothing);
  history.note(100, () => nothing);
  expect(new Set(Object.values(readings(history)))).toEqual(new Set(["–"]));
  history.note(200, () => figures({ snapshots: 900, snapshotBytes: 90_000 }));
  history.note(300, () => figures({ snapshots: 1 }));
  expect(readings(history)).toMatchObject({ Snapshots: "0", Size: "0", Corrections: "0.0" });
  const dilation = FIGURES.find(({ label }) => label === "Dilation");
  expect(dilation === undefined ? "" : readingOf(dilation, -0.01)).toBe("0.0");
  expect(dilation === undefined ? "" : readingOf(dilation, -0.06)).toBe("-0.1");
});

test("ten seconds are kept, ten moments a second, however often the page draws", () => {
  const history = new NetHistory();
  let asked = 0;
  for (let ms = 0; ms <= 60_000; ms += 4) {
    history.note(ms, () => {
      asked += 1;
      return figures({});
    });
  }
  expect(asked).toBe(601);
  const [seconds, values] = history.series(0);
  expect(values).toHaveLength(101);
  expect([seconds[0], seconds.at(-1)]).toEqual([-10, 0]);
});
