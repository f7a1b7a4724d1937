/**
 * Columns: at which places something may be done, a bit for each place. A column is an action at resources, or at collections of a name.
 *
 * Numbers of places are those of `places.ts` and the same on both sides, so that two sides are compared by words of 32 places.
 * Invariant: a bit that is set is an allow; what is compared is every bit of every column of both sides.
 */
export type Column = string;

/** `collection`: the collection's name, of resources "". No name holds this character. */
export function columnOf(collection: string, action: string): Column {
  return `${collection}\0${action}`;
}
export function partsOfColumn(column: Column): { readonly collection: string; readonly action: string } {
  const at = column.indexOf("\0");
  return { collection: column.slice(0, at), action: column.slice(at + 1) };
}

export class Columns {
  readonly #words: number;
  readonly #bits = new Map<Column, Uint32Array>();

  /** For so many places. */
  constructor(places: number) {
    this.#words = (places + 31) >>> 5;
  }

  get bytes(): number {
    return this.#bits.size * this.#words * 4;
  }
  names(): Iterable<Column> {
    return this.#bits.keys();
  }
  set(column: Column, places: readonly number[]): void {
    const bits = this.#of(column);
    for (let i = 0; i < places.length; i++) {
      const place = places[i] as number;
      bits[place >>> 5] = (bits[place >>> 5] as number) | (1 << (place & 31));
    }
  }
  has(column: Column, place: number): boolean {
    return (((this.#bits.get(column)?.[place >>> 5] ?? 0) >>> (place & 31)) & 1) === 1;
  }
  count(column: Column): number {
    let count = 0;
    for (const word of this.#bits.get(column) ?? []) count += ones(word);
    return count;
  }
  *placesOf(column: Column): Iterable<number> {
    const bits = this.#bits.get(column) ?? new Uint32Array(0);
    for (let i = 0; i < bits.length; i++) {
      for (let word = bits[i] as number; word !== 0; word &= word - 1) yield (i << 5) | (31 - Math.clz32(word & -word));
    }
  }

  copy(): Columns {
    const made = new Columns(this.#words << 5);
    for (const [column, bits] of this.#bits) made.#bits.set(column, bits.slice());
    return made;
  }

  /** What is here and not there. */
  without(other: Columns): Columns {
    const left = new Columns(this.#words << 5);
    for (const [column, bits] of this.#bits) {
      const others = other.#bits.get(column);
      if (others === undefined) {
        left.#bits.set(column, bits);
        continue;
      }
      const rest = new Uint32Array(bits.length);
      let any = 0;
      for (let i = 0; i < bits.length; i++) {
        rest[i] = (bits[i] as number) & ~(others[i] as number);
        any |= rest[i] as number;
      }
      if (any !== 0) left.#bits.set(column, rest);
    }
    return left;
  }

  #of(column: Column): Uint32Array {
    let bits = this.#bits.get(column);
    if (bits === undefined) {
      bits = new Uint32Array(this.#words);
      this.#bits.set(column, bits);
    }
    return bits;
  }
}

function ones(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
