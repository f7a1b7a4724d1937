/**
 * Chance that repeats itself: a small generator of numbers, and the distributions that the figures are stated for.
 *
 * Everything in a benchmark's data comes from a seed, so that two runs, two machines and two versions of the engine see the same.
 * Invariant: the same seed and the same calls give the same numbers on every machine (32-bit integers; `Math.log` only in tables).
 */

/** Mulberry32: 32 bits of state, cheap to begin anew for every resource. */
export class Random {
  #state: number;

  constructor(...seeds: readonly number[]) {
    let state = 0x9e3779b9;
    for (const seed of seeds) state = Math.imul((state ^ seed) + 0x6d2b79f5, 0x85ebca6b) ^ (state >>> 13);
    this.#state = state | 0;
  }

  /** A number of [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
  /** An integer of [0, end). */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}

/** Numbers of [0, count), drawn by cumulated weights. */
export class Weighted {
  readonly #cumulated: Float64Array;

  constructor(weights: Iterable<number>) {
    let sum = 0;
    this.#cumulated = Float64Array.from(weights, (weight) => {
      sum += weight;
      return sum;
    });
  }

  draw(random: Random): number {
    const cumulated = this.#cumulated;
    const wanted = random.next() * (cumulated[cumulated.length - 1] as number);
    let low = 0;
    let high = cumulated.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((cumulated[middle] as number) <= wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Zipf's distribution with exponent 1 over [0, count), its ranks shuffled, so that rank and position have nothing to do with each other. */
export class Zipf {
  readonly #ranks: Weighted;
  readonly #shuffled: Int32Array;

  constructor(count: number, random: Random) {
    this.#ranks = new Weighted(weightsOfRanks(count));
    this.#shuffled = Int32Array.from({ length: count }, (_, index) => index);
    for (let i = count - 1; i > 0; i--) {
      const other = random.below(i + 1);
      const kept = this.#shuffled[i] as number;
      this.#shuffled[i] = this.#shuffled[other] as number;
      this.#shuffled[other] = kept;
    }
  }

  draw(random: Random): number {
    return this.#shuffled[this.#ranks.draw(random)] as number;
  }
  /** The one that is drawn most often. */
  get first(): number {
    return this.#shuffled[0] as number;
  }
}

function* weightsOfRanks(count: number): Iterable<number> {
  for (let rank = 1; rank <= count; rank++) yield 1 / rank;
}

/** Poisson's distribution, cut where nothing is left of it. */
export function poisson(mean: number): Weighted {
  const weights: number[] = [Math.exp(-mean)];
  while (weights.length < 6 * mean) weights.push(((weights[weights.length - 1] as number) * mean) / weights.length);
  return new Weighted(weights);
}
