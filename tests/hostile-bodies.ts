/**
 * Bodies that nobody meant: good ones in which something, anywhere, was replaced, taken out or added.
 */
import fc from "fast-check";
import { NAMES, objectOf } from "./every-object.ts";
import { BASE, type Change, put, remove } from "./organization.ts";

const subject = { type: "user", id: "ann" };
export const CHECK = {
  subject,
  action: { name: "read", properties: {} },
  resource: { path: "/folders/a", properties: { labels: [] } },
  context: { now: 1 },
};
const operation = {
  subject,
  product: "files",
  method: "GET",
  target: "/a/b?c",
  attributes: { a: 1 },
  targets: { x: null, y: "/folders/a" },
  headers: { h: "1" },
};
const { headers: _, subject: __, ...listed } = operation;
const condition = { and: [{ "===": [{ var: "subject.id" }, "ann"] }, { in: ["a", { var: ["context.x", []] }] }] };
const policy = put("policy", {
  id: "p",
  name: "P",
  status: "active",
  sandboxes: "all",
  rules: [{ effect: "deny", resource: "/folders/*", actions: ["read"], condition }],
});
const writing = (...changes: readonly Change[]) => ({ reason: "why", changes });
/** Every body that a POST takes, by the path behind the organization's; most with `BASE`, objects with the ground of `every-object.ts`. */
export const GOOD: readonly (readonly [path: string, body: object])[] = [
  ["/check", CHECK],
  ["/check/batch", { evaluations: [CHECK, operation, {}], subject, context: {} }],
  ["/operations/check", operation],
  ["/explain", CHECK],
  ["/explain", operation],
  ["/list/resources", { subject, action: CHECK.action, type: "folders", product: "files", below: "/", context: {}, limit: 1 }],
  ["/list/principals", { type: "user", action: CHECK.action, resource: CHECK.resource, limit: 2 }],
  ["/list/principals", { type: "group", operation: listed }],
  ["/list/actions", { subject, resource: CHECK.resource, context: { a: 1 } }],
  ["/list/roles", { product: "files", type: "folders", action: "read", label: "custom/x", sandbox: "prod" }],
  ["/held", { subject, place: "/", product: "files" }],
  ["/effective", { subject, below: "/folders/a", context: {}, limit: 3 }],
  [
    "/preview",
    {
      changes: [put("grant", { principal: "ann", resource: "/folders/b", access: "RW", reach: "self" }), policy],
      catalogue: false,
      limit: 1,
    },
  ],
  [
    "/preview",
    { changes: [remove("grant", { principal: "ann", resource: "/folders/b", reach: "self" }), remove("label", { id: "custom/x" })] },
  ],
  ["/tokens", { principal: "ann", ceiling: "read", clientId: "ci", name: "CI", expires: 4_000_000_000_000 }],
  ...NAMES.flatMap((name) => [1, 2].map((n) => [`/${name}`, objectOf(name, n)] as const)),
  ["/changes", writing(policy, ...BASE)],
  [
    "/changes",
    writing(put("grant", { principal: "ann", resource: "/folders/a", access: "RW", reach: "subtree", notBefore: 1, notAfter: 2 })),
  ],
  [
    "/changes",
    writing(put("resource", { path: "/folders/a/notes/1", owner: "bob", labels: ["custom/x"], properties: { a: [{ b: null }] } })),
  ],
  ["/changes", writing(put("membership", { group: "team", member: "ann" }), put("assignment", { role: "reader", principal: "team" }))],
  [
    "/changes",
    writing(remove("grant", { principal: "ann", resource: "/folders/a", reach: "subtree" }), remove("principal", { id: "bob" })),
  ],
  [
    "/changes",
    writing(
      put("operation", {
        product: "files",
        id: "op",
        method: "GET",
        path: "/f/{id}",
        names: ["op"],
        target: "/folders/{id}",
        alternatives: [{ permission: "reading" }],
      }),
    ),
  ],
];

const ODD = [
  ...[null, true, false, 0, -1, 1.5, 2 ** 53, 1e308, "", " ", "a", "ann", "/", "//", "/folders/a", "/folders/%2A", "*", "..", "R", "all"],
  ...[
    "__proto__",
    "constructor",
    "toString",
    "\ud800",
    "\u0000",
    "\u202e",
    "\ud83d\ude00",
    "x".repeat(300),
    [],
    {},
    [[]],
    [null],
    { var: "" },
    { "": 0 },
  ],
];
const odd = fc.oneof(fc.constantFrom<unknown>(...ODD), fc.jsonValue({ maxDepth: 3 }));

/** Replaces, takes out or adds something at a place that the numbers choose. */
function mutate(value: unknown, places: readonly number[], with_: unknown): unknown {
  const [at = 0, ...rest] = places;
  if (typeof value !== "object" || value === null || rest.length === 0) return with_;
  const entries = Array.isArray(value) ? value.map((item, index) => [String(index), item] as const) : Object.entries(value);
  const what = at % (entries.length + 2);
  const changed = new Map<string, unknown>(entries);
  const chosen = entries[what];
  if (chosen !== undefined) changed.set(chosen[0], mutate(chosen[1], rest, with_));
  else if (what === entries.length) changed.set(typeof with_ === "string" ? with_ : "more", with_);
  else changed.delete(entries[(rest[0] ?? 0) % Math.max(1, entries.length)]?.[0] ?? "");
  return Array.isArray(value) ? [...changed.values()] : textOfObject(changed);
}
/** An object with exactly these own members, whatever their names: `__proto__` is one like any other. */
function textOfObject(members: ReadonlyMap<string, unknown>): object {
  const object = {};
  for (const [name, value] of members) Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  return object;
}

type Hostile = { readonly path: string; readonly body: unknown };

/** So many bodies, the same ones for a seed, for those of `GOOD` that `isMeant`. */
export function hostileBodies(seed: number, count: number, isMeant: (path: string) => boolean = () => true): readonly Hostile[] {
  const requests = fc.record({
    route: fc.constantFrom(...GOOD.filter(([path]) => isMeant(path))),
    mutations: fc.array(fc.tuple(fc.array(fc.nat(40), { minLength: 1, maxLength: 7 }), odd), { maxLength: 3 }),
  });
  return fc.sample(requests, { seed, numRuns: count }).map(({ route: [path, good], mutations }) => {
    return { path, body: mutations.reduce<unknown>((value, [places, with_]) => mutate(value, places, with_), good) ?? null };
  });
}
