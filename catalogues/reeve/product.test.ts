/** The catalogue of Reeve's own administration: it parses, and its roles open what they say. */
import { readFileSync } from "node:fs";
import { admit, compiler, decide, parseProductDocument } from "@reeve/core";
import { describe, expect, it } from "vitest";

const file = JSON.parse(readFileSync(new URL("product.json", import.meta.url), "utf8"));
const parsed = parseProductDocument(file);
if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
const people = ["point", "auditor", "administrator", "admin", "nobody"];
const admitted = admit(
  compiler("o").finish(),
  [
    ...parsed.value.map((put) => ({ put })),
    ...people.map((id) => ({ put: { kind: "principal" as const, value: { id, type: "user" as const, active: true } } })),
    { put: { kind: "assignment", value: { role: "reeve-decision-point", principal: "point" } } },
    { put: { kind: "assignment", value: { role: "reeve-auditor", principal: "auditor" } } },
    { put: { kind: "assignment", value: { role: "reeve-administrator", principal: "administrator" } } },
    { put: { kind: "membership", value: { group: "admins", member: "admin" } } },
  ],
  { catalogue: true, own: true },
);
if (!admitted.ok) throw new Error(JSON.stringify(admitted.error));
const { plan } = admitted.value;

describe("the product reeve", () => {
  it.each([
    ["point", ["ask-reeve"]],
    ["auditor", ["ask-reeve", "read-reeve"]],
    ["administrator", ["ask-reeve", "read-reeve", "administer-reeve"]],
    ["admin", ["ask-reeve", "read-reeve", "administer-reeve"]],
    ["nobody", []],
  ])("opens %s exactly %j", (id, actions) => {
    const may = Object.keys(file.types.organization.actions).filter(
      (name) => decide(plan, { principal: { type: "user", id }, action: { name }, resource: { path: "/" } }, 0).allow,
    );
    expect(may).toEqual(actions);
  });
});
