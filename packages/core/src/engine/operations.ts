/**
 * Operations: the rows of every product's catalogue, with the rule of each made ready, and the routes that lead to them.
 *
 * A *rule* is a list of alternatives: the organization's own, else the published one, else for GET the product's read default.
 * A *document* is the list of operations of one registered version, matched below the version's base path.
 * Invariant: a row's rule is what its records say today; nothing of it is kept across a change of the records that it reads.
 */
import type { Alternative, DocumentOperation, Operation, OperationRule } from "../model/index.ts";
import { type Compiled, type Conditions, compileCondition } from "./condition.ts";
import { type RouteNode, Routes, readTemplate } from "./route.ts";

export type AlternativeInfo = { readonly record: Alternative; readonly when: Compiled | undefined };
export type OperationInfo = {
  readonly record: Operation;
  /** Names of the template's parameters, in order. */
  readonly parameters: readonly string[];
  /** The published alternatives; `own`: those that the organization put in their place. */
  readonly published: readonly AlternativeInfo[] | undefined;
  readonly own: readonly AlternativeInfo[] | undefined;
  /** The target, cut at its parameters: texts, and between them the place of a parameter. */
  readonly target: TargetTemplate;
};
/** `types`: the collections along the path; each id is a text or the index of a parameter. `collection`: the path ends with one. */
export type TargetTemplate = {
  readonly pairs: readonly { readonly type: string; readonly id: string | number }[];
  readonly collection?: string;
};
export type DocumentRow = { readonly record: DocumentOperation; readonly alternatives: readonly AlternativeInfo[] | undefined };

export class Operations {
  readonly #products = new Map<string, ProductOperations>();
  readonly #conditions: Conditions;

  constructor(conditions: Conditions) {
    this.#conditions = conditions;
  }

  of(product: string): ProductOperations {
    let operations = this.#products.get(product);
    if (operations === undefined) {
      operations = new ProductOperations(this.#conditions);
      this.#products.set(product, operations);
    }
    return operations;
  }
  find(product: string): ProductOperations | undefined {
    return this.#products.get(product);
  }
  *all(): Iterable<ProductOperations> {
    yield* this.#products.values();
  }
}

export class ProductOperations {
  readonly routes = new Routes();
  /** Base path → the node of the version that has it, as method `version`. */
  readonly basePaths = new Routes();
  basePathCount = 0;
  readonly #infos = new Map<string, OperationInfo>();
  readonly #rules = new Map<string, OperationRule>();
  readonly #conditions: Conditions;
  #readDefault: readonly AlternativeInfo[] | undefined;

  constructor(conditions: Conditions) {
    this.#conditions = conditions;
  }

  get(id: string): OperationInfo | undefined {
    return this.#infos.get(id);
  }
  rule(id: string): OperationRule | undefined {
    return this.#rules.get(id);
  }
  *records(): Iterable<Operation> {
    for (const info of this.#infos.values()) yield info.record;
  }
  *rules(): Iterable<OperationRule> {
    yield* this.#rules.values();
  }
  get readDefault(): readonly AlternativeInfo[] | undefined {
    return this.#readDefault;
  }

  /** The operation of a method and of a template, whatever the names of its parameters. */
  at(method: string, template: string): OperationInfo | undefined {
    return this.routes.find(template)?.methods.get(method) as OperationInfo | undefined;
  }
  /** The base path of a registered version with which a template begins. */
  basePathOf(template: string): string | undefined {
    const segments = template.split("/").slice(1);
    const found = this.basePaths.longest(segments);
    return found === undefined ? undefined : `/${segments.slice(0, found.length).join("/")}`;
  }

  put(id: string, record: Operation | undefined): void {
    const old = this.#infos.get(id);
    if (old !== undefined) {
      const node = this.routes.node(old.record.path);
      if (node.methods.get(old.record.method) === old) node.methods.delete(old.record.method);
      this.#release(old.published);
      this.#release(old.own);
    }
    this.#infos.delete(id);
    if (record !== undefined) this.#add(record);
  }

  putRule(id: string, record: OperationRule | undefined): void {
    if (record === undefined) this.#rules.delete(id);
    else this.#rules.set(id, record);
    const info = this.#infos.get(id);
    if (info !== undefined) this.put(id, info.record);
  }

  setReadDefault(alternatives: readonly Alternative[] | undefined): void {
    this.#release(this.#readDefault);
    this.#readDefault = this.#compile(alternatives);
  }

  setBasePath(basePath: string, version: number): void {
    const node = this.basePaths.node(basePath);
    if (version === 0) node.methods.delete("version");
    else node.methods.set("version", version);
    this.basePathCount += version === 0 ? -1 : 1;
  }

  #add(record: Operation): void {
    const { parameters } = readTemplate(record.path);
    const info: OperationInfo = {
      record,
      parameters,
      published: this.#compile(record.alternatives),
      own: this.#compile(this.#rules.get(record.id)?.alternatives),
      target: readTargetTemplate(record.target, parameters),
    };
    this.#infos.set(record.id, info);
    this.routes.node(record.path).methods.set(record.method, info);
  }

  #compile(alternatives: readonly Alternative[] | undefined): readonly AlternativeInfo[] | undefined {
    return alternatives?.map((record) => ({ record, when: record.when === undefined ? undefined : this.#conditions.use(record.when) }));
  }
  #release(alternatives: readonly AlternativeInfo[] | undefined): void {
    for (const { record } of alternatives ?? []) if (record.when !== undefined) this.#conditions.release(record.when);
  }
}

/** Makes the routes of a version's document. Its conditions are its own: they come and go with it. */
export function compileDocument(rows: readonly DocumentOperation[]): Routes {
  const routes = new Routes();
  for (const record of rows) {
    const alternatives = record.alternatives?.map(
      (one): AlternativeInfo => ({ record: one, when: one.when === undefined ? undefined : compileCondition(one.when) }),
    );
    const row: DocumentRow = { record, alternatives };
    routes.node(record.path).methods.set(record.method, row);
  }
  return routes;
}

/** The method's operation at a route; HEAD is answered by GET where the template has no HEAD of its own. */
export function methodAt<T>(node: RouteNode, method: string): T | undefined {
  return (node.methods.get(method) ?? (method === "HEAD" ? node.methods.get("GET") : undefined)) as T | undefined;
}

/** Reads a row's target: a resource path whose ids may be `{parameter}`. */
function readTargetTemplate(target: string, parameters: readonly string[]): TargetTemplate {
  if (target === "/") return { pairs: [] };
  const parts = target.slice(1).split("/");
  const pairs: { type: string; id: string | number }[] = [];
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const id = parts[i + 1] as string;
    const name = id.startsWith("{") && id.endsWith("}") ? id.slice(1, -1) : undefined;
    pairs.push({ type: parts[i] as string, id: name === undefined ? id : parameters.indexOf(name) });
  }
  return parts.length % 2 === 0 ? { pairs } : { pairs, collection: parts[parts.length - 1] as string };
}
