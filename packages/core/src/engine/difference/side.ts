/**
 * A side: one of the two plans, asked what a principal may do in the areas and rows that are touched.
 *
 * Who is alike is asked once (`asking.ts`), at one place of each kind (`places.ts`); what somebody's own grants add is found apart.
 * What is found out about a side by nodes holds until the tree moves: another plan that was asked meanwhile may have moved it.
 * Invariant: the answers of a side are those of its plan's checks; what the areas and rows leave out is asked on neither side.
 */
import { parsePath } from "../../model/index.ts";
import { isRefusal, locate } from "../decide/place.ts";
import { actionAt, isAllowed, isKnown } from "../decide/question.ts";
import type { Plan } from "../plan.ts";
import type { ActionInfo } from "../state/catalogue.ts";
import type { Subject } from "../state/people.ts";
import type { State } from "../state/state.ts";
import { type Answers, type Asks, isBelow, type Moment, type Principal, type Rows, type Shared } from "./answers.ts";
import { Asking, NOBODY, ownReachOf, type Reads, readsOf } from "./asking.ts";
import { Calls, conditionsOfRows } from "./calls.ts";
import { type Column, Columns, columnOf } from "./columns.ts";
import { actionsIn, Ground, typesBelow } from "./ground.ts";
import { type Features, featuresIn, Land } from "./places.ts";
import type { Area } from "./touched.ts";
import { finish, type Turns } from "./turns.ts";

/** What was found for a likeness. */
type Kept = { readonly columns: Map<string, Columns>; readonly rows: Map<string, Rows> };

/** What is kept for likenesses is forgotten beyond so many bytes. */
const KEPT_BYTES_MAX = 64 << 20;
/** So often an answer is begun again because the tree moved in a stop; then it is given without stops. */
const TRIES_MAX = 2;

export class Side {
  readonly plan: Plan;
  readonly #moment: Moment;
  /** Places that are registered on the other side only. */
  readonly #strangers: readonly string[];
  readonly #known: Shared;
  readonly #calls: Calls;
  readonly #reads: { readonly places: Reads; readonly rows: Reads };
  readonly #features: Features;
  /** Actions of which a condition reads ids or paths of resources. */
  readonly #each: ReadonlySet<string>;
  #land: Land | undefined;
  #grounds = new Map<Area, Ground>();
  #kept = new Map<Asks, Kept>();
  #keptBytes = 0;

  constructor(plan: Plan, moment: Moment, known: Shared & { readonly strangers: readonly string[] }) {
    this.plan = plan;
    this.#moment = moment;
    this.#strangers = known.strangers;
    this.#known = known;
    this.#calls = new Calls(plan, known);
    const state = plan.state();
    const ofPolicies = JSON.stringify([...state.policies.all()].filter(({ status }) => status === "active"));
    this.#reads = { places: readsOf(ofPolicies), rows: readsOf(ofPolicies + conditionsOfRows(state)) };
    this.#features = featuresIn(ofPolicies);
    this.#each = actionsThatReadIds(state);
  }

  *ask(principal: Principal, asks: Asks): Turns<Answers> {
    const state = this.plan.state();
    if (!isKnown(state, state.people.names.find(principal.id), principal.type)) return this.#nothing;
    let kept = this.#kept.get(asks);
    if (kept === undefined) {
      kept = { columns: new Map(), rows: new Map() };
      this.#kept.set(asks, kept);
    }
    const places = yield* this.#askPlaces(principal, asks, kept);
    const rows = asks.rows.length === 0 ? NO_ROWS : yield* this.#askRows(principal, asks, kept);
    if (this.#keptBytes > KEPT_BYTES_MAX) {
      this.#kept = new Map();
      this.#keptBytes = 0;
    }
    return { ...places, rows };
  }

  get #nothing(): Answers {
    return { shared: new Columns(0), added: NOTHING_ADDED, rows: NO_ROWS };
  }

  *#askPlaces(principal: Principal, asks: Asks, kept: Kept): Turns<Pick<Answers, "shared" | "added">> {
    if (asks.areas.length === 0) return this.#nothing;
    for (let tries = 0; ; tries++) {
      const found = this.#tryPlaces(principal, asks, kept);
      const answer = tries < TRIES_MAX ? yield* found : finish(found);
      if (answer !== undefined) return answer;
    }
  }

  /** `undefined`: the tree moved in a stop. */
  *#tryPlaces(principal: Principal, asks: Asks, kept: Kept): Turns<Pick<Answers, "shared" | "added"> | undefined> {
    const land = yield* this.#goodLand();
    if (land === undefined) return undefined;
    yield* this.#layOut(asks.areas, land);
    if (!land.isGood) return undefined;
    const asking = new Asking(this.plan, principal, { moment: this.#moment, reads: this.#reads.places });
    const own = ownReachOf(asking, land);
    const isEach = ({ name }: ActionInfo): boolean => this.#each.has(name);
    let base = kept.columns.get(asking.baseLikeness);
    if (base === undefined) {
      base = new Columns(this.#known.places.paths.length);
      const told = base;
      for (const area of asks.areas) {
        yield* this.#ground(area).collect(asking, { own, isEach }, (column, numbers) => told.set(column, numbers));
        if (!land.isGood) return undefined;
        const subject = asking.hasBase ? asking.base : asking.standIn;
        this.#askStrangers({ asking, subject }, area, (column, number) => told.set(column, [number]));
      }
      this.#keep(kept, asking.baseLikeness, base);
    }
    let shared = kept.columns.get(asking.likeness);
    if (shared === undefined) {
      const [copy, known] = [base.copy(), base];
      for (const area of asks.areas) {
        const has = (column: Column, number: number): boolean => known.has(column, number);
        yield* this.#ground(area).collectOfGroups(asking, { isEach, has }, (column, numbers) => copy.set(column, numbers));
        if (!land.isGood) return undefined;
        this.#askStrangers({ asking, subject: asking.standIn }, area, (column, number) => copy.set(column, [number]));
      }
      shared = copy;
      this.#keep(kept, asking.likeness, shared);
    }
    const added = new Map<Column, Set<number>>();
    const add = (column: Column, number: number): void => {
      const numbers = added.get(column);
      if (numbers === undefined) added.set(column, new Set([number]));
      else numbers.add(number);
    };
    const all = shared;
    const has = (column: Column, number: number): boolean => all.has(column, number);
    for (const area of own.size === 0 ? [] : asks.areas) {
      yield* this.#ground(area).collectOwn(asking, { own, isEach, has }, (column, [number]) => add(column, number as number));
      if (!land.isGood) return undefined;
    }
    return { shared, added: this.#withStrangers(asking, { asks, has, add, added }) };
  }

  /** What own grants and ownership add at places that are not registered here, which no land holds. */
  #withStrangers(asking: Asking, { asks, has, add, added }: Adding): ReadonlyMap<Column, ReadonlySet<number>> {
    const { state, subject, isShared } = asking;
    const hasOwn = state.access.reverse.count(subject.principal) > 0 || state.owned.count(subject.principal) > 0;
    if (isShared && hasOwn && this.#strangers.length > 0) {
      for (const area of asks.areas)
        this.#askStrangers({ asking, subject }, area, (column, number) => (has(column, number) ? undefined : add(column, number)));
    }
    return added;
  }

  /** Places that are registered on the other side only may be decided here all the same, where their types are open. */
  #askStrangers({ asking, subject }: Pick<Who, "asking" | "subject">, area: Area, tell: (column: Column, number: number) => void): void {
    const request = subject.principal === NOBODY ? asking.sharedRequest : asking.ownRequest;
    const { state, now } = asking;
    for (const path of this.#strangers) {
      const number = this.#known.places.at(path);
      if (number === undefined || !isBelow(path, area.below)) continue;
      for (const { at, collection, actions } of asksOfStranger(state, area, path)) {
        const place = locate(state, { path: at });
        if (isRefusal(place)) continue;
        for (const { name } of actions) {
          const action = actionAt(state, place, name);
          if (action !== undefined && isAllowed({ state, subject, place, action, request, now, assumed: undefined }))
            tell(columnOf(collection, name), number);
        }
      }
    }
  }

  *#askRows(principal: Principal, asks: Asks, kept: Kept): Turns<Rows> {
    const asking = new Asking(this.plan, principal, { moment: this.#moment, reads: this.#reads.rows });
    const likeness = this.#calls.hasVersions(asks.rows) ? JSON.stringify(principal) : asking.likeness;
    const known = kept.rows.get(likeness);
    if (known !== undefined) return known;
    const rows = yield* this.#calls.ask(asking, asks.rows);
    kept.rows.set(likeness, rows);
    for (const verdicts of rows.values()) this.#keptBytes += 64 * verdicts.size;
    return rows;
  }

  #keep({ columns }: Kept, likeness: string, found: Columns): void {
    columns.set(likeness, found);
    this.#keptBytes += found.bytes;
  }

  *#goodLand(): Turns<Land | undefined> {
    const state = this.plan.state();
    if (this.#land?.isGood === true) return this.#land;
    const land = new Land(state, this.#known.places, this.#features);
    yield* land.fill(() => this.plan.state());
    if (!land.isGood) return undefined;
    this.#land = land;
    this.#grounds = new Map();
    return land;
  }
  /** Of an area that was laid out. */
  #ground(area: Area): Ground {
    return this.#grounds.get(area) as Ground;
  }
  *#layOut(areas: readonly Area[], land: Land): Turns<void> {
    for (const area of areas) {
      if (this.#grounds.has(area)) continue;
      const ground = new Ground(this.plan.state(), area, { land, places: this.#known.places });
      yield* ground.fill(() => this.plan.state());
      if (!land.isGood) return;
      this.#grounds.set(area, ground);
    }
  }
}

type Who = { readonly asking: Asking; readonly subject: Subject };
type Adding = {
  readonly asks: Asks;
  readonly has: (column: Column, number: number) => boolean;
  readonly add: (column: Column, number: number) => void;
  readonly added: ReadonlyMap<Column, ReadonlySet<number>>;
};
const NO_ROWS: Rows = new Map();
const NOTHING_ADDED: ReadonlyMap<Column, ReadonlySet<number>> = new Map();

function* asksOfStranger(
  state: State,
  area: Area,
  path: string,
): Iterable<{ readonly at: string; readonly collection: string; readonly actions: readonly ActionInfo[] }> {
  const types = state.typesOf(parsePath(path)?.pairs ?? []);
  const type = types?.[types.length - 1];
  if (type === undefined) return;
  if (area.type === undefined || area.type === type.name) yield { at: path, collection: "", actions: actionsIn(area, type.actions) };
  for (const below of area.isOfResources === true ? [] : typesBelow(state, type)) {
    if ((area.type ?? below.name) === below.name)
      yield { at: `${path}/${below.name}`, collection: below.name, actions: actionsIn(area, below.actions) };
  }
}

/** What tells every place from every other. */
function actionsThatReadIds({ policies }: State): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { status, subjectCondition, rules } of policies.all()) {
    for (const { condition, actions } of status === "active" ? rules : []) {
      if (READS_ID.test(JSON.stringify([subjectCondition ?? null, condition ?? null]))) for (const name of actions) names.add(name);
    }
  }
  return names;
}
const READS_ID = /"resource(\.id|\.path)?"/;
