/**
 * The tree of resources: a node for every path that something names, and for every path above one.
 *
 * A node is a row of integers: parent, type, sandbox, owner, children, what it is named by. It knows whether it is *registered*
 * (model §2): a record of its own, or, where the type is open, a grant or a link on it. Scopes make nodes, but register nothing.
 * Invariant: a node's parent is the node of the path one pair shorter; nodes that nothing names any more are gone.
 */
import { formatPath, type Pair, parentPath, parsePath, SANDBOXES } from "../model/index.ts";
import type { TypeInfo } from "./catalogue.ts";
import type { Heads } from "./lists.ts";
import { Names } from "./names.ts";

const ROWS_BITS = 10;
const ROWS = 1 << ROWS_BITS;
/** One cache line a node, so that the walk up touches one line for each. */
const WIDTH = 16;
export const PARENT = 0;
const TYPE_NAME = 1;
const TYPE = 2;
const SANDBOX = 3;
export const OWNER = 4;
const FIRST_CHILD = 5;
const NEXT = 6;
const PREVIOUS = 7;
const ID_HASH = 8;
const USES = 9;
const FLAGS = 10;
const GRANTS = 11;
/** Head of the list of grants on the node: two integers. */
export const GRANT_LIST = 12;

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
  readonly #chunks: Int32Array[] = [];
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
    this.#set(ROOT, FLAGS, RECORD);
  }

  /** The rows among which a node's is, from `base(node)` on. For hot loops. */
  row(node: number): Int32Array {
    return this.#chunks[node >>> ROWS_BITS] as Int32Array;
  }
  base(node: number): number {
    return (node & (ROWS - 1)) * WIDTH;
  }
  /** The lists of grants have their heads in the rows of their nodes. */
  grantHeads(): Heads {
    return {
      reserve: () => undefined,
      has: (node) => node >>> ROWS_BITS < this.#chunks.length,
      row: (node) => this.row(node),
      at: (node) => this.base(node) + GRANT_LIST,
      bytes: 0,
    };
  }
  #get(node: number, column: number): number {
    return (this.#chunks[node >>> ROWS_BITS] as Int32Array)[(node & (ROWS - 1)) * WIDTH + column] as number;
  }
  #set(node: number, column: number, value: number): void {
    (this.#chunks[node >>> ROWS_BITS] as Int32Array)[(node & (ROWS - 1)) * WIDTH + column] = value;
  }
  #room(node: number): void {
    while (node >>> ROWS_BITS >= this.#chunks.length) this.#chunks.push(new Int32Array(ROWS * WIDTH));
  }

  parent(node: number): number {
    return this.#get(node, PARENT);
  }
  sandbox(node: number): number {
    return this.#get(node, SANDBOX);
  }
  owner(node: number): number {
    return this.#get(node, OWNER);
  }
  idHash(node: number): number {
    return this.#get(node, ID_HASH);
  }
  /** Hash of the name of the node's collection, as `names.hash` gives it. */
  typeHash(node: number): number {
    return this.#typeHashes[this.#get(node, TYPE_NAME)] as number;
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
    return (this.#get(node, FLAGS) & EXTRA) !== 0;
  }
  hasRecord(node: number): boolean {
    return (this.#get(node, FLAGS) & RECORD) !== 0;
  }
  registered(node: number): boolean {
    if ((this.#get(node, FLAGS) & RECORD) !== 0) return true;
    return this.#get(node, GRANTS) > 0 && this.type(node)?.open === true;
  }
  path(node: number): string {
    return this.names.text(node);
  }
  /** The id of a node's last pair, `/` for the organization. */
  id(node: number): string {
    if (node === ROOT) return "/";
    const pairs = (parsePath(this.path(node)) as { pairs: readonly Pair[] }).pairs;
    return (pairs[pairs.length - 1] as Pair).id;
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
    const at = (made & (ROWS - 1)) * WIDTH;
    this.row(made).fill(0, at, at + WIDTH);
    const pairs = (parsePath(path) as { pairs: readonly Pair[] }).pairs;
    const last = pairs[pairs.length - 1] as Pair;
    this.#set(made, PARENT, parent);
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
    const parent = this.#get(node, PARENT);
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
    this.#set(node, FLAGS, (record.present ? RECORD : 0) | (record.extra ? EXTRA : 0));
    this.#set(node, OWNER, record.owner);
    this.#noteRegistration(node, before);
  }

  /** Counts grants and links that name the node; both register it where its type is open. */
  countNamed(node: number, by: 1 | -1): void {
    const before = this.registered(node);
    this.#set(node, GRANTS, this.#get(node, GRANTS) + by);
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
  *below(node: number): Iterable<number> {
    yield node;
    for (let child = this.firstChild(node); child !== 0; child = this.next(child)) yield* this.below(child);
  }

  *nodes(): Iterable<number> {
    yield* this.below(ROOT);
  }

  get bytes(): number {
    return this.names.bytes + this.#chunks.length * ROWS * WIDTH * 4;
  }

  #resolve(node: number): void {
    const parent = this.#get(node, PARENT);
    const name = this.#typeNames[this.#get(node, TYPE_NAME)] as string;
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
