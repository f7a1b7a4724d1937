/**
 * The product of the benchmarks' organization: a tree of assets six deep in sandboxes, roles bounded by them, access bits on everything.
 *
 * 300 roles, each with three of 40 permission sets in two of the sandboxes; a set gives one action on three of the types.
 * Invariant: what is here does not grow with the number of grants.
 */
import type { AccessType, Product, Rec, ResourceType, Role } from "@reeve/core";
import { Random } from "./random.ts";

export const PRODUCT = "assets";
/** From the top: the collection at each depth. */
export const TYPES = ["sandboxes", "spaces", "folders", "apis", "versions", "files"] as const;
export const ROLES = 300;
const SETS = 40;
const SETS_A_ROLE = 3;
const SANDBOXES_A_ROLE = 2;
export const LABELS = Array.from({ length: 24 }, (_, index) => `core/C${index + 1}`);

/** Actions with the bits that open them: one bit, two united, all, and ownership. */
export const ACTIONS = { view: ["R"], edit: ["RW"], execute: ["RX"], publish: ["RWX"], edit_permissions: ["O"] } as const;
export type ActionName = keyof typeof ACTIONS;
/** Actions that a grant of an access type opens by itself. */
export const OPENED: Readonly<Record<AccessType, readonly ActionName[]>> = {
  R: ["view"],
  RX: ["view", "execute"],
  RW: ["view", "edit"],
  RWX: ["view", "edit", "execute", "publish"],
};

export function product(): Product {
  const types: Record<string, ResourceType> = {};
  for (const [depth, name] of TYPES.entries()) {
    types[name] = depth === 0 ? { actions: ACTIONS } : { parents: [TYPES[depth - 1] as string], owner: "self", actions: ACTIONS };
  }
  return { id: PRODUCT, boundedBy: "sandboxes", settings: {}, types };
}

/** The product, its permission sets and its roles. `labelled`: roles hold up to four labels. */
export function* productRecords(shape: { seed: number; sandboxes: readonly string[]; labelled: boolean }): Iterable<Rec> {
  const random = new Random(shape.seed, 1);
  yield { kind: "product", value: product() };
  for (let set = 0; set < SETS; set++) {
    const first = random.below(TYPES.length);
    const actions = [random.pick(Object.keys(ACTIONS))];
    const pairs = [0, 1, 2].map((step) => ({ type: TYPES[(first + step) % TYPES.length] as string, actions }));
    yield { kind: "permission-set", value: { product: PRODUCT, id: setId(set), name: setId(set), pairs } };
  }
  if (shape.labelled) for (const id of LABELS) yield { kind: "label", value: { id } };
  for (let role = 0; role < ROLES; role++) yield { kind: "role", value: roleAt(role, shape, random) };
}

function roleAt(index: number, shape: { sandboxes: readonly string[]; labelled: boolean }, random: Random): Role {
  const some = <T>(count: number, items: readonly T[]): T[] => [...new Set(Array.from({ length: count }, () => random.pick(items)))];
  const sets = some(
    SETS_A_ROLE,
    Array.from({ length: SETS }, (_, set) => set),
  ).map((set) => ({ set: setId(set) }));
  const sandboxes = some(SANDBOXES_A_ROLE, shape.sandboxes);
  const labels = shape.labelled ? some(random.below(5), LABELS) : [];
  const id = roleId(index);
  return { product: PRODUCT, id, name: id, type: "user-defined", sets, sandboxes, ...(labels.length === 0 ? {} : { labels }) };
}

function setId(index: number): string {
  return `set-${index}`;
}
export function roleId(index: number): string {
  return `role-${index}`;
}
