/**
 * Differences: what stands against what files say, record by record and member by member.
 *
 * Who gave a grant and when is told by both and compared by neither: a write that alters nothing else is none.
 * Invariant: no difference, no change; without `prune` nothing is deleted that the files do not name.
 */
import { type Change, keyOf, REEVE_PRODUCT, type Rec, sameRecord } from "@reeve/core";
import { byKey, documentOf, nameOf, SECTIONS } from "./layout.ts";

export type Difference =
  | { readonly is: "added"; readonly after: Rec }
  | { readonly is: "changed"; readonly before: Rec; readonly after: Rec }
  | { readonly is: "deleted"; readonly before: Rec };
export type Differences = {
  readonly list: readonly Difference[];
  /** Records that stand and that no file names: deleted only with `prune`. */
  readonly unnamed: number;
};

export const nameOfRecord = (rec: Rec): string => nameOf(rec.kind, keyOf(rec));
export const byName = (records: Iterable<Rec>): ReadonlyMap<string, Rec> => new Map([...records].map((rec) => [nameOfRecord(rec), rec]));

type Compared = { readonly before: ReadonlyMap<string, Rec>; readonly after: ReadonlyMap<string, Rec>; readonly prune: boolean };

export function differencesOf({ before, after, prune }: Compared): Differences {
  const list: Difference[] = [];
  for (const [name, rec] of after) {
    const stands = before.get(name);
    if (stands === undefined) list.push({ is: "added", after: rec });
    else if (!sameRecord(stands, rec)) list.push({ is: "changed", before: stands, after: rec });
  }
  const gone = [...before].filter(([name, rec]) => !isEverybodys(rec) && !after.has(name));
  if (prune) list.push(...gone.map(([, rec]): Difference => ({ is: "deleted", before: rec })));
  return { list: inOrder(list), unnamed: gone.length };
}

/** An organization is not deleted by a change, nor is Reeve's own administration, whatever the files leave out. */
export const isEverybodys = (rec: Rec): boolean => rec.kind === "organization" || documentOf(rec) === REEVE_PRODUCT;

const ORDER = new Map(SECTIONS.map(({ kind }, index) => [kind, index]));
export const rankOf = ({ kind }: Rec): number => ORDER.get(kind) as number;
export const recordOf = (one: Difference): Rec => (one.is === "deleted" ? one.before : one.after);

function inOrder(list: readonly Difference[]): readonly Difference[] {
  return list
    .map((one) => ({ one, rank: rankOf(recordOf(one)), key: keyOf(recordOf(one)) }))
    .sort((a, b) => a.rank - b.rank || byKey(a.key, b.key))
    .map(({ one }) => one);
}

export const put = (rec: Rec): Change => ({ put: rec });
export const remove = (rec: Rec): Change => ({ delete: { kind: rec.kind, key: keyOf(rec) } });

export type MemberChange = { readonly member: string; readonly before?: unknown; readonly after?: unknown };

/** Members that differ, at their paths: `sets[2].scope`. Lists are compared as wholes, but those of objects item by item. */
export function memberChanges(before: Rec, after: Rec): readonly MemberChange[] {
  const changes: MemberChange[] = [];
  compare({ before: before.value, after: after.value, member: "", changes });
  return changes;
}

type Comparing = { readonly before: unknown; readonly after: unknown; readonly member: string; readonly changes: MemberChange[] };

function compare({ before, after, member, changes }: Comparing): void {
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  if (isObject(before) && isObject(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const path = member === "" ? name : `${member}.${name}`;
      compare({ before: own(before, name), after: own(after, name), member: path, changes });
    }
    return;
  }
  const told = { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
  if (Array.isArray(before) && Array.isArray(after)) {
    const lost = before.filter((item) => !has(after, item));
    const won = after.filter((item) => !has(before, item));
    if (lost.length + won.length < before.length + after.length && lost.length + won.length > 0) {
      changes.push({ member, ...(lost.length > 0 && { before: lost }), ...(won.length > 0 && { after: won }) });
      return;
    }
  }
  changes.push({ member, ...told });
}

const has = (list: readonly unknown[], item: unknown): boolean => list.some((one) => JSON.stringify(one) === JSON.stringify(item));
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const own = (object: Readonly<Record<string, unknown>>, name: string): unknown => (Object.hasOwn(object, name) ? object[name] : undefined);
