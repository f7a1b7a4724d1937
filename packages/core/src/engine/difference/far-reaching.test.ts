import { describe, expect, it } from "vitest";
import type { Change, Product, Rec } from "../../model/index.ts";
import { apply, compiler } from "../plan.ts";
import { difference } from "./difference.ts";
import type { Possibility } from "./possibility.ts";

const DESK: Product = {
  id: "desk",
  boundedBy: "none",
  settings: {},
  types: {
    organization: { actions: { list: [] } },
    spaces: { actions: { view: ["R"] } },
    apis: { parents: ["spaces"], uniqueIds: true, open: true, actions: { view: ["R"], call: ["X"] } },
    notes: { parents: ["apis"], open: true, actions: { view: ["R"] } },
    classes: { actions: {} },
    reports: { actions: { view: ["R"] } },
  },
  labelInheritance: { parents: [], links: [{ kind: "uses", from: "reports", to: "classes" }] },
};
const put = <K extends Rec["kind"]>(kind: K, value: Extract<Rec, { kind: K }>["value"]): Rec => ({ kind, value }) as unknown as Rec;
const grant = (resource: string): Rec => put("grant", { principal: "ada", resource, access: "RX", reach: "subtree" });
const RECORDS: readonly Rec[] = [
  put("organization", { name: "Acme", tenantIds: ["acme"] }),
  put("product", DESK),
  put("principal", { id: "ada", type: "user", active: true }),
  put("role", { product: "desk", id: "clerk", name: "Clerk", type: "system-defined", builtIn: true, sets: [] }),
  put("resource", { path: "/spaces/a" }),
  put("resource", { path: "/spaces/b" }),
];
function told(more: readonly Rec[], ...changes: readonly Change[]): { gains: readonly Possibility[]; loses: readonly Possibility[] } {
  const compiled = compiler("acme");
  compiled.add([...RECORDS, ...more]);
  const before = compiled.finish();
  const { entries } = difference({ before, after: apply(before, changes) }, { max: 9, principal: "ada" }, 0);
  const { gains = [], loses = [] } = entries[0] ?? {};
  return { gains, loses };
}
const row = (path: string, target: string, more: object): Rec =>
  put("operation", { product: "desk", id: "read", method: "GET", path, names: ["read"], target, ...more });

describe("the difference of a change elsewhere", () => {
  it("tells what an id closes under other parents when it is registered under one", () => {
    const note = put("resource", { path: "/spaces/b/apis/x/notes/1" });
    const { gains, loses } = told([grant("/spaces/b"), note], { put: put("resource", { path: "/spaces/a/apis/x" }) });
    expect({ gains, loses }).toEqual({ gains: [], loses: [{ resource: "/spaces/b/apis/x/notes/1", action: "view" }] });
  });

  it("follows a label along a link", () => {
    const secrecy = put("policy", {
      id: "secrecy",
      name: "Secrecy",
      status: "active",
      sandboxes: "all",
      rules: [
        { effect: "deny", resource: "/reports/*", actions: ["view"], condition: { in: ["core/secret", { var: "resource.labels" }] } },
      ],
    });
    const linked = [
      put("resource", { path: "/reports/r" }),
      put("resource", { path: "/classes/c" }),
      put("link", { from: "/reports/r", linkKind: "uses", to: "/classes/c" }),
    ];
    const { loses } = told([secrecy, ...linked, grant("/reports/r")], {
      put: put("resource", { path: "/classes/c", labels: ["core/secret"] }),
    });
    expect(loses).toEqual([{ resource: "/reports/r", action: "view" }]);
  });

  it("tells of an operation that is met below the base path of a version, which a grant opens", () => {
    const version = put("resource", { path: "/spaces/a/apis/x", basePath: "/acme" });
    const items = row("/{tenant}/items", "/", { organizationParameter: "tenant", alternatives: [] });
    const { gains } = told([version, items], { put: grant("/spaces/a/apis/x") });
    expect(gains).toContainEqual({ product: "desk", operation: "GET /{tenant}/items", within: "/" });
  });

  it("tells of an operation whose condition reads the resource", () => {
    const when = { "===": [{ var: "resource.state" }, "live"] };
    const read = row("/spaces/{id}", "/spaces/{id}", { alternatives: [{ roles: ["clerk"], when }] });
    const { gains } = told([read, put("assignment", { role: "clerk", principal: "ada" })], {
      put: put("resource", { path: "/spaces/a", state: "live" }),
    });
    expect(gains).toEqual([{ product: "desk", operation: "GET /spaces/{id}", within: "/spaces/a" }]);
  });

  it("tells of an operation on an id that is registered under another parent now, there and nowhere else", () => {
    const read = row("/spaces/{space}/apis/{api}", "/spaces/{space}/apis/{api}", { alternatives: [{ roles: ["clerk"] }] });
    const note = put("resource", { path: "/spaces/b/apis/x/notes/1" });
    const { gains, loses } = told([read, note, put("assignment", { role: "clerk", principal: "ada" })], {
      put: put("resource", { path: "/spaces/a/apis/x" }),
    });
    const operation = { product: "desk", operation: "GET /spaces/{space}/apis/{api}" };
    expect({ gains, loses }).toEqual({ gains: [], loses: [{ ...operation, within: "/spaces/b/apis/x" }] });
  });

  it("tells of an operation whose calls another one takes by its template", () => {
    const read = row("/spaces/{id}", "/spaces/{id}", { alternatives: [{ roles: ["clerk"] }] });
    const taking = row("/spaces/a", "/", { id: "take", names: ["take"], alternatives: [] });
    const assigned = put("assignment", { role: "clerk", principal: "ada" });
    const lost = { product: "desk", operation: "GET /spaces/{id}", within: "/spaces/a" };
    expect(told([read, assigned], { put: taking })).toEqual({ gains: [], loses: [lost] });
    expect(told([read, assigned, taking], { delete: { kind: "operation", key: ["desk", "take"] } })).toEqual({ gains: [lost], loses: [] });
    const moved = put("operation", { ...(taking.value as object), path: "/reports/a" } as never);
    expect(told([read, assigned, taking], { put: moved })).toEqual({ gains: [lost], loses: [] });
  });
});
