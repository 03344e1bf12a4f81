/** What the admin page shows. Plain tables, text as text. */

import { element, setText } from "../arena/ui/element.ts";
import { modeName } from "../arena/ui/match_list.ts";
import type { Match, Overview, Shard } from "./overview.ts";
import { memoryText, percentileUs, since, timeText, uptimeText } from "./times.ts";

export class View {
  readonly root = element("div", "admin");
  private readonly title = element("h1", "", "Tickroom server");
  private readonly status = element("p", "admin-status", "Asking the server…");
  private readonly tiles = element("dl", "tiles");
  private readonly shards = new Table("Shards", ["Shard", "Health", "Matches", "Load", "Tick p50", "Tick p99", "Late p99", "Slipped"]);
  private readonly matches = new Table("Matches", ["Match", "Mode", "Map", "Phase", "People", "Viewers", "Shard", "Watch"]);
  private readonly content = element("div", "admin-content", this.tiles, this.shards.root, this.matches.root);
  private readonly token = element("input", "token");
  private readonly form: HTMLFormElement;
  private before: Overview | undefined;

  /** `enter` is called with the token that was typed. */
  constructor(enter: (token: string) => void) {
    this.status.setAttribute("role", "status");
    this.token.type = "password";
    this.token.id = "token";
    this.token.setAttribute("autocomplete", "off");
    const label = element("label", "", "Admin token");
    label.htmlFor = this.token.id;
    const button = element("button", "", "Open");
    this.form = element("form", "token-form", label, this.token, button);
    this.form.hidden = true;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      enter(this.token.value.trim());
    });
    this.content.hidden = true;
    this.root.append(this.title, this.status, this.form, this.content);
  }

  /** The server wants a token, or another than the one it was given. */
  askForToken(wasWrong: boolean): void {
    this.content.hidden = true;
    setText(
      this.status,
      wasWrong
        ? "This is not the admin token of the server."
        : "From another machine this page needs the server's admin token (--admin-token).",
    );
    if (this.form.hidden) {
      this.form.hidden = false;
      this.token.focus();
    }
    this.token.setAttribute("aria-invalid", String(wasWrong));
  }

  /** The newest state; undefined when the server does not answer. What was known stays to be read. */
  show(overview: Overview | undefined): void {
    this.form.hidden = true;
    if (overview === undefined) {
      setText(this.status, "The server does not answer. Asking again…");
      this.root.dataset["state"] = "gone";
      return;
    }
    this.root.dataset["state"] = overview.closing ? "closing" : "up";
    setText(this.status, overview.closing ? "Shutting down" : "Up");
    setText(this.title, overview.name);
    document.title = `${overview.name} – Tickroom server`;
    this.content.hidden = false;
    this.showTiles(overview);
    this.shards.show(overview.shards.map((shard) => shardRow(shard, overview, this.before)));
    this.matches.show(overview.matches.map(matchRow), "No match is running.");
    this.before = overview;
  }

  private showTiles(overview: Overview): void {
    const tiles: readonly (readonly [string, string])[] = [
      ["Up for", uptimeText(overview.uptime_s)],
      ["Matches", String(overview.matches_count)],
      ["Players", String(overview.people)],
      ["Seats held", String(overview.seats_held)],
      ["Connections", String(overview.connections)],
      ["Memory", memoryText(overview.memory_bytes)],
      ["Version", overview.version],
    ];
    this.tiles.replaceChildren(
      ...tiles.map(([name, value]) => element("div", "tile", element("dt", "", name), element("dd", "", value))),
    );
  }
}

/** A table with a caption whose rows are replaced only when they differ, so that a link keeps the focus. */
class Table {
  readonly root: HTMLElement;
  private readonly body = element("tbody", "");
  private shown = "";

  constructor(
    caption: string,
    private readonly columns: readonly string[],
  ) {
    const heads = columns.map((name) => {
      const head = element("th", "", name);
      head.scope = "col";
      return head;
    });
    const table = element("table", "", element("caption", "", caption), element("thead", "", element("tr", "", ...heads)), this.body);
    this.root = element("div", "table", table);
    this.root.tabIndex = 0;
    this.root.setAttribute("role", "region");
    this.root.setAttribute("aria-label", caption);
  }

  show(rows: readonly (readonly Cell[])[], none = ""): void {
    const text = JSON.stringify(rows);
    if (text === this.shown) {
      return;
    }
    this.shown = text;
    const focused = document.activeElement?.getAttribute("href") ?? undefined;
    this.body.replaceChildren(...(rows.length === 0 ? [this.nothing(none)] : rows.map(rowOf)));
    if (focused !== undefined) {
      [...this.body.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused)?.focus();
    }
  }

  private nothing(text: string): HTMLElement {
    const cell = element("td", "none", text);
    cell.colSpan = this.columns.length;
    return element("tr", "", cell);
  }
}

interface Link {
  readonly text: string;
  readonly label: string;
  readonly href: string;
}

/** A word that is seen at a glance: a `mark` is a dot with a shape and a colour, a `share` of 0 to 1 a bar. */
interface Sign {
  readonly text: string;
  readonly mark?: string;
  readonly share?: number;
}

type Cell = string | Link | Sign;

function rowOf(cells: readonly Cell[]): HTMLElement {
  return element("tr", "", ...cells.map((cell) => element("td", "", contentOf(cell))));
}

function contentOf(cell: Cell): HTMLElement {
  if (typeof cell === "string") {
    return element("bdi", "", cell);
  }
  return "href" in cell ? linkOf(cell) : signOf(cell);
}

function signOf({ text, mark, share }: Sign): HTMLElement {
  const sign = element("span", "sign", text);
  if (mark !== undefined) {
    sign.dataset["mark"] = mark;
  }
  if (share !== undefined) {
    const bar = element("span", "bar");
    bar.style.setProperty("--share", String(Math.min(1, share)));
    sign.append(bar);
  }
  return sign;
}

function linkOf({ text, label, href }: Link): HTMLElement {
  const link = element("a", "", text);
  link.href = href;
  link.setAttribute("aria-label", label);
  return link;
}

function shardRow(shard: Shard, now: Overview, before: Overview | undefined): Cell[] {
  const earlier = before?.shards.find((other) => other.shard === shard.shard);
  const ends = now.tick_bucket_ends_us;
  const ticks = since(earlier?.tick_us, shard.tick_us);
  const late = since(earlier?.late_us, shard.late_us);
  return [
    String(shard.shard),
    { text: shard.health, mark: shard.health },
    String(shard.matches),
    { text: `${(shard.load_permille / 10).toFixed(1)} %`, share: shard.load_permille / 1000 },
    timeText(percentileUs(ticks, ends, 0.5)),
    timeText(percentileUs(ticks, ends, 0.99)),
    timeText(percentileUs(late, ends, 0.99)),
    String(shard.slipped_ticks),
  ];
}

function matchRow(match: Match): Cell[] {
  return [
    match.private ? `${match.id} (private)` : String(match.id),
    modeName(match.mode),
    match.map,
    { text: match.phase, mark: match.phase },
    { text: `${match.people}/${match.places}`, share: match.people / Math.max(1, match.places) },
    String(match.viewers),
    String(match.shard),
    // Whoever is not let into a private match is not shown it either.
    match.private ? "–" : { text: "Watch", label: `Watch match ${match.id}`, href: `./?spectate=${match.id}` },
  ];
}
