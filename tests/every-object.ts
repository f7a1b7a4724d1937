/**
 * An object of every collection, as many as a test likes, and what they rest on: for tests that hold for all collections.
 *
 * Objects of one collection differ by their number; none of them is what another rests on, so that each may be deleted.
 */
import { COLLECTIONS, type Collection, type CollectionName } from "@reeve/contract";
import { type Change, put } from "./organization.ts";

/** Numbers that there may be; 0 stands from the beginning. */
export const NUMBERS: readonly number[] = Array.from({ length: 32 }, (_, n) => n);

const settings = Object.fromEntries(NUMBERS.map((n) => [`s${n}`, { title: `S${n}`, default: false }]));
const operation = (id: string): Readonly<Record<string, unknown>> => ({
  product: "desk",
  id,
  method: "GET",
  path: `/${id}`,
  names: [id],
  target: "/",
});

const OBJECTS: Readonly<Record<CollectionName, (n: number) => Readonly<Record<string, unknown>>>> = {
  principals: (n) => ({ id: `p${n}`, type: "user", name: `P ${n}` }),
  groups: (n) => ({ id: `g${n}`, type: "group" }),
  memberships: (n) => ({ group: "clerks", member: `u${n}`, notAfter: 4_000_000_000_000 }),
  products: (n) => ({ id: `product${n}`, boundedBy: "none", settings: {}, types: {} }),
  "permission-sets": (n) => ({ product: "desk", id: `set${n}`, name: `Set ${n}`, pairs: [{ type: "shelves", actions: ["look"] }] }),
  roles: (n) => ({ product: "desk", id: `role${n}`, name: `Role ${n}`, sets: [{ set: "looking", scope: ["/shelves/a"] }] }),
  assignments: (n) => ({ role: "clerk", principal: `u${n}` }),
  labels: (n) => ({ id: `custom/n${n}`, name: `N ${n}` }),
  resources: (n) => ({ path: `/shelves/r${n}`, labels: ["custom/x"], properties: { n } }),
  sandboxes: (n) => ({ path: `/sandboxes/b${n}` }),
  links: (n) => ({ from: "/shelves/a", linkKind: "near", to: `/shelves/l${n}` }),
  grants: (n) => ({ principal: `u${n}`, resource: "/shelves/a", access: "R", reach: "self" }),
  policies: (n) => ({
    id: `policy${n}`,
    name: `Policy ${n}`,
    status: "active",
    sandboxes: "all",
    rules: [
      { effect: "deny", resource: "/shelves/*", actions: ["look"], condition: { "===": [{ var: ["subject.properties.n", null] }, n] } },
    ],
  }),
  settings: (n) => ({ product: "desk", name: `s${n}`, value: true }),
  operations: (n) => operation(`op${n}`),
  "operation-rules": (n) => ({ product: "desk", operation: `ruled${n}`, alternatives: [{ anyRole: true }] }),
  "product-administrators": (n) => ({ product: "desk", principal: `u${n}` }),
  "developer-access": (n) => ({ role: "clerk", principal: `u${n}` }),
  bin: (n) => ({
    id: `bin${n}`,
    path: `/shelves/gone${n}`,
    deletedAt: 4_000_000_000_000,
    resources: [{ path: `/shelves/gone${n}`, labels: ["custom/x"] }],
    grants: [{ principal: `u${n}`, resource: `/shelves/gone${n}`, access: "R", reach: "self" }],
    links: [],
  }),
  "developer-projects": (n) => ({ id: `project${n}`, name: `Project ${n}`, product: "desk", roles: ["clerk"], serviceAccount: `bot${n}` }),
};
export const NAMES = Object.keys(OBJECTS) as readonly CollectionName[];

export const objectOf = (name: CollectionName, n: number): Readonly<Record<string, unknown>> => OBJECTS[name](n);
export const putOf = (name: CollectionName, n: number): Change => put(COLLECTIONS[name].kind, objectOf(name, n));

/** The segments behind the collection's own, as they stand in a URL. */
export function segmentsOf(name: CollectionName, n: number): readonly string[] {
  const { key, under }: Collection = COLLECTIONS[name];
  const object = objectOf(name, n);
  const values = under === undefined ? key.map((member) => String(object[member])) : [String(object.path).slice(under.path.length)];
  return values.map(encodeURIComponent);
}

/** What all of them rest on. */
export const GROUND: readonly Change[] = [
  put("product", {
    id: "desk",
    boundedBy: "scopes",
    settings,
    types: { organization: { actions: {} }, shelves: { actions: { look: ["R"] } } },
  }),
  put("product", { id: "lab", boundedBy: "sandboxes", settings: {}, types: { sandboxes: { actions: {} } } }),
  put("permission-set", { product: "desk", id: "looking", name: "Look", pairs: [{ type: "shelves", actions: ["look"] }] }),
  put("role", { product: "desk", id: "clerk", name: "Clerk", sets: [{ set: "looking" }] }),
  put("principal", { id: "clerks", type: "group" }),
  put("label", { id: "custom/x" }),
  put("resource", { path: "/shelves/a" }),
  ...NUMBERS.flatMap((n) => [
    put("principal", { id: `u${n}`, type: "user" }),
    put("principal", { id: `bot${n}`, type: "service-account" }),
    put("resource", { path: `/shelves/l${n}` }),
    put("operation", operation(`ruled${n}`)),
  ]),
];
/** One of each. */
export const STANDING: readonly Change[] = NAMES.map((name) => putOf(name, 0));
