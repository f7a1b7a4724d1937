/**
 * Resource paths, policy patterns, request targets and operation templates, read straight from the model's §2 and §4.
 *
 * Words: a *part* is one plain (decoded) piece of a path, collections at even places, ids at odd ones. `FRESH` is the id of
 * something that has nothing of its own yet (what a collection or a child stands for): it equals no string.
 */
import { isUtf8 } from "node:buffer";
import type { Ambiguity, JsonObject, Operation, Product, ResourceRef, ResourceType } from "@reeve/core";

export const FRESH = null;
export type Parts = readonly (string | typeof FRESH)[];

const isPlain = (text: string): boolean => text !== "" && [...text].length <= 128 && !/[\p{Cc}\p{Cs}]/u.test(text);
const encode = (part: string): string => (part === "*" ? "%2A" : part.replace(/[%/]/g, (character) => (character === "%" ? "%25" : "%2F")));
const decode = (text: string): string => (text === "%2A" ? "*" : text.replace(/%25|%2F/g, (code) => (code === "%25" ? "%" : "/")));

/** The canonical text of parts; a fresh id is the bare `*` that no canonical path holds. */
export const formatPath = (parts: Parts): string => `/${parts.map((part) => (part === FRESH ? "*" : encode(part))).join("/")}`;

/** The parts of a path, none for `/`; an odd number of them is a collection. `undefined`: this is no path. */
export function parsePath(text: string): readonly string[] | undefined {
  if (text === "/") return [];
  const segments = text.slice(1).split("/");
  const isWell = (segment: string, place: number): boolean =>
    segment === "%2A" ? place % 2 === 1 : segment !== "*" && !/%(?!2F|25)/.test(segment) && isPlain(decode(segment));
  const isPath = text.startsWith("/") && segments.length <= 33 && segments.every(isWell); // 16 pairs and a collection
  return isPath ? segments.map(decode) : undefined;
}

/** Whether `parts` is `above` or lies below it. */
export const isWithin = (parts: Parts, above: Parts): boolean => above.every((part, i) => parts[i] === part);

// Places: what a path or a reference means to the products of an organization.

/** `shape` is absent of a resource; `unsaid`: the organization, in the place of a further target about which nothing is said. */
export type Where = { readonly parts: Parts; readonly product: Product; readonly shape?: "collection" | "child" | "unsaid" };
export type Place = Where & { readonly type: string; readonly declared: ResourceType };
type Catalogue = { readonly products: readonly Product[] };
export const own = <T>(of: Readonly<Record<string, T>>, key: string): T | undefined => (Object.hasOwn(of, key) ? of[key] : undefined);

/** The type of a path: a root type of some product, and below it types of that product that may lie there. */
export function typeAt({ products }: Catalogue, parts: Parts): Place | undefined {
  const types = parts.filter((_, i) => i % 2 === 0).map(String);
  const [root = "", type = ""] = [types[0], types.at(-1)];
  const product = products.find((each) => own(each.types, root) !== undefined && own(each.types, root)?.parents === undefined);
  const declared = product && own(product.types, type);
  if (product === undefined || declared === undefined || root === "organization") return undefined;
  const fits = types.every((name, i) => i === 0 || own(product.types, name)?.parents?.includes(types[i - 1] ?? ""));
  return fits ? { parts, product, type, declared } : undefined;
}
export function organizationIn(product: Product): Place | undefined {
  const declared = own(product.types, "organization");
  return declared && { parts: [], product, type: "organization", declared };
}
/** The sandbox that a place lies in; one that is yet to be made lies in none. */
export const sandboxOf = (parts: Parts): string | undefined => (parts[0] === "sandboxes" ? (parts[1] ?? undefined) : undefined);

type Named = { readonly type: string; readonly id: string; readonly properties?: JsonObject };
/** `{type, id}`: the path that it stands for. */
function pathOf(catalogue: Catalogue, { type, id, properties = {} }: Named): string | undefined {
  if (type === "organization") return id === "/" ? "/" : undefined;
  if (typeAt(catalogue, [type, FRESH]) !== undefined) return formatPath([type, id]);
  const sandbox = typeAt(catalogue, ["sandboxes", FRESH, type, FRESH]) && own(properties, "sandbox");
  if (typeof sandbox === "string") return formatPath(["sandboxes", sandbox, type, id]);
  const parts = parsePath(id) ?? [];
  return parts.at(parts.length % 2 === 0 ? -2 : -1) === type ? id : undefined;
}

/** The place that a reference names; on `/` the product is the one that declares the action. */
export function locate(catalogue: Catalogue, ref: ResourceRef, action: string): Place | undefined {
  const parts = parsePath((ref.path === undefined ? pathOf(catalogue, ref) : ref.path) ?? "no path");
  if (parts === undefined || (ref.child !== undefined && parts.length % 2 === 1)) return undefined;
  const below = ref.child !== undefined ? [ref.child, FRESH] : parts.length % 2 === 1 ? [FRESH] : [];
  const place = typeAt(catalogue, [...parts, ...below]);
  if (below.length > 0) return place && { ...place, shape: ref.child === undefined ? "collection" : "child" };
  const declaring = catalogue.products.flatMap((product) => organizationIn(product) ?? []);
  return parts.length > 0 ? place : (declaring.find(({ declared }) => own(declared.actions, action) !== undefined) ?? declaring[0]);
}

// Patterns, targets and templates.

/** §2 policy: `*` is any one part, as the last part one or more. A fresh id is matched by `*` alone, since it equals nothing. */
export function patternMatches(pattern: string, parts: Parts): boolean {
  const wanted = pattern === "/" ? [] : pattern.slice(1).split("/");
  const hasLength = wanted.at(-1) === "*" ? parts.length >= wanted.length : parts.length === wanted.length;
  return hasLength && wanted.every((segment, i) => segment === "*" || decode(segment) === parts[i]);
}

const ofHex = (_: string, hex: string): string => String.fromCharCode(Number.parseInt(hex, 16));
const bytesOf = (segment: string): Buffer => Buffer.from(segment.replace(/%([0-9a-f]{2})/gi, ofHex), "latin1");

/** §4: one decoding, or the first of the reasons for which a target is refused. */
export function readTarget(target: string): { why?: Ambiguity; segments: readonly string[]; trailingSlash: boolean } {
  const path = target.split(/[?#]/)[0] ?? "";
  const raw = path.slice(1).split("/");
  const inner = raw.at(-1) === "" ? raw.slice(0, -1) : raw;
  const segments = inner.map((segment) => bytesOf(segment).toString());
  const refusals: readonly (readonly [Ambiguity, boolean])[] = [
    ["not_origin_form", !target.startsWith("/")],
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    ["control_character", /[\0-\x1f\x7f]/.test(target) || /%(0[1-9a-f]|1[0-9a-f]|7f)/i.test(path)],
    ["fragment", target.includes("#")],
    ["backslash", path.includes("\\") || /%5c/i.test(path)],
    ["encoded_separator", /%(2f|00)/i.test(path)],
    ["empty_segment", inner.includes("")],
    ["path_parameter", path.includes(";")],
    ["bad_escape", /%(?![0-9a-f]{2})/i.test(path) || /[ "<>[\]^`{|}]/.test(path)],
    ["invalid_utf8", /[\u0080-\uffff]/.test(path) || !inner.every((segment) => isUtf8(bytesOf(segment)))],
    ["double_encoding", segments.some((segment) => /%[0-9a-f]{2}/i.test(segment))],
    ["dot_segment", segments.includes(".") || segments.includes("..")],
  ];
  const refused = refusals.find(([, applies]) => applies);
  return { ...(refused && { why: refused[0] }), segments, trailingSlash: path !== "/" && raw.at(-1) === "" };
}

type Row = Pick<Operation, "method" | "path">;
export type Parameters = ReadonlyMap<string, string>;
const split = (template: string): readonly string[] => (template === "/" ? [] : template.slice(1).split("/"));
/** Literal before compound segment before parameter. */
const rank = (segment: string): number => (!segment.includes("{") ? 0 : /^\{[^}]*\}$/.test(segment) ? 2 : 1);

/** Every way in which `value` can be read as a template's segment; no parameter is empty. */
function readings(segment: string, value: string): readonly Parameters[] {
  const [literal = "", ...names] = segment.split("{");
  if (names.length === 0) return segment === value ? [new Map()] : [];
  if (!value.startsWith(literal)) return [];
  const [name = "", end] = [names[0]?.split("}")[0], segment.indexOf("}") + 1];
  const left = value.slice(literal.length);
  const cuts = Array.from({ length: left.length }, (_, i) => i + 1);
  return cuts.flatMap((cut) => readings(segment.slice(end), left.slice(cut)).map((rest) => new Map([[name, left.slice(0, cut)], ...rest])));
}

/** §3 b: the row that method and decoded segments mean, and its path parameters. */
export function matchRow<R extends Row>(rows: readonly R[], method: string, segments: readonly string[]) {
  const read = (row: R) => split(row.path).map((segment, i) => readings(segment, segments[i] ?? ""));
  let best = rows.filter((row) => split(row.path).length === segments.length && read(row).every((ways) => ways.length > 0));
  for (const i of segments.keys()) {
    const at = (row: R): string => split(row.path)[i] ?? "";
    const first = Math.min(...best.map((row) => rank(at(row))));
    best = best.filter((row) => rank(at(row)) === first);
    // A value that two compound segments fit, or that can be cut in two ways, is no operation.
    const shapes = new Set(best.map((row) => at(row).replace(/\{[^}]*\}/g, "{}")));
    if (shapes.size > 1 || best.some((row) => (read(row)[i]?.length ?? 0) > 1)) return undefined;
  }
  const ofMethod = (name: string): R | undefined => best.find((row) => row.method === name);
  const row = ofMethod(method) ?? (method === "HEAD" ? ofMethod("GET") : undefined);
  return row && { row, parameters: new Map(read(row).flatMap((ways) => [...(ways[0] ?? [])])) as Parameters };
}

/** The path that a row's target names once its parameters are filled in. */
export const fillTarget = (target: string, parameters: Parameters): string =>
  target.replace(/\{([^}]*)\}/g, (_, name: string) => encode(parameters.get(name) ?? ""));
