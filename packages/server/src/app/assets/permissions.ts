/**
 * The entries of an asset's permissions: who has which access, and how far it reaches, given, replaced and taken away by who may.
 *
 * Words: an *entry* is a grant as the console shows it. *Applies to all* is its reach: below a space or an API everything (`subtree`), of a
 * version all versions of its API, which is kept on the API (`children`). An entry is altered where it is defined and nowhere else.
 * Source: the sheet of API Management's permissions, §1.5, §1.6, D-07, D-09, D-16 to D-18, D-22.
 * Invariant: nobody gives what reaches further than his own right to give.
 */
import { createHash } from "node:crypto";
import {
  type AccessType,
  type Change,
  findRecord,
  type Grant,
  grantsOn,
  type Plan,
  type PrincipalType,
  parentPath,
  parseRecord,
  present,
  REACHES,
  type Reach,
  SYSTEM_GROUPS,
  type Validity,
} from "@reeve/core";
import { type Asset, ancestorsOf, type View } from "./node.ts";
import { AssetRefused } from "./refusal.ts";

export const ACCESS = { read_only: "R", read_execute: "RX", read_write: "RW", full_access: "RWX" } as const satisfies Record<
  string,
  AccessType
>;
export type Access = keyof typeof ACCESS;
/** The access that these bits are, in their order; `undefined`: none. */
export const accessOf = (bits: string): Access | undefined => (Object.keys(ACCESS) as Access[]).find((word) => ACCESS[word] === bits);

export type Entry = Validity & {
  readonly path: string;
  readonly principal: { readonly type: string; readonly id: string };
  readonly access: Access;
  readonly appliesToAll: boolean;
};
export type Removal = { readonly path: string; readonly principal: string; readonly reach?: Reach };
/** `is`: what it does to what stands there. */
export type Altered = { readonly is: "made" | "replaced" | "removed"; readonly path: string; readonly changes: readonly Change[] };

const EDIT = "edit_permissions";

export function given(view: View, { path, principal, access, appliesToAll, notBefore, notAfter }: Entry): Altered {
  const asset = view.see(path);
  const holder = appliesToAll && asset.level === "versions" ? view.find(parentPath(path) as string) : asset;
  if (holder === undefined) throw new AssetRefused("asset_not_found", `There is no asset ${parentPath(path)}.`);
  const reach: Reach = holder !== asset ? "children" : appliesToAll ? "subtree" : "self";
  if (holder === asset) view.demand(EDIT, asset, "/path");
  checkReach(view, holder, reach);
  checkPrincipal(view.plan, principal);
  checkNotOwner(holder, principal.id);
  const window = present({ notBefore, notAfter });
  const parsed = parseRecord("grant", { principal: principal.id, resource: holder.path, access: ACCESS[access], reach, ...window });
  if (!parsed.ok) throw new AssetRefused("malformed_request", parsed.error);
  const grant = parsed.value.value as Grant;
  const isThere = reachesOf(view.plan, { path: holder.path, principal: principal.id }).some(
    (one) => (one === "children") === (reach === "children"),
  );
  return { is: isThere ? "replaced" : "made", path: holder.path, changes: [{ put: { kind: "grant", value: grant } }] };
}

/** The reaches of the entries that somebody has on an asset: one of `children`, and one of the other two. */
export function reachesOf(plan: Plan, { path, principal }: { readonly path: string; readonly principal: string }): readonly Reach[] {
  return REACHES.filter((reach) => findRecord(plan, "grant", [principal, path, reach]) !== undefined);
}

/** Throws where it would reach what its giver may not give on. */
function checkReach(view: View, { path, level }: Asset, reach: Reach): void {
  if (reach === "self") return;
  const below = view.levelsBelow(level).filter((child) => view.types[child]?.actions[EDIT] !== undefined);
  if (view.may(EDIT, { path }) && below.every((child) => view.may(EDIT, { path, child }))) return;
  throw new AssetRefused("scope_exceeds_own_access", `This would reach all below ${path}, whose permissions you may not edit.`);
}

function checkPrincipal(plan: Plan, { type, id }: Entry["principal"]): void {
  const rec = findRecord(plan, "principal", [id]);
  const known: PrincipalType | undefined = SYSTEM_GROUPS.includes(id) ? "group" : rec?.kind === "principal" ? rec.value.type : undefined;
  if (known === type) return;
  const what = known === undefined ? "" : `: ${id} is a ${known}`;
  throw new AssetRefused("unknown_principal", `The organization has no ${type} ${id}${what}.`);
}

function checkNotOwner({ path, record }: Asset, principal: string): void {
  if (record.owner !== principal) return;
  throw new AssetRefused("owner_entry_protected", `${principal} owns ${path}: that entry comes and goes with ownership.`);
}

export function removed(view: View, { path, principal, reach }: Removal): Altered {
  const asset = view.see(path);
  view.demand(EDIT, asset);
  const own = reachesOf(view.plan, { path, principal }).filter((one) => reach === undefined || one === reach);
  const [found, ...more] = own;
  if (found === undefined) throw notThere(view, asset, principal);
  if (more.length > 0)
    throw new AssetRefused("malformed_request", [
      { code: "required", pointer: "?reach", detail: `${principal} has two entries here.`, allowed: own },
    ]);
  return { is: "removed", path, changes: [{ delete: { kind: "grant", key: [principal, path, found] } }] };
}

function notThere({ plan }: View, asset: Asset, principal: string): AssetRefused {
  checkNotOwner(asset, principal);
  const origin = originsOf(asset.path).find(
    (above) => above !== asset.path && reachesOf(plan, { path: above, principal }).some((reach) => reach !== "self"),
  );
  if (origin === undefined) return new AssetRefused("asset_not_found", `${principal} has no entry on ${asset.path}.`);
  return new AssetRefused("inherited_entry", `The entry of ${principal} is defined on ${origin}: it is removed there.`);
}

/** Where the entries of an asset are defined: itself, and what is above it. */
export const originsOf = (path: string): readonly string[] => [path, ...ancestorsOf(path)];

/**
 * A tag of an asset's own entries and its owner: another one for another list. An entry that is gone leaves nothing that a revision could be
 * read from.
 */
export function tagOf(plan: Plan, path: string): string {
  const rec = findRecord(plan, "resource", [path]);
  const owner = rec?.kind === "resource" ? (rec.value.owner ?? null) : null;
  // An entry for all versions is given on one of them and kept on the API.
  const above = parentPath(path);
  const forAll = above === undefined ? [] : grantsOn(plan, above).filter(({ reach }) => reach === "children");
  const rows = [...grantsOn(plan, path), ...forAll].map(({ principal, access, reach, notBefore = null, notAfter = null }) =>
    JSON.stringify([principal, access, reach, notBefore, notAfter]),
  );
  const text = JSON.stringify([plan.at.epoch, path, owner, ...rows.sort()]);
  return createHash("sha256").update(text).digest("base64url").slice(0, TAG_CHARACTERS);
}
const TAG_CHARACTERS = 27;

/** `tags`: those that the client knows; absent: any. */
export function checkTag({ plan }: View, path: string, tags: readonly string[] | undefined): void {
  if (tags === undefined || tags.includes(tagOf(plan, path))) return;
  throw new AssetRefused("object_changed", `The permissions of ${path} are not as If-Match says.`);
}
