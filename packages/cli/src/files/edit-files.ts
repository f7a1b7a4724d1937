/**
 * Files edited in place: what the records say otherwise is replaced, comments, order and style of everything else stay as they are.
 *
 * A new record goes where its kind stands already, else into the file that an export would make for it.
 * Invariant: an edited text is read again and must say what was wanted; one that would not is never written.
 */
import { join } from "node:path";
import { type Rec, type Result, sameRecord } from "@reeve/core";
import { isMap, type Node, type Pair } from "yaml";
import { EXIT, type Failure, fail } from "../exit.ts";
import { byName, nameOfRecord } from "./difference.ts";
import { documentOf, PRODUCT_PARTS, PRODUCT_SECTION, type Section, sectionNamed, sectionOf, writtenValue } from "./layout.ts";
import { type Read, readSources } from "./read-files.ts";
import { edit, endOf, type Order, type Splice, spliced } from "./splice.ts";
import { grouped, type Home, homes, homeText, itemValue, memberOf, sorted, type TextFile } from "./write-files.ts";
import { dataOf, readSource, type Source } from "./yaml-source.ts";
import { entryText } from "./yaml-text.ts";

/** A section in a file: its key, its value, the file, and what it holds and shall hold. */
type Standing = {
  readonly name: string;
  readonly pair: Pair<Node, Node | null>;
  readonly source: Source;
  readonly had: Rec[];
  readonly wanted: Rec[];
};

export function editFiles(read: Read, records: readonly Rec[], directory: string): Result<readonly TextFile[], Failure> {
  const standing = standingOf(read);
  const wanted = byName(records);
  const bySource = new Map<Source, Standing[]>();
  for (const one of standing) bySource.set(one.source, [...(bySource.get(one.source) ?? []), one]);
  const find = placeFinder(standing);
  for (const [name, { rec, source }] of read.placed) {
    const own = find(rec, source);
    own?.had.push(rec);
    const next = wanted.get(name);
    if (next !== undefined) own?.wanted.push(next);
  }
  const fresh = addNew(
    records.filter((rec) => !read.placed.has(nameOfRecord(rec))),
    { standing, homeOf: homes(records), find },
  );
  const files: TextFile[] = [];
  for (const [source, own] of bySource) {
    const text = editedText(source, own, writtenIn(read, source));
    if (text === undefined)
      return fail(EXIT.usage, `${source.file} cannot be edited in place: export into another directory, and compare.`);
    if (text !== source.text) files.push({ path: source.file, text });
  }
  return { ok: true, value: withFresh({ files, fresh, read, directory }) };
}

function standingOf({ sources }: Read): readonly Standing[] {
  return sources.flatMap((source) =>
    source.documents.flatMap(({ contents }) => {
      if (!isMap(contents)) return [];
      return (contents.items as unknown as readonly Pair<Node, Node | null>[]).map((pair) => {
        return { name: String(dataOf(source, pair.key)), pair, source, had: [], wanted: [] };
      });
    }),
  );
}

type Finder = (rec: Rec, source?: Source) => Standing | undefined;

/** The section that holds a record of a file, or that takes a new one: the last of its kind. */
function placeFinder(standing: readonly Standing[]): Finder {
  const productsOf = new Map<string, Standing>();
  const bySection = new Map<string, Standing[]>();
  for (const one of standing) {
    if (one.name !== PRODUCT_SECTION) bySection.set(one.name, [...(bySection.get(one.name) ?? []), one]);
    else if (isMap(one.pair.value)) productsOf.set(String((dataOf(one.source, one.pair.value) as { id?: unknown }).id), one);
  }
  return (rec, source) => {
    const document = productsOf.get(documentOf(rec) ?? "");
    const lists = bySection.get(sectionOf(rec.kind).name) ?? [];
    if (document !== undefined && (source === undefined || document.source === source)) return document;
    return source === undefined ? lists.at(-1) : lists.find((one) => one.source === source);
  };
}

type Adding = { readonly standing: readonly Standing[]; readonly homeOf: (rec: Rec) => Home; readonly find: Finder };
type Fresh = ReadonlyMap<string, { readonly home: Home; readonly records: readonly Rec[] }>;

/** New records join a section that stands; the others are for files or sections that are new. */
function addNew(records: readonly Rec[], { homeOf, find }: Adding): Fresh {
  const fresh = new Map<string, { readonly home: Home; readonly records: Rec[] }>();
  for (const rec of records) {
    const own = find(rec);
    if (own !== undefined) {
      own.wanted.push(rec);
      continue;
    }
    const home = homeOf(rec);
    const file = fresh.get(home.path) ?? { home, records: [] };
    file.records.push(rec);
    fresh.set(home.path, file);
  }
  return fresh;
}

const isExactly = (a: readonly Rec[], b: readonly Rec[]): boolean => {
  if (a.length !== b.length) return false;
  const others = byName(b);
  return a.every((rec) => {
    const other = others.get(nameOfRecord(rec));
    return other !== undefined && same(rec, other);
  });
};

/** The same in every member, who gave a grant and when too. */
function same(a: Rec, b: Rec): boolean {
  if (!sameRecord(a, b)) return false;
  return a.kind !== "grant" || b.kind !== "grant" || (a.value.givenBy === b.value.givenBy && a.value.givenAt === b.value.givenAt);
}

/** The text with what differs replaced; `undefined`: that was not possible. */
function editedText(source: Source, standing: readonly Standing[], written: Written): string | undefined {
  const changed = standing.filter(({ had, wanted }) => !isExactly(had, wanted));
  if (changed.length === 0) return source.text;
  const splices = changed.flatMap((one) => sectionSplices(source, one, written));
  const text = spliced(source.text, splices);
  const again = readSources([readSource(source.file, Buffer.from(text))]);
  const wanted = standing.flatMap((one) => one.wanted);
  return again.faults.length === 0 &&
    isExactly(
      [...again.placed.values()].map(({ rec }) => rec),
      wanted,
    )
    ? text
    : undefined;
}

function sectionSplices(source: Source, { name, pair, wanted }: Standing, written: Written): readonly Splice[] {
  const { key, value } = pair;
  const after =
    name === PRODUCT_SECTION ? productAfter(wanted, written) : sectionValue(sectionNamed(name) as Section, { records: wanted, written });
  const from = key.range?.[0] ?? 0;
  const inner = value === null || after === undefined ? undefined : edit(source, value, { after, order: orderOf(name) });
  if (inner !== undefined) return inner;
  const colon = source.text.indexOf(":", key.range?.[1] ?? 0) + 1;
  const to = value === null || endOf(source, value) < colon ? colon : endOf(source, value);
  if (after === undefined) return [{ from, to, text: "" }];
  const isBlock = Object.keys(after as object).length > 0;
  const text =
    isBlock && name !== PRODUCT_SECTION
      ? homeText({ path: "", section: sectionNamed(name) as Section }, wanted).trimEnd()
      : entryText(name, after, 0);
  return [{ from, to, text }];
}

type Written = (rec: Rec) => unknown;

/** What stands in the file for a record that stays as it is: nobody's way of writing it is touched. */
function writtenIn({ placed }: Read, source: Source): Written {
  return (rec) => {
    const stands = placed.get(nameOfRecord(rec));
    if (stands === undefined || stands.source !== source || stands.node === null || !same(stands.rec, rec)) return undefined;
    return dataOf(source, stands.node);
  };
}

function productAfter(wanted: readonly Rec[], written: Written): object | undefined {
  const own = wanted.find(({ kind }) => kind === "product");
  if (own === undefined) return undefined;
  const parts = Object.entries(PRODUCT_PARTS).map(([name, { kind, implied }]) => {
    const records = sorted(wanted.filter((rec) => rec.kind === kind));
    return [name, records.map((rec) => written(rec) ?? writtenValue(rec, implied))] as const;
  });
  const declared = (written(own) ?? writtenValue(own)) as object;
  return { ...declared, ...Object.fromEntries(parts) };
}

function orderOf(name: string): Order {
  if (name === PRODUCT_SECTION) return { bags: 0, parts: Object.keys(PRODUCT_PARTS) };
  const form = sectionNamed(name)?.form.is;
  return { bags: form === "groups" || form === "table" ? 2 : form === "list" ? 1 : 0 };
}

/** What a section says, as plain data. */
function sectionValue(
  section: Section,
  { records, written }: { readonly records: readonly Rec[]; readonly written: Written },
): object | undefined {
  const { form } = section;
  const said = (rec: Rec): unknown => written(rec) ?? itemValue(rec);
  if (form.is === "one") return records[0] === undefined ? undefined : (said(records[0]) as object);
  if (form.is === "list") return sorted(records).map(said);
  const groups = [...grouped(section, records)].map(([group, own]) => {
    if (form.is === "groups") return [group, own.map(said)] as const;
    return [group, Object.fromEntries(own.map((rec) => [memberOf(rec, form.name), said(rec)]))] as const;
  });
  return Object.fromEntries(groups);
}

type Freshening = { readonly files: readonly TextFile[]; readonly fresh: Fresh; readonly read: Read; readonly directory: string };

/** New sections go to the end of the file that is theirs, where it is there; a file that is read alone takes them all. */
function withFresh({ files, fresh, read, directory }: Freshening): readonly TextFile[] {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const [only] = read.sources.length === 1 ? read.sources : [];
  const isAlone = only !== undefined && only.file !== directory && directory === "";
  for (const { home, records } of fresh.values()) {
    const path = isAlone ? only.file : join(directory, home.path);
    const before = texts.get(path) ?? read.sources.find(({ file }) => file === path)?.text;
    const own = homeText(home, records);
    if (before === undefined) texts.set(path, own);
    // A product and a section may stand in one document, two products in two.
    else texts.set(path, `${before.endsWith("\n") || before === "" ? before : `${before}\n`}---\n${own}`);
  }
  return [...texts].map(([path, text]) => ({ path, text }));
}
