/**
 * An interface to call: a product with 1,100 path templates in the shape of a large public OpenAPI document, and calls to it.
 *
 * Templates are families (`/repos/{owner}/{repo}`) with up to three pieces below: a collection, often with an id, sometimes a verb;
 * three in a hundred end with a compound segment (`compare/{base}...{head}`). One to three methods each. Rules name built-in roles,
 * permission sets with scopes, or any role; one in ten hangs on an attribute.
 * Invariant: no two templates differ only in the names of their parameters.
 */
import type { Alternative, Operation, OperationRequest, Product, Rec, ResourceType, Role } from "@reeve/core";
import { Random, Zipf } from "./random.ts";

const PRODUCT = "forge";
const BUILT_IN = 8;
const CUSTOM = 60;
const SETS = 30;
const PRINCIPALS = 2_000;
const OWNERS = 200;
const REPOS = 5_000;
const NOUNS = (
  "issues pulls commits branches tags releases assets hooks keys secrets variables runners jobs runs artifacts caches environments " +
  "deployments statuses checks suites alerts advisories packages versions members teams invitations labels milestones comments " +
  "reactions reviews events projects columns cards pages domains rulesets workflows attempts logs traffic topics contents trees"
).split(" ");
const VERBS = ["lock", "merge", "cancel", "rerun", "archive", "approve", "transfer", "enable"];
const COMPOUNDS = ["compare/{base}...{head}", "archive/{name}.{format}", "range/{from}:{to}"];
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/** Where templates begin, and the target that its parameters fill. */
const FAMILIES = [
  { path: "/repos/{owner}/{repo}", target: "/owners/{owner}/repos/{repo}" },
  { path: "/repos/{owner}/{repo}", target: "/owners/{owner}/repos/{repo}" },
  { path: "/orgs/{owner}", target: "/owners/{owner}" },
  { path: "/users/{owner}", target: "/owners/{owner}" },
  { path: "/user", target: "/" },
  { path: "", target: "/" },
] as const;

type Described = Pick<Operation, "method" | "path">;

export class Interface {
  readonly operations: readonly Operation[];
  readonly #random: Random;
  readonly #askers: Zipf;
  readonly #called: Zipf;

  /** `templates`: how many are made; or those of a document that was read, with their methods. */
  constructor(seed: number, templates: number | readonly Described[]) {
    this.#random = new Random(seed, 20);
    this.operations =
      typeof templates === "number"
        ? [...templatesOf(this.#random, templates)].flatMap(({ path, target }, index) =>
            this.#methods().map((method) => this.#operation({ method, path }, { target, index })),
          )
        : templates.map((described, index) => this.#operation(described, { target: targetOf(described.path), index }));
    this.#askers = new Zipf(PRINCIPALS, this.#random);
    this.#called = new Zipf(this.operations.length, this.#random);
  }

  #methods(): readonly string[] {
    return [...new Set(Array.from({ length: 1 + this.#random.below(3) }, () => this.#random.pick(METHODS)))];
  }

  #operation({ method, path }: Described, { target, index }: { readonly target: string; readonly index: number }): Operation {
    const id = `op-${index}-${method.toLowerCase()}`;
    return { product: PRODUCT, id, method, path, names: [id], target, alternatives: this.#rule() };
  }

  #rule(): Alternative[] {
    const when = this.#random.below(10) === 0 ? { when: { "===": [{ var: "attributes.visibility" }, "public"] } } : {};
    const builtIn = (): string => `profile-${this.#random.below(BUILT_IN)}`;
    const kind = this.#random.below(20);
    const alternatives: Alternative[] = [];
    if (kind < 10) alternatives.push({ roles: [...new Set([builtIn(), builtIn()])], ...when });
    if (kind >= 6 && kind < 19) alternatives.push({ permission: `set-${this.#random.below(SETS)}`, ...when });
    if (kind === 19) alternatives.push({ anyRole: true, ...when });
    return alternatives;
  }

  *records(): Iterable<Rec> {
    yield { kind: "product", value: productOf() };
    for (let set = 0; set < SETS; set++) {
      const pairs = [{ type: "repos", actions: [`act-${set}`] }];
      yield { kind: "permission-set", value: { product: PRODUCT, id: `set-${set}`, name: `set-${set}`, pairs } };
    }
    for (let role = 0; role < BUILT_IN + CUSTOM; role++) yield { kind: "role", value: this.#role(role) };
    for (const value of this.operations) yield { kind: "operation", value };
    for (let principal = 0; principal < PRINCIPALS; principal++) yield* this.#principal(principal);
  }

  #role(index: number): Role {
    const random = this.#random;
    if (index < BUILT_IN)
      return { product: PRODUCT, id: `profile-${index}`, name: `profile-${index}`, type: "system-defined", builtIn: true, sets: [] };
    const sets = [...new Set(Array.from({ length: 10 }, () => `set-${random.below(SETS)}`))];
    const scope = Array.from({ length: 20 }, () => `/owners/owner-${random.below(OWNERS)}`);
    const isWide = random.below(2) === 0;
    const id = `custom-${index}`;
    return { product: PRODUCT, id, name: id, type: "user-defined", sets: sets.map((set) => (isWide ? { set } : { set, scope })) };
  }

  *#principal(index: number): Iterable<Rec> {
    const id = principalId(index);
    yield { kind: "principal", value: { id, type: "service-account", active: true } };
    const roles = new Set(Array.from({ length: 3 }, () => `custom-${BUILT_IN + this.#random.below(CUSTOM)}`));
    for (let i = 1 + this.#random.below(3); i > 0; i--) roles.add(`profile-${this.#random.below(BUILT_IN)}`);
    for (const role of roles) yield { kind: "assignment", value: { role, principal: id } };
  }

  /** Calls as they come from a wire: three in ten with a query, three in a hundred to nothing that is there. */
  fresh(count: number): readonly OperationRequest[] {
    return JSON.parse(JSON.stringify(Array.from({ length: count }, () => this.#call()))) as OperationRequest[];
  }

  #call(): OperationRequest {
    const random = this.#random;
    const { method, path } = this.operations[this.#called.draw(random)] as Operation;
    const filled = path.replaceAll(/\{([a-z0-9_]+)\}/g, (_, name: string) => this.#value(name));
    const unknown = random.below(100) < 3 ? "/nothing-like-this" : "";
    const query = random.below(10) < 3 ? `?page=${random.below(50)}&per_page=100` : "";
    const principal = { type: "service-account", id: principalId(this.#askers.draw(random)) };
    return {
      principal,
      product: PRODUCT,
      method,
      target: filled + unknown + query,
      attributes: { visibility: random.pick(["public", "private"]) },
    };
  }

  #value(name: string): string {
    if (name === "owner") return `owner-${this.#random.below(OWNERS)}`;
    if (name === "repo") return `repo-${this.#random.below(REPOS)}`;
    return this.#random.below(1_000_000).toString(36);
  }
}

function principalId(index: number): string {
  return `client-${index.toString(36).padStart(4, "0")}@acme`;
}

/** The first of the families whose place the path lies at. */
function targetOf(path: string): string {
  return FAMILIES.find((family) => family.path !== "" && path.startsWith(family.path))?.target ?? "/";
}

function* templatesOf(random: Random, count: number): Iterable<{ readonly path: string; readonly target: string }> {
  const seen = new Set<string>();
  while (seen.size < count) {
    const family = random.pick(FAMILIES);
    let path: string = family.path;
    for (let piece = random.below(4); piece > 0; piece--) {
      const noun = random.pick(NOUNS);
      path += `/${noun}`;
      if (random.below(3) > 0) path += `/{${noun}_id${piece}}`;
    }
    const end = random.below(100);
    if (end < 3) path += `/${random.pick(COMPOUNDS)}`;
    else if (end < 20) path += `/${random.pick(VERBS)}`;
    const shape = path.replaceAll(/\{[^{}]*\}/g, "{}");
    if (path === "" || seen.has(shape)) continue;
    seen.add(shape);
    yield { path, target: family.target };
  }
}

function productOf(): Product {
  const actions = Object.fromEntries(Array.from({ length: SETS }, (_, set) => [`act-${set}`, []]));
  const types: Record<string, ResourceType> = {
    organization: { actions: {} },
    owners: { open: true, actions: {} },
    repos: { parents: ["owners"], open: true, actions },
  };
  return { id: PRODUCT, boundedBy: "scopes", settings: {}, types, readDefault: [{ anyRole: true }] };
}
