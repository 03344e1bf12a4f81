/**
 * What this client knows of a match, brought up to date by each snapshot. Mirror of `shared/src/replica.rs`.
 *
 * A snapshot is taken whole or not at all. Each leaves the entities of the one before as they are, for those who draw
 * the past: a changed set is a new map of the same records, an unchanged one the same map.
 */

import { readBlockHead, type BlockHead } from "./block.ts";
import { readChunkHead } from "./chunk.ts";
import { ENTITIES_MAX, SNAPSHOT_BYTES_MAX } from "./limits.ts";
import { Reader } from "./reader.ts";
import { DecodeError } from "./record.ts";
import { readSnapshotHead, type SnapshotCodecs, type SnapshotHead } from "./snapshot.ts";

/** A snapshot with all that was known before. */
export interface Snapshot<M, S, O, E> extends SnapshotHead<M, O, E> {
  readonly status: M;
  readonly entities: ReadonlyMap<number, S>;
}

export class Replica<M, S, O, E> {
  private known: Snapshot<M, S, O, E> | undefined;
  private cells: ReadonlyMap<number, number> = new Map();

  constructor(private readonly codecs: SnapshotCodecs<M, S, O, E>) {}

  /** The newest snapshot that was taken. */
  get latest(): Snapshot<M, S, O, E> | undefined {
    return this.known;
  }

  /** The cell in which an entity is known. */
  cellOf(entity: number): number | undefined {
    return this.cells.get(entity);
  }

  /** Takes in a `snapshot` event. Throws `DecodeError`; then nothing has changed. */
  take(bytes: Uint8Array): Snapshot<M, S, O, E> {
    if (bytes.byteLength > SNAPSHOT_BYTES_MAX) {
      throw new DecodeError("too many", `${bytes.byteLength} snapshot bytes`);
    }
    const reader = new Reader(bytes);
    const head = readSnapshotHead(reader, this.codecs);
    const base = head.keyframe ? undefined : this.baseOf(head);
    const status = head.status ?? base?.status;
    if (status === undefined) {
      throw new DecodeError("malformed", "a keyframe without a status");
    }
    const draft = new Draft(base?.entities ?? new Map<number, S>(), base === undefined ? new Map() : this.cells);
    while (reader.remaining > 0) {
      this.readBlock(reader, draft, head.baseTicks);
    }
    if (draft.entities.size > ENTITIES_MAX) {
      throw new DecodeError("too many", `${draft.entities.size} entities`);
    }
    const snapshot = { ...head, status, entities: draft.entities };
    this.known = snapshot;
    this.cells = draft.cells;
    return snapshot;
  }

  private baseOf(head: SnapshotHead<M, O, E>): Snapshot<M, S, O, E> {
    const { known } = this;
    if (known === undefined || known.tick !== head.tick - head.baseTicks) {
      throw new DecodeError("out of step", `tick ${head.tick} follows ${head.tick - head.baseTicks}, not ${known?.tick}`);
    }
    return known;
  }

  private readBlock(reader: Reader, draft: Draft<S>, baseTicks: number): void {
    const block = readBlockHead(reader);
    draft.enter(block.cell);
    if (block.mode !== "full" && baseTicks === 0) {
      throw new DecodeError("malformed", `a keyframe with a cell that is ${block.mode}`);
    }
    if (block.mode === "full" || block.mode === "forgotten") {
      draft.clear(block.cell);
    }
    let id = -1;
    for (let index = 0; index < block.chunkCount; index += 1) {
      id = this.readChunk(reader, draft, block, baseTicks, id);
    }
  }

  /** Gives the entity, which the next one of the cell follows. */
  private readChunk(reader: Reader, draft: Draft<S>, block: BlockHead, baseTicks: number, previous: number): number {
    const { cell, mode, ageTicks } = block;
    const { op, id } = readChunkHead(reader, previous);
    if (op === "full") {
      draft.put(id, cell, this.codecs.state.decode(reader));
      return id;
    }
    if (mode === "full") {
      throw new DecodeError("malformed", `a full cell with the chunk "${op}"`);
    }
    if (op === "left") {
      draft.leave(id, cell);
      return id;
    }
    const base = draft.stateIn(id, cell);
    if (base === undefined) {
      throw new DecodeError("out of step", `entity ${id} is not in cell ${cell}`);
    }
    draft.put(id, cell, this.codecs.state.decodeDelta(reader, base, ageTicks ?? baseTicks));
    return id;
  }
}

/** Entities and their cells while a snapshot is read; what was there before is copied at the first change. */
class Draft<S> {
  private readonly entered = new Set<number>();
  private changedEntities: Map<number, S> | undefined;
  private changedCells: Map<number, number> | undefined;

  constructor(
    private readonly entitiesBefore: ReadonlyMap<number, S>,
    private readonly cellsBefore: ReadonlyMap<number, number>,
  ) {}

  get entities(): ReadonlyMap<number, S> {
    return this.changedEntities ?? this.entitiesBefore;
  }

  get cells(): ReadonlyMap<number, number> {
    return this.changedCells ?? this.cellsBefore;
  }

  /** Notes that a cell is told; once in a snapshot, which bounds the work of `clear`. */
  enter(cell: number): void {
    if (this.entered.has(cell)) {
      throw new DecodeError("malformed", `cell ${cell} is told twice`);
    }
    this.entered.add(cell);
  }

  /** Forgets what is in a cell. */
  clear(cell: number): void {
    for (const [id, at] of this.cells) {
      if (at === cell) {
        this.leave(id, cell);
      }
    }
  }

  put(id: number, cell: number, state: S): void {
    this.changedEntities ??= new Map(this.entitiesBefore);
    this.changedEntities.set(id, state);
    if (this.cells.get(id) !== cell) {
      this.changedCells ??= new Map(this.cellsBefore);
      this.changedCells.set(id, cell);
    }
  }

  /** Forgets an entity when it is in that very cell: another may have told of it meanwhile. */
  leave(id: number, cell: number): void {
    if (this.cells.get(id) !== cell) {
      return;
    }
    this.changedEntities ??= new Map(this.entitiesBefore);
    this.changedEntities.delete(id);
    this.changedCells ??= new Map(this.cellsBefore);
    this.changedCells.delete(id);
  }

  stateIn(id: number, cell: number): S | undefined {
    return this.cells.get(id) === cell ? this.entities.get(id) : undefined;
  }
}
