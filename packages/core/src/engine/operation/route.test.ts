import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Routes, readTemplate } from "./route.ts";
import { hashOfSegment, Path } from "./target.ts";

/** Routes with each of the templates, whose method is the template itself. */
function routesOf(...templates: readonly string[]): Routes {
  const routes = new Routes();
  for (const template of templates) routes.node(template).set("GET", template);
  return routes;
}
const pathOf = (segments: readonly string[]): Path => {
  const path = new Path();
  path.take(segments, false);
  return path;
};
const match = (routes: Routes, text: string) => {
  const path = pathOf(text === "/" ? [] : text.slice(1).split("/"));
  const node = routes.match(path);
  if (node === undefined) return undefined;
  return { template: node.get("GET"), values: Array.from({ length: path.valueCount }, (_, index) => path.value(index)) };
};

describe("a template", () => {
  it("is cut into literals, parameters and compound segments, and tells the names of its parameters in order", () => {
    expect(readTemplate("/a/{b}/{c}...{d}/v{e}.zip")).toEqual({
      segments: [
        { literal: "a" },
        { parameter: "b" },
        { fixed: ["", "...", ""], parameters: ["c", "d"] },
        { fixed: ["v", ".zip"], parameters: ["e"] },
      ],
      parameters: ["b", "c", "d", "e"],
    });
    expect(readTemplate("/")).toEqual({ segments: [], parameters: [] });
  });

  it("is one with another that differs only in the names of parameters", () => {
    const routes = routesOf("/a/{b}/{c}-{d}");
    expect(routes.find("/a/{x}/{y}-{z}")).toBe(routes.find("/a/{b}/{c}-{d}"));
    expect(routes.node("/a/{x}/{y}-{z}")).toBe(routes.find("/a/{b}/{c}-{d}"));
    expect(routes.find("/a/{x}/{y}_{z}")).toBeUndefined();
    expect(routes.find("/a/b/c/d/e")).toBeUndefined();
  });
});

describe("a path", () => {
  const compare = routesOf("/c/latest", "/c/{base}...{head}", "/c/v{version}", "/c/{basehead}");

  it.each<[string, string | undefined, readonly string[]]>([
    ["/c/latest", "/c/latest", []],
    ["/c/a...b", "/c/{base}...{head}", ["a", "b"]],
    ["/c/v1", "/c/v{version}", ["1"]],
    ["/c/main", "/c/{basehead}", ["main"]],
    // No parameter of a compound segment is empty: what would leave one so goes on to the parameter.
    ["/c/v", "/c/{basehead}", ["v"]],
    ["/c/...b", "/c/{basehead}", ["...b"]],
    ["/c/a...", "/c/{basehead}", ["a..."]],
    ["/c/Latest", "/c/{basehead}", ["Latest"]],
    // Two compound segments fit.
    ["/c/v1...2", undefined, []],
    // One that can be cut in two ways.
    ["/c/a....b", undefined, []],
    ["/c/a...b...c", undefined, []],
    ["/c", undefined, []],
    ["/c/a/b", undefined, []],
  ])("%s is matched literal before compound segment before parameter: %s", (path, template, values) => {
    expect(match(compare, path)).toEqual(template === undefined ? undefined : { template, values });
  });

  it("that is / is matched by / alone", () => {
    expect(match(routesOf("/", "/{a}"), "/")).toEqual({ template: "/", values: [] });
    expect(match(routesOf("/{a}"), "/")).toBeUndefined();
    expect(match(routesOf("/"), "/a")).toBeUndefined();
  });

  it("goes back to a parameter where a literal leads nowhere, with that parameter's values alone", () => {
    const routes = routesOf("/a/b/c", "/a/{x}/d", "/{y}/b/{z}", "/{p}/{q}/e/f");
    expect(match(routes, "/a/b/c")).toEqual({ template: "/a/b/c", values: [] });
    expect(match(routes, "/a/b/d")).toEqual({ template: "/a/{x}/d", values: ["b"] });
    expect(match(routes, "/a/b/x")).toEqual({ template: "/{y}/b/{z}", values: ["a", "x"] });
    expect(match(routes, "/a/b/e/f")).toEqual({ template: "/{p}/{q}/e/f", values: ["a", "b"] });
    expect(match(routes, "/a/c/x")).toBeUndefined();
  });

  it("takes a compound segment only if the rest of the template fits as well, and so do two of them", () => {
    const routes = routesOf("/{a}.{b}/x", "/{c}-{d}/y", "/{e}/z");
    expect(match(routes, "/1.2-3/x")).toEqual({ template: "/{a}.{b}/x", values: ["1", "2-3"] });
    expect(match(routes, "/1.2-3/y")).toEqual({ template: "/{c}-{d}/y", values: ["1.2", "3"] });
    expect(match(routes, "/1.2-3/z")).toEqual({ template: "/{e}/z", values: ["1.2-3"] });
    expect(match(routesOf("/{a}.{b}/x", "/{c}-{d}/x"), "/1.2-3/x")).toBeUndefined();
  });

  it("is not taken by a template that has no method any more", () => {
    const routes = routesOf("/a/b", "/a/{x}");
    routes.node("/a/b").delete("GET");
    expect(match(routes, "/a/b")).toEqual({ template: "/a/{x}", values: ["b"] });
  });

  it("is not taken for another whose hash is the same", () => {
    // Known collisions of FNV-1a with 32 bits.
    for (const [one, other] of [
      ["costarring", "liquid"],
      ["declinate", "macallums"],
    ] as const) {
      expect(hashOfSegment(one)).toBe(hashOfSegment(other));
      const routes = routesOf(`/a/${one}`);
      expect(match(routes, `/a/${other}`)).toBeUndefined();
      expect(match(routesOf(`/a/${one}`, `/a/${other}`, "/a/{x}"), `/a/${other}`)).toEqual({ template: `/a/${other}`, values: [] });
      expect(match(routesOf(`/a/${one}`, "/a/{x}"), `/a/${other}`)).toEqual({ template: "/a/{x}", values: [other] });
    }
  });

  it("of compound segments all the way down is matched in time that grows with its depth alone", () => {
    const template = (depth: number): string => Array.from({ length: depth }, (_, i) => `/{a${i}}-{b${i}}`).join("");
    const routes = routesOf(template(60), template(59));
    const found = match(routes, "/1-2".repeat(60));
    expect([found?.template, found?.values.length]).toEqual([template(60), 120]);
    expect(match(routes, "/1-2".repeat(61))).toBeUndefined();
  });

  it("of more segments than any template has is matched by none", () => {
    const routes = routesOf("/a", "/{a}");
    for (const count of [2, 127, 128, 129, 130, 5_000]) expect(match(routes, "/a".repeat(count))).toBeUndefined();
  });

  it("finds no members of prototypes", () => {
    for (const path of ["/constructor", "/__proto__", "/a/toString"]) expect(match(routesOf("/a/b"), path)).toBeUndefined();
  });

  it("of long segments is matched in time that grows with its length alone", () => {
    const routes = routesOf("/{a}a{b}a{c}a{d}a{e}x", "/{p}ab{q}ab{r}", "/{x}...{y}.zip");
    const time = (length: number): number => {
      const paths = ["a", "ab", "...", ".", "aab"].map((unit) => pathOf([unit.repeat(length / unit.length)]));
      const started = performance.now();
      for (let i = 0; i < 5; i++) for (const path of paths) routes.match(path);
      return performance.now() - started;
    };
    time(1_000);
    // A hundred times as long: a quadratic cut would take ten thousand times as long.
    expect(time(200_000)).toBeLessThan(1_000 * Math.max(time(2_000), 0.5));
  });

  it("is cut as trying every cut would", () => {
    const piece = fc.constantFrom("a", "b", "ab", ".", "..");
    fc.assert(
      fc.property(
        fc.array(piece, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        fc.array(piece, { maxLength: 7 }),
        (fixed, isOpen, pieces) => {
          const separators = isOpen ? ["", ...fixed, ""] : fixed.length === 1 ? [...fixed, ""] : fixed;
          const template = `/${separators.map((text, i) => (i === 0 ? text : `{p${i}}${text}`)).join("")}`;
          const segment = pieces.join("");
          const every = cuts(segment, separators);
          const found = match(routesOf(template), `/${segment}`);
          expect(found?.values).toEqual(every.length === 1 ? every[0] : undefined);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

/** Every way to cut a text at the separators, no piece between them empty. */
function cuts(text: string, [first = "", ...rest]: readonly string[]): string[][] {
  if (!text.startsWith(first)) return [];
  const left = text.slice(first.length);
  if (rest.length === 0) return left === "" ? [[]] : [];
  return Array.from({ length: left.length }, (_, i) => i + 1).flatMap((end) =>
    cuts(left.slice(end), rest).map((more) => [left.slice(0, end), ...more]),
  );
}

describe("a route", () => {
  it("holds what was set last under each method, whatever was set and deleted before", () => {
    const method = fc.constantFrom("GET", "PUT", "POST", "DELETE");
    fc.assert(
      fc.property(fc.array(fc.tuple(method, fc.option(fc.nat(), { nil: undefined })), { maxLength: 20 }), (steps) => {
        const node = new Routes().node("/a");
        const expected = new Map<string, number>();
        for (const [name, what] of steps) {
          if (what === undefined) node.delete(name);
          else node.set(name, what);
          if (what === undefined) expected.delete(name);
          else expected.set(name, what);
          for (const one of ["GET", "PUT", "POST", "DELETE", "PATCH"]) expect(node.get(one)).toBe(expected.get(one));
          expect(node.isEmpty).toBe(expected.size === 0);
        }
      }),
    );
  });
});

describe("the longest leading part", () => {
  const routes = routesOf("/orders", "/orders/v1", "/orders/v1/beta/x");
  it.each([
    ["/orders", "/orders", 1],
    ["/orders/v2/y", "/orders", 1],
    ["/orders/v1", "/orders/v1", 2],
    ["/orders/v1/beta", "/orders/v1", 2],
    ["/orders/v1/beta/x/y", "/orders/v1/beta/x", 4],
  ])("of %s that stands there is %s", (path, template, length) => {
    const found = routes.longest(path.slice(1).split("/"));
    expect([found?.node.get("GET"), found?.length]).toEqual([template, length]);
  });

  it("is none where the first segment does not stand there", () => {
    expect(routes.longest(["order"])).toBeUndefined();
    expect(routes.longest([])).toBeUndefined();
  });
});
