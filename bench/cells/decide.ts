/**
 * The cell that decides: P1, P2 and P7, on an organization of a size, from fresh strings, kept strings or ids.
 *
 * Invariant: the plan is warm (every principal was asked once, for its closure), the requests are cold (each is new, or one of 100,000).
 */
import { compiler, type Decision, decide, decidePrepared, type Plan, type Prepared, prepare, type Request } from "@reeve/core";
import { around, CHUNK, type Job, type Timing, time, timeByVerdict } from "../measure.ts";
import { Organization } from "../organization.ts";
import { labelPolicies, patternPolicies, patternsOf, rulesMatching, type Shared, sharedPolicies } from "../policies.ts";
import { type Distribution, type Drawn, Questions } from "../questions.ts";

export const NOW = 1_750_000_000_000;
const SEED = 20_250_615;
const KEPT = 100_000;
const ROUNDS = { warmUp: 500, chunks: 2_000, singles: 500 };

export type DecideArgs = {
  readonly grants: number;
  readonly from: "fresh" | "kept" | "ids";
  readonly draw: Distribution;
  /** Policies: the label rule and a condition, and this many patterns beside it. */
  readonly labels?: boolean;
  readonly patterns?: number;
  readonly shared?: Shared;
  /** What is read of a decision: the verdict, evidence too (the default), or everything that it says about a deny too. */
  readonly reads?: Reads;
};
export type Reads = "verdict" | "evidence" | "everything";
export type Numbers = Record<string, number>;

export function compile(organization: Organization, args: DecideArgs): Plan {
  const one = compiler("acme");
  one.add(organization.records());
  if (args.labels === true) one.add(labelPolicies());
  if (args.patterns !== undefined) one.add(patternPolicies(organization, args.patterns));
  if (args.shared !== undefined) one.add(sharedPolicies(args.shared));
  return one.finish({ revision: 1, epoch: "bench" });
}

export function measureDecide(args: DecideArgs): Numbers {
  const organization = new Organization({ seed: SEED, grants: args.grants, labelled: args.labels === true });
  const started = performance.now();
  const plan = compile(organization, args);
  const buildMs = performance.now() - started;
  warm(plan, organization);
  const timing = timeOf(plan, organization, args);
  return { ...timing, buildMs, ...distribution(plan, organization, args) };
}

/** Asks in the name of every principal once: its closure is kept from then on. */
export function warm(plan: Plan, organization: Organization): void {
  for (let principal = 0; principal < organization.principals; principal++) {
    const asker = { type: organization.principalType(principal), id: organization.principalId(principal) };
    decide(
      plan,
      { principal: asker, action: { name: "view" }, resource: { path: organization.path(principal % organization.resources) } },
      NOW,
    );
  }
}

function timeOf(plan: Plan, organization: Organization, args: DecideArgs): Timing {
  const questions = new Questions(organization, args.draw, 10);
  const context =
    args.labels === true || args.patterns !== undefined || args.shared !== undefined ? { context: { network: "inside" } } : {};
  const ask = (request: Request): Request => ({ ...request, ...context });
  if (args.from === "ids") return time(fromIds(plan, questions, ask), ROUNDS);
  const call = (request: Request): number => consume(decide(plan, request, NOW), args.reads ?? "evidence");
  if (args.from === "kept") {
    const kept = Array.from({ length: KEPT }, () => ask(questions.next()));
    return time({ next: around(kept), call }, ROUNDS);
  }
  const next = (): readonly Request[] =>
    JSON.parse(JSON.stringify(Array.from({ length: CHUNK }, () => ask(questions.next())))) as Request[];
  const timing = time({ next, call }, ROUNDS);
  return { ...timing, ...timeByVerdict({ next, call }, (request) => decide(plan, request, NOW).allow) };
}

function fromIds(plan: Plan, questions: Questions, ask: (request: Request) => Request): Job<Prepared> {
  const kept: Prepared[] = [];
  while (kept.length < KEPT) {
    const prepared = prepare(plan, ask(questions.next()));
    if (prepared !== undefined) kept.push(prepared);
  }
  return { next: around(kept), call: (prepared) => (decidePrepared(plan, prepared, NOW) ? 1 : 0) };
}

/** Reads what a caller would read: how much evidence there is, and for `everything` how much is missing; else the code alone. */
export function consume(decision: Decision, reads: Reads): number {
  if (reads === "verdict") return decision.allow ? 1 : 0;
  if (decision.allow) return decision.evidence?.source === "access" ? decision.evidence.from.length : 1;
  return reads === "everything" ? (decision.facts?.missing?.length ?? 0) : decision.code.length;
}

/** What the requests were like: shares of the answers, and what a decision meets on its way. */
function distribution(plan: Plan, organization: Organization, args: DecideArgs): Numbers {
  const questions = new Questions(organization, args.draw, 11);
  const asked = 10_000;
  const counts = { byRole: 0, byAccess: 0, denied: 0, noAccess: 0, other: 0, entries: 0, chain: 0 };
  for (let i = 0; i < asked; i++) {
    const drawn: Drawn = questions.draw();
    const { code } = decide(plan, { ...questions.request(drawn), context: { network: "inside" } }, NOW);
    if (code === "allowed_by_role") counts.byRole++;
    else if (code === "allowed_by_access") counts.byAccess++;
    else if (code === "denied_by_policy") counts.denied++;
    else if (code === "no_access") counts.noAccess++;
    else counts.other++;
    const chain = organization.chain(drawn.resource);
    counts.chain += chain.length;
    for (const node of chain) counts.entries += organization.grantsOn(node).length;
  }
  const shares = Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count / asked]));
  return args.patterns === undefined ? shares : { ...shares, rules: rulesOfRequest(organization, questions, args.patterns) };
}

function rulesOfRequest(organization: Organization, questions: Questions, count: number): number {
  const patterns = patternsOf(organization, count);
  const asked = 200;
  let rules = 0;
  for (let i = 0; i < asked; i++) rules += rulesMatching(patterns, organization.path(questions.draw().resource));
  return rules / asked;
}
