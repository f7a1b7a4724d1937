import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Change,
  compareUtf8,
  type Policy,
  type Product,
  parentPath,
  type Rec,
  type ResourceRef,
  unescapeId,
} from "../../model/index.ts";
import { isRefusal, locate } from "../decide/place.ts";
import { apply, compiler, type Plan } from "../plan.ts";
import { matchingRules, matchingSiblings } from "./rules.ts";

const TREE: Product = {
  id: "tree",
  boundedBy: "none",
  settings: {},
  types: {
    a: { open: true, actions: { view: [] } },
    b: { parents: ["a", "b"], open: true, actions: { view: [] } },
    c: { open: true, actions: { view: [] } },
  },
};
type Rule = Policy["rules"][number];
const rule = (resource: string, effect: Rule["effect"] = "deny", actions: readonly string[] = ["view"]): Rule => ({
  effect,
  resource,
  actions,
});
const policy = (id: string, rules: readonly Rule[], more: Partial<Policy> = {}): Rec => ({
  kind: "policy",
  value: { id, name: id, status: "active", sandboxes: "all", rules, ...more },
});

function planOf(...given: readonly Rec[]): Plan {
  const compiled = compiler("acme", { seed: 3 });
  compiled.add([{ kind: "product", value: TREE }, ...given]);
  return compiled.finish();
}
/** The rules that fit a place, as `policy rule`. */
function matching(plan: Plan, ref: string | ResourceRef, action = "view"): readonly string[] {
  const state = plan.state();
  const place = locate(state, typeof ref === "string" ? { path: ref } : ref);
  if (isRefusal(place)) throw new Error(`no place: ${JSON.stringify(ref)}`);
  return matchingRules(state, place, action).map(({ policy: { record }, index }) => `${record.id} ${index}`);
}
/** The rules that fit all that lie beside a path, found from a child; `undefined`: one of them may be named by its id. */
function ofSiblings(plan: Plan, path: string): readonly string[] | undefined {
  const state = plan.state();
  const place = locate(state, { path: parentPath(path) as string, child: path.split("/").at(-2) as string });
  // Below the organization, which this product does not declare, there is no child to ask about.
  if (isRefusal(place)) return undefined;
  return matchingSiblings(state, place, "view")?.map(({ policy: { record }, index }) => `${record.id} ${index}`);
}

describe("a pattern", () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ["/", [], ["/a/1"]],
    ["/a/1", ["/a/1"], ["/a/2", "/a/1/b/1", "/a/11"]],
    ["/a/*", ["/a/1", "/a/x%2F", "/a/1/b/2", "/a/1/b/2/b/3"], ["/c/1"]],
    ["/*", ["/a/1", "/c/prod", "/a/1/b/2"], []],
    ["/*/1", ["/a/1", "/c/1"], ["/a/2", "/a/1/b/1"]],
    ["/a/*/b/2", ["/a/1/b/2", "/a/2/b/2"], ["/a/1", "/a/1/b/3", "/a/1/b/2/b/2"]],
    ["/a/*/b/*", ["/a/1/b/2", "/a/1/b/2/b/3"], ["/a/1"]],
    ["/a/%2A", ["/a/%2A"], ["/a/1"]],
    ["/a/x%2Fy", ["/a/x%2Fy"], ["/a/x"]],
    ["/a/50%25", ["/a/50%25"], ["/a/50"]],
  ])("%s matches %j and not %j", (resource, yes, no) => {
    const plan = planOf(policy("p", [rule(resource)]));
    for (const path of yes) expect(matching(plan, path), path).toEqual(["p 0"]);
    for (const path of no) expect(matching(plan, path), path).toEqual([]);
  });

  it("matches a collection and a child only with a last * in its place or above it", () => {
    const plan = planOf(
      policy("above", [rule("/a/*")]),
      policy("exact", [rule("/a/1/b/2"), rule("/a/1"), rule("/a/1/b/b")]),
      policy("place", [rule("/a/1/b/*"), rule("/a/2/b/*"), rule("/a/*/b/*"), rule("/*/*/*/*"), rule("/a/1/b/*/b/*")]),
    );
    const expected = ["above 0", "place 0", "place 2", "place 3"];
    expect(matching(plan, "/a/1/b")).toEqual(expected);
    expect(matching(plan, { path: "/a/1", child: "b" })).toEqual(expected);
    expect(matching(plan, "/a")).toEqual(["above 0"]);
    // The same where the parent is registered, and the walk up begins at its node.
    const registered = apply(plan, [{ put: { kind: "resource", value: { path: "/a/1" } } }]);
    expect(matching(registered, "/a/1/b")).toEqual(expected);
    expect(matching(registered, { path: "/a/1", child: "b" })).toEqual(expected);
  });

  it("matches the organization only as /", () => {
    const organization: Product = { ...TREE, types: { ...TREE.types, organization: { actions: { view: [] } } } };
    const plan = planOf({ kind: "product", value: organization }, policy("p", [rule("/"), rule("/*"), rule("/a/*")]));
    expect(matching(plan, "/")).toEqual(["p 0"]);
  });
});

describe("the rules that fit", () => {
  it("come in the order of policy ids as bytes, then of rules", () => {
    const plan = planOf(
      policy("b", [rule("/*"), rule("/a/1"), rule("/a/*")]),
      policy("a", [rule("/a/1", "permit")]),
      policy("B", [rule("/*")]),
    );
    expect(matching(plan, "/a/1")).toEqual(["B 0", "a 0", "b 0", "b 1", "b 2"]);
  });

  it("are of active policies, for the action that is asked, and never indeterminate", () => {
    const plan = planOf(
      policy("inactive", [rule("/a/1")], { status: "inactive" }),
      policy("p", [
        rule("/a/1", "indeterminate"),
        rule("/a/1", "deny", ["edit"]),
        rule("/a/1", "deny", ["edit", "view", "view"]),
        rule("/a/1", "deny", []),
      ]),
    );
    expect(matching(plan, "/a/1")).toEqual(["p 2"]);
    expect(matching(plan, "/a/1", "edit")).toEqual(["p 1", "p 2"]);
    expect(matching(plan, "/a/1", "constructor")).toEqual([]);
  });

  it("are those of every sibling, unless one may be named by its id", () => {
    const plan = planOf(policy("p", [rule("/a/1/b/*"), rule("/a/*"), rule("/a/1/b/2/b/3")]));
    expect(ofSiblings(plan, "/a/1/b/1")).toEqual(["p 0", "p 1"]);
    const named = apply(plan, [{ put: policy("q", [rule("/a/1/b/2")]) }]);
    expect(ofSiblings(named, "/a/1/b/1")).toBeUndefined();
    expect(ofSiblings(named, "/a/2/b/1")).toEqual(["p 1"]);
    const everywhere = apply(named, [{ put: policy("r", [rule("/a/*/b/2"), rule("/a/*/b/3")]) }]);
    expect(ofSiblings(everywhere, "/a/2/b/1")).toBeUndefined();
    const fewer = apply(everywhere, [{ put: policy("r", [rule("/a/*/b/3")]) }]);
    expect(ofSiblings(fewer, "/a/2/b/1"), "one of two has gone").toBeUndefined();
    expect(ofSiblings(apply(fewer, [{ delete: { kind: "policy", key: ["r"] } }]), "/a/2/b/1")).toEqual(["p 1"]);
  });

  it("are found among thousands of one shape, while most of them come and go", () => {
    const many = (from: number): Rec =>
      policy(
        "many",
        Array.from({ length: 3_000 }, (_, i) => rule(`/a/${from + i}`)),
      );
    let plan = planOf(policy("p", [rule("/a/7")]));
    for (const from of [0, 1_500, 10_000]) {
      plan = apply(plan, [{ put: many(from) }]);
      for (const at of [from, from + 1, from + 2_999]) expect(matching(plan, `/a/${at}`)).toContain(`many ${at - from}`);
      expect(matching(plan, `/a/${from + 3_000}`)).toEqual([]);
      expect(matching(plan, "/a/7")).toContain("p 0");
    }
  });

  it("go with their policy, and come again as it is written again", () => {
    const plan = planOf(policy("p", [rule("/a/1"), rule("/a/*")]), policy("q", [rule("/a/1")]));
    const without = apply(plan, [{ delete: { kind: "policy", key: ["p"] } }]);
    const other = apply(without, [{ put: policy("p", [rule("/a/2")]) }, { put: policy("q", [rule("/a/1")], { status: "inactive" }) }]);
    expect(matching(without, "/a/1")).toEqual(["q 0"]);
    expect(matching(other, "/a/1")).toEqual([]);
    expect(matching(other, "/a/2")).toEqual(["p 0"]);
    expect(matching(plan, "/a/1")).toEqual(["p 0", "p 1", "q 0"]);
  });

  const id = fc.constantFrom("1", "2", "x%2Fy", "%2A", "50%25", "é");
  const path = fc
    .tuple(fc.constantFrom("a", "c"), id, fc.array(id, { maxLength: 3 }))
    .map(([root, first, rest]) => `/${root}/${first}${root === "a" ? rest.map((each) => `/b/${each}`).join("") : ""}`);
  const pattern = fc.tuple(path, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), fc.nat({ max: 8 })).map(([of, stars, cut]) => {
    const parts = of.slice(1).split("/");
    const kept = cut < parts.length ? [...parts.slice(0, cut), "*"] : parts;
    return `/${kept.map((part, i) => (stars[i] === true ? "*" : part)).join("/")}`;
  });
  /** The model's words, naively: `*` is any one part, as the last part one or more. */
  function fits(resource: string, of: string): boolean {
    const [wanted, parts] = [resource.slice(1).split("/"), of.slice(1).split("/")];
    if (wanted.at(-1) === "*" ? parts.length < wanted.length : parts.length !== wanted.length) return false;
    return wanted.every((part, i) => part === "*" || (unescapeId(part) ?? part) === (unescapeId(parts[i] ?? "") ?? parts[i]));
  }

  it("are those that comparing part by part finds, while policies come and go", () => {
    const written = fc.record({
      id: fc.constantFrom("p", "q", "r", "Ä", "\u{1f600}", "\uffee"),
      resources: fc.array(pattern, { maxLength: 4 }),
    });
    fc.assert(
      fc.property(
        fc.array(written, { maxLength: 12 }),
        fc.array(path, { minLength: 1, maxLength: 6 }),
        fc.array(path, { maxLength: 3 }),
        (policies, paths, registered) => {
          let plan = planOf(...registered.map((each): Rec => ({ kind: "resource", value: { path: each } })));
          const now = new Map<string, readonly string[]>();
          for (const { id: name, resources } of policies) {
            const change: Change =
              resources.length === 0
                ? { delete: { kind: "policy", key: [name] } }
                : {
                    put: policy(
                      name,
                      resources.map((resource) => rule(resource)),
                    ),
                  };
            plan = apply(plan, [change]);
            now.set(name, resources);
          }
          for (const one of paths) {
            const expected = [...now]
              .sort(([x], [y]) => compareUtf8(x, y))
              .flatMap(([name, resources]) => resources.flatMap((resource, i) => (fits(resource, one) ? [`${name} ${i}`] : [])));
            expect(matching(plan, one), one).toEqual(expected);
            const siblings = ofSiblings(plan, one);
            if (siblings !== undefined) expect(siblings, `siblings of ${one}`).toEqual(expected);
          }
        },
      ),
    );
  });
});
