/**
 * Records → the files of an organization, as they are written where nothing stands yet.
 *
 * Invariant: sections stand in order of reference, and items by their keys as bytes; the same records give the same bytes.
 */
import { type Kind, keyOf, type Rec } from "@reeve/core";
import { byKey, documentOf, PRODUCT_PARTS, PRODUCT_SECTION, SECTIONS, type Section, sectionOf, writtenValue } from "./layout.ts";
import { blockText, entryText, itemText } from "./yaml-text.ts";

/** A file: its path below the directory, and its text. */
export type TextFile = { readonly path: string; readonly text: string };

/** Where records stand: a section's file, or a product's. `product`: the id. */
export type Home = { readonly path: string; readonly section: Section } | { readonly path: string; readonly product: string };

/** Which home each record has. Parts of a product that is not among the records stand in the sections of their kinds. */
export function homes(records: readonly Rec[]): (rec: Rec) => Home {
  const products = records.flatMap((rec) => (rec.kind === "product" ? [rec.value.id] : []));
  const byProduct = new Map<string, Home>();
  const taken = new Set<string>();
  for (const product of products.toSorted()) {
    let path = `products/${fileName(product)}.yaml`;
    // File systems of some machines know no case.
    for (let at = 2; taken.has(path.toLowerCase()); at++) path = `products/${fileName(product)}~${at}.yaml`;
    taken.add(path.toLowerCase());
    byProduct.set(product, { path, product });
  }
  const bySection = new Map<Kind, Home>(SECTIONS.map((section) => [section.kind, { path: section.file, section }]));
  return (rec) => byProduct.get(documentOf(rec) ?? "") ?? (bySection.get(rec.kind) as Home);
}

const fileName = (id: string): string =>
  id.replaceAll(/^\.|[^A-Za-z0-9._@-]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/** Every file of the records. */
export function writeFiles(records: readonly Rec[]): readonly TextFile[] {
  const homeOf = homes(records);
  const files = new Map<string, { readonly home: Home; readonly records: Rec[] }>();
  for (const rec of records) {
    const home = homeOf(rec);
    const file = files.get(home.path);
    if (file === undefined) files.set(home.path, { home, records: [rec] });
    else file.records.push(rec);
  }
  const order = SECTIONS.map(({ file }) => file);
  const place = (path: string): number => (path.startsWith("products/") ? 0.5 : order.indexOf(path));
  return [...files.values()]
    .sort((a, b) => place(a.home.path) - place(b.home.path) || (a.home.path < b.home.path ? -1 : 1))
    .map(({ home, records: own }) => ({ path: home.path, text: homeText(home, own) }));
}

/** All documents in one text, each after its mark. */
export const writeStream = (records: readonly Rec[]): string =>
  writeFiles(records)
    .map(({ text }) => `---\n${text}`)
    .join("");

export function homeText(home: Home, records: readonly Rec[]): string {
  if ("product" in home) return `${PRODUCT_SECTION}:\n  ${blockText(productValue(records), 2)}\n`;
  return `${sectionText(home.section, records)}\n`;
}

/** The document of a product, with its parts, which are among the records. */
export function productValue(records: readonly Rec[]): Readonly<Record<string, unknown>> {
  const own = records.find(({ kind }) => kind === "product") as Rec;
  const parts = Object.entries(PRODUCT_PARTS).map(([name, { kind, implied }]) => [
    name,
    sorted(records.filter((rec) => rec.kind === kind)).map((rec) => writtenValue(rec, implied)),
  ]);
  return { ...writtenValue(own), ...Object.fromEntries(parts) };
}

export function sectionText(section: Section, records: readonly Rec[]): string {
  const { form, name } = section;
  if (form.is === "one") return `${name}:\n  ${blockText(writtenValue(records[0] as Rec), 2)}`;
  if (records.length === 0) return `${name}: ${form.is === "list" ? "[]" : "{}"}`;
  if (form.is === "list")
    return `${name}:\n${sorted(records)
      .map((rec) => `  - ${recordText(rec, 4)}\n`)
      .join("")}`.trimEnd();
  const lines: string[] = [`${name}:`];
  for (const [group, own] of grouped(section, records)) lines.push(`  ${groupText(section, { group, records: own })}`);
  return lines.join("\n");
}

/** Groups of a section's records in order. */
export function grouped({ form }: Section, records: readonly Rec[]): ReadonlyMap<string, readonly Rec[]> {
  if (form.is !== "groups" && form.is !== "table") return new Map();
  const found = new Map<string, Rec[]>();
  const ordered = sorted(records).map((rec) => [memberOf(rec, form.by), rec] as const);
  for (const [group, rec] of ordered.sort(([a], [b]) => byKey([a], [b]))) {
    const list = found.get(group);
    if (list === undefined) found.set(group, [rec]);
    else list.push(rec);
  }
  return found;
}

/** A group with its items, in column 2 or `indent`. */
export function groupText(
  { form }: Section,
  { group, records, indent = 2 }: { group: string; records: readonly Rec[]; indent?: number },
): string {
  const margin = " ".repeat(indent + 2);
  const key = entryText(group, "", indent).replace(/""$/, "").trimEnd();
  const isTable = form.is === "table";
  const items = records.map((rec) => (isTable ? tableText(rec, indent + 2) : `- ${recordText(rec, indent + 4)}`));
  return `${key}\n${items.map((item) => margin + item).join("\n")}`;
}

export function tableText(rec: Rec, indent: number): string {
  const { form } = sectionOf(rec.kind);
  if (form.is !== "table") return "";
  return entryText(memberOf(rec, form.name), (rec.value as Readonly<Record<string, unknown>>)[form.value], indent);
}

/** A record as an item of its list, which begins in column `indent`. */
export const recordText = (rec: Rec, indent: number): string => itemText(itemValue(rec), indent);

/** What is written of a record in its place: the value, or where only the item's own member is left, that alone. */
export function itemValue(rec: Rec): unknown {
  const { form } = sectionOf(rec.kind);
  if (form.is === "table") return (rec.value as Readonly<Record<string, unknown>>)[form.value];
  if (form.is !== "groups") return writtenValue(rec);
  const value = writtenValue(rec, [form.by]);
  return Object.keys(value).length === 1 ? value[form.item] : value;
}

export const memberOf = (rec: Rec, name: string): string => String((rec.value as unknown as Readonly<Record<string, unknown>>)[name]);

export function sorted(records: readonly Rec[]): readonly Rec[] {
  return records
    .map((rec) => ({ rec, key: keyOf(rec) }))
    .sort((a, b) => byKey(a.key, b.key))
    .map(({ rec }) => rec);
}
