import { describe, expect, it } from "vitest";
import { type QuestionOptions, questionOf, type RequestLine } from "./question.ts";

const NO_LINE: RequestLine = { method: undefined, target: undefined };
const DELETE: RequestLine = { method: "DELETE", target: "/api/program/4/pipeline/10" };
const ask = (options: Partial<QuestionOptions>, line: RequestLine = NO_LINE) => {
  const question = questionOf({ subject: "user:ada", ...options }, line);
  return question.ok ? JSON.parse(JSON.stringify(question.value)) : question.error.lines;
};

describe("a question about a resource", () => {
  it("names it by path", () => {
    expect(ask({ action: "view", resource: "/programs/4" })).toEqual({
      route: "check",
      body: { subject: { type: "user", id: "ada" }, action: { name: "view" }, resource: { path: "/programs/4" } },
    });
  });

  it("names it by type and id, or as a child of a path", () => {
    expect(ask({ action: "view", type: "apis", id: "orders" }).body.resource).toEqual({ type: "apis", id: "orders" });
    expect(ask({ action: "create", resource: "/spaces/apim", child: "apis" }).body.resource).toEqual({
      path: "/spaces/apim",
      child: "apis",
    });
  });

  it("carries context and the revision to answer at", () => {
    const { body } = ask({ action: "view", resource: "/", context: ["ip=10.0.0.1", "mfa.fresh:=true"], atLeast: "abc.7" });
    expect(body.context).toEqual({ ip: "10.0.0.1", mfa: { fresh: true } });
    expect(body.atLeast).toBe("abc.7");
  });

  it("is refused with all its faults together", () => {
    expect(ask({ subject: "ada", target: ["x=/"], attribute: ["a=b"] })).toEqual([
      expect.stringContaining("--subject ada is not allowed"),
      expect.stringContaining("--action"),
      expect.stringContaining("--resource PATH"),
      expect.stringContaining("--target goes with a call"),
      expect.stringContaining("--attribute goes with a call"),
    ]);
    expect(ask({ action: "view", resource: "/", type: "apis", id: "x" })).toEqual([expect.stringContaining("not both")]);
    expect(ask({ action: "view", type: "apis", id: "x", child: "apis" })).toEqual([
      expect.stringContaining("--child goes with --resource"),
    ]);
  });
});

describe("a question about a call", () => {
  it("takes method and target as they are", () => {
    expect(ask({ subject: "service-account:a:b", product: "cloud-manager" }, DELETE)).toEqual({
      route: "checkOperation",
      body: { subject: { type: "service-account", id: "a:b" }, product: "cloud-manager", ...DELETE },
    });
  });

  it("puts dotted attributes into each other and `none` as a target that the request does not name", () => {
    const { body } = ask(
      {
        product: "cloud-manager",
        attribute: ["step.action=approval", "step.status=WAITING", "count:=3", "text=a=b", "empty="],
        target: ["environment=/programs/4/environments/3", "other=none"],
      },
      DELETE,
    );
    expect(body.attributes).toEqual({ step: { action: "approval", status: "WAITING" }, count: 3, text: "a=b", empty: "" });
    expect(body.targets).toEqual({ environment: "/programs/4/environments/3", other: null });
  });

  it("may name members that objects have anyway", () => {
    const { body } = ask({ product: "p", attribute: ["__proto__.polluted=yes", "constructor=x"], target: ["__proto__=none"] }, DELETE);
    expect(Object.keys(body.attributes).sort()).toEqual(["__proto__", "constructor"]);
    expect(Object.keys(body.targets)).toEqual(["__proto__"]);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  it("is refused without product or target, and with what belongs to a resource", () => {
    expect(ask({}, { method: "GET", target: undefined })).toEqual([
      expect.stringContaining("--product"),
      expect.stringContaining("target"),
    ]);
    expect(ask({ product: "cloud-manager" })).toEqual([expect.stringContaining("method and target")]);
    expect(ask({ product: "cloud-manager", action: "view", resource: "/" }, DELETE)).toHaveLength(2);
  });

  it.each(["=x", "a", "a..b=x", "n:=not json", ".=x"])("is refused with the attribute %s", (attribute) => {
    expect(ask({ product: "p", attribute: [attribute] }, DELETE)).toEqual([
      expect.stringContaining(`--attribute ${attribute} is not allowed`),
    ]);
  });

  it.each([[["a=1", "a=2"]], [["a=1", "a.b=2"]], [["a.b=1", "a=2"]], [["a:={}", "a.b=2"]]])(
    "is refused where attributes contradict each other: %j",
    (attribute) => {
      expect(ask({ product: "p", attribute }, DELETE)).toEqual([expect.stringContaining("twice, or below")]);
    },
  );

  it("is refused with a target that is given twice or has no name", () => {
    expect(ask({ product: "p", target: ["a=/", "a=none", "b", "=c"] }, DELETE)).toHaveLength(3);
  });
});
