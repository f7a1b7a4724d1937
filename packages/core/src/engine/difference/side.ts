/**
 * A side: one of the two plans, asked what a principal may do in the areas and rows that are touched.
 *
 * What is found out about a side by numbers holds as long as nobody changes the state: another plan that was asked meanwhile has.
 * Invariant: the answers of a side are those of its plan's checks; what the areas and rows leave out is asked on neither side.
 */
import { type Condition, compareUtf8, type JsonObject, type PrincipalType, parsePath, SANDBOXES } from "../../model/index.ts";
import { isPreparedAllowed, prepareIn } from "../decide/prepare.ts";
import { type Asked, isKnown } from "../decide/question.ts";
import { decideCall } from "../operation/decide-operation.ts";
import type { OperationInfo, ProductOperations } from "../operation/operations.ts";
import { readTemplate } from "../operation/route.ts";
import type { Plan } from "../plan.ts";
import type { State } from "../state/state.ts";
import { Asking, actionsIn, Ground, type Tell, typesBelow } from "./ground.ts";
import { isEachAsked, isRow, rowName, ruleOf, type Spot, type Spots, targetOf, templateName } from "./rows.ts";
import type { Area } from "./touched.ts";

export type Principal = { readonly type: PrincipalType; readonly id: string };
export type Moment = { readonly now: number; readonly context: JsonObject | undefined };
/** Place → actions that check allows there. */
export type Allowed = ReadonlyMap<string, ReadonlySet<string>>;
/** Place → how a call is answered whose target's nearest place with an answer this is: see `verdictOf`. */
export type Verdicts = ReadonlyMap<string, string>;
export type Answers = { readonly places: Allowed; readonly rows: ReadonlyMap<string, Verdicts>; readonly size: number };
/** What both sides share: the spots of a target by its name, and the conditions of verdicts that were given, by their texts. */
export type Shared = {
  readonly spots: (template: string) => Spots;
  readonly conditions: Map<string, readonly Condition[]>;
};
export type Asks = { readonly areas: readonly Area[]; readonly rows: readonly string[] };

export const DENIED = "";
export const ALLOWED = "+";

export class Side {
  readonly plan: Plan;
  readonly #moment: Moment;
  /** Places that are registered on the other side only. */
  readonly #strangers: readonly string[];
  readonly #spots: Shared["spots"];
  readonly #conditions: Shared["conditions"];
  readonly #strange = new Map<string, readonly Spot[]>();
  #version = -1;
  #grounds = new Map<Area, Ground>();
  #rows = new Map<string, Row>();

  constructor(plan: Plan, moment: Moment, known: Shared & { readonly strangers: readonly string[] }) {
    this.plan = plan;
    this.#moment = moment;
    this.#strangers = known.strangers;
    this.#spots = known.spots;
    this.#conditions = known.conditions;
  }

  ask(principal: Principal, asks: Asks): Answers {
    const state = this.#state();
    const { now, context } = this.#moment;
    const places = new Map<string, Set<string>>();
    const rows = new Map<string, Verdicts>();
    let size = 0;
    const id = state.people.names.find(principal.id);
    if (!isKnown(state, id, principal.type)) return { places, rows, size };
    const request: Asked = { principal, action: { name: "" }, resource: { path: "/" }, ...(context === undefined ? {} : { context }) };
    const asking = new Asking({ state, subject: state.people.subject(id, now), request, now });
    const tell: Tell = (path, action) => {
      size++;
      const actions = places.get(path);
      if (actions === undefined) places.set(path, new Set([action]));
      else actions.add(action);
    };
    for (const area of asks.areas) {
      this.#ground(state, area).collect(asking, tell);
      for (const path of this.#strangers) if (isBelow(path, area.below)) askStranger(asking, { area, path }, tell);
    }
    for (const name of asks.rows) {
      const row = this.#rows.get(name);
      const verdicts = row === undefined || !mayOpen(asking, row) ? undefined : this.#call(asking, row);
      if (verdicts === undefined) continue;
      rows.set(name, verdicts);
      size += verdicts.size;
    }
    return { places, rows, size };
  }

  #state(): State {
    const state = this.plan.state();
    if (state.version === this.#version) return state;
    this.#version = state.version;
    this.#grounds.clear();
    this.#rows = rowsOf(state);
    return state;
  }
  #ground(state: State, area: Area): Ground {
    let ground = this.#grounds.get(area);
    if (ground === undefined) {
      ground = new Ground(state, area);
      this.#grounds.set(area, ground);
    }
    return ground;
  }

  /** Answers for the spots that may differ: each, or the first below every place at which the subject's access may change, and strange ones. */
  #call(asking: Asking, row: Row): Verdicts {
    const spots = this.#spots(row.template).at;
    const verdicts = new Map<string, string>();
    const call = (spot: Spot): string => this.#verdict(asking, row, spot);
    const types = row.info.target.pairs.map(({ type }) => type);
    if (row.isEachAsked || types.length === 0) {
      for (const spot of types.length === 0 ? [{ place: "/", ids: [] }] : spots.values()) verdicts.set(spot.place, call(spot));
      return verdicts;
    }
    verdicts.set("/", call({ place: "/", ids: [] }));
    for (const path of boundariesOf(asking)) {
      const below = types[path.split("/").length >> 1];
      const spot = spots.get(path) ?? (below === undefined ? undefined : spots.get(`${path}/${below}`));
      if (spot !== undefined) verdicts.set(path, call(spot));
    }
    for (const spot of this.#strangeSpots(row, types))
      verdicts.set(types[0] === SANDBOXES && spot.ids.length === 1 ? sandboxOf(spot.place) : spot.place, call(spot));
    return verdicts;
  }

  /** `ALLOWED`, `DENIED`, or as a text the conditions one of which must be true. */
  #verdict(asking: Asking, row: Row, spot: Spot): string {
    const hanging: Condition[] = [];
    if (decideSpot(asking, row, { spot, hanging })) return ALLOWED;
    if (hanging.length === 0) return DENIED;
    const text = JSON.stringify(hanging);
    this.#conditions.set(text, hanging);
    return text;
  }

  /** Spots with an id that may be spelt in other ways or lead to another row, and every sandbox, for it must be there. */
  #strangeSpots(row: Row, types: readonly string[]): readonly Spot[] {
    const name = JSON.stringify([row.template, row.literals]);
    let strange = this.#strange.get(name);
    if (strange === undefined) {
      const literals = new Set(row.literals);
      const isStrange = (id: string): boolean => !PLAIN.test(id) || literals.has(id);
      strange = [...this.#spots(row.template).at.values()].filter(
        ({ ids }) => (types[0] === SANDBOXES && ids.length === 1) || ids.some(isStrange),
      );
      this.#strange.set(name, strange);
    }
    return strange;
  }
}

const PLAIN = /^[A-Za-z0-9]+$/;

function sandboxOf(place: string): string {
  return place.split("/").slice(0, 3).join("/");
}

/** A row with what its answers hang on, found once for everybody. */
type Row = {
  readonly info: OperationInfo;
  readonly operations: ProductOperations;
  readonly template: string;
  readonly isEachAsked: boolean;
  /** Segments of the product's templates: an id of that text may lead to another row. */
  readonly literals: readonly string[];
  readonly tenant: string;
};

function rowsOf(state: State): Map<string, Row> {
  const rows = new Map<string, Row>();
  const tenant = [...(state.organization?.tenantIds ?? [])].sort(compareUtf8)[0] ?? "";
  for (const operations of state.operations.all()) {
    const literals = new Set<string>();
    let isCompound = false;
    for (const { path } of operations.records()) {
      for (const segment of readTemplate(path).segments) {
        if ("literal" in segment) literals.add(segment.literal);
        else if ("fixed" in segment && segment.fixed.every((text) => text === "" || PLAIN.test(text))) isCompound = true;
      }
    }
    for (const { id } of operations.records()) {
      const info = operations.get(id) as OperationInfo;
      if (!isRow(operations, info)) continue;
      const each = isCompound || isEachAsked(state, info, operations);
      rows.set(rowName(info), {
        info,
        operations,
        template: templateName(info.target),
        isEachAsked: each,
        literals: [...literals].sort(),
        tenant,
      });
    }
  }
  return rows;
}

/** Whether the subject has some role that the row's rule asks for. Below base paths it is not the rule that opens. */
function mayOpen({ state, subject }: Asking, { info, operations }: Row): boolean {
  if (operations.basePathCount > 0) return true;
  return (ruleOf(info, operations) ?? []).some(({ roles, permission, product = info.record.product }) => {
    if (roles !== undefined) return roles.some((id) => subject.roles.includes(state.roles.find(id)));
    if (permission !== undefined) return subject.roles.some((role) => state.roles.holders.of(permission).at.has(role));
    return subject.roles.some((role) => state.roles.at(role)?.record.product === product);
  });
}

/** Scopes and sandboxes of the subject's roles. */
function boundariesOf({ state, subject }: Asking): ReadonlySet<string> {
  const paths = new Set<string>();
  for (const role of subject.roles) for (const node of state.roles.at(role)?.uses ?? []) paths.add(state.tree.path(node));
  return paths;
}

/** Decides one call; `hanging` takes the conditions of what it hangs on. */
function decideSpot(
  { state, request, now }: Asking,
  { info, tenant }: Row,
  at: { readonly spot: Spot; readonly hanging: Condition[] },
): boolean {
  const target = targetOf(info, at.spot.ids, tenant);
  if (target === undefined) return false;
  const { principal, context } = request;
  const targets = Object.fromEntries((info.also ?? []).map(({ name }) => [name, null]));
  const { product, method } = info.record;
  const call = { principal, product, method, target, targets, ...(context === undefined ? {} : { context }) };
  const { allow, code } = decideCall({ state, now, isBrief: true }, call, at.hanging);
  if (code !== "attribute_unavailable") at.hanging.length = 0;
  return allow;
}

export function isBelow(path: string, top: string): boolean {
  return top === "/" || path === top || path.startsWith(`${top}/`);
}

type Stranger = { readonly area: Area; readonly path: string };

/** A place that is registered on the other side only may be decided here all the same, where its type is open. */
function askStranger(
  { state, subject, request, now }: Asking,
  { area, path }: Stranger,
  tell: (path: string, action: string) => void,
): void {
  const types = state.typesOf(parsePath(path)?.pairs ?? []);
  const type = types?.[types.length - 1];
  if (type === undefined) return;
  const isNamed = area.type === undefined || area.type === type.name;
  const asked = isNamed ? [{ at: path, actions: actionsIn(area, type.actions) }] : [];
  if (area.isOfResources !== true) {
    const collections = typesBelow(state, type).filter(({ name }) => (area.type ?? name) === name);
    for (const below of collections) asked.push({ at: `${path}/${below.name}`, actions: actionsIn(area, below.actions) });
  }
  for (const { at, actions } of asked) {
    for (const { name } of actions) {
      const prepared = prepareIn(state, { ...request, action: { name }, resource: { path: at } });
      if (prepared !== undefined && prepared.principal === subject.principal && isPreparedAllowed(state, prepared, now)) tell(at, name);
    }
  }
}
