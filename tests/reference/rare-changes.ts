/**
 * Random changes that ordinary steps do not make, for who must know about every kind: owners, scopes, sets, base paths, rows with
 * other targets and templates, memberships of and in system groups, links, policies that come and go. They leave an organization valid as far as answers go.
 */
import { keyOf, type Nouns, type Rec } from "@reeve/core";
import { isOfOffices } from "./offices.ts";
import type { Random } from "./random.ts";
import { LABELS } from "./random-conditions.ts";
import { USERS, type World } from "./random-organization.ts";
import { rule } from "./random-products.ts";

type State = { readonly random: Random; readonly world: World; readonly records: readonly Rec[] };
type Step = (state: State) => Rec | undefined;

const values = <K extends Rec["kind"]>({ records }: State, kind: K): readonly Nouns[K][] =>
  records.filter((record) => record.kind === kind).map(({ value }) => value as Nouns[K]);
const changed =
  <K extends Rec["kind"]>(kind: K, change: (value: Nouns[K], state: State) => Nouns[K]): Step =>
  (state) => {
    const all = values(state, kind);
    return all.length === 0 ? undefined : ({ kind, value: change(state.random.pick(all), state) } as Rec);
  };
const pathsOf = ({ world }: State): readonly string[] => world.spots.flatMap(({ path }) => (isOfOffices(path) ? [] : [path]));

const otherRow = (row: Nouns["operation"], state: State): Nouns["operation"] => {
  const { random } = state;
  const sets = values(state, "permission-set").filter(({ product }) => product === row.product);
  const others = values(state, "operation").filter(({ product, path }) => product === row.product && path !== row.path);
  return random.weighted<() => Nouns["operation"]>([
    [3, () => ({ ...row, alternatives: rule(random, { product: row.product, sets, when: true }) })],
    [1, () => ({ ...row, target: row.target.replace(/\/[^/]*\/[^/]*$/, "") || "/" })],
    [1, () => ({ ...row, path: row.path.replaceAll("Id}", "Key}"), target: row.target.replaceAll("Id}", "Key}") })],
    // A literal where there was a parameter: it takes the calls of this one id.
    [1, () => ({ ...row, path: row.path.replace(/\{[^}]*\}/, random.pick(["1", "2", "3", "prod"])), target: "/" })],
    [1, () => ({ ...row, method: random.pick(["GET", "PATCH"]) })],
    [others.length === 0 ? 0 : 1, () => ({ ...row, target: "/", path: random.pick(others).path })],
  ])();
};

const otherScopes = (role: Nouns["role"], state: State): Nouns["role"] => {
  const scopes = pathsOf(state).filter((path) => !path.startsWith("/sandboxes"));
  const scope = () => state.random.some(scopes, 3 / (scopes.length + 1));
  const isScoped = values(state, "product").some(({ id, boundedBy }) => id === role.product && boundedBy === "scopes");
  return isScoped ? { ...role, sets: role.sets.map(({ set }) => (state.random.chance(0.3) ? { set } : { set, scope: scope() })) } : role;
};

const STEPS: readonly (readonly [number, Step])[] = [
  [2, changed("resource", (resource, { random }) => ({ ...resource, owner: random.pick(USERS) }))],
  [2, changed("resource", (resource, { random }) => ({ ...resource, labels: random.some(LABELS, 0.5) }))],
  [1, changed("resource", ({ basePath: _, document: __, ...resource }) => resource)],
  [
    1,
    changed("resource", ({ document: _, ...resource }, { random }) =>
      resource.basePath === undefined ? resource : { ...resource, basePath: random.pick(["/api", "/x", "/api/program"]) },
    ),
  ],
  [4, changed("role", otherScopes)],
  [1, changed("role", (role, { random }) => ({ ...role, labels: random.some(LABELS, 0.5) }))],
  [
    2,
    changed("permission-set", (set, state) => ({
      ...set,
      pairs: state.random.pick(values(state, "permission-set").filter(({ product }) => product === set.product)).pairs,
    })),
  ],
  [4, changed("operation", otherRow)],
  [3, changed("policy", (policy) => ({ ...policy, status: policy.status === "active" ? "inactive" : "active" }))],
  [2, changed("policy", (policy, { random }) => ({ ...policy, rules: random.some(policy.rules, 0.6) }))],
  [1, ({ random }) => ({ kind: "membership", value: { group: "admins", member: random.pick([...USERS, "members", "g1"]) } })],
  [1, ({ random }) => ({ kind: "membership", value: { group: random.pick(["g3", "g4"]), member: random.pick(["members", "g1", "g2"]) } })],
  [
    2,
    ({ random }) => ({
      kind: "principal",
      value: { id: random.pick([...USERS, "g1", "g2"]), type: random.pick(["user", "group"]), active: true },
    }),
  ],
  [1, changed("product", ({ adminMayAll: _, ...product }) => product)],
];

/** The snapshot after one such change. */
export function rareStep(random: Random, world: World, records: readonly Rec[]): readonly Rec[] {
  const one = random.weighted(STEPS)({ random, world, records });
  if (one === undefined) return records;
  // Of two rows with one template a write is refused.
  const shape = (each: Rec): string | undefined =>
    each.kind === "operation"
      ? JSON.stringify([each.value.product, each.value.method, each.value.path.replace(/\{[^}]*\}/g, "{}")])
      : undefined;
  const name = (each: Rec): string => JSON.stringify([each.kind, keyOf(each)]);
  if (records.some((each) => shape(each) !== undefined && shape(each) === shape(one) && name(each) !== name(one))) return records;
  return [...records.filter((each) => name(each) !== name(one)), one];
}
