/**
 * What a write does, as property tests over random organizations and random writes, most of them wrong in some way: what is admitted
 * leaves a valid organization, what is refused leaves nothing, a delete takes with it all that names what is gone and nothing
 * else, and an id that is made again starts empty.
 */
import { admit, apply, type Change, keyOf, type Plan, type Product, type Rec, records } from "@reeve/core";
import { describe, expect, it } from "vitest";
import {
  ask,
  canonical,
  dump,
  dumpOf,
  failAt,
  organizations,
  planOf,
  SEED,
  same,
  shuffled,
  TIMEOUT_MS,
  told,
} from "./reference/organizations.ts";
import { parsePath, typeAt } from "./reference/paths.ts";
import { type Random, seeded } from "./reference/random.ts";
import { write } from "./reference/random-writes.ts";
import { of } from "./reference/snapshot.ts";
import { faults } from "./reference/validity.ts";

/** Everything that a record names, each as kind and id: a resource by its path, a sandbox too; with a resource the product of its type. */
function named({ kind, value }: Rec, products: readonly Product[]): readonly string[] {
  const found: string[] = [];
  const add = (of: string, ...ids: readonly (string | undefined)[]): void => {
    for (const id of ids) if (id !== undefined) found.push(`${of} ${id}`);
  };
  const at = (name: string): string | undefined => (value as Readonly<Record<string, string | undefined>>)[name];
  if (kind !== "product") add("product", at("product"));
  if (kind !== "principal") add("principal", at("principal"), at("member"), at("group"), at("owner"), at("serviceAccount"));
  if (kind !== "role") add("role", at("role"));
  if (kind === "link") add("resource", value.from, value.to);
  if (kind === "grant") add("resource", value.resource);
  if (kind === "operation-rule") add("operation", JSON.stringify([value.product, value.operation]));
  if (kind === "developer-project") add("role", ...value.roles);
  if (kind === "role" || kind === "resource") add("label", ...(value.labels ?? []));
  if (kind === "role" || (kind === "policy" && value.sandboxes !== "all"))
    add("resource", ...((value.sandboxes ?? []) as readonly string[]).map((name) => sandbox(name)));
  if (kind === "role") add("permission-set", ...value.sets.map(({ set }) => set));
  const scopes = kind === "role" ? value.sets.flatMap(({ scope = [] }) => scope) : [];
  add("resource", ...scopes, ...scopes.flatMap(above));
  const isPlaced = kind === "resource" || kind === "binned";
  const paths = kind === "link" ? [value.from, value.to] : kind === "grant" ? [value.resource] : isPlaced ? [value.path] : [];
  add("resource", ...paths.flatMap(above));
  add("product", ...paths.map((path) => typeAt({ products }, parsePath(path) ?? [])?.product.id));
  if (kind === "binned") {
    add("principal", ...value.resources.map(({ owner }) => owner), ...value.grants.map(({ principal }) => principal));
    add("label", ...value.resources.flatMap(({ labels = [] }) => labels));
    // What lies in the bin is gone already: another may stand at its path.
    const ends = value.links.flatMap(({ from, to }) => [from, to]).filter((end) => !`${end}/`.startsWith(`${value.path}/`));
    add("resource", ...ends, ...ends.flatMap(above));
  }
  for (const one of alternativesOf({ kind, value } as Rec)) {
    add("product", one.product);
    if ("permission" in one) add("permission-set", one.permission);
    if ("roles" in one) add("role", ...one.roles);
  }
  return found;
}
const sandbox = (name: string): string => `/sandboxes/${name === "*" ? "%2A" : name.replaceAll("%", "%25").replaceAll("/", "%2F")}`;
function above(path: string): readonly string[] {
  const segments = path.split("/").slice(1);
  return Array.from({ length: segments.length / 2 - 1 }, (_, i) => `/${segments.slice(0, 2 * i + 2).join("/")}`);
}
function alternativesOf({ kind, value }: Rec) {
  if (kind === "operation" || kind === "operation-rule") return value.alternatives ?? [];
  if (kind === "product") return value.readDefault ?? [];
  if (kind === "binned") return value.resources.flatMap(({ document = [] }) => document.flatMap((row) => row.alternatives ?? []));
  return kind === "resource" ? (value.document ?? []).flatMap((row) => row.alternatives ?? []) : [];
}
/** What a record is named by, as `named` writes it. */
const nameOf = (record: Rec): string => {
  const key = keyOf(record);
  return `${record.kind} ${key.length === 1 ? key[0] : JSON.stringify(key)}`;
};
const recordsOf = (plan: Plan): readonly Rec[] => [...records(plan)];
const identity = (record: Rec): string => JSON.stringify([record.kind, ...keyOf(record)]);

describe("a write", () => {
  it(`leaves a valid organization when it is admitted, and nothing when it is refused (REEVE_SEED=${SEED})`, {
    timeout: TIMEOUT_MS,
  }, () => {
    const outcomes = { admitted: 0, refused: 0 };
    for (const { seed, world, records: first, questions } of organizations(41, 60)) {
      const random = seeded(seed);
      if (world.spots.length === 0) continue;
      let plan = planOf(first);
      for (let i = 0; i < 12; i++) {
        const [before, question] = [recordsOf(plan), random.pick(questions)];
        const answered = canonical(ask(plan, question));
        const changes = write(random, world, before);
        const result = admit(plan, changes, random.chance(0.3) ? { catalogue: true } : {});
        const about = { changes, written: result.ok ? result.value.changes : result.error };
        if (result.ok) {
          const after = recordsOf(result.value.plan);
          const wrong = faults(after);
          if (wrong.length > 0) failAt(seed, `what was admitted is not valid: ${wrong.join("; ")}`, about);
          same(dump(apply(plan, result.value.changes)), dumpOf(after), { seed, what: "the changes that it makes", about });
          outcomes.admitted++;
        } else {
          outcomes.refused++;
          for (const { pointer } of result.error) if (!/^\/\d+\/(put|delete)/.test(pointer)) failAt(seed, `a fault at ${pointer}`, about);
        }
        same(dump(plan), dumpOf(before), { seed, what: "the plan that was asked", about });
        if (canonical(ask(plan, question)) !== answered) failAt(seed, "the plan that was asked answers otherwise", { ...about, question });
        if (result.ok) plan = result.value.plan;
      }
    }
    for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(50);
  });

  it(`that says what stands there already writes nothing (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, () => {
    for (const { seed, records: first } of organizations(42, 20)) {
      const random = seeded(seed);
      const puts = shuffled(random, first).map((put): Change => ({ put }));
      const result = admit(planOf(first), puts, { own: true });
      if (!result.ok) failAt(seed, "what stands there is refused", result.error);
      same(result.ok && result.value.changes, [], { seed, what: "written again" });
    }
  });
});

/** The first product that is bounded by sandboxes holds on to them and to labels, with half of its roles and every policy built in. */
function holding(random: Random, records_: readonly Rec[]): readonly Rec[] {
  const product = of(records_, "product").find(({ boundedBy }) => boundedBy === "sandboxes");
  const always = of(records_, "resource").flatMap(({ path }) => (/^\/sandboxes\/[a-z0-9-]+$/.test(path) ? [path.slice(11)] : []));
  return records_.map((record): Rec => {
    if (product === undefined) return record;
    if (record.kind === "product" && record.value.id === product.id)
      return { kind: "product", value: { ...record.value, labelsStay: true, sandboxes: { always: always.slice(0, 1), max: 4 } } };
    if (record.kind === "role" && record.value.product === product.id && random.chance(0.5))
      return { kind: "role", value: { ...record.value, builtIn: true } };
    return record.kind === "policy" ? { kind: "policy", value: { ...record.value, product: product.id, builtIn: true } } : record;
  });
}
const sandboxesOf = (records_: readonly Rec[]): readonly string[] =>
  of(records_, "resource").flatMap(({ path }) => (/^\/sandboxes\/[^/]+$/.test(path) ? [path] : []));

/** A sandbox that comes, well named or not, or that goes. */
function ofSandboxes(random: Random, records_: readonly Rec[]): Change {
  const path = random.pick([...sandboxesOf(records_), `/sandboxes/s${random.below(9)}`, "/sandboxes/New"]);
  return random.chance(0.5) ? { put: { kind: "resource", value: { path } } } : { delete: { kind: "resource", key: [path] } };
}

/** What a write without a catalogue changed of what a product holds on to. */
function lost(before: readonly Rec[], after: readonly Rec[]): readonly string[] {
  const product = of(before, "product").find(({ labelsStay }) => labelsStay === true);
  if (product === undefined || !of(after, "product").some(({ id, labelsStay }) => id === product.id && labelsStay === true)) return [];
  const open = { role: ["sandboxes", "labels", "sets"], policy: ["status", "sandboxes"] } as const;
  const fixed = ({ kind, value }: Rec): string =>
    canonical(
      Object.fromEntries(
        Object.entries(value).filter(([name]) =>
          kind !== "role" && kind !== "policy" ? true : !(open[kind] as readonly string[]).includes(name),
        ),
      ),
    );
  const standing = new Map(after.map((record) => [identity(record), record]));
  const wrong = before.flatMap((record) => {
    const now = standing.get(identity(record));
    if (record.kind === "label")
      return now === undefined || (record.value.id.startsWith("core/") && fixed(now) !== fixed(record)) ? [nameOf(record)] : [];
    if (record.kind === "resource")
      return now === undefined && product.sandboxes?.always.some((name) => sandbox(name) === record.value.path) ? [nameOf(record)] : [];
    if ((record.kind !== "role" && record.kind !== "policy") || record.value.builtIn !== true || record.value.product !== product.id)
      return [];
    return now === undefined || fixed(now) !== fixed(record) ? [nameOf(record)] : [];
  });
  const labels = new Set(of(before, "label").map(({ id }) => id));
  const added = of(after, "label").filter(({ id }) => id.startsWith("core/") && !labels.has(id));
  const [had, has] = [sandboxesOf(before), sandboxesOf(after)];
  const named = has.filter((path) => !had.includes(path) && !/^\/sandboxes\/[a-z0-9-]+$/.test(path));
  const many = has.length > Math.max(had.length, product.sandboxes?.max ?? 0) ? [`${has.length} sandboxes`] : [];
  return [...wrong, ...added.map(({ id }) => `label ${id}`), ...named, ...many];
}

describe("what a product holds on to", () => {
  it(`is changed by no write but a catalogue's, whatever is asked (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, () => {
    const outcomes = { admitted: 0, refused: 0 };
    for (const { seed, world, records: first } of organizations(44, 60)) {
      const random = seeded(seed);
      if (world.spots.length === 0) continue;
      let plan = planOf(holding(random, first));
      for (let i = 0; i < 12; i++) {
        const before = recordsOf(plan);
        const changes = random.chance(0.3) ? [ofSandboxes(random, before)] : write(random, world, before);
        const result = admit(plan, changes);
        if (!result.ok) {
          outcomes.refused += result.error.filter(({ code }) => code === "built_in" || code === "not_allowed").length;
          continue;
        }
        const wrong = lost(before, recordsOf(result.value.plan));
        if (wrong.length > 0) failAt(seed, `a write changed ${wrong.join("; ")}`, { changes });
        outcomes.admitted++;
        plan = result.value.plan;
      }
    }
    for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(50);
  });
});

/** A record of some kind, the kinds equally often, and whether it may be deleted. */
function victim(random: Random, records_: readonly Rec[]): Rec | undefined {
  const kinds = [...new Set(records_.map(({ kind }) => kind))].filter((kind) => kind !== "organization");
  const kind = random.pick(kinds);
  return random.pick(records_.filter((record) => record.kind === kind));
}

describe("a delete", () => {
  it(`takes with it all that names what is gone, and nothing else; made again, the id starts empty (REEVE_SEED=${SEED})`, {
    timeout: TIMEOUT_MS,
  }, () => {
    let [deleted, again] = [0, 0];
    for (const { seed, world, records: first } of organizations(43, 60)) {
      const random = seeded(seed);
      // Some kinds that no decision reads come by writes alone.
      let plan = planOf(first);
      for (let i = 0; i < 6 && world.spots.length > 0; i++) {
        const admitted = admit(plan, write(random, world, recordsOf(plan)), { own: true });
        if (admitted.ok && faults(recordsOf(admitted.value.plan)).length === 0) plan = admitted.value.plan;
      }
      const before = recordsOf(plan);
      const products = of(before, "product");
      for (let i = 0; i < 12; i++) {
        const record = victim(random, before);
        if (record === undefined) continue;
        const result = admit(plan, [{ delete: { kind: record.kind, key: keyOf(record) } }], { own: true });
        if (!result.ok) {
          same(
            result.error.map(({ code }) => code),
            ["in_use"],
            { seed, what: "refused", about: record },
          );
          continue;
        }
        deleted++;
        const after = new Map(recordsOf(result.value.plan).map((each) => [identity(each), each]));
        const gone = before.filter((each) => !after.has(identity(each)));
        const names = new Set(gone.map(nameOf));
        if (!names.has(nameOf(record))) failAt(seed, "it is still there", record);
        for (const left of after.values()) {
          // Of what lies in the bin whatever is not there is looked at when it comes back; whom it gives something is forgotten at once.
          const isTold = (name: string): boolean => left.kind !== "binned" || /^(principal|label) /.test(name);
          const dangling = named(left, products).find((name) => names.has(name) && isTold(name));
          if (dangling !== undefined) failAt(seed, `${JSON.stringify(left)} still names ${dangling}`, record);
        }
        for (const each of before) {
          const left = after.get(identity(each));
          const isConcerned = nameOf(each) === nameOf(record) || named(each, products).some((name) => names.has(name));
          if (!isConcerned && (left === undefined || canonical(told(left)) !== canonical(told(each))))
            failAt(seed, `${JSON.stringify(each)} became ${JSON.stringify(left)}`, record);
        }
        const back = admit(result.value.plan, [{ put: record }], { own: true });
        if (!back.ok) continue;
        again++;
        same(dump(back.value.plan), dumpOf([...after.values(), record]), { seed, what: "made again", about: record });
      }
    }
    expect(deleted).toBeGreaterThan(100);
    expect(again).toBeGreaterThan(50);
  });
});
