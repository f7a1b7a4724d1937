/** The catalogue of Reeve's own administration: it parses, and its roles open what they say. */
import { readFileSync } from "node:fs";
import { admit, compiler, decide, parseProductDocument } from "@reeve/core";
import { describe, expect, it } from "vitest";

const file = JSON.parse(readFileSync(new URL("product.json", import.meta.url), "utf8"));
const parsed = parseProductDocument(file);
if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
const people = ["point", "auditor", "administrator", "admin", "keeper", "developer", "nobody"];
const admitted = admit(
  compiler("o").finish(),
  [
    ...parsed.value.map((put) => ({ put })),
    ...people.map((id) => ({ put: { kind: "principal" as const, value: { id, type: "user" as const, active: true } } })),
    { put: { kind: "assignment", value: { role: "reeve-decision-point", principal: "point" } } },
    { put: { kind: "assignment", value: { role: "reeve-auditor", principal: "auditor" } } },
    { put: { kind: "assignment", value: { role: "reeve-administrator", principal: "administrator" } } },
    { put: { kind: "membership", value: { group: "admins", member: "admin" } } },
    { put: { kind: "product-administrator", value: { product: "reeve", principal: "keeper" } } },
    { put: { kind: "developer-access", value: { role: "reeve-auditor", principal: "developer" } } },
  ],
  { catalogue: true, own: true },
);
if (!admitted.ok) throw new Error(JSON.stringify(admitted.error));
const { plan } = admitted.value;

describe("the product reeve", () => {
  it.each([
    ["administrator", true, true],
    ["admin", true, true],
    ["keeper", true, false],
    ["developer", false, true],
    ["auditor", false, false],
    ["nobody", false, false],
  ])("lets %s administer a product: %s, offer a role: %s", (id, administers, offers) => {
    const may = (name: string, path: string): boolean =>
      decide(plan, { principal: { type: "user", id }, action: { name }, resource: { path } }, 0).allow;
    expect([may("administer-product", "/reeve-products/reeve"), may("offer-role", "/reeve-roles/reeve-auditor")]).toEqual([
      administers,
      offers,
    ]);
    const isOfAll = ["administrator", "admin"].includes(id);
    expect(may("administer-product", "/reeve-products/other")).toBe(isOfAll);
    expect(may("offer-role", "/reeve-roles/reeve-administrator")).toBe(isOfAll);
  });

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
