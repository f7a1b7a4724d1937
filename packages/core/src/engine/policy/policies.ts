/**
 * Policies, found by what they name: action, shape of the pattern, and the pattern's literal parts.
 *
 * For each shape of pattern that is present for an action one hash of the request's parts at the literal places is looked up, so
 * that the cost follows the number of shapes and not of policies. What is found is compared part by part.
 * Invariant: `matching` gives every rule of every active policy whose pattern and action fit, in the order (policy id, rule).
 */
import { compareUtf8, escapeId, formatPath, type Pair, type Policy, type PolicyRule, parsePattern, SANDBOXES } from "../../model/index.ts";
import type { Tree } from "../state/tree.ts";
import type { Compiled, Conditions } from "./condition.ts";
import { type Parts, type Pattern, Shape } from "./shape.ts";

export type PolicyInfo = {
  readonly record: Policy;
  readonly sandboxes: "all" | ReadonlySet<number>;
  readonly subject: Compiled | undefined;
  readonly rules: readonly RuleInfo[];
  readonly uses: readonly number[];
};
export type RuleInfo = {
  readonly policy: PolicyInfo;
  readonly index: number;
  readonly rule: PolicyRule;
  readonly parts: Pattern;
  readonly condition: Compiled | undefined;
};
/** What names an action. */
type Concerned = { readonly shapes: Shape<RuleInfo>[]; readonly permits: Set<RuleInfo> };

export class Policies {
  readonly #infos = new Map<string, PolicyInfo>();
  readonly #byAction = new Map<string, Concerned>();
  readonly #tree: Tree;
  readonly #conditions: Conditions;
  readonly #hash = (text: string): number => this.#tree.names.hash(text);

  constructor(tree: Tree, conditions: Conditions) {
    this.#tree = tree;
    this.#conditions = conditions;
  }

  get(id: string): Policy | undefined {
    return this.#infos.get(id)?.record;
  }
  *all(): Iterable<Policy> {
    for (const info of this.#infos.values()) yield info.record;
  }

  put(id: string, record: Policy | undefined): void {
    const old = this.#infos.get(id);
    if (old !== undefined) this.#remove(old);
    if (record === undefined) this.#infos.delete(id);
    else this.#infos.set(id, this.#add(record));
  }

  get isEmpty(): boolean {
    return this.#byAction.size === 0;
  }

  /** Whether any rule names the action: most actions have none, and cost one look-up. */
  concern(action: string): boolean {
    return this.#byAction.size > 0 && this.#byAction.has(action);
  }

  /** Where Permit rules for an action begin: the resources down to the first wildcard of each pattern. */
  permitted(action: string): ReadonlySet<string> {
    const paths = new Set<string>();
    for (const rule of this.#byAction.get(action)?.permits ?? []) paths.add(beginningOf(rule.parts));
    return paths;
  }

  matching(action: string, parts: Parts): readonly RuleInfo[] {
    const concerned = this.#byAction.get(action);
    if (concerned === undefined) return NO_RULES;
    let found: RuleInfo[] | undefined;
    let first: Shape<RuleInfo> | undefined;
    let isMixed = false;
    for (let i = 0; i < concerned.shapes.length; i++) {
      const shape = concerned.shapes[i] as Shape<RuleInfo>;
      // Of patterns only an open one matches a fresh id.
      if (shape.isOpen ? parts.count < shape.parts : parts.isFresh || parts.count !== shape.parts) continue;
      const rules = shape.rules(parts);
      if (rules === undefined) continue;
      for (let j = 0; j < rules.length; j++) {
        const rule = rules[j] as RuleInfo;
        if (!shape.isNamed(rule, parts)) continue;
        if (found === undefined) {
          found = [rule];
          first = shape;
        } else {
          found.push(rule);
          if (shape !== first) isMixed = true;
        }
      }
    }
    if (found === undefined) return NO_RULES;
    // The rules of one shape are in order already.
    return isMixed ? inOrder(found) : found;
  }

  /** Whether a rule may name a sibling of a child by its id: else what matches the child is all that matches any of them. */
  mayNameSibling(action: string, parts: Parts): boolean {
    return this.#byAction.get(action)?.shapes.some((shape) => shape.mayNameSibling(parts)) === true;
  }

  #add(record: Policy): PolicyInfo {
    const uses: number[] = [];
    const sandboxes =
      record.sandboxes === "all"
        ? "all"
        : new Set(
            record.sandboxes.map((name) => {
              const node = this.#tree.use(`/${SANDBOXES}/${escapeId(name)}`);
              uses.push(node);
              return node;
            }),
          );
    const compile = (condition: Policy["subjectCondition"]): Compiled | undefined =>
      condition === undefined ? undefined : this.#conditions.use(condition);
    const rules: RuleInfo[] = [];
    const info: PolicyInfo = { record, sandboxes, subject: compile(record.subjectCondition), rules, uses };
    for (const [index, rule] of record.rules.entries()) {
      rules.push({ policy: info, index, rule, parts: parsePattern(rule.resource) ?? UNREADABLE, condition: compile(rule.condition) });
    }
    if (record.status === "active") for (const rule of rules) for (const action of new Set(rule.rule.actions)) this.#index(action, rule);
    return info;
  }

  #index(action: string, rule: RuleInfo): void {
    if (rule.rule.effect === "indeterminate") return;
    let concerned = this.#byAction.get(action);
    if (concerned === undefined) {
      concerned = { shapes: [], permits: new Set() };
      this.#byAction.set(action, concerned);
    }
    if (rule.rule.effect === "permit") concerned.permits.add(rule);
    let shape = concerned.shapes.find((one) => one.has(rule.parts));
    if (shape === undefined) {
      shape = new Shape(rule.parts, byPolicy);
      concerned.shapes.push(shape);
    }
    shape.add(rule, this.#hash);
  }

  #remove(info: PolicyInfo): void {
    for (const rule of info.rules) {
      if (info.record.status === "active") for (const action of new Set(rule.rule.actions)) this.#unindex(action, rule);
      if (rule.rule.condition !== undefined) this.#conditions.release(rule.rule.condition);
    }
    if (info.record.subjectCondition !== undefined) this.#conditions.release(info.record.subjectCondition);
    for (const node of info.uses) this.#tree.release(node);
  }

  #unindex(action: string, rule: RuleInfo): void {
    const concerned = this.#byAction.get(action);
    const shape = concerned?.shapes.find((one) => one.has(rule.parts));
    if (concerned === undefined || shape === undefined) return;
    concerned.permits.delete(rule);
    shape.remove(rule, this.#hash);
    if (shape.isEmpty) concerned.shapes.splice(concerned.shapes.indexOf(shape), 1);
    if (concerned.shapes.length === 0) this.#byAction.delete(action);
  }
}

const FEW = 8;
const NO_RULES: readonly RuleInfo[] = Object.freeze([]);
/** The parser refuses it before: a pattern that matches nothing. */
const UNREADABLE: Pattern = Object.freeze(["", ""]);

function beginningOf(parts: Pattern): string {
  const wildcard = parts.indexOf(null);
  const literal = wildcard === -1 ? parts.length : wildcard;
  const pairs: Pair[] = [];
  for (let i = 0; i + 1 < literal; i += 2) pairs.push({ type: parts[i] as string, id: parts[i + 1] as string });
  return formatPath(pairs);
}

/** By policy id, then rule. Mostly there are a few, which are put in their places faster than a sort begins. */
function inOrder(rules: RuleInfo[]): readonly RuleInfo[] {
  if (rules.length > FEW) return rules.sort(byPolicy);
  for (let i = 1; i < rules.length; i++) {
    const rule = rules[i] as RuleInfo;
    let at = i;
    for (; at > 0 && byPolicy(rules[at - 1] as RuleInfo, rule) > 0; at--) rules[at] = rules[at - 1] as RuleInfo;
    rules[at] = rule;
  }
  return rules;
}

function byPolicy(a: RuleInfo, b: RuleInfo): number {
  return compareUtf8(a.policy.record.id, b.policy.record.id) || a.index - b.index;
}
