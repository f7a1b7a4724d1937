import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AMBIGUITIES } from "../../model/index.ts";
import { readTarget } from "./target.ts";

const why = (target: string) => {
  const read = readTarget(target);
  return "ambiguous" in read ? read.ambiguous : undefined;
};

describe("a target is read", () => {
  it.each<[string, readonly string[], boolean]>([
    ["/", [], false],
    ["/a", ["a"], false],
    ["/a/", ["a"], true],
    ["/a/b", ["a", "b"], false],
    ["/a?b/c=%2F&../", ["a"], false],
    ["/a/?", ["a"], true],
    ["/?", [], false],
    ["/%41", ["A"], false],
    ["/a%20b", ["a b"], false],
    ["/%C3%A9", ["é"], false],
    ["/%F0%9F%98%80", ["😀"], false],
    ["/%3Ba", [";a"], false],
    ["/%3F%23", ["?#"], false],
    ["/100%25", ["100%"], false],
    ["/100%25x", ["100%x"], false],
    ["/%25%34", ["%4"], false],
    ["/...", ["..."], false],
    ["/.a/a./..b", [".a", "a.", "..b"], false],
    ["/-._~!$&'()*+,=:@", ["-._~!$&'()*+,=:@"], false],
    ["/%EF%BB%BF", ["\ufeff"], false],
    ["/%c3%a9", ["é"], false],
    ["/%C2%85", ["\u0085"], false],
    ["/Case", ["Case"], false],
  ])("%s as its decoded segments", (target, segments, hasTrailingSlash) => {
    expect(readTarget(target)).toEqual({ segments, hasTrailingSlash });
  });
});

describe("a target is refused", () => {
  it.each([
    // Origin-form, as on the request line.
    ["", "not_origin_form"],
    ["*", "not_origin_form"],
    ["a", "not_origin_form"],
    ["http://host/a", "not_origin_form"],
    ["?a", "not_origin_form"],
    [" /a", "not_origin_form"],
    ["\\a", "not_origin_form"],
    ["/\u0000", "control_character"],
    ["/a\n", "control_character"],
    ["/a\u007f", "control_character"],
    ["/%00", "encoded_separator"],
    ["/%01", "control_character"],
    ["/%0a", "control_character"],
    ["/%1F", "control_character"],
    ["/%7f", "control_character"],
    ["/a?b\r", "control_character"],
    ["/a#", "fragment"],
    ["/a?b#c", "fragment"],
    ["/a\\b", "backslash"],
    ["/a%5Cb", "backslash"],
    ["/a%5cb", "backslash"],
    ["/a%2Fb", "encoded_separator"],
    ["/a%2fb", "encoded_separator"],
    ["//", "empty_segment"],
    ["//a", "empty_segment"],
    ["/a//b", "empty_segment"],
    ["/a//", "empty_segment"],
    ["/a//?b", "empty_segment"],
    ["/a;b", "path_parameter"],
    ["/a;b/c", "path_parameter"],
    ["/%", "bad_escape"],
    ["/%4", "bad_escape"],
    ["/%zz", "bad_escape"],
    ["/%4g", "bad_escape"],
    ["/a%?b", "bad_escape"],
    ["/a b", "bad_escape"],
    ["/<", "bad_escape"],
    ['/"', "bad_escape"],
    ["/{id}", "bad_escape"],
    ["/a|b", "bad_escape"],
    ["/^`", "bad_escape"],
    ["/[1]", "bad_escape"],
    ["/é", "invalid_utf8"],
    ["/%ff", "invalid_utf8"],
    ["/%c0%af", "invalid_utf8"],
    ["/%C3", "invalid_utf8"],
    ["/%C3/%A9", "invalid_utf8"],
    ["/%ED%A0%80", "invalid_utf8"],
    ["/%F4%90%80%80", "invalid_utf8"],
    ["/%2541", "double_encoding"],
    ["/%25%34%31", "double_encoding"],
    ["/%252e%252e", "double_encoding"],
    ["/%252F", "double_encoding"],
    ["/.", "dot_segment"],
    ["/..", "dot_segment"],
    ["/a/../b", "dot_segment"],
    ["/a/./b", "dot_segment"],
    ["/a/..?b", "dot_segment"],
    ["/%2e%2E/a", "dot_segment"],
    ["/%2e", "dot_segment"],
    ["/.%2e", "dot_segment"],
    ["/a/..", "dot_segment"],
    ["/a/../", "dot_segment"],
  ])("%j as %s", (target, ambiguity) => {
    expect(why(target)).toBe(ambiguity);
  });

  /** A piece that is refused for each reason and no other, in the order of the reasons. */
  const PIECES: readonly (readonly [string, string])[] = [
    ["control_character", "/%01"],
    ["fragment", "/#"],
    ["backslash", "/%5C"],
    ["encoded_separator", "/%2F"],
    ["empty_segment", "//a"],
    ["path_parameter", "/;a"],
    ["bad_escape", "/%zz"],
    ["invalid_utf8", "/%ff"],
    ["double_encoding", "/%2541"],
    ["dot_segment", "/.."],
  ];

  it("for the first reason that there is, wherever in the target the others stand", () => {
    expect(PIECES.map(([reason]) => reason)).toEqual(AMBIGUITIES.slice(1));
    for (const [i, [reason, piece]] of PIECES.entries()) {
      expect(why(`/a${piece}/a`)).toBe(reason);
      for (const [, later] of PIECES.slice(i + 1)) {
        // Behind a fragment there is no path any more, so that it stands last.
        const both = reason === "fragment" ? [`/a${later}${piece}`] : [`/a${piece}${later}/a`, `/a${later}${piece}/a`];
        for (const target of both) expect(why(target), target).toBe(reason);
      }
      expect(why(`a${piece}`)).toBe("not_origin_form");
    }
  });

  it("whatever it is, or else read as what decoding each segment once gives", () => {
    const piece = fc.constantFrom(
      "/",
      "a",
      "..",
      ".",
      "%",
      "%2",
      "%2F",
      "%2e",
      "%25",
      "41",
      "%C3",
      "%A9",
      "%ff",
      ";",
      "?",
      "#",
      "\\",
      " ",
      "é",
      "\ud800",
      "~",
      "%00",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const target = pieces.join("");
        const read = readTarget(target);
        if ("ambiguous" in read) {
          expect(AMBIGUITIES).toContain(read.ambiguous);
          return;
        }
        const path = target.split("?")[0] as string;
        const raw = path.slice(1).split("/");
        if (raw.at(-1) === "") raw.pop();
        expect(read.segments).toEqual(raw.map(decodeURIComponent));
        expect(read.hasTrailingSlash).toBe(path !== "/" && path.endsWith("/"));
        // What is read reads the same to who normalises it the way RFC 3986 says.
        expect(new URL(path, "http://host").pathname).toBe(path);
      }),
      { numRuns: 2_000 },
    );
  });
});
