/**
 * The state: everything that one organization consists of, indexed. It is changed in place, one record at a time.
 *
 * `put` and `remove` answer what stood there before, which makes each the inverse of another: that lets a plan be an immutable
 * version of a state that moves (`plan.ts`). `settle` finishes what changes of the catalogue make necessary, once for many.
 * Invariant: after `settle` the state is a function of its records: the order in which they came leaves no trace.
 */
import {
  escapeId,
  type Grant,
  type Key,
  type Kind,
  keyOf,
  type Label,
  type Nouns,
  type Organization,
  type Reach,
  type Rec,
  type Resource,
  SANDBOXES,
  type Validity,
} from "../../model/index.ts";
import { KeptMissing } from "../explain/kept-missing.ts";
import { compileDocument, Operations } from "../operation/operations.ts";
import type { Routes } from "../operation/route.ts";
import { Conditions } from "../policy/condition.ts";
import { Policies } from "../policy/policies.ts";
import { Access, type Granted, idOf, slotOf } from "./access.ts";
import { Catalogue, type TypeInfo } from "./catalogue.ts";
import { Links } from "./links.ts";
import { PackedLists } from "./lists.ts";
import { grantOfOffice } from "./offices.ts";
import { People } from "./people.ts";
import { Roles } from "./roles.ts";
import { GRANTS_BELOW, GRANTS_OWN, Tree } from "./tree.ts";

/** Kinds that no decision reads but through the grants of offices. */
type Passive = "product-administrator" | "developer-access" | "developer-project" | "binned";
type GrantName = Pick<Grant, "principal" | "resource" | "reach">;
type Version = { readonly product: string; readonly basePath: string };

export class State {
  readonly catalogue = new Catalogue();
  readonly conditions = new Conditions();
  readonly tree: Tree;
  readonly people: People;
  readonly access: Access;
  readonly roles: Roles;
  readonly policies: Policies;
  readonly operations: Operations;
  readonly links = new Links();
  /** Principal → nodes that he owns. */
  readonly owned = new PackedLists();
  /** Resources of which more is known than path and owner. */
  readonly resources = new Map<number, Resource>();
  readonly documents = new Map<number, Routes>();
  readonly labels = new Map<string, Label>();
  readonly keptMissing = new KeptMissing();
  readonly #passive = new Map<Passive, Map<string, Rec>>();
  /** Nodes with a base path, as they are registered with their product now. */
  readonly #versions = new Map<number, Version | undefined>();
  organization: Organization | undefined;
  #isStale = false;
  /** How often it was changed: what was found out about it by numbers holds as long as this stays the same. */
  version = 0;

  constructor(seed: number) {
    this.tree = new Tree(seed, this.catalogue);
    this.access = new Access({ below: this.tree.heads(GRANTS_BELOW), own: this.tree.heads(GRANTS_OWN) });
    this.people = new People(seed);
    this.roles = new Roles(this.catalogue, this.tree);
    this.policies = new Policies(this.tree, this.conditions);
    this.operations = new Operations(this.conditions);
  }

  /** Writes a record; answers the one that stood in its place. */
  put(rec: Rec): Rec | undefined {
    if (rec.kind === "grant") return this.#exchangeGrant(rec.value, rec.value);
    const before = this.get(rec.kind, keyOf(rec));
    this.#write(rec.kind, keyOf(rec), rec);
    return before;
  }

  /** Takes a record away; answers it. */
  remove(kind: Kind, key: Key): Rec | undefined {
    if (kind === "grant") {
      const [principal, resource, reach] = key as readonly [string, string, Reach];
      return this.#exchangeGrant({ principal, resource, reach }, undefined);
    }
    const before = this.get(kind, key);
    if (before === undefined) return undefined;
    this.#write(kind, key, undefined);
    return before;
  }

  settle(): void {
    this.version++;
    if (!this.#isStale) return;
    this.#isStale = false;
    if (this.catalogue.rebuild()) this.tree.retype();
    // What actions there are is found anew, wherever the nodes are.
    this.tree.moves++;
    this.roles.rewire();
    for (const node of this.#versions.keys()) this.#registerVersion(node);
  }

  /** The record of a kind and key as decisions know it: of a grant without who gave it and when. */
  get(kind: Kind, key: Key): Rec | undefined {
    const value = this.#value(kind, key);
    return value === undefined ? undefined : ({ kind, value } as Rec);
  }

  #value(kind: Kind, key: Key): Nouns[Kind] | undefined {
    const [first = "", second = "", third = ""] = key;
    switch (kind) {
      case "organization":
        return this.organization;
      case "product":
        return this.catalogue.record(first);
      case "permission-set":
        return this.catalogue.sets.get(first);
      case "label":
        return this.labels.get(first);
      case "principal":
        return this.people.record(this.people.names.find(first));
      case "membership":
        return withWindow({ group: first, member: second }, this.#window("membership", second, this.people.names.find(first)));
      case "assignment":
        return withWindow({ role: first, principal: second }, this.#window("assignment", second, this.roles.find(first)));
      case "resource":
        return this.resource(this.tree.find(first));
      case "link":
        return this.links.find(this.tree.find(first), { from: first, linkKind: second, to: third })?.link;
      case "role":
        return this.roles.at(this.roles.find(first))?.record;
      case "grant":
        return this.#grant(first, second, third);
      case "policy":
        return this.policies.get(first);
      case "setting": {
        const value = this.catalogue.setting(first, second);
        return value === undefined ? undefined : { product: first, name: second, value };
      }
      case "operation":
        return this.operations.find(first)?.get(second)?.record;
      case "operation-rule":
        return this.operations.find(first)?.rule(second);
      default:
        return this.#passive.get(kind)?.get(JSON.stringify(key))?.value;
    }
  }

  /** The record of a registered node; of one that only grants or links register there is none. */
  resource(node: number): Resource | undefined {
    if (node <= 1 || !this.tree.hasRecord(node)) return undefined;
    if (this.tree.hasExtra(node)) return this.resources.get(node);
    const owner = this.tree.owner(node);
    const path = this.tree.path(node);
    return owner === 0 ? { path } : { path, owner: this.people.names.text(owner) };
  }

  #window(list: "membership" | "assignment", owner: string, other: number): Validity | undefined {
    const principal = this.people.names.find(owner);
    return principal === 0 || other === 0 ? undefined : this.people.window(list, principal, other);
  }

  #grant(principal: string, resource: string, reach: string): Grant | undefined {
    const node = this.tree.find(resource);
    const id = this.people.names.find(principal);
    const found = node === 0 || id === 0 ? undefined : this.access.get(node, id, reach === "children" ? 1 : 0);
    return found === undefined ? undefined : { principal, resource, access: found.access, reach: found.reach, ...found.window };
  }

  #write(kind: Exclude<Kind, "grant">, key: Key, rec: Rec | undefined): void {
    const [first = "", second = ""] = key;
    const value = rec?.value as never;
    switch (kind) {
      case "organization":
        this.organization = value;
        break;
      case "product":
        this.catalogue.putProduct(first, value);
        this.operations.of(first).setReadDefault((rec?.value as Nouns["product"] | undefined)?.readDefault);
        this.#isStale = true;
        break;
      case "permission-set":
        this.catalogue.putSet(first, value);
        if (!this.#isStale) this.roles.rewire(first);
        break;
      case "label":
        if (value === undefined) this.labels.delete(first);
        else this.labels.set(first, value);
        break;
      case "principal":
        this.people.put(first, value);
        break;
      case "membership":
        this.people.putMembership({ group: first, member: second }, value);
        break;
      case "assignment":
        this.people.putAssignment({ role: this.roles.index(first), principal: second }, value);
        break;
      case "resource":
        this.#writeResource(first, value);
        break;
      case "link":
        this.#writeLink(key, value);
        break;
      case "role":
        this.roles.put(first, value);
        break;
      case "policy":
        this.policies.put(first, value);
        break;
      case "setting":
        this.catalogue.putSetting(first, second, (rec?.value as Nouns["setting"] | undefined)?.value);
        if (!this.#isStale) this.catalogue.resettle(first);
        break;
      case "operation":
        this.operations.of(first).put(second, value);
        break;
      case "operation-rule":
        this.operations.of(first).putRule(second, value);
        break;
      default:
        this.#writePassive(kind, key, rec);
    }
  }

  #writePassive(kind: Passive, key: Key, rec: Rec | undefined): void {
    let records = this.#passive.get(kind);
    if (records === undefined) {
      records = new Map();
      this.#passive.set(kind, records);
    }
    const name = JSON.stringify(key);
    const before = records.get(name);
    if (rec === undefined) records.delete(name);
    else records.set(name, rec);
    const grant = grantOfOffice({ kind, key });
    if (grant === undefined || (before === undefined) === (rec === undefined)) return;
    this.#exchangeGrant(grant, rec === undefined ? undefined : grant);
  }

  #writeResource(path: string, record: Resource | undefined): void {
    const known = this.tree.find(path);
    const had = known !== 0 && this.tree.hasRecord(known);
    if (!had && record === undefined) return;
    const node = had ? known : this.tree.use(path);
    const ownerBefore = this.tree.owner(node);
    const owner = record?.owner === undefined ? 0 : this.people.id(record.owner);
    if (ownerBefore !== owner) {
      if (ownerBefore !== 0) this.owned.remove(ownerBefore, node);
      if (owner !== 0) this.owned.insert(owner, node);
    }
    const extra = record !== undefined && Object.keys(record).some((member) => member !== "path" && member !== "owner");
    if (extra) this.resources.set(node, record);
    else this.resources.delete(node);
    this.tree.setRecord(node, { present: record !== undefined, extra, owner });
    if (record?.basePath !== undefined) this.#versions.set(node, this.#versions.get(node));
    if (this.#versions.has(node)) this.#registerVersion(node);
    if (record?.document === undefined) this.documents.delete(node);
    else this.documents.set(node, compileDocument(record.document));
    if (record === undefined) this.tree.release(node);
  }

  /** Brings the base path of a version into the routes of the product that its type belongs to now. */
  #registerVersion(node: number): void {
    const old = this.#versions.get(node);
    if (old !== undefined) this.operations.of(old.product).setBasePath(old.basePath, 0);
    const basePath = this.resources.get(node)?.basePath;
    const product = this.tree.type(node)?.product.id;
    if (basePath === undefined) this.#versions.delete(node);
    else if (product === undefined) this.#versions.set(node, undefined);
    else {
      this.#versions.set(node, { product, basePath });
      this.operations.of(product).setBasePath(basePath, node);
    }
  }

  #writeLink(key: Key, record: Nouns["link"] | undefined): void {
    const [from, linkKind, to] = key as readonly [string, string, string];
    const holder = this.tree.find(from);
    const found = holder === 0 ? undefined : this.links.find(holder, { from, linkKind, to });
    if (found !== undefined && record === undefined) {
      this.links.remove(holder, found.to, found.link);
      for (const node of [holder, found.to]) {
        this.tree.countNamed(node, -1);
        this.tree.release(node);
      }
    }
    if (found !== undefined || record === undefined) return;
    const ends = [this.tree.use(from), this.tree.use(to)] as const;
    for (const node of ends) this.tree.countNamed(node, 1);
    this.links.add(ends[0], ends[1], record);
  }

  /** Most changes are of grants: what stood there and what comes are found by one look-up of each name. */
  #exchangeGrant({ principal, resource, reach }: GrantName, record: Grant | undefined): Rec | undefined {
    const slot = reach === "children" ? 1 : 0;
    const id = record === undefined ? this.people.names.find(principal) : this.people.id(principal);
    const known = this.tree.find(resource);
    const found = known === 0 || id === 0 ? undefined : this.access.get(known, id, slot);
    if (record === undefined && found?.reach !== reach) return undefined;
    if (record === undefined) {
      this.access.remove(known, id, slot);
      this.tree.countNamed(known, -1);
      this.tree.release(known);
    } else if (found === undefined) {
      const node = known === 0 ? this.tree.use(resource) : this.tree.useNode(known);
      this.access.add(node, id, record);
      this.tree.countNamed(node, 1);
    } else {
      this.access.remove(known, id, slot);
      this.access.add(known, id, record);
    }
    return found === undefined
      ? undefined
      : { kind: "grant", value: { principal, resource, access: found.access, reach: found.reach, ...found.window } };
  }

  /** The types along a path; `undefined` where the catalogue does not allow it. */
  typesOf(pairs: readonly { readonly type: string }[]): (TypeInfo | undefined)[] | undefined {
    const types: TypeInfo[] = [];
    for (const [index, { type }] of pairs.entries()) {
      const found = this.catalogue.resolve(types[index - 1], index === 0, type);
      if (found === undefined) return undefined;
      types.push(found);
    }
    return types;
  }
  hasSandbox(name: string): boolean {
    const node = this.tree.find(`/${SANDBOXES}/${escapeId(name)}`);
    return node !== 0 && this.tree.registered(node);
  }

  /** Resources with a base path. */
  *withBasePath(): Iterable<Resource> {
    for (const node of this.#versions.keys()) {
      const record = this.resources.get(node);
      if (record?.basePath !== undefined) yield record;
    }
  }

  /** Records of the kinds that no decision reads itself. */
  *passive(): Iterable<Rec> {
    for (const records of this.#passive.values()) yield* records.values();
  }

  /** The grants on one node. */
  *grantsOn(node: number): Iterable<Grant> {
    const resource = this.tree.path(node);
    for (const entry of this.access.on(node)) {
      const principal = idOf(entry);
      const { access, reach, window } = this.access.get(node, principal, slotOf(entry)) as Granted;
      yield { principal: this.people.names.text(principal), resource, access, reach, ...window };
    }
  }

  get bytes(): number {
    return this.tree.bytes + this.people.bytes + this.access.bytes + this.owned.bytes;
  }
}

function withWindow<T extends object>(value: T, window: Validity | undefined): (T & Validity) | undefined {
  return window === undefined ? undefined : { ...value, ...window };
}
