/** Lists: filtered, sorted and paged as a naive reading of the whole organization would be, and refused where no index serves them. */
import { KEY_MEMBERS, type Kind, keyOf, type Rec } from "@reeve/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareUtf8 } from "../canonical.ts";
import { type KeptObject, LISTED, type Listed, type ObjectPosition, type ObjectQuery, type Store } from "../index.ts";
import { create, grant, label, type MakeFixture, NOTE, opened, principal, put, recordsOf } from "./fixture.ts";

export const listConformance = (make: MakeFixture): void => {
  reading(make);
  pages(make);
  meanwhile(make);
  refusing(make);
};

const reading = (make: MakeFixture): void => {
  describe("reading one object", () => {
    it("gives it with its life and the revision that last changed it", async () => {
      const store = opened(make);
      await create(store, "a", [label("core/x"), label("core/y")]);
      const { head } = await put(store, "a", [label("core/x", "X"), label("core/y")]);
      expect(await store.read("a", "label", ["core/x"])).toEqual({ head, object: { rec: label("core/x", "X"), revision: 2, life: 1 } });
      expect(await store.read("a", "label", ["core/y"])).toEqual({ head, object: { rec: label("core/y"), revision: 1, life: 2 } });
    });

    it("tells what is not there from an organization that is not", async () => {
      const store = opened(make);
      const { head } = await create(store, "a", [label("core/x")]);
      await create(store, "b", [label("core/b")]);
      expect(await store.read("a", "label", ["core/b"])).toEqual({ head });
      expect(await store.read("a", "principal", ["core/x"])).toEqual({ head });
      expect(await store.read("none", "label", ["core/x"])).toBeUndefined();
    });
  });
};

/** Texts that bytes, code units, normalisation, case, ranges or a join of strings could confuse. */
const TEXTS = [
  "",
  "A",
  "a",
  "a b",
  "ab",
  "a/",
  "a0",
  '"',
  ",",
  "\u0001",
  "\ud7ff",
  "\ue000",
  "\uffff",
  "\u{1f600}",
  "\u{10ffff}",
  "a\u{10ffff}b",
];
const PATHS = ["/", "/a/1", "/a/1/b/2", "/a/1/b/3", "/a/10", "/a/1 ", "/a/10/b/1", "/b/1", "/b/\u{1f600}", "/b/\uffff/a/1"];
const NAMES = [
  undefined,
  "",
  "Ada",
  "Ad",
  "ada",
  "Adb",
  "Ada Lovelace",
  "\u{10ffff}",
  "\u{10ffff}\u{10ffff}",
  "\ud7ff",
  "\ue000",
  "a\0",
  "\ud800",
];

const text = fc.constantFrom(...TEXTS);
const path = fc.constantFrom(...PATHS);
const named = fc.constantFrom(...NAMES).map((name) => (name === undefined ? {} : { name }));
const product = fc.constantFrom("p", "q", "\u{1f600}");
const builtIn = fc.constantFrom({}, { builtIn: true });
const state = fc.constantFrom({}, { state: "draft" }, { state: "" }, { state: "null" });

/** A value of each kind; only what lists look at varies. */
const VALUES: Readonly<Record<Kind, fc.Arbitrary<object>>> = {
  organization: fc.constant({ name: "A", tenantIds: [] }),
  product: fc.tuple(text, named).map(([id, name]) => ({ id, ...name, boundedBy: "none", settings: {}, types: {} })),
  "permission-set": fc
    .tuple(text, product, named, fc.constantFrom({}, { category: "c" }, { category: "" }))
    .map(([id, of, name, category]) => ({ id, product: of, name: "", ...name, ...category, pairs: [] })),
  label: fc.tuple(text, named).map(([id, name]) => ({ id, ...name })),
  principal: fc
    .tuple(text, fc.constantFrom("user", "group"), fc.boolean(), named)
    .map(([id, type, active, name]) => ({ id, type, active, ...name })),
  membership: fc.tuple(text, text).map(([group, member]) => ({ group, member })),
  resource: fc.tuple(path, named, state).map(([at, name, how]) => ({ path: at, ...name, ...how })),
  link: fc.tuple(path, text, path).map(([from, linkKind, to]) => ({ from, linkKind, to })),
  role: fc
    .tuple(text, product, named, fc.constantFrom("system-defined", "user-defined"), builtIn)
    .map(([id, of, name, type, own]) => ({ id, product: of, name: "", ...name, type, ...own, sets: [] })),
  assignment: fc.tuple(text, text).map(([role, of]) => ({ role, principal: of })),
  grant: fc
    .tuple(text, path, fc.constantFrom("self", "children"))
    .map(([of, resource, reach]) => ({ principal: of, resource, access: "R", reach })),
  policy: fc
    .tuple(text, named, fc.constantFrom("active", "inactive"), builtIn, fc.option(product, { nil: undefined }))
    .map(([id, name, status, own, of]) => ({
      id,
      name: "",
      ...name,
      ...(of === undefined ? {} : { product: of }),
      status,
      ...own,
      sandboxes: "all",
      rules: [],
    })),
  setting: fc.tuple(product, text).map(([of, name]) => ({ product: of, name, value: true })),
  operation: fc
    .tuple(product, text, fc.constantFrom("GET", "PUT"), fc.constantFrom(...NAMES))
    .map(([of, id, method, name]) => ({ product: of, id, method, path: "/x", names: [name ?? ""], target: "/" })),
  "operation-rule": fc.tuple(product, text).map(([of, operation]) => ({ product: of, operation, alternatives: [] })),
  "product-administrator": fc.tuple(product, text).map(([of, who]) => ({ product: of, principal: who })),
  "developer-access": fc.tuple(text, text).map(([role, who]) => ({ role, principal: who })),
  "developer-project": fc
    .tuple(text, product, text)
    .map(([id, of, serviceAccount]) => ({ id, name: "", product: of, roles: [], serviceAccount })),
  binned: fc.tuple(text, path).map(([id, at]) => ({ id, path: at, deletedAt: 1, resources: [{ path: at }], grants: [], links: [] })),
};
const KINDS = Object.keys(VALUES) as Kind[];
const recordsOfKind = (kind: Kind): fc.Arbitrary<readonly Rec[]> =>
  fc.array(VALUES[kind], { maxLength: 24 }).map((values) => values.map((value) => ({ kind, value }) as unknown as Rec));

/** What a record has in a field of a filter, by the words of the port. */
const fieldOf = ({ kind, value }: Rec, field: string): string | undefined => {
  const members = value as unknown as Readonly<Record<string, unknown>>;
  if (kind === "resource" && field === "type")
    return value.path
      .split("/")
      .filter((segment) => segment !== "")
      .at(-2);
  if (field === "builtIn") return members["builtIn"] === true ? "true" : "false";
  const found = members[field];
  return found === undefined ? undefined : String(found);
};

/** A database has no NUL and no lone surrogate: names are sorted as they are shown. */
const shown = (name: string): string => name.replaceAll("\0", "\ufffd").toWellFormed();
const nameOfRecord = ({ kind, value }: Rec): string =>
  shown(kind === "operation" ? (value.names[0] ?? "") : ((value as { readonly name?: string }).name ?? ""));

const naive = (objects: readonly KeptObject[], { filter, namePrefix, below, sort, descending }: ObjectQuery): KeptObject[] => {
  const fits = ({ rec }: KeptObject): boolean =>
    Object.entries(filter).every(([field, value]) => fieldOf(rec, field) === value) &&
    (namePrefix === undefined || nameOfRecord(rec).startsWith(shown(namePrefix))) &&
    (below === undefined ||
      (rec.kind === "resource" && rec.value.path !== below && rec.value.path.startsWith(below === "/" ? "/" : `${below}/`)));
  const first = (object: KeptObject): string => {
    if (sort === "name") return nameOfRecord(object.rec);
    if (sort === "changed") return String(object.revision).padStart(9, "0");
    if (sort === "created") return String(object.life).padStart(9, "0");
    return sort === "key" ? "" : (fieldOf(object.rec, sort) ?? "");
  };
  const compare = (a: KeptObject, b: KeptObject): number => {
    const [one, other] = [a, b].map((each) => [first(each), ...keyOf(each.rec)]) as [string[], string[]];
    return one.reduce((order, part, at) => order || compareUtf8(part, other[at] ?? ""), 0);
  };
  return objects.filter(fits).sort((a, b) => (descending === true ? compare(b, a) : compare(a, b)));
};

const walked = async (store: Store, org: string, query: ObjectQuery): Promise<readonly KeptObject[]> => {
  const objects: KeptObject[] = [];
  let after: ObjectPosition | undefined;
  do {
    const page = await store.list(org, after === undefined ? query : { ...query, after });
    if (page === undefined) throw new Error("no organization");
    expect(page.objects.length).toBeLessThanOrEqual(query.max);
    if (page.next !== undefined) expect(page.objects).toHaveLength(query.max);
    objects.push(...page.objects);
    after = page.next;
  } while (after !== undefined);
  return objects;
};

/** A query of a kind whose filters have values of the records, or of none. */
const queryOf = (kind: Kind): fc.Arbitrary<ObjectQuery> => {
  const { filters, sorts, below }: Listed = LISTED[kind];
  const values: Readonly<Record<string, readonly string[]>> = {
    type: ["user", "group", "a", "b", "system-defined"],
    active: ["true", "false"],
    builtIn: ["true", "false"],
    state: ["draft", "", "null"],
    status: ["active", "inactive"],
    category: ["c", ""],
    method: ["GET", "PUT"],
    product: ["p", "q", "\u{1f600}", "none"],
    from: PATHS,
    to: PATHS,
    resource: PATHS,
  };
  return fc
    .record({
      sort: fc.constantFrom(...sorts),
      descending: fc.boolean(),
      filter: fc.dictionary(fc.constantFrom("", ...filters), fc.nat(), { maxKeys: filters.length }),
      prefix: fc.option(fc.constantFrom("", "A", "Ada", "Ad", "a\0", "\u{10ffff}", "\ud7ff", "\ue000"), { nil: undefined }),
      below: fc.option(fc.constantFrom("/", "/a/1", "/b", "/b/\uffff", "/a"), { nil: undefined }),
    })
    .map((asked) => ({
      kind,
      sort: asked.sort,
      descending: asked.descending,
      filter: Object.fromEntries(
        filters
          .filter((field) => asked.filter[field] !== undefined)
          .map((field) => {
            const known = values[field] ?? TEXTS;
            return [field, known[(asked.filter[field] ?? 0) % known.length] ?? ""];
          }),
      ),
      ...(asked.sort === "name" && asked.prefix !== undefined ? { namePrefix: asked.prefix } : {}),
      ...(below === true && asked.sort === "key" && asked.below !== undefined ? { below: asked.below } : {}),
      max: 1_000,
    }));
};

const pages = (make: MakeFixture): void => {
  describe("a list", () => {
    it.each(KINDS)("of %s is the organization filtered and sorted, whatever the size of its pages", async (kind) => {
      const store = opened(make);
      let orgs = 0;
      const law = fc.asyncProperty(
        fc.array(recordsOfKind(kind), { minLength: 1, maxLength: 3 }),
        fc.array(queryOf(kind), { minLength: 4, maxLength: 4 }),
        async (writes, queries) => {
          const org = `o${++orgs}`;
          await create(store, org, [label("core/another")]);
          for (const records of writes) await put(store, org, records);
          const objects: KeptObject[] = [];
          for (const rec of await recordsOf(store, org)) {
            const found = await store.read(org, rec.kind, keyOf(rec));
            if (rec.kind === kind && found?.object !== undefined) objects.push(found.object);
          }
          for (const query of queries) {
            const expected = naive(objects, query);
            for (const max of [1, 2, 3, Math.max(1, expected.length), 1_000]) {
              expect({ query, max, found: await walked(store, org, { ...query, max }) }).toEqual({ query, max, found: expected });
            }
          }
        },
      );
      await fc.assert(law, { numRuns: 12 });
    });

    it("has none but the organization's own objects, and no organization no list", async () => {
      const store = opened(make);
      const { head } = await create(store, "a", [label("core/a")]);
      await create(store, "b", [label("core/b")]);
      const query: ObjectQuery = { kind: "label", filter: {}, sort: "name", max: 10 };
      expect(await store.list("a", query)).toEqual({ head, objects: [{ rec: label("core/a"), revision: 1, life: 1 }] });
      expect(await store.list("none", query)).toBeUndefined();
    });

    it("unites many classes of very different sizes", async () => {
      const store = opened(make);
      const resources = Array.from({ length: 400 }, (_, n): Rec => {
        const state = n % 3 === 0 ? { state: `s${n}` } : {};
        return { kind: "resource", value: { path: `/a/${`${n}`.padStart(3, "0")}`, name: `${(n * 7) % 400}`, ...state } };
      });
      await create(store, "a", resources);
      for (const sort of ["key", "name", "changed"]) {
        const query: ObjectQuery = { kind: "resource", filter: { type: "a" }, sort, max: 30 };
        const objects = await walked(store, "a", { ...query, max: 1_000 });
        expect(objects).toHaveLength(400);
        expect(await walked(store, "a", query)).toEqual(objects);
        expect(await walked(store, "a", { ...query, descending: true })).toEqual([...objects].reverse());
      }
    });
  });
};

const meanwhile = (make: MakeFixture): void => {
  describe("a list that is paged while others write", () => {
    it("gives nothing twice, and all that stood through it", async () => {
      const store = opened(make);
      await create(
        store,
        "a",
        Array.from({ length: 40 }, (_, n) => principal(`p${`${n}`.padStart(2, "0")}`, { name: `n${n % 5}` })),
      );
      const seen: string[] = [];
      let after: ObjectPosition | undefined;
      for (let n = 0; ; n += 1) {
        const page = await store.list("a", {
          kind: "principal",
          filter: {},
          sort: "name",
          max: 3,
          ...(after === undefined ? {} : { after }),
        });
        seen.push(...(page?.objects ?? []).map(({ rec }) => keyOf(rec)[0] ?? ""));
        expect(page?.head.revision).toBe(n + 1);
        after = page?.next;
        if (after === undefined) break;
        await store.write("a", (tx) => {
          tx.put(principal(`new${n}`, { name: "n2" }));
          tx.delete("principal", [`p${`${39 - n}`.padStart(2, "0")}`]);
          tx.audit(NOTE);
        });
      }
      expect(new Set(seen).size).toBe(seen.length);
      const left = (await recordsOf(store, "a")).map((rec) => keyOf(rec)[0] ?? "").filter((id) => id.startsWith("p"));
      expect(left.filter((id) => !seen.includes(id))).toEqual([]);
    });

    it("follows an object that changed its name, its class or its key's second member", async () => {
      const store = opened(make);
      await create(store, "a", [principal("ada", { name: "Z" }), principal("bob", { name: "B" }), grant()]);
      await put(store, "a", [principal("ada", { name: "A", type: "group" })]);
      const ids = async (query: Partial<ObjectQuery>) =>
        (await walked(store, "a", { kind: "principal", filter: {}, sort: "name", max: 10, ...query })).map(({ rec }) => keyOf(rec)[0]);
      expect(await ids({})).toEqual(["ada", "bob"]);
      expect(await ids({ filter: { type: "user" } })).toEqual(["bob"]);
      expect(await ids({ filter: { type: "group" }, sort: "key" })).toEqual(["ada"]);
      expect(await ids({ sort: "changed", descending: true })).toEqual(["ada", "bob"]);
      await store.write("a", (tx) => {
        tx.delete("principal", ["ada"]);
        tx.delete("grant", ["ada", "/spaces/a", "self"]);
        tx.audit(NOTE);
      });
      expect(await ids({})).toEqual(["bob"]);
      expect(await walked(store, "a", { kind: "grant", filter: { resource: "/spaces/a" }, sort: "key", max: 10 })).toEqual([]);
    });
  });
};

const refusing = (make: MakeFixture): void => {
  describe("a list is refused", () => {
    const good: ObjectQuery = { kind: "principal", filter: {}, sort: "name", max: 10 };
    const bad: readonly (readonly [string, Partial<Record<keyof ObjectQuery, unknown>>])[] = [
      ["for no kind", { kind: "toString" }],
      ["by a field that has no index", { filter: { name: "x" } }],
      ["by a field of an object's own", { filter: { constructor: "x" } }],
      ["by a value that is no text", { filter: { active: true } }],
      ["in an order that has no index", { sort: "type" }],
      ["for the beginning of names in the order of keys", { sort: "key", namePrefix: "A" }],
      ["below a path where there are none", { below: "/" }],
      ["of no object", { max: 0 }],
      ["of too many", { max: 1_001 }],
      ["of half an object", { max: 1.5 }],
      ["after a place in the order of keys", { after: ["ada"] }],
      ["after a place of too many texts", { after: ["A", "ada", ""] }],
      ["after a place that is no text", { after: ["A", 1] }],
      ["after what no store holds", { after: ["\ud800", "ada"] }],
      ["after a revision that is none", { sort: "changed", after: ["1e3", "ada"] }],
    ];
    it.each(bad)("%s", async (_, members) => {
      const store = opened(make);
      await create(store, "a", [principal("ada")]);
      await expect(store.list("a", { ...good, ...members } as ObjectQuery)).rejects.toThrow(TypeError);
    });

    it("never for a value that nothing has", async () => {
      const store = opened(make);
      const { head } = await create(store, "a", [grant({ principal: "\ufffd" })]);
      for (const filter of [{ principal: "\ud800" }, { principal: "a\0" }, { resource: "'; DROP TABLE object" }]) {
        expect(await store.list("a", { kind: "grant", filter, sort: "key", max: 10 })).toEqual({ head, objects: [] });
      }
      expect(KEY_MEMBERS.grant).toHaveLength(3);
    });
  });
};
