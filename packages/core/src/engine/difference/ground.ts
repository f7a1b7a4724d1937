/**
 * Ground: the places of an area on one side, by type, so that a principal is asked about them without looking for any.
 *
 * A *plot* is the places of one type, resources or collections, with the actions that the area names. Most principals reach few
 * places: where nothing opens a plot at large, only what they reach through grants, ownership and bounded roles is asked about.
 * Invariant: everything that check allows in the area, of what is registered on this side, is found.
 */
import { LIMITS, ORGANIZATION_TYPE } from "../../model/index.ts";
import { isPlaced, type Place } from "../decide/place.ts";
import { isPreparedAllowed, type Prepared } from "../decide/prepare.ts";
import type { Asked } from "../decide/question.ts";
import { idOf, reachOf, SELF } from "../state/access.ts";
import type { ActionInfo, TypeInfo } from "../state/catalogue.ts";
import type { Subject } from "../state/people.ts";
import type { State } from "../state/state.ts";
import { ROOT } from "../state/tree.ts";
import type { Area } from "./touched.ts";

/** `nodes`: the resources, or of collections the resources above them. */
type Plot = {
  readonly type: TypeInfo | undefined;
  readonly isOfCollections: boolean;
  readonly actions: readonly ActionInfo[];
  readonly nodes: number[];
};

/** Fewer places than these are all asked about: looking for what is reached costs more. */
const FEW = 8;

export class Ground {
  readonly #state: State;
  readonly #area: Area;
  readonly #plots: readonly Plot[];
  readonly #nodes: number[] = [];
  /** A byte for each node: whether it is in the area. Made when it is first asked for. */
  #marks: Uint8Array | undefined;
  /** Of a plot, what lies at or below a place. */
  readonly #below = new Map<Plot, Map<number, readonly number[]>>();
  /** Type → the plot of its resources, and those of the collections below them. */
  readonly #plotsAt = new Map<TypeInfo | undefined, readonly Plot[]>();

  constructor(state: State, area: Area) {
    this.#state = state;
    this.#area = area;
    const top = state.tree.find(area.below);
    const plots = new Map<TypeInfo | undefined, Plot>();
    const collections = new Map<TypeInfo | undefined, Plot>();
    for (const node of top === 0 ? [] : state.tree.below(top)) {
      if (!state.tree.registered(node) || !(node === ROOT || isPlaced(state, node))) continue;
      this.#nodes.push(node);
      const type = node === ROOT ? undefined : state.tree.type(node);
      if (!this.#plotsAt.has(type)) this.#plotsAt.set(type, this.#plotsOf(type, plots, collections));
      for (const plot of this.#plotsAt.get(type) as readonly Plot[]) {
        if (node === ROOT && !plot.isOfCollections && !state.catalogue.declaresOrganization) continue;
        if (!plot.isOfCollections || depthOf(state, node) < LIMITS.pathPairsMax) plot.nodes.push(node);
      }
    }
    this.#plots = [...plots.values(), ...collections.values()].filter(({ nodes, actions }) => nodes.length > 0 && actions.length > 0);
  }

  #plotsOf(
    type: TypeInfo | undefined,
    plots: Map<TypeInfo | undefined, Plot>,
    collections: Map<TypeInfo | undefined, Plot>,
  ): readonly Plot[] {
    const { catalogue } = this.#state;
    const own: Plot = {
      type,
      isOfCollections: false,
      actions: actionsIn(this.#area, type === undefined ? catalogue.organizationActions : type.actions),
      nodes: [],
    };
    plots.set(type, own);
    const named = this.#area.type;
    const found = named === undefined || named === (type?.name ?? ORGANIZATION_TYPE) ? [own] : [];
    for (const below of this.#area.isOfResources === true ? [] : typesBelow(this.#state, type)) {
      if (named !== undefined && named !== below.name) continue;
      const plot = collections.get(below) ?? {
        type: below,
        isOfCollections: true,
        actions: actionsIn(this.#area, below.actions),
        nodes: [],
      };
      collections.set(below, plot);
      found.push(plot);
    }
    return found;
  }

  #marked(): Uint8Array {
    if (this.#marks === undefined) {
      this.#marks = new Uint8Array(this.#state.tree.names.last + 1);
      for (const node of this.#nodes) this.#marks[node] = 1;
    }
    return this.#marks;
  }

  /** Tells each place and action that is allowed. */
  collect(asking: Asking, tell: Tell): void {
    const narrow = new Map<Plot, readonly ActionInfo[]>();
    for (const plot of this.#plots) {
      const isSmall = plot.nodes.length <= FEW;
      const wide = isSmall ? plot.actions : plot.actions.filter((action) => isOpenAtLarge(this.#state, asking.subject, action));
      if (wide.length > 0) for (const node of plot.nodes) askAll(asking, { plot, node, actions: wide }, tell);
      if (wide.length === plot.actions.length) continue;
      const rest = plot.actions.filter((action) => !wide.includes(action));
      for (const action of rest) this.#collectByRoles(asking, { plot, action }, tell);
      const withBits = rest.filter(({ needs }) => needs.length > 0);
      if (withBits.length > 0) narrow.set(plot, withBits);
    }
    if (narrow.size > 0) this.#collectReached(asking, narrow, tell);
  }

  /** Below the scopes and sandboxes of the roles that hold an action. */
  #collectByRoles(asking: Asking, { plot, action }: { readonly plot: Plot; readonly action: ActionInfo }, tell: Tell): void {
    const tops = new Set<number>();
    for (const role of asking.subject.roles) {
      for (const { scope, sandboxes } of action.holders.get(role) ?? []) for (const node of scope ?? sandboxes ?? []) tops.add(node);
    }
    const actions = [action];
    for (const top of tops) {
      if (!isBelowAnother(this.#state, tops, top))
        for (const node of this.#nodesBelow(plot, top)) askAll(asking, { plot, node, actions }, tell);
    }
  }
  #nodesBelow(plot: Plot, top: number): readonly number[] {
    let below = this.#below.get(plot);
    if (below === undefined) {
      below = new Map();
      this.#below.set(plot, below);
    }
    let nodes = below.get(top);
    if (nodes === undefined) {
      nodes = plot.nodes.filter((node) => this.#state.tree.isAtOrAbove(top, node));
      below.set(top, nodes);
    }
    return nodes;
  }

  /** What grants and ownership reach. */
  #collectReached(asking: Asking, narrow: ReadonlyMap<Plot, readonly ActionInfo[]>, tell: Tell): void {
    const marks = this.#marked();
    for (const node of asking.reached()) {
      if (marks[node] !== 1) continue;
      const type = node === ROOT ? undefined : this.#state.tree.type(node);
      for (const plot of this.#plotsAt.get(type) ?? []) {
        const actions = narrow.get(plot);
        if (actions === undefined || (plot.isOfCollections && depthOf(this.#state, node) >= LIMITS.pathPairsMax)) continue;
        askAll(asking, { plot, node, actions }, tell);
      }
    }
  }
}

/** Types that may lie directly below one; below the organization, which is no type's, the root types. */
export function typesBelow({ catalogue }: State, type: TypeInfo | undefined): readonly TypeInfo[] {
  if (type === undefined) return [...catalogue.roots()];
  return [...type.product.types.values()].filter((below) => below.parents?.includes(type.name) === true);
}

export function actionsIn({ product, actions }: Area, all: ReadonlyMap<string, ActionInfo>): readonly ActionInfo[] {
  return [...all.values()].filter(
    (action) => (product === undefined || action.type.product.id === product) && (actions === undefined || actions.has(action.name)),
  );
}

function depthOf({ tree }: State, node: number): number {
  let depth = 0;
  for (let one = node; one !== ROOT; one = tree.parent(one)) depth++;
  return depth;
}

/** Somebody, asked on one side. What he reaches is found once. */
export class Asking {
  readonly state: State;
  readonly subject: Subject;
  readonly request: Asked;
  readonly now: number;
  #reached: readonly number[] | undefined;

  constructor(asked: { readonly state: State; readonly subject: Subject; readonly request: Asked; readonly now: number }) {
    this.state = asked.state;
    this.subject = asked.subject;
    this.request = asked.request;
    this.now = asked.now;
  }

  /** Every node that some grant or ownership reaches, each once. */
  reached(): readonly number[] {
    this.#reached ??= this.#reach();
    return this.#reached;
  }

  #reach(): readonly number[] {
    const { state, subject } = this;
    const { tree, access } = state;
    const found = new Set<number>();
    const tops = new Set<number>(state.owned.entries(subject.principal));
    for (const one of subject.closure) {
      for (const entry of access.reverse.entries(one)) {
        if (reachOf(entry) === SELF) found.add(idOf(entry));
        else tops.add(idOf(entry));
      }
    }
    for (const top of tops) if (!isBelowAnother(state, tops, top)) for (const node of tree.below(top)) found.add(node);
    return [...found];
  }
}

function isBelowAnother({ tree }: State, tops: ReadonlySet<number>, top: number): boolean {
  for (let node = tree.parent(top); node !== 0; node = tree.parent(node)) if (tops.has(node)) return true;
  return false;
}

/** Whether something may open resources without naming one above them: administration, a role that nothing bounds, or a Permit rule. */
function isOpenAtLarge(state: State, { isAdmin, words, rolesAt, end }: Subject, action: ActionInfo): boolean {
  if (isAdmin && action.type.product.record.adminMayAll === true) return true;
  if (state.policies.permitted(action.name).size > 0) return true;
  for (let i = rolesAt; i < end; i += 2) {
    const word = words[i] as number;
    if (word < action.bitsAnywhere.length && ((words[i + 1] as number) & (action.bitsAnywhere[word] as number)) !== 0) return true;
  }
  return false;
}

/** Is told what is allowed, some of it twice. */
export type Tell = (path: string, action: string) => void;
type At = { readonly plot: Plot; readonly node: number; readonly actions: readonly ActionInfo[] };

function askAll({ state, subject, request, now }: Asking, { plot, node, actions }: At, tell: Tell): void {
  const place = plot.isOfCollections ? collectionAt(state, node, plot.type as TypeInfo) : undefined;
  for (const action of actions) {
    const prepared: Prepared = { principal: subject.principal, node: place === undefined ? node : 0, action, request, place };
    if (isPreparedAllowed(state, prepared, now)) tell(pathOf(state, node, place), action.name);
  }
}

function collectionAt({ tree }: State, above: number, type: TypeInfo): Place {
  return { kind: "collection", type, node: 0, above, sandbox: tree.sandbox(above), rest: [], registered: false };
}

function pathOf({ tree }: State, node: number, collection: Place | undefined): string {
  const path = tree.path(node);
  if (collection === undefined) return path;
  return `${path === "/" ? "" : path}/${collection.type?.name}`;
}
