/**
 * The tree of resources: a node for every path that something names, and for every path above one.
 *
 * A node is a row of integers: parent, type, sandbox, owner, children, what it is named by. It knows whether it is *registered*
 * (model §2): a record of its own, or, where the type is open, a grant or a link on it. Scopes make nodes, but register nothing.
 * Invariant: a node's parent is the node of the path one pair shorter; nodes that nothing names any more are gone.
 */
import { formatPath, type Pair, parentPath, parsePath, SANDBOXES, unescapeId } from "../../model/index.ts";
import type { TypeInfo } from "./catalogue.ts";
import { HEAD, type Heads } from "./lists.ts";
import { Names } from "./names.ts";

const ROWS_BITS = 14;
/** The first rows are few, so that a small organization costs little. */
const FIRST_ROWS = 1 << 8;
const ROWS = 1 << ROWS_BITS;
/** What decisions read of a node: sixteen integers, so that most nodes, with what they hand down, are one line of the cache. */
const HOT = 16;
/** Rows begin where a line of the cache does: allocators put sixteen bytes of their own before an array. */
const LEAD = 12;
export const PARENT = 0;
/** The node above the parent, and the one above that: who walks up need not wait for each step. */
const ABOVE_PARENT = 1;
const ABOVE_THAT = 2;
export const OWNER = 3;
const SANDBOX = 4;
/** Index of the type, and flags. */
const STATUS = 5;
const TYPE_SHIFT = 3;
const RECORD = 1;
const EXTRA = 2;
/** Some grant or link names the node. */
const NAMED = 4;
/** Head of the list of grants that reach below, and room for the first of them. */
export const GRANTS_BELOW = 6;
const BELOW_INLINE = 6;
/** Head of the list of grants on the node alone. */
export const GRANTS_OWN = GRANTS_BELOW + HEAD + BELOW_INLINE;
/** What else there is. */
const COLD = 7;
const TYPE_NAME = 0;
const FIRST_CHILD = 1;
const NEXT = 2;
const PREVIOUS = 3;
const ID_HASH = 4;
const USES = 5;
/** How many grants and links name the node. */
const NAMINGS = 6;

export const ROOT = 1;
/** How a type is found: by the product's catalogue, kept by the state. */
export type Types = {
  resolve(parent: TypeInfo | undefined, root: boolean, name: string): TypeInfo | undefined;
  at(index: number): TypeInfo | undefined;
};

export class Tree {
  readonly names: Names;
  /** Grows whenever a node comes or goes, is registered or not any more, or is typed anew: until then nodes and their types are what they were. */
  moves = 0;
  readonly #types: Types;
  readonly #hot: Int32Array[] = [];
  readonly #cold: Int32Array[] = [];
  /** Names of collections, by index, and their hashes. */
  readonly #typeNames: string[] = [""];
  readonly #typeHashes: number[] = [0];
  readonly #typeIndex = new Map<string, number>();
  /** For types with unique ids, by index: id → the registered node. */
  readonly #unique = new Map<number, Map<string, number>>();

  constructor(seed: number, types: Types) {
    this.names = new Names(seed);
    this.#types = types;
    this.names.add("/");
    this.#room(ROOT);
    this.#setHot(ROOT, STATUS, RECORD);
  }

  /** The rows among which a node's is, from `base(node)` on. For hot loops. */
  row(node: number): Int32Array {
    return this.#hot[node >>> ROWS_BITS] as Int32Array;
  }
  base(node: number): number {
    return LEAD + (node & (ROWS - 1)) * HOT;
  }
  /** Lists of grants have their heads in the rows of their nodes. */
  heads(list: typeof GRANTS_BELOW | typeof GRANTS_OWN): Heads {
    return {
      inline: list === GRANTS_BELOW ? BELOW_INLINE : 0,
      reserve: () => undefined,
      has: (node) => this.base(node) < (this.#hot[node >>> ROWS_BITS]?.length ?? 0),
      row: (node) => this.row(node),
      at: (node) => this.base(node) + list,
      bytes: 0,
    };
  }
  #getHot(node: number, column: number): number {
    return this.row(node)[this.base(node) + column] as number;
  }
  #setHot(node: number, column: number, value: number): void {
    this.row(node)[this.base(node) + column] = value;
  }
  #get(node: number, column: number): number {
    return (this.#cold[node >>> ROWS_BITS] as Int32Array)[(node & (ROWS - 1)) * COLD + column] as number;
  }
  #set(node: number, column: number, value: number): void {
    (this.#cold[node >>> ROWS_BITS] as Int32Array)[(node & (ROWS - 1)) * COLD + column] = value;
  }
  #room(node: number): void {
    const chunk = node >>> ROWS_BITS;
    const rows = ((this.#hot[chunk]?.length ?? LEAD) - LEAD) / HOT;
    const needed = (node & (ROWS - 1)) + 1;
    if (needed <= rows) return;
    const length = chunk === 0 ? Math.min(ROWS, Math.max(2 * rows, FIRST_ROWS)) : ROWS;
    for (const [columns, size] of [
      [this.#hot, HOT],
      [this.#cold, COLD],
    ] as const) {
      const longer = new Int32Array(LEAD + length * size);
      if (rows > 0) longer.set(columns[chunk] as Int32Array);
      columns[chunk] = longer;
    }
  }

  /** Reads the rows of a node's next three above at once, so that the waits for memory overlap. The answer means nothing. */
  touchAbove(node: number): number {
    const row = this.row(node);
    const base = this.base(node);
    const [above, then] = [row[base + ABOVE_PARENT] as number, row[base + ABOVE_THAT] as number];
    return this.parent(row[base + PARENT] as number) | this.parent(above) | this.parent(then);
  }
  parent(node: number): number {
    return this.#getHot(node, PARENT);
  }
  sandbox(node: number): number {
    return this.#getHot(node, SANDBOX);
  }
  owner(node: number): number {
    return this.#getHot(node, OWNER);
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
    return this.#types.at(this.#getHot(node, STATUS) >>> TYPE_SHIFT);
  }
  /** There is more about this resource than its path and owner: see the state's resources. */
  hasExtra(node: number): boolean {
    return (this.#getHot(node, STATUS) & EXTRA) !== 0;
  }
  hasRecord(node: number): boolean {
    return (this.#getHot(node, STATUS) & RECORD) !== 0;
  }
  registered(node: number): boolean {
    const status = this.#getHot(node, STATUS);
    if ((status & RECORD) !== 0) return true;
    return (status & NAMED) !== 0 && this.#types.at(status >>> TYPE_SHIFT)?.open === true;
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
    if (node !== 0) return this.useNode(node);
    const parent = this.use(parentPath(path) as string);
    const made = this.names.add(path);
    this.moves++;
    this.#room(made);
    this.row(made).fill(0, this.base(made), this.base(made) + HOT);
    const cold = (made & (ROWS - 1)) * COLD;
    (this.#cold[made >>> ROWS_BITS] as Int32Array).fill(0, cold, cold + COLD);
    const pairs = (parsePath(path) as { pairs: readonly Pair[] }).pairs;
    const last = pairs[pairs.length - 1] as Pair;
    this.#setHot(made, PARENT, parent);
    this.#setHot(made, ABOVE_PARENT, this.#getHot(parent, PARENT));
    this.#setHot(made, ABOVE_THAT, this.#getHot(parent, ABOVE_PARENT));
    this.#setHot(made, SANDBOX, parent === ROOT && last.type === SANDBOXES ? made : this.sandbox(parent));
    this.#set(made, TYPE_NAME, this.#typeNameIndex(last.type));
    this.#set(made, ID_HASH, this.names.hash(last.id));
    this.#set(made, USES, 1);
    const first = this.#get(parent, FIRST_CHILD);
    this.#set(made, NEXT, first);
    if (first !== 0) this.#set(first, PREVIOUS, made);
    this.#set(parent, FIRST_CHILD, made);
    this.#resolve(made);
    return made;
  }

  /** As `use`, of a node that is there. */
  useNode(node: number): number {
    this.#set(node, USES, this.#get(node, USES) + 1);
    return node;
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
    this.moves++;
    this.names.remove(node);
    this.release(parent);
  }

  setRecord(node: number, record: { present: boolean; extra: boolean; owner: number }): void {
    const before = this.registered(node);
    this.#flag(node, RECORD, record.present);
    this.#flag(node, EXTRA, record.extra);
    this.#setHot(node, OWNER, record.owner);
    this.#noteRegistration(node, before);
  }

  /** Counts grants and links that name the node; both register it where its type is open. */
  countNamed(node: number, by: 1 | -1): void {
    const before = this.registered(node);
    const namings = this.#get(node, NAMINGS) + by;
    this.#set(node, NAMINGS, namings);
    this.#flag(node, NAMED, namings > 0);
    this.#noteRegistration(node, before);
  }

  /** Where an id of a type with unique ids is registered, or 0. */
  registeredAt(type: TypeInfo, id: string): number {
    return this.#unique.get(type.index)?.get(id) ?? 0;
  }

  /** Looks up every node's type again, after the catalogue has changed. */
  retype(): void {
    this.moves++;
    this.#unique.clear();
    this.#setType(ROOT, 0);
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
    return [...this.#hot, ...this.#cold].reduce((bytes, rows) => bytes + rows.byteLength, this.names.bytes);
  }

  #resolve(node: number): void {
    const parent = this.parent(node);
    const name = this.typeName(node);
    this.#setType(node, this.#types.resolve(this.type(parent), parent === ROOT, name)?.index ?? 0);
  }
  #setType(node: number, type: number): void {
    this.#setHot(node, STATUS, (this.#getHot(node, STATUS) & (RECORD | EXTRA | NAMED)) | (type << TYPE_SHIFT));
  }
  #flag(node: number, flag: number, isSet: boolean): void {
    const status = this.#getHot(node, STATUS);
    this.#setHot(node, STATUS, isSet ? status | flag : status & ~flag);
  }

  #noteRegistration(node: number, before: boolean): void {
    const after = this.registered(node);
    if (before === after) return;
    this.moves++;
    const type = this.type(node);
    if (type === undefined || !type.uniqueIds) return;
    let ids = this.#unique.get(type.index);
    if (ids === undefined) {
      ids = new Map();
      this.#unique.set(type.index, ids);
    }
    if (after) ids.set(this.id(node), node);
    else ids.delete(this.id(node));
  }
}
