/**
 * The layout: where each kind of record stands in an organization's files, and in which form.
 *
 * A document is an object whose members are *sections*: `roles:`, `grants:`, … A section is *one* value, a *list* of values, *groups*
 * (a table from what the records have in common to a list of the rest) or a *table* of two names and a value. A product with what
 * comes with it is a section of its own, `product:`, in the form of a catalogue. Files are found by what they say and not by name.
 * Invariant: a record has exactly one form here, and reads as itself.
 */
import { KEY_MEMBERS, type Kind, objectName, type Rec } from "@reeve/core";

export type Form =
  | { readonly is: "one" }
  | { readonly is: "list" }
  | { readonly is: "groups"; readonly by: string; readonly item: string }
  | { readonly is: "table"; readonly by: string; readonly name: string; readonly value: string };
export type Section = { readonly kind: Kind; readonly name: string; readonly file: string; readonly form: Form };

const LIST: Form = { is: "list" };
const groups = (by: string, item: string): Form => ({ is: "groups", by, item });
const section = (kind: Kind, name: string, form: Form = LIST): Section => ({
  kind,
  name,
  file: `${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.yaml`,
  form,
});

/** In order of reference: what is named stands before what names it. */
export const SECTIONS: readonly Section[] = [
  section("organization", "organization", { is: "one" }),
  section("product", "products"),
  section("permission-set", "permissionSets"),
  section("label", "labels"),
  section("principal", "principals"),
  section("membership", "memberships", groups("group", "member")),
  section("resource", "resources"),
  section("link", "links", groups("from", "to")),
  section("role", "roles"),
  section("assignment", "assignments", groups("role", "principal")),
  section("grant", "grants", groups("resource", "principal")),
  section("policy", "policies"),
  section("setting", "settings", { is: "table", by: "product", name: "name", value: "value" }),
  section("operation", "operations"),
  section("operation-rule", "operationRules", { is: "table", by: "product", name: "operation", value: "alternatives" }),
  section("product-administrator", "productAdministrators", groups("product", "principal")),
  section("developer-access", "developerAccess", groups("role", "principal")),
  section("developer-project", "developerProjects"),
  section("binned", "bin"),
];
/** A whole product: itself, its permission sets, built-in roles, shipped policies and operations. */
export const PRODUCT_SECTION = "product";
export const SECTION_NAMES: readonly string[] = [PRODUCT_SECTION, ...SECTIONS.map(({ name }) => name)];

const BY_KIND = new Map(SECTIONS.map((one) => [one.kind, one]));
export const sectionOf = (kind: Kind): Section => BY_KIND.get(kind) as Section;
export const sectionNamed = (name: string): Section | undefined => SECTIONS.find((one) => one.name === name);

/** The lists of a product's document: their kinds, and the members that the document implies. */
export const PRODUCT_PARTS = {
  permissionSets: { kind: "permission-set", implied: ["product"] },
  roles: { kind: "role", implied: ["product", "type", "builtIn"] },
  policies: { kind: "policy", implied: ["product", "builtIn"] },
  operations: { kind: "operation", implied: ["product"] },
} as const satisfies Record<string, { kind: Kind; implied: readonly string[] }>;

/** The product whose document holds a record; `undefined`: it stands in the section of its kind. */
export function documentOf({ kind, value }: Rec): string | undefined {
  switch (kind) {
    case "product":
      return value.id;
    case "permission-set":
    case "operation":
      return value.product;
    case "role":
      return value.builtIn === true && value.type === "system-defined" ? value.product : undefined;
    case "policy":
      return value.builtIn === true ? value.product : undefined;
    default:
      return undefined;
  }
}

const DEFAULTS: Readonly<Partial<Record<Kind, Readonly<Record<string, unknown>>>>> = {
  principal: { active: true },
  role: { type: "user-defined" },
};
export const TIMES: readonly string[] = ["notBefore", "notAfter", "givenAt"];
type Value = Readonly<Record<string, unknown>>;

/** The value as it is written: key members first, defaults left out, times as dates, without members that its place implies. */
export function writtenValue({ kind, value }: Rec, implied: readonly string[] = []): Value {
  const given = value as Value;
  const first: readonly string[] = kind === "operation" ? ["id"] : KEY_MEMBERS[kind];
  const names = [...first, ...Object.keys(given).filter((name) => !first.includes(name))];
  const written: Record<string, unknown> = {};
  for (const name of names) {
    const member = given[name];
    if (member === undefined || implied.includes(name) || DEFAULTS[kind]?.[name] === member) continue;
    if (kind === "organization" && Array.isArray(member) && member.length === 0) continue;
    written[name] = TIMES.includes(name) && isWindowed(kind) ? writtenTime(member as number) : member;
  }
  return written;
}

export const isWindowed = (kind: Kind): boolean => kind === "membership" || kind === "assignment" || kind === "grant";

const LAST_DATE = Date.UTC(10_000, 0, 1);
/** A date while years have four digits, else milliseconds. */
const writtenTime = (ms: number): string | number => (ms < LAST_DATE ? new Date(ms).toISOString().replace(".000Z", "Z") : ms);

const DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/;
/** Milliseconds of a date in UTC; `undefined` where it is none. */
export function readDate(text: string): number | undefined {
  const ms = DATE.test(text) ? Date.parse(text) : Number.NaN;
  // A day that the month does not have would silently be one of the next.
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 19) !== text.slice(0, 19) ? undefined : ms;
}

/** What names a record: its key, or of a grant its slot, for `self` and `subtree` share one. */
export function nameOf(kind: Kind, key: readonly string[]): string {
  if (kind === "grant") return JSON.stringify([kind, key[0], key[1], key[2] === "children"]);
  return objectName({ kind, key });
}

/** The order of UTF-8 bytes, which is that of code points. */
export function inBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (one === other) continue;
    const isPair = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;
    return isPair(one) === isPair(other) ? one - other : isPair(one) ? 1 : -1;
  }
  return a.length - b.length;
}

export function byKey(a: readonly string[], b: readonly string[]): number {
  for (let at = 0; at < a.length; at++) {
    const order = inBytes(a[at] as string, b[at] ?? "");
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
