/**
 * Names: a table of strings and the small integers that stand for them inside one plan.
 *
 * Texts live in byte chunks outside the JavaScript heap, so that millions of names cost the collector nothing; the hash index is
 * cut into shards, so that no single growth stops the loop. Ids are dense, start at 1 and may be used again after `remove`.
 * Invariant: `find(s)` answers an id only after comparing every character: a hash alone would be a wrong allow.
 */
const CHUNK_BITS = 20;
const CHUNK_BYTES = 1 << CHUNK_BITS;
const FIRST_CHUNK_BYTES = 1 << 14;
const SHARD_BITS = 6;
const SHARDS = 1 << SHARD_BITS;
const FIRST_SLOTS = 16;
/** A removed slot: probing goes on behind it. */
const GONE = -1;

/** A slot: hash, id, and where the text is, so that one look tells all. */
const SLOT = 3;
/** UTF-16 units of a text, read one by one. */
const FEW = 4;

/**
 * Hash of a string from a seed: four UTF-16 units at a time, of which even and odd ones go into chains of their own so that neither
 * waits for the other, then mixed, so that shards and slots take different bits. Units of more than a byte go in one by one: two of
 * them would fill a product to its highest bit, and which of its changes cancel another's would not depend on the seed.
 */
export function hashText(text: string, seed: number): number {
  const { length } = text;
  let even = seed ^ 0x811c9dc5;
  let odd = seed ^ length;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    const [one, two] = [text.charCodeAt(i), text.charCodeAt(i + 1)];
    const [three, four] = [text.charCodeAt(i + 2), text.charCodeAt(i + 3)];
    if ((one | two | three | four) < 256) {
      even = Math.imul(even ^ one ^ (three << 16), FACTOR);
      odd = Math.imul(odd ^ two ^ (four << 16), FACTOR);
    } else {
      even = Math.imul(Math.imul(even ^ one, FACTOR) ^ three, FACTOR);
      odd = Math.imul(Math.imul(odd ^ two, FACTOR) ^ four, FACTOR);
    }
  }
  for (; i < length; i++) even = Math.imul(even ^ text.charCodeAt(i), FACTOR);
  return mixed(even, odd);
}

/** The same of a text of ASCII characters that stands in bytes. */
function hashBytes({ view, from, to }: Spelling, seed: number): number {
  let even = seed ^ 0x811c9dc5;
  let odd = seed ^ (to - from);
  let i = from;
  for (; i + 4 <= to; i += 4) {
    const word = view.getInt32(i, true);
    even = Math.imul(even ^ (word & 0xff00ff), FACTOR);
    odd = Math.imul(odd ^ ((word >>> 8) & 0xff00ff), FACTOR);
  }
  for (; i < to; i++) even = Math.imul(even ^ view.getUint8(i), FACTOR);
  return mixed(even, odd);
}
const FACTOR = 0x9e3779b1;

function mixed(even: number, odd: number): number {
  let hash = even ^ Math.imul(odd, 0x85ebca6b);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

/** Where a text of ASCII characters stands in bytes. */
export type Spelling = { readonly view: DataView; readonly from: number; readonly to: number };

export class Names {
  readonly #seed: number;
  /** By shard: its slots, and how many of them were ever taken. */
  readonly #slots: Int32Array[] = [];
  readonly #taken: number[] = [];
  readonly #chunks: Uint8Array[] = [];
  /** The same chunks, to be read four bytes at a time. */
  readonly #views: DataView[] = [];
  #chunkUsed = 0;
  #chunkRoom = 0;
  /** Id → place of its text; index 0 is no id. */
  #places: Int32Array = new Int32Array(64);
  #last = 0;
  readonly #freeIds: number[] = [];
  /** Byte length → places of texts that were removed. */
  readonly #freeTexts = new Map<number, number[]>();

  constructor(seed: number) {
    this.#seed = seed | 0;
    for (let shard = 0; shard < SHARDS; shard++) {
      this.#slots.push(new Int32Array(SLOT * FIRST_SLOTS));
      this.#taken.push(0);
    }
  }

  /** Ids are at most this. */
  get last(): number {
    return this.#last;
  }

  hash(text: string): number {
    return hashText(text, this.#seed);
  }

  /** The id of `text`, or 0. */
  find(text: string): number {
    const hash = hashText(text, this.#seed);
    const slots = this.#slots[hash >>> (32 - SHARD_BITS)] as Int32Array;
    for (let at = (hash & maskOf(slots)) * SLOT; ; at = at + SLOT === slots.length ? 0 : at + SLOT) {
      const id = slots[at + 1] as number;
      if (id === 0) return 0;
      if (slots[at] === hash && id !== GONE && this.#equals(slots[at + 2] as number, text)) return id;
    }
  }

  /** The id of a text of ASCII characters that stands in bytes, or 0: `find` without a string. */
  findSpelled(spelling: Spelling): number {
    const hash = hashBytes(spelling, this.#seed);
    const slots = this.#slots[hash >>> (32 - SHARD_BITS)] as Int32Array;
    for (let at = (hash & maskOf(slots)) * SLOT; ; at = at + SLOT === slots.length ? 0 : at + SLOT) {
      const id = slots[at + 1] as number;
      if (id === 0) return 0;
      if (slots[at] === hash && id !== GONE && this.#isSpelled(slots[at + 2] as number, spelling)) return id;
    }
  }

  /** The id of `text`, which is made if there is none. */
  add(text: string): number {
    const known = this.find(text);
    if (known !== 0) return known;
    const id = this.#freeIds.pop() ?? ++this.#last;
    if (id >= this.#places.length) {
      const places = new Int32Array(this.#places.length * 2);
      places.set(this.#places);
      this.#places = places;
    }
    const place = this.#store(text);
    this.#places[id] = place;
    const hash = hashText(text, this.#seed);
    const shard = hash >>> (32 - SHARD_BITS);
    const taken = (this.#taken[shard] as number) + 1;
    this.#taken[shard] = taken;
    if (taken * 4 * SLOT > (this.#slots[shard] as Int32Array).length * 3) this.#grow(shard);
    insert(this.#slots[shard] as Int32Array, { hash, id, place });
    return id;
  }

  remove(id: number): void {
    const text = this.text(id);
    const hash = hashText(text, this.#seed);
    const slots = this.#slots[hash >>> (32 - SHARD_BITS)] as Int32Array;
    let at = (hash & maskOf(slots)) * SLOT;
    while (slots[at + 1] !== id) at = at + SLOT === slots.length ? 0 : at + SLOT;
    slots[at + 1] = GONE;
    const place = this.#places[id] as number;
    const bytes = this.#bytesAt(place);
    const free = this.#freeTexts.get(bytes);
    if (free === undefined) this.#freeTexts.set(bytes, [place]);
    else free.push(place);
    this.#places[id] = 0;
    this.#freeIds.push(id);
  }

  /** The string of an id in use, or what of it follows the first `from` UTF-16 units. */
  text(id: number, from = 0): string {
    const place = this.#places[id] as number;
    const chunk = this.#chunks[place >>> CHUNK_BITS] as Uint8Array;
    const at = (place & (CHUNK_BYTES - 1)) + 2;
    const header = (chunk[at - 2] as number) | ((chunk[at - 1] as number) << 8);
    const length = header >> 1;
    const isWide = (header & 1) === 1;
    // For a few units making a view takes longer than reading them one by one.
    if (!isWide && length - from > FEW)
      return String.fromCharCode.apply(null, chunk.subarray(at + from, at + length) as unknown as number[]);
    let text = "";
    for (let i = from; i < length; i++) {
      text += String.fromCharCode(
        isWide ? (chunk[at + 2 * i] as number) | ((chunk[at + 2 * i + 1] as number) << 8) : (chunk[at + i] as number),
      );
    }
    return text;
  }

  /** UTF-16 units of the string of an id in use. */
  length(id: number): number {
    const place = this.#places[id] as number;
    const chunk = this.#chunks[place >>> CHUNK_BITS] as Uint8Array;
    const at = place & (CHUNK_BYTES - 1);
    return ((chunk[at] as number) | ((chunk[at + 1] as number) << 8)) >> 1;
  }

  /** Bytes held in buffers. */
  get bytes(): number {
    let bytes = this.#places.byteLength;
    for (const chunk of this.#chunks) bytes += chunk.byteLength;
    for (const slots of this.#slots) bytes += slots.byteLength;
    return bytes;
  }

  #equals(place: number, text: string): boolean {
    const chunk = this.#chunks[place >>> CHUNK_BITS] as Uint8Array;
    let at = place & (CHUNK_BYTES - 1);
    const header = (chunk[at] as number) | ((chunk[at + 1] as number) << 8);
    if (header >> 1 !== text.length) return false;
    at += 2;
    if ((header & 1) === 0) {
      for (let i = 0; i < text.length; i++) if (chunk[at + i] !== text.charCodeAt(i)) return false;
      return true;
    }
    for (let i = 0; i < text.length; i++) {
      if (((chunk[at + 2 * i] as number) | ((chunk[at + 2 * i + 1] as number) << 8)) !== text.charCodeAt(i)) return false;
    }
    return true;
  }

  /** What is kept in one byte a character; what is kept in two has one that is not ASCII. */
  #isSpelled(place: number, { view, from, to }: Spelling): boolean {
    const chunk = this.#views[place >>> CHUNK_BITS] as DataView;
    const at = place & (CHUNK_BYTES - 1);
    if (chunk.getUint16(at, true) !== (to - from) << 1) return false;
    const ahead = at + 2 - from;
    let i = from;
    for (; i + 4 <= to; i += 4) if (chunk.getInt32(ahead + i, true) !== view.getInt32(i, true)) return false;
    for (; i < to; i++) if (chunk.getUint8(ahead + i) !== view.getUint8(i)) return false;
    return true;
  }

  #bytesAt(place: number): number {
    const chunk = this.#chunks[place >>> CHUNK_BITS] as Uint8Array;
    const at = place & (CHUNK_BYTES - 1);
    const header = (chunk[at] as number) | ((chunk[at + 1] as number) << 8);
    return 2 + (header >> 1) * ((header & 1) + 1);
  }

  #store(text: string): number {
    let wide = 0;
    for (let i = 0; i < text.length && wide === 0; i++) if (text.charCodeAt(i) > 255) wide = 1;
    const bytes = 2 + text.length * (wide + 1);
    const place = this.#freeTexts.get(bytes)?.pop() ?? this.#room(bytes);
    const chunk = this.#chunks[place >>> CHUNK_BITS] as Uint8Array;
    let at = place & (CHUNK_BYTES - 1);
    const header = (text.length << 1) | wide;
    chunk[at++] = header & 255;
    chunk[at++] = header >> 8;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      chunk[at++] = unit & 255;
      if (wide === 1) chunk[at++] = unit >> 8;
    }
    return place;
  }

  #room(bytes: number): number {
    if (this.#chunkUsed + bytes > this.#chunkRoom) {
      // The first chunks are small, so that a small organization costs little.
      this.#chunkRoom = this.#chunks.length < 3 ? FIRST_CHUNK_BYTES << (2 * this.#chunks.length) : CHUNK_BYTES;
      const chunk = new Uint8Array(this.#chunkRoom);
      this.#chunks.push(chunk);
      this.#views.push(new DataView(chunk.buffer));
      this.#chunkUsed = 0;
    }
    const place = ((this.#chunks.length - 1) << CHUNK_BITS) | this.#chunkUsed;
    this.#chunkUsed += bytes;
    return place;
  }

  #grow(shard: number): void {
    const old = this.#slots[shard] as Int32Array;
    let live = 0;
    for (let at = 1; at < old.length; at += SLOT) if ((old[at] as number) > 0) live++;
    const slots = new Int32Array(live * 4 * SLOT > old.length * 2 ? old.length * 2 : old.length);
    for (let at = 0; at < old.length; at += SLOT) {
      const id = old[at + 1] as number;
      if (id > 0) insert(slots, { hash: old[at] as number, id, place: old[at + 2] as number });
    }
    this.#slots[shard] = slots;
    this.#taken[shard] = live + 1;
  }
}

/** Slots are a power of two. */
function maskOf(slots: Int32Array): number {
  return slots.length / SLOT - 1;
}

function insert(slots: Int32Array, slot: { readonly hash: number; readonly id: number; readonly place: number }): void {
  let at = (slot.hash & maskOf(slots)) * SLOT;
  while ((slots[at + 1] as number) > 0) at = at + SLOT === slots.length ? 0 : at + SLOT;
  slots[at] = slot.hash;
  slots[at + 1] = slot.id;
  slots[at + 2] = slot.place;
}
