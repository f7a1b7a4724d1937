/**
 * The files of an organization → its records, each with the place where it stands.
 *
 * Invariant: every fault of every file is told at once, with file, line, column, the item and what is allowed; with any, nothing is read.
 */
import { type Fault, KEY_MEMBERS, type Kind, keyOf, parseProductDocument, parseRecord, type Rec } from "@reeve/core";
import { isMap, isScalar, isSeq, type Node } from "yaml";
import {
  isWindowed,
  nameOf,
  PRODUCT_PARTS,
  PRODUCT_SECTION,
  readDate,
  SECTION_NAMES,
  type Section,
  sectionNamed,
  TIMES,
} from "./layout.ts";
import { dataOf, entriesOf, type FileFault, nodeAt, offsetOf, placeOf, refuseAt, type Source, tokensOf } from "./yaml-source.ts";

/** A record in a file. `node`: its value or item; `keys`: members that its place says, by their nodes. */
export type Placed = {
  readonly rec: Rec;
  readonly source: Source;
  readonly node: Node | null;
  readonly keys: Readonly<Record<string, Node>>;
  /** In a table: the member that `node` is. */
  readonly valueMember?: string;
};
export type Read = {
  readonly sources: readonly Source[];
  /** By name (`nameOf`), in the order of the files. */
  readonly placed: ReadonlyMap<string, Placed>;
  readonly faults: readonly FileFault[];
};

type Item = Omit<Placed, "rec"> & { readonly kind: Kind; readonly value: unknown };

export function readSources(sources: readonly Source[]): Read {
  const placed = new Map<string, Placed>();
  for (const source of sources) {
    // What YAML itself refuses would only be refused again, in other words.
    if (source.faults.length > 0) continue;
    for (const document of source.documents) readDocument(source, document.contents, placed);
  }
  const faults = sources.flatMap((source) => source.faults);
  return { sources, placed: faults.length > 0 ? new Map() : placed, faults };
}

function readDocument(source: Source, contents: Node | null, placed: Map<string, Placed>): void {
  if (contents === null || (isScalar(contents) && contents.value === null)) return;
  const sections = entriesOf(source, contents);
  if (sections === undefined) {
    refuseAt(source, offsetOf(contents), {
      code: "wrong_type",
      detail: "A document of an organization is an object of sections, such as `roles:` and a list.",
      allowed: SECTION_NAMES,
    });
    return;
  }
  for (const { name, key, value } of sections) {
    const section = sectionNamed(name);
    if (section !== undefined) for (const item of itemsOf(source, { section, key, value })) add(item, placed);
    else if (name === PRODUCT_SECTION) addProduct(source, value ?? key, placed);
    else refuseAt(source, offsetOf(key), { code: "unknown_member", detail: `There is no section ${name}.`, allowed: SECTION_NAMES });
  }
}

type Standing = { readonly section: Section; readonly key: Node; readonly value: Node | null };

function itemsOf(source: Source, { section, key, value }: Standing): readonly Item[] {
  const { kind, form } = section;
  if (form.is === "one") return [{ kind, source, node: value, keys: {}, value: dataOf(source, value) }];
  if (isEmpty(value)) return [];
  if (form.is === "list") {
    return listIn(source, value, key).map((node) => ({ kind, source, node, keys: {}, value: withTimes(source, kind, node) }));
  }
  return groupsIn(source, value, key).flatMap(({ name: group, key: groupKey, value: own }): readonly Item[] => {
    const keys = { [form.by]: groupKey };
    if (isEmpty(own)) return [];
    if (form.is === "table") {
      return groupsIn(source, own, groupKey).map(({ name, key: nameKey, value: node }) => {
        const whole = { [form.by]: group, [form.name]: name, [form.value]: dataOf(source, node) };
        return { kind, source, node: node ?? nameKey, keys: { ...keys, [form.name]: nameKey }, value: whole, valueMember: form.value };
      });
    }
    return listIn(source, own, groupKey).map((node) => {
      const given = withTimes(source, kind, node);
      const members = isMap(node) ? (given as object) : { [form.item]: given };
      return { kind, source, node, keys, value: { ...members, [form.by]: group } };
    });
  });
}

const isEmpty = (node: Node | null): boolean => node === null || (isScalar(node) && node.value === null);

function listIn(source: Source, node: Node | null, key: Node): readonly Node[] {
  if (isSeq(node)) return node.items as Node[];
  refuseAt(source, offsetOf(node ?? key), { code: "wrong_type", detail: "This must be a list: a line with `- ` for each item." });
  return [];
}

function groupsIn(source: Source, node: Node | null, key: Node): NonNullable<ReturnType<typeof entriesOf>> {
  const entries = entriesOf(source, node);
  if (entries !== undefined) return entries;
  refuseAt(source, offsetOf(node ?? key), {
    code: "wrong_type",
    detail: "This must be an object: a name, a colon and what belongs to it.",
  });
  return [];
}

/** Dates become milliseconds where the kind has times. */
function withTimes(source: Source, kind: Kind, node: Node): unknown {
  const value = dataOf(source, node);
  if (!isWindowed(kind) || typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const members = value as Record<string, unknown>;
  for (const name of TIMES) {
    const text = members[name];
    if (typeof text !== "string") continue;
    const ms = readDate(text);
    if (ms !== undefined) members[name] = ms;
    else {
      const detail = `${JSON.stringify(text)} is no time: allowed are dates in UTC such as 2026-12-31T00:00:00Z, and epoch milliseconds.`;
      refuseAt(source, offsetOf(nodeAt(node, [name])), { code: "wrong_type", detail });
      delete members[name];
    }
  }
  return value;
}

function add(item: Item, placed: Map<string, Placed>): void {
  const { kind, value, ...place } = item;
  const faultsBefore = place.source.faults.length;
  const parsed = parseRecord(kind, value);
  if (!parsed.ok) {
    const about = aboutOf(kind, value);
    for (const fault of parsed.error) refuseFault({ ...place, about, fault });
  } else if (place.source.faults.length === faultsBefore) keep({ ...place, rec: parsed.value }, placed);
}

function keep(one: Placed, placed: Map<string, Placed>): void {
  const { rec, source, node, keys } = one;
  const name = nameOf(rec.kind, keyOf(rec));
  const before = placed.get(name);
  if (before === undefined) {
    placed.set(name, one);
    return;
  }
  const offset = offsetOf(node ?? Object.values(keys)[0]);
  const detail = `This stands already at ${placeOf(before.source, offsetOf(before.node ?? Object.values(before.keys)[0]))}.`;
  refuseAt(source, offset, { code: "duplicate", about: aboutOf(rec.kind, rec.value), detail });
}

/** The kind and the key of an item, as far as it says them. */
export function aboutOf(kind: Kind, value: unknown): string {
  const members = typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  const key = KEY_MEMBERS[kind].map((name) => members[name]).filter((part) => typeof part === "string");
  return [kind, ...key].join(" ");
}

type At = Omit<Placed, "rec"> & { readonly about: string; readonly fault: Fault };

/** The fault of a record's value, at the place of the member that it points to. */
export function refuseFault({ source, node, keys, valueMember, about, fault }: At): void {
  const { code, allowed } = fault;
  const at = nodeOf({ node, keys, ...(valueMember === undefined ? {} : { valueMember }) }, fault.pointer);
  // What could not be read at all has been told of already.
  if (code === "wrong_type" && source.faults.some(({ offset }) => offset === offsetOf(at))) return;
  const [last] = tokensOf(fault.pointer).slice(-1);
  const member = code === "required" || code === "unknown_member" ? `${last}: ` : "";
  const detail = `${member}${fault.detail}${quotesHint(at, fault)}`;
  refuseAt(source, offsetOf(at), { code, about, detail, ...(allowed === undefined ? {} : { allowed }) });
}

function nodeOf({ node, keys, valueMember }: Pick<Placed, "node" | "keys" | "valueMember">, pointer: string): Node | undefined {
  const tokens = tokensOf(pointer);
  const [first = "", ...rest] = tokens;
  const key = Object.hasOwn(keys, first) ? keys[first] : undefined;
  if (key !== undefined) return key;
  if (node === null) return Object.values(keys)[0];
  return nodeAt(node, first === valueMember ? rest : tokens);
}

/** `id: 0123` is a number; who meant a text is told how to write it. */
function quotesHint(node: Node | undefined, { code, detail }: Fault): string {
  if (code !== "wrong_type" || !isScalar(node) || typeof node.value === "string" || node.value === null) return "";
  return detail.includes("string") ? ` In quotes it is one: ${JSON.stringify(node.source ?? String(node.value))}.` : "";
}

function addProduct(source: Source, node: Node, placed: Map<string, Placed>): void {
  const faultsBefore = source.faults.length;
  const value = dataOf(source, node);
  const parsed = parseProductDocument(value);
  if (!parsed.ok) {
    const about = aboutOf("product", value);
    for (const fault of parsed.error) refuseFault({ source, node, keys: {}, about, fault });
    return;
  }
  if (source.faults.length > faultsBefore) return;
  const id = nodeAt(node, ["id"]);
  const counts = new Map<Kind, number>();
  for (const rec of parsed.value) {
    const part = Object.entries(PRODUCT_PARTS).find(([, { kind }]) => kind === rec.kind)?.[0];
    const index = counts.get(rec.kind) ?? 0;
    counts.set(rec.kind, index + 1);
    if (part === undefined) keep({ rec, source, node, keys: {} }, placed);
    else keep({ rec, source, node: nodeAt(node, [part, String(index)]), keys: { product: id } }, placed);
  }
}
