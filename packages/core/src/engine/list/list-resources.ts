/**
 * Listing resources: the names of those on which check allows an action, family by family in byte order.
 *
 * A *family* is the candidates under one parent. Their paths begin alike, so that families are put in order by what their paths
 * begin with, and within one only the last parts are compared; a family that no page shows is not decided.
 * Invariant: the runs, one after the other, are every allowed name behind `after`, in byte order.
 */
import {
  compareUtf8,
  type JsonObject,
  ORGANIZATION_TYPE,
  type Request,
  type Subject as SubjectRef,
  unescapeId,
} from "../../model/index.ts";
import { isPreparedAllowed, prepareIn } from "../decide/prepare.ts";
import { isKnown } from "../decide/question.ts";
import type { State } from "../state/state.ts";
import { ROOT } from "../state/tree.ts";
import { type Families, resourceCandidates } from "./candidates.ts";
import { inOrder } from "./order.ts";
import { type Asking, allowedSiblings } from "./siblings.ts";

export type ResourcesAsked = {
  readonly principal: SubjectRef;
  readonly action: Request["action"];
  /** The registered resources of this type; `properties.sandbox`: only those of a sandbox, named by their plain id. */
  readonly type: string;
  readonly properties?: JsonObject;
  /** Only of this product's type of that name. */
  readonly product?: string;
  /** Only at and below this path. */
  readonly below?: string;
  readonly context?: JsonObject;
  readonly after?: string;
};
type Family = { readonly parent: number; readonly prefix: string; readonly nodes: readonly number[] };

/** Names in the form in which the type was asked: plain ids for a root type or within a sandbox, else paths. */
export function* allowedResources(state: State, asked: ResourcesAsked, now: number): Iterable<readonly string[]> {
  const { principal, type, after } = asked;
  const id = state.people.names.find(principal.id);
  if (!isKnown(state, id, principal.type)) return;
  const { request, within } = requestOf(state, asked);
  const subject = state.people.subject(id, now);
  if (type === ORGANIZATION_TYPE) {
    const prepared = prepareIn(state, request);
    if (prepared !== undefined && isPreparedAllowed(state, prepared, now)) yield inOrder(["/"], after);
    return;
  }
  const asking: Asking = { state, subject, request, now, assumed: undefined };
  const root = state.catalogue.root(type);
  // A plain id of a root type names what lies at the top: what lies elsewhere under that name is of another type.
  const isOfRoot = within === undefined && root !== undefined && (asked.product ?? root.product.id) === root.product.id;
  const candidates = resourceCandidates(state, subject, { type, action: asked.action.name });
  const families = inOrderOfPaths(state, candidates, { ...asked, within, isOfRoot });
  if (within !== undefined || isOfRoot) {
    yield inOrder(
      families.flatMap((family) => partsOf(asking, family).map((part) => unescapeId(part) as string)),
      after,
    );
  } else yield* paths(asking, families, after);
}

function requestOf(state: State, { principal, action, type, properties, context }: ResourcesAsked) {
  const resource = { path: "/", ...(properties === undefined ? {} : { properties }) };
  const request: Request = { principal, action, resource, ...(context === undefined ? {} : { context }) };
  const sandbox = properties?.sandbox;
  const within = typeof sandbox === "string" && state.catalogue.underSandboxes(type) !== undefined ? sandbox : undefined;
  return { request, within };
}

type Bounds = Pick<ResourcesAsked, "product" | "below"> & { readonly within: string | undefined; readonly isOfRoot: boolean };

/** In the order of what their paths begin with. `within`: only what lies directly in this sandbox; `isOfRoot`: at the top. */
function inOrderOfPaths(state: State, families: Families, { product, below = "/", within, isOfRoot }: Bounds): readonly Family[] {
  const { tree } = state;
  const found: Family[] = [];
  for (const [parent, all] of families) {
    if ((within !== undefined && !isSandbox(state, parent, within)) || (isOfRoot && parent !== ROOT)) continue;
    const isOfProduct = product === undefined || tree.type(all[0] as number)?.product.id === product;
    const above = parent === ROOT ? "" : tree.path(parent);
    const prefix = `${above}/${tree.typeName(all[0] as number)}/`;
    const nodes = below === "/" || prefix.startsWith(`${below}/`) ? all : all.filter((node) => tree.path(node) === below);
    if (isOfProduct && nodes.length > 0) found.push({ parent, prefix, nodes });
  }
  return found.sort((a, b) => compareUtf8(a.prefix, b.prefix));
}

function isSandbox({ tree }: State, node: number, name: string): boolean {
  return node !== ROOT && tree.sandbox(node) === node && tree.id(node) === name;
}

/** The last parts of the paths of those that are allowed, in no order. */
function partsOf(asking: Asking, { parent, prefix, nodes }: Family): string[] {
  const { names } = asking.state.tree;
  return allowedSiblings(asking, parent, nodes).map((node) => names.text(node, prefix.length));
}

function* paths(asking: Asking, families: readonly Family[], after: string | undefined): Iterable<readonly string[]> {
  for (let i = 0; i < families.length; ) {
    const first = families[i] as Family;
    const { prefix } = first;
    const from = i++;
    // Of a type that lies below itself the paths of one family may stand between those of another: these are put in order together.
    while (i < families.length && (families[i] as Family).prefix.startsWith(prefix)) i++;
    const isBefore = after !== undefined && !after.startsWith(prefix) && compareUtf8(prefix, after) < 0;
    if (isBefore) continue;
    const rest = after?.startsWith(prefix) === true ? after.slice(prefix.length) : undefined;
    if (i === from + 1) yield inOrder(partsOf(asking, first), rest).map((part) => prefix + part);
    else {
      const nested = families.slice(from, i).flatMap((one) => partsOf(asking, one).map((part) => one.prefix.slice(prefix.length) + part));
      yield inOrder(nested, rest).map((part) => prefix + part);
    }
  }
}
