/**
 * Packed lists: for each owner (a small integer) a sorted list of 32-bit entries, compared unsigned.
 *
 * Short lists are slices of one arena of chunks with free lists by size; a long one becomes a tree of sorted blocks, so that
 * neither a hot principal nor a hot resource makes a change dear. Nothing is ever copied as a whole.
 * Invariant: every list is strictly ascending; `visit` sees all of it; no entry is in it twice.
 */
const CHUNK_BITS = 20;
const CHUNK = 1 << CHUNK_BITS;
const FIRST_CHUNK = 1 << 10;
/** Sizes of slices: 2, 3, 4, 6, 8, 12 … 512. */
const SIZES: readonly number[] = sizes();
const SLICE_MAX = 512;
const BLOCK_MAX = 1_024;
export const HEAD = 2;
/** In the second integer of a head: one entry more. */
const ONE = 1 << 5;

function sizes(): number[] {
  const list: number[] = [];
  for (let size = 2; size <= 512; size *= 2) {
    list.push(size);
    if (size < 512) list.push(size + size / 2);
  }
  return list;
}

/**
 * Where the heads of lists live: two integers for each owner, at `at(owner)` of `row(owner)`, and behind them room for the first
 * `inline` entries: a list that is no longer lives beside its head.
 */
export type Heads = {
  readonly inline: number;
  /** Makes room for an owner. */
  reserve(owner: number): void;
  /** Whether there is room, so that there may be a list. */
  has(owner: number): boolean;
  row(owner: number): Int32Array;
  at(owner: number): number;
  readonly bytes: number;
};

/** Heads in one array of their own. */
class FlatHeads implements Heads {
  readonly inline = 0;
  #heads: Int32Array = new Int32Array(64 * HEAD);
  reserve(owner: number): void {
    if (owner * HEAD + 1 < this.#heads.length) return;
    let length = this.#heads.length;
    while (owner * HEAD + 1 >= length) length *= 2;
    const heads = new Int32Array(length);
    heads.set(this.#heads);
    this.#heads = heads;
  }
  has(owner: number): boolean {
    return owner * HEAD < this.#heads.length;
  }
  row(): Int32Array {
    return this.#heads;
  }
  at(owner: number): number {
    return owner * HEAD;
  }
  get bytes(): number {
    return this.#heads.byteLength;
  }
}

type Head = { readonly row: Int32Array; readonly head: number };
type Blocks = { blocks: { items: Int32Array; count: number }[]; total: number };

export class PackedLists {
  readonly #arena: Int32Array[] = [];
  #used = 0;
  #room = 0;
  readonly #free: number[][] = SIZES.map(() => []);
  /** Per owner: place + 1 (0: beside the head; negative: the index of its blocks), and count << 5 | size class. */
  readonly #heads: Heads;
  readonly #large: (Blocks | undefined)[] = [undefined];

  constructor(heads: Heads = new FlatHeads()) {
    this.#heads = heads;
  }

  count(owner: number): number {
    if (!this.#heads.has(owner)) return 0;
    const row = this.#heads.row(owner);
    const at = this.#heads.at(owner);
    const place = row[at] as number;
    return place < 0 ? (this.#large[-place] as Blocks).total : (row[at + 1] as number) >> 5;
  }

  /** Inserts `entry`; `false` if it is there already. */
  insert(owner: number, entry: number): boolean {
    this.#heads.reserve(owner);
    const row = this.#heads.row(owner);
    const head = this.#heads.at(owner);
    const place = row[head] as number;
    if (place < 0) return insertLarge(this.#large[-place] as Blocks, entry);
    const info = row[head + 1] as number;
    const count = info >> 5;
    const items = place === 0 ? row : this.sliceChunk(place);
    const from = place === 0 ? head + HEAD : sliceFrom(place);
    const at = lowerBound(items, { from, to: from + count }, entry);
    if (at < from + count && items[at] === entry) return false;
    if (count < (place === 0 ? this.#heads.inline : (SIZES[info & 31] as number))) {
      items.copyWithin(at + 1, at, from + count);
      items[at] = entry;
      row[head + 1] = info + ONE;
      return true;
    }
    this.#grow({ row, head });
    return this.insert(owner, entry);
  }

  /** Removes `entry`; `false` if it is not there. */
  remove(owner: number, entry: number): boolean {
    if (!this.#heads.has(owner)) return false;
    const row = this.#heads.row(owner);
    const head = this.#heads.at(owner);
    const place = row[head] as number;
    if (place < 0) return this.#removeLarge({ row, head }, entry);
    const info = row[head + 1] as number;
    const count = info >> 5;
    const items = place === 0 ? row : this.sliceChunk(place);
    const from = place === 0 ? head + HEAD : sliceFrom(place);
    const at = lowerBound(items, { from, to: from + count }, entry);
    if (at === from + count || items[at] !== entry) return false;
    items.copyWithin(at, at + 1, from + count);
    row[head + 1] = info - ONE;
    // Not before it is half of what fits, so that one entry that comes and goes moves nothing.
    if (place !== 0 && count - 1 <= this.#heads.inline >> 1) {
      row.set(items.subarray(from, from + count - 1), head + HEAD);
      row[head] = 0;
      row[head + 1] = (count - 1) << 5;
      (this.#free[info & 31] as number[]).push(place - 1);
    }
    return true;
  }

  /** The contiguous runs of a list: calls `run(chunk, from, to)` for each, in order. For hot loops over short lists see `sliceChunk`. */
  visit(owner: number, run: (entries: Int32Array, from: number, to: number) => void): void {
    if (!this.#heads.has(owner)) return;
    const row = this.#heads.row(owner);
    const head = this.#heads.at(owner);
    const place = row[head] as number;
    if (place < 0) {
      for (const block of (this.#large[-place] as Blocks).blocks) run(block.items, 0, block.count);
    } else if (row[head + 1] !== 0) {
      const from = place === 0 ? head + HEAD : sliceFrom(place);
      run(place === 0 ? row : this.sliceChunk(place), from, from + ((row[head + 1] as number) >> 5));
    }
  }

  /** All entries, as they are now. */
  entries(owner: number): number[] {
    const all: number[] = [];
    this.visit(owner, (entries, from, to) => {
      for (let i = from; i < to; i++) all.push(entries[i] as number);
    });
    return all;
  }

  /** The chunk in which a list lies that is not beside its head, and whose head begins with `place` (above 0); it begins at `sliceFrom(place)`. For hot loops. */
  sliceChunk(place: number): Int32Array {
    return this.#arena[(place - 1) >>> CHUNK_BITS] as Int32Array;
  }

  /** The first entry of a long or short list that is not below `entry`, or -1 if there is none. (-1 is never an entry.) */
  atLeast(owner: number, entry: number): number {
    if (!this.#heads.has(owner)) return -1;
    const row = this.#heads.row(owner);
    const head = this.#heads.at(owner);
    const place = row[head] as number;
    if (place < 0) {
      const large = this.#large[-place] as Blocks;
      let index = blockOf(large, entry);
      let block = large.blocks[index] as Blocks["blocks"][number];
      let at = lowerBound(block.items, { from: 0, to: block.count }, entry);
      if (at === block.count) {
        if (++index === large.blocks.length) return -1;
        block = large.blocks[index] as Blocks["blocks"][number];
        at = 0;
      }
      return block.items[at] as number;
    }
    const items = place === 0 ? row : this.sliceChunk(place);
    const from = place === 0 ? head + HEAD : sliceFrom(place);
    const to = from + ((row[head + 1] as number) >> 5);
    const at = lowerBound(items, { from, to }, entry);
    return at === to ? -1 : (items[at] as number);
  }

  /** Bytes held in buffers. */
  get bytes(): number {
    let bytes = this.#heads.bytes;
    for (const chunk of this.#arena) bytes += chunk.byteLength;
    for (const large of this.#large) for (const block of large?.blocks ?? []) bytes += block.items.byteLength;
    return bytes;
  }

  #allocate(size: number): number {
    const free = (this.#free[size] as number[]).pop();
    if (free !== undefined) return free;
    const ints = SIZES[size] as number;
    if (this.#used + ints > this.#room) {
      // The first chunks are small, so that a small organization costs little.
      this.#room = this.#arena.length < 5 ? FIRST_CHUNK << (2 * this.#arena.length) : CHUNK;
      this.#arena.push(new Int32Array(this.#room));
      this.#used = 0;
    }
    const at = (this.#arena.length - 1) * CHUNK + this.#used;
    this.#used += ints;
    return at;
  }

  /** Moves a full list to where there is more room. */
  #grow({ row, head }: Head): void {
    const place = row[head] as number;
    const info = row[head + 1] as number;
    const count = info >> 5;
    const items = place === 0 ? row : this.sliceChunk(place);
    const from = place === 0 ? head + HEAD : sliceFrom(place);
    if (place !== 0) (this.#free[info & 31] as number[]).push(place - 1);
    if (count >= SLICE_MAX) {
      const block = new Int32Array(BLOCK_MAX);
      block.set(items.subarray(from, from + count));
      const index = this.#large.indexOf(undefined, 1);
      const blocks: Blocks = { blocks: [{ items: block, count }], total: count };
      if (index === -1) this.#large.push(blocks);
      else this.#large[index] = blocks;
      row[head] = -(index === -1 ? this.#large.length - 1 : index);
      row[head + 1] = 0;
      return;
    }
    const size = place === 0 ? SIZES.findIndex((room) => room > count) : (info & 31) + 1;
    const at = this.#allocate(size);
    (this.#arena[at >>> CHUNK_BITS] as Int32Array).set(items.subarray(from, from + count), at & (CHUNK - 1));
    row[head] = at + 1;
    row[head + 1] = (count << 5) | size;
  }

  #removeLarge({ row, head }: Head, entry: number): boolean {
    const index = -(row[head] as number);
    const large = this.#large[index] as Blocks;
    const at = blockOf(large, entry);
    const block = large.blocks[at] as Blocks["blocks"][number];
    const place = lowerBound(block.items, { from: 0, to: block.count }, entry);
    if (place === block.count || block.items[place] !== entry) return false;
    block.items.copyWithin(place, place + 1, block.count);
    block.count--;
    large.total--;
    if (block.count === 0) large.blocks.splice(at, 1);
    if (large.total === 0) {
      this.#large[index] = undefined;
      row[head] = 0;
      row[head + 1] = 0;
    }
    return true;
  }
}

/** Entries are compared unsigned: ids take all 27 upper bits. */
function lowerBound(items: Int32Array, range: { from: number; to: number }, entry: number): number {
  let low = range.from;
  let high = range.to;
  const wanted = entry >>> 0;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((items[middle] as number) >>> 0 < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The block in which `entry` is or would be: the last one whose first entry is not above it. */
function blockOf(large: Blocks, entry: number): number {
  let low = 0;
  let high = large.blocks.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    const first = (large.blocks[middle] as Blocks["blocks"][number]).items[0] as number;
    if (first >>> 0 <= entry >>> 0) low = middle;
    else high = middle;
  }
  return low;
}

function insertLarge(large: Blocks, entry: number): boolean {
  const index = blockOf(large, entry);
  const block = large.blocks[index] as Blocks["blocks"][number];
  const at = lowerBound(block.items, { from: 0, to: block.count }, entry);
  if (at < block.count && block.items[at] === entry) return false;
  if (block.count === BLOCK_MAX) {
    const half = BLOCK_MAX / 2;
    const items = new Int32Array(BLOCK_MAX);
    items.set(block.items.subarray(half));
    block.count = half;
    large.blocks.splice(index + 1, 0, { items, count: half });
    return insertLarge(large, entry);
  }
  block.items.copyWithin(at + 1, at, block.count);
  block.items[at] = entry;
  block.count++;
  large.total++;
  return true;
}

/** Where in its chunk a short list begins. */
export function sliceFrom(place: number): number {
  return (place - 1) & (CHUNK - 1);
}
