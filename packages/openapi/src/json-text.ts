/**
 * JSON text: whether it is JSON (RFC 8259), whether a name stands twice in an object, and where things stand.
 *
 * The *scan* walks the text without making values: the platform's own parser is several times faster at that, but it keeps quiet
 * about names that stand twice and knows no places. The same scan finds places, in a second pass and only when some are asked for.
 * Invariant: a text that the scan accepts is parsed by `JSON.parse` without error, and no object of it has a member `__proto__`.
 */
import { fail, ok, type Result } from "@reeve/core";
import { DOCUMENT_LIMITS } from "./limits.ts";
import { segmentsOf, under } from "./pointers.ts";
import { type Locate, lineCounter, type Position, type SourceText, type TextFault } from "./positions.ts";

/** What is looked for: a node for every segment of every pointer. */
type Wanted = { readonly pointer: string; readonly below: Map<string, Wanted>; offset: number };

type Scan = {
  readonly text: string;
  at: number;
  values: number;
  readonly path: (string | number)[];
  readonly faults: TextFault[];
  /** The first place at which the text is no JSON; nothing after it is looked at. */
  broken: TextFault | undefined;
};

export function readJsonText(text: string): Result<SourceText, readonly TextFault[]> {
  const scan = scanText(text, undefined);
  const faults = scan.broken === undefined ? scan.faults : [...scan.faults, scan.broken];
  if (faults.length > 0) return fail(faults);
  return ok({ value: JSON.parse(text) as unknown, locate: locateIn(text) });
}

const locateIn =
  (text: string): Locate =>
  (pointers) => {
    const wanted: Wanted = { pointer: "", below: new Map(), offset: -1 };
    for (const pointer of pointers) want(wanted, segmentsOf(pointer) ?? []);
    scanText(text, wanted);
    const positionAt = lineCounter(text);
    const found = new Map<string, Position>();
    const collect = (node: Wanted): void => {
      if (node.offset >= 0) found.set(node.pointer, positionAt(node.offset));
      for (const each of node.below.values()) collect(each);
    };
    collect(wanted);
    return found;
  };

function want(root: Wanted, segments: readonly string[]): void {
  let node = root;
  for (const segment of segments) {
    let next = node.below.get(segment);
    if (next === undefined) {
      next = { pointer: under(node.pointer, segment), below: new Map(), offset: -1 };
      node.below.set(segment, next);
    }
    node = next;
  }
}

function scanText(text: string, wanted: Wanted | undefined): Scan {
  const scan: Scan = { text, at: 0, values: 0, path: [], faults: [], broken: undefined };
  skipSpace(scan);
  if (wanted !== undefined) wanted.offset = scan.at;
  if (scanValue(scan, wanted)) {
    skipSpace(scan);
    if (scan.at < text.length) broken(scan, "Something stands after the end of the document.");
  }
  return scan;
}

const pointerOf = (scan: Scan): string => scan.path.reduce<string>((pointer, segment) => under(pointer, segment), "");

function broken(scan: Scan, detail: string): false {
  scan.broken ??= { code: "malformed_json", pointer: pointerOf(scan), offset: Math.min(scan.at, scan.text.length), detail };
  return false;
}

const SPACE = 0x20;
const QUOTE = 0x22;

function skipSpace(scan: Scan): void {
  const { text } = scan;
  for (;;) {
    const unit = text.charCodeAt(scan.at);
    if (unit !== SPACE && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
    scan.at++;
  }
}

function scanValue(scan: Scan, wanted: Wanted | undefined): boolean {
  if (++scan.values > DOCUMENT_LIMITS.valuesMax)
    return tooMuch(scan, "too_large", `There are more than ${DOCUMENT_LIMITS.valuesMax} values.`);
  const unit = scan.text.charCodeAt(scan.at);
  if (unit === QUOTE) return scanString(scan);
  const opens = unit === 0x7b || unit === 0x5b;
  if (!opens) return scanWord(scan);
  if (scan.path.length >= DOCUMENT_LIMITS.depthMax)
    return tooMuch(scan, "too_deep", `At most ${DOCUMENT_LIMITS.depthMax} may stand in one another.`);
  return unit === 0x7b ? scanObject(scan, wanted) : scanList(scan, wanted);
}

function tooMuch(scan: Scan, code: "too_large" | "too_deep", detail: string): false {
  scan.broken ??= { code, pointer: pointerOf(scan), offset: scan.at, detail };
  return false;
}

const WORD = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

function scanWord(scan: Scan): boolean {
  WORD.lastIndex = scan.at;
  if (!WORD.test(scan.text))
    return broken(scan, scan.at < scan.text.length ? "No value begins here." : "The text ends where a value must stand.");
  scan.at = WORD.lastIndex;
  return true;
}

const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

function scanString(scan: Scan): boolean {
  const { text } = scan;
  const start = scan.at++;
  for (;;) {
    const unit = text.charCodeAt(scan.at);
    if (unit === QUOTE) {
      scan.at++;
      return true;
    }
    if (unit === 0x5c) {
      ESCAPE.lastIndex = scan.at;
      if (!ESCAPE.test(text)) return broken(scan, "This is no escape.");
      scan.at = ESCAPE.lastIndex;
    } else if (unit >= SPACE) scan.at++;
    else if (scan.at < text.length) return broken(scan, "A string holds no line breaks and no control characters; write an escape.");
    else {
      scan.at = start;
      return broken(scan, "This string has no end.");
    }
  }
}

function scanName(scan: Scan, seen: Set<string>): string | undefined {
  const start = scan.at;
  if (scan.text.charCodeAt(start) !== QUOTE) {
    broken(scan, "A name in double quotes must stand here.");
    return undefined;
  }
  if (!scanString(scan)) return undefined;
  const raw = scan.text.slice(start + 1, scan.at - 1);
  const name = raw.includes("\\") ? (JSON.parse(`"${raw}"`) as string) : raw;
  const facts = { pointer: under(pointerOfName(scan, seen, name), name), offset: start };
  if (seen.has(name)) scan.faults.push({ code: "duplicate_key", ...facts, detail: `"${name}" stands in this object already.` });
  else if (name === "__proto__")
    scan.faults.push({ code: "reserved_key", ...facts, detail: `"${name}" is no name that a document may use.` });
  seen.add(name);
  return name;
}

/** Pointers are only made where something is wrong. */
const pointerOfName = (scan: Scan, seen: ReadonlySet<string>, name: string): string =>
  seen.has(name) || name === "__proto__" ? pointerOf(scan) : "";

function scanObject(scan: Scan, wanted: Wanted | undefined): boolean {
  const seen = new Set<string>();
  scan.at++;
  skipSpace(scan);
  if (scan.text.charCodeAt(scan.at) === 0x7d) return step(scan);
  for (;;) {
    const start = scan.at;
    const name = scanName(scan, seen);
    if (name === undefined) return false;
    skipSpace(scan);
    if (scan.text.charCodeAt(scan.at) !== 0x3a) return broken(scan, "A colon must stand between a name and its value.");
    scan.at++;
    skipSpace(scan);
    const below = wanted?.below.get(name);
    if (below !== undefined) below.offset = start;
    scan.path.push(name);
    if (!scanValue(scan, below)) return false;
    scan.path.pop();
    skipSpace(scan);
    const unit = scan.text.charCodeAt(scan.at);
    if (unit === 0x7d) return step(scan);
    if (unit !== 0x2c) return broken(scan, "A comma or the end of the object must stand here.");
    scan.at++;
    skipSpace(scan);
  }
}

function scanList(scan: Scan, wanted: Wanted | undefined): boolean {
  scan.at++;
  skipSpace(scan);
  if (scan.text.charCodeAt(scan.at) === 0x5d) return step(scan);
  for (let index = 0; ; index++) {
    const below = wanted?.below.get(`${index}`);
    if (below !== undefined) below.offset = scan.at;
    scan.path.push(index);
    if (!scanValue(scan, below)) return false;
    scan.path.pop();
    skipSpace(scan);
    const unit = scan.text.charCodeAt(scan.at);
    if (unit === 0x5d) return step(scan);
    if (unit !== 0x2c) return broken(scan, "A comma or the end of the list must stand here.");
    scan.at++;
    skipSpace(scan);
  }
}

function step(scan: Scan): true {
  scan.at++;
  return true;
}
