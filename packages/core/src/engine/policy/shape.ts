/**
 * Shapes of patterns: how many parts, which of them are literal, and whether the pattern is *open*, which is to end with `*`.
 *
 * The rules of one shape are found by one key, made of the hashes of the literal parts. Most requests name none of them: a few bits
 * for each key say so without a look into the table.
 * Invariant: `rules` gives every rule of the shape whose literal parts are those of the request, and perhaps others.
 */
/** Literal parts, and `null` for `*`. */
export type Pattern = readonly (string | null)[];
/** The parts of a request's place: their number with a fresh id, their hashes from `first` on, and on demand the text of one. */
export type Parts = {
  readonly count: number;
  readonly isFresh: boolean;
  readonly hashes: Int32Array;
  readonly first: number;
  text(part: number): string;
};

const WORDS_MIN = 8;
const BITS_A_KEY = 16;

export class Shape<Rule extends { readonly parts: Pattern }> {
  readonly parts: number;
  readonly isOpen: boolean;
  readonly #literals: readonly number[];
  readonly #table = new Map<number, Rule[]>();
  /** The bit of each key that is there, and of some that were. */
  #bits = new Int32Array(WORDS_MIN);
  #noted = 0;
  readonly #above = new Map<number, number>();
  readonly #order: (one: Rule, other: Rule) => number;

  constructor(pattern: Pattern, order: (one: Rule, other: Rule) => number) {
    this.#order = order;
    this.parts = pattern.length;
    this.isOpen = pattern.length > 0 && pattern[pattern.length - 1] === null;
    this.#literals = literalsOf(pattern);
  }

  has(pattern: Pattern): boolean {
    if (pattern.length !== this.parts) return false;
    for (const at of pattern.keys()) if ((pattern[at] === null) === this.#literals.includes(at)) return false;
    return true;
  }
  get isEmpty(): boolean {
    return this.#table.size === 0;
  }

  add(rule: Rule, hash: (text: string) => number): void {
    const hashes = hashesOf(rule.parts, hash);
    if (!this.isOpen) this.#countAbove(hashes, 1);
    const key = this.#key(hashes, 0, this.#literals.length);
    const rules = this.#table.get(key);
    if (rules !== undefined) {
      rules.splice(this.#placeIn(rules, rule), 0, rule);
      return;
    }
    this.#table.set(key, [rule]);
    this.#note(key);
    if (this.#noted * BITS_A_KEY > this.#bits.length << 5) this.#noteAnew();
  }

  remove(rule: Rule, hash: (text: string) => number): void {
    const hashes = hashesOf(rule.parts, hash);
    if (!this.isOpen) this.#countAbove(hashes, -1);
    const key = this.#key(hashes, 0, this.#literals.length);
    const rules = (this.#table.get(key) ?? []).filter((other) => other !== rule);
    if (rules.length > 0) this.#table.set(key, rules);
    else this.#table.delete(key);
  }

  #placeIn(rules: readonly Rule[], rule: Rule): number {
    let [from, to] = [0, rules.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#order(rules[middle] as Rule, rule) < 0) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** Whether a rule may name, by an id in the last place, a sibling of the child whose parts these are. A yes may be wrong, a no is not. */
  mayNameSibling(parts: Parts): boolean {
    if (this.isOpen || this.parts !== parts.count) return false;
    return this.#above.has(this.#key(parts.hashes, parts.first, this.#literals.length - 1));
  }

  /** Rules whose literal parts have the hashes of the request's, in their order: each is to be compared. */
  rules(parts: Parts): readonly Rule[] | undefined {
    const key = this.#key(parts.hashes, parts.first, this.#literals.length);
    return this.#isNoted(key) ? this.#table.get(key) : undefined;
  }

  /** A hash alone would be a wrong answer: every literal part is compared. */
  isNamed(rule: Rule, parts: Parts): boolean {
    const literals = this.#literals;
    for (let i = 0; i < literals.length; i++) {
      const at = literals[i] as number;
      if (rule.parts[at] !== parts.text(at)) return false;
    }
    return true;
  }

  #isNoted(key: number): boolean {
    const bits = this.#bits;
    return (((bits[(key >>> 5) & (bits.length - 1)] as number) >>> (key & 31)) & 1) === 1;
  }
  #note(key: number): void {
    const bits = this.#bits;
    const word = (key >>> 5) & (bits.length - 1);
    bits[word] = (bits[word] as number) | (1 << (key & 31));
    this.#noted++;
  }
  #noteAnew(): void {
    let words = WORDS_MIN;
    while (words << 5 < 2 * this.#table.size * BITS_A_KEY) words *= 2;
    this.#bits = new Int32Array(words);
    this.#noted = 0;
    for (const key of this.#table.keys()) this.#note(key);
  }

  /** What ends with an id, by what stands above that: how many rules there are. */
  #countAbove(hashes: Int32Array, by: 1 | -1): void {
    const key = this.#key(hashes, 0, this.#literals.length - 1);
    const count = (this.#above.get(key) ?? 0) + by;
    if (count > 0) this.#above.set(key, count);
    else this.#above.delete(key);
  }

  /** Of the first `count` literal parts. */
  #key(hashes: Int32Array, first: number, count: number): number {
    const literals = this.#literals;
    let hash = 0x2545f491;
    for (let i = 0; i < count; i++) {
      hash = Math.imul(hash ^ (hashes[first + (literals[i] as number)] as number), 0x01000193) ^ (hash >>> 15);
    }
    return (hash ^ (hash >>> 16)) & 0x3fffffff;
  }
}

function hashesOf(pattern: Pattern, hash: (text: string) => number): Int32Array {
  const hashes = new Int32Array(pattern.length);
  for (const [at, part] of pattern.entries()) if (part !== null) hashes[at] = hash(part);
  return hashes;
}

function literalsOf(pattern: Pattern): readonly number[] {
  const literals: number[] = [];
  for (const [at, part] of pattern.entries()) if (part !== null) literals.push(at);
  return literals;
}
