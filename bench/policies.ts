/**
 * Policies for the figures: the label rule with a plain condition beside it, and any number of patterns that mostly match nothing.
 *
 * Invariant: the first ten patterns show every shape of wildcards that is used; more patterns add literals, never shapes.
 */
import type { Condition, Policy, Rec } from "@reeve/core";
import type { Organization } from "./organization.ts";
import { PRODUCT, TYPES } from "./product.ts";
import { Random } from "./random.ts";

/** For every resource: deny unless the subject's roles hold all its core labels; and deny what is retired when it is called from outside. */
export function* labelPolicies(): Iterable<Rec> {
  const labels: Condition = {
    "!": [{ "adobe.match_all_labels_by_prefix": [{ var: "subject.roles.labels" }, "core/", { var: "resource.labels" }] }],
  };
  const outside: Condition = {
    and: [{ "===": [{ var: "context.network" }, "outside"] }, { "===": [{ var: "resource.state" }, "retired"] }],
  };
  yield policy("labels", [{ effect: "deny", resource: "/*", condition: labels, actions: ["view", "edit", "execute", "publish"] }]);
  yield policy("outside", [{ effect: "deny", resource: "/*", condition: outside, actions: ["view", "edit", "execute", "publish"] }]);
}

/** Literal (`l`) or any (`*`), collection and id in turn. */
const SHAPES = ["llll", "ll*", "llllll", "llll*", "l*ll", "l*l*", "ll*l*", "l*l*ll", "llllllll", "llllll*"];

/**
 * `count` Deny rules for every action, no two with the same pattern. Few of their ids are the organization's, so that a request meets
 * about as many rules among 10^5 as among 10 (both are stated beside the figure): what is measured is finding them.
 */
export function* patternPolicies(organization: Organization, count: number): Iterable<Rec> {
  const random = new Random(organization.seed, 9);
  const seen = new Set<string>();
  for (let turn = 0; seen.size < count; turn++) {
    const resource = patternOf(organization, SHAPES[turn % SHAPES.length] as string, random);
    // Shapes of few literals are used up early.
    if (seen.has(resource)) continue;
    const id = `pattern-${seen.size}`;
    seen.add(resource);
    const condition: Condition = { "===": [{ var: "context.network" }, "outside"] };
    yield policy(id, [{ effect: "deny", resource, condition, actions: ["view", "edit", "execute", "publish"] }]);
  }
}

/** Policies that all have one pattern, which every resource fits, and equal conditions or as many as there are policies. */
export type Shared = { readonly policies: number; readonly conditions: "equal" | "different" };

/** Deny rules that every request of the figures has to look at, and none of which matches it. */
export function* sharedPolicies({ policies, conditions }: Shared): Iterable<Rec> {
  for (let i = 0; i < policies; i++) {
    const network = conditions === "equal" ? "outside" : `outside-${i}`;
    const condition: Condition = { "===": [{ var: "context.network" }, network] };
    yield policy(`shared-${i}`, [{ effect: "deny", resource: "/*", condition, actions: ["view", "edit", "execute", "publish"] }]);
  }
}

/** How many of the pattern rules match a resource, found the slow way. */
export function rulesMatching(patterns: readonly (readonly string[])[], path: string): number {
  const parts = path.slice(1).split("/");
  let count = 0;
  for (const pattern of patterns) {
    const isOpen = pattern[pattern.length - 1] === "*";
    if (isOpen ? parts.length < pattern.length : parts.length !== pattern.length) continue;
    if (pattern.every((part, place) => part === "*" || part === parts[place])) count++;
  }
  return count;
}

export function patternsOf(organization: Organization, count: number): readonly (readonly string[])[] {
  const patterns: string[][] = [];
  for (const rec of patternPolicies(organization, count)) {
    if (rec.kind === "policy") for (const { resource } of rec.value.rules) patterns.push(resource.slice(1).split("/"));
  }
  return patterns;
}

function patternOf(organization: Organization, shape: string, random: Random): string {
  let pattern = "";
  const resource = random.below(organization.resources);
  const chain = organization.chain(resource).toReversed();
  for (const [place, letter] of [...shape].entries()) {
    const depth = Math.floor(place / 2);
    if (letter === "*") pattern += "/*";
    else if (place % 2 === 0) pattern += `/${TYPES[depth] as string}`;
    else pattern += `/${idAt(organization, chain[depth], random)}`;
  }
  return pattern;
}

function idAt(organization: Organization, resource: number | undefined, random: Random): string {
  const isKnown = resource !== undefined && resource >= organization.sandboxes && random.below(200) === 0;
  return isKnown ? organization.id(resource) : `absent-${random.below(10_000_000).toString(36)}`;
}

function policy(id: string, rules: Policy["rules"]): Rec {
  return { kind: "policy", value: { id, name: id, product: PRODUCT, status: "active", sandboxes: "all", rules } };
}
