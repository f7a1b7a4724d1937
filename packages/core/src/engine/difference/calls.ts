/**
 * Calls: what a principal may do of the operations of one side, at the targets that may be answered otherwise.
 *
 * Most rows are opened by roles alone: then a target is answered as the next place above it at which a scope or a sandbox begins.
 * Invariant: what a spot has no answer for is answered as the nearest place above it that has one.
 */
import { type Condition, compareUtf8, SANDBOXES } from "../../model/index.ts";
import { decideCall } from "../operation/decide-operation.ts";
import type { OperationInfo, ProductOperations } from "../operation/operations.ts";
import { readTemplate } from "../operation/route.ts";
import type { Plan } from "../plan.ts";
import type { State } from "../state/state.ts";
import { ALLOWED, DENIED, type Rows, type Shared, type Verdicts } from "./answers.ts";
import type { Asking } from "./asking.ts";
import { isEachAsked, isRow, rowName, ruleOf, type Spot, targetOf, templateName } from "./rows.ts";
import { STEPS_A_TURN, type Turns } from "./turns.ts";

export class Calls {
  readonly #plan: Plan;
  readonly #known: Shared;
  readonly #strange = new Map<string, readonly Spot[]>();
  #version = -1;
  #rows = new Map<string, Row>();

  constructor(plan: Plan, known: Shared) {
    this.#plan = plan;
    this.#known = known;
  }

  /** Whether something below the base path of a version may open one of these rows, which grants do. */
  hasVersions(names: readonly string[]): boolean {
    this.#state();
    return names.some((name) => (this.#rows.get(name)?.operations.basePathCount ?? 0) > 0);
  }

  *ask(asking: Asking, names: readonly string[]): Turns<Rows> {
    const rows = new Map<string, Verdicts>();
    this.#resume(asking);
    for (const name of names) {
      const row = this.#rows.get(name);
      if (row !== undefined && mayOpen(asking, row)) rows.set(name, yield* this.#call(asking, row));
    }
    return rows;
  }

  #state(): State {
    const state = this.#plan.state();
    if (state.version !== this.#version) {
      this.#version = state.version;
      this.#rows = rowsOf(state);
    }
    return state;
  }

  /** Answers for the spots that may differ: each, or the first below every place at which the subject's access may change, and strange ones. */
  *#call(asking: Asking, row: Row): Turns<Verdicts> {
    const spots = this.#known.spots(row.template).at;
    const verdicts = new Map<string, string>();
    const call = (spot: Spot): string => this.#verdict(asking, this.#rows.get(rowName(row.info)) ?? row, spot);
    const types = row.info.target.pairs.map(({ type }) => type);
    yield;
    this.#resume(asking);
    if (row.isEachAsked || types.length === 0) {
      for (const spot of types.length === 0 ? [{ place: "/", ids: [] }] : spots.values()) {
        verdicts.set(spot.place, call(spot));
        if (verdicts.size % STEPS_A_TURN !== 0) continue;
        yield;
        this.#resume(asking);
      }
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

  #resume(asking: Asking): void {
    this.#state();
    asking.resume();
  }

  /** `ALLOWED`, `DENIED`, or as a text the conditions one of which must be true. */
  #verdict(asking: Asking, row: Row, spot: Spot): string {
    const hanging: Condition[] = [];
    if (decideSpot(asking, row, { spot, hanging })) return ALLOWED;
    if (hanging.length === 0) return DENIED;
    const text = JSON.stringify(hanging);
    this.#known.conditions.set(text, hanging);
    return text;
  }

  /** Spots with an id that may be spelt in other ways or lead to another row, and every sandbox, for it must be there. */
  #strangeSpots(row: Row, types: readonly string[]): readonly Spot[] {
    const name = JSON.stringify([row.template, row.literals]);
    let strange = this.#strange.get(name);
    if (strange === undefined) {
      const literals = new Set(row.literals);
      const isStrange = (id: string): boolean => !PLAIN.test(id) || literals.has(id);
      strange = [...this.#known.spots(row.template).at.values()].filter(
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
  { state, ownRequest, now }: Asking,
  { info, tenant }: Row,
  at: { readonly spot: Spot; readonly hanging: Condition[] },
): boolean {
  const target = targetOf(info, at.spot.ids, tenant);
  if (target === undefined) return false;
  const { principal, context } = ownRequest;
  const targets = Object.fromEntries((info.also ?? []).map(({ name }) => [name, null]));
  const { product, method } = info.record;
  const call = { principal, product, method, target, targets, ...(context === undefined ? {} : { context }) };
  const { allow, code } = decideCall({ state, now, isBrief: true }, call, at.hanging);
  if (code !== "attribute_unavailable") at.hanging.length = 0;
  return allow;
}

/** The conditions of operations' rules, as one text. */
export function conditionsOfRows({ operations }: State): string {
  const texts: string[] = [];
  for (const product of operations.all()) {
    texts.push(JSON.stringify([...product.rules()]), JSON.stringify(product.readDefault?.map(({ record }) => record) ?? null));
    for (const { alternatives } of product.records()) texts.push(JSON.stringify(alternatives ?? null));
  }
  return texts.join();
}
