/**
 * Faults: one call, or one place where the server waits, that throws, never ends or answers rubbish, once.
 *
 * A place is known by its key. While nothing is armed, passages are counted: these counts are the list of what can be broken.
 * Invariant: at most one fault is armed, and it strikes once.
 */
export type How = "throw" | "hang" | `rubbish ${number}`;
/** The `nth` passage of `key` from the moment of arming, from 1. */
export type Fault = { readonly key: string; readonly nth: number; readonly how: How };
/** Makes rubbish of what would really have been answered. */
export type Rubbish = (real: unknown) => unknown;

export class Broken extends Error {
  constructor() {
    super("broken on purpose");
  }
}

const isPromise = (value: unknown): value is Promise<unknown> => value instanceof Promise;
const never = (): Promise<never> => new Promise(() => undefined);

export class Faults {
  readonly counts = new Map<string, number>();
  #armed: Fault | undefined;
  #passed = 0;
  #struck = false;

  arm(fault: Fault): void {
    this.#armed = fault;
    this.#passed = 0;
    this.#struck = false;
  }

  /** Whether the fault struck. */
  disarm(): boolean {
    this.#armed = undefined;
    return this.#struck;
  }

  get struck(): boolean {
    return this.#struck;
  }

  /** How this passage breaks; `undefined`: not at all. */
  passing(key: string): How | undefined {
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    if (this.#armed?.key !== key || this.#struck) return undefined;
    this.#passed += 1;
    if (this.#passed !== this.#armed.nth) return undefined;
    this.#struck = true;
    return this.#armed.how;
  }

  /** Calls `work`, or breaks. `isAsked`: of a call that is awaited, so that rubbish and failures are promised. */
  call(key: string, { work, rubbish, isAsked }: { work: () => unknown; rubbish: readonly Rubbish[]; isAsked: boolean }): unknown {
    const how = this.passing(key);
    if (how === undefined) return work();
    if (how === "throw") {
      if (isAsked) return Promise.reject(new Broken());
      throw new Broken();
    }
    if (how === "hang") return never();
    const spoil = rubbish[Number(how.slice("rubbish ".length))] as Rubbish;
    const real = work();
    return isPromise(real) ? real.then(spoil) : isAsked ? Promise.resolve(spoil(real)) : spoil(real);
  }
}

/** No answer to anything. */
export const ANYTHING: readonly Rubbish[] = [
  undefined,
  null,
  true,
  -1,
  Number.NaN,
  2 ** 60,
  "rubbish",
  {},
  [],
  [null],
  () => "rubbish",
].map((value) => () => value);
