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

type Shard = { slots: Int32Array; used: number };

/** Hash of a string: FNV-1a over UTF-16 units from a seed, then mixed, so that shards and slots take different bits. */
export function hashText(text: string, seed: number): number {
  let hash = seed ^ 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

export class Names {
  readonly #seed: number;
  readonly #shards: Shard[] = [];
  readonly #chunks: Uint8Array[] = [];
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
    for (let i = 0; i < SHARDS; i++) this.#shards.push({ slots: new Int32Array(2 * FIRST_SLOTS), used: 0 });
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
    const slots = (this.#shards[hash >>> (32 - SHARD_BITS)] as Shard).slots;
    const mask = (slots.length >> 1) - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = slots[2 * slot + 1] as number;
      if (id === 0) return 0;
      if (slots[2 * slot] === hash && id !== GONE && this.#equals(id, text)) return id;
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
    this.#places[id] = this.#store(text);
    const hash = hashText(text, this.#seed);
    const shard = this.#shards[hash >>> (32 - SHARD_BITS)] as Shard;
    if (++shard.used * 4 > (shard.slots.length >> 1) * 3) this.#grow(shard);
    insert(shard.slots, hash, id);
    return id;
  }

  remove(id: number): void {
    const text = this.text(id);
    const hash = hashText(text, this.#seed);
    const slots = (this.#shards[hash >>> (32 - SHARD_BITS)] as Shard).slots;
    const mask = (slots.length >> 1) - 1;
    let slot = hash & mask;
    while (slots[2 * slot + 1] !== id) slot = (slot + 1) & mask;
    slots[2 * slot + 1] = GONE;
    const place = this.#places[id] as number;
    const bytes = this.#bytesAt(place);
    const free = this.#freeTexts.get(bytes);
    if (free === undefined) this.#freeTexts.set(bytes, [place]);
    else free.push(place);
    this.#places[id] = 0;
    this.#freeIds.push(id);
  }

  /** The string of an id in use. */
  text(id: number): string {
    const place = this.#places[id] as number;
    const chunk = this.#chunks[place >>> CHUNK_BITS] as Uint8Array;
    const at = (place & (CHUNK_BYTES - 1)) + 2;
    const header = (chunk[at - 2] as number) | ((chunk[at - 1] as number) << 8);
    const length = header >> 1;
    if ((header & 1) === 0) return String.fromCharCode.apply(null, chunk.subarray(at, at + length) as unknown as number[]);
    let text = "";
    for (let i = 0; i < length; i++) text += String.fromCharCode((chunk[at + 2 * i] as number) | ((chunk[at + 2 * i + 1] as number) << 8));
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
    for (const shard of this.#shards) bytes += shard.slots.byteLength;
    return bytes;
  }

  #equals(id: number, text: string): boolean {
    const place = this.#places[id] as number;
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
      this.#chunks.push(new Uint8Array(this.#chunkRoom));
      this.#chunkUsed = 0;
    }
    const place = ((this.#chunks.length - 1) << CHUNK_BITS) | this.#chunkUsed;
    this.#chunkUsed += bytes;
    return place;
  }

  #grow(shard: Shard): void {
    const old = shard.slots;
    let live = 0;
    for (let i = 1; i < old.length; i += 2) if ((old[i] as number) > 0) live++;
    const slots = new Int32Array(live * 4 > old.length >> 1 ? old.length * 2 : old.length);
    for (let i = 0; i < old.length; i += 2) if ((old[i + 1] as number) > 0) insert(slots, old[i] as number, old[i + 1] as number);
    shard.slots = slots;
    shard.used = live + 1;
  }
}

function insert(slots: Int32Array, hash: number, id: number): void {
  const mask = (slots.length >> 1) - 1;
  let slot = hash & mask;
  while ((slots[2 * slot + 1] as number) > 0) slot = (slot + 1) & mask;
  slots[2 * slot] = hash;
  slots[2 * slot + 1] = id;
}
