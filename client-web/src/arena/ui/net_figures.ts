/** What the network panel tells, one row a figure, and the last ten seconds of it. Pure. */

import type { Counters } from "../../tickroom/counters.ts";
import type { Timing } from "../../tickroom/match.ts";
import type { ServerBeat } from "../../tickroom/net/link.ts";

/** What is known at one moment; undefined where there is no match. */
export interface NetFigures {
  readonly roundTripMs: number | undefined;
  readonly timing: Timing | undefined;
  readonly counters: Readonly<Counters> | undefined;
  readonly server: ServerBeat | undefined;
}

/** One moment, beside an earlier one about a second before. */
interface Span {
  readonly now: NetFigures;
  readonly seconds: number;
  /** How much a count has risen; undefined without a match, and 0 where a new match counts from 0. */
  risen(of: (counters: Readonly<Counters>) => number): number | undefined;
}

/** A figure: what it is called, what it means, and how it is worked out. */
export interface Figure {
  readonly label: string;
  readonly unit: string;
  readonly digits: number;
  readonly meaning: string;
  readonly of: (span: Span) => number | undefined;
}

export const FIGURES: readonly Figure[] = [
  {
    label: "Ping",
    unit: "ms",
    digits: 0,
    meaning: "There and back again, made-up link included.",
    of: ({ now }) => now.roundTripMs,
  },
  {
    label: "Jitter",
    unit: "ms",
    digits: 0,
    meaning: "How late 95 of 100 snapshots are at most.",
    of: ({ now }) => now.timing?.jitterMs,
  },
  {
    label: "Slack",
    unit: "ticks",
    digits: 1,
    meaning: "How early the server says that the inputs come.",
    of: ({ now }) => now.timing?.slackTicks,
  },
  {
    label: "Dilation",
    unit: "%",
    digits: 1,
    meaning: "How much faster inputs are made, to keep that slack.",
    of: ({ now }) => (now.timing === undefined ? undefined : (now.timing.leadRate - 1) * 100),
  },
  {
    label: "Delay",
    unit: "ms",
    digits: 0,
    meaning: "How far in the past the others are drawn.",
    of: ({ now }) => now.timing?.delayMs,
  },
  {
    label: "Snapshots",
    unit: "/s",
    digits: 0,
    meaning: "How many snapshots come in a second.",
    of: (span) => perSecond(span, ({ snapshots }) => snapshots),
  },
  {
    label: "Size",
    unit: "B",
    digits: 0,
    meaning: "Bytes of a snapshot, the mean of a second.",
    of: (span) => share(span, ({ snapshotBytes }) => snapshotBytes, ({ snapshots }) => snapshots),
  },
  {
    label: "Received",
    unit: "KB/s",
    digits: 2,
    meaning: "Bytes of all snapshots in a second.",
    of: (span) => scaled(perSecond(span, ({ snapshotBytes }) => snapshotBytes), 1 / 1000),
  },
  {
    label: "Corrections",
    unit: "/s",
    digits: 1,
    meaning: "How often the server disagrees with the prediction.",
    of: (span) => perSecond(span, ({ corrections, unreconciled }) => corrections + unreconciled),
  },
  {
    label: "Corrected",
    unit: "u",
    digits: 1,
    meaning: "How far a correction moves you; your radius is 16.",
    of: (span) => share(span, ({ correctionUnits }) => correctionUnits, ({ corrections, snaps }) => corrections - snaps),
  },
  {
    label: "Server tick",
    unit: "ms",
    digits: 2,
    meaning: "What a tick of this match costs; there are 16.7 ms.",
    of: ({ now }) => now.server?.tickMs,
  },
  {
    label: "Slipped",
    unit: "ticks",
    digits: 0,
    meaning: "Ticks that the server has dropped in this match.",
    of: ({ now }) => now.server?.ticksSlipped,
  },
];

/** A figure as it is read; a dash where there is none. */
export function readingOf({ digits }: Figure, value: number | undefined): string {
  // Minus nothing is nothing.
  return value === undefined ? "–" : value.toFixed(digits).replace(/^-(0(\.0+)?)$/, "$1");
}

/** Moments kept: ten seconds, ten a second. */
const SAMPLE_MS = 100;
const KEPT_MS = 10_000;
const SPAN_MS = 1000;

interface Moment {
  readonly atMs: number;
  readonly figures: NetFigures;
  readonly values: readonly (number | undefined)[];
}

/** The last ten seconds of all figures. */
export class NetHistory {
  private moments: Moment[] = [];

  /** Takes note of a moment, if the last one is long enough ago. The counters are copied, as they go on. */
  note(nowMs: number, ask: () => NetFigures): void {
    const last = this.moments.at(-1);
    if (last !== undefined && nowMs - last.atMs < SAMPLE_MS) {
      return;
    }
    const asked = ask();
    const figures = { ...asked, counters: asked.counters === undefined ? undefined : { ...asked.counters } };
    const span = this.spanTo(figures, nowMs);
    this.moments.push({ atMs: nowMs, figures, values: FIGURES.map(({ of }) => of(span)) });
    while ((this.moments[0]?.atMs ?? nowMs) < nowMs - KEPT_MS) {
      this.moments.shift();
    }
  }

  /** The newest value of a figure, by its place in `FIGURES`. */
  newest(index: number): number | undefined {
    return this.moments.at(-1)?.values[index];
  }

  /** When and what: seconds before the newest moment, and the values then, null where there was none. */
  series(index: number): [number[], (number | null)[]] {
    const lastMs = this.moments.at(-1)?.atMs ?? 0;
    return [
      this.moments.map(({ atMs }) => (atMs - lastMs) / 1000),
      this.moments.map(({ values }) => values[index] ?? null),
    ];
  }

  private spanTo(now: NetFigures, nowMs: number): Span {
    const from = this.moments.find(({ atMs, figures }) => atMs >= nowMs - SPAN_MS && figures.counters !== undefined);
    const before = from?.figures.counters;
    return {
      now,
      seconds: from === undefined ? 0 : (nowMs - from.atMs) / 1000,
      risen: (of) =>
        now.counters === undefined || before === undefined ? undefined : Math.max(0, of(now.counters) - of(before)),
    };
  }
}

type CountOf = (counters: Readonly<Counters>) => number;

function perSecond(span: Span, of: CountOf): number | undefined {
  return span.seconds > 0 ? scaled(span.risen(of), 1 / span.seconds) : undefined;
}

function share(span: Span, of: CountOf, by: CountOf): number | undefined {
  const parts = span.risen(by);
  return parts === undefined ? undefined : scaled(span.risen(of), parts > 0 ? 1 / parts : 0);
}

function scaled(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}
