/**
 * YAML as it is read here: plain data with places, and nothing of YAML that could surprise.
 *
 * YAML 1.2 and its core schema; anchors, tags, `<<` and other versions are refused, duplicate keys too. A text is UTF-8, with or without
 * a byte order mark, its lines ended by LF or CRLF.
 * Invariant: a value that was read says what its text says: no number has lost digits, no key has replaced another.
 */
import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type YAMLMap,
} from "yaml";

/** What is wrong, and where: of a file, or a place in it. `about`: the item. */
export type FileFault = {
  readonly file: string;
  readonly offset: number;
  readonly line: number;
  readonly column: number;
  readonly about?: string;
  readonly detail: string;
  readonly code: string;
  readonly allowed?: readonly string[];
};
export type Source = {
  readonly file: string;
  readonly text: string;
  readonly documents: readonly Document.Parsed[];
  readonly lines: LineCounter;
  readonly faults: FileFault[];
};
type Wrong = { readonly code: string; readonly detail: string; readonly about?: string; readonly allowed?: readonly string[] };

/** More in one file than anybody reads; a bomb is smaller than this and refused for its depth or its anchors. */
const BYTES_MAX = 256 * 1024 * 1024;

export function readSource(file: string, bytes: Uint8Array): Source {
  const lines = new LineCounter();
  const empty = (detail: string): Source => {
    const source: Source = { file, text: "", documents: [], lines, faults: [] };
    refuseAt(source, 0, { code: "malformed_yaml", detail });
    return source;
  };
  if (bytes.length > BYTES_MAX) return empty(`The file is larger than ${BYTES_MAX} bytes.`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return empty("The file is not UTF-8.");
  }
  const documents = parsedDocuments(text, lines);
  if (documents === undefined) return empty("This is nested too deeply.");
  const source: Source = { file, text, documents, lines, faults: [] };
  for (const document of documents) {
    // What was opened and not closed is told once for each time that it was opened.
    const told = new Set<number>();
    for (const { message, pos } of document.errors) {
      if (!told.has(pos[0])) refuseAt(source, pos[0], { code: "malformed_yaml", detail: sentence(message) });
      told.add(pos[0]);
    }
    const { yaml } = document.directives ?? {};
    if (yaml?.explicit === true && yaml.version !== "1.2")
      refuseAt(source, document.range[0], { code: "malformed_yaml", detail: `YAML ${yaml.version} is not read here, only 1.2.` });
  }
  return source;
}

function sentence(message: string): string {
  if (message.startsWith("Maximum call stack")) return "This is nested too deeply.";
  return /[.!?]$/.test(message) ? message : `${message}.`;
}

/** `undefined`: nested so deeply that the parser gave up. */
function parsedDocuments(text: string, lineCounter: LineCounter): readonly Document.Parsed[] | undefined {
  try {
    const parsed = parseAllDocuments(text, { version: "1.2", uniqueKeys: false, lineCounter, prettyErrors: false });
    return Array.isArray(parsed) ? (parsed as Document.Parsed[]) : [];
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

export function refuseAt(source: Source, offset: number, wrong: Wrong): undefined {
  const { line, col } = source.lines.linePos(offset);
  source.faults.push({ file: source.file, offset, line: Math.max(line, 1), column: Math.max(col, 1), ...wrong });
  return undefined;
}

export const offsetOf = (node: Node | null | undefined): number => node?.range?.[0] ?? 0;

export type Entry = { readonly name: string; readonly key: Node; readonly value: Node | null; readonly pair: Pair };

/** The members of an object, each once; `undefined` where it is none. */
export function entriesOf(source: Source, node: Node | null): readonly Entry[] | undefined {
  if (!isMap(node)) return undefined;
  const seen = new Map<string, Node>();
  const entries: Entry[] = [];
  for (const pair of node.items) {
    const { key } = pair;
    if (!isScalar(key) || isUnusual(source, key)) {
      if (!isScalar(key)) refuseAt(source, offsetOf(key as Node), { code: "malformed_yaml", detail: "A key is a text." });
      continue;
    }
    // `4: …` and `yes: …` are keys, whatever the schema makes of them.
    const name = typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
    const first = seen.get(name);
    if (first === undefined) {
      seen.set(name, key);
      entries.push({ name, key, value: (pair.value ?? null) as Node | null, pair });
    } else refuseAt(source, offsetOf(key), { code: "duplicate", detail: `${name} stands already at ${placeOf(source, offsetOf(first))}.` });
  }
  return entries;
}

export function placeOf({ file, lines }: Source, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
}

/** A value as plain data. Faults are added to the source; what is faulty is `undefined`. */
export function dataOf(source: Source, node: Node | null): unknown {
  if (node === null || isUnusual(source, node)) return node === null ? null : undefined;
  if (isSeq(node)) return node.items.map((item) => dataOf(source, item as Node));
  if (isMap(node)) {
    const value: Record<string, unknown> = {};
    for (const { name, value: member } of entriesOf(source, node) ?? []) {
      // As an own member, so that the parser sees it and says that the name is reserved.
      Object.defineProperty(value, name, { value: dataOf(source, member), enumerable: true, configurable: true, writable: true });
    }
    return value;
  }
  return isScalar(node) ? scalarOf(source, node) : undefined;
}

function scalarOf(source: Source, node: Node & { value?: unknown; source?: string }): unknown {
  const { value, source: text = "" } = node;
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const isExact = Number.isFinite(value) && (!/^[-+]?\d+$/.test(text) || BigInt(text.replace(/^\+/, "")) === BigInt(value));
  if (isExact) return value;
  return refuseAt(source, offsetOf(node), {
    code: "out_of_range",
    detail: `${text} cannot be kept as a number. As a text it stands in quotes.`,
  });
}

/** Aliases would let a small file be a huge one, and tags let a text be something else. */
function isUnusual(source: Source, node: Node): boolean {
  const refuse = (detail: string): true => {
    refuseAt(source, offsetOf(node), { code: "malformed_yaml", detail });
    return true;
  };
  if (isAlias(node)) return refuse(`*${node.source}: aliases are not read here. Write the value out.`);
  if (node.tag !== undefined) return refuse("Tags (!…) are not read here.");
  if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined)
    return refuse(`&${node.anchor}: anchors are not read here. Write the value out where it is needed.`);
  return false;
}

/** The node at an RFC 6901 pointer below a node, or the deepest that is there. */
export function nodeAt(node: Node, tokens: readonly string[]): Node {
  let at = node;
  for (const token of tokens) {
    const next = isMap(at) ? memberNode(at, token) : isSeq(at) ? (at.items[Number(token)] as Node | undefined) : undefined;
    if (next === undefined || next === null) return at;
    at = next;
  }
  return at;
}

function memberNode(map: YAMLMap, name: string): Node | undefined {
  const pair = map.items.find((item) => isPair(item) && isScalar(item.key) && (item.key.value === name || item.key.source === name));
  return (pair?.value ?? pair?.key) as Node | undefined;
}

export const tokensOf = (pointer: string): readonly string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
