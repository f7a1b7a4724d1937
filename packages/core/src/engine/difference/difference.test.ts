import { describe, expect, it } from "vitest";
import type { Change, Product, Rec } from "../../model/index.ts";
import { apply, compiler, type Plan } from "../plan.ts";
import { difference, differences } from "./difference.ts";
import type { Difference } from "./possibility.ts";
import { differenceSummary } from "./summary.ts";

const ASSETS: Product = {
  id: "assets",
  boundedBy: "none",
  adminMayAll: true,
  settings: { ownersPublish: { title: "Owners publish", default: false } },
  types: {
    spaces: { owner: "subtree", actions: { view: ["R"], publish: ["RWX", { bits: "R", when: { ownersPublish: true } }] } },
    apis: { parents: ["spaces"], actions: { view: ["R"], edit: ["W"] } },
  },
};
const CLOUD: Product = {
  id: "cloud",
  boundedBy: "scopes",
  settings: {},
  types: { organization: { actions: { list: [] } }, programs: { open: true, actions: { deploy: [] } } },
};
const DEPLOY = "POST /programs/{programId}/deploy";
const put = <K extends Rec["kind"]>(kind: K, value: Extract<Rec, { kind: K }>["value"]): Rec => ({ kind, value }) as unknown as Rec;
const user = (id: string): Rec => put("principal", { id, type: "user", active: true });
const grant = (principal: string, resource: string): Rec => put("grant", { principal, resource, access: "R", reach: "subtree" });
const role = (scope?: readonly string[]): Rec =>
  put("role", {
    product: "cloud",
    id: "deployer",
    name: "Deployer",
    type: "user-defined",
    labels: ["core/secret"],
    sets: [{ set: "deploying", ...(scope === undefined ? {} : { scope }) }],
  });
const secrecy = (status: "active" | "inactive"): Rec =>
  put("policy", {
    id: "secrecy",
    name: "Secrecy",
    status,
    sandboxes: "all",
    rules: [
      {
        effect: "deny",
        resource: "/spaces/*",
        actions: ["view"],
        condition: { "!": { "adobe.match_all_labels_by_prefix": [{ var: "subject.roles.labels" }, "core/", { var: "resource.labels" }] } },
      },
    ],
  });
const RECORDS: readonly Rec[] = [
  put("product", ASSETS),
  put("product", CLOUD),
  user("ada"),
  user("bob"),
  put("principal", { id: "team", type: "group", active: true }),
  put("principal", { id: "staff", type: "group", active: true }),
  put("membership", { group: "team", member: "bob" }),
  put("resource", { path: "/spaces/a" }),
  put("resource", { path: "/spaces/a/apis/x" }),
  put("resource", { path: "/spaces/b", labels: ["core/secret"] }),
  put("permission-set", { product: "cloud", id: "deploying", name: "Deploying", pairs: [{ type: "programs", actions: ["deploy"] }] }),
  role(),
  put("operation", {
    product: "cloud",
    id: "deploy",
    method: "POST",
    path: "/programs/{programId}/deploy",
    names: ["deploy"],
    target: "/programs/{programId}",
    alternatives: [{ permission: "deploying" }],
  }),
];

function planOf(...more: readonly Rec[]): Plan {
  const compiled = compiler("acme");
  compiled.add([...RECORDS, ...more]);
  return compiled.finish();
}
const told = (before: Plan, ...changes: readonly Change[]): readonly Difference[] =>
  difference({ before, after: apply(before, changes) }, { max: 100 }, 0).entries;
const gone = (record: Rec, key: readonly string[]): Change => ({ delete: { kind: record.kind, key } });
/** Readable: `ada: + view /spaces/a, - …`. */
const lines = (entries: readonly Difference[]): readonly string[] =>
  entries.flatMap(({ principal, gains, loses }) =>
    [gains, loses].flatMap((side) =>
      side.map((one) => {
        const what = "action" in one ? `${one.action} ${one.resource}` : `${one.operation} within ${one.within}`;
        return `${principal.id} ${side === gains ? "+" : "-"} ${what}`;
      }),
    ),
  );

describe("the difference of a change", () => {
  const A = ["view /spaces/a", "view /spaces/a/apis", "view /spaces/a/apis/x"];

  it("names what a grant gives, and the same as lost when it is taken away", () => {
    const added = told(planOf(), { put: grant("ada", "/spaces/a") });
    expect(lines(added)).toEqual(A.map((one) => `ada + ${one}`));
    const taken = told(planOf(grant("ada", "/spaces/a")), gone(grant("ada", "/spaces/a"), ["ada", "/spaces/a", "subtree"]));
    expect(lines(taken)).toEqual(A.map((one) => `ada - ${one}`));
  });

  it("tells nothing of what is given twice, and of what no decision reads", () => {
    const held = planOf(grant("team", "/spaces/a"), grant("bob", "/spaces/a"));
    expect(told(held, gone(grant("bob", "/spaces/a"), ["bob", "/spaces/a", "subtree"]))).toEqual([]);
    expect(
      told(
        held,
        { put: put("label", { id: "core/new" }) },
        { put: put("principal", { id: "ada", type: "user", active: true, name: "Ada" }) },
      ),
    ).toEqual([]);
    expect(told(held)).toEqual([]);
  });

  it("reaches the members of a group that is put into another", () => {
    const added = told(planOf(grant("staff", "/spaces/a/apis/x")), { put: put("membership", { group: "staff", member: "team" }) });
    expect(lines(added)).toEqual(["bob + view /spaces/a/apis/x", "team + view /spaces/a/apis/x"]);
  });

  it("names an operation with the highest place within which it is so", () => {
    const assigned = told(planOf(), { put: put("assignment", { role: "deployer", principal: "ada" }) });
    expect(lines(assigned)).toEqual(["ada + deploy /programs", `ada + ${DEPLOY} within /`]);
    const narrowed = told(planOf(put("assignment", { role: "deployer", principal: "ada" }), put("resource", { path: "/programs/5" })), {
      put: role(["/programs/4"]),
    });
    // A program of which nobody has spoken yet is lost too; /programs/4 is registered nowhere, and stays.
    expect(lines(narrowed)).toEqual([
      "ada - deploy /programs",
      "ada - deploy /programs/5",
      `ada - ${DEPLOY} within /programs`,
      `ada - ${DEPLOY} within /programs/5`,
    ]);
  });

  it("takes the organization's own rule of an operation into account, with what it hangs on", () => {
    const held = planOf(put("assignment", { role: "deployer", principal: "ada" }));
    const when = { "===": [{ var: "attributes.kind" }, "a"] };
    const rule = put("operation-rule", { product: "cloud", operation: "deploy", alternatives: [{ permission: "deploying", when }] });
    const possibility = { product: "cloud", operation: DEPLOY, within: "/" };
    expect(told(held, { put: rule })).toEqual([
      { principal: { type: "user", id: "ada" }, gains: [], loses: [{ ...possibility, unless: [when] }] },
    ]);
    const others = put("operation-rule", { product: "cloud", operation: "deploy", alternatives: [{ anyRole: true, when }] });
    expect(told(planOf(), { put: others }, { put: put("assignment", { role: "deployer", principal: "bob" }) })).toMatchObject([
      { principal: { id: "bob" }, gains: [{ action: "deploy" }, { ...possibility, when: [when] }], loses: [] },
    ]);
  });

  it("tells who is kept out by a policy that is activated, and by a label that is put", () => {
    const grants = [grant("ada", "/spaces/a"), grant("ada", "/spaces/b"), grant("bob", "/spaces/b")];
    expect(lines(told(planOf(...grants, secrecy("inactive")), { put: secrecy("active") }))).toEqual([
      "ada - view /spaces/b",
      "admins - view /spaces/b",
      "bob - view /spaces/b",
    ]);
    const labelled = put("resource", { path: "/spaces/a", labels: ["core/secret"] });
    expect(lines(told(planOf(...grants, secrecy("active")), { put: labelled }))).toEqual([
      "ada - view /spaces/a",
      "admins - view /spaces/a",
    ]);
    expect(lines(told(planOf(...grants, secrecy("inactive")), { put: labelled }))).toEqual([]);
  });

  it("tells what an administrator loses, and what a setting opens", () => {
    const admin = put("membership", { group: "admins", member: "ada" });
    const lost = told(planOf(admin), gone(admin, ["admins", "ada"]));
    expect(lost.map(({ principal, loses }) => [principal.id, loses.length])).toEqual([["ada", 12]]);
    const opened = told(planOf(grant("bob", "/spaces/b")), {
      put: put("setting", { product: "assets", name: "ownersPublish", value: true }),
    });
    expect(lines(opened)).toEqual(["bob + publish /spaces/b"]);
  });

  it("tells what comes and goes with a resource and its owner, and with a principal", () => {
    const fresh = put("resource", { path: "/spaces/c", owner: "ada" });
    const gained = lines(told(planOf(), { put: fresh }));
    expect(gained.filter((line) => line.startsWith("ada "))).toEqual([
      "ada + publish /spaces/c",
      "ada + view /spaces/c",
      "ada + edit /spaces/c/apis",
      "ada + view /spaces/c/apis",
    ]);
    expect(gained.length, "administrators may all").toBe(8);
    const inactive = put("principal", { id: "ada", type: "user", active: false });
    expect(lines(told(planOf(grant("ada", "/spaces/a/apis/x")), { put: inactive }))).toEqual(["ada - view /spaces/a/apis/x"]);
  });
});

describe("differences", () => {
  const changes: readonly Change[] = [{ put: grant("members", "/spaces/a/apis/x") }];

  it("come in pages by principal, or of one principal alone", () => {
    const before = planOf();
    const plans = { before, after: apply(before, changes) };
    const names = (entries: readonly Difference[]) => entries.map(({ principal }) => principal.id);
    const first = difference(plans, { max: 2 }, 0);
    expect([names(first.entries), first.next]).toEqual([["ada", "bob"], "bob"]);
    const rest = difference(plans, { max: 9, after: "bob" }, 0);
    expect([names(rest.entries), rest.next]).toEqual([["members", "staff", "team"], undefined]);
    expect(names(difference(plans, { max: 9, principal: "bob" }, 0).entries)).toEqual(["bob"]);
  });

  it("are counted by what they are", () => {
    const before = planOf();
    const after = apply(before, [...changes, { put: put("assignment", { role: "deployer", principal: "ada" }) }]);
    expect(differenceSummary({ before, after }, {}, 0)).toEqual({
      principalsThatGain: 5,
      principalsThatLose: 0,
      gains: 7,
      losses: 0,
      byAction: [
        { action: "deploy", gains: 1, losses: 0 },
        { action: "view", gains: 5, losses: 0 },
      ],
      byOperation: [{ product: "cloud", operation: DEPLOY, gains: 1, losses: 0 }],
    });
  });

  it("can be gone through step by step while the plans before and after are asked and changed", () => {
    const before = planOf();
    const after = apply(before, changes);
    const found: string[] = [];
    let steps = 0;
    for (const entry of differences({ before, after }, {}, 0)) {
      steps++;
      if (entry !== undefined) found.push(entry.principal.id);
      apply(steps % 2 === 0 ? before : after, [gone(RECORDS[8] as Rec, ["/spaces/a/apis/x"])]);
    }
    expect(found).toEqual(["ada", "bob", "members", "staff", "team"]);
    expect(steps).toBeGreaterThan(12);
  });
});
