/**
 * Splices: a YAML text made to say another value, by replacing no more of it than says something else.
 *
 * A *bag* is a list or a table whose order means nothing: what stays keeps its place, and what is new stands before the first that is
 * greater. Lines of comments directly above an item go with it.
 * Invariant: an edit either gives all of its splices or none; where the text allows no smaller one, what holds it is replaced.
 */
import { isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from "yaml";
import { inBytes } from "./layout.ts";
import { dataOf, type Source } from "./yaml-source.ts";
import { blockText, entryText, flowText, itemText, scalarText } from "./yaml-text.ts";

export type Splice = { readonly from: number; readonly to: number; readonly text: string };
/** How many levels from here are bags; `parts`: below a product, these lists are. */
export type Order = { readonly bags: number; readonly parts?: readonly string[] };
type Object_ = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Object_ => typeof value === "object" && value !== null && !Array.isArray(value);
const isFlow = (node: Node): boolean => (isMap(node) || isSeq(node)) && (node.flow === true || node.items.length === 0);
/** Equal as JSON, whatever the order of members. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, index) => same(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]));
}
const lineStart = (text: string, at: number): number => text.lastIndexOf("\n", at - 1) + 1;
const lineEnd = (text: string, at: number): number => {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end + 1;
};
const columnOf = (text: string, at: number): number => at - lineStart(text, at);

export function spliced(text: string, splices: readonly Splice[]): string {
  const newline = /\r\n/.test(text) ? "\r\n" : "\n";
  const parts: string[] = [];
  let at = 0;
  for (const { from, to, text: said } of splices.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    parts.push(text.slice(at, from), said.replaceAll("\n", newline));
    at = to;
  }
  return parts.join("") + text.slice(at);
}

/** Where the last thing that a node says ends. */
export function endOf(source: Source, node: Node): number {
  if ((isMap(node) || isSeq(node)) && !isFlow(node)) {
    const last = node.items.at(-1) as Node | Pair<Node, Node | null>;
    if (isSeq(node)) return endOf(source, last as Node);
    const { key, value } = last as Pair<Node, Node | null>;
    return value === null || (isScalar(value) && value.source === "") ? lineTextEnd(source.text, key) : endOf(source, value);
  }
  const end = node.range?.[1] ?? 0;
  return source.text.slice(0, end).trimEnd().length > (node.range?.[0] ?? 0)
    ? (node.range?.[0] ?? 0) + source.text.slice(node.range?.[0], end).trimEnd().length
    : end;
}

/** Past the colon of a key without a value. */
function lineTextEnd(text: string, key: Node): number {
  const end = key.range?.[1] ?? 0;
  const colon = text.indexOf(":", end);
  return colon < 0 ? end : colon + 1;
}

/** Splices after which the node says `after`; `undefined`: only what holds it can be replaced. */
export function edit(
  source: Source,
  node: Node,
  { after, order }: { readonly after: unknown; readonly order: Order },
): readonly Splice[] | undefined {
  const before = dataOf(source, node);
  if (same(before, after)) return [];
  if (isMap(node) && !isFlow(node) && isObject(after) && Object.keys(after).length > 0) return editMap(source, node, { after, order });
  if (isSeq(node) && !isFlow(node) && Array.isArray(after) && after.length > 0) return editSeq(source, node, { after, order });
  const isInline = isFlow(node) || (isScalar(node) && !source.text.slice(node.range?.[0], node.range?.[1]).includes("\n"));
  if (!isInline || isCommented(source, node)) return undefined;
  const value = isObject(after) && isObject(before) ? likeBefore(before, after) : after;
  // A scalar in flow takes fewer characters without quotes; quoted it is right in both.
  const text = typeof value === "object" && value !== null ? flowText(value) : scalarText(value, true);
  return [{ from: node.range?.[0] ?? 0, to: endOf(source, node), text }];
}

const isCommented = (source: Source, node: Node): boolean =>
  isFlow(node) && source.text.slice(node.range?.[0], node.range?.[1]).includes("#");

/** Members in the order that a person gave them. */
function likeBefore(before: Object_, after: Object_): Object_ {
  const names = [
    ...Object.keys(before).filter((name) => Object.hasOwn(after, name)),
    ...Object.keys(after).filter((name) => !Object.hasOwn(before, name)),
  ];
  return Object.fromEntries(names.map((name) => [name, after[name]]));
}

type Child = { readonly name: string; readonly from: number; readonly to: number };

/** The stretch of whole lines that a child takes, with the comments directly above; `undefined`: it shares them. */
function linesOf({ text }: Source, { from, to }: Child, isFirst: boolean): Splice | undefined {
  const start = lineStart(text, from);
  const end = lineEnd(text, to);
  if (text.slice(start, from).trim() !== "" || !/^\s*(?:#.*)?$/.test(text.slice(to, end))) return undefined;
  return { from: isFirst ? start : commentsAbove(text, start), to: end, text: "" };
}

function commentsAbove(text: string, start: number): number {
  let at = start;
  while (at > 0) {
    const above = lineStart(text, at - 1);
    if (!/^\s*#/.test(text.slice(above, at))) break;
    at = above;
  }
  return at;
}

type Inserted = { readonly name: string; readonly text: string };
type Arranging = {
  readonly children: readonly Child[];
  readonly kept: ReadonlySet<string>;
  /** New ones; `before`: the child that each precedes, by name; none: the end. */
  readonly inserted: readonly (Inserted & { readonly before?: string })[];
  readonly column: number;
};

/** Takes out the children that are not kept and puts in what is new, whole lines each. */
function arrange(source: Source, { children, kept, inserted, column }: Arranging): readonly Splice[] | undefined {
  const { text } = source;
  const splices: Splice[] = [];
  for (const [index, child] of children.entries()) {
    if (kept.has(child.name)) continue;
    const lines = linesOf(source, child, index === 0);
    if (lines === undefined) return undefined;
    splices.push(lines);
  }
  const margin = " ".repeat(column);
  const last = children.at(-1) as Child;
  for (const { text: said, before } of inserted) {
    const at = children.find(({ name }) => name === before);
    if (at !== undefined && text.slice(lineStart(text, at.from), at.from).trim() !== "") return undefined;
    const isFirst = at === children[0];
    const start =
      at === undefined ? lineEnd(text, last.to) : isFirst ? lineStart(text, at.from) : commentsAbove(text, lineStart(text, at.from));
    const isOpen = at === undefined && !text.slice(0, start).endsWith("\n");
    splices.push({ from: start, to: start, text: isOpen ? `\n${margin}${said}` : `${margin}${said}\n` });
  }
  return splices;
}

/** Of a bag: before the first that is greater; of a list in order: before the one that follows. */
const beforeOf = (children: readonly Child[], name: string): string | undefined =>
  children.find((child) => inBytes(child.name, name) > 0)?.name;

type Editing<T> = { readonly after: T; readonly order: Order };

function editMap(source: Source, node: YAMLMap, { after, order }: Editing<Object_>): readonly Splice[] | undefined {
  const pairs = node.items as unknown as readonly Pair<Node, Node | null>[];
  const nameOf = (key: Node): string => (isScalar(key) ? (typeof key.value === "string" ? key.value : (key.source ?? "")) : "");
  const splices: Splice[] = [];
  const children: Child[] = [];
  const column = columnOf(source.text, pairs[0]?.key.range?.[0] ?? 0);
  for (const { key, value } of pairs) {
    const name = nameOf(key);
    const isNothing = value === null || (isScalar(value) && value.source === "");
    const child = { name, from: key.range?.[0] ?? 0, to: isNothing ? lineTextEnd(source.text, key) : endOf(source, value) };
    children.push(child);
    if (!Object.hasOwn(after, name)) continue;
    const below = order.parts?.includes(name) === true ? { bags: 1 } : { bags: Math.max(0, order.bags - 1) };
    const inner = isNothing ? undefined : edit(source, value, { after: after[name], order: below });
    if (inner !== undefined) splices.push(...inner);
    else splices.push({ from: child.from, to: child.to, text: entryText(name, after[name], column) });
  }
  const had = new Set(children.map(({ name }) => name));
  const inserted = Object.entries(after)
    .filter(([name, value]) => !had.has(name) && value !== undefined)
    .map(([name, value]) => {
      const before = order.bags > 0 ? beforeOf(children, name) : undefined;
      return { name, text: mapEntry(name, value, { column, order }), ...(before === undefined ? {} : { before }) };
    });
  const kept = new Set(Object.keys(after));
  if (!children.some(({ name }) => kept.has(name))) return undefined;
  const arranged = arrange(source, { children, kept, inserted: sortedBag(inserted, order), column });
  return arranged === undefined ? undefined : [...splices, ...arranged];
}

/** A new group is a block, as the others are. */
function mapEntry(name: string, value: unknown, { column, order }: { readonly column: number; readonly order: Order }): string {
  const isGroup = order.bags > 1 && typeof value === "object" && value !== null && Object.keys(value).length > 0;
  if (!isGroup) return entryText(name, value, column);
  const key = entryText(name, "", column).replace(/""$/, "").trimEnd();
  const margin = " ".repeat(column + 2);
  return `${key}\n${margin}${blockText(value, column + 2)}`;
}

const sortedBag = <T extends Inserted>(inserted: readonly T[], { bags }: Order): readonly T[] =>
  bags > 0 ? inserted.toSorted((a, b) => inBytes(a.name, b.name)) : inserted;

const NAMING = ["path", "method", "set", "principal", "member", "to", "linkKind", "reach", "type"];

/** What tells an item from the others of its list, whatever else it says. */
function identityOf(item: unknown): string {
  if (!isObject(item)) return typeof item === "string" ? item : JSON.stringify(item);
  if (typeof item.id === "string") return item.id;
  const names = NAMING.map((name) => item[name]).filter((value) => typeof value === "string");
  return names.length === 0 ? JSON.stringify(item) : names.join(" ");
}

function editSeq(source: Source, node: YAMLSeq, { after, order }: Editing<readonly unknown[]>): readonly Splice[] | undefined {
  const items = node.items as readonly Node[];
  const children: Child[] = [];
  for (const item of items) {
    const from = dashOf(source.text, item.range?.[0] ?? 0);
    if (from === undefined) return undefined;
    children.push({ name: identityOf(dataOf(source, item)), from, to: endOf(source, item) });
  }
  const wanted = new Map(after.map((item) => [identityOf(item), item]));
  const had = new Set(children.map(({ name }) => name));
  if (wanted.size !== after.length || had.size !== children.length) return undefined;
  const stays = children.filter(({ name }) => wanted.has(name));
  if (stays.length === 0) return undefined;
  const names = [...wanted.keys()];
  if (
    order.bags === 0 &&
    !same(
      names.filter((name) => had.has(name)),
      stays.map(({ name }) => name),
    )
  )
    return undefined;
  const column = columnOf(source.text, children[0]?.from ?? 0);
  const splices: Splice[] = [];
  for (const [index, { name, to }] of children.entries()) {
    const item = items[index] as Node;
    if (!wanted.has(name)) continue;
    const inner = edit(source, item, { after: wanted.get(name), order: { bags: 0 } });
    const start = item.range?.[0] ?? 0;
    if (inner !== undefined) splices.push(...inner);
    else splices.push({ from: start, to, text: itemText(wanted.get(name), columnOf(source.text, start)) });
  }
  const inserted = names
    .filter((name) => !had.has(name))
    .map((name) => {
      const before = order.bags > 0 ? beforeOf(children, name) : names.slice(names.indexOf(name) + 1).find((one) => had.has(one));
      return { name, text: `- ${itemText(wanted.get(name), column + 2)}`, ...(before === undefined ? {} : { before }) };
    });
  const arranged = arrange(source, { children, kept: new Set(names), inserted: sortedBag(inserted, order), column });
  return arranged === undefined ? undefined : [...splices, ...arranged];
}

/** The dash of an item, which stands before it with nothing but white space between. */
function dashOf(text: string, start: number): number | undefined {
  const at = text.slice(0, start).trimEnd().length - 1;
  return text[at] === "-" ? at : undefined;
}
