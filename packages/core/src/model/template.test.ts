import { describe, expect, it } from "vitest";
import { LIMITS } from "./limits.ts";
import { parseBasePath, parsePattern, parseTemplate, targetParameters, templateShape } from "./template.ts";

describe("a path template", () => {
  it("is literals, parameters and compound segments", () => {
    expect(parseTemplate("/api/{a}/{base}...{head}/v{n}.json")).toEqual({
      segments: [
        [{ literal: "api" }],
        [{ parameter: "a" }],
        [{ parameter: "base" }, { literal: "..." }, { parameter: "head" }],
        [{ literal: "v" }, { parameter: "n" }, { literal: ".json" }],
      ],
      parameters: ["a", "base", "head", "n"],
    });
  });

  it("may be the root alone", () => {
    expect(parseTemplate("/")).toEqual({ segments: [], parameters: [] });
  });

  it.each([
    "",
    "api",
    "//",
    "/api/",
    "/api//x",
    "/a?b",
    "/a#b",
    "/a%20b",
    "/a\\b",
    "/a/./b",
    "/a/..",
    "/a\nb",
    "/\ud800",
    "/{",
    "/}",
    "/{}",
    "/{a}{b}",
    "/{a",
    "/{a}/{a}",
    "/{a}x{a}",
    "/{a b}",
    "/{__proto__}",
    "/{{a}}",
  ])("is not %j", (text) => {
    expect(parseTemplate(text)).toBeUndefined();
  });

  it("has a bounded number of segments", () => {
    expect(parseTemplate("/a".repeat(LIMITS.pathSegmentsMax))).toBeDefined();
    expect(parseTemplate("/a".repeat(LIMITS.pathSegmentsMax + 1))).toBeUndefined();
  });

  it("has one shape with every template that differs in parameter names only", () => {
    const shape = (text: string) => templateShape(parseTemplate(text) ?? { segments: [], parameters: [] });
    expect(shape("/a/{b}/{c}...{d}")).toBe(shape("/a/{x}/{y}...{z}"));
    expect(shape("/a/{b}")).not.toBe(shape("/a/b"));
    expect(shape("/a/{b}")).not.toBe(shape("/a/{b}.x"));
  });
});

describe("a base path", () => {
  it("is one or more literal segments", () => {
    expect(parseBasePath("/orders/v1")).toEqual(["orders", "v1"]);
    for (const text of ["/", "orders", "/orders/", "/{id}", "/a//b", "/v{n}"]) expect(parseBasePath(text)).toBeUndefined();
  });
});

describe("a target", () => {
  it("names the parameters that stand as its ids", () => {
    expect(targetParameters("/")).toEqual([]);
    expect(targetParameters("/programs/4/environments/{e}")).toEqual(["e"]);
  });

  it.each(["programs", "/programs", "/{type}/{id}", "/programs/x{id}", "/programs/{}", "/programs/{a}{b}", "/programs/{a}/environments"])(
    "is not %s",
    (text) => {
      expect(targetParameters(text)).toBeUndefined();
    },
  );
});

describe("a pattern", () => {
  it("is / for the organization alone", () => {
    expect(parsePattern("/")).toEqual([]);
  });

  it("has * for whole parts and plain ids for escaped ones", () => {
    expect(parsePattern("/*")).toEqual([null]);
    expect(parsePattern("/spaces/*/apis/a%2Fb%25/versions/%2A/*")).toEqual(["spaces", null, "apis", "a/b%", "versions", "*", null]);
  });

  it.each([
    "",
    "*",
    "/a/",
    "//x",
    "/a/b*",
    "/**",
    "/a*/b",
    "/a/%2a",
    "/a/%41",
    "/a/%2A%2A",
    "/%2A/x",
    "/orgs",
    "/orgs/ACME/sandboxes/*",
    "/a/b\u0000",
    "/é/x",
  ])("is not %j", (text) => {
    expect(parsePattern(text)).toBeUndefined();
  });

  it("may begin with a name that only begins like orgs, and hold orgs further down", () => {
    expect(parsePattern("/orgsx/*")).toEqual(["orgsx", null]);
    expect(parsePattern("/*/x/orgs/y")).toEqual([null, "x", "orgs", "y"]);
  });

  it("has at most as many parts as a path", () => {
    expect(parsePattern("/*".repeat(2 * LIMITS.pathPairsMax))).toHaveLength(2 * LIMITS.pathPairsMax);
    expect(parsePattern("/*".repeat(2 * LIMITS.pathPairsMax + 1))).toBeUndefined();
  });
});
