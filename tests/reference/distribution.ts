/**
 * How often each reason code and each source of access comes up in what the generators make, as the reference evaluator
 * decides it: a differential run proves little about what it hardly ever meets.
 */
import type { Rec } from "@reeve/core";
import type { reference, Verdict } from "./evaluate.ts";
import { seeded } from "./random.ts";
import { question } from "./random-operations.ts";
import { organization, type World } from "./random-organization.ts";
import { type Question, targetOf } from "./random-requests.ts";

/** Questions asked of one organization before the next one is made. */
export const QUESTIONS = 40;

export type Case = {
  readonly seed: number;
  readonly world: World;
  readonly records: readonly Rec[];
  readonly questions: readonly Question[];
};

/** Organizations with their questions, `cases` questions in all; each is remade by its own seed, which is one up from the last. */
export function* cases(seed: number, count: number): Generator<Case> {
  for (let made = 0; made < count; made += QUESTIONS) {
    const one = (seed + made / QUESTIONS) >>> 0;
    const random = seeded(one);
    const world = organization(random);
    const target = targetOf(world);
    const questions = Array.from({ length: Math.min(QUESTIONS, count - made) }, () => question(random, target));
    yield { seed: one, world, records: world.records, questions };
  }
}

export const answer = (reference_: ReturnType<typeof reference>, { request, operation, now }: Question): Verdict =>
  request === undefined ? reference_.evaluateOperation(operation, now) : reference_.evaluate(request, now);

export type Distribution = { readonly cases: number; readonly allows: number; readonly codes: ReadonlyMap<string, number> };

export class Tally {
  readonly #codes = new Map<string, number>();
  #cases = 0;
  #allows = 0;
  add({ code, allow }: Pick<Verdict, "code" | "allow">): void {
    this.#cases++;
    if (allow) this.#allows++;
    this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1);
  }
  result(): Distribution {
    return { cases: this.#cases, allows: this.#allows, codes: this.#codes };
  }
}

export function formatDistribution({ cases: all, allows, codes }: Distribution): string {
  const line = (name: string, count: number): string =>
    `  ${name.padEnd(24)} ${String(count).padStart(9)} ${((100 * count) / all).toFixed(2).padStart(6)} %`;
  return [`  ${all} cases`, line("allows", allows), ...[...codes].toSorted().map(([code, count]) => line(code, count))].join("\n");
}
