/**
 * The catalogue of an organization: its products with their types, actions, ways, settings and permission sets, ready to be asked.
 *
 * An *action info* is one (type, action) of one product: which access bits open it under today's settings, and which roles hold
 * a permission set with it. Everything about a request beyond names hangs on its action info.
 * Invariant: what a product says is read from its record only; a product put again replaces all of its infos at once.
 */
import {
  type AccessType,
  compareUtf8,
  ORGANIZATION_TYPE,
  type PermissionSet,
  type Product,
  REEVE_PRODUCT,
  SANDBOXES,
  type Way,
} from "../../model/index.ts";

export const READ = 4;
export const WRITE = 2;
export const EXECUTE = 1;
export const OWN = 8;
export const FULL = READ | WRITE | EXECUTE | OWN;

/** Access types by their two-bit code in packed grants. */
export const ACCESS_TYPES: readonly AccessType[] = ["R", "RX", "RW", "RWX"];
export const ACCESS_BITS: readonly number[] = ACCESS_TYPES.map(bitsOf);

export function bitsOf(text: string): number {
  let bits = 0;
  for (const letter of text) bits |= letter === "R" ? READ : letter === "W" ? WRITE : letter === "X" ? EXECUTE : OWN;
  return bits;
}

/** A permission set as one role holds it. `scope`: nodes of the tree; `null`: the organization. */
export type HeldSet = {
  readonly role: number;
  readonly set: PermissionSet;
  readonly scope: ReadonlySet<number> | null;
  /** Nodes of the sandboxes that bound the role; `null`: its product is not bounded by sandboxes. */
  readonly sandboxes: ReadonlySet<number> | null;
  /** Role and set as `explain/tell.ts` writes them, once it did. */
  texts: HeldTexts | undefined;
};
/** Where the set opens, and where it does not: because of the role's sandboxes, or of its scope. */
export type HeldTexts = { readonly opens: string; readonly elsewhere: string; readonly scoped: string };

export class ActionInfo {
  readonly name: string;
  readonly type: TypeInfo;
  readonly ways: readonly Way[];
  /** Bits of each way whose settings hold. */
  needs: number[] = [];
  /** Role index → the sets with this action that it holds, by set id. */
  readonly holders = new Map<number, HeldSet[]>();
  /** The roles in `holders` as bits, so that most roles of a subject cost nothing. */
  bits: Int32Array = new Int32Array(1);
  /** Those of them whose set counts wherever the type is: organization-level, or bounded by nothing. As long as `bits`. */
  bitsAnywhere: Int32Array = new Int32Array(1);

  constructor(name: string, type: TypeInfo, ways: readonly Way[]) {
    this.name = name;
    this.type = type;
    this.ways = ways;
  }
  hold(held: HeldSet): void {
    const { role } = held;
    const list = this.holders.get(role);
    if (list === undefined) this.holders.set(role, [held]);
    else list.push(held);
    const word = role >> 5;
    if (word >= this.bits.length) {
      const length = Math.max(this.bits.length * 2, word + 1);
      this.bits = lengthened(this.bits, length);
      this.bitsAnywhere = lengthened(this.bitsAnywhere, length);
    }
    const bit = 1 << (role & 31);
    this.bits[word] = (this.bits[word] as number) | bit;
    const isAnywhere = held.set.organizationLevel === true || (held.scope === null && held.sandboxes === null);
    if (isAnywhere) this.bitsAnywhere[word] = (this.bitsAnywhere[word] as number) | bit;
  }
  drop(role: number): void {
    if (!this.holders.delete(role)) return;
    const others = ~(1 << (role & 31));
    this.bits[role >> 5] = (this.bits[role >> 5] as number) & others;
    this.bitsAnywhere[role >> 5] = (this.bitsAnywhere[role >> 5] as number) & others;
  }
}

function lengthened(bits: Int32Array, length: number): Int32Array {
  const longer = new Int32Array(length);
  longer.set(bits);
  return longer;
}

export type TypeInfo = {
  readonly index: number;
  readonly name: string;
  readonly product: ProductInfo;
  readonly parents: readonly string[] | undefined;
  readonly open: boolean;
  readonly uniqueIds: boolean;
  /** This type or one that may stand above it has unique ids, and another parent is possible. */
  readonly uniqueAbove: boolean;
  readonly owner: "self" | "subtree" | undefined;
  readonly actions: ReadonlyMap<string, ActionInfo>;
  /** Parent types whose labels it takes. */
  readonly labelParents: ReadonlySet<string>;
};

export class ProductInfo {
  readonly record: Product;
  readonly id: string;
  readonly types = new Map<string, TypeInfo>();
  readonly settings = new Map<string, boolean>();
  /** Reeve's own: no policy matches it, and in it a grant gives the very resource that it names. */
  readonly isApart: boolean;
  readonly isBoundedBySandboxes: boolean;

  constructor(record: Product, settings: ReadonlyMap<string, boolean>) {
    this.record = record;
    this.id = record.id;
    this.isApart = record.id === REEVE_PRODUCT;
    this.isBoundedBySandboxes = record.boundedBy === "sandboxes";
    this.setSettings(settings);
  }
  setSettings(values: ReadonlyMap<string, boolean>): void {
    for (const [name, setting] of Object.entries(this.record.settings)) this.settings.set(name, values.get(name) ?? setting.default);
  }
  get prerequisite(): { readonly of: TypeInfo; readonly action: ActionInfo } | undefined {
    const prerequisite = this.record.prerequisite;
    if (prerequisite === undefined) return undefined;
    const of = this.types.get(prerequisite.of);
    const action = of?.actions.get(prerequisite.action);
    return of === undefined || action === undefined ? undefined : { of, action };
  }
}

export class Catalogue {
  readonly products = new Map<string, ProductInfo>();
  readonly sets = new Map<string, PermissionSet>();
  readonly #setsWith = new Map<ActionInfo, readonly string[]>();
  readonly #records = new Map<string, Product>();
  readonly #settings = new Map<string, Map<string, boolean>>();
  #types: (TypeInfo | undefined)[] = [undefined];
  readonly #roots = new Map<string, TypeInfo>();
  readonly organizationActions = new Map<string, ActionInfo>();
  declaresOrganization = false;
  /** The organization's setting of the strict reading of label conditions (model §9), whichever product declares it. */
  labelsFromOneRole = false;

  at(index: number): TypeInfo | undefined {
    return this.#types[index];
  }
  resolve(parent: TypeInfo | undefined, root: boolean, name: string): TypeInfo | undefined {
    if (root) return this.#roots.get(name);
    const type = parent?.product.types.get(name);
    return type?.parents?.includes((parent as TypeInfo).name) === true ? type : undefined;
  }
  root(name: string): TypeInfo | undefined {
    return this.#roots.get(name);
  }
  roots(): Iterable<TypeInfo> {
    return this.#roots.values();
  }
  /** The type of this name that may lie directly under `sandboxes`. */
  underSandboxes(name: string): TypeInfo | undefined {
    const type = this.#roots.get(SANDBOXES)?.product.types.get(name);
    return type?.parents?.includes(SANDBOXES) === true ? type : undefined;
  }
  record(id: string): Product | undefined {
    return this.#records.get(id);
  }
  setting(product: string, name: string): boolean | undefined {
    return this.#settings.get(product)?.get(name);
  }
  putSet(id: string, set: PermissionSet | undefined): void {
    if (set === undefined) this.sets.delete(id);
    else this.sets.set(id, set);
    this.#setsWith.clear();
  }
  /** The permission sets that hold an action, by id. */
  setsWith(action: ActionInfo): readonly string[] {
    let ids = this.#setsWith.get(action);
    if (ids === undefined) {
      const { product, name } = action.type;
      const holding = [...this.sets.values()].filter(
        (set) => set.product === product.id && set.pairs.some((pair) => pair.type === name && pair.actions.includes(action.name)),
      );
      ids = holding.map(({ id }) => id).sort(compareUtf8);
      this.#setsWith.set(action, ids);
    }
    return ids;
  }
  *settingRecords(): Iterable<{ product: string; name: string; value: boolean }> {
    for (const [product, values] of this.#settings) for (const [name, value] of values) yield { product, name, value };
  }

  *recordsOfProducts(): Iterable<Product> {
    yield* this.#records.values();
  }

  putProduct(id: string, record: Product | undefined): void {
    if (record === undefined) this.#records.delete(id);
    else this.#records.set(id, record);
  }
  putSetting(product: string, name: string, value: boolean | undefined): void {
    let values = this.#settings.get(product);
    if (values === undefined) {
      values = new Map();
      this.#settings.set(product, values);
    }
    if (value === undefined) values.delete(name);
    else values.set(name, value);
  }

  /** Reads a product's settings again: which ways of its actions hold. */
  resettle(id: string): void {
    const product = this.products.get(id);
    if (product === undefined) return;
    product.setSettings(this.#settings.get(id) ?? new Map());
    for (const type of product.types.values()) {
      for (const action of type.actions.values()) action.needs = needsOf(action.ways, product.settings);
    }
    this.#readLabelsFromOneRole();
  }
  #readLabelsFromOneRole(): void {
    this.labelsFromOneRole = [...this.products.values()].some(({ settings }) => settings.get("labelsFromOneRole") === true);
  }

  /** Makes all infos anew from the records; roles must be wired after it. Answers whether nodes must be retyped too. */
  rebuild(): boolean {
    const before = this.#shape();
    this.products.clear();
    this.#setsWith.clear();
    this.#types = [undefined];
    this.#roots.clear();
    this.organizationActions.clear();
    this.declaresOrganization = false;
    for (const record of this.#records.values()) {
      const product = new ProductInfo(record, this.#settings.get(record.id) ?? new Map());
      this.products.set(record.id, product);
      for (const name of Object.keys(record.types)) this.#addType(product, name);
    }
    this.#readLabelsFromOneRole();
    return this.#shape() !== before;
  }

  /** What the types of nodes, and which of them are registered, depend on. */
  #shape(): string {
    const shape = this.#types.map((type) => type && [type.product.id, type.name, type.parents ?? null, type.open, type.uniqueIds]);
    return JSON.stringify(shape);
  }

  #addType(product: ProductInfo, name: string): void {
    const declared = product.record.types[name] as Product["types"][string];
    const actions = new Map<string, ActionInfo>();
    const inheritance = product.record.labelInheritance?.parents ?? [];
    const type: TypeInfo = {
      index: this.#types.length,
      name,
      product,
      parents: declared.parents,
      open: declared.open === true,
      uniqueIds: declared.uniqueIds === true,
      uniqueAbove: uniqueAbove(product.record, name, new Set()),
      owner: declared.owner,
      actions,
      labelParents: new Set(inheritance.filter((pair) => pair[0] === name).map((pair) => pair[1])),
    };
    for (const [action, ways] of Object.entries(declared.actions)) {
      const info = new ActionInfo(action, type, ways);
      info.needs = needsOf(ways, product.settings);
      actions.set(action, info);
      if (name === ORGANIZATION_TYPE) this.organizationActions.set(action, info);
    }
    this.#types.push(type);
    product.types.set(name, type);
    if (name === ORGANIZATION_TYPE) this.declaresOrganization = true;
    else if (declared.parents === undefined) this.#roots.set(name, type);
  }
}

function needsOf(ways: readonly Way[], settings: ReadonlyMap<string, boolean>): number[] {
  const needs: number[] = [];
  for (const way of ways) {
    if (typeof way === "string") needs.push(bitsOf(way));
    else if (Object.entries(way.when).every(([name, value]) => settings.get(name) === value)) needs.push(bitsOf(way.bits));
  }
  return needs;
}

/** A root type has one parent only, so that its ids can not be elsewhere. */
function uniqueAbove(product: Product, name: string, seen: Set<string>): boolean {
  if (seen.has(name)) return false;
  seen.add(name);
  const type = product.types[name];
  if (type?.parents === undefined) return false;
  return type.uniqueIds === true || type.parents.some((parent) => uniqueAbove(product, parent, seen));
}
