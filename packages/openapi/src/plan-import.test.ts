import { readFileSync } from "node:fs";
import { admit, type Change, compiler, type Operation, type Plan, parseProductDocument, parseRecord, type Rec, records } from "@reeve/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeProduct } from "./describe-product.ts";
import type { Described } from "./described.ts";
import { type ImportOptions, type ImportPlan, planImport } from "./plan-import.ts";
import { readDocument } from "./read-document.ts";

const responses = { 200: { description: "" } };
const document = (paths: unknown, more: Record<string, unknown> = {}): Described => {
  const read = readDocument(JSON.stringify({ openapi: "3.1.0", info: { title: "Shop", version: "1" }, paths, ...more }, null, 1));
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
};
const catalogue = {
  profiles: [{ id: "clerk", name: "Clerk", aliases: ["SHOP_CLERK"], predefined: true, permissions: ["Order Edit"] }],
  permissions: [
    { id: "order-edit", name: "Order Edit", scopes: ["organization", "shop", "order"] },
    { id: "shop-access", name: "Shop Access", scopes: ["organization", "shop"] },
  ],
  defaults: { read: { permission: "Shop Access" }, mutation: "deny" },
  prerequisite: { permission: "Shop Access", of: "shop" },
};
const shop = {
  "/shops/{shopId}/orders/{orderId}": {
    get: { operationId: "getOrder", responses },
    patch: {
      operationId: "editOrder",
      responses,
      "x-authorization": { profiles: ["Clerk"], permission: "Order Edit", scope: { shop: "shopId", order: "orderId" } },
    },
  },
  "/shops": { post: { operationId: "addShop", responses } },
};

const empty = () => compiler("org").finish();
const admitted = (plan: Plan, changes: readonly Change[]): Plan => {
  for (const change of changes) if ("put" in change) expect(parseRecord(change.put.kind, change.put.value)).toMatchObject({ ok: true });
  const result = admit(plan, changes, { catalogue: true });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value.plan;
};
const imported = (
  described: Described,
  plan: Plan,
  options: Partial<ImportOptions> = {},
): { readonly plan: Plan; readonly said: ImportPlan } => {
  const said = planImport(described, records(plan), { product: "shop", ...options });
  expect(said.problems).toEqual([]);
  return { plan: admitted(plan, said.changes), said };
};
const operationsOf = (plan: Plan): Operation[] => [...records(plan)].flatMap((rec) => (rec.kind === "operation" ? [rec.value] : []));
const idsOf = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id);

describe("an import into nothing", () => {
  it("without an extension makes a product without permission sets, every operation unmapped and aimed at the organization", () => {
    const { said, plan } = imported(document({ "/a/{id}": { get: { responses }, post: { responses } } }), empty(), { name: "My shop" });
    expect(said.product).toEqual({ id: "shop", made: true });
    expect(said.catalogue).toEqual([{ kind: "product", id: "shop", added: true }]);
    expect(said.unmapped.map(({ id, effect, opensByDefault }) => ({ id, effect, opensByDefault }))).toEqual([
      { id: "GET-a-id", effect: "read", opensByDefault: false },
      { id: "POST-a-id", effect: "mutation", opensByDefault: false },
    ]);
    expect(operationsOf(plan).every(({ target, alternatives }) => target === "/" && alternatives === undefined)).toBe(true);
    expect([...records(plan)].find(({ kind }) => kind === "product")?.value).toMatchObject({ name: "My shop", boundedBy: "scopes" });
  });

  it("takes types, permission sets, roles and defaults from the catalogue", () => {
    const { plan } = imported(document(shop, { "x-authorization-catalogue": catalogue }), empty());
    const values = [...records(plan)];
    expect(values.find(({ kind }) => kind === "product")?.value).toMatchObject({
      types: {
        organization: { actions: {} },
        shop: { open: true, actions: { "shop-access": [] } },
        order: { open: true, parents: ["shop"], actions: { "order-edit": [] } },
      },
      readDefault: [{ permission: "shop-access" }],
      prerequisite: { action: "shop-access", of: "shop" },
    });
    expect(values.find((rec) => rec.kind === "permission-set" && rec.value.id === "order-edit")?.value).toMatchObject({
      scopeTypes: ["shop", "order"],
    });
    expect(values.find(({ kind }) => kind === "role")?.value).toMatchObject({
      id: "clerk",
      builtIn: true,
      type: "system-defined",
      sets: [{ set: "order-edit" }],
    });
    expect(operationsOf(plan).find(({ id }) => id === "editOrder")).toMatchObject({
      target: "/shop/{shopId}/order/{orderId}",
      alternatives: [{ roles: ["clerk"] }, { permission: "order-edit" }],
    });
  });

  it("puts the base path before every path", () => {
    const described = document(
      { "/": { get: { responses } }, "/a": { get: { responses, servers: [{ url: "/own" }] } } },
      { servers: [{ url: "https://x/v1" }] },
    );
    expect(imported(described, empty()).said.added.map(({ operation }) => operation.path)).toEqual(["/v1", "/own/a"]);
    expect(imported(described, empty(), { basePath: "/v2/" }).said.added[0]?.operation.path).toBe("/v2");
    expect(planImport(described, [], { product: "shop", basePath: "v{x}" }).problems.map(({ code }) => code)).toEqual(["base_path"]);
  });

  it("gives every operation an id that is readable, its own, and the same next time", () => {
    const described = document({
      "/a": {
        get: { operationId: "repos/list all", responses },
        put: { operationId: "twice", responses },
        post: { operationId: "twice", responses },
      },
      "/b": { get: { operationId: "constructor", responses }, delete: { operationId: "GET-b", responses } },
      [`/${"long/".repeat(30)}x`]: { get: { responses } },
    });
    const ids = imported(described, empty()).said.added.map(({ operation }) => operation.id);
    expect(ids.slice(0, 4)).toEqual(["repos-list-all", "PUT-a", "POST-a", expect.stringMatching(/^GET-b-[0-9a-f]{8}$/)]);
    expect(ids[4]).toBe("GET-b");
    expect(ids[5]).toMatch(/^GET-long-.*-[0-9a-f]{8}$/);
    expect(new Set(ids).size).toBe(ids.length);
    expect(imported(described, empty()).said.added.map(({ operation }) => operation.id)).toEqual(ids);
  });
});

describe("an import into a product that stands", () => {
  const full = () => imported(document(shop, { "x-authorization-catalogue": catalogue }), empty()).plan;

  it("of the same document changes nothing", () => {
    const { said } = imported(document(shop, { "x-authorization-catalogue": catalogue }), full());
    expect(said).toMatchObject({ added: [], changed: [], orphaned: [], changes: [], product: { made: false } });
    expect(said.unchanged).toHaveLength(3);
  });

  it("keeps the mapping that stands when the document says nothing of it, and renames its parameters", () => {
    const { said, plan } = imported(
      document({ "/shops/{s}/orders/{o}": { patch: { operationId: "patchOrder", tags: ["Orders"], responses } } }),
      full(),
      { partial: true },
    );
    expect(said.changed.map(({ members }) => [...members].sort())).toEqual([["names", "path", "tag", "target"]]);
    expect(operationsOf(plan).find(({ id }) => id === "editOrder")).toMatchObject({
      path: "/shops/{s}/orders/{o}",
      names: ["editOrder", "patchOrder"],
      target: "/shop/{s}/order/{o}",
      alternatives: [{ roles: ["clerk"] }, { permission: "order-edit" }],
    });
    expect(said.orphaned).toEqual([]);
  });

  it("takes the rule of the document where it says one", () => {
    const changed = structuredClone(shop);
    changed["/shops/{shopId}/orders/{orderId}"].patch["x-authorization"] = { anyRole: true } as never;
    const { plan } = imported(document(changed), full());
    expect(operationsOf(plan).find(({ id }) => id === "editOrder")).toMatchObject({
      alternatives: [{ anyRole: true }],
      target: "/shop/{shopId}/order/{orderId}",
    });
  });

  it("keeps what the document does not have as an orphan, and takes the mark away when it is back", () => {
    const less = imported(document({ "/shops": shop["/shops"] }), full());
    expect(idsOf(less.said.orphaned)).toEqual(["getOrder", "editOrder"]);
    expect(operationsOf(less.plan).find(({ id }) => id === "editOrder")).toMatchObject({
      orphan: true,
      alternatives: [{ roles: ["clerk"] }, { permission: "order-edit" }],
    });
    const again = imported(document({ "/shops": shop["/shops"] }), less.plan);
    expect(again.said).toMatchObject({ changes: [], stillOrphaned: ["getOrder", "editOrder"] });
    const back = imported(document(shop), less.plan);
    expect(back.said.changed.map(({ after, members }) => [after.id, members])).toEqual([
      ["getOrder", ["orphan"]],
      ["editOrder", ["orphan"]],
    ]);
    expect(imported(document(shop), back.plan).said.changes).toEqual([]);
  });

  it("counts the organization's own rules as mappings and leaves them alone", () => {
    const rule: Rec = { kind: "operation-rule", value: { product: "shop", operation: "addShop", alternatives: [{ anyRole: true }] } };
    const { said } = imported(document(shop), admitted(full(), [{ put: rule }]));
    expect(said.unmapped.map(({ id, opensByDefault }) => [id, opensByDefault])).toEqual([["getOrder", true]]);
    expect(said.changes).toEqual([]);
  });

  it("adds to the catalogue what the document adds and takes nothing away", () => {
    const more = {
      ...catalogue,
      permissions: [{ id: "shop-close", name: "Shop Close", scopes: ["shop"] }],
      profiles: [{ id: "clerk", name: "Clerk", permissions: ["Shop Close"] }],
    };
    const { said, plan } = imported(
      document(shop, { "x-authorization-catalogue": { profiles: more.profiles, permissions: more.permissions } }),
      full(),
    );
    expect(said.catalogue).toEqual([
      { kind: "product", id: "shop", added: false },
      { kind: "permission-set", id: "shop-close", added: true },
      { kind: "role", id: "clerk", added: false },
    ]);
    expect([...records(plan)].filter(({ kind }) => kind === "permission-set")).toHaveLength(3);
    expect([...records(plan)].find(({ kind }) => kind === "role")?.value).toMatchObject({
      aliases: ["SHOP_CLERK"],
      sets: [{ set: "shop-close" }],
    });
  });

  it("keeps clear of the ids of other products", () => {
    const other = imported(document(shop, { "x-authorization-catalogue": catalogue }), empty()).plan;
    const types = {
      ...catalogue,
      permissions: [{ id: "order-edit", name: "Order Edit", scopes: ["lab"] }],
      profiles: [{ id: "clerk", name: "Clerk" }],
      defaults: undefined,
      prerequisite: undefined,
    };
    const described = document({}, { "x-authorization-catalogue": types });
    const said = planImport(described, records(other), { product: "lab" });
    expect(said.catalogue.map(({ id }) => id)).toEqual(["lab", "lab:order-edit", "lab:clerk"]);
    expect(planImport(described, records(admitted(other, said.changes)), { product: "lab" }).changes).toEqual([]);
  });
});

describe("an import beside another product", () => {
  it("tells of a root type that the other one has, with its place, and changes nothing", () => {
    const { plan } = imported(document(shop, { "x-authorization-catalogue": catalogue }), empty());
    const said = planImport(document(shop, { "x-authorization-catalogue": catalogue }), records(plan), { product: "second" });
    expect(said.problems).toMatchObject([{ code: "id_taken", detail: expect.stringContaining('product shop has a root type "shop"') }]);
    expect(said.problems[0]?.line).toBeGreaterThan(1);
    expect(said.changes).toEqual([]);
  });

  it("tells of an action on the organization that the other one has", () => {
    const whole = { ...catalogue, types: { organization: { actions: ["audit"] } } };
    const { plan } = imported(document(shop, { "x-authorization-catalogue": whole }), empty());
    const stores = JSON.parse(JSON.stringify({ shop, whole }).replaceAll(/shop/gi, "store").replaceAll("order", "ware"));
    const said = planImport(document(stores.store, { "x-authorization-catalogue": stores.whole }), records(plan), { product: "second" });
    expect(said.problems.map(({ detail }) => detail)).toEqual(['The product shop has an action "audit" on the organization already.']);
  });
});

describe("a rule that names what the product does not have", () => {
  const problemsOf = (extension: unknown) => {
    const paths = { "/shops/{shopId}/orders/{orderId}": { patch: { responses, "x-authorization": extension } } };
    const said = planImport(document(paths, { "x-authorization-catalogue": catalogue }), [], { product: "shop" });
    expect(said.changes).toEqual([]);
    return said.problems;
  };

  it("is a problem at its line, with what was meant", () => {
    expect(problemsOf({ profiles: ["Clerc"], permission: "Order Edti" })).toMatchObject([
      { code: "unknown_profile", line: 17, detail: expect.stringContaining('Did you mean "Clerk"?') },
      { code: "unknown_permission", line: 19, detail: expect.stringContaining('Did you mean "Order Edit"?') },
    ]);
  });

  it("is told for types and for scopes that do not lie in one another", () => {
    expect(problemsOf({ also: { basket: "body.b" } })).toMatchObject([{ code: "unknown_type", allowed: ["shop", "order"] }]);
    const paths = {
      "/shops/{shopId}/orders/{orderId}": { patch: { responses, "x-authorization": { scope: { shop: "shopId", order: "orderId" } } } },
      "/orders/{orderId}": { patch: { responses, "x-authorization": { scope: { order: "orderId" } } } },
    };
    expect(planImport(document(paths, { "x-authorization-catalogue": catalogue }), [], { product: "shop" }).problems).toMatchObject([
      { code: "wrong_scope" },
    ]);
  });

  it("is none when only case, number or punctuation differ, or when an alias is named", () => {
    expect(problemsWithTypes({ profiles: ["SHOP_CLERK"], permission: "order edit", scope: { shops: "shopId" } })).toEqual([]);
  });

  const problemsWithTypes = (extension: unknown) => {
    const paths = { "/shops/{shopId}/orders/{orderId}": { patch: { responses, "x-authorization": extension } } };
    const types = { shop: { open: true }, order: { open: true, parents: ["shop"] } };
    return planImport(document(paths, { "x-authorization-catalogue": { ...catalogue, types } }), [], { product: "shop" }).problems;
  };

  it("is ambiguous when two things have the name", () => {
    const twice = {
      permissions: [
        { id: "a", name: "Same" },
        { id: "b", name: "Same" },
      ],
    };
    const said = planImport(
      document({ "/a": { get: { responses, "x-authorization": { permission: "Same" } } } }, { "x-authorization-catalogue": twice }),
      [],
      { product: "shop" },
    );
    expect(said.problems).toMatchObject([{ code: "ambiguous_name", allowed: ["a", "b"] }]);
  });
});

describe("the Cloud Manager catalogue", () => {
  const read = parseProductDocument(
    JSON.parse(readFileSync(new URL("../../../catalogues/cloud-manager/product.json", import.meta.url), "utf8")),
  );
  const shipped = read.ok ? read.value : [];
  const written = describeProduct(shipped, "cloud-manager");
  const text = JSON.stringify(written);
  const again = readDocument(text);

  it("written as a document and imported into nothing is the same catalogue, orphans aside", () => {
    if (!again.ok) throw new Error(JSON.stringify(again.error));
    const said = planImport(again.value, [], { product: "cloud-manager" });
    expect(said.problems).toEqual([]);
    admitted(empty(), said.changes);
    const put = said.changes.flatMap((change) => ("put" in change ? [change.put] : []));
    expect(put.filter(({ kind }) => kind !== "operation")).toEqual(
      shipped.filter(({ kind }) => kind !== "operation").map((rec) => ({ ...rec, value: expect.objectContaining(rec.value) })),
    );
    const key = ({ method, path }: Operation) => `${method} ${path}`;
    const before = shipped.flatMap((rec) => (rec.kind === "operation" && rec.value.orphan !== true ? [rec.value] : []));
    const after = new Map(put.flatMap((rec) => (rec.kind === "operation" ? [[key(rec.value), rec.value]] : [])) as [string, Operation][]);
    expect(after.size).toBe(before.length);
    for (const operation of before) {
      const { id: _id, note: _note, source: _source, names, ...same } = operation;
      expect(after.get(key(operation))).toMatchObject({ ...same, names: names.slice(0, 1) });
    }
  });

  it("imported over itself changes nothing and orphans nothing", () => {
    const said = again.ok ? planImport(again.value, shipped, { product: "cloud-manager" }) : undefined;
    expect(said).toMatchObject({ changes: [], problems: [], orphaned: [], product: { made: false } });
    expect(said?.stillOrphaned).toHaveLength(7);
    expect(said?.unmapped.filter(({ effect }) => effect === "mutation")).toHaveLength(15);
  });
});

describe("any document", () => {
  const segment = fc.constantFrom("a", "b", "{x}", "{y}", "c-d", "{z}.txt");
  const rule = fc.constantFrom(
    undefined,
    { anyRole: true },
    { profiles: ["Clerk"] },
    { permission: "Order Edit", scope: {} },
    { rules: [{ when: { k: 1 }, permission: "shop-access" }] },
  );
  const operation = fc.record({
    operationId: fc.constantFrom(undefined, "one", "two", "x/y", "é"),
    summary: fc.option(fc.string(), { nil: undefined }),
    "x-authorization": rule,
  });
  const paths = fc.dictionary(
    fc.array(segment, { maxLength: 3 }).map((segments) => `/${[...new Set(segments)].join("/")}`),
    fc.dictionary(
      fc.constantFrom("get", "post", "delete"),
      operation.map((value) => ({ ...value, responses })),
      { minKeys: 1 },
    ),
    { maxKeys: 8 },
  );

  it("is imported with ids of its own, and importing it again changes nothing, also after another one", () => {
    fc.assert(
      fc.property(paths, paths, (first, second) => {
        const [one, two] = [first, second].map((each) =>
          readDocument(
            JSON.stringify({ openapi: "3.0.0", info: { title: "t", version: "1" }, paths: each, "x-authorization-catalogue": catalogue }),
          ),
        );
        if (!one?.ok || !two?.ok) return;
        const made = imported(one.value, empty());
        expect(imported(one.value, made.plan).said.changes).toEqual([]);
        const moved = imported(two.value, made.plan);
        expect(imported(two.value, moved.plan).said.changes).toEqual([]);
        for (const before of operationsOf(made.plan)) {
          const after = operationsOf(moved.plan).find(({ id }) => id === before.id);
          const said = two.value.operations.some(
            ({ method, path, rule }) => method === before.method && path === before.path && rule !== undefined,
          );
          if (!said && after?.path === before.path) expect(after.alternatives).toEqual(before.alternatives);
        }
      }),
      { numRuns: 60 },
    );
  });
});
