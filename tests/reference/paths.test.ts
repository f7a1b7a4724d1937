/** The reference evaluator's paths, patterns, targets and templates against the model's §2 and §4. */
import { describe, expect, it } from "vitest";
import { matchRow, parsePath, patternMatches, readTarget } from "./paths.ts";

describe("paths", () => {
  it("reads paths with their two escapes and a whole id of a star, and refuses any other", () => {
    expect(parsePath("/a/x%2Fy%25/b/%2A")).toEqual(["a", "x/y%", "b", "*"]);
    for (const text of [
      "",
      "a/1",
      "/a/",
      "/a//b",
      "/a/*",
      "/a/%2f",
      "/a/%41",
      "/a/x%2A",
      "/%2A/1",
      "/a/\u0000",
      "/a/\u0085",
      "/a/\ud800",
      `/a/${"x".repeat(129)}`,
    ])
      expect(parsePath(text), text).toBeUndefined();
    expect(parsePath(`/a/${"😀".repeat(128)}`)).toHaveLength(2);
  });
});

describe("patterns", () => {
  it("match by parts, with a last star for one or more and a collection by a star alone", () => {
    expect(["/a/*", "/a/1", "/*/1", "/*", "/*/*", "/a", "/a/*/*", "/"].map((pattern) => patternMatches(pattern, ["a", "1"]))).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(["/a/*", "/a/b/*", "/a/b", "/*"].map((pattern) => patternMatches(pattern, ["a", null]))).toEqual([true, false, false, true]);
    expect(patternMatches("/a/%2A", ["a", "*"]) && !patternMatches("/a/%2A", ["a", "1"])).toBe(true);
  });
});

describe("targets of requests", () => {
  it("refuse a target that can be read in two ways, with the first reason", () => {
    const whys = [
      "*",
      "/a\n",
      "/a#\\",
      "/%5c%2f",
      "/a%00",
      "/a//;",
      "/a;%",
      "/a%zz%ff",
      "/%c0%af",
      "/%2541",
      "/a/%2E%2e",
      "/a?%0a/../",
    ].map((target) => readTarget(target).why);
    const expected = [
      "not_origin_form",
      "control_character",
      "fragment",
      "backslash",
      "encoded_separator",
      "empty_segment",
      "path_parameter",
      "bad_escape",
      "invalid_utf8",
      "double_encoding",
      "dot_segment",
      undefined,
    ];
    expect(whys).toEqual(expected);
  });
  it("match literal before compound before parameter, each compound value in one way only", () => {
    const of =
      (...paths: string[]) =>
      (segment: string) =>
        matchRow(
          paths.map((path) => ({ method: "GET", path })),
          "GET",
          ["c", segment],
        )?.row.path;
    expect(["x", "a...b", "plain", "a...b...c", "...b"].map(of("/c/{any}", "/c/x", "/c/{base}...{head}"))).toEqual([
      "/c/x",
      "/c/{base}...{head}",
      "/c/{any}",
      undefined,
      "/c/{any}",
    ]);
    expect(of("/c/{a}...{b}", "/c/v{n}", "/c/{any}")("v1...2")).toBeUndefined();
  });
});
