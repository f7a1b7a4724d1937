/**
 * The engine against the reference evaluator (`evaluate.ts`) on random organizations and questions, and a plan that was changed
 * against one compiled fresh (the model's laws 3 and 6). What compares stands here once, for the test, the proof, and the proof
 * that planted faults are found; the engine is an argument, so that a copy of it can be compared.
 *
 * Run as a program it compares in a process of its own and prints one line of JSON, an `Outcome`: `compare` starts it.
 * Invariant: what is compared is the part of a decision that has one right answer, and an engine that throws has none.
 */
import { spawn } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import type * as core from "@reeve/core";
import { answer, cases, type Distribution, QUESTIONS, Tally } from "./distribution.ts";
import { reference, type Verdict } from "./evaluate.ts";
import { seeded } from "./random.ts";
import { difference, step } from "./random-changes.ts";
import type { Question } from "./random-requests.ts";
import { faults } from "./validity.ts";

export type Engine = Pick<typeof core, "apply" | "compiler" | "decide" | "decideOperation">;
/** `cases`: how many questions had been asked; `disagreement`: what a person needs to see the first one, absent if there is none. */
export type Outcome = { readonly cases: number; readonly disagreement?: string; readonly distribution?: Distribution };
export type Size = { readonly seed: number; readonly cases: number };

export const planOf = (engine: Engine, records: readonly core.Rec[]): core.Plan => {
  const compiled = engine.compiler("acme");
  compiled.add(records);
  return compiled.finish();
};

function ask(engine: Engine, plan: core.Plan, { request, operation, now }: Question): string {
  try {
    return essence(request === undefined ? engine.decideOperation(plan, operation, now) : engine.decide(plan, request, now));
  } catch (error) {
    return `throws ${error instanceof Error ? error.stack : String(error)}`;
  }
}

/** The part of a decision that has one right answer, as a text. */
function essence(decision: core.Decision | Verdict): string {
  const { allow, code, facts = {}, filter } = decision;
  const evidence = decision.evidence as Partial<Record<string, unknown>> | undefined;
  const named: { readonly [source in core.Evidence["source"]]: readonly string[] } = {
    role: ["role", "set"],
    access: ["bits"],
    admin: [],
    policy: ["policy", "rule"],
    rule: ["operation", "alternative"],
  };
  const told = evidence && ["source", ...named[evidence["source"] as core.Evidence["source"]]].map((name) => [name, evidence[name]]);
  if (allow) return JSON.stringify({ code, told, filter });
  if (code === "denied_by_policy") return JSON.stringify({ code, policy: facts.policy, rule: facts.rule });
  if (code === "ambiguous_path") return JSON.stringify({ code, why: facts.why });
  const late = (facts.missing ?? []).filter(({ kind }) => kind === "expired" || kind === "not_yet").map(recordOf);
  return JSON.stringify({ allow, code, late: late.toSorted() });
}
/** Which record an entry of `missing` speaks of: its kind is told by its key's members. */
function recordOf({ kind, group, member, role, principal, resource, reach }: core.Missing): string {
  const key = group !== undefined ? { group, member } : reach !== undefined ? { principal, resource, reach } : { role, principal };
  return JSON.stringify({ kind, ...key });
}

/** Asks random organizations random questions until the two disagree. */
export function compareAnswers(engine: Engine, size: Size): Outcome {
  const tally = new Tally();
  let asked = 0;
  for (const { seed, records, questions } of cases(size.seed, size.cases)) {
    const [compiled, expected] = [planOf(engine, records), reference(records)];
    for (const question of questions) {
      asked++;
      const verdict = answer(expected, question);
      tally.add(verdict);
      if (ask(engine, compiled, question) !== essence(verdict))
        return { cases: asked, disagreement: report(engine, { seed, records, question }) };
    }
  }
  return { cases: asked, distribution: tally.result() };
}

const STEPS = 6;
const QUESTIONS_A_STEP = 4;

/** Changes random organizations and asks after each change the changed plan, one compiled fresh, and in the end the first one again. */
export function compareChanges(engine: Engine, size: Size): Outcome {
  const organizations = Math.ceil(size.cases / (STEPS * QUESTIONS_A_STEP));
  let asked = 0;
  for (const { seed, world, records, questions } of cases(size.seed, organizations * QUESTIONS)) {
    const random = seeded(seed ^ 0x5eed);
    const first = planOf(engine, records);
    const before = questions.map((question) => ask(engine, first, question));
    let [changed, now] = [first, records];
    for (let i = 0; i < STEPS; i++) {
      // One write or a few at once.
      let next = now;
      for (let writes = random.chance(0.7) ? 1 : 3; writes > 0; writes--) next = step(random, world, next);
      const changes = difference(now, next);
      [changed, now] = [engine.apply(changed, changes), next];
      const [fresh, expected] = [planOf(engine, now), reference(now)];
      for (let each = 0; each < QUESTIONS_A_STEP; each++) {
        asked++;
        const question = random.pick(questions);
        const wanted = essence(answer(expected, question));
        if (ask(engine, fresh, question) !== wanted)
          return { cases: asked, disagreement: report(engine, { seed, records: now, question }) };
        const applied = ask(engine, changed, question);
        if (applied === wanted) continue;
        const told = `after step ${i} with ${JSON.stringify(changes)} a changed plan says ${applied}, one compiled fresh ${wanted}`;
        return { cases: asked, disagreement: `organization of seed ${seed}\n${told}\nquestion\n  ${JSON.stringify(question)}` };
      }
    }
    const after = questions.findIndex((question, i) => ask(engine, first, question) !== before[i]);
    if (after >= 0)
      return { cases: asked, disagreement: `organization of seed ${seed}\nthe first plan forgot ${JSON.stringify(questions[after])}` };
  }
  return { cases: asked };
}

type Found = { readonly seed: number; readonly records: readonly core.Rec[]; readonly question: Question };

/** A disagreement with the smallest valid set of records that still shows it. */
function report(engine: Engine, { seed, records, question }: Found): string {
  const both = (of: readonly core.Rec[]) => {
    const [engineSays, referenceSays] = [ask(engine, planOf(engine, of), question), essence(answer(reference(of), question))];
    return { engineSays, referenceSays };
  };
  const disagrees = (of: readonly core.Rec[]): boolean => {
    const { engineSays, referenceSays } = both(of);
    return engineSays !== referenceSays;
  };
  const least = disagrees(records) ? smallest(records, disagrees) : records;
  const lines = least.map((record) => `  ${JSON.stringify(record)}`).join("\n");
  return `organization of seed ${seed}\nrecords\n${lines}\nquestion\n  ${JSON.stringify(question)}\n${JSON.stringify(both(least), undefined, 1)}`;
}

/** Leaves records out one by one as long as the organization stays valid and the two still disagree. */
function smallest(records: readonly core.Rec[], disagrees: (left: readonly core.Rec[]) => boolean): readonly core.Rec[] {
  let left = records;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const one of left) {
      const without = left.filter((record) => record !== one);
      if (faults(without).length > 0 || !disagrees(without)) continue;
      left = without;
      isSmaller = true;
    }
  }
  return left;
}

/** Of the codes of decisions, `method_override` is the surface's. */
const CODES = [
  ...["allowed_by_role", "allowed_by_access", "allowed_by_admin", "allowed_by_policy", "allowed_by_rule"],
  ...["unknown_principal", "unknown_type", "unknown_resource", "wrong_parent", "unknown_action", "denied_by_policy", "no_access"],
  ...["ambiguous_path", "unknown_operation", "unmapped_operation", "wrong_organization", "attribute_unavailable"],
];

/** What a run hardly ever met, as sentences: 30 to 70 % must be allows, and each code at least 1 %. Below some 10,000 cases chance decides. */
export function uneven({ cases: all, allows, codes }: Distribution): readonly string[] {
  const share = (count: number): string => `${((100 * count) / all).toFixed(2)} %`;
  const rare = CODES.filter((code) => (codes.get(code) ?? 0) < all / 100).map((code) => `${code}: ${share(codes.get(code) ?? 0)}`);
  return allows < 0.3 * all || allows > 0.7 * all ? [`allows: ${share(allows)}`, ...rare] : rare;
}

export function together(outcomes: readonly Distribution[]): Distribution {
  const codes = new Map<string, number>();
  for (const one of outcomes) for (const [code, count] of one.codes) codes.set(code, (codes.get(code) ?? 0) + count);
  const sum = (of: (one: Distribution) => number): number => outcomes.reduce((total, one) => total + of(one), 0);
  return { cases: sum((one) => one.cases), allows: sum((one) => one.allows), codes };
}

type Mode = "answers" | "changes";
/** `engine`: the folder of a copy of the core package; absent: the core that is here. */
export type Comparison = Size & { readonly mode: Mode; readonly engine?: string };

/** Compares in a process of its own. Rejects when that process does not come to an outcome: an engine that cannot even be loaded. */
export function compare({ mode, seed, cases: count, engine }: Comparison): Promise<Outcome> {
  const program = fileURLToPath(import.meta.url);
  const args = ["--conditions=source", "--disable-warning=ExperimentalWarning", program, mode, String(seed), String(count)];
  const child = spawn(process.execPath, engine === undefined ? args : [...args, engine], { stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code !== 0) return reject(new Error(`the comparison ended with ${code ?? signal}\n${err}`));
      const told = JSON.parse(out) as Outcome & { codes?: readonly (readonly [string, number])[] };
      if (told.distribution === undefined) return resolve(told);
      return resolve({ ...told, distribution: { ...told.distribution, codes: new Map(told.codes) } });
    });
  });
}

if (import.meta.main) {
  const [mode, seed, count, folder] = process.argv.slice(2);
  const door = folder === undefined ? "@reeve/core" : pathToFileURL(`${folder}/src/index.ts`).href;
  const engine = (await import(door)) as Engine;
  const size = { seed: Number(seed), cases: Number(count) };
  const outcome = mode === "changes" ? compareChanges(engine, size) : compareAnswers(engine, size);
  const codes = outcome.distribution === undefined ? {} : { codes: [...outcome.distribution.codes] };
  console.log(JSON.stringify({ ...outcome, ...codes }));
}
