/**
 * Operations: the rows of every product's catalogue, with the rule of each made ready, and the routes that lead to them.
 *
 * A *rule* is a list of alternatives: the organization's own, else the published one, else for GET the product's read default.
 * A *document* is the list of operations of one registered version, matched below the version's base path.
 * Invariant: a row's rule is what its records say today; nothing of it is kept across a change of the records that it reads.
 */
import { type Alternative, type DocumentOperation, type Operation, type OperationRule, unescapeId } from "../../model/index.ts";
import { type Compiled, type Conditions, compileCondition } from "../policy/condition.ts";
import type { ProductInfo, TypeInfo } from "../state/catalogue.ts";
import type { Holders } from "./holders.ts";
import { type RouteNode, Routes, readTemplate } from "./route.ts";

/** An alternative's members apart, each present in every one: records differ in what they have, and telling that is dear. */
export type AlternativeInfo = {
  readonly record: Alternative;
  readonly when: Compiled | undefined;
  readonly roles: readonly string[] | undefined;
  readonly permission: string | undefined;
  readonly product: string | undefined;
  /** The indexes of `roles`, and who holds the permission, once somebody has asked for them: they are the same for ever. */
  indexes: readonly number[] | undefined;
  holders: Holders | undefined;
};
/** What every decision reads stands first, close together. */
export type OperationInfo = {
  /** The published alternatives; `own`: those that the organization put in their place. */
  readonly own: readonly AlternativeInfo[] | undefined;
  readonly published: readonly AlternativeInfo[] | undefined;
  readonly id: string;
  /** Method and template: its name as an action. */
  readonly name: string;
  /** The info of its product for which it was found that, whatever the ids, nothing refuses the target. */
  certainFor: ProductInfo | undefined;
  /** Where among the template's parameters the one is that names the organization. */
  readonly organizationParameter: number | undefined;
  readonly filter: Operation["filter"];
  readonly record: Operation;
  readonly also: Operation["also"];
  readonly target: TargetTemplate;
  /** What the catalogue says of the target's types, as long as the product's info is the one that it was found for. */
  typed: TypedTarget | undefined;
};
/** `pairs`: the target, cut at its parameters. `collection`: the path ends with one. */
export type TargetTemplate = {
  readonly pairs: readonly TargetPair[];
  readonly collection: string | undefined;
};
/** `id`: a text, or the index of a parameter. `spelled`: the pair as a path spells it, as far as the row tells. */
export type TargetPair = { readonly type: string; readonly id: string | number; readonly spelled: string };
/** `type`: of `/` undefined. */
export type TypedTarget = { readonly product: ProductInfo; readonly isDeclared: boolean; readonly type: TypeInfo | undefined };
export type DocumentRow = {
  readonly record: DocumentOperation;
  readonly name: string;
  readonly alternatives: readonly AlternativeInfo[] | undefined;
};

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
    return this.routes.find(template)?.get(method) as OperationInfo | undefined;
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
      if (node.get(old.record.method) === old) node.delete(old.record.method);
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
    if (version === 0) node.delete("version");
    else node.set("version", version);
    this.basePathCount += version === 0 ? -1 : 1;
  }

  #add(record: Operation): void {
    const { id, method, path, also, filter, organizationParameter } = record;
    const { parameters } = readTemplate(path);
    const info: OperationInfo = {
      own: this.#compile(this.#rules.get(id)?.alternatives),
      published: this.#compile(record.alternatives),
      id,
      name: `${method} ${path}`,
      certainFor: undefined,
      organizationParameter: organizationParameter === undefined ? undefined : parameters.indexOf(organizationParameter),
      filter,
      record,
      also,
      target: readTargetTemplate(record.target, parameters),
      typed: undefined,
    };
    this.#infos.set(id, info);
    this.routes.node(path).set(method, info);
  }

  #compile(alternatives: readonly Alternative[] | undefined): readonly AlternativeInfo[] | undefined {
    return alternatives?.map((record) => alternativeOf(record, record.when === undefined ? undefined : this.#conditions.use(record.when)));
  }
  #release(alternatives: readonly AlternativeInfo[] | undefined): void {
    for (const { record } of alternatives ?? []) if (record.when !== undefined) this.#conditions.release(record.when);
  }
}

function alternativeOf(record: Alternative, when: Compiled | undefined): AlternativeInfo {
  const roles = "roles" in record ? record.roles : undefined;
  const permission = "permission" in record ? record.permission : undefined;
  return { record, when, roles, permission, product: record.product, indexes: undefined, holders: undefined };
}

/** Makes the routes of a version's document. Its conditions are its own: they come and go with it. */
export function compileDocument(rows: readonly DocumentOperation[]): Routes {
  const routes = new Routes();
  for (const record of rows) {
    const alternatives = record.alternatives?.map((one) =>
      alternativeOf(one, one.when === undefined ? undefined : compileCondition(one.when)),
    );
    const row: DocumentRow = { record, name: `${record.method} ${record.path}`, alternatives };
    routes.node(record.path).set(record.method, row);
  }
  return routes;
}

/** The method's operation at a route; HEAD is answered by GET where the template has no HEAD of its own. */
export function methodAt<T>(node: RouteNode, method: string): T | undefined {
  return (node.get(method) ?? (method === "HEAD" ? node.get("GET") : undefined)) as T | undefined;
}

/** Reads a row's target: a resource path whose ids may be `{parameter}`. */
function readTargetTemplate(target: string, parameters: readonly string[]): TargetTemplate {
  if (target === "/") return { pairs: [], collection: undefined };
  const parts = target.slice(1).split("/");
  const pairs: TargetPair[] = [];
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const [type, id] = [parts[i] as string, parts[i + 1] as string];
    // What is no id's one spelling is no id, and then the target is no path.
    if (!id.startsWith("{") || !id.endsWith("}")) pairs.push({ type, id: unescapeId(id) ?? "", spelled: `/${type}/${id}` });
    else pairs.push({ type, id: parameters.indexOf(id.slice(1, -1)), spelled: `/${type}/` });
  }
  return { pairs, collection: parts.length % 2 === 0 ? undefined : parts[parts.length - 1] };
}
