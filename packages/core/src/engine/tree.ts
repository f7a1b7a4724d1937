/**
 * The tree of resources: a node for every path that something names, and for every path above one.
 *
 * A node is a row of integers: parent, type, sandbox, owner, children, what it is named by. It knows whether it is *registered*
 * (model §2): a record of its own, or, where the type is open, a grant or a link on it. Scopes make nodes, but register nothing.
 * Invariant: a node's parent is the node of the path one pair shorter; nodes that nothing names any more are gone.
 */
import { formatPath, type Pair, parentPath, parsePath, SANDBOXES, unescapeId } from "../model/index.ts";
import type { TypeInfo } from "./catalogue.ts";
import type { Heads } from "./lists.ts";
import { Names } from "./names.ts";

const ROWS_BITS = 10;
const ROWS = 1 << ROWS_BITS;
/** What the walk up reads of a node, four integers close together, so that many nodes fit the cache. */
const HOT = 4;
export const PARENT = 0;
export const OWNER = 1;
/** Head of the list of grants on the node: two integers. */
export const GRANT_LIST = 2;
/** What else there is. */
const COLD = 9;
const TYPE_NAME = 0;
const TYPE = 1;
const SANDBOX = 2;
const FIRST_CHILD = 3;
const NEXT = 4;
const PREVIOUS = 5;
const ID_HASH = 6;
const USES = 7;
/** Flags in the low bits; above them how many grants and links name the node. */
const NAMED = 8;
const NAMED_SHIFT = 2;

const RECORD = 1;
const EXTRA = 2;

export const ROOT = 1;
/** How a type is found: by the product's catalogue, kept by the state. */
export type Types = {
  resolve(parent: TypeInfo | undefined, root: boolean, name: string): TypeInfo | undefined;
  at(index: number): TypeInfo | undefined;
};

export class Tree {
  readonly names: Names;
  readonly #types: Types;
  readonly #hot: Int32Array[] = [];
  readonly #cold: Int32Array[] = [];
  /** Names of collections, by index, and their hashes. */
  readonly #typeNames: string[] = [""];
  readonly #typeHashes: number[] = [0];
  readonly #typeIndex = new Map<string, number>();
  /** For types with unique ids: id → the registered node. */
  readonly #unique = new Map<TypeInfo, Map<string, number>>();

  constructor(seed: number, types: Types) {
    this.names = new Names(seed);
    this.#types = types;
    this.names.add("/");
    this.#room(ROOT);
    this.#set(ROOT, NAMED, RECORD);
  }

  /** The rows among which a node's is, from `base(node)` on. For hot loops. */
  row(node: number): Int32Array {
    return this.#hot[node >>> ROWS_BITS] as Int32Array;
  }
  base(node: number): number {
    return (node & (ROWS - 1)) * HOT;
  }
  /** The lists of grants have their heads in the rows of their nodes. */
  grantHeads(): Heads {
    return {
      reserve: () => undefined,
      has: (node) => node >>> ROWS_BITS < this.#hot.length,
      row: (node) => this.row(node),
      at: (node) => this.base(node) + GRANT_LIST,
      bytes: 0,
    };
  }
  #get(node: number, column: number): number {
    return (this.#cold[node >>> ROWS_BITS] as Int32Array)[(node & (ROWS - 1)) * COLD + column] as number;
  }
  #set(node: number, column: number, value: number): void {
    (this.#cold[node >>> ROWS_BITS] as Int32Array)[(node & (ROWS - 1)) * COLD + column] = value;
  }
  #room(node: number): void {
    while (node >>> ROWS_BITS >= this.#hot.length) {
      this.#hot.push(new Int32Array(ROWS * HOT));
      this.#cold.push(new Int32Array(ROWS * COLD));
    }
  }

  parent(node: number): number {
    return this.row(node)[this.base(node) + PARENT] as number;
  }
  sandbox(node: number): number {
    return this.#get(node, SANDBOX);
  }
  owner(node: number): number {
    return this.row(node)[this.base(node) + OWNER] as number;
  }
  idHash(node: number): number {
    return this.#get(node, ID_HASH);
  }
  /** Hash of the name of the node's collection, as `names.hash` gives it. */
  typeHash(node: number): number {
    return this.#typeHashes[this.#get(node, TYPE_NAME)] as number;
  }
  typeName(node: number): string {
    return this.#typeNames[this.#get(node, TYPE_NAME)] as string;
  }
  firstChild(node: number): number {
    return this.#get(node, FIRST_CHILD);
  }
  next(node: number): number {
    return this.#get(node, NEXT);
  }
  type(node: number): TypeInfo | undefined {
    return this.#types.at(this.#get(node, TYPE));
  }
  /** There is more about this resource than its path and owner: see the state's resources. */
  hasExtra(node: number): boolean {
    return (this.#get(node, NAMED) & EXTRA) !== 0;
  }
  hasRecord(node: number): boolean {
    return (this.#get(node, NAMED) & RECORD) !== 0;
  }
  registered(node: number): boolean {
    const named = this.#get(node, NAMED);
    if ((named & RECORD) !== 0) return true;
    return named >> NAMED_SHIFT > 0 && this.type(node)?.open === true;
  }
  path(node: number): string {
    return this.names.text(node);
  }
  /** The id of a node's last pair, `/` for the organization. */
  id(node: number): string {
    const path = this.path(node);
    return node === ROOT ? path : (unescapeId(path.slice(path.lastIndexOf("/") + 1)) as string);
  }

  /** The node of a canonical path, or 0. */
  find(path: string): number {
    return this.names.find(path);
  }

  findPairs(pairs: readonly Pair[]): number {
    return this.names.find(formatPath(pairs));
  }
  isAtOrAbove(node: number, below: number): boolean {
    for (let one = below; one !== 0; one = this.parent(one)) if (one === node) return true;
    return false;
  }

  /** The node of a canonical resource path, made with all above it if it is not there. Balance with `release`. */
  use(path: string): number {
    const node = this.names.find(path);
    if (node !== 0) {
      this.#set(node, USES, this.#get(node, USES) + 1);
      return node;
    }
    const parent = this.use(parentPath(path) as string);
    const made = this.names.add(path);
    this.#room(made);
    this.row(made).fill(0, this.base(made), this.base(made) + HOT);
    const cold = (made & (ROWS - 1)) * COLD;
    (this.#cold[made >>> ROWS_BITS] as Int32Array).fill(0, cold, cold + COLD);
    const pairs = (parsePath(path) as { pairs: readonly Pair[] }).pairs;
    const last = pairs[pairs.length - 1] as Pair;
    this.row(made)[this.base(made) + PARENT] = parent;
    this.#set(made, TYPE_NAME, this.#typeNameIndex(last.type));
    this.#set(made, ID_HASH, this.names.hash(last.id));
    this.#set(made, USES, 1);
    this.#set(made, SANDBOX, parent === ROOT && last.type === SANDBOXES ? made : this.#get(parent, SANDBOX));
    const first = this.#get(parent, FIRST_CHILD);
    this.#set(made, NEXT, first);
    if (first !== 0) this.#set(first, PREVIOUS, made);
    this.#set(parent, FIRST_CHILD, made);
    this.#resolve(made);
    return made;
  }

  /** Takes back one `use`; the last one makes the node, and those above that stood for it alone, disappear. */
  release(node: number): void {
    const uses = this.#get(node, USES) - 1;
    this.#set(node, USES, uses);
    if (uses > 0 || node === ROOT) return;
    const parent = this.parent(node);
    const next = this.#get(node, NEXT);
    const previous = this.#get(node, PREVIOUS);
    if (next !== 0) this.#set(next, PREVIOUS, previous);
    if (previous !== 0) this.#set(previous, NEXT, next);
    else this.#set(parent, FIRST_CHILD, next);
    this.names.remove(node);
    this.release(parent);
  }

  setRecord(node: number, record: { present: boolean; extra: boolean; owner: number }): void {
    const before = this.registered(node);
    const flags = (record.present ? RECORD : 0) | (record.extra ? EXTRA : 0);
    this.#set(node, NAMED, ((this.#get(node, NAMED) >> NAMED_SHIFT) << NAMED_SHIFT) | flags);
    this.row(node)[this.base(node) + OWNER] = record.owner;
    this.#noteRegistration(node, before);
  }

  /** Counts grants and links that name the node; both register it where its type is open. */
  countNamed(node: number, by: 1 | -1): void {
    const before = this.registered(node);
    this.#set(node, NAMED, this.#get(node, NAMED) + (by << NAMED_SHIFT));
    this.#noteRegistration(node, before);
  }

  /** Where an id of a type with unique ids is registered, or 0. */
  registeredAt(type: TypeInfo, id: string): number {
    return this.#unique.get(type)?.get(id) ?? 0;
  }

  /** Looks up every node's type again, after the catalogue has changed. */
  retype(): void {
    this.#unique.clear();
    this.#set(ROOT, TYPE, 0);
    const stack = [this.firstChild(ROOT)];
    while (stack.length > 0) {
      let node = stack.pop() as number;
      for (; node !== 0; node = this.next(node)) {
        this.#resolve(node);
        if (this.registered(node)) this.#noteRegistration(node, false);
        const child = this.firstChild(node);
        if (child !== 0) stack.push(child);
      }
    }
  }

  #typeNameIndex(name: string): number {
    const known = this.#typeIndex.get(name);
    if (known !== undefined) return known;
    this.#typeNames.push(name);
    this.#typeHashes.push(this.names.hash(name));
    this.#typeIndex.set(name, this.#typeNames.length - 1);
    return this.#typeNames.length - 1;
  }

  /** Everything at and below a node, parents first. */
  below(node: number): number[] {
    const found = [node];
    for (let i = 0; i < found.length; i++) {
      for (let child = this.firstChild(found[i] as number); child !== 0; child = this.next(child)) found.push(child);
    }
    return found;
  }

  nodes(): number[] {
    return this.below(ROOT);
  }

  get bytes(): number {
    return this.names.bytes + this.#hot.length * ROWS * (HOT + COLD) * 4;
  }

  #resolve(node: number): void {
    const parent = this.parent(node);
    const name = this.typeName(node);
    this.#set(node, TYPE, this.#types.resolve(this.type(parent), parent === ROOT, name)?.index ?? 0);
  }

  #noteRegistration(node: number, before: boolean): void {
    const type = this.type(node);
    if (type === undefined || !type.uniqueIds) return;
    const after = this.registered(node);
    if (before === after) return;
    let ids = this.#unique.get(type);
    if (ids === undefined) {
      ids = new Map();
      this.#unique.set(type, ids);
    }
    if (after) ids.set(this.id(node), node);
    else ids.delete(this.id(node));
  }
}
