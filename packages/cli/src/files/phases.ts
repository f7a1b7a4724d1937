/**
 * Phases: the changes of an apply that is too large for one change set, in an order in which nobody holds more in between.
 *
 * First goes what gives access and stays out (*take away*), then everything that decisions read is turned (*turn*), last comes what
 * gives access and is new (*give*), and what forbids no longer (*lift*). In between, records that give access hold what they give
 * before and after alike (`narrowing.ts`). New roles are made hollow, so that assignments can be made before they give anything.
 * Invariant: where the turn is one step, every decision in between is one that stood before or stands after, or a deny.
 */
import { ADMINS, type Change, type Rec } from "@reeve/core";
import { type Difference, nameOfRecord, put, rankOf, recordOf, remove } from "./difference.ts";
import { commonAlternatives, commonPairs, commonSets, isWithin } from "./narrowing.ts";

/** A change and the record of the files that it is for, where there is one. */
export type Wanted = { readonly change: Change; readonly of: Rec };
export type Phases = {
  readonly takeAway: readonly Wanted[];
  readonly turn: readonly Wanted[];
  readonly give: readonly Wanted[];
  readonly lift: readonly Wanted[];
};
type Phase = keyof Phases;
export type World = {
  readonly before: ReadonlyMap<string, Rec>;
  readonly after: ReadonlyMap<string, Rec>;
  /** No condition reads what records say, so that taking a membership away can only take away. */
  readonly isPlain: boolean;
  /** What stands gives nobody anything, so that facts may come one after the other. */
  readonly isFresh: boolean;
};
type Judged = World & {
  /** Paths of resources that come with what gives access: they, and what lies below them. */
  readonly given: ReadonlySet<string>;
};

/** Deleted last: what others name, when nothing names it any more. */
const NOUNS: ReadonlySet<Rec["kind"]> = new Set(["role", "permission-set", "label", "principal", "product"]);

/** All changes in one order in which they can be made together: deletions of what names, puts, deletions of what was named. */
export function directOrder(differences: readonly Difference[]): readonly Wanted[] {
  const wanted = differences.map((one): Wanted => ({ change: changeOf(one), of: recordOf(one) }));
  return inOrder(wanted);
}

const changeOf = (one: Difference): Change => (one.is === "deleted" ? remove(one.before) : put(one.after));

function inOrder(wanted: readonly Wanted[]): readonly Wanted[] {
  const depth = (rec: Rec): number => (rec.kind === "resource" ? rec.value.path.split("/").length : 0);
  const place = ({ change, of }: Wanted): readonly [number, number, number] => {
    if ("put" in change) return [1, rankOf(of), depth(of)];
    return [NOUNS.has(of.kind) ? 2 : 0, -rankOf(of), -depth(of)];
  };
  return wanted
    .map((one) => ({ one, place: place(one) }))
    .sort((a, b) => a.place[0] - b.place[0] || a.place[1] - b.place[1] || a.place[2] - b.place[2])
    .map(({ one }) => one);
}

export function phasesOf(differences: readonly Difference[], world: World): Phases {
  const judged: Judged = { ...world, given: new Set(differences.flatMap(ownedPath)) };
  const phases = { takeAway: [] as Wanted[], turn: [] as Wanted[], give: [] as Wanted[], lift: [] as Wanted[] };
  for (const one of differences) {
    const of = recordOf(one);
    for (const [phase, change] of changesOf(one, judged)) phases[phase].push({ change, of });
  }
  return {
    takeAway: inOrder(phases.takeAway),
    turn: inOrder(phases.turn),
    give: inGivingOrder(phases.give),
    lift: inOrder(phases.lift),
  };
}

/** Own rules before the operations that they hold back, and new operations before changed ones, which may fit the same requests. */
function inGivingOrder(wanted: readonly Wanted[]): readonly Wanted[] {
  const isRule = ({ of }: Wanted): boolean => of.kind === "operation-rule";
  const isDeletedRule = (one: Wanted): boolean => isRule(one) && "delete" in one.change;
  const rules = wanted.filter((one) => isRule(one) && !isDeletedRule(one));
  const others = inOrder(wanted.filter((one) => !isRule(one)));
  const first = others.findIndex(({ of }) => of.kind === "operation");
  const at = first < 0 ? others.length : first;
  return [...others.slice(0, at), ...rules, ...others.slice(at), ...wanted.filter(isDeletedRule)];
}

type Placed = readonly (readonly [Phase, Change])[];

/** An owner holds everything on a resource as soon as it is there. */
const ownedPath = (one: Difference): readonly string[] =>
  one.is === "added" && one.after.kind === "resource" && one.after.value.owner !== undefined ? [one.after.value.path] : [];

function isGiven({ given }: Judged, path: string): boolean {
  for (let at = path; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) if (given.has(at)) return true;
  return false;
}

function changesOf(one: Difference, world: Judged): Placed {
  const { kind } = recordOf(one);
  switch (kind) {
    case "grant":
      return windowed(one, { added: "give", deleted: "takeAway" });
    case "membership":
    case "assignment":
      if (world.isFresh && one.is === "added" && one.after.kind === "membership" && one.after.value.group === ADMINS)
        return [["give", changeOf(one)]];
      return world.isPlain ? windowed(one, { added: "give", deleted: "takeAway" }) : [["turn", changeOf(one)]];
    case "product-administrator":
    case "developer-access":
    case "developer-project":
    case "binned":
      return [[one.is === "deleted" ? "takeAway" : "give", changeOf(one)]];
    case "role":
      return roleChanges(one);
    case "permission-set":
      return setChanges(one);
    case "operation":
      return operationChanges(one);
    case "operation-rule":
      return ruleChanges(one, world);
    case "resource":
      return resourceChanges(one, world);
    case "link":
      return [[isLinkGiven(one, world) ? "give" : "turn", changeOf(one)]];
    case "policy":
      return policyChanges(one, world);
    case "product":
      return productChanges(one);
    case "principal":
    case "label":
      return [[one.is === "deleted" ? "lift" : "turn", changeOf(one)]];
    default:
      return [["turn", changeOf(one)]];
  }
}

function windowed(one: Difference, { added, deleted }: { readonly added: Phase; readonly deleted: Phase }): Placed {
  if (one.is === "added") return [[added, changeOf(one)]];
  if (one.is === "deleted") return [[deleted, changeOf(one)]];
  if (isWithin(one.after, one.before)) return [[deleted, changeOf(one)]];
  if (isWithin(one.before, one.after)) return [[added, changeOf(one)]];
  return [
    [deleted, remove(one.before)],
    [added, put(one.after)],
  ];
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What reads open by default names roles and sets that come later: it is narrowed first and widened last. */
function productChanges(one: Difference): Placed {
  if (one.is === "deleted") return [["lift", changeOf(one)]];
  if (one.after.kind !== "product") return [];
  const after = one.after.value;
  const before = one.is === "changed" && one.before.kind === "product" ? one.before.value : undefined;
  if (after.readDefault === undefined && before?.readDefault === undefined) return [["turn", changeOf(one)]];
  const readDefault = commonAlternatives(before?.readDefault, after.readDefault);
  const turned = { ...after, readDefault };
  const narrow = before === undefined ? undefined : { ...before, readDefault };
  return [
    ...(narrow === undefined || same(narrow, before) ? [] : [["takeAway", put({ kind: "product", value: narrow })] as const]),
    ["turn", put({ kind: "product", value: turned })],
    ...(same(turned, after) ? [] : [["give", put(one.after)] as const]),
  ];
}

function isLinkGiven(one: Difference, world: Judged): boolean {
  if (one.is !== "added" || one.after.kind !== "link") return false;
  return isGiven(world, one.after.value.from) || isGiven(world, one.after.value.to);
}

/** What a policy permits comes last where nobody holds anything yet; what it denies comes before anything is given. */
function policyChanges(one: Difference, { isFresh }: Judged): Placed {
  if (!isFresh || one.is !== "added" || one.after.kind !== "policy") return [["turn", changeOf(one)]];
  const rules = one.after.value.rules.filter(({ effect }) => effect !== "permit");
  if (rules.length === one.after.value.rules.length) return [["turn", changeOf(one)]];
  return [
    ["turn", put({ kind: "policy", value: { ...one.after.value, rules } })],
    ["give", changeOf(one)],
  ];
}

/** A document names roles that come later, and until then lets nobody through. */
function resourceChanges(one: Difference, world: Judged): Placed {
  if (one.is !== "added" || one.after.kind !== "resource") return [["turn", changeOf(one)]];
  const phase = isGiven(world, one.after.value.path) ? "give" : "turn";
  const { document, ...value } = one.after.value;
  if (document === undefined || phase === "give") return [[phase, changeOf(one)]];
  const closed = document.map(({ method, path }) => ({ method, path, alternatives: [] }));
  return [
    [phase, put({ kind: "resource", value: { ...value, document: closed } })],
    ["give", changeOf(one)],
  ];
}

function roleChanges(one: Difference): Placed {
  if (one.is === "deleted") return [["lift", changeOf(one)]];
  if (one.after.kind !== "role") return [];
  const after = one.after.value;
  const last: Placed[number] = ["give", put(one.after)];
  if (one.is === "added" || one.before.kind !== "role") return [["turn", put({ kind: "role", value: { ...after, sets: [] } })], last];
  const before = one.before.value;
  const sets = commonSets(before, after);
  const [narrow, turned] = [
    { ...before, sets },
    { ...after, sets },
  ];
  return [
    ...(same(narrow, before) ? [] : [["takeAway", put({ kind: "role", value: narrow })] as const]),
    ...(same({ ...turned, sets: [] }, { ...narrow, sets: [] }) ? [] : [["turn", put({ kind: "role", value: turned })] as const]),
    ...(same(turned, after) ? [] : [last]),
  ];
}

function setChanges(one: Difference): Placed {
  if (one.is === "deleted") return [["lift", changeOf(one)]];
  if (one.is === "added") return [["turn", changeOf(one)]];
  if (one.before.kind !== "permission-set" || one.after.kind !== "permission-set") return [];
  const narrow = commonPairs(one.before.value, one.after.value);
  return [
    ...(same(narrow, one.before.value) ? [] : [["takeAway", put({ kind: "permission-set", value: narrow })] as const]),
    ...(same(narrow, one.after.value) ? [] : [["give", put(one.after)] as const]),
  ];
}

function operationChanges(one: Difference): Placed {
  if (one.is === "deleted") return [["turn", changeOf(one)]];
  if (one.after.kind !== "operation") return [];
  const last: Placed[number] = ["give", put(one.after)];
  const hollow = (value: typeof one.after.value): Change => put({ kind: "operation", value: { ...value, alternatives: [] } });
  // Templates may fit the same requests: all of them stand before the first is opened.
  if (one.is === "added" || one.before.kind !== "operation") return [["turn", hollow(one.after.value)], last];
  const { alternatives: had, ...was } = one.before.value;
  const { alternatives: has, ...is } = one.after.value;
  if (!same(was, is)) return [["takeAway", hollow(one.before.value)], ["turn", hollow(one.after.value)], last];
  const alternatives = commonAlternatives(had, has);
  return [
    ...(same(alternatives, had) ? [] : [["takeAway", put({ kind: "operation", value: { ...one.before.value, alternatives } })] as const]),
    last,
  ];
}

function hasOperation(records: ReadonlyMap<string, Rec>, value: { readonly product: string; readonly id: string }): boolean {
  return records.has(nameOfRecord({ kind: "operation", value } as Rec));
}

/** An organization's own rule stands in place of the published one: its absence is that one. */
function ruleChanges(one: Difference, { before, after }: Judged): Placed {
  const rec = recordOf(one);
  if (rec.kind !== "operation-rule") return [];
  const { product, operation: id } = rec.value;
  const published = (records: ReadonlyMap<string, Rec>) => {
    const found = records.get(nameOfRecord({ kind: "operation", value: { product, id } } as Rec));
    return found?.kind === "operation" ? found.value.alternatives : undefined;
  };
  const alternativesOf = (side: Rec | undefined, records: ReadonlyMap<string, Rec>) =>
    side?.kind === "operation-rule" ? side.value.alternatives : published(records);
  // With its operation it goes by itself.
  if (one.is === "deleted" && !hasOperation(after, { product, id })) return [];
  const [stood, comes] = [one.is === "added" ? undefined : one.before, one.is === "deleted" ? undefined : one.after];
  const alternatives = commonAlternatives(alternativesOf(stood, before), alternativesOf(comes, after));
  const isNew = !hasOperation(before, { product, id });
  const narrow: Placed[number] = ["takeAway", put({ kind: "operation-rule", value: { product, operation: id, alternatives } })];
  return [...(isNew ? [] : [narrow]), ["give", changeOf(one)]];
}
