import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { DOCUMENT_LIMITS } from "./limits.ts";
import { under } from "./pointers.ts";
import { readText } from "./source-text.ts";

const valueIn = (text: string): unknown => {
  const read = readText(text);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value.value;
};
const faultsIn = (text: string): string[] => {
  const read = readText(text);
  return read.ok ? [] : read.error.map(({ code, pointer, line, column }) => `${code} ${pointer} ${line}:${column}`);
};

describe("the text of a document", () => {
  it("is JSON when it begins with a brace and a quote, and YAML otherwise, flow style included", () => {
    expect(valueIn('{"a": [1, true, null, "x\\u0041"]}')).toEqual({ a: [1, true, null, "xA"] });
    expect(valueIn("a: [1, true, null, xA]")).toEqual({ a: [1, true, null, "xA"] });
    expect(valueIn("{a: [1, true]}")).toEqual({ a: [1, true] });
  });

  it("may begin with a byte order mark", () => {
    expect(valueIn('\uFEFF{"a": 1}')).toEqual({ a: 1 });
    expect(valueIn("\uFEFFa: 1")).toEqual({ a: 1 });
  });

  it("tells every name that stands twice, with its line and column", () => {
    expect(faultsIn('{"a": 1,\n "b": {"c": 1, "c": 2},\n "a": 3}')).toEqual(["duplicate_key /b/c 2:16", "duplicate_key /a 3:2"]);
    expect(faultsIn("a: 1\nb:\n  c: 1\n  c: 2\na: 3")).toEqual(["duplicate_key /b/c 4:3", "duplicate_key /a 5:1"]);
    expect(faultsIn('{"a": 1, "\\u0061": 2}')).toEqual(["duplicate_key /a 1:10"]);
  });

  it("refuses __proto__ as a name and takes constructor as any other", () => {
    expect(faultsIn('{"a": {"__proto__": {"x": 1}}}')).toEqual(["reserved_key /a/__proto__ 1:8"]);
    expect(faultsIn("a:\n  __proto__: {x: 1}")).toEqual(["reserved_key /a/__proto__ 2:3"]);
    expect(faultsIn('{"constructor": 1}')).toEqual([]);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  it.each([
    ['{"a": tru}', "malformed_json /a 1:7"],
    ['{"a": 01}', "malformed_json  1:8"],
    ['{"a": 1,}', "malformed_json  1:9"],
    ['{"a": "x\ny"}', "malformed_json /a 1:9"],
    ['{"a": "\\x"}', "malformed_json /a 1:8"],
    ['{"a": [1, 2}', "malformed_json /a 1:12"],
    ['{"a": 1} x', "malformed_json  1:10"],
    ['{"a": "', "malformed_json /a 1:7"],
    ['{"a" 1}', "malformed_json  1:6"],
    ['{"a":', "malformed_json /a 1:6"],
  ])("tells where JSON is broken: %j", (text, fault) => {
    expect(faultsIn(text)).toEqual([fault]);
  });

  it("tells every place at which YAML is broken", () => {
    expect(faultsIn("a:\n  b: 1\n c: 2")).toEqual(["malformed_yaml  3:1"]);
    expect(faultsIn("a: !unknown x")).toEqual(["malformed_yaml  1:4"]);
    expect(faultsIn("a: 1\n---\nb: 2")).toEqual(["malformed_yaml  2:1"]);
    expect(faultsIn("? [a, b]\n: 1")).toEqual(["wrong_type  1:3"]);
    expect(faultsIn("a: .nan")).toEqual(["wrong_type /a 1:4"]);
    expect(faultsIn("a: *nobody\nb: &b [*b]")).toEqual(["bad_alias /a 1:4", "bad_alias /b/0 2:8"]);
  });

  it("reads aliases, merges and numbers as names", () => {
    expect(valueIn("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: *a\n200: ok\n1.0: v")).toEqual({
      a: { x: 1, y: 2 },
      b: { x: 1, y: 3 },
      c: { x: 1, y: 2 },
      200: "ok",
      "1.0": "v",
    });
  });

  it("refuses what is nested too deeply, in both forms, however deep", () => {
    for (const depth of [DOCUMENT_LIMITS.depthMax + 1, 100_000]) {
      expect(faultsIn(`{"a": ${"[".repeat(depth)}${"]".repeat(depth)}}`)[0]).toMatch(/^too_deep/);
      expect(faultsIn(`a: ${"[".repeat(depth)}${"]".repeat(depth)}`)[0]).toMatch(/^too_deep/);
    }
    const within = DOCUMENT_LIMITS.depthMax - 1;
    expect(faultsIn(`{"a": ${"[".repeat(within)}${"]".repeat(within)}}`)).toEqual([]);
    expect(faultsIn(`a: ${"[".repeat(within)}${"]".repeat(within)}`)).toEqual([]);
  });

  it("refuses aliases that repeat one another until nobody could hold them", () => {
    const levels = Array.from(
      { length: 12 },
      (_, index) =>
        `l${index}: &l${index} [${Array(9)
          .fill(index === 0 ? "x" : `*l${index - 1}`)
          .join(", ")}]`,
    );
    const started = Date.now();
    expect(faultsIn(levels.join("\n"))[0]).toMatch(/^too_large/);
    expect(Date.now() - started).toBeLessThan(2_000);
  });

  it("refuses texts over the limit without reading them", () => {
    expect(faultsIn(`a: ${" ".repeat(DOCUMENT_LIMITS.yamlCharactersMax)}`)).toEqual(["too_large  1:1"]);
    expect(faultsIn(`a: [${"1,".repeat(DOCUMENT_LIMITS.yamlMarksMax)}1]`)).toEqual(["too_large  1:1"]);
  });

  it("finds the place of every pointer, as in JSON so in YAML", () => {
    const value = { a: { "x/y": [1, { z: "s" }] }, "~": null };
    for (const text of [JSON.stringify(value, null, 2), stringify(value)]) {
      const read = readText(text);
      if (!read.ok) throw new Error("must read");
      const found = read.value.locate(new Set(["/a/x~1y/1/z", "/~0", "/nowhere/x"]));
      const lines = text.split("\n");
      const at = (pointer: string) => {
        const { line, column } = found.get(pointer) ?? { line: 0, column: 0 };
        return lines[line - 1]?.slice(column - 1);
      };
      expect(at("/a/x~1y/1/z")).toMatch(/^"?z"?:/);
      expect(at("/~0")).toMatch(/^"?~"?:/);
      expect(found.has("/nowhere")).toBe(false);
    }
  });
});

describe("any JSON value", () => {
  const value = fc.dictionary(
    fc.string().filter((name) => name !== "__proto__"),
    fc.jsonValue({ noUnicodeString: false } as never),
    { minKeys: 1 },
  );

  it("is read from JSON as it was, and every member is found", () => {
    fc.assert(
      fc.property(value, (given) => {
        const text = JSON.stringify(given, null, 1);
        const read = readText(text);
        if (text.includes("__proto__")) return;
        expect(read.ok && read.value.value).toEqual(JSON.parse(text));
        const pointers = new Set(Object.keys(given).map((name) => under("", name)));
        expect(read.ok && [...pointers].every((pointer) => read.value.locate(pointers).has(pointer))).toBe(true);
      }),
    );
  });

  it("is read from YAML as it was", () => {
    fc.assert(
      fc.property(value, (given) => {
        const plain = JSON.parse(JSON.stringify(given)) as unknown;
        const text = stringify(plain);
        if (text.includes("__proto__") || /^\s*\{\s*["}]/.test(text)) return;
        expect(valueIn(text)).toEqual(plain);
      }),
      { numRuns: 100 },
    );
  });

  it("when its text is cut or a character is changed, is a value or has faults with places, and never throws", () => {
    const edit = fc.record({
      at: fc.nat(400),
      with: fc.constantFrom("", '"', "{", "}", "[", ",", ":", "\\", "\n", "&a ", "*a ", "- ", "\u0000", "é"),
    });
    fc.assert(
      fc.property(value, fc.array(edit, { maxLength: 4 }), fc.boolean(), (given, edits, yaml) => {
        let text = yaml ? stringify(given) : JSON.stringify(given, null, 1);
        for (const { at, with: inserted } of edits) text = text.slice(0, at) + inserted + text.slice(at + 1);
        const read = readText(text);
        expect(read.ok || read.error.every(({ line, column, detail }) => line > 0 && column > 0 && detail !== "")).toBe(true);
        expect(read.ok || read.error.length).not.toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
