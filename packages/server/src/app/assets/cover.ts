/** Entries for an asset and for all below it, each of its own. Invariant: all of them, or none; and nobody learns of what he may not view. */
import { belongings, type Change, compareUtf8 } from "@reeve/core";
import type { Level, View } from "./node.ts";
import { type Altered, type Entry, given } from "./permissions.ts";
import { AssetRefused } from "./refusal.ts";

export type Subtree = {
  readonly path: string;
  /** Absent: every level. */
  readonly levels?: readonly Level[];
  readonly entries: readonly Omit<Entry, "path" | "appliesToAll">[];
};
export type CoveredNode = { readonly path: string; readonly made: number; readonly replaced: number };
export type Covering = { readonly changes: readonly Change[]; readonly nodes: readonly CoveredNode[] };

const COVERED_MAX = 5_000;

export function covering(view: View, { path, levels, entries }: Subtree): Covering {
  checkSeesAll(view, path);
  const assets = belongings(view.plan, path).resources.flatMap((record) => view.find(record.path) ?? []);
  const named = assets.filter(({ level }) => levels === undefined || levels.includes(level)).sort((a, b) => compareUtf8(a.path, b.path));
  // It is told of all of them together.
  if (!named.every((asset) => view.may("edit_permissions", asset)))
    throw new AssetRefused("scope_exceeds_own_access", `There is something at or below ${path} whose permissions you may not edit.`);
  if (named.length * entries.length > COVERED_MAX)
    throw new AssetRefused(
      "too_many_items",
      `These are ${named.length * entries.length} entries; at most ${COVERED_MAX} are written at a time.`,
    );
  const changes: Change[] = [];
  const nodes = named.map((asset): CoveredNode => {
    const altered = entries.map((entry) => given(view, { ...entry, path: asset.path, appliesToAll: false }));
    changes.push(...altered.flatMap((one) => one.changes));
    const count = (is: Altered["is"]): number => altered.filter((one) => one.is === is).length;
    return { path: asset.path, made: count("made"), replaced: count("replaced") };
  });
  return { changes, nodes };
}

/** What is told of all that lies at and below an asset names it: to who may view all of that. */
export function checkSeesAll(view: View, path: string): void {
  const asset = view.see(path);
  if (view.reads || belongings(view.plan, asset.path).resources.every((one) => view.may("view", one))) return;
  throw new AssetRefused("scope_exceeds_own_access", `There is something at or below ${path} that you may not view.`);
}
