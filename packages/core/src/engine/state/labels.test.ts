import { describe, expect, it } from "vitest";
import type { LabelInheritance, Product, Rec, ResourceRef } from "../../model/index.ts";
import { isRefusal, locate } from "../decide/place.ts";
import { apply, compiler, type Plan } from "../plan.ts";
import { effectiveLabels } from "./labels.ts";

const INHERITANCE: LabelInheritance = {
  parents: [
    ["fields", "schemas"],
    ["fields", "fields"],
  ],
  links: [
    { kind: "schema", from: "datasets", to: "schemas" },
    { kind: "schema", from: "fields", to: "fields" },
    { kind: "class", from: "schemas", to: "classes" },
  ],
};
const product = (labelInheritance?: LabelInheritance): Product => ({
  id: "data",
  boundedBy: "sandboxes",
  settings: {},
  types: {
    sandboxes: { actions: { view: [] } },
    schemas: { parents: ["sandboxes"], open: true, actions: { view: [] } },
    datasets: { parents: ["sandboxes"], open: true, actions: { view: [] } },
    classes: { parents: ["sandboxes"], actions: { view: [] } },
    fields: { parents: ["schemas", "datasets", "fields"], open: true, actions: { view: [] } },
  },
  ...(labelInheritance === undefined ? {} : { labelInheritance }),
});
const P = "/sandboxes/prod";
const resource = (path: string, ...labels: readonly string[]): Rec => ({ kind: "resource", value: { path: `${P}${path}`, labels } });
const link = (from: string, linkKind: string, to: string): Rec => ({
  kind: "link",
  value: { from: `${P}${from}`, linkKind, to: `${P}${to}` },
});

function planOf(...given: readonly Rec[]): Plan {
  const compiled = compiler("acme");
  compiled.add([{ kind: "product", value: product(INHERITANCE) }, { kind: "resource", value: { path: P } }, ...given]);
  return compiled.finish();
}
function labels(plan: Plan, ref: string | ResourceRef): readonly string[] {
  const state = plan.state();
  const place = locate(state, typeof ref === "string" ? { path: `${P}${ref}` } : ref);
  if (isRefusal(place)) throw new Error(`no place: ${JSON.stringify(ref)}`);
  // In no order: no operator of conditions asks for one.
  return effectiveLabels(state, place).toSorted();
}

describe("effective labels", () => {
  it("are a resource's own and those of the parents that the table names, each once", () => {
    const plan = planOf(
      resource("", "core/sandbox"),
      resource("/schemas/1", "custom/z", "core/s"),
      resource("/schemas/1/fields/a", "core/a", "core/s"),
      resource("/schemas/1/fields/a/fields/b", "core/b"),
    );
    expect(labels(plan, "/schemas/1")).toEqual(["core/s", "custom/z"]);
    expect(labels(plan, "/schemas/1/fields/a/fields/b")).toEqual(["core/a", "core/b", "core/s", "custom/z"]);
    expect(labels(plan, "")).toEqual(["core/sandbox"]);
  });

  it("come down to what is not registered, through what is not registered", () => {
    const plan = planOf(resource("/schemas/1", "core/s"));
    expect(labels(plan, "/schemas/1/fields/a/fields/b/fields/c")).toEqual(["core/s"]);
    expect(labels(plan, "/schemas/2/fields/a")).toEqual([]);
    expect(labels(plan, { path: `${P}/schemas/1`, child: "fields" })).toEqual(["core/s"]);
    expect(labels(plan, { path: `${P}/schemas/1/fields/a`, child: "fields" })).toEqual(["core/s"]);
    expect(labels(plan, { path: P, child: "schemas" })).toEqual([]);
  });

  it("come along links of the kind and between the types of a row", () => {
    const plan = planOf(
      resource("/schemas/1", "core/s"),
      resource("/classes/1", "core/c"),
      resource("/datasets/1"),
      link("/datasets/1", "schema", "/schemas/1"),
      link("/schemas/1", "class", "/classes/1"),
      link("/datasets/2", "class", "/classes/1"),
      link("/datasets/3", "schema", "/classes/1"),
    );
    expect(labels(plan, "/datasets/1"), "from one link to the next").toEqual(["core/c", "core/s"]);
    expect(labels(plan, "/datasets/2"), "no row of this kind").toEqual([]);
    expect(labels(plan, "/datasets/3"), "no row to this type").toEqual([]);
    expect(labels(plan, "/schemas/1"), "never back").toEqual(["core/c", "core/s"]);
    expect(labels(plan, "/classes/1")).toEqual(["core/c"]);
  });

  it("come from the same relative path below a link's other end, whether or not anything there is registered", () => {
    const plan = planOf(
      resource("/schemas/1", "core/s"),
      resource("/schemas/1/fields/a", "core/a"),
      link("/datasets/1", "schema", "/schemas/1"),
    );
    expect(labels(plan, "/datasets/1/fields/a")).toEqual(["core/a", "core/s"]);
    expect(labels(plan, "/datasets/1/fields/a/fields/b"), "its parent's, below the other end").toEqual(["core/a", "core/s"]);
    expect(labels(plan, "/datasets/1/fields/x")).toEqual(["core/s"]);
    expect(labels(plan, { path: `${P}/datasets/1/fields/a`, child: "fields" })).toEqual(["core/a", "core/s"]);
    expect(labels(plan, { path: `${P}/datasets/1`, child: "fields" })).toEqual(["core/s"]);
  });

  it("end on diamonds and on cycles, which no write makes", () => {
    const round = [
      link("/schemas/1/fields/a", "schema", "/schemas/2/fields/b"),
      link("/schemas/2/fields/b", "schema", "/schemas/1/fields/a"),
      link("/schemas/1/fields/a", "schema", "/schemas/3/fields/c"),
      link("/schemas/2/fields/b", "schema", "/schemas/3/fields/c"),
    ];
    const plan = planOf(...round, resource("/schemas/1", "core/1"), resource("/schemas/2", "core/2"), resource("/schemas/3", "core/3"));
    for (const path of ["/schemas/1/fields/a", "/schemas/2/fields/b"]) expect(labels(plan, path)).toEqual(["core/1", "core/2", "core/3"]);
    expect(labels(plan, "/schemas/3/fields/c")).toEqual(["core/3"]);
    // A link into what is below its holder hands down below that again and again, until no path is so long.
    const inner = planOf(resource("/schemas/1/fields/a", "core/a"), link("/schemas/1/fields/a", "schema", "/schemas/1/fields/a/fields/a"));
    expect(labels(inner, "/schemas/1/fields/a")).toEqual(["core/a"]);
  });

  it("are found when asked: a link, a label, a table that comes or goes counts at once", () => {
    const plan = planOf(resource("/schemas/1", "core/s"), resource("/datasets/1"), link("/datasets/1", "schema", "/schemas/1"));
    const key = [`${P}/datasets/1`, "schema", `${P}/schemas/1`];
    expect(labels(apply(plan, [{ delete: { kind: "link", key } }]), "/datasets/1")).toEqual([]);
    expect(labels(apply(plan, [{ put: resource("/schemas/1", "core/t") }]), "/datasets/1")).toEqual(["core/t"]);
    expect(labels(apply(plan, [{ put: { kind: "product", value: product() } }]), "/datasets/1")).toEqual([]);
    expect(labels(plan, "/datasets/1")).toEqual(["core/s"]);
  });
});
