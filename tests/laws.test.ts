/**
 * Laws 1, 2, 3 and 9 of the model, as property tests over the random organizations of `reference/`: Deny wins, access only grows
 * by what gives it, a decision depends on nothing but plan, request and time, and no two requests share an answer.
 * The laws about lists and other questions stand in `laws-of-questions.test.ts` and `laws-of-places.test.ts`, those about plans and
 * writes in `laws-of-plans.test.ts` and `laws-of-writes.test.ts`.
 */
import { apply, type Change, type Condition, type Decision, explain, keyOf, type Nouns, type Operation, type Rec } from "@reeve/core";
import { describe, expect, it } from "vitest";
import { variables } from "./reference/conditions.ts";
import { isOfOffices } from "./reference/offices.ts";
import { ask, failAt, frozen, organizations, planOf, put, SEED, same, shuffled, TIMEOUT_MS } from "./reference/organizations.ts";
import { type Random, seeded } from "./reference/random.ts";
import { NOW } from "./reference/random-conditions.ts";
import { GROUPS, policy, USERS, type World } from "./reference/random-organization.ts";
import type { Question } from "./reference/random-requests.ts";
import { of, registered } from "./reference/snapshot.ts";

type Policy = Nouns["policy"];

/** The actions under which Deny rules are asked about a question that is decided by its sources; none where it is refused before. */
function deniable(question: Question, decision: Decision, rows: readonly Operation[]): readonly string[] {
  const { request, operation } = question;
  const isDecided = decision.allow || ["no_access", "attribute_unavailable", "denied_by_policy"].includes(decision.code);
  if (!isDecided) return [];
  if (request !== undefined) return [request.action.name];
  const id = decision.evidence?.source === "rule" ? decision.evidence.operation : decision.facts?.operation;
  const row = rows.find((each) => each.id === id && each.product === operation.product);
  return row === undefined ? ["call"] : [`${row.method} ${row.path}`];
}

/** A Deny rule that matches everywhere, whatever its condition (if it is not false) is, among rules that permit everything. */
function refusing(random: Random, actions: readonly string[], condition: Condition | undefined): Policy {
  const deny = (resource: string) => ({ effect: "deny" as const, resource, actions, ...(condition === undefined ? {} : { condition }) });
  const permit = (resource: string) => ({ effect: "permit" as const, resource, actions });
  const rules = shuffled(random, [deny("/"), deny("/*"), permit("/"), permit("/*")]);
  return { id: random.pick(["0", "policy-2", "zzz"]), name: "Refusing", status: "active", sandboxes: "all", rules };
}
const FAILING: Condition = { "===": [{ var: "context.nowhere-sent" }, 1] };
const isReeves = ({ request }: Question, path: string | undefined): boolean =>
  request?.action.name === "administer" ||
  request?.resource.child === "accounts" ||
  path?.startsWith("/accounts") === true ||
  isOfOffices(path ?? "") ||
  isOfOffices(`/${request?.resource.child}`);

describe("law 1: a Deny rule", () => {
  it(`wins over every source in any order of rules, policies and records (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, () => {
    for (const { seed, records, questions } of organizations(1, 60)) {
      const random = seeded(seed);
      const plan = planOf(records);
      const rows = of(records, "operation");
      for (const question of random.some(questions, 0.3)) {
        const before = ask(plan, question);
        const actions = deniable(question, before, rows);
        if (actions.length === 0) continue;
        const condition = random.pick<Condition | undefined>([undefined, true, FAILING]);
        const added: Rec = { kind: "policy", value: refusing(random, actions, condition) };
        const kept = records.filter((record) => !(record.kind === "policy" && record.value.id === added.value.id));
        const after = ask(planOf(shuffled(random, [...kept, added])), question);
        const path = question.request && explain(plan, question.request, question.now).resource;
        if (isReeves(question, path)) same(after, before, { seed, what: "policies do not match Reeve's own product", about: question });
        else if (after.code !== "denied_by_policy") failAt(seed, `${JSON.stringify(after)} in spite of ${JSON.stringify(added)}`, question);
      }
    }
  });

  it(`whose condition is false changes nothing, nor does the order of rules and policies (REEVE_SEED=${SEED})`, {
    timeout: TIMEOUT_MS,
  }, () => {
    for (const { seed, records, questions } of organizations(2, 60)) {
      const random = seeded(seed);
      const renamed = new Map(of(records, "policy").map(({ id }) => [id, `${random.below(1000)}-${id}`]));
      const other = records.map((record): Rec => {
        if (record.kind !== "policy") return record;
        const { value } = record;
        return { kind: "policy", value: { ...value, id: renamed.get(value.id) ?? value.id, rules: shuffled(random, value.rules) } };
      });
      const names = [...new Set(questions.map(({ request }) => request?.action.name ?? "call"))];
      const never: Policy = {
        id: "0",
        name: "Never",
        status: "active",
        sandboxes: "all",
        rules: [{ effect: "deny", resource: "/*", condition: false, actions: names }],
      };
      const [plan, changed] = [planOf(records), planOf([...other, { kind: "policy", value: never }])];
      const verdict = ({ allow, code }: Decision) => ({ allow, code });
      for (const question of questions)
        same(verdict(ask(changed, question)), verdict(ask(plan, question)), { seed, what: "another order", about: question });
    }
  });
});

const READS_PEOPLE = ["subject", "subject.groups", "subject.roles", "subject.roles.ids", "subject.roles.labels"];
const readsPeople = (condition: Condition | undefined): boolean =>
  condition !== undefined && variables(condition).some(({ name }) => READS_PEOPLE.includes(name));

/** Without the rules that read groups or roles, or labels held: only then can nothing that somebody joins be read by a condition. */
function withoutReaders(records: readonly Rec[]): readonly Rec[] {
  return records.flatMap((record): Rec[] => {
    if (record.kind !== "policy") return [record];
    if (readsPeople(record.value.subjectCondition)) return [];
    return [{ kind: "policy", value: { ...record.value, rules: record.value.rules.filter(({ condition }) => !readsPeople(condition)) } }];
  });
}

const isRegistered = (records: readonly Rec[], path: string): boolean =>
  path === "/" || registered(records).some((resource) => resource.path === path);

/** Something that gives access: in a free slot, on a registered resource. */
function giving(random: Random, world: World, records: readonly Rec[]): Rec | undefined {
  const principal = random.pick([...USERS, ...GROUPS, "sa1", "members", "admins"]);
  const window = random.pick([{}, {}, { notAfter: NOW + 1 }, { notBefore: NOW }]);
  const resources = ["/", ...registered(records).map(({ path }) => path)];
  const grant = {
    principal,
    resource: random.pick(resources),
    reach: random.pick(["self", "subtree", "children"] as const),
    access: random.pick(["R", "RX", "RW", "RWX"] as const),
    ...window,
  };
  const isTaken = of(records, "grant").some(
    (other) =>
      other.principal === principal && other.resource === grant.resource && (other.reach === "children") === (grant.reach === "children"),
  );
  const roles = of(records, "role");
  const drawn = policy(random, world, "0-permits");
  const permits = drawn.rules.map((rule) => ({ ...rule, effect: "permit" as const }));
  const [member, group] = [random.pick([...USERS, "sa2", "g1", "g2"]), random.pick(["g3", "g4"])];
  const choices: (Rec | undefined)[] = [
    isTaken ? undefined : { kind: "grant", value: grant },
    { kind: "policy", value: { ...drawn, status: "active", rules: permits } },
    roles.length === 0 ? undefined : { kind: "assignment", value: { role: random.pick(roles).id, principal, ...window } },
    { kind: "membership", value: { group, member, ...window } },
  ];
  const chosen = random.pick(choices);
  const isNew =
    chosen && !records.some(({ kind, value }) => kind === chosen.kind && String(keyOf({ kind, value } as Rec)) === String(keyOf(chosen)));
  return isNew ? chosen : undefined;
}

describe("law 2: what gives access", () => {
  const names = (record: Rec): string => JSON.stringify(record);

  it(`never turns an allow into a deny when it is added (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, () => {
    let gained = 0;
    for (const { seed, world, records, questions } of organizations(3, 150)) {
      const random = seeded(seed);
      const all = withoutReaders(records);
      const plan = planOf(all);
      const before = questions.map((question) => ask(plan, question).allow);
      for (let i = 0; i < 4; i++) {
        const given = giving(random, world, all);
        if (given === undefined) continue;
        const added = apply(plan, [put(given)]);
        for (const [at, question] of questions.entries()) {
          const after = ask(added, question);
          if (before[at] === true && !after.allow) failAt(seed, `${names(given)} turned an allow into ${JSON.stringify(after)}`, question);
          if (before[at] === false && after.allow) gained++;
        }
      }
    }
    expect(gained, "questions that were opened: none would prove nothing").toBeGreaterThan(0);
  });

  it(`never turns a deny into an allow when it is taken away (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, () => {
    let lost = 0;
    for (const { seed, records, questions } of organizations(4, 150)) {
      const random = seeded(seed);
      const all = withoutReaders(records);
      const plan = planOf(all);
      const before = questions.map((question) => ask(plan, question).allow);
      const isGiving = (record: Rec): boolean =>
        ["assignment", "membership", "grant"].includes(record.kind) ||
        (record.kind === "policy" && record.value.rules.every(({ effect }) => effect === "permit"));
      for (const taken of shuffled(random, all.filter(isGiving)).slice(0, 4)) {
        const left = all.filter((record) => record !== taken);
        if (taken.kind === "grant" && !isRegistered(left, taken.value.resource)) continue;
        const change: Change = { delete: { kind: taken.kind, key: keyOf(taken) } };
        const fewer = apply(plan, [change]);
        for (const [at, question] of questions.entries()) {
          const after = ask(fewer, question);
          if (before[at] === false && after.allow) failAt(seed, `without ${names(taken)} a deny became an allow`, question);
          if (before[at] === true && !after.allow) lost++;
        }
      }
    }
    expect(lost, "questions that were closed: none would prove nothing").toBeGreaterThan(0);
  });
});

describe("law 3: a decision", () => {
  it(`is the same whatever was asked before, in whatever order the records came (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, () => {
    for (const { seed, records, questions } of organizations(5, 80)) {
      const random = seeded(seed);
      const plan = planOf(records);
      const first = questions.map((question) => ask(plan, question));
      const other = planOf(shuffled(random, records), { seed: random.below(2 ** 31) });
      for (const [at, question] of shuffled(random, [...questions.entries()])) {
        same(ask(plan, question), first[at], { seed, what: "asked again", about: question });
        same(ask(other, question), first[at], { seed, what: "of records in another order", about: question });
      }
    }
  });

  it(`changes neither the records nor the request (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, () => {
    for (const { seed, records, questions } of organizations(6, 40)) {
      const before = JSON.stringify([records, questions]);
      const first = planOf(structuredClone(records));
      const expected = questions.map((question) => ask(first, question));
      const plan = planOf(frozen(records));
      for (const [at, question] of frozen(questions).entries())
        same(ask(plan, question), expected[at], { seed, what: "of frozen records", about: question });
      expect(JSON.stringify([records, questions])).toBe(before);
    }
  });
});

/** The question with one of its inputs another. */
function neighbours(random: Random, question: Question, others: readonly Question[]): readonly Question[] {
  const other = random.pick(others);
  const { now, request, operation } = question;
  const later: Question = { ...question, now: now + random.pick([-1, 1, 1000]) };
  if (request !== undefined) {
    const with_ = (part: Partial<typeof request>): Question => ({ now, request: { ...request, ...part } });
    const { resource } = request;
    return [
      later,
      with_({ context: { ...request.context, level: random.below(5), ip: random.pick(["a", "b"]) } }),
      with_({ resource: { ...resource, properties: { ...resource.properties, labels: random.pick([[], ["core/C1"], ["custom/x"]]) } } }),
      with_({ principal: { ...request.principal, properties: { dept: random.pick(["a", "b"]), level: random.below(3) } } }),
      with_({ action: { name: other.request?.action.name ?? "view" } }),
      with_({ principal: other.request?.principal ?? request.principal }),
      with_({ resource: other.request?.resource ?? resource }),
    ];
  }
  const with_ = (part: Partial<typeof operation>): Question => ({ now, operation: { ...operation, ...part } });
  return [
    later,
    with_({ attributes: { step: { status: random.pick(["WAITING", "RUNNING"]) }, level: random.below(4) } }),
    with_({ context: { level: random.below(5) } }),
    with_({ principal: other.operation?.principal ?? operation.principal }),
    with_({ target: other.operation?.target ?? operation.target }),
    with_({ method: random.pick(["GET", "PUT", "HEAD"]) }),
  ];
}

describe("law 9: two different requests", () => {
  it(`never share an answer, however they are interleaved (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, () => {
    for (const { seed, records, questions } of organizations(7, 25)) {
      const random = seeded(seed);
      const all = random.some(questions, 0.3).flatMap((question) => [question, ...neighbours(random, question, questions)]);
      // A plan of its own has never been asked anything else.
      const alone = all.map((question) => ask(planOf(records), question));
      const plan = planOf(records);
      const turns = [...all.entries()];
      for (const [at, question] of shuffled(random, [...turns, ...turns]))
        same(ask(plan, question), alone[at], { seed, what: "asked between others", about: question });
    }
  });
});
