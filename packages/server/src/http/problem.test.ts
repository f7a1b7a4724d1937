/** Problems: every code of the registry as it is answered, and what is refused before there is a route. */
import { FAULT_CODES, PROBLEMS, type ProblemCode } from "@reeve/contract";
import Fastify from "fastify";
import { describe, expect, it, onTestFinished } from "vitest";
import { readBodies } from "./body.ts";
import { answerHeaders } from "./headers.ts";
import { answerFrameworkError, HttpProblem, handleProblems } from "./problem.ts";
import { validator } from "./validate.ts";

function serverOf(answer: () => unknown = () => ({})) {
  const server = Fastify({
    genReqId: () => "the-id",
    frameworkErrors: answerFrameworkError(answerHeaders({ isSecure: false })),
    bodyLimit: 64,
  });
  readBodies(server, 65_536);
  handleProblems(server);
  server.post("/things/:id", async () => answer());
  onTestFinished(() => server.close());
  return server;
}
const codes = Object.keys(PROBLEMS) as ProblemCode[];

describe("a problem", () => {
  it.each(codes)("%s is answered with its status, title, type and the id of the request", async (code) => {
    const server = serverOf(() => {
      throw new HttpProblem(code);
    });
    const answer = await server.inject({ method: "POST", url: "/things/1", payload: {} });
    const { status, title } = PROBLEMS[code];
    expect(answer.statusCode).toBe(status);
    expect(answer.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
    expect(answer.json()).toEqual({
      type: `urn:reeve:problem:${code}`,
      title,
      status,
      instance: "urn:reeve:request:the-id",
      code,
      requestId: "the-id",
    });
    expect(answer.headers["www-authenticate"]).toBe(code === "not_authenticated" ? 'Bearer realm="reeve"' : undefined);
  });

  it("has a status of an error and a title of its own", () => {
    for (const code of codes) expect(PROBLEMS[code].status).toBeGreaterThanOrEqual(400);
    expect(new Set(codes.map((code) => PROBLEMS[code].title)).size).toBe(codes.length);
    for (const code of [...codes, ...FAULT_CODES]) expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
  });

  it("carries its detail and its faults as they were given", async () => {
    const errors = [{ code: "required", pointer: "/a", detail: "This member is required.", allowed: ["x"] }];
    const server = serverOf(() => {
      throw new HttpProblem("malformed_request", { detail: "Two things.", errors });
    });
    expect((await server.inject({ method: "POST", url: "/things/1", payload: {} })).json()).toMatchObject({
      detail: "Two things.",
      errors,
    });
  });
});

describe("what is refused before a handler", () => {
  const post = (payload: string | Buffer, type = "application/json") =>
    serverOf().inject({ method: "POST", url: "/things/1", payload, headers: { "content-type": type } });

  it.each([
    ["malformed_json", "", "application/json"],
    ["malformed_json", "{", "application/json"],
    ["malformed_json", Buffer.from([0x22, 0xff, 0x22]), "application/json"],
    ["malformed_json", Buffer.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]), "application/json; charset=utf-16"],
    ["body_too_large", `"${"x".repeat(64)}"`, "application/json"],
    ["unsupported_media_type", "{}", "text/plain"],
    ["unsupported_media_type", "{}", "application/json-patch+json"],
    ["unsupported_media_type", "a=1", "application/x-www-form-urlencoded"],
  ] as const)("is %s: %s as %s", async (code, payload, type) => {
    const answer = await post(payload, type);
    expect([answer.statusCode, answer.json().code]).toEqual([PROBLEMS[code].status, code]);
  });

  it("is not a body in UTF-8, with a mark in front of it or not", async () => {
    expect((await post("\ufeff{}")).statusCode).toBe(200);
    expect((await post('{"\u00e4":"\ud83d\ude00"}')).statusCode).toBe(200);
  });

  it("is a path that nobody reads, with the id of the request", async () => {
    for (const url of ["/things/%", "/things/%ff", "/%c0%af", `/things/${"x".repeat(500)}`]) {
      const answer = await serverOf().inject({ method: "POST", url, payload: {} });
      expect([answer.statusCode, answer.json()]).toMatchObject([404, { code: "not_found", requestId: "the-id" }]);
      expect(answer.headers["x-request-id"]).toBe("the-id");
    }
  });

  it("is a method that a path does not take, before its body is read", async () => {
    const answer = await serverOf().inject({
      method: "PUT",
      url: "/things/1?x=1",
      payload: "{",
      headers: { "content-type": "text/plain" },
    });
    expect([answer.statusCode, answer.headers["allow"], answer.json().detail]).toEqual([405, "POST", "/things/1 takes POST."]);
    expect((await serverOf().inject({ method: "PUT", url: "/none", payload: "{" })).json().code).toBe("not_found");
  });
});

describe("a validator", () => {
  const validate = validator<{ readonly a?: number }>({
    type: "object",
    properties: { a: { type: "integer", default: 7 }, "b/c~d": { type: "string" } },
    required: ["e"],
    additionalProperties: false,
  });

  it("tells every fault with its pointer, below the one that it was given", () => {
    const result = validate({ a: "1", "b/c~d": 1, "x/y": 1 }, "/here");
    expect(result.ok ? [] : result.error.map(({ code, pointer }) => `${code} ${pointer}`).sort()).toEqual([
      "required /here/e",
      "unknown_member /here/x~1y",
      "wrong_type /here/a",
      "wrong_type /here/b~1c~0d",
    ]);
  });

  it("changes nothing of what it was given: nothing is coerced, filled in or taken out", () => {
    const value = { e: 1, z: undefined };
    validate(value);
    expect(value).toEqual({ e: 1, z: undefined });
    const good = { e: null };
    expect(validator<object>({ type: "object", properties: { a: { default: 7 } } })(good)).toEqual({ ok: true, value: { e: null } });
  });
});
