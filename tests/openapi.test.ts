/**
 * The API's description against the running server: what it says can be sent is taken, what is answered is what it says, on every
 * route and for every problem that a request can provoke.
 */
import { FORM_TYPE, type PROBLEMS, ROUTES, type Route, type RouteId } from "@reeve/contract";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROUTE_IDS, routeOf, statusOf, World } from "./every-route.ts";
import { type Answer, DEMO, type Sent, type Served, serve } from "./serve.ts";

type Schema = Readonly<Record<string, unknown>>;
type Content = Readonly<Record<string, { readonly schema: Schema }>>;
type Response = { readonly description: string; readonly headers?: Readonly<Record<string, unknown>>; readonly content?: Content };
type Operation = {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security?: readonly Schema[];
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean; readonly schema: Schema }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, Response>>;
};
type Document = {
  readonly openapi: string;
  readonly info: Readonly<Record<string, unknown>>;
  readonly security: readonly Schema[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>>; readonly securitySchemes: Schema };
};

let served: Served;
let document: Document;
let ajv: Ajv2020;
let world: World;
beforeAll(async () => {
  served = await serve();
  world = await World.make(served);
  document = (await served.call("/openapi.json", { token: null })).body;
  // The anyOf of a resource requires members that its parent declares, which is fine in JSON Schema and not to strictRequired.
  ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, formats: { "uri-reference": true } });
  ajv.addSchema(inAjv({ $id: "api", $defs: document.components.schemas }) as object);
});
afterAll(() => served?.close());

/** References as Ajv follows them. */
const inAjv = (value: unknown): unknown => JSON.parse(JSON.stringify(value).replaceAll("#/components/schemas/", "api#/$defs/"));
const compiled = new Map<string, ValidateFunction>();
function validatorOf(schema: Schema): ValidateFunction {
  const text = JSON.stringify(schema);
  const known = compiled.get(text) ?? ajv.compile(inAjv(schema) as object);
  compiled.set(text, known);
  return known;
}
const operations = () =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
const operationOf = (id: string): Operation => operations().find(({ operation }) => operation.operationId === id)?.operation as Operation;

/** Every `$ref` below a value. */
function refs(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => (name === "$ref" ? [String(inner)] : refs(inner)));
}

/** A token, or who is signed in, with the CSRF value where something may change; who asks about himself must be signed in. */
function securityOf({ needs, bySession, method }: Route): readonly object[] {
  const session = method === "GET" ? { session: [] } : { session: [], csrf: [] };
  if (bySession === true) return [session];
  return needs === undefined ? [] : [{ bearer: [] }, session];
}

describe("the document", () => {
  it("is OpenAPI 3.1: whole, with every reference leading somewhere and nothing left over", () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({
      title: expect.any(String),
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      license: { identifier: "Apache-2.0" },
    });
    const named = Object.keys(document.components.schemas);
    for (const name of named) expect(name).toMatch(/^[A-Za-z0-9._-]+$/);
    const used = refs(document);
    for (const ref of used) expect(named, ref).toContain(ref.replace("#/components/schemas/", ""));
    expect(new Set(used).size).toBe(named.length);
    for (const schema of Object.values(document.components.schemas)) expect(() => validatorOf(schema)).not.toThrow();
  });

  it("tells each operation whole: id, summary, tag, parameters, body, answers", () => {
    expect(new Set(operations().map(({ operation }) => operation.operationId)).size).toBe(operations().length);
    const tags = document.tags.map(({ name }) => name);
    for (const { path, operation } of operations()) {
      const { parameters, responses, summary } = operation;
      expect(summary.length).toBeGreaterThan(10);
      for (const tag of operation.tags) expect(tags).toContain(tag);
      const inPath = parameters.filter((one) => one.in === "path");
      expect(inPath.map(({ name }) => name)).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
      expect(inPath.every(({ required }) => required)).toBe(true);
      expect(new Set(parameters.map((one) => `${one.in} ${one.name}`)).size).toBe(parameters.length);
      const { query = {}, headers = {}, revision, answer } = ROUTES[operation.operationId as keyof typeof ROUTES] as Route;
      const sentIn = (place: string) => parameters.filter((one) => one.in === place).map(({ name }) => name);
      expect(sentIn("query")).toEqual(Object.keys(query));
      expect(sentIn("header")).toEqual([...Object.keys(headers), ...(revision === "read" ? ["Reeve-At-Least"] : [])]);
      for (const { schema } of parameters) expect(() => validatorOf(schema)).not.toThrow();
      for (const [status, response] of Object.entries(responses)) {
        expect(status).toMatch(/^[2-5]\d\d$/);
        expect(response.description.length).toBeGreaterThan(5);
        const isBare = Object.keys(answer.types).length === 0 && status === String(answer.status);
        expect(response.content === undefined).toBe(isBare);
        for (const { schema } of Object.values(response.content ?? {})) expect(() => validatorOf(schema)).not.toThrow();
      }
    }
  });

  it("has exactly the routes of the contract, each with the security that it needs", () => {
    const routes = Object.values(ROUTES);
    expect(
      operations()
        .map(({ method, path, operation }) => `${operation.operationId} ${method} ${path}`)
        .sort(),
    ).toEqual(routes.map(({ id, method, path }) => `${id} ${method} ${path}`).sort());
    for (const route of routes) {
      const operation = operationOf(route.id);
      expect(operation.security ?? document.security).toEqual(securityOf(route));
      expect(operation.requestBody !== undefined).toBe("body" in route);
      const { takes = ["application/json"] }: Route = route;
      if (operation.requestBody !== undefined) expect(Object.keys(operation.requestBody.content)).toEqual(takes);
      const { refuses = [], problems = [] }: Route = route;
      const isRefused = refuses.includes("invalid_client") || problems.includes("sign_in_refused");
      expect("401" in operation.responses).toBe(securityOf(route).length > 0 || isRefused);
    }
  });

  it("describes only routes that are there, with no method beside those that it tells", async () => {
    for (const [path, item] of Object.entries(document.paths)) {
      const [{ operationId = "" } = {}] = Object.values(item);
      const answer = await served.call(world.urlOf(ROUTES[operationId as keyof typeof ROUTES]), { method: "OPTIONS" });
      const allowed = (answer.headers.get("allow") ?? "").split(", ").filter((method) => method !== "HEAD");
      expect(allowed.sort(), path).toEqual(
        Object.keys(item)
          .map((method) => method.toUpperCase())
          .sort(),
      );
    }
  });
});

const subject = { type: "user", id: "ada" };
const check = { subject, action: { name: "view" }, resource: { path: "/spaces/apim" } };
const call = { subject, product: "cloud-manager", method: "GET", target: "/api/program/4" };
const table = `${DEMO}/products/cloud-manager/operations`;

type Example = { readonly id: keyof typeof ROUTES; readonly path: string; readonly sent?: Sent };
type Making = () => readonly Example[] | Promise<readonly Example[]>;
const ask = (id: Example["id"], path: string, body: unknown): Example => ({ id, path: `${DEMO}${path}`, sent: { body } });
const atLeast = (example: Example, revision: string): Example => ({
  ...example,
  sent: { ...example.sent, headers: { "reeve-at-least": revision } },
});
/** Good requests beside those of `every-route.ts`, of other shapes; and what they are answered with. */
const EXAMPLES: readonly Example[] = [
  ask("check", "/check", check),
  ask("check", "/check", { ...check, subject: { ...subject, id: "nobody" }, context: { a: [1, null] } }),
  ask("check", "/check", { ...check, resource: { type: "spaces", id: "apim", properties: { labels: [] } } }),
  ask("check", "/check", { ...check, resource: { path: "/spaces/apim", child: "apis" } }),
  ask("checkBatch", "/check/batch", { evaluations: [{}, null, call, { resource: 5 }], ...check }),
  ask("checkOperation", "/operations/check", call),
  ask("checkOperation", "/operations/check", {
    ...call,
    subject: { type: "service-account", id: "demo-developer" },
    target: "/api/programs",
  }),
  ask("checkOperation", "/operations/check", {
    ...call,
    attributes: {},
    targets: { a: null, b: "/programs/4" },
    headers: { accept: "*/*" },
  }),
  ask("explain", "/explain", check),
  ask("explain", "/explain", call),
  ask("writeChanges", "/changes", {
    reason: "An example.",
    changes: [{ put: { kind: "principal", value: { id: "example", type: "user" } } }],
  }),
  ask("writeChanges", "/changes", { changes: [{ put: { kind: "principal", value: { id: "example", type: "user" } } }] }),
  ask("writeChanges", "/changes", { changes: [{ delete: { kind: "principal", id: "example" } }] }),
  { id: "createOrganization", path: "/v1/orgs", sent: { body: { id: "Example@ReeveOrg", name: "Example", tenantIds: ["1"] } } },
  { id: "organizationTable", path: table },
  { id: "organizationTable", path: `${table}?search=pipeline&method=GET`, sent: { headers: { accept: "text/markdown" } } },
  { id: "organizationTable", path: table, sent: { headers: { accept: "text/html" } } },
  {
    id: "publicTable",
    path: "/operations?product=cloud-manager&profile=developer",
    sent: { headers: { accept: "application/json" }, token: null },
  },
  { id: "publicTable", path: "/operations", sent: { token: null } },
  { id: "me", path: "/v1/me" },
];

/** What is sent is what the document says can be sent. */
function expectTaken(id: string, { body, headers }: Sent): void {
  const { requestBody, parameters } = operationOf(id);
  const content = requestBody?.content[headers?.["content-type"] ?? "application/json"];
  expect(content === undefined).toBe(body === undefined);
  if (content !== undefined) {
    const validate = validatorOf(content.schema);
    const isForm = headers?.["content-type"] === FORM_TYPE;
    const said = isForm ? Object.fromEntries(new URLSearchParams(body as string)) : body;
    expect(validate(said) ? [] : validate.errors).toEqual([]);
  }
  const known = parameters.filter((one) => one.in === "header").map(({ name }) => name.toLowerCase());
  for (const name of Object.keys(headers ?? {})) expect(["content-type", "accept", ...known, ...shownBy(operationOf(id))]).toContain(name);
}
/** What stands for whoever is signed in. */
const shownBy = ({ security = [] }: Operation): readonly string[] =>
  security.some((one) => "session" in one) ? ["cookie", "reeve-csrf"] : [];
const PUTS = ROUTE_IDS.filter((id) => id.endsWith(".put"));

/** The answer is one that the document tells for this route: its status, its media type, its headers, its body. */
function expectDescribed(id: string, answer: Answer): void {
  const response = operationOf(id).responses[String(answer.status)];
  expect(response, `${id}: ${answer.status} ${answer.text}`).toBeDefined();
  const [type = ""] = (answer.headers.get("content-type") ?? "").split(";");
  const content = response?.content?.[type];
  if (answer.status === 204) expect([type, answer.text]).toEqual(["", ""]);
  else {
    expect(content, `${id}: ${answer.status} ${type}`).toBeDefined();
    const validate = validatorOf(content?.schema as Schema);
    expect(validate(answer.body ?? answer.text) ? [] : validate.errors, `${id}: ${answer.text}`).toEqual([]);
  }
  for (const header of Object.keys(response?.headers ?? {})) expect(answer.headers.get(header), header).not.toBeNull();
  if (answer.status >= 400) expect(response?.description).toContain(`\`${answer.body.code ?? answer.body.error}\``);
}

describe("what is sent and answered", () => {
  it.each(ROUTE_IDS)("is as described: %s", async (id) => {
    const { path, sent } = await world.good(id);
    expectTaken(id, sent);
    const answer = await served.call(path, sent);
    expect(answer.status, answer.text).toBe(statusOf(id));
    expectDescribed(id, answer);
  });

  it.each(PUTS)("is as described where it makes what was not there: %s", async (id) => {
    const { path, sent } = await world.good(id.replace(/put$/, "delete") as typeof id);
    expect((await served.call(path, sent)).status).toBe(204);
    const made = await served.call(path, { ...sent, method: "PUT", body: world.lastOf(id), headers: { "if-none-match": "*" } });
    expect(made.status, made.text).toBe(201);
    expectDescribed(id, made);
  });

  it.each(EXAMPLES)("is as described: $id $path", async ({ id, path, sent = {} }) => {
    expectTaken(id, sent);
    const answer = await served.call(path, sent);
    expect(answer.status, answer.text).toBe(id === "createOrganization" ? 201 : 200);
    expectDescribed(id, answer);
  });

  const json = { "content-type": "application/json" };
  const foreign = "0000000000000000.1";
  const written = ROUTE_IDS.filter((id) => routeOf(id).body !== undefined);
  const taking = (type: string) => written.filter((id) => (routeOf(id).takes ?? ["application/json"]).includes(type));
  const posts = written.filter((id) => routeOf(id).takes === undefined);
  const signed = ROUTE_IDS.filter((id) => routeOf(id).bySession === true);
  const unsigned = posts.filter((id) => !signed.includes(id));
  const guarded = ROUTE_IDS.filter((id) => routeOf(id).needs !== undefined);
  const reads = guarded.filter((id) => routeOf(id).revision === "read");
  const keyed = ROUTE_IDS.filter((id) => routeOf(id).headers?.["Idempotency-Key"] !== undefined);
  const preconditioned = ROUTE_IDS.filter((id) => routeOf(id).headers?.["If-Match"] !== undefined);
  const each = (ids: readonly RouteId[], sent: Sent): readonly Example[] =>
    ids.map((id) => ({ id, path: world.urlOf(routeOf(id)), sent: { method: routeOf(id).method, ...sent } }));
  /** Good requests but for a header. */
  const goodBut = (ids: readonly RouteId[], headers: Readonly<Record<string, string>>): Promise<readonly Example[]> =>
    Promise.all(
      ids.map(async (id) => {
        const { path, sent } = await world.good(id);
        return { id, path, sent: { ...sent, headers: { ...sent.headers, ...headers } } };
      }),
    );
  const nowhere = (verb: string): readonly Example[] =>
    each(
      ROUTE_IDS.filter((id) => id.endsWith(`.${verb}`)),
      {},
    ).map((one) => ({ ...one, path: one.path.replace(/[^/]+$/, "none") }));
  /** Bad requests of every kind, for every route that they can be sent to. */
  const BAD: readonly (readonly [code: keyof typeof PROBLEMS, examples: readonly Example[] | Making])[] = [
    ["not_authenticated", () => each(guarded, { token: "wrong" })],
    ["not_authenticated", () => each(signed, { token: null, body: undefined })],
    ["malformed_request", () => each(unsigned, { body: [] })],
    ["malformed_json", () => each(taking("application/json"), { body: "", headers: json })],
    ["unsupported_media_type", () => each(written, { body: "{}", headers: { "content-type": "image/png" } })],
    ["body_too_large", () => each(posts, { body: " ".repeat(5_000_000), headers: json })],
    ["revision_of_another_history", () => goodBut(reads, { "reeve-at-least": foreign })],
    ["malformed_header", () => goodBut(reads, { "reeve-at-least": "x" })],
    ["malformed_header", () => goodBut(preconditioned, { "if-match": "x" })],
    ["malformed_header", () => goodBut(keyed, { "idempotency-key": "x".repeat(256) })],
    ["object_not_found", () => [...nowhere("get"), ...nowhere("delete")]],
    ["object_changed", () => goodBut(preconditioned, { "if-match": `"${foreign}"` })],
    [
      "revision_of_another_history",
      [
        ask("check", "/check", { ...check, atLeast: foreign }),
        ask("checkBatch", "/check/batch", { evaluations: [check], atLeast: foreign }),
      ],
    ],
    ["revision_of_another_history", [atLeast(ask("explain", "/explain", check), foreign)]],
    ["revision_of_another_history", [atLeast({ id: "organizationTable", path: table }, foreign)]],
    [
      "revision_of_another_history",
      [ask("writeChanges", "/changes", { changes: [{ delete: { kind: "label", id: "core/C1" } }], ifRevision: foreign })],
    ],
    ["malformed_header", [atLeast(ask("check", "/check", check), "x"), atLeast(ask("checkOperation", "/operations/check", call), "x")]],
    ["changes_refused", [ask("writeChanges", "/changes", { changes: [{ delete: { kind: "label", id: "core/none" } }] })]],
    ["organization_exists", [{ id: "createOrganization", path: "/v1/orgs", sent: { body: { id: "DEMO@ReeveOrg", name: "Again" } } }]],
    [
      "product_not_found",
      [
        { id: "publicTable", path: "/operations?product=none" },
        { id: "organizationTable", path: table.replace("cloud", "none") },
      ],
    ],
    ["not_acceptable", [{ id: "publicTable", path: "/operations", sent: { headers: { accept: "image/png" } } }]],
  ];

  it.each(BAD)("is as described where it goes wrong: %s", async (code, examples) => {
    for (const { id, path, sent } of typeof examples === "function" ? await examples() : examples) {
      const answer = await served.call(path, sent);
      expect(answer.body?.code, `${id}: ${answer.text}`).toBe(code);
      expectDescribed(id, answer);
    }
  });

  it.each(guarded.filter((id) => routeOf(id).path.includes("{org}")))(
    "is as described in an organization that is not there: %s",
    async (id) => {
      const { path, sent } = await world.good(id);
      const answer = await served.call(path.replace(/(?<=^\/v1\/orgs\/)[^/?]+/, "NONE"), sent);
      // Imports are found by their organization and their id at once.
      expect(answer.body.code, answer.text).toMatch(
        /Import$/.test(id) && id !== "importDocument" ? /^import_not_found$/ : /^(organization|change_set|object)_not_found$/,
      );
      expectDescribed(id, answer);
    },
  );

  it("is as described where the revision is missed: 412 and 504", async () => {
    const { body } = await served.call(`${DEMO}/check`, { body: check });
    const next = body.context.revision.replace(/\d+$/, "999");
    const conflict = await served.call(`${DEMO}/changes`, {
      body: { changes: [{ delete: { kind: "label", id: "core/C1" } }], ifRevision: next },
    });
    const late = await served.call(`${DEMO}/check`, { body: { ...check, atLeast: next } });
    expect([conflict.body.code, late.body.code]).toEqual(["revision_conflict", "revision_not_reached"]);
    expectDescribed("writeChanges", conflict);
    expectDescribed("check", late);
  });
});
