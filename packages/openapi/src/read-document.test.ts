import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { planImport } from "./plan-import.ts";
import { readDocument } from "./read-document.ts";

type Doc = Record<string, unknown>;
const ok = { 200: { description: "fine" } };
const id = { name: "petId", in: "path", required: true };

/** One API in the three versions. */
const versions: Readonly<Record<string, Doc>> = {
  "2.0": {
    swagger: "2.0",
    info: { title: "Pets", version: "1" },
    basePath: "/v1",
    parameters: { Id: { ...id, type: "string" } },
    definitions: { Pet: { type: "object", properties: { mother: { $ref: "#/definitions/Pet" }, $ref: { type: "string" } } } },
    paths: {
      "/pets": {
        get: { operationId: "listPets", tags: ["pets"], responses: ok },
        post: { deprecated: true, summary: "Add", responses: ok },
      },
      "/pets/{petId}": { parameters: [{ $ref: "#/parameters/Id" }], delete: { responses: ok }, "x-other": 1 },
      "x-more": {},
    },
  },
  "3.0": {
    openapi: "3.0.3",
    info: { title: "Pets", version: "1" },
    servers: [{ url: "https://a.example/v1" }, { url: "/v1/" }],
    components: {
      parameters: { Id: { ...id, schema: { type: "string" } } },
      schemas: {
        Pet: { type: "object", properties: { mother: { $ref: "#/components/schemas/Pet" } }, example: { $ref: "https://no.reference" } },
      },
    },
    paths: {
      "/pets": {
        get: { operationId: "listPets", tags: ["pets"], responses: ok },
        post: { deprecated: true, summary: "Add", responses: ok },
      },
      "/pets/{petId}": { parameters: [{ $ref: "#/components/parameters/Id" }], delete: { responses: ok }, "x-other": 1 },
    },
  },
  "3.1": {
    openapi: "3.1.0",
    info: { title: "Pets", version: "1" },
    servers: [{ url: "https://{host}/{base}", variables: { host: { default: "a.example" }, base: { default: "v1" } } }],
    webhooks: { born: { post: { responses: ok } } },
    components: {
      parameters: { Id: { ...id, schema: { type: "string" } } },
      pathItems: { One: { parameters: [{ $ref: "#/components/parameters/Id" }], delete: { responses: ok } } },
      schemas: { Pet: { $anchor: "pet", properties: { mother: { $ref: "#pet" } } }, Any: true },
    },
    paths: {
      "/pets": {
        get: { operationId: "listPets", tags: ["pets"], responses: ok },
        post: { deprecated: true, summary: "Add", responses: ok },
      },
      "/pets/{petId}": { $ref: "#/components/pathItems/One" },
    },
  },
};

const faultsOf = (document: unknown, write = (value: unknown) => JSON.stringify(value, null, 1)): string[] => {
  const read = readDocument(write(document));
  return read.ok ? [] : read.error.map(({ code, pointer }) => `${code} ${pointer}`);
};
const notesOf = (document: unknown): string[] => {
  const read = readDocument(JSON.stringify(document));
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value.notes.map(({ code, pointer }) => `${code} ${pointer}`);
};
const withPaths = (paths: unknown, more: Doc = {}): Doc => ({ openapi: "3.0.0", info: { title: "t", version: "1" }, paths, ...more });

describe("a document", () => {
  for (const [version, document] of Object.entries(versions)) {
    it.each([
      ["JSON", JSON.stringify(document)],
      ["YAML", stringify(document)],
    ])(`of OpenAPI ${version} in %s is read`, (_form, text) => {
      const read = readDocument(text);
      expect(read).toMatchObject({ ok: true, value: { title: "Pets", version: "1", basePath: "/v1", trailingSlash: false, notes: [] } });
      if (!read.ok) return;
      expect(
        read.value.operations.map(({ method, path, operationId, tags, summary, deprecated }) => ({
          method,
          path,
          operationId,
          tags,
          summary,
          deprecated,
        })),
      ).toEqual([
        { method: "GET", path: "/pets", operationId: "listPets", tags: ["pets"], summary: undefined, deprecated: false },
        { method: "POST", path: "/pets", operationId: undefined, tags: [], summary: "Add", deprecated: true },
        { method: "DELETE", path: "/pets/{petId}", operationId: undefined, tags: [], summary: undefined, deprecated: false },
      ]);
      expect(read.value.operations[2]?.parameters).toEqual([{ name: "petId", in: "path" }]);
    });
  }

  it("tells its progress, which never falls and ends with the whole", () => {
    const heard: number[] = [];
    readDocument(JSON.stringify(versions["3.0"]), { onProgress: ({ fraction }) => heard.push(fraction) });
    expect(heard.at(-1)).toBe(1);
    expect(heard).toEqual([...heard].sort((a, b) => a - b));
    expect(heard.length).toBeGreaterThan(4);
  });

  it.each([
    [{}, "required /openapi"],
    [[], "not_a_document "],
    [{ openapi: "3.2.0", info: {}, paths: {} }, "unknown_version /openapi"],
    [{ swagger: "1.2", info: {}, paths: {} }, "unknown_version /swagger"],
    [{ swagger: 2, info: {}, paths: {} }, "wrong_type /swagger"],
  ])("that names no version that is read is refused: %j", (document, fault) => {
    expect(faultsOf(document, stringify)).toEqual([fault]);
  });

  it("has every fault of its structure told at once, with what is allowed", () => {
    const document = withPaths(
      { "/a": { get: { parameters: [{ name: "x", in: "qery" }, { $ref: 5 }], responses: ok, sumary: "x" } }, b: {} },
      { info: { title: 5 }, components: { schemas: { S: { type: "strng" } } } },
    );
    expect(faultsOf(document).sort()).toEqual([
      "not_allowed /components/schemas/S/type",
      "not_allowed /paths/~1a/get/parameters/0/in",
      "required /info/version",
      "required /paths/~1a/get/parameters/0/schema",
      "unknown_member /paths/b",
      "unknown_member /paths/~1a/get/sumary",
      "wrong_type /info/title",
      "wrong_type /paths/~1a/get/parameters/1/$ref",
    ]);
    const read = readDocument(JSON.stringify(document));
    const told = read.ok ? [] : read.error;
    expect(told.find(({ pointer }) => pointer.endsWith("/in"))).toMatchObject({
      allowed: ["path", "query", "header", "cookie"],
      detail: expect.stringContaining("query"),
    });
    expect(told.find(({ pointer }) => pointer.endsWith("/sumary"))?.detail).toContain('Did you mean "summary"?');
  });

  it("gives each fault the line at which it stands, a missing member that of what misses it", () => {
    const text = "openapi: 3.0.0\ninfo:\n  title: t\npaths:\n  /a:\n    get:\n      responses: {}\n";
    const read = readDocument(text);
    expect(read.ok ? [] : read.error.map(({ pointer, line, column }) => ({ pointer, line, column }))).toEqual([
      { pointer: "/info/version", line: 2, column: 1 },
      { pointer: "/paths/~1a/get/responses", line: 7, column: 7 },
    ]);
  });

  it("names references to other documents and refuses them, wherever they stand, and those that lead nowhere", () => {
    const document = withPaths(
      { "/a": { get: { responses: { 200: { $ref: "other.yaml#/x" } }, parameters: [{ $ref: "#/components/parameters/None" }] } } },
      { components: { schemas: { S: { allOf: [{ $ref: "https://a.example/s" }, { $ref: "file:///etc/x" }] } } } },
    );
    expect(faultsOf(document).sort()).toEqual([
      "remote_reference /components/schemas/S/allOf/0/$ref",
      "remote_reference /components/schemas/S/allOf/1/$ref",
      "remote_reference /paths/~1a/get/responses/200/$ref",
      "unknown_reference /paths/~1a/get/parameters/0/$ref",
    ]);
  });

  it("takes references that a property, an example or an extension only looks like", () => {
    const schema = { properties: { $ref: { type: "string" }, default: { $ref: "#/components/schemas/S" } }, example: { $ref: "x" } };
    expect(
      faultsOf(withPaths({ "/a": { get: { responses: ok } } }, { components: { schemas: { S: schema } }, "x-y": { $ref: "z" } })),
    ).toEqual([]);
    const wrong = { properties: { default: { $ref: "#/nowhere" } } };
    expect(faultsOf(withPaths({}, { components: { schemas: { S: wrong } } }))).toEqual([
      "unknown_reference /components/schemas/S/properties/default/$ref",
    ]);
  });

  it("whose references lead round is refused without hanging, and one whose schemas do is not", () => {
    const parameters = { A: { $ref: "#/components/parameters/B" }, B: { $ref: "#/components/parameters/A" } };
    const paths = { "/a": { get: { responses: ok, parameters: [{ $ref: "#/components/parameters/A" }] } } };
    expect(faultsOf(withPaths(paths, { components: { parameters } }))).toEqual(["reference_cycle /paths/~1a/get/parameters/0/$ref"]);
    const schemas = { A: { allOf: [{ $ref: "#/components/schemas/B" }] }, B: { items: { $ref: "#/components/schemas/A" } } };
    expect(faultsOf(withPaths({}, { components: { schemas } }))).toEqual([]);
  });

  it("in which two operations fit the same requests is refused", () => {
    const get = { get: { responses: ok } };
    expect(faultsOf(withPaths({ "/a/{x}": get, "/a/{y}": get, "/b": get, "/b/": get }))).toEqual([
      "duplicate_operation /paths/~1a~1{y}/get",
      "duplicate_operation /paths/~1b~1/get",
    ]);
  });

  it("notes what it leaves out and what may surprise", () => {
    const get = { get: { responses: ok } };
    const document = withPaths({
      "/a?x=1": get,
      "/b/": { get: { operationId: "b", responses: ok } },
      "/c/{id}": { get: { operationId: "b", parameters: [{ name: "other", in: "path", required: true, schema: {} }], responses: ok } },
      "/d/{a}.txt": { get: { parameters: [{ name: "a", in: "path", required: true, schema: {} }], responses: ok } },
      "/d/x{b}": { get: { parameters: [{ name: "b", in: "path", required: true, schema: {} }], responses: ok } },
    });
    expect(notesOf(document).sort()).toEqual([
      "overlapping_templates /paths/~1d~1x{b}/get",
      "repeated_name /paths/~1c~1{id}/get/operationId",
      "trailing_slash /paths/~1b~1",
      "undeclared_parameter /paths/~1c~1{id}/get",
      "unsupported_template /paths/~1a?x=1",
      "unused_parameter /paths/~1c~1{id}/get",
    ]);
    expect(notesOf(withPaths({}))).toEqual(["no_operations /paths"]);
  });

  it("whose servers disagree has no base path and says so; operations may have servers of their own", () => {
    const servers = [{ url: "https://a.example/v1" }, { url: "https://b.example/v2" }];
    const read = readDocument(JSON.stringify(withPaths({ "/a": { get: { servers: [{ url: "/own" }], responses: ok } } }, { servers })));
    expect(read).toMatchObject({
      ok: true,
      value: { notes: [{ code: "servers_disagree", allowed: ["/v1", "/v2"] }], operations: [{ basePath: "/own" }] },
    });
    expect(read.ok && "basePath" in read.value).toBe(false);
  });

  it("with more faults than are told ends with one that says so", () => {
    const paths = Object.fromEntries(Array.from({ length: 1_200 }, (_, index) => [`/a${index}`, { get: {} }]));
    const faults = faultsOf(withPaths(paths));
    expect(faults).toHaveLength(1_001);
    expect(faults.filter((fault) => fault.startsWith("too_many"))).toHaveLength(1);
  });
});

describe("a document that was broken at random", () => {
  const documents = Object.values(versions);
  const junk = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom({ $ref: "#/paths" }, { $ref: "#" }, { $ref: "#/components/parameters/Id/schema" }, { profiles: 5 }),
  );

  it("is read, or has faults with places, and never throws", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...documents),
        fc.array(fc.tuple(fc.nat(), junk), { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        (document, breaks, yaml) => {
          const broken = structuredClone(document);
          for (const [at, value] of breaks) breakOne(broken, at, value);
          const text = yaml ? stringify(broken) : JSON.stringify(broken);
          const read = readDocument(text);
          expect(read.ok || read.error.length > 0).toBe(true);
          if (read.ok) expect(planImport(read.value, [], { product: "any" }).product.made).toBe(true);
          const lines = text.split(/\r\n?|\n/).length;
          if (!read.ok)
            expect(read.error.every(({ line, column, detail }) => line >= 1 && line <= lines && column >= 1 && detail !== "")).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });

  /** Puts a value in the place of one of the members below the document. */
  function breakOne(document: Doc, at: number, value: unknown): void {
    const places: [owner: Record<string, unknown>, name: string][] = [];
    const walk = (node: unknown): void => {
      if (typeof node !== "object" || node === null) return;
      for (const [name, member] of Object.entries(node)) {
        places.push([node as Record<string, unknown>, name]);
        walk(member);
      }
    };
    walk(document);
    const [owner, name] = places[at % places.length] as (typeof places)[number];
    owner[name] = structuredClone(value);
  }
});
