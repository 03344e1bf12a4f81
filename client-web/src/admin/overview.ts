/** What `GET /api/overview` answers, checked: another version of the server may answer otherwise. */

export interface Shard {
  readonly shard: number;
  readonly health: string;
  readonly matches: number;
  readonly load_permille: number;
  readonly slipped_ticks: number;
  /** Ticks by what they took, and by how late they began, since the start; buckets as in `tick_bucket_ends_us`. */
  readonly tick_us: readonly number[];
  readonly late_us: readonly number[];
}

export interface Match {
  readonly id: number;
  readonly mode: string;
  readonly map: string;
  readonly phase: string;
  readonly people: number;
  readonly places: number;
  readonly viewers: number;
  readonly private: boolean;
  readonly shard: number;
}

export interface Overview {
  readonly name: string;
  readonly version: string;
  readonly closing: boolean;
  readonly uptime_s: number;
  readonly memory_bytes: number | null;
  readonly connections: number;
  readonly people: number;
  readonly seats_taken: number;
  readonly seats_held: number;
  readonly tick_bucket_ends_us: readonly number[];
  readonly shards: readonly Shard[];
  readonly matches_count: number;
  readonly matches: readonly Match[];
}

/** The answer, or undefined when it is none. */
export function overviewOf(answer: unknown): Overview | undefined {
  return isOverview(answer) ? answer : undefined;
}

function isOverview(value: unknown): value is Overview {
  return (
    has(value, { name: "string", version: "string", closing: "boolean", uptime_s: "number", connections: "number" }) &&
    has(value, { people: "number", seats_taken: "number", seats_held: "number", matches_count: "number" }) &&
    (value["memory_bytes"] === null || typeof value["memory_bytes"] === "number") &&
    isNumbers(value["tick_bucket_ends_us"]) &&
    isList(value["shards"], isShard) &&
    isList(value["matches"], isMatch)
  );
}

function isShard(value: unknown): boolean {
  return (
    has(value, { shard: "number", health: "string", matches: "number", load_permille: "number", slipped_ticks: "number" }) &&
    isNumbers(value["tick_us"]) &&
    isNumbers(value["late_us"])
  );
}

function isMatch(value: unknown): boolean {
  return (
    has(value, { id: "number", mode: "string", map: "string", phase: "string", people: "number", places: "number" }) &&
    has(value, { viewers: "number", private: "boolean", shard: "number" })
  );
}

function has(value: unknown, types: Readonly<Record<string, string>>): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const record = value as Record<string, unknown>;
  return Object.entries(types).every(([name, type]) => typeof record[name] === type);
}

function isNumbers(value: unknown): value is readonly number[] {
  return isList(value, (item) => typeof item === "number");
}

function isList(value: unknown, is: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is);
}
