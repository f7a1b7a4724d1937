/**
 * YAML text (1.2, core schema) → a JSON value, with places from the syntax tree.
 *
 * The library parses; values are made here, so that aliases are shared and counted, names are compared in linear time, and `<<` (which
 * YAML 1.2 does not have, but documents use) merges. Responses such as `200:` have numbers as names: a name is what is written.
 * Invariant: a value that an alias repeats counts as often as it is repeated, and none contains itself.
 */
import { fail, ok, type Result } from "@reeve/core";
import { type Document, isAlias, isMap, isScalar, isSeq, type Pair, parseDocument, type YAMLMap, type YAMLSeq } from "yaml";
import { DOCUMENT_LIMITS } from "./limits.ts";
import { segmentsOf, under } from "./pointers.ts";
import { type Locate, lineCounter, type Position, type SourceText, type TextFault } from "./positions.ts";

type Made = { readonly node: unknown; readonly value: unknown; readonly size: number };
type Building = {
  readonly anchors: Map<string, Made | "open">;
  /** What each alias leads to, for finding places. */
  readonly aliases: Map<unknown, unknown>;
  readonly faults: TextFault[];
  values: number;
  depth: number;
};

export function readYamlText(text: string): Result<SourceText, readonly TextFault[]> {
  const document = parsed(text);
  if ("code" in document) return fail([document]);
  const found = [...document.errors, ...document.warnings];
  if (found.some(({ message }) => STACK.test(message))) return fail([{ code: "too_deep", pointer: "", offset: 0, detail: deep }]);
  if (found.length > 0) {
    return fail(found.map(({ pos, message }) => ({ code: "malformed_yaml", pointer: "", offset: pos[0], detail: sentence(message) })));
  }
  const building: Building = { anchors: new Map(), aliases: new Map(), faults: [], values: 0, depth: 0 };
  const value = readNode(document.contents, "", building);
  if (building.faults.length > 0) return fail(building.faults);
  return ok({ value, locate: locateIn(text, document.contents, building.aliases) });
}

/** The library walks nested collections by recursion, and what is nested deeply enough ends its stack. */
const STACK = /call stack/;

function parsed(text: string): Document | TextFault {
  try {
    return parseDocument(text, { version: "1.2", uniqueKeys: false, prettyErrors: false, logLevel: "error", keepSourceTokens: false });
  } catch (error) {
    const code = error instanceof RangeError ? "too_deep" : "malformed_yaml";
    return { code, pointer: "", offset: 0, detail: code === "too_deep" ? deep : "The text cannot be read as YAML." };
  }
}

const deep = `At most ${DOCUMENT_LIMITS.depthMax} objects and lists may stand in one another.`;
const sentence = (message: string): string => {
  if (message.includes("multiple documents")) return "A second YAML document begins here; one is read.";
  return message.endsWith(".") ? message : `${message}.`;
};
const startOf = (node: unknown): number => {
  const range = (node as { readonly range?: readonly number[] | null } | null | undefined)?.range;
  return range?.[0] ?? 0;
};

function refuse(building: Building, fault: TextFault): undefined {
  if (building.faults.length <= DOCUMENT_LIMITS.faultsMax) building.faults.push(fault);
  return undefined;
}

function readNode(node: unknown, pointer: string, building: Building): unknown {
  if (isAlias(node)) return aliased(node, pointer, building);
  const before = building.values;
  if (!count(building, 1, { node, pointer })) return undefined;
  const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
  if (anchor !== undefined) building.anchors.set(anchor, "open");
  const value = isMap(node) || isSeq(node) ? inside(node, pointer, building) : scalar(node, pointer, building);
  if (anchor !== undefined) building.anchors.set(anchor, { node, value, size: building.values - before });
  return value;
}

type At = { readonly node: unknown; readonly pointer: string };

function count(building: Building, size: number, { node, pointer }: At): boolean {
  const within = building.values <= DOCUMENT_LIMITS.valuesMax;
  building.values += size;
  if (building.values <= DOCUMENT_LIMITS.valuesMax) return true;
  const detail = `There are more than ${DOCUMENT_LIMITS.valuesMax} values, each counted as often as aliases repeat it.`;
  if (within) refuse(building, { code: "too_large", pointer, offset: startOf(node), detail });
  return false;
}

function inside(node: YAMLMap | YAMLSeq, pointer: string, building: Building): unknown {
  if (building.depth >= DOCUMENT_LIMITS.depthMax)
    return refuse(building, { code: "too_deep", pointer, offset: startOf(node), detail: deep });
  building.depth++;
  const value = isMap(node)
    ? objectOf(node, pointer, building)
    : node.items.map((item, index) => readNode(item, under(pointer, index), building) ?? null);
  building.depth--;
  return value;
}

function scalar(node: unknown, pointer: string, building: Building): unknown {
  const value = isScalar(node) ? node.value : null;
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) return value;
  return refuse(building, { code: "wrong_type", pointer, offset: startOf(node), detail: "JSON has no such value." });
}

function aliased(node: { readonly source: string }, pointer: string, building: Building): unknown {
  const made = building.anchors.get(node.source);
  const at = { pointer, offset: startOf(node) };
  if (made === undefined)
    return refuse(building, { code: "bad_alias", ...at, detail: `Nothing before this has the anchor &${node.source}.` });
  if (made === "open") return refuse(building, { code: "bad_alias", ...at, detail: `*${node.source} stands in what it repeats.` });
  building.aliases.set(node, made.node);
  return count(building, made.size, { node, pointer }) ? made.value : undefined;
}

function objectOf(map: YAMLMap, pointer: string, building: Building): unknown {
  const object: Record<string, unknown> = {};
  const merged: Pair[] = [];
  for (const pair of map.items) {
    if (isMerge(pair)) merged.push(pair);
    else putMember(object, pair, { pointer, building });
  }
  for (const pair of merged) merge(object, readNode(pair.value, under(pointer, "<<"), building), { pair, pointer, building });
  return object;
}

const isMerge = ({ key }: Pair): boolean => isScalar(key) && key.value === "<<" && key.type === "PLAIN";

type Where = { readonly pointer: string; readonly building: Building };

function putMember(object: Record<string, unknown>, { key, value }: Pair, { pointer, building }: Where): void {
  const offset = startOf(key);
  const name = nameOf(isAlias(key) ? building.aliases.get(key) : key);
  if (name === undefined) {
    refuse(building, { code: "wrong_type", pointer, offset, detail: "The name of a member must be a plain word or a string." });
    return;
  }
  const below = under(pointer, name);
  if (Object.hasOwn(object, name)) {
    refuse(building, { code: "duplicate_key", pointer: below, offset, detail: `"${name}" stands in this object already.` });
  } else if (name === "__proto__") {
    refuse(building, { code: "reserved_key", pointer: below, offset, detail: `"${name}" is no name that a document may use.` });
  } else object[name] = readNode(value, below, building) ?? null;
}

function nameOf(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
}

/** Own members win; of several merged objects the first that has a member. */
function merge(object: Record<string, unknown>, given: unknown, { pair, pointer, building }: Where & { readonly pair: Pair }): void {
  for (const each of Array.isArray(given) ? given : [given]) {
    if (typeof each !== "object" || each === null || Array.isArray(each)) {
      refuse(building, { code: "wrong_type", pointer, offset: startOf(pair.key), detail: "<< takes an object or a list of objects." });
      return;
    }
    for (const [name, value] of Object.entries(each)) if (!Object.hasOwn(object, name)) object[name] = value;
  }
}

const locateIn =
  (text: string, root: unknown, aliases: ReadonlyMap<unknown, unknown>): Locate =>
  (pointers) => {
    const positionAt = lineCounter(text);
    const tree = new Tree(aliases);
    const found = new Map<string, Position>([["", positionAt(startOf(root))]]);
    for (const pointer of pointers) {
      let node: unknown = root;
      let at = "";
      for (const segment of segmentsOf(pointer) ?? []) {
        const next = tree.step(node, segment);
        if (next === undefined) break;
        at = under(at, segment);
        node = next.node;
        if (!found.has(at)) found.set(at, positionAt(startOf(next.place)));
      }
    }
    return found;
  };

type Step = { readonly node: unknown; readonly place: unknown };

/** The syntax tree as the value is: aliases followed, `<<` merged. The members of an object are indexed when they are first asked for. */
class Tree {
  readonly #aliases: ReadonlyMap<unknown, unknown>;
  readonly #members = new Map<YAMLMap, Map<string, Step>>();

  constructor(aliases: ReadonlyMap<unknown, unknown>) {
    this.#aliases = aliases;
  }

  step(given: unknown, segment: string): Step | undefined {
    const node = this.#resolved(given);
    if (isMap(node)) return this.#membersOf(node).get(segment);
    const item = isSeq(node) ? node.items[Number(segment)] : undefined;
    return item === undefined ? undefined : { node: item, place: item };
  }

  #resolved(node: unknown): unknown {
    return isAlias(node) ? this.#aliases.get(node) : node;
  }

  #membersOf(map: YAMLMap): Map<string, Step> {
    const known = this.#members.get(map);
    if (known !== undefined) return known;
    const members = new Map<string, Step>();
    this.#members.set(map, members);
    for (const pair of map.items) {
      const name = isMerge(pair) ? undefined : nameOf(this.#resolved(pair.key));
      if (name !== undefined && !members.has(name)) members.set(name, { node: pair.value, place: pair.key });
    }
    for (const pair of map.items.filter(isMerge)) {
      const given = this.#resolved(pair.value);
      for (const each of isSeq(given) ? given.items : [given]) {
        const merged = this.#resolved(each);
        if (!isMap(merged)) continue;
        for (const [name, step] of this.#membersOf(merged)) if (!members.has(name)) members.set(name, step);
      }
    }
    return members;
  }
}
