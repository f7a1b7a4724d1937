/**
 * The configuration file: YAML → the text of each setting, with the line that it stands on.
 *
 * A value is taken as it is written (`0x50` stays `0x50`), so that file and environment are read by the same rules.
 * Invariant: every fault names file, line and place, all at once, and shows nothing that may be a secret.
 */
import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from "yaml";
import type { Path } from "./structure.ts";
import { SETTINGS, type Setting, type SettingName } from "./table.ts";

/** `name`: as people are told it; `directory`: what paths in it are counted from. */
export type ConfigText = { readonly name: string; readonly directory: string; readonly text: string };
/** `from`: file and line; absent: the environment. */
export type ConfigFault = { readonly key: string; readonly value: string; readonly allowed: string; readonly from?: string };
/** `fromOf`: file and line of a member of a structure. */
export type Given = { readonly text: string; readonly from: string; readonly fromOf?: (path: Path) => string };
export type FileRead = { readonly given: ReadonlyMap<SettingName, Given>; readonly faults: readonly ConfigFault[] };

export const CONFIG_BYTES_MAX = 65_536;
const NOT_SHOWN = "(not shown)";
const entries = Object.entries(SETTINGS) as readonly (readonly [SettingName, Setting])[];

/** What the file says. Values are not looked at beyond their form. */
export function readConfigFile({ name, text }: ConfigText): FileRead {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, schema: "core" });
  const at = (offset: number): string => `${name}:${lines.linePos(offset).line}`;
  if (document.errors.length > 0) {
    // Messages of the parser quote the file, which may hold secrets.
    return {
      given: new Map(),
      faults: document.errors.map(({ code, pos }) => ({
        key: "the file",
        value: code.toLowerCase(),
        allowed: "well-formed YAML, each key once",
        from: at(pos[0]),
      })),
    };
  }
  const reading: Reading = { at, document, given: new Map(), faults: [] };
  if (document.contents !== null) readNode(document.contents as Node, [], reading);
  return reading;
}

type Reading = {
  readonly at: (offset: number) => string;
  readonly document: Document;
  readonly given: Map<SettingName, Given>;
  readonly faults: ConfigFault[];
};

function readNode(node: Node, path: readonly string[], reading: Reading): void {
  const place = path.join(".");
  const setting = entries.find(([, one]) => one.place === place);
  if (setting?.[1].type === "structure") readStructure(node, setting, reading);
  else if (setting !== undefined) readSetting(node, setting, reading);
  else if (isMap(node)) readMap(node, path, reading);
  else if (!isScalar(node) || node.value !== null) {
    const key = place === "" ? "the file" : place;
    refuse({ node, key, allowed: `a mapping with: ${namesBelow(path).join(", ")}` }, reading);
  }
}

function readMap(map: YAMLMap, path: readonly string[], reading: Reading): void {
  for (const pair of map.items) {
    const key = pair.key as Node;
    const name = isScalar(key) ? String(key.value) : NOT_SHOWN;
    const known = namesBelow(path);
    if (known.includes(name)) {
      if (pair.value !== null) readNode(pair.value as Node, [...path, name], reading);
      continue;
    }
    const value = isScalar(pair.value) ? pair.value.source : undefined;
    reading.faults.push({
      key: [...path, name].join("."),
      value: shownUnknown(name, value),
      allowed: `a known key: ${known.join(", ")}`,
      from: reading.at(key.range?.[0] ?? 0),
    });
  }
}

function readSetting(node: Node, [name, setting]: readonly [SettingName, Setting], reading: Reading): void {
  const text = textOf(node, setting.type === "list");
  const from = reading.at(node.range?.[0] ?? 0);
  if (text === undefined) {
    const allowed = setting.type === "list" ? `a list of ${setting.allowed}` : setting.allowed;
    refuse({ node, key: setting.place, allowed }, reading);
  } else if (text !== "") {
    reading.given.set(name, { text, from });
  }
}

/** A structure, as JSON, unless nothing is said; what it may be is not looked at here. */
function readStructure(node: Node, [name, setting]: readonly [SettingName, Setting], reading: Reading): void {
  if ((isScalar(node) && node.value === null) || (isSeq(node) && node.items.length === 0)) return;
  const { at, document } = reading;
  const lineOf = (found: unknown): string => at((isNode(found) ? found : node).range?.[0] ?? 0);
  const fromOf = (path: Path): string => {
    // What is missing is missed where it should be: in the nearest that is there.
    const lengths = path.map((_, index) => path.length - index);
    const found = lengths.map((length) => document.getIn([...setting.place.split("."), ...path.slice(0, length)], true)).find(isNode);
    return lineOf(found);
  };
  try {
    reading.given.set(name, { text: JSON.stringify(node.toJS(document)), from: lineOf(node), fromOf });
  } catch {
    // An alias that leads nowhere, or to too much.
    refuse({ node, key: setting.place, allowed: setting.allowed }, reading);
  }
}

/** A scalar as it is written, or the items of a list with commas between; "" where nothing is said; `undefined`: neither. */
function textOf(node: Node, isList: boolean): string | undefined {
  if (isScalar(node)) return node.value === null ? "" : isList ? undefined : typeof node.value === "string" ? node.value : node.source;
  if (!isList || !isSeq(node)) return undefined;
  const items = node.items.map((item) => (isScalar(item) && typeof item.value === "string" ? item.value : undefined));
  return items.some((item) => item === undefined || item === "" || item.includes(",")) ? undefined : items.join(",");
}

function refuse(
  { node, key, allowed }: { readonly node: Node; readonly key: string; readonly allowed: string },
  { at, faults }: Reading,
): void {
  faults.push({ key, value: isScalar(node) ? NOT_SHOWN : "(no single value)", allowed, from: at(node.range?.[0] ?? 0) });
}

/** The members that a mapping at this path may have. */
function namesBelow(path: readonly string[]): readonly string[] {
  const parts = entries.map(([, { place }]) => place.split(".")).filter((one) => path.every((name, index) => one[index] === name));
  return [...new Set(parts.flatMap((one) => one[path.length] ?? []))].sort();
}

/** The value under a key that nobody knows: a misspelt key of a secret holds the secret all the same. */
export function shownUnknown(key: string, value: string | undefined): string {
  return value === undefined || /TOK|SECRET|PASS|KEY|URL|URI/i.test(key) || !/^[\w.:-]{0,15}$/.test(value) ? NOT_SHOWN : value;
}
