/**
 * Routes: from method and path to the operation, as the model orders templates (§3 b): at the first segment where two templates
 * differ a literal beats a compound segment, which beats a parameter; then the method.
 *
 * A template is cut into segments; `{name}` is a parameter, `{base}...{head}` a compound one. Names of parameters do not tell
 * templates apart. Parameters are given by their place, each operation knows its names.
 * Invariant: `match` gives the best template that fits the whole path, or says that two readings are possible, which is none.
 */
type Compound = { readonly key: string; readonly fixed: readonly string[]; readonly node: RouteNode };

export class RouteNode {
  readonly literals = new Map<string, RouteNode>();
  readonly compounds: Compound[] = [];
  parameter: RouteNode | undefined;
  /** Method → what stands there. */
  readonly methods = new Map<string, unknown>();
}
export type Matched = { readonly node: RouteNode; readonly values: readonly string[] };

type Segment =
  | { readonly literal: string }
  | { readonly parameter: string }
  | { readonly fixed: readonly string[]; readonly parameters: readonly string[] };

/** Reads a template: its segments and the names of its parameters in order. Literals are written decoded. */
export function readTemplate(template: string): { readonly segments: readonly Segment[]; readonly parameters: readonly string[] } {
  const parameters: string[] = [];
  const texts = template.split("/").slice(1);
  if (texts[texts.length - 1] === "") texts.pop();
  const segments = texts.map((text): Segment => {
    const pieces = text.split(/\{([^{}]*)\}/);
    if (pieces.length === 1) return { literal: text };
    const names = pieces.filter((_, index) => index % 2 === 1);
    parameters.push(...names);
    const fixed = pieces.filter((_, index) => index % 2 === 0);
    return names.length === 1 && fixed.every((piece) => piece === "") ? { parameter: names[0] as string } : { fixed, parameters: names };
  });
  return { segments, parameters };
}

export class Routes {
  readonly #root = new RouteNode();

  /** The node of a template, made if it is new. Set or delete its method there; empty nodes do not match. */
  node(template: string): RouteNode {
    let node = this.#root;
    for (const segment of readTemplate(template).segments) node = step(node, segment);
    return node;
  }

  /** The node of a template, if there is one. */
  find(template: string): RouteNode | undefined {
    let node: RouteNode | undefined = this.#root;
    for (const segment of readTemplate(template).segments) {
      if (node === undefined) return undefined;
      if ("literal" in segment) node = node.literals.get(segment.literal);
      else if ("parameter" in segment) node = node.parameter;
      else node = node.compounds.find((compound) => compound.key === JSON.stringify(segment.fixed))?.node;
    }
    return node;
  }

  /** The best template for decoded segments that has any method, with its parameters' values in order. */
  match(segments: readonly string[]): Matched | undefined {
    const values: string[] = [];
    const node = descend(this.#root, 0, { segments, values });
    return node === undefined || node === AMBIGUOUS ? undefined : { node, values };
  }

  /** The node that stands for the longest leading part of the segments, and how many it takes. */
  longest(segments: readonly string[]): { readonly node: RouteNode; readonly length: number } | undefined {
    let node: RouteNode | undefined = this.#root;
    let best: { node: RouteNode; length: number } | undefined;
    for (let i = 0; i < segments.length; i++) {
      node = node.literals.get(segments[i] as string);
      if (node === undefined) break;
      if (node.methods.size > 0) best = { node, length: i + 1 };
    }
    return best;
  }
}

const AMBIGUOUS = Symbol("ambiguous");

function step(node: RouteNode, segment: Segment): RouteNode {
  if ("literal" in segment) {
    let next = node.literals.get(segment.literal);
    if (next === undefined) {
      next = new RouteNode();
      node.literals.set(segment.literal, next);
    }
    return next;
  }
  if ("parameter" in segment) {
    node.parameter ??= new RouteNode();
    return node.parameter;
  }
  const key = JSON.stringify(segment.fixed);
  const known = node.compounds.find((compound) => compound.key === key);
  if (known !== undefined) return known.node;
  const next = new RouteNode();
  node.compounds.push({ key, fixed: segment.fixed, node: next });
  return next;
}

type Path = { readonly segments: readonly string[]; readonly values: string[] };

/** Depth is bounded by the templates. `values` ends as the parameters of what is found, or as it began. */
function descend(node: RouteNode, at: number, path: Path): RouteNode | typeof AMBIGUOUS | undefined {
  if (at === path.segments.length) return node.methods.size > 0 ? node : undefined;
  const segment = path.segments[at] as string;
  const literal = node.literals.get(segment);
  if (literal !== undefined) {
    const found = descend(literal, at + 1, path);
    if (found !== undefined) return found;
  }
  if (node.compounds.length > 0) {
    const found = descendCompounds(node, at, path);
    if (found !== undefined) return found;
  }
  if (node.parameter === undefined) return undefined;
  path.values.push(segment);
  const found = descend(node.parameter, at + 1, path);
  if (found === undefined) path.values.pop();
  return found;
}

function descendCompounds(node: RouteNode, at: number, path: Path): RouteNode | typeof AMBIGUOUS | undefined {
  const before = path.values.length;
  let best: { node: RouteNode | typeof AMBIGUOUS; values: string[] } | undefined;
  for (const compound of node.compounds) {
    const cuts = cut(path.segments[at] as string, compound.fixed);
    if (cuts === undefined) continue;
    path.values.push(...(cuts === AMBIGUOUS ? [] : cuts));
    const found = descend(compound.node, at + 1, path);
    const reached = path.values.splice(before);
    if (found === undefined) continue;
    // Two compound segments that fit, or one that fits in two ways: nobody can say which operation is meant.
    if (best !== undefined || cuts === AMBIGUOUS || found === AMBIGUOUS) return AMBIGUOUS;
    best = { node: found, values: reached };
  }
  if (best === undefined) return undefined;
  path.values.push(...best.values);
  return best.node;
}

/** The parameters of a compound segment, none of them empty; `AMBIGUOUS`: it can be cut in two ways. */
function cut(text: string, fixed: readonly string[]): string[] | typeof AMBIGUOUS | undefined {
  const first = fixed[0] as string;
  const last = fixed[fixed.length - 1] as string;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return undefined;
  const inner = text.slice(first.length, text.length - last.length);
  const separators = fixed.slice(1, -1);
  const early = cutEarly(inner, separators);
  const late = early === undefined ? undefined : cutLate(inner, separators);
  if (early === undefined || late === undefined) return undefined;
  return early.every((piece, index) => piece === late[index]) ? early : AMBIGUOUS;
}

/** Every separator as far left as it can be; any cut at all exists iff this one does. */
function cutEarly(text: string, separators: readonly string[]): string[] | undefined {
  const pieces: string[] = [];
  let from = 0;
  for (const separator of separators) {
    const at = text.indexOf(separator, from + 1);
    if (at === -1) return undefined;
    pieces.push(text.slice(from, at));
    from = at + separator.length;
  }
  pieces.push(text.slice(from));
  return from < text.length ? pieces : undefined;
}

/** Every separator as far right as it can be: another cut than the early one means two ways to read. */
function cutLate(text: string, separators: readonly string[]): string[] | undefined {
  const pieces: string[] = [];
  let to = text.length;
  for (const separator of [...separators].reverse()) {
    const at = to - 1 - separator.length < 0 ? -1 : text.lastIndexOf(separator, to - 1 - separator.length);
    if (at === -1) return undefined;
    pieces.unshift(text.slice(at + separator.length, to));
    to = at;
  }
  pieces.unshift(text.slice(0, to));
  return to > 0 ? pieces : undefined;
}
