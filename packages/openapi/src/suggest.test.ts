import { readFileSync } from "node:fs";
import { type Operation, parseProductDocument, type Rec } from "@reeve/core";
import { describe, expect, it } from "vitest";
import { type Suggestion, suggest } from "./suggest.ts";
import { sameAlternatives } from "./suggest-rule.ts";

const read = (document: unknown): readonly Rec[] => {
  const result = parseProductDocument(document);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};
const operationsIn = (records: readonly Rec[]): readonly Operation[] =>
  records.flatMap((rec) => (rec.kind === "operation" ? [rec.value] : []));
/** An operation as a document without rules has it. */
const bare = ({ product, id, method, path, names, tag, summary }: Operation): Operation => ({
  product,
  id,
  method,
  path,
  names,
  target: "/",
  ...(tag === undefined ? {} : { tag }),
  ...(summary === undefined ? {} : { summary }),
});
const isRead = ({ method }: Operation) => method === "GET" || method === "HEAD";
/** The suggestion is what is published; a row without a rule is published as the read default if it reads, and as closed if not. */
const equals = (published: Operation, said: Suggestion): boolean =>
  published.alternatives === undefined ? said.kind === "read-default" : sameAlternatives(published.alternatives, said.alternatives);

describe("suggestions for Cloud Manager, its rules removed", () => {
  const shipped = read(JSON.parse(readFileSync(new URL("../../../catalogues/cloud-manager/product.json", import.meta.url), "utf8")));
  const published = new Map(operationsIn(shipped).map((operation) => [operation.id, operation]));
  const others = shipped.filter(({ kind }) => kind !== "operation");
  const said = suggest(operationsIn(shipped).map(bare), others);
  const right = said.filter((one) => equals(published.get(one.operation) as Operation, one));

  it("equal the published row in at least 60 % of the cases, and in 60 % of all rows", () => {
    expect(right.length / said.length).toBeGreaterThanOrEqual(0.6);
    expect(right.length / published.size).toBeGreaterThanOrEqual(0.6);
    expect({ said: said.length, right: right.length }).toEqual({ said: 86, right: 74 });
  });

  it("give no operation that changes something more than its row, nor any to a row that is closed", () => {
    const changing = said.filter((one) => !isRead(published.get(one.operation) as Operation));
    expect(changing.length).toBeGreaterThanOrEqual(30);
    expect(changing.filter((one) => !equals(published.get(one.operation) as Operation, one))).toEqual([]);
  });

  it("aim at the target of the row where they are right", () => {
    expect(right.filter((one) => one.target !== published.get(one.operation)?.target)).toEqual([]);
  });

  it("with all other rows mapped are no worse, and give no change more than its row either", () => {
    const all = operationsIn(shipped).flatMap((operation) => {
      const neighbours = shipped.filter((rec) => rec.kind !== "operation" || rec.value.id !== operation.id);
      return suggest([bare(operation)], neighbours);
    });
    expect(all.filter((one) => equals(published.get(one.operation) as Operation, one)).length).toBeGreaterThan(right.length);
    expect(
      all.filter((one) => !isRead(published.get(one.operation) as Operation) && !equals(published.get(one.operation) as Operation, one)),
    ).toEqual([]);
  });

  it("say why, in words", () => {
    expect(said.every(({ reason }) => reason.length > 20)).toBe(true);
    expect(said.find(({ operation }) => operation === "R45")).toMatchObject({
      confidence: "high",
      reason: expect.stringContaining('"Pipeline Delete"'),
    });
  });
});

/** A clinic: names in other forms (verb first, verb after a colon), other words, other traps. */
const clinic = read({
  id: "clinic",
  boundedBy: "scopes",
  settings: {},
  types: {
    organization: { actions: { "register-patient": [] } },
    patients: { open: true, actions: { view: [], update: [], "manage-allergies": [] } },
    visits: { parents: ["patients"], open: true, actions: { create: [], cancel: [], discharge: [] } },
  },
  permissionSets: [
    {
      id: "patients:register",
      name: "Register patients",
      organizationLevel: true,
      pairs: [{ type: "organization", actions: ["register-patient"] }],
    },
    { id: "patients:view", name: "View patients", pairs: [{ type: "patients", actions: ["view"] }] },
    { id: "patients:update", name: "Update patients", pairs: [{ type: "patients", actions: ["update"] }] },
    { id: "allergies:manage", name: "Manage allergies", pairs: [{ type: "patients", actions: ["manage-allergies"] }] },
    { id: "visits:create", name: "Create visits", pairs: [{ type: "visits", actions: ["create"] }] },
    { id: "visits:cancel", name: "Cancel visits", pairs: [{ type: "visits", actions: ["cancel"] }] },
    { id: "visits:discharge", name: "Discharge visits", pairs: [{ type: "visits", actions: ["discharge"] }] },
  ],
  roles: [
    { id: "doctor", name: "Doctor", sets: [{ set: "patients:view" }, { set: "visits:discharge" }, { set: "allergies:manage" }] },
    {
      id: "desk",
      name: "Desk",
      sets: [{ set: "patients:view" }, { set: "patients:register" }, { set: "visits:create", scope: ["/patients/1"] }],
    },
  ],
  policies: [],
  operations: [],
});
const call = (request: string, names: readonly string[] = []): Operation => {
  const [method = "", path = ""] = request.split(" ");
  return { product: "clinic", id: request.replaceAll(/[^A-Za-z0-9]+/g, "-"), method, path, names, target: "/" };
};
const suggested = (request: string, names: readonly string[] = []): unknown => {
  const [one] = suggest([call(request, names)], clinic);
  return one === undefined ? undefined : [one.alternatives, one.target];
};

describe("suggestions for another product", () => {
  it.each([
    ["POST /v1/patients", [[{ roles: ["desk"] }, { permission: "patients:register" }], "/"]],
    ["GET /v1/patients/{id}", [[{ roles: ["desk", "doctor"] }, { permission: "patients:view" }], "/patients/{id}"]],
    ["PATCH /v1/patients/{id}", [[{ permission: "patients:update" }], "/patients/{id}"]],
    ["PUT /v1/patients/{id}/preferences", [[{ permission: "patients:update" }], "/patients/{id}"]],
    ["DELETE /v1/patients/{id}/allergies/{allergy}", [[{ roles: ["doctor"] }, { permission: "allergies:manage" }], "/patients/{id}"]],
    ["POST /v1/patients/{id}/allergies/{allergy}/notes", [[{ roles: ["doctor"] }, { permission: "allergies:manage" }], "/patients/{id}"]],
    // The desk holds the set for one patient only: naming the role would give it everywhere.
    ["POST /v1/patients/{id}/visits", [[{ permission: "visits:create" }], "/patients/{id}"]],
    ["POST /v1/patients/{id}/visits/{visit}/cancel", [[{ permission: "visits:cancel" }], "/patients/{id}/visits/{visit}"]],
    [
      "POST /v1/patients/{id}/visits/{visit}/discharge",
      [[{ roles: ["doctor"] }, { permission: "visits:discharge" }], "/patients/{id}/visits/{visit}"],
    ],
  ])("%s", (request, expected) => {
    const names = request.startsWith("POST /v1/patients ") || request === "POST /v1/patients" ? ["registerPatient"] : [];
    expect(suggested(request, names)).toEqual(expected);
  });

  it.each([
    ["DELETE /v1/patients/{id}", "no permission is to delete patients"],
    ["POST /v1/patients/{id}/merge", "no permission is to merge them"],
    ["POST /v1/patients/{id}/prescriptions", "nothing speaks of prescriptions"],
    ["POST /v1/patients/{id}/visits/{visit}/invoices/{invoice}/cancel", "an invoice of a visit is no visit"],
    ["POST /v1/patients/{id}/group-visits", "a kind of visit is more than visits"],
    ["PATCH /v1/patients/{id}/visits/{visit}", "no permission is to edit visits"],
    ["POST /v1/doctors/{id}/allergies", "its allergies are those of nobody that the permission speaks of"],
    ["TRACE /v1/patients/{id}", "its method says nothing"],
  ])("none for %s: %s", (request) => {
    expect(suggested(request)).toBeUndefined();
  });

  it("none where two permissions fit alike", () => {
    const twin: Rec = {
      kind: "permission-set",
      value: { product: "clinic", id: "twin", name: "Update patients", pairs: [{ type: "patients", actions: ["update"] }] },
    };
    expect(suggest([call("PATCH /v1/patients/{id}")], [...clinic, twin])).toEqual([]);
  });

  it("follow neighbours that agree, two for a change and one for a read, and no others", () => {
    const rule = [{ permission: "patients:update" }];
    const mapped = (request: string, alternatives: Operation["alternatives"] = rule): Rec => ({
      kind: "operation",
      value: { ...call(request), alternatives: alternatives ?? [] },
    });
    const put = mapped("PUT /v1/patients/{id}/prescriptions/{p}");
    const remove = mapped("DELETE /v1/patients/{id}/prescriptions/{p}");
    const change = call("POST /v1/patients/{id}/prescriptions");
    expect(suggest([change], [...clinic, put])).toEqual([]);
    expect(suggest([change], [...clinic, put, remove])).toMatchObject([{ alternatives: rule, confidence: "low" }]);
    expect(suggest([change], [...clinic, put, remove, mapped("PATCH /v1/patients/{id}/prescriptions/{p}", [{ anyRole: true }])])).toEqual(
      [],
    );
    const list = mapped("GET /v1/patients/{id}/prescriptions");
    expect(suggest([call("GET /v1/patients/{id}/prescriptions/{p}")], [...clinic, list])).toMatchObject([{ alternatives: rule }]);
  });

  it("none for a product that does not stand", () => {
    expect(suggest([{ ...call("GET /a"), product: "nobody" }], clinic)).toEqual([]);
  });
});
