/** Principals that are alike, places of one kind, and what own grants and groups add: asked once for many, and right for each. */
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Change, Product, Rec } from "../../model/index.ts";
import { decide } from "../decide/decide.ts";
import { apply, compiler, type Plan } from "../plan.ts";
import { differences } from "./difference.ts";
import { Ground } from "./ground.ts";
import { differenceSummary } from "./summary.ts";

const ASSETS: Product = {
  id: "assets",
  boundedBy: "none",
  adminMayAll: true,
  settings: {},
  types: {
    spaces: { owner: "subtree", actions: { view: ["R"], edit: ["RW"], count: [] } },
    apis: { parents: ["spaces"], owner: "self", actions: { view: ["R"], call: ["X"] } },
  },
};
const put = <K extends Rec["kind"]>(kind: K, value: Extract<Rec, { kind: K }>["value"]): Rec => ({ kind, value }) as unknown as Rec;
const [USERS, SPACES, APIS] = [40, 4, 8];
const named = (count: number, letter: string): readonly string[] => Array.from({ length: count }, (_, i) => `${letter}${i}`);

/** Numbers that look thrown, from a seed. */
function thrower(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function worldOf(throwing: (below: number) => number): { readonly records: readonly Rec[]; readonly places: readonly string[] } {
  const spaces = named(SPACES, "s").map((id) => `/spaces/${id}`);
  const apis = spaces.flatMap((space) => named(APIS, "a").map((id) => `${space}/apis/${id}`));
  const places = [...spaces, ...apis];
  const place = (): string => places[throwing(places.length)] as string;
  const access = (): "R" | "RW" | "RX" => (["R", "RW", "RX"] as const)[throwing(3)] as "R";
  const grant = (principal: string): Rec =>
    put("grant", {
      principal,
      resource: place(),
      access: access(),
      reach: (["self", "subtree", "children"] as const)[throwing(3)] as "self",
    });
  const users = named(USERS, "u").flatMap((id, i) => [
    put("principal", { id, type: "user", active: true, properties: { department: `d${i % 3}` } }),
    put("membership", { group: `g${i % 3}`, member: id }),
    ...(i % 4 === 0 ? [grant(id)] : []),
  ]);
  const records = [
    put("product", ASSETS),
    ...named(4, "g").map((id) => put("principal", { id, type: "group", active: true })),
    ...users,
    ...spaces.map((path, i) => put("resource", { path, ...(i === 0 ? { owner: "u5" } : {}) })),
    ...apis.map((path, i) =>
      put("resource", {
        path,
        state: i % 3 === 0 ? "live" : "new",
        properties: { tier: i % 2 },
        ...(i % 5 === 0 ? { owner: `u${i}` } : {}),
      }),
    ),
    ...named(3, "g").flatMap((id) => [grant(id), grant(id)]),
    grant("members"),
    put("permission-set", { product: "assets", id: "counting", name: "Counting", pairs: [{ type: "spaces", actions: ["count"] }] }),
    put("role", { product: "assets", id: "clerk", name: "Clerk", type: "user-defined", sets: [{ set: "counting" }] }),
    put("assignment", { role: "clerk", principal: "g1" }),
  ];
  return { records, places };
}

const deny = (resource: string, condition?: object): Change => ({
  put: put("policy", {
    id: "new",
    name: "New",
    status: "active",
    sandboxes: "all",
    rules: [{ effect: "deny", resource, actions: ["view", "call", "count"], ...(condition === undefined ? {} : { condition }) }] as never,
  }),
});
const is = (name: string, value: string): object => ({ "===": [{ var: name }, value] });
const CHANGES: Readonly<Record<string, readonly Change[]>> = {
  "a deny of a type": [deny("/spaces/*/apis/*")],
  "a deny of one": [deny("/spaces/s1/apis/a2")],
  "a deny by a property of the subject": [deny("/spaces/*", is("subject.properties.department", "d1"))],
  "a deny by the subject's id": [deny("/spaces/*", is("subject.id", "u4"))],
  "a deny by the subject's groups": [deny("/spaces/*", { in: ["g2", { var: "subject.groups" }] })],
  "a deny by state": [deny("/spaces/*/apis/*", is("resource.state", "live"))],
  "a deny by owner": [deny("/spaces/*/apis/*", { "==": [{ var: "resource.owner" }, "u5"] })],
  "a deny by a property of the resource": [deny("/spaces/*/apis/*", { "===": [{ var: "resource.properties.tier" }, 1] })],
  "a deny by the resource's id": [deny("/spaces/*/apis/*", is("resource.id", "a3"))],
  "a deny by both ids": [deny("/spaces/*/apis/*", { "!==": [{ var: "resource.owner" }, { var: "subject.id" }] })],
  "a grant to everybody": [{ put: put("grant", { principal: "members", resource: "/", access: "RX", reach: "subtree" }) }],
  "a grant to a group": [{ put: put("grant", { principal: "g2", resource: "/spaces/s3", access: "RW", reach: "children" }) }],
  "a group in another": [{ put: put("membership", { group: "g0", member: "g2" }) }],
  administrators: [{ put: put("membership", { group: "admins", member: "g1" }) }],
  "a resource that goes": [
    { delete: { kind: "resource", key: ["/spaces/s1/apis/a1"] } },
    { put: put("resource", { path: "/spaces/new", owner: "u9" }) },
  ],
};

type Line = `${string} ${"+" | "-"} ${string} ${string}`;
function naive({ before, after }: { readonly before: Plan; readonly after: Plan }, places: readonly string[]): readonly Line[] {
  const principals = [...named(USERS, "u").map((id) => ({ type: "user" as const, id }))];
  for (const id of [...named(4, "g"), "members", "admins"]) principals.push({ type: "group" as never, id });
  const asked = [...places, "/spaces/new", "/spaces", ...[...named(SPACES, "s"), "new"].map((id) => `/spaces/${id}/apis`)];
  const allowed = (plan: Plan): ReadonlySet<string> => {
    const found = new Set<string>();
    for (const principal of principals)
      for (const path of asked)
        for (const name of ["view", "edit", "count", "call"])
          if (decide(plan, { principal, action: { name }, resource: { path } }, 0).allow) found.add(`${principal.id}|${name} ${path}`);
    return found;
  };
  const [was, is] = [allowed(before), allowed(after)];
  const line = (one: string, sign: "+" | "-"): Line => one.replace("|", ` ${sign} `) as Line;
  return [
    ...[...is].filter((one) => !was.has(one)).map((one) => line(one, "+")),
    ...[...was].filter((one) => !is.has(one)).map((one) => line(one, "-")),
  ].sort();
}

afterEach(() => vi.restoreAllMocks());

describe("principals and places that are alike", () => {
  it.each(Object.entries(CHANGES))("are told apart wherever a check tells them apart: %s", (_, changes) => {
    for (let seed = 1; seed <= 6; seed++) {
      const { records, places } = worldOf(thrower(seed));
      const compiled = compiler("acme");
      compiled.add(records);
      const before = compiled.finish();
      const plans = { before, after: apply(before, changes) };
      const expected = naive(plans, places);
      const found = [...differences(plans, {}, 0)].flatMap((one) => [
        ...(one?.gains.map((gain) => `${one.principal.id} + ${"action" in gain ? `${gain.action} ${gain.resource}` : ""}`) ?? []),
        ...(one?.loses.map((lost) => `${one.principal.id} - ${"action" in lost ? `${lost.action} ${lost.resource}` : ""}`) ?? []),
      ]);
      expect(found.sort(), `seed ${seed}`).toEqual(expected);
      const { gains, losses } = differenceSummary(plans, {}, 0);
      expect(gains + losses).toBe(expected.length);
    }
  });

  it("are asked once: for each set of roles, not for each principal, and groups add to it", () => {
    const { records } = worldOf(thrower(1));
    const compiled = compiler("acme");
    compiled.add(records);
    const before = compiled.finish();
    const plans = { before, after: apply(before, CHANGES["a deny of a type"] as readonly Change[]) };
    const [all, ofGroups, own] = [
      vi.spyOn(Ground.prototype, "collect"),
      vi.spyOn(Ground.prototype, "collectOfGroups"),
      vi.spyOn(Ground.prototype, "collectOwn"),
    ];
    differenceSummary(plans, {}, 0);
    // On each side: six groups as themselves, and users with the role and without.
    expect(all).toHaveBeenCalledTimes(2 * (6 + 2));
    expect(ofGroups).toHaveBeenCalledTimes(2 * 3);
    expect(own.mock.calls.length).toBeGreaterThan(0);
    expect(own.mock.calls.length).toBeLessThan(USERS);
  });
});
