import { apply, type Change, compiler, type Nouns, type Plan } from "@reeve/core";
import { describe, expect, it } from "vitest";
import { isOfPermission } from "./platform-authority.ts";

const put = <K extends keyof Nouns>(kind: K, value: object): Change => ({ put: { kind, value } }) as unknown as Change;
const actions = { read: [], write: [], delete: [] };
const set = (id: string, type: string, more: object = {}): Change =>
  put("permission-set", { product: "p", id, name: id, pairs: [{ type, actions: Object.keys(actions) }], ...more });
const role = (id: string, sandboxes: readonly string[]): Change =>
  put("role", { product: "p", id, name: id, type: "user-defined", sandboxes, sets: [{ set: id.split("-")[0] }] });
const BASE: readonly Change[] = [
  put("product", {
    id: "p",
    boundedBy: "sandboxes",
    settings: {},
    types: { sandboxes: { actions }, "dule-label": { parents: ["sandboxes"], open: true, actions } },
  }),
  set("labels", "dule-label"),
  set("sandboxes", "sandboxes", { organizationLevel: true }),
  put("resource", { path: "/sandboxes/prod" }),
  put("resource", { path: "/sandboxes/dev", name: "Dev" }),
  role("labels-prod", ["prod"]),
  role("labels-dev", ["dev"]),
  role("sandboxes", []),
  ...["labels-prod", "labels-dev", "sandboxes"].flatMap((id) => [
    put("principal", { id, type: "user", active: true }),
    put("assignment", { role: id, principal: id }),
  ]),
];
const plan: Plan = apply(compiler("o").finish(), BASE);
const who = (change: Change): readonly string[] =>
  ["labels-prod", "labels-dev", "sandboxes"].filter((id) => isOfPermission({ plan, bearer: { type: "user", id }, nowMs: 0 }, change));
const sandbox = (name: string, more: object = {}): Change => put("resource", { path: `/sandboxes/${name}`, ...more });

describe("a permission of the platform", () => {
  it("on usage labels in prod writes custom labels, and deletes none", () => {
    expect(who(put("label", { id: "custom/a" }))).toEqual(["labels-prod"]);
    for (const id of ["core/C1", "a"]) expect(who(put("label", { id }))).toEqual([]);
    expect(who({ delete: { kind: "label", key: ["custom/a"] } })).toEqual([]);
  });

  it("on sandboxes makes, names and deletes them", () => {
    for (const change of [sandbox("new", { name: "New", properties: { type: "development" } }), sandbox("dev", { name: "Other" })])
      expect(who(change)).toEqual(["sandboxes"]);
    expect(who({ delete: { kind: "resource", key: ["/sandboxes/dev"] } })).toEqual(["sandboxes"]);
  });

  it.each([
    ["labels", sandbox("dev", { name: "Dev", labels: ["custom/a"] })],
    ["an owner", sandbox("new", { owner: "sandboxes" })],
    ["a state", sandbox("dev", { name: "Dev", state: "open" })],
    ["what is below", put("resource", { path: "/sandboxes/dev/dule-label/a" })],
    ["a role", role("sandboxes", ["prod"])],
  ])("gives no sandbox %s", (_, change) => expect(who(change)).toEqual([]));
});
