/**
 * Path templates of operations and patterns of resources in policies: read once, so that nobody takes them apart again.
 *
 * A template is `/` or segments, each a *literal*, a *parameter* `{name}`, or *compound*: literals and parameters in turn, such as
 * `{base}...{head}`. Literals are written as they are after decoding, so a template holds no escapes.
 * Invariant: parameters of a template are distinct, and no two of them touch, so that a value has a chance to be cut in one way.
 */
import { LIMITS } from "./limits.ts";
import { isTypeName, parsePath, unescapeId } from "./path.ts";
import { isPrototypeName } from "./reader.ts";

export type TemplatePart = { readonly literal: string } | { readonly parameter: string };
export type TemplateSegment = readonly TemplatePart[];
export type Template = { readonly segments: readonly TemplateSegment[]; readonly parameters: readonly string[] };

// What a decoded target can never hold, and what would start a query or an escape.
const REFUSED_IN_LITERALS = /[\p{Cc}\p{Cs}?#%\\{}]/u;

/** Reads a path template; `undefined`: this is none. At most 64 segments. A segment of one part is a literal or a parameter. */
export function parseTemplate(text: string): Template | undefined {
  if (!text.startsWith("/") || text.length > LIMITS.pathCharactersMax) return undefined;
  const texts = text === "/" ? [] : text.slice(1).split("/");
  if (texts.length > LIMITS.pathSegmentsMax) return undefined;
  const segments: TemplateSegment[] = [];
  const parameters = new Set<string>();
  for (const each of texts) {
    const segment = parseSegment(each);
    if (segment === undefined) return undefined;
    for (const part of segment) {
      if (!("parameter" in part)) continue;
      if (parameters.has(part.parameter)) return undefined;
      parameters.add(part.parameter);
    }
    segments.push(segment);
  }
  return { segments, parameters: [...parameters] };
}

function parseSegment(text: string): TemplateSegment | undefined {
  if (text === "" || text === "." || text === "..") return undefined;
  const parts: TemplatePart[] = [];
  // Splitting at a group puts the parameters' names at the odd places.
  const pieces = text.split(/\{([^{}]*)\}/);
  for (let index = 0; index < pieces.length; index++) {
    const piece = pieces[index] as string;
    if (index % 2 === 1) {
      if (!isParameterName(piece)) return undefined;
      parts.push({ parameter: piece });
    } else if (REFUSED_IN_LITERALS.test(piece)) return undefined;
    else if (piece !== "") parts.push({ literal: piece });
    else if (index > 0 && index < pieces.length - 1) return undefined;
  }
  return parts;
}

/** Whether this may name a parameter of a template or a further target. */
export const isParameterName = (text: string): boolean => isTypeName(text) && !isPrototypeName(text);

/** Equal for two templates that differ only in the names of their parameters, and for no others. */
export function templateShape(template: Template): string {
  const segments = template.segments.map((segment) => segment.map((part) => ("literal" in part ? part.literal : "{}")).join(""));
  return `/${segments.join("/")}`;
}

/** The segments of a base path: literals only, at least one. */
export function parseBasePath(text: string): readonly string[] | undefined {
  const template = parseTemplate(text);
  if (template === undefined || template.segments.length === 0 || template.parameters.length > 0) return undefined;
  return text.slice(1).split("/");
}

/** The names of the parameters that a target's ids hold, or `undefined` when it is no resource path with ids or `{name}` in their places. */
export function targetParameters(text: string): readonly string[] | undefined {
  const path = parsePath(text);
  if (path === undefined || path.collection !== undefined) return undefined;
  const names: string[] = [];
  for (const { id } of path.pairs) {
    if (!/[{}]/.test(id)) continue;
    const name = id.slice(1, -1);
    if (id !== `{${name}}` || !isParameterName(name)) return undefined;
    names.push(name);
  }
  return names;
}

/** A part of a pattern: its text without escapes, or `null` for `*`. */
export type Pattern = readonly (string | null)[];

/** Reads a pattern of resources: `/` (the organization alone) or 1 to 32 parts, `*` alone in its place, never below `/orgs`. `undefined`: this is none. */
export function parsePattern(text: string): Pattern | undefined {
  if (text === "/") return [];
  if (!text.startsWith("/") || text.length > 2 * LIMITS.pathCharactersMax) return undefined;
  const parts = text.slice(1).split("/");
  if (parts.length > 2 * LIMITS.pathPairsMax || parts[0] === "orgs") return undefined;
  const pattern: (string | null)[] = [];
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index] as string;
    if (part === "*") pattern.push(null);
    else if (part.includes("*")) return undefined;
    else {
      const name = index % 2 === 1 ? unescapeId(part) : isTypeName(part) ? part : undefined;
      if (name === undefined) return undefined;
      pattern.push(name);
    }
  }
  return pattern;
}
