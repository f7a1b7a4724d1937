/**
 * Ground: the places of an area on one side, by type and kind, so that a principal is asked about them without looking for any.
 *
 * A *plot* is the places of one type, resources or collections, with the actions that the area names. Places of one kind are asked
 * about once. Most principals reach few places: where nothing opens a plot at large, only the kinds are asked about that roles and
 * grants reach.
 * Invariant: everything that check allows in the area, of what is registered on this side, is found.
 */
import { LIMITS, ORGANIZATION_TYPE } from "../../model/index.ts";
import type { Place } from "../decide/place.ts";
import { isAllowed } from "../decide/question.ts";
import { idOf, reachOf, SELF } from "../state/access.ts";
import type { ActionInfo, TypeInfo } from "../state/catalogue.ts";
import type { Subject } from "../state/people.ts";
import type { State } from "../state/state.ts";
import { ROOT } from "../state/tree.ts";
import { type Asking, isBelowAnother, NOBODY, type OwnReach } from "./asking.ts";
import { columnOf } from "./columns.ts";
import type { Land, Places } from "./places.ts";
import type { Area } from "./touched.ts";
import { STEPS_A_TURN, type Turns } from "./turns.ts";

/** The numbers of its places by kind; of collections those of the resources above them. `collection`: their name, else "". */
type Plot = {
  readonly type: TypeInfo | undefined;
  readonly collection: string;
  readonly actions: readonly ActionInfo[];
  readonly kinds: Map<number, number[]>;
};

/** Fewer kinds than these are all asked about: looking for what is reached costs more. */
const FEW = 8;

/** Is told what is allowed where, some of it twice. */
export type Tell = (column: string, numbers: readonly number[]) => void;
export type Mapped = { readonly land: Land; readonly places: Places };

export class Ground {
  readonly #state: State;
  readonly #area: Area;
  readonly #land: Land;
  readonly #places: Places;
  #plots: readonly Plot[] = [];
  /** A byte for each place: whether it is in the area. */
  readonly #marks: Uint8Array;
  /** Of a plot, the kinds that lie at or below a node. */
  readonly #below = new Map<Plot, Map<number, readonly number[]>>();
  readonly #reached = new Map<Plot, Map<number, readonly number[]>>();
  /** Type → the plot of its resources, and those of the collections below them. */
  readonly #plotsAt = new Map<TypeInfo | undefined, readonly Plot[]>();

  constructor(state: State, area: Area, { land, places }: Mapped) {
    this.#state = state;
    this.#area = area;
    this.#land = land;
    this.#places = places;
    this.#marks = new Uint8Array(land.nodes.length);
  }

  /** Lays out the plots. Comes to nothing where the land is not good any more after a stop; `resume` brings the state back. */
  *fill(resume: () => void): Turns<void> {
    const plots = new Map<TypeInfo | undefined, Plot>();
    const collections = new Map<TypeInfo | undefined, Plot>();
    let left = STEPS_A_TURN;
    for (const number of this.#places.below(this.#area.below)) {
      if (--left === 0) {
        yield;
        resume();
        if (!this.#land.isGood) return;
        left = STEPS_A_TURN;
      }
      const node = this.#land.nodes[number] as number;
      if (node === 0) continue;
      this.#marks[number] = 1;
      const type = node === ROOT ? undefined : this.#state.tree.type(node);
      if (!this.#plotsAt.has(type)) this.#plotsAt.set(type, this.#plotsOf(type, plots, collections));
      for (const plot of this.#plotsOfNode(node)) addTo(plot.kinds, this.#land.kinds[number] as number, number);
    }
    this.#plots = [...plots.values(), ...collections.values()].filter(({ kinds, actions }) => kinds.size > 0 && actions.length > 0);
  }

  #plotsOf(
    type: TypeInfo | undefined,
    plots: Map<TypeInfo | undefined, Plot>,
    collections: Map<TypeInfo | undefined, Plot>,
  ): readonly Plot[] {
    const { catalogue } = this.#state;
    const actions = actionsIn(this.#area, type === undefined ? catalogue.organizationActions : type.actions);
    const own: Plot = { type, collection: "", actions, kinds: new Map() };
    plots.set(type, own);
    const named = this.#area.type;
    const found = named === undefined || named === (type?.name ?? ORGANIZATION_TYPE) ? [own] : [];
    for (const below of this.#area.isOfResources === true ? [] : typesBelow(this.#state, type)) {
      if (named !== undefined && named !== below.name) continue;
      let plot = collections.get(below);
      if (plot === undefined) {
        plot = { type: below, collection: below.name, actions: actionsIn(this.#area, below.actions), kinds: new Map() };
        collections.set(below, plot);
      }
      found.push(plot);
    }
    return found;
  }

  /**
   * Tells what all may who are like him. Where something of his own reaches he is not asked as himself. Comes to nothing where the
   * land is not good any more after a stop.
   */
  *collect(asking: Asking, { own, isEach }: { readonly own: OwnReach; readonly isEach: IsEach }, tell: Tell): Turns<void> {
    let left = STEPS_A_TURN;
    const subject = (): Subject => (asking.hasBase ? asking.base : asking.standIn);
    let who = subject();
    for (const plot of this.#plots) {
      for (const action of plot.actions) {
        const [column, every] = [columnOf(plot.collection, action.name), isEach(action)];
        for (const kind of this.#kindsToAsk(who, plot, action)) {
          const numbers = plot.kinds.get(kind) as readonly number[];
          const first = asking.isShared || every ? numbers[0] : numbers.find((number) => !own.has(number));
          for (const number of every ? numbers : first === undefined ? [] : [first]) {
            if (this.#isAllowed(asking, who, { plot, action, number })) tell(column, every ? [number] : numbers);
            if (--left > 0) continue;
            yield;
            asking.resume();
            who = subject();
            if (!this.#land.isGood) return;
            left = STEPS_A_TURN;
          }
        }
      }
    }
  }

  /** Tells what grants to his groups add. `has`: what everybody has who is like him but for them. Stops as `collect` does. */
  *collectOfGroups(asking: Asking, { isEach, has }: { readonly isEach: IsEach; readonly has: Has }, tell: Tell): Turns<void> {
    let left = STEPS_A_TURN;
    const { groups } = asking;
    for (const plot of this.#plots) {
      const kinds = new Set(groups.flatMap((group) => this.#kindsOfGroup(plot, group)));
      for (const action of plot.actions) {
        if (action.needs.length === 0) continue;
        const [column, every] = [columnOf(plot.collection, action.name), isEach(action)];
        for (const kind of kinds) {
          const numbers = plot.kinds.get(kind) as readonly number[];
          for (const number of every ? numbers : [numbers[0] as number]) {
            if (has(column, number)) continue;
            if (this.#isAllowed(asking, asking.standIn, { plot, action, number })) tell(column, every ? [number] : numbers);
            if (--left > 0) continue;
            yield;
            asking.resume();
            if (!this.#land.isGood) return;
            left = STEPS_A_TURN;
          }
        }
      }
    }
  }

  /** Tells what something of his own adds, where it reaches. `has`: what is known already. Stops as `collect` does. */
  *collectOwn(
    asking: Asking,
    { own, isEach, has }: { readonly own: OwnReach; readonly isEach: IsEach; readonly has: Has },
    tell: Tell,
  ): Turns<void> {
    let left = STEPS_A_TURN;
    const verdicts = new Map<string, boolean>();
    for (const [number, nearest] of own) {
      const [node, kind] = [this.#land.nodes[number] as number, this.#land.kinds[number] as number];
      for (const plot of this.#marks[number] === 1 ? this.#plotsOfNode(node) : []) {
        for (const action of plot.actions) {
          const column = columnOf(plot.collection, action.name);
          if ((asking.isShared && action.needs.length === 0) || has(column, number)) continue;
          const name = `${column}\0${kind}\0${nearest}`;
          const known = isEach(action) ? undefined : verdicts.get(name);
          const verdict = known ?? this.#isAllowed(asking, asking.subject, { plot, action, number });
          verdicts.set(name, verdict);
          if (verdict) tell(column, [number]);
          left--;
        }
      }
      if (left > 0) continue;
      yield;
      asking.resume();
      if (!this.#land.isGood) return;
      left = STEPS_A_TURN;
    }
  }

  #plotsOfNode(node: number): readonly Plot[] {
    const plots = this.#plotsAt.get(node === ROOT ? undefined : this.#state.tree.type(node)) ?? [];
    return plots.filter((plot) => this.#isIn(plot, node));
  }
  #isIn({ collection }: Plot, node: number): boolean {
    if (collection === "") return node !== ROOT || this.#state.catalogue.declaresOrganization;
    return depthOf(this.#state, node) < LIMITS.pathPairsMax;
  }

  /** The kinds that a role, a grant or something at large may open. */
  #kindsToAsk(subject: Subject, plot: Plot, action: ActionInfo): Iterable<number> {
    if (plot.kinds.size <= FEW || isOpenAtLarge(this.#state, subject, action)) return plot.kinds.keys();
    const kinds = new Set<number>();
    const tops = new Set<number>();
    for (const role of subject.roles) {
      for (const { scope, sandboxes } of action.holders.get(role) ?? []) for (const node of scope ?? sandboxes ?? []) tops.add(node);
    }
    for (const top of tops) if (!isBelowAnother(this.#state, tops, top)) for (const kind of this.#kindsBelow(plot, top)) kinds.add(kind);
    for (const one of action.needs.length === 0 ? [] : subject.closure) for (const kind of this.#kindsOfGroup(plot, one)) kinds.add(kind);
    return kinds;
  }
  /** The kinds that grants to a group, or to a principal, may reach. */
  #kindsOfGroup(plot: Plot, group: number): readonly number[] {
    let reached = this.#reached.get(plot);
    if (reached === undefined) {
      reached = new Map();
      this.#reached.set(plot, reached);
    }
    const known = reached.get(group);
    if (known !== undefined) return known;
    const kinds = new Set<number>();
    const tops = new Set<number>();
    for (const entry of this.#state.access.reverse.entries(group)) {
      const node = idOf(entry);
      const number = this.#land.numberOf(node);
      if (reachOf(entry) !== SELF) tops.add(node);
      else if (number >= 0) kinds.add(this.#land.kinds[number] as number);
    }
    for (const top of tops) if (!isBelowAnother(this.#state, tops, top)) for (const kind of this.#kindsBelow(plot, top)) kinds.add(kind);
    const found = [...kinds].filter((kind) => plot.kinds.has(kind));
    reached.set(group, found);
    return found;
  }
  #kindsBelow(plot: Plot, top: number): readonly number[] {
    let below = this.#below.get(plot);
    if (below === undefined) {
      below = new Map();
      this.#below.set(plot, below);
    }
    let kinds = below.get(top);
    if (kinds === undefined) {
      kinds = [...plot.kinds]
        .filter(([, [first]]) => this.#state.tree.isAtOrAbove(top, this.#land.nodes[first as number] as number))
        .map(([kind]) => kind);
      below.set(top, kinds);
    }
    return kinds;
  }

  #isAllowed({ state, isShared, sharedRequest, ownRequest, now }: Asking, subject: Subject, { plot, action, number }: At): boolean {
    const node = this.#land.nodes[number] as number;
    const sandbox = state.tree.sandbox(node);
    const place: Place =
      plot.collection === ""
        ? { kind: "resource", type: plot.type, node, above: node, sandbox, rest: [], registered: true }
        : { kind: "collection", type: plot.type, node: 0, above: node, sandbox, rest: [], registered: false };
    const request = isShared && subject.principal === NOBODY ? sharedRequest : ownRequest;
    return isAllowed({ state, subject, place, action, request, now, assumed: undefined });
  }
}

type At = { readonly plot: Plot; readonly action: ActionInfo; readonly number: number };
/** Whether a condition of a policy reads ids, so that places of one kind may be answered otherwise. */
export type IsEach = (action: ActionInfo) => boolean;
export type Has = (column: string, number: number) => boolean;

function addTo(kinds: Map<number, number[]>, kind: number, number: number): void {
  const numbers = kinds.get(kind);
  if (numbers === undefined) kinds.set(kind, [number]);
  else numbers.push(number);
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
