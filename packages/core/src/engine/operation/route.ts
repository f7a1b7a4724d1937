/**
 * Routes: from a path to the operations that stand there, as the model orders templates (§3 b): at the first segment where two
 * templates differ a literal beats a compound segment, which beats a parameter; then the method.
 *
 * A template is cut into segments; `{name}` is a parameter, `{base}...{head}` a compound one. Names of parameters do not tell
 * templates apart. Parameters are given by their place, each operation knows its names. A path is matched where it stands: its
 * literals are found by hash and compared in the text that was sent, so that nothing is cut out of it on the way.
 * Invariant: `match` gives the best template that fits the whole path, or says that two readings are possible, which is none.
 */
import { hashOfSegment, Path } from "./target.ts";

type Compound = { readonly key: string; readonly fixed: readonly string[]; readonly node: number };
/** What stands at a route, by method: a list of which this is the first. There are few, so that going through them is faster than a table. */
export class RouteNode {
  #method: string | undefined;
  #what: unknown;
  #next: RouteNode | undefined;

  get isEmpty(): boolean {
    return this.#method === undefined;
  }
  get(method: string): unknown {
    for (let one: RouteNode | undefined = this; one !== undefined; one = one.#next) if (one.#method === method) return one.#what;
    return undefined;
  }
  set(method: string, what: unknown): void {
    this.delete(method);
    const next = this.isEmpty ? undefined : new RouteNode();
    if (next !== undefined) next.#take(this);
    this.#method = method;
    this.#what = what;
    this.#next = next;
  }
  delete(method: string): void {
    if (this.#method === method) this.#take(this.#next ?? new RouteNode());
    let one: RouteNode = this;
    while (one.#next !== undefined && one.#next.#method !== method) one = one.#next;
    if (one.#next !== undefined) one.#next = one.#next.#next;
  }

  #take(other: RouteNode): void {
    this.#method = other.#method;
    this.#what = other.#what;
    this.#next = other.#next;
  }
}

type Segment =
  | { readonly literal: string }
  | { readonly parameter: string }
  | { readonly fixed: readonly string[]; readonly parameters: readonly string[] };

/** Reads a template: its segments and the names of its parameters in order. Literals are written decoded. */
export function readTemplate(template: string): { readonly segments: readonly Segment[]; readonly parameters: readonly string[] } {
  const parameters: string[] = [];
  const texts = template.split("/").slice(1);
  if (texts[texts.length - 1] === "") texts.pop();
  const segments = texts.map((text): Segment => {
    const pieces = text.split(/\{([^{}]*)\}/);
    if (pieces.length === 1) return { literal: text };
    const names = pieces.filter((_, index) => index % 2 === 1);
    parameters.push(...names);
    const fixed = pieces.filter((_, index) => index % 2 === 0);
    return names.length === 1 && fixed.every((piece) => piece === "") ? { parameter: names[0] as string } : { fixed, parameters: names };
  });
  return { segments, parameters };
}

/** A node is a row of integers, so that many of them fit the cache. */
const ROW = 8;
const PARENT = 0;
const HASH = 1;
/** The literal by which it hangs: where it begins among the units, and how many it has; 0 for another kind of segment. */
const TEXT = 2;
const LENGTH = 3;
/** The node that hangs by a parameter, or 0. */
const PARAMETER = 4;
const HAS_LITERALS = 5;
/** Index of its compound segments, or 0. */
const COMPOUNDS = 6;

const ROOT = 0;
const NONE = -1;
/** Stands for more than one template. */
const AMBIGUOUS = -2;

export class Routes {
  #rows: Int32Array = new Int32Array(16 * ROW);
  readonly #nodes: RouteNode[] = [new RouteNode()];
  readonly #compounds: Compound[][] = [[]];
  /** Of each node that hangs by a literal its index; open addressing, never more than half full. */
  #slots: Int32Array = new Int32Array(32);
  #literals = 0;
  /** The texts of all literals, each once: it is the same few words that are compared all the time. */
  #units: Uint16Array = new Uint16Array(256);
  #unitsUsed = 0;
  readonly #texts = new Map<string, number>();

  /** The node of a template, made if it is new. Set or delete its method there; empty nodes do not match. */
  node(template: string): RouteNode {
    let node = ROOT;
    for (const segment of readTemplate(template).segments) {
      const known = this.#known(node, segment);
      node = known === NONE ? this.#add(node, segment) : known;
    }
    return this.#nodes[node] as RouteNode;
  }

  /** The node of a template, if there is one. */
  find(template: string): RouteNode | undefined {
    let node = ROOT;
    for (const segment of readTemplate(template).segments) {
      node = this.#known(node, segment);
      if (node === NONE) return undefined;
    }
    return this.#nodes[node];
  }

  /** The best template for a path, from its segment `from` on, that has any method. The values of its parameters are the path's, in order. */
  match(path: Path, from = 0): RouteNode | undefined {
    path.valueCount = 0;
    if (path.count > path.starts.length) return undefined;
    const node = this.#descend(ROOT, from, path);
    return node < 0 ? undefined : this.#nodes[node];
  }

  /** The node that stands for the longest leading part of the segments, and how many it takes. */
  longest(segments: readonly string[]): { readonly node: RouteNode; readonly length: number } | undefined {
    return this.longestOf(pathOf(segments));
  }

  /** The node that stands for the longest leading part of a path, and how many segments it takes. */
  longestOf(path: Path): { readonly node: RouteNode; readonly length: number } | undefined {
    let best: { node: RouteNode; length: number } | undefined;
    let at = ROOT;
    for (let i = 0; i < path.count && i < path.starts.length; i++) {
      at = this.#literal(at, path, i);
      if (at === NONE) break;
      const node = this.#nodes[at] as RouteNode;
      if (!node.isEmpty) best = { node, length: i + 1 };
    }
    return best;
  }

  #known(node: number, segment: Segment): number {
    if ("literal" in segment) return this.#child(node, segment.literal);
    if ("parameter" in segment) return this.#get(node, PARAMETER) || NONE;
    const compounds = this.#compounds[this.#get(node, COMPOUNDS)] as Compound[];
    return compounds.find((compound) => compound.key === JSON.stringify(segment.fixed))?.node ?? NONE;
  }

  /** The node that hangs at `node` by a literal. Each text is there once, so that its place tells it from every other. */
  #child(node: number, literal: string): number {
    const text = this.#texts.get(literal);
    if (text === undefined) return NONE;
    const mask = this.#slots.length - 1;
    for (let slot = slotOf(node, hashOfSegment(literal)) & mask; ; slot = (slot + 1) & mask) {
      const child = this.#slots[slot] as number;
      if (child === 0) return NONE;
      if (this.#get(child, PARENT) === node && this.#get(child, TEXT) === text && this.#get(child, LENGTH) === literal.length) return child;
    }
  }

  #add(parent: number, segment: Segment): number {
    const node = this.#nodes.push(new RouteNode()) - 1;
    if ((node + 1) * ROW > this.#rows.length) this.#rows = lengthened(this.#rows, new Int32Array(this.#rows.length * 2));
    this.#set(node, PARENT, parent);
    if ("literal" in segment) this.#addLiteral(node, parent, segment.literal);
    else if ("parameter" in segment) this.#set(parent, PARAMETER, node);
    else {
      if (this.#get(parent, COMPOUNDS) === 0) this.#set(parent, COMPOUNDS, this.#compounds.push([]) - 1);
      const compounds = this.#compounds[this.#get(parent, COMPOUNDS)] as Compound[];
      compounds.push({ key: JSON.stringify(segment.fixed), fixed: segment.fixed, node });
    }
    return node;
  }

  #addLiteral(node: number, parent: number, literal: string): void {
    this.#set(node, TEXT, this.#textOf(literal));
    this.#set(node, LENGTH, literal.length);
    this.#set(node, HASH, hashOfSegment(literal));
    this.#set(parent, HAS_LITERALS, 1);
    if (++this.#literals * 2 > this.#slots.length) {
      const old = this.#slots;
      this.#slots = new Int32Array(old.length * 2);
      for (const one of old) if (one !== 0) this.#insert(one);
    }
    this.#insert(node);
  }

  #insert(node: number): void {
    const mask = this.#slots.length - 1;
    let slot = slotOf(this.#get(node, PARENT), this.#get(node, HASH)) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = node;
  }

  #textOf(literal: string): number {
    const known = this.#texts.get(literal);
    if (known !== undefined) return known;
    const from = this.#unitsUsed;
    this.#unitsUsed += literal.length;
    while (this.#unitsUsed > this.#units.length) this.#units = lengthened(this.#units, new Uint16Array(this.#units.length * 2));
    for (let i = 0; i < literal.length; i++) this.#units[from + i] = literal.charCodeAt(i);
    this.#texts.set(literal, from);
    return from;
  }

  #get(node: number, column: number): number {
    return this.#rows[node * ROW + column] as number;
  }
  #set(node: number, column: number, value: number): void {
    this.#rows[node * ROW + column] = value;
  }

  /** The node that hangs at `node` by a segment of the path. A hash alone would be a wrong allow: every character is compared. */
  #literal(node: number, path: Path, at: number): number {
    const hash = path.hashes[at] as number;
    const slots = this.#slots;
    const rows = this.#rows;
    const mask = slots.length - 1;
    for (let slot = slotOf(node, hash) & mask; ; slot = (slot + 1) & mask) {
      const child = slots[slot] as number;
      if (child === 0) return NONE;
      const row = child * ROW;
      if (rows[row + HASH] === hash && rows[row + PARENT] === node && this.#isText(row, path, at)) return child;
    }
  }

  #isText(row: number, path: Path, at: number): boolean {
    const length = this.#rows[row + LENGTH] as number;
    const start = path.starts[at] as number;
    if ((path.ends[at] as number) - start !== length) return false;
    const units = this.#units;
    const from = this.#rows[row + TEXT] as number;
    const { text } = path;
    for (let i = 0; i < length; i++) if (units[from + i] !== text.charCodeAt(start + i)) return false;
    return true;
  }

  /** Depth is bounded by the templates. The path's values end as the parameters of what is found, or as they began. */
  #descend(top: number, from: number, path: Path): number {
    const before = path.valueCount;
    const rows = this.#rows;
    let node = top;
    for (let at = from; ; at++) {
      if (at === path.count && !(this.#nodes[node] as RouteNode).isEmpty) return node;
      if (at === path.count) break;
      const row = node * ROW;
      const literal = rows[row + HAS_LITERALS] === 0 ? NONE : this.#literal(node, path, at);
      const compounds = rows[row + COMPOUNDS] as number;
      const parameter = rows[row + PARAMETER] as number;
      if (literal !== NONE && compounds === 0 && parameter === 0) {
        node = literal;
        continue;
      }
      if (literal !== NONE) {
        const found = this.#descend(literal, at + 1, path);
        if (found !== NONE) return found;
      }
      if (compounds !== 0) {
        const found = this.#descendCompounds(this.#compounds[compounds] as Compound[], at, path);
        if (found !== NONE) return found;
      }
      if (parameter === 0) break;
      path.pushValue(path.starts[at] as number, path.ends[at] as number);
      node = parameter;
    }
    path.valueCount = before;
    return NONE;
  }

  #descendCompounds(compounds: readonly Compound[], at: number, path: Path): number {
    const before = path.valueCount;
    const segment = path.segment(at);
    let best: { node: number; values: readonly number[] } | undefined;
    for (const compound of compounds) {
      const cuts = cut(segment, compound.fixed);
      if (cuts === undefined) continue;
      pushCuts(path, at, cuts);
      const found = this.#descend(compound.node, at + 1, path);
      const values = path.cutValues(before);
      if (found === NONE) continue;
      // Two compound segments that fit, or one that fits in two ways: nobody can say which operation is meant.
      if (best !== undefined || cuts === AMBIGUOUS_CUT || found === AMBIGUOUS) return AMBIGUOUS;
      best = { node: found, values };
    }
    if (best === undefined) return NONE;
    for (let i = 0; i < best.values.length; i += 2) path.pushValue(best.values[i] as number, best.values[i + 1] as number);
    return best.node;
  }
}

function pathOf(segments: readonly string[]): Path {
  const path = new Path();
  path.take(segments, false);
  return path;
}

function lengthened<T extends Int32Array | Uint16Array>(old: T, longer: T): T {
  longer.set(old);
  return longer;
}

function slotOf(parent: number, hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15) ^ Math.imul(parent, 0x9e3779b1), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}

/** Where the parameters of a compound segment begin and end in it, one after the other. */
type Cuts = readonly number[];
/** It can be cut in two ways. */
const AMBIGUOUS_CUT: Cuts = [];

function pushCuts(path: Path, at: number, cuts: Cuts): void {
  const start = path.starts[at] as number;
  for (let i = 0; i < cuts.length; i += 2) path.pushValue(start + (cuts[i] as number), start + (cuts[i + 1] as number));
}

/** Cuts a segment at the texts of a compound one, so that no parameter is empty. */
function cut(text: string, fixed: readonly string[]): Cuts | undefined {
  const first = fixed[0] as string;
  const last = fixed[fixed.length - 1] as string;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return undefined;
  const inner = { from: first.length, to: text.length - last.length };
  const separators = fixed.slice(1, -1);
  const early = cutEarly(text, inner, separators);
  const late = early === undefined ? undefined : cutLate(text, inner, separators);
  if (early === undefined || late === undefined) return undefined;
  return early.every((place, index) => place === late[index]) ? early : AMBIGUOUS_CUT;
}
type Range = { readonly from: number; readonly to: number };

/** Every separator as far left as it can be; any cut at all exists iff this one does. */
function cutEarly(text: string, inner: Range, separators: readonly string[]): number[] | undefined {
  const cuts: number[] = [];
  let { from } = inner;
  for (const separator of separators) {
    const at = text.indexOf(separator, from + 1);
    if (at === -1) return undefined;
    cuts.push(from, at);
    from = at + separator.length;
  }
  cuts.push(from, inner.to);
  return from < inner.to ? cuts : undefined;
}

/** Every separator as far right as it can be: another cut than the early one means two ways to read. */
function cutLate(text: string, inner: Range, separators: readonly string[]): number[] | undefined {
  const cuts: number[] = [];
  let { to } = inner;
  for (const separator of [...separators].reverse()) {
    const at = to - 1 - separator.length < inner.from ? -1 : text.lastIndexOf(separator, to - 1 - separator.length);
    if (at === -1) return undefined;
    cuts.unshift(at + separator.length, to);
    to = at;
  }
  cuts.unshift(inner.from, to);
  return to > inner.from ? cuts : undefined;
}
