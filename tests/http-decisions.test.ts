/**
 * Questions over HTTP: check, batch, operations, explain and me, on the demo organization. What the answers say is the engine's and
 * has its own cases; here stands that every form of a question reaches it whole, and that the answer keeps its shape.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, DEMO, type Served, serve } from "./serve.ts";

let served: Served;
let revision = "";
beforeAll(async () => {
  served = await serve();
  revision = (await ask(check("ada", "view", "/spaces/apim"))).headers.get("reeve-revision") ?? "";
});
afterAll(() => served?.close());

const subject = (id: string) => ({ type: id.startsWith("demo-") ? "service-account" : "user", id });
const check = (id: string, action: string, path: string) => ({ subject: subject(id), action: { name: action }, resource: { path } });
const operation = (id: string, line: string, more: object = {}) => {
  const [method, target] = line.split(" ") as [string, string];
  return { subject: subject(id), product: "cloud-manager", method, target, ...more };
};
const routeOf = (question: object): string => ("target" in question || "method" in question ? "/operations/check" : "/check");
const ask = (question: object, route = routeOf(question), headers: Record<string, string> = {}): Promise<Answer> =>
  served.call(`${DEMO}${route}`, { body: question, headers });
const batch = (evaluations: readonly unknown[], more: object = {}) => ask({ evaluations, ...more }, "/check/batch");
/** What the answer says without the decision's own id. */
const said = ({ decision, context: { id, ...context } }: { decision: boolean; context: Record<string, unknown> }) => {
  expect(id).toMatch(/^[0-9a-f-]{36}(\.\d+)?$/);
  return { decision, context };
};
const reason = (answer: Answer) => answer.body.context?.reasons?.[0];

/** Questions of every kind of answer that the demo organization gives; some are hostile. */
const QUESTIONS: readonly object[] = [
  check("demo-developer", "access", "/programs/4"),
  check("demo-release-bot", "start", "/programs/4/pipelines/10"),
  check("demo-release-bot", "start", "/programs/4/pipelines/11"),
  check("ben", "edit", "/spaces/apim/apis/orders"),
  check("ada", "edit", "/spaces/apim/apis/payments"),
  check("cleo", "read", "/sandboxes/prod/segments/big-spenders"),
  check("gita", "read", "/sandboxes/prod/segments/big-spenders"),
  check("ben", "delete", "/sandboxes/prod/segments/newsletter"),
  check("dan", "delete", "/sandboxes/prod/segments/newsletter"),
  check("nobody", "view", "/spaces/apim"),
  check("jon", "view", "/spaces/apim"),
  check("ada", "view", "/nothing/1"),
  check("ada", "fly", "/spaces/apim"),
  check("ada", "view", "/spaces/elsewhere"),
  check("eva", "view", "/spaces/apim"),
  { ...check("ada", "view", "/spaces/apim"), subject: { type: "service-account", id: "ada" } },
  { ...check("ada", "view", ""), resource: { type: "spaces", id: "apim" } },
  { ...check("demo-developer", "access", ""), resource: { type: "programs", id: "4" } },
  { ...check("dan", "read", ""), resource: { type: "segments", id: "newsletter", properties: { sandbox: "prod" } } },
  { ...check("ben", "view", ""), resource: { path: "/spaces/apim/apis/orders", child: "versions" } },
  { ...check("ben", "view", ""), resource: { path: "/spaces/apim/apis/orders/versions" } },
  check("ada", "view", "/spaces/apim/../apim"),
  check("ada", "view", "/spaces/%61pim"),
  check("ada", "view", "/spaces/*"),
  check("\ud800", "view", "/spaces/\udfff"),
  check("__proto__", "constructor", "/__proto__/constructor"),
  { ...check("dan", "delete", "/sandboxes/prod/segments/newsletter"), context: { now: 0, deep: [{ a: null }] } },
  operation("demo-developer", "GET /api/program/4"),
  operation("demo-business-owner", "DELETE /api/program/4"),
  operation("demo-developer", "DELETE /api/program/4"),
  operation("demo-release-bot", "PUT /api/program/4/pipeline/10/execution", { targets: { sourcePipeline: null } }),
  operation("demo-release-bot", "PUT /api/program/4/pipeline/10/execution"),
  operation("demo-log-reader", "GET /api/program/4/environment/3/logs"),
  operation("demo-developer", "GET /api/programs"),
  operation("demo-developer", "GET /api/program/4/../5"),
  operation("demo-developer", "GET /api/tenant/2/programs"),
  operation("demo-developer", "GET /api/nothing"),
  operation("demo-developer", "DELETE /api/program/4/site/1"),
  operation("demo-business-owner", "DELETE /api/program/4", { headers: { "X-HTTP-Method-Override": "GET" } }),
  { ...operation("demo-storefront", "GET /shop/orders/v2/orders"), product: "api-management" },
];

describe("a check", () => {
  it("allows with the evidence, and denies with what is missing, both as 200", async () => {
    const allowed = await ask(check("demo-release-bot", "start", "/programs/4/pipelines/10"));
    expect([allowed.status, allowed.body.decision]).toEqual([200, true]);
    expect(reason(allowed)).toMatchObject({ code: "allowed_by_role", source: "role", role: "release-pipeline-10" });
    const denied = await ask(check("demo-release-bot", "start", "/programs/4/pipelines/11"));
    expect([denied.status, denied.body.decision]).toEqual([200, false]);
    expect(reason(denied)).toMatchObject({ code: "no_access", missing: [{ kind: "scope" }] });
    expect(typeof reason(denied).message).toBe("string");
  });

  it("names its revision in the body and in the header, and another id each time", async () => {
    const answers = await Promise.all([1, 2, 3].map(() => ask(check("ada", "view", "/spaces/apim"))));
    for (const answer of answers) {
      expect(answer.headers.get("reeve-revision")).toBe(revision);
      expect(answer.body.context.revision).toBe(revision);
    }
    expect(new Set(answers.map(({ body }) => body.context.id)).size).toBe(3);
  });

  it("meets eleven reasons or more among the questions of this file", async () => {
    const answers = await Promise.all(QUESTIONS.map((question) => ask(question)));
    expect(answers.map(({ status }) => status)).toEqual(QUESTIONS.map(() => 200));
    for (const { body } of answers) expect(body.decision).toBe(String(body.context.reasons[0].code).startsWith("allowed_"));
    expect(new Set(answers.map((answer) => reason(answer).code)).size).toBeGreaterThanOrEqual(11);
  });

  it("ignores members that it does not know, wherever they stand", async () => {
    const question = check("demo-release-bot", "start", "/programs/4/pipelines/10");
    const more = { extra: 1, "": null, decision: true, principal: { id: "ada" } };
    const answer = await ask({
      ...more,
      subject: { ...question.subject, ...more },
      action: { ...question.action, ...more },
      resource: { ...question.resource, ...more },
    });
    expect(said(answer.body)).toEqual(said((await ask(question)).body));
  });

  it("reads no member through a prototype: those names are unknown members like any other", async () => {
    const denied = check("dan", "delete", "/sandboxes/prod/segments/newsletter");
    const before = said((await ask(denied)).body);
    const poison = '{"properties":{"department":"marketing"},"department":"marketing","id":"ben","roles":{"labels":["core/C1"]}}';
    for (const name of ["__proto__", "constructor", "prototype"]) {
      for (const member of [`"${name}":${poison}`, `"${name}":{"prototype":${poison}}`]) {
        const whole = JSON.stringify(denied);
        const bodies = [
          `{${member},${whole.slice(1)}`,
          whole.replace('"subject":{', `"subject":{${member},`),
          whole.replace('"subject":{', `"subject":{"properties":{${member}},`),
          whole.replace('"resource":{', `"resource":{"properties":{${member}},`),
          whole.replace('"action":{', `"action":{"properties":{${member}},`),
          `${whole.slice(0, -1)},"context":{${member}}}`,
        ];
        for (const body of bodies) {
          const answer = await served.call(`${DEMO}/check`, { body });
          expect([answer.status, said(answer.body)], body).toEqual([200, before]);
        }
      }
    }
    expect(Object.hasOwn(Object.prototype, "department")).toBe(false);
    expect((await ask({ ...denied, subject: { ...subject("dan"), properties: { department: "marketing" } } })).body.decision).toBe(false);
    const missing = await served.call(`${DEMO}/check`, { body: `{"__proto__":${JSON.stringify(denied)}}` });
    expect([missing.status, missing.body.errors.length]).toEqual([400, 3]);
  });

  it("lets sent properties count over stored ones", async () => {
    const question = check("ben", "delete", "/sandboxes/prod/segments/newsletter");
    expect(reason(await ask(question)).code).toBe("allowed_by_policy");
    const sent = { ...question, subject: { ...question.subject, properties: { department: "finance" } } };
    expect((await ask(sent)).body.decision).toBe(false);
    const labelled = { ...question, resource: { ...question.resource, properties: { labels: ["core/I1"] } } };
    expect(reason(await ask(labelled))).toMatchObject({ code: "denied_by_policy", policy: "labels-must-match" });
  });

  it("refuses a malformed question with every fault and its place", async () => {
    const answer = await ask(
      { subject: { type: 1 }, action: [], resource: { child: "", type: "x" }, context: "now", atLeast: 7 },
      "/check",
    );
    expect(answer.status).toBe(400);
    const faults = answer.body.errors.map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`).sort();
    expect(faults).toEqual([
      "empty /resource/child",
      "required /resource",
      "required /resource/path",
      "required /subject/id",
      "wrong_type /action",
      "wrong_type /atLeast",
      "wrong_type /context",
      "wrong_type /subject/type",
    ]);
  });

  it("takes a child only of a path: without one it would be a question about the resource itself", async () => {
    const answer = await ask({ ...check("ada", "view", ""), resource: { type: "spaces", id: "apim", child: "apis" } });
    expect(answer.body.errors).toEqual([{ code: "required", pointer: "/resource/path", detail: "The member path is required." }]);
  });

  it("bounds what is sent along in size and depth, and names all that are too much", async () => {
    const nested = (levels: number): object => (levels === 1 ? {} : { a: nested(levels - 1) });
    const question = check("ada", "view", "/spaces/apim");
    const large = { text: "\u00e4".repeat(32_768) };
    const fits = { text: "\u00e4".repeat(32_700) };
    expect((await ask({ ...question, context: fits, resource: { ...question.resource, properties: nested(16) } })).status).toBe(200);
    expect((await ask({ ...question, context: large })).body).toMatchObject({ status: 400, code: "malformed_request" });
    const answer = await ask({ ...question, context: large, action: { name: "view", properties: nested(17) }, subject: {} });
    expect(answer.body).toMatchObject({ status: 400, code: "body_too_deep" });
    expect(answer.body.errors.map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`)).toEqual([
      "required /subject/type",
      "required /subject/id",
      "too_deep /action/properties",
      "too_large /context",
    ]);
  });
});

describe("an operation check", () => {
  it("gives the filter of an operation that lists resources", async () => {
    const answer = await ask(operation("demo-developer", "GET /api/programs"));
    expect(answer.body).toMatchObject({ decision: true, context: { filter: { type: "programs", action: "access" } } });
  });

  it("carries attributes, further targets and context to the rule", async () => {
    const source = (sourcePipeline: unknown) =>
      ask(operation("demo-release-bot", "PUT /api/program/4/pipeline/10/execution", { targets: { sourcePipeline } }));
    expect((await source(null)).body.decision).toBe(true);
    expect((await source("/programs/4/pipelines/10")).body.decision).toBe(true);
    expect((await source("/programs/4/pipelines/11")).body.decision).toBe(false);
    expect((await source("/programs/5/pipelines/20")).body.decision).toBe(false);
    expect(reason(await source("/programs/5/pipelines/10")).code).toBe("wrong_parent");
    expect((await source(5)).body.errors).toEqual([
      {
        code: "wrong_type",
        pointer: "/targets/sourcePipeline",
        detail: "This must be of type string or null.",
        allowed: ["string", "null"],
      },
    ]);
  });

  it("refuses a method override in any spelling, whatever method it names, and in explain and batch too", async () => {
    const names = ["X-HTTP-Method-Override", "x-http-method", "X-METHOD-OVERRIDE", "X_HTTP_METHOD_OVERRIDE", " x-http-method-override "];
    for (const name of names) {
      for (const value of ["GET", "DELETE", null, ["PUT"]]) {
        const question = operation("demo-business-owner", "DELETE /api/program/4", { headers: { [name]: value } });
        expect(reason(await ask(question)).code).toBe("method_override");
        expect((await ask(question, "/explain")).body).toMatchObject({ decision: false });
        expect((await batch([question])).body.evaluations[0].context.reasons[0].code).toBe("method_override");
      }
    }
    const harmless = operation("demo-business-owner", "DELETE /api/program/4", {
      headers: { accept: "*/*", "x-http-method-overrides": "GET" },
    });
    expect((await ask(harmless)).body.decision).toBe(true);
  });

  it("refuses a malformed question with every fault and its place", async () => {
    const answer = await ask({ subject: "ada", method: "", target: 1, attributes: [], targets: "x", headers: 1 }, "/operations/check");
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual(
      ["/attributes", "/headers", "/method", "/product", "/subject", "/target", "/targets"].sort(),
    );
  });
});

describe("a batch", () => {
  it("answers each item as the single check would, in order, with duplicates and faulty ones between", async () => {
    const singles = await Promise.all(QUESTIONS.map(async (question) => said((await ask(question)).body)));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: -1, max: QUESTIONS.length - 1 }), { minLength: 1, maxLength: 200 }), async (places) => {
        const answer = await batch(places.map((at) => QUESTIONS[at] ?? { subject: 1 }));
        expect(answer.status).toBe(200);
        expect(answer.body.evaluations).toHaveLength(places.length);
        for (const [index, at] of places.entries()) {
          const item = said(answer.body.evaluations[index]);
          if (at >= 0) expect(item).toEqual(singles[at]);
          else expect(item).toMatchObject({ decision: false, context: { revision, reasons: [], error: { status: 400 } } });
        }
      }),
      { numRuns: 20 },
    );
  });

  it("takes 1 to 1,000 items", async () => {
    const thousand = Array.from({ length: 1_000 }, (_, index) => QUESTIONS[index % QUESTIONS.length]);
    const answer = await batch(thousand);
    expect([answer.status, answer.body.evaluations.length]).toEqual([200, 1_000]);
    expect(new Set(answer.body.evaluations.map(({ context }: { context: { revision: string } }) => context.revision))).toEqual(
      new Set([revision]),
    );
    const tooMany = { status: 413, code: "too_many_items", errors: [{ code: "too_many", pointer: "/evaluations" }] };
    expect((await batch([...thousand, {}])).body).toMatchObject(tooMany);
    expect((await batch([])).body.errors).toMatchObject([{ code: "empty", pointer: "/evaluations" }]);
    expect((await ask({}, "/check/batch")).body.errors).toMatchObject([{ code: "required", pointer: "/evaluations" }]);
  });

  it("makes a faulty item a deny that says what is wrong and where, and answers the others", async () => {
    const faulty = [null, 5, "x", [], {}, { subject: subject("ada") }, { method: "GET" }, { ...QUESTIONS[0], atLeast: revision }];
    const answer = await batch([...faulty, QUESTIONS[0]]);
    expect(answer.body.evaluations.map(({ decision }: { decision: boolean }) => decision)).toEqual([...faulty.map(() => false), true]);
    for (const [index, { context }] of answer.body.evaluations.slice(0, -1).entries()) {
      expect(context).toMatchObject({ reasons: [], error: { status: 400 } });
      expect(context.error.errors.length).toBeGreaterThan(0);
      for (const { pointer } of context.error.errors) expect(pointer).toMatch(new RegExp(`^/evaluations/${index}(/|$)`));
      expect(context.error.message).toContain(`/evaluations/${index}`);
    }
    expect((await batch(faulty)).body.evaluations).toHaveLength(faulty.length);
  });

  it("gives items what they lack: subject, action, resource and context stand for those without, whole and not merged", async () => {
    const defaults = { ...check("demo-release-bot", "start", "/programs/4/pipelines/10"), context: { a: 1 } };
    const answer = await batch(
      [{}, { resource: { path: "/programs/4/pipelines/11" } }, { action: { name: "cancel" } }, { subject: { id: "demo-release-bot" } }],
      defaults,
    );
    const [whole, other, cancel, half] = answer.body.evaluations;
    expect([whole.decision, other.decision, cancel.decision]).toEqual([true, false, true]);
    expect(half.context.error.errors).toMatchObject([{ code: "required", pointer: "/evaluations/3/subject/type" }]);
    const calls = [{ product: "cloud-manager", method: "GET", target: "/api/program/4" }];
    expect((await batch(calls, { subject: subject("demo-developer") })).body.evaluations[0].decision).toBe(true);
    const broken = await batch([{}, QUESTIONS[0]], { ...defaults, subject: 5 });
    expect(broken.body.evaluations.map(({ decision }: { decision: boolean }) => decision)).toEqual([false, true]);
  });
});

describe("explain", () => {
  it("has the verdict and the reasons of the check, for every question", async () => {
    for (const question of QUESTIONS) {
      const [answer, explained] = await Promise.all([ask(question), ask(question, "/explain")]);
      const { explanation, ...rest } = explained.body;
      expect(said(rest), JSON.stringify(question)).toEqual(said(answer.body));
      expect(explanation).toMatchObject({ tried: expect.any(Array), rules: expect.any(Array) });
      expect(explained.headers.get("reeve-revision")).toBe(revision);
    }
  });

  it("tells every source that was tried, and every rule", async () => {
    const { body } = await ask(check("ben", "delete", "/sandboxes/prod/segments/newsletter"), "/explain");
    expect(body.explanation.tried.map(({ source }: { source: string }) => source)).toEqual(["role", "access", "admin", "policy"]);
    expect(body.explanation.rules).toHaveLength(2);
  });

  it("refuses a malformed question with every fault", async () => {
    expect((await ask({ subject: subject("ada") }, "/explain")).body.errors).toHaveLength(2);
    expect((await ask({ method: "GET" }, "/explain")).body.errors).toHaveLength(3);
  });
});

describe("at least a revision", () => {
  const question = check("ada", "view", "/spaces/apim");
  const places = [
    ["the body", (at: string) => ask({ ...question, atLeast: at })],
    ["the header", (at: string) => ask(question, "/check", { "reeve-at-least": at })],
    ["the body of a batch", (at: string) => batch([question], { atLeast: at })],
    ["the body of an operation", (at: string) => ask({ ...operation("ada", "GET /api/programs"), atLeast: at })],
    ["the body of explain", (at: string) => ask({ ...question, atLeast: at }, "/explain")],
    [
      "the header of a table",
      (at: string) => served.call(`${DEMO}/products/cloud-manager/operations`, { headers: { "reeve-at-least": at } }),
    ],
  ] as const;

  it.each(places)("is answered when it is reached, as %s", async (_, asked) => {
    const answer = await asked(revision);
    expect([answer.status, answer.headers.get("reeve-revision")]).toEqual([200, revision]);
    expect((await asked(revision.replace(/\d+$/, "0"))).status).toBe(200);
  });

  it.each(places)("is 409 when it is of another history, as %s", async (_, asked) => {
    for (const other of ["0000000000000000.1", `x${revision}`]) expect((await asked(other)).body.code).toBe("revision_of_another_history");
  });

  it("is 504 after a bounded wait when it is not reached, wherever it stands", { timeout: 10_000 }, async () => {
    const began = performance.now();
    const answers = await Promise.all(places.map(([, asked]) => asked(revision.replace(/\d+$/, "999"))));
    for (const { status, body } of answers) expect([status, body.code]).toEqual([504, "revision_not_reached"]);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it.each(places)("is 400 when it is malformed, as %s", async (place, asked) => {
    for (const bad of [
      "1",
      "x",
      `${revision}.`,
      `${revision} `.replace(" ", "x"),
      revision.replace(".", ":"),
      `${revision}e3`,
      "-1.-1",
      "a.1.5.",
    ]) {
      const answer = await asked(bad);
      expect([answer.status, answer.body.code], bad).toEqual([400, place.includes("header") ? "malformed_header" : "malformed_request"]);
      if (place.includes("body")) expect(answer.body.errors).toMatchObject([{ pointer: "/atLeast" }]);
    }
  });
});

describe("me", () => {
  it("is the administrator, who may do all in every organization", async () => {
    expect((await served.call("/v1/me")).body).toEqual({
      administrator: true,
      principal: null,
      organizations: "all",
      ceiling: "admin",
      how: "token",
      clientId: null,
    });
  });
});
