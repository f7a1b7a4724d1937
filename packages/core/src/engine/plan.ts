/**
 * Plans: immutable versions of one organization's state.
 *
 * The newest plan holds the state; every older one knows the next and the changes that lead back to itself. Asking an older plan
 * takes the state back to it, asking the newer one brings it forward again: each costs what the changes between them cost, and
 * nobody pays who asks the newest only. Everything is synchronous, so that no question sees a state on its way.
 * Invariant: a plan answers the same for ever, whatever was applied after it.
 */
import {
  type Binned,
  type Change,
  compareUtf8,
  type DeveloperProject,
  type Grant,
  type Key,
  type Kind,
  keyOf,
  type Link,
  type Membership,
  type Principal,
  type Product,
  type Rec,
  type Resource,
  SANDBOXES,
  unescapeId,
} from "../model/index.ts";
import { recordsOf } from "./state/records.ts";
import { State } from "./state/state.ts";
import { ROOT } from "./state/tree.ts";
import { binnedIn } from "./write/bin.ts";

export type PlanOptions = {
  /** Number from which the hash of names starts: a server gives a random one, so that nobody can make names that collide. */
  readonly seed?: number;
};
/** Where in the organization's history a plan stands. */
export type At = { readonly revision: number; readonly epoch: string };

export class Plan {
  readonly organization: string;
  readonly at: At;
  #state: State | undefined;
  #next: { readonly plan: Plan; readonly back: readonly Change[] } | undefined;

  constructor(organization: string, at: At, state: State) {
    this.organization = organization;
    this.at = at;
    this.#state = state;
  }

  /** The state as this plan sees it. Valid until another plan of the organization is asked. */
  state(): State {
    return this.#state ?? this.#reroot();
  }

  /** The plan after `changes`. This one keeps its answers. */
  apply(changes: readonly Change[], at: At): Plan {
    const state = this.state();
    const back = change(state, changes);
    const plan = new Plan(this.organization, at, state);
    this.#state = undefined;
    this.#next = { plan, back };
    return plan;
  }

  /** The names of all records that may differ between this plan and another, some perhaps more than once; `undefined`: they share no state. */
  changedTo(other: Plan): readonly Named[] | undefined {
    const [mine, theirs] = [this.#steps(), other.#steps()];
    const meet = mine.plans.findIndex((plan) => theirs.plans.includes(plan));
    if (meet === -1) return undefined;
    const until = theirs.plans.indexOf(mine.plans[meet] as Plan);
    return [...mine.changes.slice(0, meet), ...theirs.changes.slice(0, until)].flat().map(nameOf);
  }
  /** From this plan to the one that holds the state, and the changes that lead back over each step. */
  #steps(): { readonly plans: readonly Plan[]; readonly changes: readonly (readonly Change[])[] } {
    const plans: Plan[] = [this];
    const changes: (readonly Change[])[] = [];
    for (let next = this.#next; next !== undefined; next = next.plan.#next) {
      plans.push(next.plan);
      changes.push(next.back);
    }
    return { plans, changes };
  }

  #reroot(): State {
    const chain: Plan[] = [this];
    let holder: Plan = this;
    while (holder.#next !== undefined && holder.#state === undefined) {
      holder = holder.#next.plan;
      chain.push(holder);
    }
    const state = holder.#state as State;
    for (let i = chain.length - 2; i >= 0; i--) {
      const older = chain[i] as Plan;
      const newer = chain[i + 1] as Plan;
      const forth = change(state, (older.#next as { back: readonly Change[] }).back);
      newer.#next = { plan: older, back: forth };
      newer.#state = undefined;
      older.#next = undefined;
      older.#state = state;
    }
    return state;
  }
}

/** What a change says which record it is about. */
export type Named = { readonly kind: Kind; readonly key: Key };

function nameOf(one: Change): Named {
  return "put" in one ? { kind: one.put.kind, key: keyOf(one.put) } : one.delete;
}

/** Makes changes in place; answers those that undo them, in the order in which they must be made. */
function change(state: State, changes: readonly Change[]): Change[] {
  const back: Change[] = [];
  for (const one of changes) {
    if ("put" in one) {
      const before = state.put(one.put);
      back.push(before === undefined ? { delete: { kind: one.put.kind, key: keyOf(one.put) } } : { put: before });
    } else {
      const before = state.remove(one.delete.kind, one.delete.key);
      if (before !== undefined) back.push({ put: before });
    }
  }
  state.settle();
  return back.reverse();
}

const NOWHERE: At = { revision: 0, epoch: "" };

/** Collects the records of an organization, page by page in any order; `finish` makes the plan. */
export function compiler(organization: string, options: PlanOptions = {}): { add(records: Iterable<Rec>): void; finish(at?: At): Plan } {
  const state = new State(options.seed ?? 0);
  return {
    add(records) {
      for (const record of records) state.put(record);
    },
    finish(at = NOWHERE) {
      state.settle();
      return new Plan(organization, at, state);
    },
  };
}

/** The plan after `changes`, which are taken as they are: see `admit` for what a write may say. Bounded work for each change. */
export function apply(plan: Plan, changes: readonly Change[], at: At = { revision: plan.at.revision + 1, epoch: plan.at.epoch }): Plan {
  return plan.apply(changes, at);
}

/** Every record of a plan, in no order; grants without who gave them and when. The whole of what an export holds. */
export function records(plan: Plan): Iterable<Rec> {
  return recordsOf(plan.state());
}

/** The record of that kind and key, if the organization has it; a grant without who gave it and when. */
export function findRecord(plan: Plan, kind: Kind, key: Key): Rec | undefined {
  const rec = plan.state().get(kind, key);
  // A slot of grants holds one reach of two: the other is not there.
  return rec?.kind === "grant" && rec.value.reach !== key[2] ? undefined : rec;
}

/**
 * What a principal has been given, itself or by a group that it is in, however deep, in or out of its time: the ids of groups and of roles,
 * those of the developer projects whose service account it is among them.
 */
export function givenTo(plan: Plan, principal: string): { readonly groups: ReadonlySet<string>; readonly roles: ReadonlySet<string> } {
  const state = plan.state();
  const { people } = state;
  const reached = new Set([people.names.find(principal)]);
  const roles = new Set<string>();
  // A set is walked in the order of insertion, and what is added on the way is walked too.
  for (const id of reached) {
    for (const entry of people.groupsOf.entries(id)) reached.add(entry >>> 1);
    for (const entry of people.rolesOf.entries(id)) roles.add(state.roles.id(entry >>> 1));
  }
  for (const project of projectsOf(plan, principal)) for (const role of project.roles) roles.add(role);
  const [, ...groups] = reached;
  return { groups: new Set(groups.map((id) => people.names.text(id))), roles };
}

/** The developer projects of a service account, in no order. */
export function projectsOf(plan: Plan, serviceAccount: string): readonly DeveloperProject[] {
  return [...plan.state().passive()].flatMap((rec) =>
    rec.kind === "developer-project" && rec.value.serviceAccount === serviceAccount ? [rec.value] : [],
  );
}

/** Who is assigned a role, in or out of its time, in no order. */
export function assignees(plan: Plan, role: string): readonly string[] {
  const { people, roles } = plan.state();
  return [...people.assigneesOf.entries(roles.find(role))].map((entry) => people.names.text(entry));
}

/** The users, groups and service accounts, active or not, in no order. System groups have no record. */
export function principals(plan: Plan): readonly Principal[] {
  const { people } = plan.state();
  const found: Principal[] = [];
  for (let id = 1; id <= people.names.last; id++) {
    const record = people.record(id);
    if (record !== undefined) found.push(record);
  }
  return found;
}

/** Who is in a group itself, in or out of its time, in no order. */
export function memberships(plan: Plan, group: string): readonly Membership[] {
  const state = plan.state();
  const { membersOf, names } = state.people;
  return [...membersOf.entries(names.find(group))].flatMap((member) => {
    const rec = state.get("membership", [group, names.text(member)]);
    return rec?.kind === "membership" ? [rec.value] : [];
  });
}

/** What a resource and all that lies below it have: their records, the grants on them, and the links of which an end lies there. */
export function belongings(plan: Plan, path: string): Pick<Binned, "resources" | "grants" | "links"> {
  const state = plan.state();
  const found = { resources: [] as Resource[], grants: [] as Grant[], links: new Map<string, Link>() };
  const keep = (link: Link): void => void found.links.set(JSON.stringify(link), link);
  for (const node of state.tree.below(state.tree.find(path))) {
    const record = state.resource(node);
    if (record !== undefined) found.resources.push(record);
    found.grants.push(...state.grantsOn(node));
    for (const { link } of state.links.of(node)) keep(link);
    for (const holder of state.links.to(node)) for (const { link, to } of state.links.of(holder)) if (to === node) keep(link);
  }
  return { ...found, links: [...found.links.values()] };
}

/** The resources that somebody owns himself, in no order. */
export function ownedBy(plan: Plan, principal: string): readonly Resource[] {
  const state = plan.state();
  return [...state.owned.entries(state.people.names.find(principal))].flatMap((node) => state.resource(node) ?? []);
}

/** The registered resources of a product's type at and below a path, in byte order. Work grows with all that lies there. */
export function registeredOf(
  plan: Plan,
  of: { readonly product: string; readonly type: string; readonly below?: string },
): readonly string[] {
  const { tree } = plan.state();
  const paths: string[] = [];
  for (const node of tree.below(of.below === undefined ? ROOT : tree.find(of.below))) {
    const type = tree.type(node);
    if (type?.name === of.type && type.product.id === of.product && tree.registered(node)) paths.push(tree.path(node));
  }
  return paths.sort(compareUtf8);
}

/** The resources that have a base path, in no order. */
export function withBasePath(plan: Plan): Iterable<Resource> {
  return plan.state().withBasePath();
}

/** What lies in the bin, in no order. */
export function binned(plan: Plan): readonly Binned[] {
  return [...binnedIn(plan.state())];
}

/** The grants on a resource itself, in no order; without who gave them and when. */
export function grantsOn(plan: Plan, path: string): readonly Grant[] {
  const state = plan.state();
  const node = state.tree.find(path);
  return node === 0 ? [] : [...state.grantsOn(node)];
}

/** Ids of the sandboxes, in byte order. Work grows with what lies directly below the organization. */
export function sandboxes(plan: Plan): readonly string[] {
  const { tree } = plan.state();
  const found: string[] = [];
  for (let node = tree.firstChild(ROOT); node !== 0; node = tree.next(node)) {
    if (tree.typeName(node) !== SANDBOXES || !tree.registered(node)) continue;
    found.push(unescapeId(tree.path(node).slice(SANDBOXES.length + 2)) as string);
  }
  return found.sort(compareUtf8);
}

/** A product's record, if the organization has it. */
export function product(plan: Plan, id: string): Product | undefined {
  return plan.state().catalogue.record(id);
}

/** Ids of the organization's products, in no order. */
export function productIds(plan: Plan): readonly string[] {
  return [...plan.state().catalogue.products.keys()];
}

/** The records of a product's catalogue: itself, its permission sets, roles and operations, and the organization's own rules. */
export function* catalogueRecords(plan: Plan, id: string): Iterable<Rec> {
  const { catalogue, roles, operations } = plan.state();
  const record = catalogue.record(id);
  if (record === undefined) return;
  yield { kind: "product", value: record };
  for (const set of catalogue.sets.values()) if (set.product === id) yield { kind: "permission-set", value: set };
  for (const role of roles.all()) if (role.record.product === id) yield { kind: "role", value: role.record };
  for (const value of operations.find(id)?.records() ?? []) yield { kind: "operation", value };
  for (const value of operations.find(id)?.rules() ?? []) yield { kind: "operation-rule", value };
}
