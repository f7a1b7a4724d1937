/**
 * Law 4 of the model, as property tests over the random organizations of `reference/`: every list is the set of checks that allow,
 * at every page size, and explain's verdict is check's. Effective permissions and what is held: `laws-of-places.test.ts`.
 *
 * What is registered is read from the records here, not asked of the engine. Entries are in the order of their UTF-8 bytes.
 */
import {
  type Decision,
  decide,
  decideOperation,
  decidePrepared,
  type Entry,
  explain,
  explainOperation,
  type JsonObject,
  type ListQuery,
  list,
  type Nouns,
  type OperationRequest,
  type Plan,
  prepare,
  type Subject,
} from "@reeve/core";
import { describe, expect, it } from "vitest";
import { truth } from "./reference/conditions.ts";
import { failAt, inBytes, organizations, pages, planOf, SEED, same, shuffled, TIMEOUT_MS } from "./reference/organizations.ts";
import { typeAt } from "./reference/paths.ts";
import { seeded } from "./reference/random.ts";
import { NOW } from "./reference/random-conditions.ts";
import { ATTRIBUTES } from "./reference/random-operations.ts";
import { CONTEXTS, type Question } from "./reference/random-requests.ts";
import { declared, of, registered, subjects } from "./reference/snapshot.ts";

const optionally = <T extends object>(present: boolean, part: T): Partial<T> => (present ? part : {});
const listed = (plan: Plan, query: ListQuery, at: { now: number; seed: number }): Entry[] =>
  pages(
    (paging) => list(plan, { ...query, ...paging }, at.now),
    ({ id }) => id,
    { seed: at.seed, what: "list", about: query },
  );

describe("law 4: a list", () => {
  it(`of resources is the checks that allow, in the form in which it is asked (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, () => {
    let entries = 0;
    for (const { seed, records } of organizations(21, 50)) {
      const random = seeded(seed);
      const [plan, all, products] = [planOf(records), registered(records), of(records, "product")];
      const asked = shuffled(
        random,
        subjects(records).flatMap((principal) => declared(records).map((pair) => ({ principal, ...pair }))),
      ).slice(0, 60);
      for (const { principal, type, action } of asked) {
        const now = NOW + random.pick([0, 0, -1, 1, 1000]);
        const sandbox = random.pick(["prod", "dev", "eu/west", "nowhere"]);
        const labels = random.pick([["core/C1"], [], ["custom/x", "core/S1"]]);
        const sent: JsonObject = {
          ...optionally(random.chance(0.5), { sandbox }),
          ...optionally(random.chance(0.2), { labels, tier: "a" }),
        };
        const properties = { ...optionally(Object.keys(sent).length > 0, { properties: sent }) };
        const rest = { action: { name: action }, ...optionally(random.chance(0.4), { context: random.pick(CONTEXTS) }) };
        const isRoot = typeAt({ products }, [type, "x"]) !== undefined;
        const isWithin = !isRoot && "sandbox" in sent && typeAt({ products }, ["sandboxes", sandbox, type, "x"]) !== undefined;
        const fits = isWithin ? all.filter(({ parts }) => parts.length === 4 && parts[0] === "sandboxes" && parts[1] === sandbox) : all;
        const ids = fits
          .filter((place) => place.type === type)
          .map(({ path, parts }) => (isRoot || isWithin ? String(parts.at(-1)) : path));
        if (type === "organization") ids.push("/");
        const allowed = ids.filter((id) => decide(plan, { principal, ...rest, resource: { type, id, ...properties } }, now).allow);
        const query: ListQuery = { list: "resources", principal, type, ...rest, ...properties, max: 1 };
        const found = listed(plan, query, { now, seed }).map(({ id }) => id);
        entries += found.length;
        same(found, allowed.sort(inBytes), { seed, what: "resources", about: query });
      }
    }
    expect(entries, "resources listed").toBeGreaterThan(100);
  });

  it(`of principals is the checks that allow, of every kind, by action and by operation (REEVE_SEED=${SEED})`, {
    timeout: TIMEOUT_MS,
  }, () => {
    let entries = 0;
    for (const { seed, records, questions } of organizations(22, 30)) {
      const random = seeded(seed);
      const plan = planOf(records);
      for (const { request, operation, now } of random.some(questions, 0.3)) {
        for (const type of ["user", "group", "service-account"]) {
          const principals = subjects(records).filter((one, i, all) => one.type === type && all.findIndex(({ id }) => id === one.id) === i);
          const check = (principal: Subject): Decision =>
            request === undefined ? decideOperation(plan, { ...operation, principal }, now) : decide(plan, { ...request, principal }, now);
          const ask_ =
            request === undefined ? { operation: withoutPrincipal(operation) } : { action: request.action, resource: request.resource };
          const query: ListQuery = {
            list: "principals",
            type,
            ask: ask_,
            max: 1,
            ...optionally(request?.context !== undefined, { context: request?.context ?? {} }),
          };
          const decided = principals.map(({ id }) => ({ id, decision: check({ type, id }) }));
          const found = listed(plan, query, { now, seed });
          entries += found.length;
          const allowed = decided.filter(({ decision }) => decision.allow).map(({ id }) => id);
          same(
            found.filter(({ when }) => when === undefined).map(({ id }) => id),
            allowed.sort(inBytes),
            { seed, what: "principals", about: query },
          );
          const hanging = decided.filter(({ decision }) => decision.code === "attribute_unavailable").map(({ id }) => id);
          const conditional = found.filter(({ when }) => when !== undefined);
          same(
            conditional.map(({ id }) => id),
            hanging.sort(inBytes),
            { seed, what: "principals with conditions", about: query },
          );
          for (const entry of conditional) if (operation !== undefined) hangsOnIts(plan, entry, { type, operation, now, seed });
        }
      }
    }
    expect(entries, "principals listed").toBeGreaterThan(100);
  });

  it(`of actions is the checks that allow (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, () => {
    let entries = 0;
    for (const { seed, records, questions } of organizations(23, 60)) {
      const plan = planOf(records);
      const names = [...new Set(declared(records).map(({ action }) => action)), "toString", "", "nothing"];
      for (const { request, now } of questions) {
        if (request === undefined) continue;
        const { principal, resource, context } = request;
        const sent = context === undefined ? {} : { context };
        const allowed = [...new Set(names)].filter((name) => decide(plan, { principal, resource, action: { name }, ...sent }, now).allow);
        const found = listed(plan, { list: "actions", principal, resource, ...sent, max: 1 }, { now, seed }).map(({ id }) => id);
        entries += found.length;
        same(found, allowed.sort(inBytes), { seed, what: "actions", about: request });
      }
    }
    expect(entries, "actions listed").toBeGreaterThan(100);
  });

  it(`of roles is what they hold, whoever has them (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, () => {
    for (const { seed, records } of organizations(24, 60)) {
      const random = seeded(seed);
      const plan = planOf(records);
      const sets = new Map(of(records, "permission-set").map((set) => [set.id, set]));
      for (let i = 0; i < 15; i++) {
        const { type, action } = random.pick(declared(records));
        const query = {
          ...optionally(random.chance(0.3), { product: random.pick(of(records, "product")).id }),
          ...optionally(random.chance(0.5), { type }),
          ...optionally(random.chance(0.5), { action }),
          ...optionally(random.chance(0.2), { label: random.pick(["core/C1", "custom/x"]) }),
          ...optionally(random.chance(0.2), { sandbox: random.pick(["prod", "dev"]) }),
        };
        const holds = (role: Nouns["role"]): boolean =>
          (query.product ?? role.product) === role.product &&
          (query.label === undefined || role.labels?.includes(query.label) === true) &&
          (query.sandbox === undefined || role.sandboxes?.includes(query.sandbox) === true) &&
          ((query.type === undefined && query.action === undefined) ||
            role.sets.some(({ set }) =>
              sets
                .get(set)
                ?.pairs.some(
                  (pair) => (query.type ?? pair.type) === pair.type && (query.action === undefined || pair.actions.includes(query.action)),
                ),
            ));
        const expected = of(records, "role")
          .filter(holds)
          .map(({ id }) => id);
        const found = listed(plan, { list: "roles", ...query, max: 1 }, { now: NOW, seed }).map(({ id }) => id);
        same(found, expected.sort(inBytes), { seed, what: "roles", about: query });
      }
    }
  });
});

/** Whatever the attributes are, the conditions of an entry tell whether it is allowed. */
function hangsOnIts(
  plan: Plan,
  { id, when = [] }: Entry,
  of_: { type: string; operation: OperationRequest; now: number; seed: number },
): void {
  const { type, operation, now, seed } = of_;
  if (when.length === 0) failAt(seed, `${id} hangs on no condition`, operation);
  for (const attributes of ATTRIBUTES) {
    const given = { ...attributes, ...operation.attributes };
    const decision = decideOperation(plan, { ...operation, attributes: given, principal: { type, id } }, now);
    const isTrue = when.some((condition) => truth(condition, { members: { attributes: given }, labelsUnreadable: false }) === true);
    // Others are denied for another reason, or still lack an attribute.
    if (decision.allow !== isTrue && (decision.allow || decision.code === "no_access"))
      failAt(seed, `${id} is said to hang on ${JSON.stringify(when)}`, { attributes, operation });
  }
}

function withoutPrincipal({ principal: _, ...operation }: NonNullable<Question["operation"]>) {
  return operation;
}

describe("law 4: the answer", () => {
  const SOURCES = ["role", "access", "admin", "policy"] as const;

  it(`of explain has check's verdict, and what it tried says the same (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, () => {
    for (const { seed, records, questions } of organizations(25, 100)) {
      const plan = planOf(records);
      for (const { request, operation, now } of questions) {
        const about = request ?? operation;
        if (request === undefined) {
          same(explainOperation(plan, operation, now).decision, decideOperation(plan, operation, now), {
            seed,
            what: "explained operation",
            about,
          });
          continue;
        }
        const { decision, tried, rules } = explain(plan, request, now);
        same(decision, decide(plan, request, now), { seed, what: "explained", about });
        if (tried.length === 0) {
          if (decision.allow || ["no_access", "denied_by_policy"].includes(decision.code)) failAt(seed, "nothing was tried", about);
          continue;
        }
        const denies = rules.filter(({ effect, matched }) => effect === "deny" && matched);
        const opened = tried.filter((one) => one.opened).map(({ source }) => source);
        same(
          tried.map(({ source }) => source),
          SOURCES,
          { seed, what: "sources tried", about },
        );
        same(decision.code === "denied_by_policy", denies.length > 0, { seed, what: "Deny rules that matched", about });
        if (denies.length > 0) {
          const { policy, rule } = decision.facts ?? {};
          same({ policy, rule }, { policy: denies[0]?.policy, rule: denies[0]?.rule }, { seed, what: "the first Deny rule", about });
          continue;
        }
        same(decision.allow, opened.length > 0, { seed, what: "sources that opened", about });
        if (!decision.allow) continue;
        const evidence = decision.evidence;
        same(opened[0], evidence?.source, { seed, what: "the first source", about });
        const found = tried.find(({ source }) => source === evidence?.source)?.found ?? [];
        if (!found.some((one) => JSON.stringify(one) === JSON.stringify(evidence)))
          failAt(seed, `${JSON.stringify(evidence)} is not found`, about);
      }
    }
  });

  it(`of a prepared request is check's (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, () => {
    const refused = ["unknown_principal", "unknown_type", "unknown_resource", "wrong_parent", "unknown_action"];
    for (const { seed, records, questions } of organizations(26, 100)) {
      const plan = planOf(records);
      const plain = questions.flatMap(({ request, now }) => (request === undefined ? [] : [{ request, now }]));
      const prepared = plain.map(({ request }) => prepare(plan, request));
      for (const [at, { request, now }] of plain.entries()) {
        const [one, decision] = [prepared[at], decide(plan, request, now)];
        same(one === undefined, refused.includes(decision.code), { seed, what: `prepared ${decision.code}`, about: request });
        if (one !== undefined) same(decidePrepared(plan, one, now), decision.allow, { seed, what: "prepared", about: request });
      }
    }
  });
});
