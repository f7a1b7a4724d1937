/**
 * Policies, found by what they name: action, shape of the pattern, and the pattern's literal parts.
 *
 * A *shape* says how many parts a pattern has, which of them are literal, and whether it ends with `*` (one or more parts). For
 * each shape that is present for an action one hash of the request's parts at the literal places is looked up, so that the cost
 * follows the number of shapes and not of policies. Candidates are compared part by part.
 * Invariant: `matching` gives every rule of every active policy whose pattern and action fit, in the order (policy id, rule).
 */
import { compareUtf8, escapeId, formatPath, type Pair, type Policy, type PolicyRule, parsePattern, SANDBOXES } from "../model/index.ts";
import type { Compiled, Conditions } from "./condition.ts";
import type { Tree } from "./tree.ts";

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
  /** `null` is `*`. */
  readonly parts: readonly (string | null)[];
  readonly condition: Compiled | undefined;
};
type Shape = {
  readonly parts: number;
  readonly isOpen: boolean;
  readonly literals: readonly number[];
  readonly table: Map<number, RuleInfo[]>;
};

/** The parts of a request's place: their number with a fresh id, their hashes, and on demand the text of each of the others. */
export type Parts = { readonly count: number; readonly isFresh: boolean; readonly hashes: Int32Array; text(at: number): string };

export class Policies {
  readonly #infos = new Map<string, PolicyInfo>();
  readonly #byAction = new Map<string, Shape[]>();
  readonly #tree: Tree;
  readonly #conditions: Conditions;

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
    for (const shape of this.#byAction.get(action) ?? []) {
      for (const rules of shape.table.values())
        for (const rule of rules) if (rule.rule.effect === "permit") paths.add(beginningOf(rule.parts));
    }
    return paths;
  }

  matching(action: string, parts: Parts): readonly RuleInfo[] {
    const shapes = this.#byAction.get(action);
    if (shapes === undefined) return NO_RULES;
    let found: RuleInfo[] | undefined;
    for (const shape of shapes) {
      // Of patterns only an open one matches a fresh id.
      if (shape.isOpen ? parts.count < shape.parts : parts.isFresh || parts.count !== shape.parts) continue;
      const rules = shape.table.get(hashOf(shape.literals, parts.hashes));
      if (rules === undefined) continue;
      for (const rule of rules) {
        if (!isEveryLiteral(shape, rule, parts)) continue;
        if (found === undefined) found = [rule];
        else found.push(rule);
      }
    }
    if (found === undefined) return NO_RULES;
    return found.length === 1 ? found : found.sort((a, b) => compareUtf8(a.policy.record.id, b.policy.record.id) || a.index - b.index);
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
    let shapes = this.#byAction.get(action);
    if (shapes === undefined) {
      shapes = [];
      this.#byAction.set(action, shapes);
    }
    const wanted = shapeOf(rule.parts);
    let shape = shapes.find((one) => isSameShape(one, wanted));
    if (shape === undefined) {
      shape = { ...wanted, table: new Map() };
      shapes.push(shape);
    }
    const key = this.#key(shape, rule);
    const rules = shape.table.get(key);
    if (rules === undefined) shape.table.set(key, [rule]);
    else rules.push(rule);
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
    const shapes = this.#byAction.get(action);
    const wanted = shapeOf(rule.parts);
    const shape = shapes?.find((one) => isSameShape(one, wanted));
    if (shapes === undefined || shape === undefined) return;
    const key = this.#key(shape, rule);
    const rules = (shape.table.get(key) ?? []).filter((other) => other !== rule);
    if (rules.length > 0) shape.table.set(key, rules);
    else shape.table.delete(key);
    if (shape.table.size === 0) shapes.splice(shapes.indexOf(shape), 1);
    if (shapes.length === 0) this.#byAction.delete(action);
  }

  #key(shape: Shape, rule: RuleInfo): number {
    const own = new Int32Array(rule.parts.length);
    for (const at of shape.literals) own[at] = this.#tree.names.hash(rule.parts[at] as string);
    return hashOf(shape.literals, own);
  }
}

const NO_RULES: readonly RuleInfo[] = Object.freeze([]);
/** The parser refuses it before: a pattern that matches nothing. */
const UNREADABLE: readonly (string | null)[] = Object.freeze(["", ""]);

function beginningOf(parts: readonly (string | null)[]): string {
  const wildcard = parts.indexOf(null);
  const literal = wildcard === -1 ? parts.length : wildcard;
  const pairs: Pair[] = [];
  for (let i = 0; i + 1 < literal; i += 2) pairs.push({ type: parts[i] as string, id: parts[i + 1] as string });
  return formatPath(pairs);
}

/** A hash alone would be a wrong answer: every literal part is compared. */
function isEveryLiteral({ literals }: Shape, rule: RuleInfo, parts: Parts): boolean {
  for (let i = 0; i < literals.length; i++) {
    const at = literals[i] as number;
    if (rule.parts[at] !== parts.text(at)) return false;
  }
  return true;
}

function shapeOf(parts: readonly (string | null)[]): Omit<Shape, "table"> {
  const isOpen = parts.length > 0 && parts[parts.length - 1] === null;
  const literals: number[] = [];
  for (const [index, part] of parts.entries()) if (part !== null) literals.push(index);
  return { parts: parts.length, isOpen, literals };
}

function isSameShape(a: Omit<Shape, "table">, b: Omit<Shape, "table">): boolean {
  return (
    a.parts === b.parts &&
    a.isOpen === b.isOpen &&
    a.literals.length === b.literals.length &&
    a.literals.every((at, i) => at === b.literals[i])
  );
}

function hashOf(literals: readonly number[], parts: Int32Array): number {
  let hash = 0x2545f491;
  for (let i = 0; i < literals.length; i++) hash = Math.imul(hash ^ (parts[literals[i] as number] as number), 0x01000193) ^ (hash >>> 15);
  return (hash ^ (hash >>> 16)) & 0x3fffffff;
}
